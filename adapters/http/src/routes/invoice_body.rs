//! Prices, balance and invoices as they are shown.

use poem_openapi::{Enum, Object};
use sarai_domain::kernel::external_id::kinds;
use sarai_ports::devportal::{Balance, Invoice, InvoiceLine, InvoiceStatus};

use crate::scalars::{ApiExternalId, ApiMoney, ApiPrice, ApiTimestamp};

/// What a tenant can still spend.
#[derive(Object)]
#[oai(rename = "Balance", rename_all = "camelCase")]
pub struct BalanceBody {
    balance: ApiPrice,
    /// At which instant.
    as_of: ApiTimestamp,
    /// When the next invoice is made.
    next_invoice_on: ApiTimestamp,
}

impl From<Balance> for BalanceBody {
    fn from(balance: Balance) -> Self {
        Self {
            balance: balance.balance.into(),
            as_of: balance.as_of.into(),
            next_invoice_on: balance.next_invoice_on.into(),
        }
    }
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "InvoiceStatus", rename_all = "snake_case")]
pub enum ApiInvoiceStatus {
    /// Paid.
    Paid,
    /// To be paid.
    Open,
    /// It should have been paid.
    Overdue,
}

/// Each status on the wire and in the ports.
const STATUSES: &[(ApiInvoiceStatus, InvoiceStatus)] = &[
    (ApiInvoiceStatus::Paid, InvoiceStatus::Paid),
    (ApiInvoiceStatus::Open, InvoiceStatus::Open),
    (ApiInvoiceStatus::Overdue, InvoiceStatus::Overdue),
];

impl From<ApiInvoiceStatus> for InvoiceStatus {
    fn from(status: ApiInvoiceStatus) -> Self {
        STATUSES.iter().find(|(api, _)| *api == status).map_or(Self::Open, |(_, known)| *known)
    }
}

impl From<InvoiceStatus> for ApiInvoiceStatus {
    fn from(status: InvoiceStatus) -> Self {
        STATUSES.iter().find(|(_, known)| *known == status).map_or(Self::Open, |(api, _)| *api)
    }
}

/// A line of an invoice.
#[derive(Object)]
#[oai(rename = "InvoiceLine", rename_all = "camelCase")]
pub struct InvoiceLineBody {
    description: String,
    quantity: u32,
    unit_price: ApiPrice,
    /// Not rounded: only the sum is.
    amount: ApiPrice,
}

impl From<&InvoiceLine> for InvoiceLineBody {
    fn from(line: &InvoiceLine) -> Self {
        Self {
            description: line.description.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price.into(),
            amount: line.amount.into(),
        }
    }
}

/// An invoice.
#[derive(Object)]
#[oai(rename = "Invoice", rename_all = "camelCase")]
pub struct InvoiceBody {
    invoice_id: ApiExternalId<kinds::Invoice>,
    /// What people call it by.
    number: String,
    /// The first instant it bills.
    period_start: ApiTimestamp,
    /// The first instant it does not.
    period_end: ApiTimestamp,
    /// How many messages it bills: as many as the log has with `invoiceId`.
    total_messages: u32,
    lines: Vec<InvoiceLineBody>,
    amount_due: ApiMoney,
    status: ApiInvoiceStatus,
    issued_at: ApiTimestamp,
    /// Until when it is to be paid.
    due_at: ApiTimestamp,
    paid_at: Option<ApiTimestamp>,
}

impl From<Invoice> for InvoiceBody {
    fn from(invoice: Invoice) -> Self {
        Self {
            number: invoice.number,
            period_start: invoice.period_start.into(),
            period_end: invoice.period_end.into(),
            total_messages: invoice.total_messages,
            lines: invoice.lines.iter().map(Into::into).collect(),
            amount_due: invoice.amount_due.into(),
            status: invoice.status.into(),
            issued_at: invoice.issued_at.into(),
            due_at: invoice.due_at.into(),
            paid_at: invoice.paid_at.map(Into::into),
            invoice_id: invoice.id.into(),
        }
    }
}

/// An address of a document.
#[derive(Object)]
#[oai(rename = "DocumentLink", rename_all = "camelCase")]
pub struct DocumentLinkBody {
    /// Opens the document without a token.
    pub url: String,
    /// Until when.
    pub expires_at: ApiTimestamp,
}
