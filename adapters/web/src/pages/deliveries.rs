//! What was told to a webhook: the list, one delivery with its tries, telling it again.

use maud::{Markup, html};
use sarai_ports::customer_portal::webhooks::{Delivery, DeliveryQuery};

use crate::{
    components::{ident, pager, state, table, time, time_long, zone_note},
    reply::{Outcome, Reply},
    shell::{self, Content, token},
    visit::Visit,
};

/// Where a delivery may stand.
const OUTCOMES: &[&str] = &["pending", "delivered", "failed"];
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

/// `GET /webhooks/{id}/deliveries`.
pub(crate) async fn list(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let outcome = visit.asked("outcome").filter(|outcome| OUTCOMES.contains(outcome)).map(str::to_owned);
    let query = DeliveryQuery {
        outcome: outcome.as_deref().map(str::to_ascii_uppercase),
        ..DeliveryQuery::default()
    };
    let page = visit.portal.platform.deliveries(visit.on(), id, &query, visit.asked("cursor")).await?;
    let place = format!("/webhooks/{id}/deliveries");
    let of = |outcome: Option<&str>, cursor: Option<&str>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(
            [("outcome", outcome), ("cursor", cursor)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let query = query.finish();
        visit.href(&if query.is_empty() { place.clone() } else { format!("{place}?{query}") })
    };
    let chosen = outcome.as_deref();
    let title = visit.t("deliveries-title");
    let main = html! {
        h1 { (title) }
        div.chips {
            a.chip href=(of(None, None)) aria-current=[chosen.is_none().then_some("true")] { (visit.t("deliveries-any")) }
            @for known in OUTCOMES { a.chip href=(of(Some(known), None)) aria-current=[(chosen == Some(*known)).then_some("true")] { (visit.t(&format!("status-{known}"))) } }
        }
        @if page.data.is_empty() {
            section.card { h2 { (visit.t(if chosen.is_some() { "deliveries-none-such" } else { "deliveries-none" })) } }
        } @else {
            (table_of(visit, &page.data))
            (pager(visit, visit.asked("cursor").map(|_| of(chosen, None)), page.next_cursor.as_deref().map(|cursor| of(chosen, Some(cursor)))))
        }
        p { a.button.plain href=(visit.href(&format!("/webhooks/{id}"))) { (visit.t("webhook-back")) } }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `GET /deliveries/{id}`.
pub(crate) async fn show(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let delivery = visit.portal.platform.delivery(visit.on(), id).await?;
    let replay = format!("/deliveries/{id}/replay");
    let payload: String = delivery.payload.chars().take(SHOWN_MAX).collect();
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
            div.acts { button.small type="submit" { (visit.t("delivery-replay")) } span.note { (visit.t("delivery-replay-note")) } }
        }
        section.card {
            h2 { (visit.t("delivery-tries")) }
            @if delivery.attempts.is_empty() { p { (visit.t("delivery-no-try")) } }
            ol.way { @for attempt in delivery.attempts.iter().rev() {
                li .todo[!attempt.http_status.is_some_and(|status| (200..300).contains(&status))] {
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
