//! The bodies of balance and invoices.

use std::collections::BTreeSet;

use sarai_domain::kernel::{InvoiceId, Money, Price, Timestamp};
use sarai_ports::{
    PageRequest,
    devportal::{Balance, Invoice, InvoiceLine, InvoiceStatus},
};
use serde::{Deserialize, Serialize};

use super::define;

/// Which invoices of a list.
#[derive(Serialize, Deserialize)]
pub struct InvoiceSearch {
    /// In any of these; none: in any.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "super::set")]
    pub statuses: BTreeSet<InvoiceStatus>,
    /// Which part.
    #[serde(with = "super::wired")]
    pub page: PageRequest,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Balance", rename_all = "camelCase")]
struct BalanceDef {
    balance: Price,
    as_of: Timestamp,
    next_invoice_on: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "InvoiceStatus", rename_all = "snake_case")]
enum InvoiceStatusDef {
    Paid,
    Open,
    Overdue,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "InvoiceLine", rename_all = "camelCase")]
struct InvoiceLineDef {
    description: String,
    quantity: u32,
    unit_price: Price,
    amount: Price,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Invoice", rename_all = "camelCase")]
struct InvoiceDef {
    #[serde(rename = "invoiceId")]
    id: InvoiceId,
    number: String,
    period_start: Timestamp,
    period_end: Timestamp,
    total_messages: u32,
    #[serde(with = "super::list")]
    lines: Vec<InvoiceLine>,
    amount_due: Money,
    #[serde(with = "super::wired")]
    status: InvoiceStatus,
    issued_at: Timestamp,
    due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
}

define! {
    Balance = BalanceDef,
    InvoiceStatus = InvoiceStatusDef,
    InvoiceLine = InvoiceLineDef,
    Invoice = InvoiceDef,
}
