//! The first page: figures of the month, thirty days, the last messages, and what to look at.

use maud::{Markup, html};
use sarai_application::customer_portal::{
    calendar,
    invoices::InvoiceItem,
    keys::ApiKeyListItem,
    messages::MessageLogEntry,
    numbers,
    usage::{Chart, DayOfUse, UsageSummary, days},
    webhooks::WebhookConfig,
};
use sarai_ports::customer_portal::messages::MessageQuery;

use super::{chart, messages};
use crate::{
    components::{money, time, unavailable, zone_note},
    reply::{Outcome, Reply},
    shell::{self, Content},
    visit::Visit,
};

/// `GET /`.
pub(crate) async fn show(visit: &mut Visit<'_>) -> Outcome {
    let (platform, on, reading) = (&visit.portal.platform, visit.on(), &visit.reading);
    let today_utc = calendar::day_of(visit.now, "UTC");
    // Months and days of use are those of UTC, as on the page of usage.
    let month = calendar::start_of(calendar::month_start(today_utc, reading.calendar), "UTC");
    let first_day = calendar::plus_days(today_utc, -29);
    let (from, to) = (calendar::start_of(first_day, "UTC"), visit.now);
    let (month_text, from_text, to_text) = (month.to_string(), from.to_string(), to.to_string());
    let latest = MessageQuery::default();
    let customer = visit.is_customer();
    let (totals, series, of_customers, keys, hooks) = tokio::join!(
        platform.usage_summary(on, &month_text, &to_text),
        platform.usage_series(on, &from_text, &to_text),
        async {
            if !customer {
                return None;
            }
            Some(tokio::join!(
                platform.balance(on),
                platform.messages(on, &latest, 5, None),
                platform.invoices(on, Some("overdue"), None),
            ))
        },
        super::keys::all(visit),
        platform.webhooks(on, None),
    );
    let (balance, recent, overdue) = of_customers
        .map_or((None, None, None), |(balance, recent, overdue)| (balance.ok(), recent.ok(), overdue.ok()));
    let lost = [
        ("panel-keys", keys.is_err()),
        ("panel-webhooks", hooks.is_err()),
        ("panel-overdue", customer && overdue.is_none()),
        ("panel-balance", customer && balance.is_none()),
    ];
    messages::signed_in_still(&totals)?;
    messages::signed_in_still(&keys)?;
    let summary = totals
        .as_ref()
        .ok()
        .map(|totals| UsageSummary::of(month, totals, balance.as_ref().map(|balance| &balance.balance)));
    let by_day = series.ok().map(|series| days(first_day, today_utc, &series.data));
    let keys = keys.ok();
    let hooks = hooks.ok().map(|page| page.data.iter().map(WebhookConfig::from).collect::<Vec<_>>());
    let overdue = overdue.map(|page| page.data.iter().map(InvoiceItem::from).collect::<Vec<_>>());
    let entries: Option<Vec<MessageLogEntry>> =
        recent.map(|page| page.data.iter().map(MessageLogEntry::from).collect());
    let title = visit.t("nav-overview");
    let main = html! {
        h1 { (title) }
        (steps(visit, keys.as_deref(), entries.as_deref(), hooks.as_deref()))
        (alerts(visit, keys.as_deref(), hooks.as_deref(), overdue.as_deref()))
        @for (panel, _) in lost.iter().filter(|(_, lost)| *lost) { (unavailable(visit, panel)) }
        (figures(visit, summary.as_ref()))
        @match &by_day {
            Some(days) => (thirty_days(visit, days)),
            None => (unavailable(visit, "panel-chart")),
        }
        @if customer { section {
            div.head { h2 { (visit.t("overview-recent")) } a href=(visit.href("/messages")) { (visit.t("overview-all")) } }
            @match &entries {
                Some(entries) if entries.is_empty() => { p.card.lead { (visit.t("messages-none")) } },
                Some(entries) => (messages::table_of(visit, entries)),
                None => (unavailable(visit, "panel-messages")),
            }
        } }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// The first steps of a new account, with those that are done.
fn steps(
    visit: &Visit<'_>,
    keys: Option<&[ApiKeyListItem]>,
    messages: Option<&[MessageLogEntry]>,
    hooks: Option<&[WebhookConfig]>,
) -> Markup {
    let steps = [
        ("step-key", "/api-keys/new", keys.map(<[_]>::is_empty)),
        ("step-test", "/send-test", messages.map(<[_]>::is_empty)),
        ("step-webhook", "/webhooks/new", hooks.map(<[_]>::is_empty)),
    ];
    let new =
        steps.iter().any(|(_, _, missing)| *missing == Some(true)) && messages.is_some_and(<[_]>::is_empty);
    html! {
        @if new {
            section.card {
                h2 { (visit.t("steps-title")) }
                ol.steps {
                    @for (word, path, missing) in steps.into_iter().filter(|(_, path, _)| visit.may_see(path)) {
                        li {
                            @if missing == Some(false) {
                                span.state.good { span aria-hidden="true" { "✓" } (visit.t("step-done")) } span { (visit.t(word)) }
                            } @else {
                                span.state.quiet { span aria-hidden="true" { "○" } (visit.t("step-todo")) } a href=(visit.href(path)) { (visit.t(word)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn alerts(
    visit: &Visit<'_>,
    keys: Option<&[ApiKeyListItem]>,
    hooks: Option<&[WebhookConfig]>,
    overdue: Option<&[InvoiceItem]>,
) -> Markup {
    let troubled = hooks.unwrap_or_default().iter().filter(|hook| hook.is_in_trouble()).count();
    let late = overdue.unwrap_or_default().len();
    let unused = keys.unwrap_or_default().iter().filter(|key| {
        key.is_active() && key.is_unused() && visit.now.since(key.created_at).whole_days() > 30
    });
    let alert = |count: usize, tone: &str, word: &str, path: &str| {
        let count = u64::try_from(count).unwrap_or_default();
        html! { @if count > 0 { li class=(tone) { a href=(visit.href(path)) { (visit.tn(word, count)) } } } }
    };
    let unused = unused.count();
    html! {
        @if late + troubled + unused > 0 {
            ul.alerts {
                (alert(late, "bad", "alert-overdue", "/invoices?status=overdue"))
                (alert(troubled, "bad", "alert-webhooks", "/webhooks"))
                (alert(unused, "waiting", "alert-keys", "/api-keys"))
            }
        }
    }
}

fn figures(visit: &Visit<'_>, summary: Option<&UsageSummary>) -> Markup {
    let Some(summary) = summary else { return unavailable(visit, "panel-figures") };
    let rate = summary
        .delivery_permille
        .map_or_else(|| "–".to_owned(), |rate| numbers::percent(rate, &visit.reading));
    let first = calendar::day_of(summary.current_period_start, "UTC");
    let since = visit.tf("figures-since", &[("day", &calendar::show_day(first, &visit.reading))]);
    let since = html! { (since) " " bdi dir="ltr" { "(UTC)" } " · " (visit.t("as-of")) " " (time(visit, summary.as_of)) };
    html! {
        section {
            h2 { (visit.t("overview-month")) }
            dl.cards {
                div.card { dt { (visit.t("figure-sent")) } dd { (visit.number(summary.messages_sent)) } dd.note { (since) } }
                div.card { dt { (visit.t("figure-delivered")) } dd { (visit.number(summary.messages_delivered)) } dd.note { (since) } }
                div.card { dt { (visit.t("figure-rate")) } dd { (rate) } dd.note { (since) } }
                @if visit.is_customer() { div.card {
                    dt { (visit.t("figure-credit")) }
                    dd { @match &summary.credit_balance { Some(credit) => (money(credit)), None => "–" } }
                    dd.note { (visit.t("as-of")) " " (time(visit, summary.as_of)) }
                } }
            }
        }
    }
}

fn thirty_days(visit: &Visit<'_>, days: &[DayOfUse]) -> Markup {
    let chart = Chart::of(days, &visit.reading);
    html! {
        section.card {
            h2 { (visit.t("chart-title")) }
            (chart::figure(visit, &chart))
            @if !chart.is_empty() { details { summary { (visit.t("chart-table")) } (chart::by_day(visit, days)) } }
        }
    }
}
