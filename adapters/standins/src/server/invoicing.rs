//! Billing's routes for those who owe it.

use std::sync::Arc;

use poem::{
    Body, EndpointExt as _, IntoEndpoint, IntoResponse as _, Route, get, handler,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use sarai_domain::kernel::{InvoiceId, TenantId};
use sarai_gateways::wire::InvoiceSearch;
use sarai_ports::devportal::InvoicingGateway as _;

use super::{Answer, Fault, found, invalid, missing, read, response, told};
use crate::InvoicingStandIn;

type Invoicing<'a> = Data<&'a Arc<InvoicingStandIn>>;

/// The routes over a stand-in.
pub(super) fn routes(invoicing: Arc<InvoicingStandIn>) -> impl IntoEndpoint {
    Route::new()
        .at("/:tenant/balance", get(balance))
        .at("/:tenant/invoices/search", post(search))
        .at("/:tenant/invoices/:id", get(invoice))
        .at("/:tenant/invoices/:id/pdf", get(pdf))
        .data(invoicing)
}

#[handler]
async fn balance(Data(invoicing): Invoicing<'_>, Path(tenant): Path<String>) -> Answer {
    told(&invoicing.balance(&tenant_id(tenant)?).await?)
}

#[handler]
async fn search(Data(invoicing): Invoicing<'_>, Path(tenant): Path<String>, body: Body) -> Answer {
    let InvoiceSearch { statuses, page } = read(body).await?;
    told(&invoicing.invoices(&tenant_id(tenant)?, &statuses, &page).await?)
}

#[handler]
async fn invoice(Data(invoicing): Invoicing<'_>, Path((tenant, id)): Path<(String, String)>) -> Answer {
    found(invoicing.invoice(&tenant_id(tenant)?, &invoice_id(id)?).await?)
}

#[handler]
async fn pdf(Data(invoicing): Invoicing<'_>, Path((tenant, id)): Path<(String, String)>) -> Answer {
    let pdf = invoicing.invoice_pdf(&tenant_id(tenant)?, &invoice_id(id)?).await?;
    let pdf = response(StatusCode::OK, pdf.ok_or_else(missing)?);
    Ok(pdf.with_content_type("application/pdf").into_response())
}

fn tenant_id(text: String) -> Result<TenantId, Fault> {
    TenantId::try_new(text).map_err(|_| invalid())
}

fn invoice_id(text: String) -> Result<InvoiceId, Fault> {
    InvoiceId::try_new(text).map_err(|_| invalid())
}
