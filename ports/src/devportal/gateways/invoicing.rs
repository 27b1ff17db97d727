//! What a customer owes and has: billing-service's balance and invoices.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::kernel::{InvoiceId, Money, Price, TenantId, Timestamp};

use crate::{GatewayError, Page, PageRequest};

/// The most invoices of one part of a list.
pub const INVOICES_AT_ONCE: usize = 100;

/// What a tenant can still spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// How much.
    pub balance: Price,
    /// At which instant.
    pub as_of: Timestamp,
    /// When the next invoice is made.
    pub next_invoice_on: Timestamp,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvoiceStatus {
    /// Paid.
    Paid,
    /// To be paid.
    Open,
    /// It should have been paid.
    Overdue,
}

impl InvoiceStatus {
    /// Every status with its name.
    pub const ALL: &[(Self, &str)] =
        &[(Self::Paid, "paid"), (Self::Open, "open"), (Self::Overdue, "overdue")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// The status of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(status, _)| *status)
    }
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceLine {
    /// What for.
    pub description: String,
    /// How many.
    pub quantity: u32,
    /// What one costs.
    pub unit_price: Price,
    /// What they cost, not rounded: only the sum is.
    pub amount: Price,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// What people call it by.
    pub number: String,
    /// The first instant it bills.
    pub period_start: Timestamp,
    /// The first instant it does not.
    pub period_end: Timestamp,
    /// How many messages it bills: as many as the log has under its id.
    pub total_messages: u32,
    /// What for.
    pub lines: Vec<InvoiceLine>,
    /// What is to be paid.
    pub amount_due: Money,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// When it was made.
    pub issued_at: Timestamp,
    /// Until when it is to be paid.
    pub due_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

/// billing-service as its customers see it.
#[async_trait]
pub trait InvoicingGateway: Send + Sync {
    /// What a tenant can still spend.
    async fn balance(&self, tenant: &TenantId) -> Result<Balance, GatewayError>;
    /// The latest first, at most [`INVOICES_AT_ONCE`]; no statuses: all.
    async fn invoices(
        &self,
        tenant: &TenantId,
        statuses: &BTreeSet<InvoiceStatus>,
        page: &PageRequest,
    ) -> Result<Page<Invoice>, GatewayError>;
    /// One invoice.
    async fn invoice(&self, tenant: &TenantId, id: &InvoiceId) -> Result<Option<Invoice>, GatewayError>;
    /// It as a PDF document. Whoever gives out an address of it makes one that soon ends.
    async fn invoice_pdf(&self, tenant: &TenantId, id: &InvoiceId) -> Result<Option<Vec<u8>>, GatewayError>;
}
