//! Telling again what an endpoint did not take: how much there is, a warning, and then all of it.

use maud::{Markup, html};
use sarai_application::customer_portal::{
    delivery_filters::DeliveryFilters, keys::FieldError, webhooks::WebhookConfig,
};
use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::webhooks::{DeliveryCount, DeliveryQuery};
use time::Duration;

use super::{deliveries::with, messages::signed_in_still};
use crate::{
    components::{Pick, pick, state, summary, unavailable, url, wrong},
    reply::{Outcome, Reply},
    shell::{self, Content, token},
    visit::Visit,
};

/// How many days back, and what that is called. The API tells again what is up to two weeks old, by its own clock.
const DAYS: [(i64, &str); 3] = [(1, "replay-days-1"), (7, "replay-days-7"), (14, "replay-days-14")];

/// So many days ago; of the longest time a minute is left for the way there.
fn since(visit: &Visit<'_>, days: i64) -> Timestamp {
    visit.now.plus(-Duration::days(days)).plus(Duration::MINUTE)
}

/// `GET /webhooks/{id}/replay-failed`.
pub(crate) async fn ask(visit: &mut Visit<'_>, id: &str) -> Outcome {
    page(visit, id, &[]).await
}

async fn page(visit: &Visit<'_>, id: &str, errors: &[FieldError]) -> Outcome {
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let queries = DAYS.map(|(days, _)| DeliveryQuery {
        outcome: Some("FAILED".to_owned()),
        after: Some(since(visit, days)),
        ..DeliveryQuery::default()
    });
    let [day, week, fortnight] = &queries;
    let (hook, day, week, fortnight) = tokio::join!(
        platform.webhook(on, id),
        platform.delivery_count(on, id, day),
        platform.delivery_count(on, id, week),
        platform.delivery_count(on, id, fortnight),
    );
    let hook = WebhookConfig::from(&hook?);
    signed_in_still(&fortnight)?;
    let counts: Option<Vec<DeliveryCount>> =
        [day, week, fortnight].into_iter().collect::<Result<_, _>>().ok();
    let most = counts.as_ref().and_then(|counts| counts.last()).map(|counted| counted.count);
    let title = visit.t("replay-failed-title");
    let back = visit.href(&format!("/webhooks/{id}/deliveries"));
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        section.card { dl.facts {
            dt { (visit.t("webhook-url")) } dd { (url(&hook.url)) }
            dt { (visit.t("status")) } dd { (state(visit, hook.status)) }
        } }
        @if hook.status != "active" {
            div.box.waiting { p { (visit.t("replay-failed-disabled")) } }
            p { a.button.plain href=(visit.href(&format!("/webhooks/{id}"))) { (visit.t("webhook-back")) } }
        } @else if most == Some(0) {
            div.box.good { p { (visit.t("replay-failed-nothing")) } }
            p { a.button.plain href=(back) { (visit.t("deliveries-title")) } }
        } @else {
            @if counts.is_none() { (unavailable(visit, "panel-counts")) }
            div.box.waiting { p { (visit.t("replay-failed-text")) } }
            (form(visit, id, counts.as_deref(), errors))
        }
    };
    let page = shell::page(visit, &Content { title, wrong: !errors.is_empty(), main });
    Ok(if errors.is_empty() { Reply::ok(page) } else { Reply::invalid(page) })
}

fn form(visit: &Visit<'_>, id: &str, counts: Option<&[DeliveryCount]>, errors: &[FieldError]) -> Markup {
    let action = format!("/webhooks/{id}/replay-failed");
    let told = wrong(errors, "days");
    // Chosen is the shortest time in which anything was lost.
    let chosen = counts.and_then(|counts| counts.iter().position(|counted| counted.count > 0)).unwrap_or(1);
    html! {
        form.fields method="post" action=(action) {
            (token(visit, &action))
            fieldset aria-describedby=[told.map(|_| "e-days")] {
                legend { (visit.t("replay-days")) }
                @if let Some(error) = told { p.err #e-days { (visit.t(error.message)) } }
                @for (place, (days, word)) in DAYS.iter().enumerate() {
                    @let count = counts.and_then(|counts| counts.get(place)).map(|counted| counted.count);
                    (pick(&Pick { kind: "radio", name: "days", value: &days.to_string(), chosen: place == chosen,
                        label: html! { (visit.t(word)) },
                        more: html! { @if let Some(count) = count { (visit.tn("replay-count", count)) } } }, place == 0))
                }
            }
            div.acts {
                button type="submit" data-busy=(visit.t("busy-next")) { (visit.t("replay-failed")) }
                a.button.plain href=(visit.href(&format!("/webhooks/{id}/deliveries"))) autofocus[errors.is_empty()] { (visit.t("cancel")) }
            }
        }
    }
}

/// `POST /webhooks/{id}/replay-failed`.
pub(crate) async fn send(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let asked = visit.sent("days").and_then(|text| text.parse().ok());
    let Some((days, _)) = DAYS.into_iter().find(|(days, _)| Some(*days) == asked) else {
        return page(visit, id, &[FieldError { field: "days", message: "error-replay-days" }]).await;
    };
    let since = since(visit, days);
    let again = visit.portal.platform.recover_webhook(visit.on(), &visit.once(), id, since).await?;
    visit.tell(match (again.queued, again.more) {
        (0, _) => "replay-failed-nothing",
        (_, false) => "replay-failed-done",
        (_, true) => "replay-failed-more",
    });
    let place = DeliveryFilters { outcome: Some("pending"), ..DeliveryFilters::default() };
    Ok(Reply::To(with(visit, id, &if again.queued == 0 { DeliveryFilters::default() } else { place })))
}
