//! Balance and invoices of the caller's tenant, and their documents.

use std::collections::BTreeSet;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::devportal::invoices::Invoices;
use sarai_domain::kernel::external_id::kinds;
use sarai_ports::devportal::InvoiceStatus;

use super::{
    Tag,
    invoice_body::{ApiInvoiceStatus, BalanceBody, DocumentLinkBody, InvoiceBody},
};
use crate::{
    caller::Caller,
    download::{Download, Pdf},
    links::{Asked, Links},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiExternalId,
};

/// Routes of balance and invoices.
pub struct InvoiceRoutes {
    invoices: Invoices,
    cursors: Cursors,
    links: Links,
}

impl InvoiceRoutes {
    /// Over these use cases.
    pub fn new(invoices: Invoices, cursors: Cursors, links: Links) -> Self {
        Self { invoices, cursors, links }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Billing")]
impl InvoiceRoutes {
    /// What the tenant can still spend
    #[oai(path = "/balance", method = "get", operation_id = "balance.get")]
    async fn balance(&self, caller: Caller) -> Result<Json<BalanceBody>, Problem> {
        Ok(Json(self.invoices.balance(&caller.0).await?.into()))
    }

    /// The tenant's invoices, latest first
    ///
    /// `status` may be given several times: any of them.
    #[oai(path = "/invoices", method = "get", operation_id = "invoices.list")]
    async fn list(
        &self,
        caller: Caller,
        #[oai(default)] status: Query<Vec<ApiInvoiceStatus>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<InvoiceBody>>, Problem> {
        let statuses: BTreeSet<InvoiceStatus> = status.0.into_iter().map(Into::into).collect();
        let list = self.cursors.list("invoices.list", caller.tenant());
        let list = list.filter("status", Some(format!("{statuses:?}")));
        let request = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.invoices.list(&caller.0, &statuses, &request).await?;
        Ok(Json(list.answer(page, InvoiceBody::from)))
    }

    /// One invoice
    #[oai(path = "/invoices/:id", method = "get", operation_id = "invoices.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiExternalId<kinds::Invoice>>,
    ) -> Result<Json<InvoiceBody>, Problem> {
        Ok(Json(self.invoices.get(&caller.0, &id.0.0).await?.into()))
    }

    /// An address of an invoice's document, good for five minutes
    ///
    /// Whoever has it gets the document, without a token.
    #[oai(path = "/invoices/:id/pdf-url", method = "post", operation_id = "invoices.pdf-url")]
    async fn pdf_url(
        &self,
        caller: Caller,
        asked: Asked,
        id: Path<ApiExternalId<kinds::Invoice>>,
    ) -> Result<Json<DocumentLinkBody>, Problem> {
        let until = self.invoices.link_until(&caller.0, &id.0.0).await?;
        let link = self.links.seal(&caller.0.principal.tenant_id, &id.0.0, until);
        let url = self.links.address(&asked, &format!("/v1/invoice-pdfs/{link}"));
        Ok(Json(DocumentLinkBody { url, expires_at: until.into() }))
    }

    /// An invoice's document, by an address of it
    ///
    /// An address that has ended, or never was one, is not found.
    #[oai(path = "/invoice-pdfs/:link", method = "get", operation_id = "invoices.pdf")]
    async fn pdf(&self, link: Path<String>) -> Result<Download<Pdf>, Problem> {
        let opened = self.links.open(&link.0, self.invoices.real_now());
        let (tenant, invoice) = opened.ok_or_else(|| Problem::not_found("document"))?;
        let pdf = self.invoices.pdf(&tenant, &invoice).await?;
        Ok(Download::new("invoice.pdf".to_owned(), pdf))
    }
}
