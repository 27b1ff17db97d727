//! The charts of the page: SVG drawn by `plotters`, coloured by the page.
//!
//! What is drawn in one of [`Ink`]'s colours refers to a variable of the page's style sheet instead, so that a
//! chart is read on light and on dark.

use plotters::{
    coord::types::RangedCoordu64,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{Failure, numbers::grouped};

/// How wide each chart is drawn; the page scales it.
const WIDTH: u32 = 680;
const TEXT: i32 = 16;

/// What a colour is for, and its variable.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// Words and axes.
    Words,
    /// Lines behind.
    Grid,
    /// Bars and lines.
    Data,
    /// The state of a saga at this place.
    State(u8),
}

impl Ink {
    const ALL: [Self; 10] = [
        Self::Words,
        Self::Grid,
        Self::Data,
        Self::State(0),
        Self::State(1),
        Self::State(2),
        Self::State(3),
        Self::State(4),
        Self::State(5),
        Self::State(6),
    ];

    /// Stands for the variable until the drawing is done.
    const fn colour(self) -> RGBColor {
        match self {
            Self::Words => RGBColor(1, 2, 1),
            Self::Grid => RGBColor(1, 2, 2),
            Self::Data => RGBColor(1, 2, 3),
            Self::State(place) => RGBColor(1, 3, place),
        }
    }

    /// The variable of the style sheet.
    pub(super) fn variable(self) -> String {
        match self {
            Self::Words => "var(--words)".to_owned(),
            Self::Grid => "var(--grid)".to_owned(),
            Self::Data => "var(--data)".to_owned(),
            Self::State(place) => format!("var(--state-{place})"),
        }
    }
}

type Drawn = Result<String, Failure>;
type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Draws, and makes of the drawing a part of the page: named, scaled, in the page's colours.
fn svg(title: &str, about: &str, height: u32, draw: impl FnOnce(&Area) -> Result<(), Failure>) -> Drawn {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        draw(&area)?;
        area.present()?;
    }
    for ink in Ink::ALL {
        let RGBColor(red, green, blue) = ink.colour();
        text =
            text.replace(&format!("\"#{red:02X}{green:02X}{blue:02X}\""), &format!("\"{}\"", ink.variable()));
    }
    let (_, inside) = text.split_once('>').ok_or("the drawing is no SVG")?;
    let id = title.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-").to_lowercase();
    Ok(format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
         <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{about}</desc>{inside}"
    ))
}

fn words(across: HPos, down: VPos) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, f64::from(TEXT), FontStyle::Normal);
    TextStyle { font, color: Ink::Words.colour().to_backend_color(), pos: Pos::new(across, down) }
}

/// Bars from left to right, one a row.
pub(super) fn bars(title: &str, about: &str, rows: &[(&str, u64)]) -> Drawn {
    const ROW: u32 = 24;
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let longest = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let count = u32::try_from(rows.len())?;
    svg(title, about, count * ROW + 8, |area| {
        let names = u32::try_from(longest)? * 7 + 14;
        let mut chart = ChartBuilder::on(area);
        chart.margin(4).margin_right(84).set_label_area_size(LabelAreaPosition::Left, names);
        let chart = chart.build_cartesian_2d(0..most, 0..count * ROW)?;
        let plot = chart.plotting_area();
        for (place, (name, value)) in (0..count).rev().zip(rows) {
            let (low, middle, high) = (place * ROW + 4, place * ROW + ROW / 2, (place + 1) * ROW - 4);
            plot.draw(&Rectangle::new([(0, low), (*value, high)], Ink::Data.colour().filled()))?;
            let name = Text::new((*name).to_owned(), (-8, 0), words(HPos::Right, VPos::Center));
            plot.draw(&(EmptyElement::at((0, middle)) + name))?;
            let value_words = Text::new(grouped(*value), (6, 0), words(HPos::Left, VPos::Center));
            plot.draw(&(EmptyElement::at((*value, middle)) + value_words))?;
        }
        plot.draw(&PathElement::new([(0, 0), (0, count * ROW)], Ink::Words.colour()))?;
        Ok(())
    })
}

/// Bins side by side, each with its upper bound at its end.
pub(super) fn bins(title: &str, about: &str, bins: &[(&str, u64)]) -> Drawn {
    const BIN: u64 = 10;
    let most = bins.iter().map(|(_, count)| *count).max().unwrap_or_default();
    svg(title, about, 320, |area| {
        let chart = plane(area, bins.len() as u64 * BIN, headroom(most))?;
        let (plot, every) = (chart.plotting_area(), bins.len().div_ceil(10) as u64);
        for (left, (name, value)) in (0..).step_by(10).zip(bins) {
            let bar = [(left + 1, 0), (left + BIN - 1, *value)];
            plot.draw(&Rectangle::new(bar, Ink::Data.colour().filled()))?;
            if (left / BIN).is_multiple_of(every) {
                below(plot, left + BIN, name)?;
            }
        }
        Ok(())
    })
}

/// The axis of time: where it ends, and where words stand below it.
#[derive(Debug)]
pub(super) struct Axis {
    /// Its last point; the first is 0.
    pub(super) last: u64,
    /// Words, and where.
    pub(super) ticks: Vec<(u64, String)>,
}

/// A line over time, filled below.
pub(super) fn line(title: &str, about: &str, points: &[(u64, u64)], axis: &Axis) -> Drawn {
    let most = points.iter().map(|(_, value)| *value).max().unwrap_or_default();
    svg(title, about, 320, |area| {
        let mut chart = over_time(area, axis, headroom(most))?;
        let (fill, line) = (Ink::Data.colour().mix(0.25), Ink::Data.colour().stroke_width(2));
        chart.draw_series(AreaSeries::new(points.iter().copied(), 0, fill).border_style(line))?;
        Ok(())
    })
}

/// Bands on top of each other over time, the first at the bottom.
pub(super) fn bands(title: &str, about: &str, samples: &[(u64, [u64; 7])], axis: &Axis) -> Drawn {
    let most = samples.iter().map(|(_, counts)| counts.iter().sum()).max().unwrap_or_default();
    svg(title, about, 360, |area| {
        let mut chart = over_time(area, axis, headroom(most))?;
        // From the whole stack down, each covering the lower part of the one before it.
        for band in (0..7_u8).rev() {
            let upto = |counts: &[u64; 7]| counts.iter().take(usize::from(band) + 1).sum::<u64>();
            let points = samples.iter().map(|(at, counts)| (*at, upto(counts)));
            chart.draw_series(AreaSeries::new(points, 0, Ink::State(band).colour().filled()))?;
        }
        Ok(())
    })
}

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordu64, RangedCoordu64>>;

fn over_time<'a, 'b>(area: &'a Area<'b>, axis: &Axis, most: u64) -> Result<Chart<'a, 'b>, Failure> {
    let chart = plane(area, axis.last, most)?;
    let plot = chart.plotting_area();
    for (at, name) in &axis.ticks {
        below(plot, *at, name)?;
    }
    Ok(chart)
}

type Plot<'b> = DrawingArea<SVGBackend<'b>, Cartesian2d<RangedCoordu64, RangedCoordu64>>;

/// A word below the axis, and a stroke that says where.
fn below(plot: &Plot, at: u64, name: &str) -> Result<(), Failure> {
    let stroke = PathElement::new([(0, 0), (0, 5)], Ink::Words.colour());
    let name = Text::new(name.to_owned(), (0, 10), words(HPos::Center, VPos::Top));
    Ok(plot.draw(&(EmptyElement::at((at, 0)) + stroke + name))?)
}

/// Two axes, lines behind, and numbers on the left; words below are the caller's.
fn plane<'a, 'b>(area: &'a Area<'b>, last: u64, most: u64) -> Result<Chart<'a, 'b>, Failure> {
    let mut chart = ChartBuilder::on(area);
    chart.margin(12).margin_right(28).set_label_area_size(LabelAreaPosition::Left, 70);
    chart.set_label_area_size(LabelAreaPosition::Bottom, 30);
    let mut chart = chart.build_cartesian_2d(0..last.max(1), 0..most)?;
    let mut mesh = chart.configure_mesh();
    // plotters overflows when it looks for no lines at all: one that cannot be seen stands in.
    mesh.disable_x_mesh().x_labels(1).max_light_lines(1).light_line_style(TRANSPARENT).y_labels(7);
    mesh.bold_line_style(Ink::Grid.colour()).axis_style(Ink::Words.colour());
    mesh.x_label_style(words(HPos::Center, VPos::Top))
        .x_label_formatter(&|_| String::new())
        .set_tick_mark_size(LabelAreaPosition::Bottom, 0);
    mesh.y_label_style(words(HPos::Right, VPos::Center))
        .y_label_formatter(&|value| grouped(*value))
        .draw()?;
    Ok(chart)
}

/// Where an axis ends so that what is highest does not touch it.
fn headroom(most: u64) -> u64 {
    most + most / 12 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_name_no_size_of_its_own_and_the_colours_of_the_page() {
        let drawn = bars("Some bars", "About them.", &[("a & b", 3), ("c", 12_000)]).unwrap();
        assert!(drawn.starts_with(
            "<svg viewBox=\"0 0 680 56\" role=\"img\" aria-labelledby=\"some-bars-t some-bars-d\">"
        ));
        for part in ["<desc id=\"some-bars-d\">About them.</desc>", "a &amp; b", "12,000", "\"var(--data)\""]
        {
            assert!(drawn.contains(part), "{part} is not in {drawn}");
        }
        assert!(drawn.trim_end().ends_with("</svg>") && !drawn.contains("\"#0"), "{drawn}");
    }

    #[test]
    fn nothing_to_draw_is_drawn_too() {
        let axis = Axis { last: 0, ticks: Vec::new() };
        assert!(bars("a", "b", &[]).is_ok() && bins("a", "b", &[]).is_ok());
        assert!(line("a", "b", &[], &axis).is_ok() && bands("a", "b", &[], &axis).is_ok());
        assert!(line("a", "b", &[(0, 5)], &axis).is_ok() && bins("a", "b", &[("c", 0)]).is_ok());
    }
}
