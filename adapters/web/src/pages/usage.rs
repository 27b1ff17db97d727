//! Usage of a month, day by day.

use maud::html;
use sarai_application::customer_portal::{
    calendar::{self, Day},
    numbers,
    usage::{Chart, DayOfUse, days},
};
use sarai_domain::kernel::Timestamp;

use super::chart;
use crate::{
    components::{time, zone_note},
    reply::{Outcome, Reply, Trouble},
    shell::{self, Content},
    visit::Visit,
};

/// How many months can be chosen.
const MONTHS: usize = 6;

/// The first days of the months that can be chosen, the current one first.
fn months(visit: &Visit<'_>) -> Vec<Day> {
    let (reading, today) = (&visit.reading, calendar::day_of(visit.now, "UTC"));
    let first = calendar::month_start(today, reading.calendar);
    let before = |day: &Day| Some(calendar::month_before(*day, reading.calendar));
    std::iter::successors(Some(first), before).take(MONTHS).collect()
}

struct Month {
    first: Day,
    days: Vec<DayOfUse>,
    as_of: Timestamp,
}

/// What was used in the month that was asked for; the first day of another one is not in the list.
async fn asked(visit: &Visit<'_>) -> Result<Option<Month>, Trouble> {
    let months = months(visit);
    let wanted = visit.asked("period").map_or_else(
        || months.first().copied(),
        |text| months.iter().copied().find(|month| month.to_string() == text),
    );
    let Some(first) = wanted else { return Ok(None) };
    let today = calendar::day_of(visit.now, "UTC");
    let next = months.iter().rev().find(|month| **month > first).copied();
    let last = next.map_or(today, |next| calendar::plus_days(next, -1));
    let from = calendar::start_of(first, "UTC").to_string();
    let to = next.map_or(visit.now, |next| calendar::start_of(next, "UTC")).to_string();
    let series = visit.portal.platform.usage_series(visit.on(), &from, &to).await?;
    let days = days(first, last, &series.data);
    Ok(Some(Month { first, days, as_of: series.as_of }))
}

/// `GET /usage`.
pub(crate) async fn show(visit: &mut Visit<'_>) -> Outcome {
    let Some(month) = asked(visit).await? else { return Ok(Reply::To(visit.href("/usage"))) };
    let sent: u64 = month.days.iter().map(|day| day.sent).sum();
    let delivered: u64 = month.days.iter().map(|day| day.delivered).sum();
    let rate = numbers::permille(delivered, sent)
        .map_or_else(|| "–".to_owned(), |rate| numbers::percent(rate, &visit.reading));
    let chart = Chart::of(&month.days, &visit.reading);
    let title = visit.t("nav-usage");
    let main = html! {
        h1 { (title) }
        nav aria-label=(visit.t("usage-period")) { div.chips.joined { @for first in months(visit) {
            a.chip href=(visit.href(&format!("/usage?period={first}"))) aria-current=[(first == month.first).then_some("true")] { (calendar::show_month(first, &visit.reading)) }
        } } }
        dl.cards {
            div.card { dt { (visit.t("figure-sent")) } dd { (visit.number(sent)) } }
            div.card { dt { (visit.t("figure-delivered")) } dd { (visit.number(delivered)) } }
            div.card { dt { (visit.t("figure-rate")) } dd { (rate) } }
        }
        p.note { (visit.t("as-of")) " " (time(visit, month.as_of)) }
        @if sent == 0 {
            p { (visit.t("usage-none")) }
        } @else {
            section.card { h2 { (visit.t("usage-by-day")) } (chart::figure(visit, &chart)) }
            (chart::by_day(visit, &month.days))
            p { a.button.plain.small href=(visit.href(&format!("/usage.csv?period={}", month.first))) { (visit.t("download-raw")) } }
        }
        details { summary { (visit.t("usage-what")) } p { (visit.t("usage-what-text")) } }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `GET /usage.csv`.
pub(crate) async fn export(visit: &mut Visit<'_>) -> Outcome {
    let Some(month) = asked(visit).await? else { return Ok(Reply::To(visit.href("/usage"))) };
    let rows = month.days.iter().map(|day| format!("{},{},{}\n", day.day, day.sent, day.delivered));
    let body =
        std::iter::once("day,sent,delivered\n".to_owned()).chain(rows).collect::<String>().into_bytes();
    Ok(Reply::File { kind: "text/csv; charset=utf-8", name: format!("usage-{}.csv", month.first), body })
}
