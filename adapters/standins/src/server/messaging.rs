//! Messaging's routes.

use std::sync::Arc;

use poem::{
    Body, EndpointExt as _, IntoEndpoint, Route, get, handler, post, put,
    web::{Data, Path},
};
use sarai_domain::kernel::TenantId;
use sarai_gateways::wire::{Count, OneMessage, Search, Wire};
use sarai_ports::{devportal::MessagingGateway as _, system::MovableClock};

use super::{Answer, due, found, invalid, read, told, told_all};
use crate::MessagingStandIn;

type Messaging<'a> = Data<&'a Arc<MessagingStandIn>>;

/// The routes over a stand-in.
pub(super) fn routes(messaging: Arc<MessagingStandIn>, clock: Arc<dyn MovableClock>) -> impl IntoEndpoint {
    Route::new()
        .at("/messages/:key", put(send))
        .at("/quotes", post(quote))
        .at("/log/search", post(search))
        .at("/log/stats", post(stats))
        .at("/log/message", post(one_message))
        .at("/log/receipt", post(receipt))
        .at("/log/daily", post(daily))
        .at("/tenants/:tenant/sender-ids", get(sender_ids))
        .at("/error-codes", get(error_codes))
        .at("/operators/:name/health", get(operator_health))
        .nest("/demo", due::routes(Arc::clone(&messaging) as _, clock))
        .data(messaging)
}

#[handler]
async fn send(Data(messaging): Messaging<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Wire(message) = read(body).await?;
    told(&messaging.send(&key, &message).await?)
}

#[handler]
async fn quote(Data(messaging): Messaging<'_>, body: Body) -> Answer {
    let Wire(message) = read(body).await?;
    told(&messaging.quote(&message).await?)
}

#[handler]
async fn search(Data(messaging): Messaging<'_>, body: Body) -> Answer {
    let Search { of, filter, page } = read(body).await?;
    told(&messaging.messages(&of, &filter, &page).await?)
}

#[handler]
async fn stats(Data(messaging): Messaging<'_>, body: Body) -> Answer {
    let Count { of, filter } = read(body).await?;
    told(&messaging.stats(&of, &filter).await?)
}

#[handler]
async fn one_message(Data(messaging): Messaging<'_>, body: Body) -> Answer {
    let OneMessage { of, message_id } = read(body).await?;
    found(messaging.message(&of, &message_id).await?)
}

#[handler]
async fn receipt(Data(messaging): Messaging<'_>, body: Body) -> Answer {
    let OneMessage { of, message_id } = read(body).await?;
    found(messaging.receipt(&of, &message_id).await?)
}

#[handler]
async fn daily(Data(messaging): Messaging<'_>, body: Body) -> Answer {
    let Wire(request) = read(body).await?;
    told_all(&messaging.daily(&request).await?)
}

#[handler]
async fn sender_ids(Data(messaging): Messaging<'_>, Path(tenant): Path<String>) -> Answer {
    let tenant = TenantId::try_new(tenant).map_err(|_| invalid())?;
    told_all(&messaging.sender_ids(&tenant).await?)
}

#[handler]
async fn error_codes(Data(messaging): Messaging<'_>) -> Answer {
    told_all(&messaging.error_codes().await?)
}

#[handler]
async fn operator_health(Data(messaging): Messaging<'_>, Path(name): Path<String>) -> Answer {
    found(messaging.operator_health(&name).await?)
}
