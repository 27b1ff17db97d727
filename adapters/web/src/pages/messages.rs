//! The log of messages: the list with its filters, a table to download, a link to share, and one message.

use maud::{Markup, html};
use poem::http::StatusCode;
use sarai_application::customer_portal::{
    calendar,
    filters::{Days, LIMITS, MessageFilters, Range, STATUSES},
    invoices::{COUNTED_MAX, Proof},
    keys::FieldError,
    messages::{Flavour, MessageLogEntry, csv, timeline},
    numbers,
};
use sarai_ports::customer_portal::{
    PlatformError,
    billing::Invoice,
    messages::{Message, MessageStats, OperatorHealth},
};

use super::{errors::code_card, share};
use crate::{
    components::{
        Line, Pick, empty, ident, line, money, pager, phone, pick, state, summary, table, time, time_long,
        time_or, unavailable, wrong, zone_note,
    },
    reply::{Outcome, Reply, Trouble},
    shell::{self, Content, token},
    visit::{Visit, borrowed},
};

/// The most rows that can be downloaded at once.
const EXPORT_MAX: u64 = 50_000;

/// Rows of the log.
pub(crate) fn table_of(visit: &Visit<'_>, entries: &[MessageLogEntry]) -> Markup {
    let head = html! {
        th scope="col" { (visit.t("message-to")) }
        th scope="col" { (visit.t("message-from")) }
        th scope="col" { (visit.t("message-body")) }
        th scope="col" { (visit.t("status")) }
        th scope="col" { (visit.t("message-submitted")) }
        th scope="col" { (visit.t("message-delivered")) }
    };
    let rows = html! {
        @for entry in entries {
            tr {
                th scope="row" { a href=(visit.href(&format!("/messages/{}", entry.message_id))) { (phone(&entry.to)) }
                    span.sub { @match &entry.operator_name { Some(name) => { bdi dir="auto" { (name) } }, None => (visit.t("message-operator-unknown")) } } }
                td { bdi dir="auto" class="nowrap" { (entry.from) } }
                td { @match &entry.body { Some(body) => { div.clip dir="auto" { (body) } }, None => (visit.t("message-removed")) } }
                td {
                    (state(visit, &entry.status))
                    @if let Some(code) = &entry.error_code {
                        span.sub { a href=(visit.href(&format!("/help/error-codes#{code}"))) { bdi dir="ltr" { code { (code) } } } }
                    }
                }
                td { (time(visit, entry.submitted_at)) }
                td { (time_or(visit, entry.delivered_at, if entry.error_code.is_some() { "never" } else { "not-yet" })) }
            }
        }
    };
    table("messages", &visit.t("messages-caption"), &head, &rows)
}

/// Filters as the query of an address.
fn query_of(filters: &MessageFilters) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(filters.pairs()).finish()
}

/// A page with these filters.
fn with(visit: &Visit<'_>, path: &str, filters: &MessageFilters) -> String {
    let query = query_of(filters);
    visit.href(&if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
}

/// The filters of a request; a shared link's number is opened first. Wrong ones are a page that says so.
fn filters_of(visit: &Visit<'_>) -> Result<MessageFilters, Reply> {
    let sealed = visit.asked("to").and_then(|to| to.strip_prefix('~'));
    let number = sealed.map(|sealed| share::open(visit, sealed));
    let opened = number.as_ref().map(|number| number.as_deref().unwrap_or_default());
    let pairs =
        borrowed(&visit.query).map(|(name, value)| (name, opened.filter(|_| name == "to").unwrap_or(value)));
    let (filters, mut errors) = MessageFilters::read(pairs);
    if number == Some(None) {
        errors.push(FieldError { field: "to", message: "error-filter-share" });
    }
    if errors.is_empty() {
        errors.extend(filters.too_long(calendar::day_of(visit.now, visit.reading.zone)));
    }
    if errors.is_empty() { Ok(filters) } else { Err(refused(visit, &filters, &errors)) }
}

/// `GET /messages`.
pub(crate) async fn list(visit: &mut Visit<'_>) -> Outcome {
    let filters = match filters_of(visit) {
        Ok(filters) => filters,
        Err(refused) => return Ok(refused),
    };
    let shared = visit.asked("to").is_some_and(|to| to.starts_with('~'));
    let asked: Vec<(&str, &str)> = borrowed(&visit.query).filter(|(name, _)| *name != "env").collect();
    let canonical = filters.pairs();
    let same = asked.iter().copied().eq(canonical.iter().map(|(name, value)| (*name, value.as_str())));
    if !same && !shared {
        return Ok(Reply::To(with(visit, "/messages", &filters)));
    }
    let (on, reading) = (visit.on(), &visit.reading);
    let today = calendar::day_of(visit.now, reading.zone);
    let query = filters.query(today, reading.calendar, reading.zone);
    let platform = &visit.portal.platform;
    let invoice = async {
        match filters.invoice.as_deref() {
            Some(id) => Some(platform.invoice(on, id).await),
            None => None,
        }
    };
    let (page, stats, invoice) = tokio::join!(
        platform.messages(on, &query, filters.limit, filters.cursor.as_deref()),
        platform.message_stats(on, &query),
        invoice,
    );
    let page = page?;
    // Nobody's messages are those of an invoice that is not there.
    let invoice = match invoice {
        Some(Err(error)) if error.status() == Some(404) => return Err(Trouble::NotFound),
        invoice => invoice,
    };
    let entries: Vec<MessageLogEntry> = page.data.iter().map(MessageLogEntry::from).collect();
    let at = |cursor: String| {
        with(visit, "/messages", &MessageFilters { cursor: Some(cursor), ..filters.clone() })
    };
    let (newer, older) = (page.prev_cursor.map(at), page.next_cursor.map(at));
    let newest = filters.cursor.as_ref().map(|_| with(visit, "/messages", &filters.from_the_start()));
    let title = visit.t("nav-messages");
    let main = html! {
        div.head {
            h1 { (title) }
            a.button href=(visit.href("/send-test")) { (visit.t("nav-send-test")) }
        }
        (filter_form(visit, &filters, &[]))
        (chips(visit, &filters, stats.as_ref().ok()))
        p.lead { (period(visit, &filters)) }
        @match (invoice, &stats) {
            (Some(Ok(invoice)), Ok(stats)) => (proof(visit, &invoice, stats)),
            (Some(Err(_)), _) => (unavailable(visit, "panel-invoice")),
            _ => {},
        }
        @if entries.is_empty() {
            (nothing(visit, &filters))
        } @else {
            (table_of(visit, &entries))
            div.bar {
                (pager(visit, newest, newer, older))
                (downloads(visit, &filters))
            }
        }
        @match &stats {
            Ok(stats) => { p.note { (visit.tn("messages-retention", stats.retention_days.into())) } },
            Err(_) => (unavailable(visit, "panel-counts")),
        }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// How many messages an invoice bills, how many the log has of them, and whether that is the same.
fn proof(visit: &Visit<'_>, invoice: &Invoice, stats: &MessageStats) -> Markup {
    let Proof { billed, logged, difference } = Proof::of(invoice, stats);
    html! {
        section.card {
            h2 { (visit.tf("proof-title", &[("number", &invoice.number)])) }
            dl.facts {
                dt { (visit.t("proof-bounds")) } dd { bdi dir="ltr" { (calendar::show_utc(invoice.period_start)) } " – " bdi dir="ltr" { (calendar::show_utc(invoice.period_end)) } }
                dt { (visit.t("proof-billed")) } dd { (visit.number(billed)) }
                dt { (visit.t("proof-logged")) } dd { @match logged { Some(count) => (visit.number(count)), None => { (visit.number(COUNTED_MAX)) "+" } } }
                @if let Some(difference) = difference {
                    dt { (visit.t("proof-difference")) }
                    dd { @if difference == 0 { span.state.good { span aria-hidden="true" { "●" } (visit.t("proof-none")) } }
                         @else { span.state.bad { span aria-hidden="true" { "▲" } (numbers::signed(difference, &visit.reading)) } } }
                }
            }
        }
    }
}

/// Which days are shown.
fn period(visit: &Visit<'_>, filters: &MessageFilters) -> String {
    if filters.invoice.is_some() {
        return visit.t("messages-of-invoice");
    }
    let today = calendar::day_of(visit.now, visit.reading.zone);
    let (after, before) = filters.bounds(today, visit.reading.calendar);
    let day = |day| calendar::show_day(day, &visit.reading);
    match (after.map(day), before.map(day)) {
        (Some(after), Some(before)) => {
            visit.tf("messages-between", &[("after", &after), ("before", &before)])
        }
        (Some(after), None) => visit.tf("messages-since", &[("after", &after)]),
        (None, Some(before)) => visit.tf("messages-until", &[("before", &before)]),
        (None, None) => visit.t("messages-all"),
    }
}

/// A filter that is wrong: the form, what is wrong, and no messages.
fn refused(visit: &Visit<'_>, filters: &MessageFilters, errors: &[FieldError]) -> Reply {
    let title = visit.t("nav-messages");
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        (filter_form(visit, filters, errors))
        @if wrong(errors, "range").is_some() { (ranges(visit, filters)) }
    };
    Reply::Page(StatusCode::BAD_REQUEST, shell::page(visit, &Content { title, wrong: true, main }))
}

fn filter_form(visit: &Visit<'_>, filters: &MessageFilters, errors: &[FieldError]) -> Markup {
    let (after, before) = match filters.days {
        Days::Between(after, before) => (after, before),
        Days::Named(_) => (None, None),
    };
    let text = |day: Option<calendar::Day>| {
        day.map(|day| calendar::type_day(day, &visit.reading)).unwrap_or_default()
    };
    // What was typed stays, also when it is wrong.
    let typed = |name: &str, own: String| {
        if errors.is_empty() {
            own
        } else {
            visit.asked(name).filter(|value| !value.starts_with('~')).unwrap_or_default().to_owned()
        }
    };
    let (to, from) = (
        typed("to", filters.to.clone().unwrap_or_default()),
        typed("from", filters.from.clone().unwrap_or_default()),
    );
    let (after, before) = (typed("after", text(after)), typed("before", text(before)));
    let field = |name, label, hint, value: &str| {
        line(
            visit,
            &Line { name, label, hint, value, most: 40, latin: true, required: false, ..Line::default() },
            errors,
        )
    };
    html! {
        form.card.stack method="get" action="/messages" role="search" aria-label=(visit.t("filter")) {
            @if visit.is_sandbox() { input type="hidden" name="env" value="sandbox"; }
            @match (&filters.invoice, filters.days) {
                (Some(invoice), _) => { input type="hidden" name="invoice" value=(invoice); },
                (None, Days::Named(range)) if range != Range::Week => { input type="hidden" name="was" value=(range.name()); },
                _ => {},
            }
            div.filters {
                (field("to", "message-to", Some("filter-to-hint"), &to))
                (field("from", "message-from", Some("filter-from-hint"), &from))
                // An invoice has days of its own; what is wrong stands where it can be mended.
                @if filters.invoice.is_none() || ["after", "before"].iter().any(|day| wrong(errors, day).is_some()) {
                    (field("after", "filter-after", Some("filter-day-hint"), &after))
                    (field("before", "filter-before", Some("filter-day-hint"), &before))
                }
            }
            fieldset {
                legend { (visit.t("status")) }
                div.row { @for (place, status) in STATUSES.iter().enumerate() {
                    (pick(&Pick { kind: "checkbox", name: "status", value: status, chosen: filters.statuses.contains(status),
                        label: html! { (visit.t(&format!("status-{status}"))) }, more: html! {} }, place == 0))
                } }
            }
            div.acts {
                button.small type="submit" { (visit.t("filter")) }
                a.button.plain.small href=(visit.href("/messages")) { (visit.t("filter-clear")) }
                label { (visit.t("filter-limit")) " "
                    select #f-limit name="limit" { @for limit in LIMITS {
                        option value=(limit) selected[*limit == filters.limit] { (numbers::count((*limit).into(), &visit.reading)) }
                    } }
                }
            }
        }
    }
}

/// Days by name; the first has the id that an error leads to.
fn ranges(visit: &Visit<'_>, filters: &MessageFilters) -> Markup {
    html! {
        div.chips.joined { @for (place, (range, name)) in Range::ALL.iter().enumerate() {
            @let days = Days::Named(*range);
            a.chip id=[(place == 0).then_some("f-range")] href=(with(visit, "/messages", &MessageFilters { days, ..filters.from_the_start() })) aria-current=[(filters.days == days).then_some("true")] {
                (visit.t(&format!("range-{name}")))
            }
        } }
    }
}

/// Days by name, and statuses with how many there are.
fn chips(visit: &Visit<'_>, filters: &MessageFilters, stats: Option<&MessageStats>) -> Markup {
    let count = |status: &str| {
        stats.map(|stats| match status {
            "queued" => stats.queued,
            "sent" => stats.sent,
            "delivered" => stats.delivered,
            _ => stats.failed,
        })
    };
    html! {
        div.bar {
            @if filters.invoice.is_none() { (ranges(visit, filters)) }
            div.chips { @for status in STATUSES {
                @let only = vec![*status];
                @let chosen = filters.statuses == only;
                @let statuses = if chosen { Vec::new() } else { only };
                a.chip href=(with(visit, "/messages", &MessageFilters { statuses, ..filters.from_the_start() })) aria-current=[chosen.then_some("true")] {
                    (visit.t(&format!("status-{status}")))
                    @if let Some(count) = count(status) {
                        " " span.count { @if count > 50_000 { (visit.number(50_000)) "+" } @else { (visit.number(count.into())) } }
                    }
                }
            } }
        }
    }
}

/// No rows: none ever, or none for these filters, which can be taken away one by one.
fn nothing(visit: &Visit<'_>, filters: &MessageFilters) -> Markup {
    let without = |label: String, left: MessageFilters| {
        html! {
            li { a href=(with(visit, "/messages", &left.from_the_start())) { (visit.tf("filter-without", &[("filter", &label)])) } }
        }
    };
    empty(
        "messages",
        &visit.t("messages-no-match"),
        &html! {
                @if filters.is_narrowed() || filters.days != Days::Named(Range::Week) {
                    ul {
                        @for status in &filters.statuses {
                            @let statuses = filters.statuses.iter().copied().filter(|own| own != status).collect();
                            (without(visit.t(&format!("status-{status}")), MessageFilters { statuses, ..filters.clone() }))
                        }
                        @if let Some(to) = &filters.to { (without(to.clone(), MessageFilters { to: None, ..filters.clone() })) }
                        @if let Some(from) = &filters.from { (without(from.clone(), MessageFilters { from: None, ..filters.clone() })) }
                        @if filters.days != Days::Named(Range::Days30) {
                            li { a href=(with(visit, "/messages", &MessageFilters { days: Days::Named(Range::Days30), invoice: None, ..filters.from_the_start() })) { (visit.t("filter-longer")) } }
                        }
                        li { a href=(visit.href("/messages")) { (visit.t("filter-clear")) } }
                    }
                } @else {
                    p { (visit.t("messages-none-text")) }
                    p { a.button href=(visit.href("/send-test")) { (visit.t("nav-send-test")) } " "
                        a.button.plain href=(with(visit, "/messages", &MessageFilters { days: Days::Named(Range::Days30), ..MessageFilters::default() })) { (visit.t("filter-longer")) } }
                }
        },
    )
}

fn downloads(visit: &Visit<'_>, filters: &MessageFilters) -> Markup {
    let query = query_of(&filters.from_the_start());
    let file = |format: &str| {
        visit
            .href(&format!("/messages.csv?format={format}{}{query}", if query.is_empty() { "" } else { "&" }))
    };
    html! {
        div.acts {
            a.button.plain.small href=(file("excel")) { (visit.t("download-excel")) }
            a.button.plain.small href=(file("raw")) { (visit.t("download-raw")) }
            form method="post" action="/messages/share" {
                (token(visit, "/messages/share"))
                input type="hidden" name="query" value=(query_of(filters));
                button.plain.small type="submit" { (visit.t("share")) }
            }
        }
    }
}

/// `POST /messages/share`: the same filters without a phone number in the address.
pub(crate) fn share(visit: &mut Visit<'_>) -> Outcome {
    let query = visit.sent("query").unwrap_or_default();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let filters = MessageFilters::parse(borrowed(&pairs)).map_err(|_| Trouble::NotFound)?.from_the_start();
    let sealed =
        filters.to.as_deref().and_then(|to| share::sealed(visit, to)).map(|sealed| format!("~{sealed}"));
    let link = with(visit, "/messages", &MessageFilters { to: sealed, ..filters.clone() });
    let title = visit.t("share");
    let main = html! {
        h1 { (title) }
        section.card {
            p { (visit.t("share-text")) }
            p { a href=(link) { (visit.t("share-open")) } }
            code.secret #link dir="ltr" translate="no" { (visit.portal.origin()) (link) }
            div.acts {
                button.plain type="button" hidden data-js data-copy="link" data-say="copied" data-done=(visit.t("copied")) data-fail=(visit.t("copy-failed")) { (visit.t("copy")) }
                output #copied role="status" {}
                a.button.plain href=(with(visit, "/messages", &filters)) { (visit.t("back")) }
            }
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `GET /messages.csv`. The whole is read before the first byte is sent: a file is whole, or there is none.
pub(crate) async fn export(visit: &mut Visit<'_>) -> Outcome {
    let filters = match filters_of(visit) {
        Ok(filters) => filters,
        Err(refused) => return Ok(refused),
    };
    let flavour = if visit.asked("format") == Some("raw") { Flavour::Raw } else { Flavour::Excel };
    let reading = &visit.reading;
    let today = calendar::day_of(visit.now, reading.zone);
    let query = filters.query(today, reading.calendar, reading.zone);
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let stats = platform.message_stats(on, &query).await?;
    let of = |status: &str| filters.statuses.is_empty() || filters.statuses.contains(&status);
    let counts = [
        ("queued", stats.queued),
        ("sent", stats.sent),
        ("delivered", stats.delivered),
        ("failed", stats.failed),
    ];
    let count: u64 =
        counts.into_iter().filter(|(status, _)| of(status)).map(|(_, count)| u64::from(count)).sum();
    if count > EXPORT_MAX {
        let title = visit.t("export-large");
        let main = html! {
            h1 { (title) }
            p { (visit.tf("export-large-text", &[("most", &visit.number(EXPORT_MAX))])) }
            p { a.button href=(with(visit, "/messages", &filters)) { (visit.t("back")) } }
        };
        return Ok(Reply::invalid(shell::page(visit, &Content { title, wrong: true, main })));
    }
    let messages = platform.export_messages(on, &query).await?;
    let name = format!("messages-{today}.csv");
    Ok(Reply::File { kind: "text/csv; charset=utf-8", name, body: csv(&messages, flavour).into_bytes() })
}

/// `GET /messages/{id}`.
pub(crate) async fn detail(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let message = platform.message(on, id).await?;
    if visit.asked("now").is_some() {
        return Ok(Reply::Text(message.status));
    }
    let failed = message.status == "failed";
    let codes = async {
        match &message.error_code {
            Some(code) => Some(
                platform
                    .message_error_codes(on)
                    .await
                    .map(|codes| codes.into_iter().find(|known| known.code == *code)),
            ),
            None => None,
        }
    };
    let health = async {
        match message.operator_name.as_deref().filter(|_| failed) {
            Some(name) => Some(platform.operator_health(on, name).await),
            None => None,
        }
    };
    let (code, health) = tokio::join!(codes, health);
    let title = visit.t("message-title");
    let waiting = matches!(message.status.as_str(), "queued" | "sent");
    let poll = visit.href(&format!("/messages/{id}?now=1"));
    let here = visit.href(&format!("/messages/{id}"));
    let main = html! {
        div.head { h1 { (title) } span role="status" data-poll=[waiting.then_some(&poll)] data-now=[waiting.then_some(&message.status)] { (state(visit, &message.status)) } }
        @if waiting { p { (visit.t("message-waiting")) " " a href=(here) { (visit.t("refresh")) } } }
        div.pair {
        (facts(visit, &message))
        section.card { h2 { (visit.t("message-way")) } (way(visit, &message)) }
        }
        section.card {
            h2 { (visit.t("message-body")) }
            @match (&message.body, message.body_redacted_at) {
                (Some(body), _) => { pre dir="auto" { (body) } },
                (None, Some(at)) => { p { (visit.t("message-removed-at")) " " (time(visit, at)) } },
                (None, None) => { p { (visit.t("message-removed")) } },
            }
        }
        @match code {
            Some(Ok(Some(code))) => { h2 { (visit.t("message-why")) } (code_card(visit, &code)) },
            Some(Ok(None)) => { p { (ident(message.error_code.as_deref().unwrap_or_default())) " " a href=(visit.href("/help/error-codes")) { (visit.t("footer-help")) } } },
            Some(Err(_)) => (unavailable(visit, "panel-codes")),
            None => {},
        }
        @match &health {
            Some(Ok(health)) => (operator(visit, health)),
            // An operator that is not known has no such figures.
            Some(Err(error)) if error.status() == Some(404) => {},
            Some(Err(_)) => (unavailable(visit, "panel-operator")),
            None => {},
        }
        p.acts {
            @if !waiting { a.button.plain href=(visit.href(&format!("/messages/{id}/receipt"))) { (visit.t("receipt-title")) } }
            a.button.plain href=(visit.href(&format!("/send-test?again={id}"))) { (visit.t("message-again")) }
            a.button.plain href=(visit.href("/messages")) { (visit.t("message-all")) }
        }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

fn facts(visit: &Visit<'_>, message: &Message) -> Markup {
    let characters =
        message.body.as_deref().map(|body| u64::try_from(body.chars().count()).unwrap_or_default());
    let encoding = if message.encoding == "GSM7" { "GSM-7" } else { "UCS-2" };
    html! {
        section.card { dl.facts {
            dt { (visit.t("message-to")) } dd { (phone(&message.to)) }
            dt { (visit.t("message-from")) } dd { bdi dir="auto" { (message.from) } }
            dt { (visit.t("id")) } dd { (ident(&message.message_id)) }
            dt { (visit.t("message-operator")) } dd { @match &message.operator_name { Some(name) => { bdi dir="auto" { (name) } }, None => (visit.t("not-known")) } }
            dt { (visit.t("message-encoding")) } dd { bdi dir="ltr" { (encoding) } }
            @if let Some(count) = characters { dt { (visit.t("message-characters")) } dd { (visit.number(count)) } }
            dt { (visit.t("message-segments")) } dd { (visit.number(message.segments.into())) }
            dt { (visit.t("message-price")) } dd { (money(&numbers::price(&message.price))) }
            @if let Some(key) = &message.key_id { dt { (visit.t("message-key")) } dd { (ident(key)) } }
        } }
    }
}

fn way(visit: &Visit<'_>, message: &Message) -> Markup {
    html! {
        ol.way { @for step in timeline(message) {
            li .todo[step.at.is_none()] .wrong[step.name == "failed"] {
                strong { (visit.t(&format!("way-{}", step.name))) } " "
                @match step.at { Some(at) => (time_long(visit, at)), None => (visit.t("not-yet")) }
            }
        } }
    }
}

/// Whether it is this number, or the operator fails for everybody.
fn operator(visit: &Visit<'_>, health: &OperatorHealth) -> Markup {
    let name = ("name", health.operator_name.as_str());
    html! {
        section.card {
            h2 { (visit.t("operator-title")) }
            @match health.failed_bps {
                Some(failed) if failed >= 1_000 => {
                    @let share = numbers::percent((failed / 10).into(), &visit.reading);
                    p { (visit.tf("operator-failing", &[name, ("share", &share)])) }
                },
                Some(failed) => {
                    @let share = numbers::percent((failed / 10).into(), &visit.reading);
                    p { (visit.tf("operator-fine", &[name, ("share", &share)])) }
                },
                None => { p { (visit.tf("operator-quiet", &[name])) } },
            }
        }
    }
}

/// Somebody who is not signed in any more is told so, whatever found out.
pub(crate) fn signed_in_still<T>(answer: &Result<T, PlatformError>) -> Result<(), Trouble> {
    match answer {
        Err(error) if error.status() == Some(401) => Err(Trouble::Api(error.clone())),
        _ => Ok(()),
    }
}
