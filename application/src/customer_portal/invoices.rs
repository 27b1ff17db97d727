//! Invoices as the page lists them.

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::billing::Invoice;

use super::numbers;

/// An invoice in the list. Where its document is, is asked afresh when somebody wants it, and never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceItem {
    /// Its id.
    pub invoice_id: String,
    /// What people call it by.
    pub number: String,
    /// The first instant it bills.
    pub period_start: Timestamp,
    /// The last one.
    pub period_end: Timestamp,
    /// How many messages it bills.
    pub total_messages: u32,
    /// What is to be paid, as it is printed.
    pub amount_due: String,
    /// `paid`, `open` or `overdue`.
    pub status: String,
    /// Until when.
    pub due_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

impl From<&Invoice> for InvoiceItem {
    fn from(invoice: &Invoice) -> Self {
        Self {
            invoice_id: invoice.invoice_id.clone(),
            number: invoice.number.clone(),
            period_start: invoice.period_start,
            // The API tells the first instant that is not billed: people read the last day.
            period_end: invoice.period_end.plus(-time::Duration::SECOND),
            total_messages: invoice.total_messages,
            amount_due: numbers::money(&invoice.amount_due),
            status: invoice.status.clone(),
            due_at: invoice.due_at,
            paid_at: invoice.paid_at,
        }
    }
}

/// The statuses a list can be narrowed to.
pub const STATUSES: &[&str] = &["open", "overdue", "paid"];
