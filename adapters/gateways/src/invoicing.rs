//! Balance and invoices at billing-service over HTTP; the contract is `fixtures/contracts/billing.json`.

use std::{collections::BTreeSet, path::Path};

use async_trait::async_trait;
use hyper::Method;
use sarai_domain::kernel::{InvoiceId, TenantId};
use sarai_ports::{
    GatewayError, Page, PageRequest,
    devportal::{Balance, Invoice, InvoiceStatus, InvoicingGateway},
};

use crate::{
    AddressError,
    client::{Client, Failure},
    messaging::found,
    wire::{InvoiceSearch, Wire},
};

/// The invoices of billing behind an address.
#[derive(Debug, Clone)]
pub struct InvoicingClient {
    client: Client,
}

impl InvoicingClient {
    /// The service at this address, believed over TLS with a certificate of a public authority, or of this file's (PEM).
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none, and for a file without certificates.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address, authorities)? })
    }
}

#[async_trait]
impl InvoicingGateway for InvoicingClient {
    async fn balance(&self, tenant: &TenantId) -> Result<Balance, GatewayError> {
        let Wire(balance) = self.client.get(&["tenants", tenant.as_str(), "balance"]).await?;
        Ok(balance)
    }

    async fn invoices(
        &self,
        tenant: &TenantId,
        statuses: &BTreeSet<InvoiceStatus>,
        page: &PageRequest,
    ) -> Result<Page<Invoice>, GatewayError> {
        let body = InvoiceSearch { statuses: statuses.clone(), page: page.clone() };
        let path = ["tenants", tenant.as_str(), "invoices", "search"];
        let Wire(page) = self.client.send(Method::POST, &path, &body).await?;
        Ok(page)
    }

    async fn invoice(&self, tenant: &TenantId, id: &InvoiceId) -> Result<Option<Invoice>, GatewayError> {
        found(self.client.get(&["tenants", tenant.as_str(), "invoices", id.as_str()]).await)
    }

    async fn invoice_pdf(&self, tenant: &TenantId, id: &InvoiceId) -> Result<Option<Vec<u8>>, GatewayError> {
        match self.client.get_bytes(&["tenants", tenant.as_str(), "invoices", id.as_str(), "pdf"]).await {
            Ok(pdf) => Ok(Some(pdf)),
            Err(Failure::NotFound) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}
