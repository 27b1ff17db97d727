//! A chart of days, drawn by the server, and the table that says the same. Time runs as the language does.

use maud::{Markup, html};
use sarai_application::customer_portal::{
    calendar, numbers,
    usage::{CHART_HEIGHT, Chart, DayOfUse},
};
use sarai_domain::devportal::values::Direction;

use crate::{components::table, visit::Visit};

/// How wide a bar's place is.
const STEP: u64 = 22;
/// How wide a bar is.
const BAR: u64 = 14;
/// For how many days there is room at least: a month that has begun looks as wide as one that is over.
const DAYS: u64 = 30;
/// What is left for the words beside and below.
const SIDE: u64 = 56;
/// What is left above.
const ABOVE: u64 = 12;

/// A chart with its key.
pub(crate) fn figure(visit: &Visit<'_>, chart: &Chart) -> Markup {
    if chart.is_empty() {
        return html! { p.lead { (visit.t("chart-empty")) } };
    }
    let count = u64::try_from(chart.bars.len()).unwrap_or_default().max(DAYS);
    let mirrored = visit.reading.locale.dir() == Direction::Rtl;
    let inner = count.saturating_mul(STEP);
    let (width, bottom) = (inner.saturating_add(SIDE), ABOVE.saturating_add(CHART_HEIGHT));
    let left = if mirrored { 0 } else { SIDE };
    let place = |index: usize| {
        let index = u64::try_from(index).unwrap_or_default();
        let index = if mirrored { count.saturating_sub(1).saturating_sub(index) } else { index };
        left.saturating_add(index.saturating_mul(STEP)).saturating_add((STEP - BAR) / 2)
    };
    let (words_at, anchor) = if mirrored { (inner.saturating_add(8), "start") } else { (SIDE - 8, "end") };
    let sent: u64 = chart.bars.iter().map(|bar| bar.sent).sum();
    let delivered: u64 = chart.bars.iter().map(|bar| bar.delivered).sum();
    let told =
        visit.tf("chart-told", &[("sent", &visit.number(sent)), ("delivered", &visit.number(delivered))]);
    html! {
        figure {
            figcaption {
                span.key {} (visit.t("figure-sent")) " " span.key.full {} (visit.t("figure-delivered"))
            }
            svg role="img" aria-labelledby="chart-t chart-d" viewBox={ "0 0 " (width) " " (bottom + 22) } direction="ltr" {
                title id="chart-t" { (visit.t("chart-title")) }
                desc id="chart-d" { (told) }
                @for (height, figure) in [(0, chart.top), (CHART_HEIGHT / 2, chart.top / 2), (CHART_HEIGHT, 0)] {
                    @let y = ABOVE + height;
                    line.grid x1=(left) x2=(left + inner) y1=(y) y2=(y) {}
                    text.axis x=(words_at) y=(y + 4) text-anchor=(anchor) { (visit.number(figure)) }
                }
                @for (index, bar) in chart.bars.iter().enumerate() {
                    @let x = place(index);
                    rect.b1 x=(x) y=(bottom - bar.sent_height) width=(BAR) height=(bar.sent_height) {}
                    rect.b2 x=(x) y=(bottom - bar.delivered_height) width=(BAR) height=(bar.delivered_height) {}
                    @if index.is_multiple_of(5) {
                        text.axis.day x=(x + BAR / 2) y=(bottom + 17) text-anchor="middle" { "\u{2068}" (bar.label) "\u{2069}" }
                    }
                }
            }
        }
    }
}

/// The same as a table, the last day first.
pub(crate) fn by_day(visit: &Visit<'_>, days: &[DayOfUse]) -> Markup {
    let head = html! {
        th scope="col" { (visit.t("day")) }
        th.n scope="col" { (visit.t("figure-sent")) }
        th.n scope="col" { (visit.t("figure-delivered")) }
        th.n scope="col" { (visit.t("figure-rate")) }
    };
    let rows = html! {
        @for day in days.iter().rev() {
            tr {
                th scope="row" { time datetime=(day.day) { (calendar::show_day(day.day, &visit.reading)) } }
                td.n { (visit.number(day.sent)) }
                td.n { (visit.number(day.delivered)) }
                td.n { @match numbers::permille(day.delivered, day.sent) { Some(rate) => (numbers::percent(rate, &visit.reading)), None => "–" } }
            }
        }
    };
    table("days", &visit.t("chart-table"), &head, &rows)
}
