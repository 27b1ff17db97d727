//! Billing's routes.

use std::sync::Arc;

use poem::{
    Body, EndpointExt as _, IntoEndpoint, Response, Route, get, handler, post, put,
    web::{Data, Path},
};
use sarai_gateways::wire::{Payment, Payout, Refund, Wire};
use sarai_ports::{marketplace::BillingGateway as _, system::MovableClock};

use super::{Answer, due, found, invoicing, read, told};
use crate::{BillingStandIn, InvoicingStandIn};

type Billing<'a> = Data<&'a Arc<BillingStandIn>>;

/// The routes over a stand-in.
pub(super) fn routes(
    billing: Arc<BillingStandIn>,
    invoicing: Arc<InvoicingStandIn>,
    clock: Arc<dyn MovableClock>,
) -> impl IntoEndpoint {
    Route::new()
        .at("/tax", post(tax))
        .at("/intents/:key", put(create_intent).get(intent))
        .at("/payments/:key", put(pay))
        .at("/voids/:key", put(void))
        .at("/refunds/:key", put(refund).get(refund_status))
        .at("/payouts/:key", put(pay_out))
        .nest("/demo", due::routes(Arc::clone(&billing) as _, clock))
        .nest("/tenants", invoicing::routes(invoicing))
        .at("/healthz", get(healthz))
        .data(billing)
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
    found(billing.refund_status(&key).await?)
}

#[handler]
async fn pay_out(Data(billing): Billing<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Payout { provider_tenant_id, amount } = read(body).await?;
    told(&billing.pay_out(&key, &provider_tenant_id, amount).await?)
}

#[handler]
fn healthz() -> Response {
    Response::builder().body("ok")
}
