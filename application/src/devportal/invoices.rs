//! What a customer owes and has, as billing says it. Nothing of it is kept here (devportal.md 3.13).

use std::{collections::BTreeSet, sync::Arc};

use sarai_domain::{
    devportal::values::Scope as KeyScope,
    kernel::{InvoiceId, TenantId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest,
    auth::Role,
    devportal::{Balance, Invoice, InvoiceStatus},
};
use time::Duration;

use crate::{AppError, Call, Ports};

/// Whose routes these are, beside keys with the scope.
const USERS: &[Role] = &[Role::Customer];
/// How long the address of a document is good for.
const LINK_TTL: Duration = Duration::minutes(5);

/// The use cases of balance and invoices.
#[derive(Clone)]
pub struct Invoices {
    ports: Arc<Ports>,
}

impl Invoices {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Real time, by which addresses of documents end.
    pub fn real_now(&self) -> Timestamp {
        self.ports.clock.real()
    }

    /// What the caller's tenant can still spend.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn balance(&self, call: &Call) -> Result<Balance, AppError> {
        call.require(USERS, KeyScope::BillingRead)?;
        Ok(self.ports.devportal.invoicing.balance(&call.principal.tenant_id).await?)
    }

    /// The invoices of the caller's tenant, latest first.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn list(
        &self,
        call: &Call,
        statuses: &BTreeSet<InvoiceStatus>,
        page: &PageRequest,
    ) -> Result<Page<Invoice>, AppError> {
        call.require(USERS, KeyScope::BillingRead)?;
        Ok(self.ports.devportal.invoicing.invoices(&call.principal.tenant_id, statuses, page).await?)
    }

    /// One invoice.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, call: &Call, id: &InvoiceId) -> Result<Invoice, AppError> {
        call.require(USERS, KeyScope::BillingRead)?;
        let found = self.ports.devportal.invoicing.invoice(&call.principal.tenant_id, id).await?;
        found.ok_or_else(|| AppError::not_found("invoice"))
    }

    /// Until when an address of an invoice's document, given out now, is good.
    ///
    /// # Errors
    /// As [`Invoices::get`].
    pub async fn link_until(&self, call: &Call, id: &InvoiceId) -> Result<Timestamp, AppError> {
        self.get(call, id).await?;
        Ok(self.real_now().plus(LINK_TTL))
    }

    /// The document of an invoice, for whoever has an address of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn pdf(&self, tenant: &TenantId, id: &InvoiceId) -> Result<Vec<u8>, AppError> {
        let found = self.ports.devportal.invoicing.invoice_pdf(tenant, id).await?;
        found.ok_or_else(|| AppError::not_found("invoice"))
    }
}
