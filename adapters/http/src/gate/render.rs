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
    response.set_body(without_secrets(operation.id, &body));
    response.set_status(StatusCode::from_u16(*status).ok()?);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("rendered"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::{Idempotency, OPERATIONS};

    #[test]
    fn every_rendered_operation_has_a_row_and_takes_a_key() {
        for (id, path, _) in READ_AT {
            let row = OPERATIONS.iter().find(|row| row.id == *id);
            assert!(row.is_some_and(|row| row.idempotency != Idempotency::None), "{id}");
            assert!(operations::find(&Method::GET, &format!("{path}x")).is_some(), "{path}");
        }
    }
}
