//! An effect whose answer was lost in a crash is answered from what it wrote (R71): by the operation that reads
//! the same resource.

use poem::{
    Endpoint, Request, Response,
    http::{HeaderValue, Method, StatusCode, Uri},
};
use sarai_application::Call;

use super::replay::{REPLAYED, without_secrets};
use crate::{
    guarded::Admitted,
    operations::{self, Operation},
};

/// Where the resource of an operation is read, and the status its answer has. An operation that is not here
/// answers with something else than its resource: it runs anew under its claim, and the store refuses a second
/// effect.
const READ_AT: &[(&str, &str, u16)] = &[
    ("admin.licenses.grant", "/v1/licenses/", 201),
    ("admin.licenses.revoke", "/v1/licenses/", 200),
    ("admin.listings.approve", "/v1/listings/", 200),
    ("admin.listings.reinstate", "/v1/listings/", 200),
    ("admin.listings.reject", "/v1/listings/", 200),
    ("admin.listings.revenue-share", "/v1/listings/", 200),
    ("admin.listings.suspend", "/v1/listings/", 200),
    ("admin.orders.refund", "/v1/orders/", 202),
    ("coupons.create", "/v1/coupons/", 201),
    ("coupons.deactivate", "/v1/coupons/", 200),
    ("coupons.edit", "/v1/coupons/", 200),
    ("docs.create", "/v1/admin/docs/", 201),
    ("keys.create", "/v1/keys/", 201),
    ("keys.edit", "/v1/keys/", 200),
    ("licenses.claim", "/v1/licenses/", 200),
    ("listings.create", "/v1/listings/", 201),
    ("listings.edit", "/v1/listings/", 200),
    ("listings.go-live", "/v1/listings/", 200),
    ("listings.retire", "/v1/listings/", 200),
    ("listings.ship-version", "/v1/listings/", 200),
    ("listings.submit", "/v1/listings/", 200),
    ("listings.withdraw", "/v1/listings/", 200),
    ("messages.send", "/v1/messages/", 201),
    ("orders.cancel", "/v1/orders/", 202),
    ("orders.pay", "/v1/orders/", 202),
    ("orders.place", "/v1/orders/", 201),
    ("orders.refund", "/v1/orders/", 202),
    ("plans.create", "/v1/listings/", 201),
    ("plans.replace", "/v1/listings/", 201),
    ("sandboxes.advance", "/v1/sandboxes/", 200),
    ("sandboxes.create", "/v1/sandboxes/", 201),
    ("sandboxes.extend", "/v1/sandboxes/", 200),
    ("sandboxes.reset", "/v1/sandboxes/", 200),
    ("sdks.create", "/v1/admin/sdks/releases/", 201),
    ("templates.create", "/v1/templates/", 201),
    ("templates.new-version", "/v1/templates/", 200),
    ("verifications.cancel", "/v1/verifications/", 200),
    ("verifications.next-channel", "/v1/verifications/", 202),
    ("verifications.resend", "/v1/verifications/", 202),
    ("verifications.start", "/v1/verifications/", 201),
    ("webhooks.create", "/v1/webhooks/", 201),
    ("webhooks.disable", "/v1/webhooks/", 200),
    ("webhooks.edit", "/v1/webhooks/", 200),
    ("webhooks.enable", "/v1/webhooks/", 200),
    ("webhooks.replay", "/v1/deliveries/", 202),
    ("webhooks.rotate-secret", "/v1/webhooks/", 200),
    ("webhooks.test", "/v1/deliveries/", 202),
];

/// Operations that answer with the newest part of the resource, and where its parts are.
const NEWEST_OF: &[(&str, &str)] = &[("plans.create", "pricingPlans"), ("plans.replace", "pricingPlans")];

/// Operations that may be done twice: what they wrote binds nobody and ends by itself.
const DONE_ANEW: &[&str] = &["quotes.create"];

/// Whether an operation whose answer was lost is done once more, as if it had not been.
pub(super) fn is_done_anew(operation: &Operation) -> bool {
    DONE_ANEW.contains(&operation.id)
}

/// The answer of an operation that wrote `resource`, read as `call`; none when it cannot be read.
pub(super) async fn render(
    routes: &impl Endpoint<Output = Response>,
    operation: &Operation,
    resource: &str,
    call: Call,
) -> Option<Response> {
    let (_, path, status) = READ_AT.iter().find(|(id, ..)| *id == operation.id)?;
    let uri: Uri = format!("{path}{resource}").parse().ok()?;
    let row = operations::find(&Method::GET, uri.path())?;
    let mut request = Request::builder().uri(uri).finish();
    request.extensions_mut().insert(Admitted(row));
    request.extensions_mut().insert(Call { claim: None, ..call });
    let mut response = routes.get_response(request).await;
    if !response.status().is_success() {
        return None;
    }
    let body = response.take_body().into_vec().await.ok()?;
    let body = match NEWEST_OF.iter().find(|(id, _)| *id == operation.id) {
        Some((_, parts)) => newest(&body, parts)?,
        None => body,
    };
    response.set_body(without_secrets(operation.id, &body));
    response.set_status(StatusCode::from_u16(*status).ok()?);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("rendered"));
    Some(response)
}

/// The last of these parts of a document.
fn newest(body: &[u8], parts: &str) -> Option<Vec<u8>> {
    let whole: serde_json::Value = serde_json::from_slice(body).ok()?;
    whole.get(parts)?.as_array()?.last().map(|part| part.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::{Idempotency, OPERATIONS};

    /// Those that answer when they are asked again: what they did is found done, or refused as done.
    const SAY_SO_THEMSELVES: &[&str] =
        &["docs.add-revision", "keys.rotate", "leases.issue", "seats.assign", "seats.bulk"];

    #[test]
    fn every_operation_that_needs_a_key_answers_who_lost_the_answer() {
        let needs = OPERATIONS.iter().filter(|row| row.idempotency == Idempotency::Required);
        let unanswered = needs.map(|row| row.id).filter(|id| {
            !READ_AT.iter().any(|(known, ..)| known == id)
                && !DONE_ANEW.contains(id)
                && !SAY_SO_THEMSELVES.contains(id)
        });
        assert_eq!(unanswered.collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn the_newest_part_is_the_last_one() {
        let listing = br#"{"pricingPlans":[{"id":"pln_1"},{"id":"pln_2"}]}"#;
        assert_eq!(newest(listing, "pricingPlans").unwrap(), br#"{"id":"pln_2"}"#);
        assert_eq!(newest(br#"{"pricingPlans":[]}"#, "pricingPlans"), None);
    }

    #[test]
    fn every_rendered_operation_has_a_row_and_takes_a_key() {
        for (id, path, _) in READ_AT {
            let row = OPERATIONS.iter().find(|row| row.id == *id);
            assert!(row.is_some_and(|row| row.idempotency != Idempotency::None), "{id}");
            assert!(operations::find(&Method::GET, &format!("{path}x")).is_some(), "{path}");
        }
    }
}
