//! Billing's routes.

use std::sync::Arc;

use poem::{
    Body, EndpointExt as _, IntoEndpoint, Response, Route, get, handler,
    http::StatusCode,
    post, put,
    web::{Data, Path},
};
use sarai_domain::kernel::Timestamp;
use sarai_gateways::wire::{Due, Moved, Now, Payment, Payout, Refund, Wire};
use sarai_ports::{
    GatewayError,
    marketplace::BillingGateway as _,
    system::{DueWork as _, MovableClock},
};

use super::{Answer, Fault, read, shown, told};
use crate::BillingStandIn;

type Billing<'a> = Data<&'a Arc<BillingStandIn>>;

/// The routes over a stand-in.
pub(super) fn routes(billing: Arc<BillingStandIn>, clock: Arc<dyn MovableClock>) -> impl IntoEndpoint {
    Route::new()
        .at("/tax", post(tax))
        .at("/intents/:key", put(create_intent).get(intent))
        .at("/payments/:key", put(pay))
        .at("/voids/:key", put(void))
        .at("/refunds/:key", put(refund).get(refund_status))
        .at("/payouts/:key", put(pay_out))
        .at("/demo/due", post(due))
        .at("/demo/clock", post(move_clock))
        .at("/healthz", get(healthz))
        .data(billing)
        .data(clock)
}

#[handler]
async fn tax(Data(billing): Billing<'_>, body: Body) -> Answer {
    let Wire(request) = read(body).await?;
    told(&billing.tax(&request).await?)
}

#[handler]
async fn create_intent(Data(billing): Billing<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Wire(request) = read(body).await?;
    told(&billing.create_intent(&key, &request).await?)
}

#[handler]
async fn intent(Data(billing): Billing<'_>, Path(key): Path<String>) -> Answer {
    told(&billing.intent(&key).await?)
}

#[handler]
async fn pay(Data(billing): Billing<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Payment { payment_intent_id, token } = read(body).await?;
    told(&billing.pay(&key, &payment_intent_id, &token).await?)
}

#[handler]
async fn void(Data(billing): Billing<'_>, Path(key): Path<String>) -> Answer {
    told(&billing.void_intent(&key).await?)
}

#[handler]
async fn refund(Data(billing): Billing<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Refund { order_id, payment_id, amount } = read(body).await?;
    told(&billing.refund(&key, &order_id, &payment_id, amount).await?)
}

#[handler]
async fn refund_status(Data(billing): Billing<'_>, Path(key): Path<String>) -> Answer {
    match billing.refund_status(&key).await? {
        Some(status) => told(&status),
        None => Err(Fault(StatusCode::NOT_FOUND, "not_found".to_owned())),
    }
}

#[handler]
async fn pay_out(Data(billing): Billing<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Payout { provider_tenant_id, amount } = read(body).await?;
    told(&billing.pay_out(&key, &provider_tenant_id, amount).await?)
}

#[handler]
async fn due(Data(billing): Billing<'_>, body: Body) -> Answer {
    let Now { at } = read(body).await?;
    shown(&Due { at: billing.next_due(at).await.map_err(passing)? })
}

#[handler]
async fn move_clock(
    Data(billing): Billing<'_>,
    Data(clock): Data<&Arc<dyn MovableClock>>,
    body: Body,
) -> Answer {
    let Now { at } = read(body).await?;
    advance(clock, at).await?;
    shown(&Moved { ran: billing.run_due().await.map_err(passing)? })
}

async fn advance(clock: &Arc<dyn MovableClock>, at: Timestamp) -> Result<(), Fault> {
    clock.advance_to(at).await.map_err(passing)
}

#[handler]
fn healthz() -> Response {
    Response::builder().body("ok")
}

/// What went wrong may pass.
#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn passing(error: sarai_ports::StoreError) -> Fault {
    GatewayError::Unavailable(error.to_string()).into()
}
