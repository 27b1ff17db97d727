//! What was told to a webhook: the list, one delivery with its tries, telling it again.

use maud::{Markup, html};
use poem::http::StatusCode;
use sarai_application::customer_portal::{
    calendar,
    delivery_filters::{DeliveryFilters, OUTCOMES},
    keys::FieldError,
    webhooks::EVENTS,
};
use sarai_ports::customer_portal::webhooks::Delivery;

use crate::{
    components::{self, Line, empty, ident, pager, state, summary, table, time, time_long, wrong, zone_note},
    reply::{Outcome, Reply},
    shell::{self, Content, token},
    visit::{Visit, borrowed},
};

/// The most characters that are shown of a payload or an answer.
const SHOWN_MAX: usize = 8_192;

/// Rows of deliveries.
pub(super) fn table_of(visit: &Visit<'_>, deliveries: &[Delivery]) -> Markup {
    let head = html! {
        th scope="col" { (visit.t("delivery-event")) }
        th scope="col" { (visit.t("created-at")) }
        th scope="col" { (visit.t("status")) }
        th.n scope="col" { (visit.t("delivery-tries")) }
        th scope="col" { (visit.t("delivery-code")) }
        th scope="col" { (visit.t("delivery-next")) }
    };
    let rows = html! {
        @for delivery in deliveries {
            @let last = delivery.attempts.last();
            tr {
                th scope="row" { a href=(visit.href(&format!("/deliveries/{}", delivery.id))) { bdi dir="ltr" { (delivery.event_type) } } span.sub { (ident(&delivery.id)) } }
                td { (time(visit, delivery.created_at)) }
                td { (state(visit, &delivery.outcome)) }
                td.n { (visit.number(u64::try_from(delivery.attempts.len()).unwrap_or_default())) }
                td { (code(delivery.last_code)) @if let Some(last) = last { span.sub { (millis(visit, last.duration_ms)) } } }
                td { @match delivery.next_attempt_at { Some(at) => (time(visit, at)), None => "–" } }
            }
        }
    };
    table("deliveries", &visit.t("deliveries-caption"), &head, &rows)
}

fn code(code: Option<u16>) -> Markup {
    html! { @match code { Some(code) => { bdi dir="ltr" { code { (code) } } }, None => "–" } }
}

fn millis(visit: &Visit<'_>, millis: u64) -> String {
    visit.tf("millis", &[("count", &visit.number(millis))])
}

/// Deliveries with these filters.
pub(super) fn with(visit: &Visit<'_>, id: &str, filters: &DeliveryFilters) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(filters.pairs()).finish();
    let place = format!("/webhooks/{id}/deliveries");
    visit.href(&if query.is_empty() { place } else { format!("{place}?{query}") })
}

/// `GET /webhooks/{id}/deliveries`.
pub(crate) async fn list(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let filters = match DeliveryFilters::parse(borrowed(&visit.query)) {
        Ok(filters) => filters,
        Err(errors) => return Ok(refused(visit, id, &errors)),
    };
    let asked = borrowed(&visit.query).filter(|(name, _)| *name != "env");
    if !asked.eq(filters.pairs().iter().map(|(name, value)| (*name, value.as_str()))) {
        return Ok(Reply::To(with(visit, id, &filters)));
    }
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let query = filters.query(visit.reading.zone);
    let page = platform.deliveries(on, id, &query, filters.cursor.as_deref()).await?;
    let at = |cursor: String| with(visit, id, &DeliveryFilters { cursor: Some(cursor), ..filters.clone() });
    let (newer, older) = (page.prev_cursor.map(at), page.next_cursor.map(at));
    let newest = filters.cursor.as_ref().map(|_| with(visit, id, &filters.from_the_start()));
    let title = visit.t("deliveries-title");
    let main = html! {
        div.head {
            h1 { (title) }
            a.button.plain.small href=(visit.href(&format!("/webhooks/{id}/replay-failed"))) { (visit.t("replay-failed")) }
        }
        (filter_form(visit, id, &filters, &[]))
        (outcomes(visit, id, &filters))
        @if page.data.is_empty() {
            (empty("webhook", &visit.t(if filters.is_narrowed() { "deliveries-none-such" } else { "deliveries-none" }), &html! {
                @if filters.is_narrowed() { p { a href=(visit.href(&format!("/webhooks/{id}/deliveries"))) { (visit.t("filter-clear")) } } }
            }))
        } @else {
            (table_of(visit, &page.data))
            (pager(visit, newest, newer, older))
        }
        p { a.button.plain href=(visit.href(&format!("/webhooks/{id}"))) { (visit.t("webhook-back")) } }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// What became of them, to choose; the first has the id that an error leads to.
fn outcomes(visit: &Visit<'_>, id: &str, filters: &DeliveryFilters) -> Markup {
    let chip = |outcome: Option<&'static str>| {
        with(visit, id, &DeliveryFilters { outcome, ..filters.from_the_start() })
    };
    html! {
        div.chips.joined {
            a.chip #f-outcome href=(chip(None)) aria-current=[filters.outcome.is_none().then_some("true")] { (visit.t("deliveries-any")) }
            @for known in OUTCOMES { a.chip href=(chip(Some(known))) aria-current=[(filters.outcome == Some(*known)).then_some("true")] { (visit.t(&format!("status-{known}"))) } }
        }
    }
}

/// A filter that is wrong: the form, what is wrong, and no deliveries.
fn refused(visit: &Visit<'_>, id: &str, errors: &[FieldError]) -> Reply {
    let title = visit.t("deliveries-title");
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        (filter_form(visit, id, &DeliveryFilters::default(), errors))
        @if wrong(errors, "outcome").is_some() { (outcomes(visit, id, &DeliveryFilters::default())) }
    };
    Reply::Page(StatusCode::BAD_REQUEST, shell::page(visit, &Content { title, wrong: true, main }))
}

fn filter_form(visit: &Visit<'_>, id: &str, filters: &DeliveryFilters, errors: &[FieldError]) -> Markup {
    // What was typed stays, also when it is wrong.
    let mut own = filters.pairs();
    for (name, day) in [("after", filters.after), ("before", filters.before)] {
        if let (Some(day), Some((_, value))) = (day, own.iter_mut().find(|(known, _)| *known == name)) {
            *value = calendar::type_day(day, &visit.reading);
        }
    }
    let value = |name: &str| {
        let own = own.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        if errors.is_empty() { own } else { visit.asked(name) }.unwrap_or_default()
    };
    let field = |name, label, hint| {
        let line = Line {
            name,
            label,
            hint,
            value: value(name),
            most: 40,
            latin: true,
            required: false,
            ..Line::default()
        };
        components::line(visit, &line, errors)
    };
    let place = format!("/webhooks/{id}/deliveries");
    let events = EVENTS.iter().flat_map(|(_, names)| names.iter().copied());
    html! {
        form.card.stack method="get" action=(place) role="search" aria-label=(visit.t("filter")) {
            @if visit.is_sandbox() { input type="hidden" name="env" value="sandbox"; }
            @if let Some(outcome) = filters.outcome { input type="hidden" name="outcome" value=(outcome); }
            div.filters {
                div {
                    label for="f-event" { (visit.t("delivery-event")) }
                    select #f-event name="event" dir="ltr" {
                        option value="" { (visit.t("webhook-all-events")) }
                        @for event in events { option value=(event) selected[value("event") == event] { (event) } }
                    }
                }
                (field("code", "delivery-code", Some("filter-code-hint")))
                (field("after", "filter-after", Some("filter-day-hint")))
                (field("before", "filter-before", Some("filter-day-hint")))
            }
            div.acts {
                button.small type="submit" { (visit.t("filter")) }
                a.button.plain.small href=(visit.href(&place)) { (visit.t("filter-clear")) }
            }
        }
    }
}

/// `GET /deliveries/{id}`.
pub(crate) async fn show(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let delivery = visit.portal.platform.delivery(visit.on(), id).await?;
    let endpoint = visit.portal.platform.webhook(visit.on(), &delivery.endpoint_id).await;
    let gone = endpoint.is_err_and(|error| matches!(error.status(), Some(404 | 410)));
    let replay = format!("/deliveries/{id}/replay");
    let payload: String = delivery.payload.chars().take(SHOWN_MAX).collect();
    let cut = payload.len() < delivery.payload.len();
    let title = visit.t("delivery-title");
    let main = html! {
        div.head { h1 { (title) } (state(visit, &delivery.outcome)) }
        section.card { dl.facts {
            dt { (visit.t("delivery-event")) } dd { (ident(&delivery.event_type)) }
            dt { (visit.t("delivery-event-id")) } dd { (ident(&delivery.event_id)) }
            dt { (visit.t("id")) } dd { (ident(&delivery.id)) }
            dt { (visit.t("created-at")) } dd { (time_long(visit, delivery.created_at)) }
            @if let Some(at) = delivery.next_attempt_at { dt { (visit.t("delivery-next")) } dd { (time_long(visit, at)) } }
            @if let Some(of) = &delivery.replay_of { dt { (visit.t("delivery-repeats")) } dd { a href=(visit.href(&format!("/deliveries/{of}"))) { (ident(of)) } } }
        } }
        form method="post" action=(replay) {
            (token(visit, &replay))
            input type="hidden" name="endpoint" value=(delivery.endpoint_id);
            div.acts {
                @if !gone { button.small type="submit" { (visit.t("delivery-replay")) } }
                a.button.plain.small href=(visit.href(&format!("/deliveries/{id}/doctor"))) { (visit.t("doctor-open")) }
                @if !gone { span.note { (visit.t("delivery-replay-note")) } }
            }
        }
        section.card {
            h2 { (visit.t("delivery-tries")) }
            @if delivery.attempts.is_empty() { p { (visit.t("delivery-no-try")) } }
            ol.way { @for attempt in delivery.attempts.iter().rev() {
                li .wrong[!attempt.http_status.is_some_and(|status| (200..300).contains(&status))] {
                    strong { (visit.tf("delivery-try", &[("count", &visit.number(attempt.no.into()))])) } " " (time_long(visit, attempt.at))
                    div { (code(attempt.http_status)) " · " (millis(visit, attempt.duration_ms))
                        @if let Some(error) = &attempt.error { " · " (visit.t(&format!("outcome-{}", error.to_ascii_lowercase().replace('_', "-")))) } }
                    @if let Some(text) = &attempt.text_prefix { pre dir="auto" { (text) } }
                }
            } }
        }
        section.card {
            h2 { (visit.t("delivery-request")) }
            @if !delivery.request_headers.is_empty() { pre dir="ltr" { @for (name, value) in &delivery.request_headers { (name) ": " (value) "\n" } } }
            pre #payload dir="ltr" { (payload) }
            @if cut { p.note { (visit.tn("payload-cut", u64::try_from(SHOWN_MAX).unwrap_or_default())) } }
            div.acts {
                button.plain.small type="button" hidden data-js data-copy="payload" data-say="copied" data-done=(visit.t("copied")) data-fail=(visit.t("copy-failed")) { (visit.t("copy")) }
                output #copied role="status" {}
            }
        }
        p { a.button.plain href=(visit.href(&format!("/webhooks/{}/deliveries", delivery.endpoint_id))) { (visit.t("deliveries-title")) } }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `POST /deliveries/{id}/replay`.
pub(crate) async fn replay(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let endpoint = visit.sent("endpoint").unwrap_or_default();
    let again = visit.portal.platform.replay_delivery(visit.on(), &visit.once(), endpoint, id).await?;
    visit.tell("delivery-replayed");
    Ok(Reply::To(visit.href(&format!("/deliveries/{}", again.id))))
}
