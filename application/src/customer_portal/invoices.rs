//! Invoices as the page lists them.

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::{billing::Invoice, messages::MessageStats};

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

/// Counts of the log go no further: one more stands for more.
pub const COUNTED_MAX: u64 = 50_000;

/// An invoice held against the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// How many messages it bills.
    pub billed: u64,
    /// How many the log has of them; none when they are too many to be counted.
    pub logged: Option<u64>,
    /// How many more the log has than are billed.
    pub difference: Option<i64>,
}

impl Proof {
    /// An invoice and the counts of the messages that it bills.
    pub fn of(invoice: &Invoice, stats: &MessageStats) -> Self {
        let counts = [stats.queued, stats.sent, stats.delivered, stats.failed].map(u64::from);
        let billed = u64::from(invoice.total_messages);
        let logged = counts.iter().all(|count| *count <= COUNTED_MAX).then(|| counts.iter().sum::<u64>());
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let difference = logged.map(|logged| signed(logged).saturating_sub(signed(billed)));
        Self { billed, logged, difference }
    }
}

#[cfg(test)]
mod tests {
    use sarai_domain::kernel::{Currency, Money};

    use super::*;

    #[test]
    fn an_invoice_is_held_against_the_log() {
        let at = Timestamp::from_unix_micros(0);
        let usd = Currency::parse("USD").unwrap();
        let invoice = |total_messages| Invoice {
            invoice_id: "inv_1".to_owned(),
            number: "1".to_owned(),
            period_start: at,
            period_end: at,
            total_messages,
            amount_due: Money::parse("1.00", usd).unwrap(),
            status: "open".to_owned(),
            due_at: at,
            paid_at: None,
        };
        let stats = |delivered| MessageStats { delivered, failed: 2, ..MessageStats::default() };
        assert_eq!(
            Proof::of(&invoice(7), &stats(5)),
            Proof { billed: 7, logged: Some(7), difference: Some(0) }
        );
        assert_eq!(Proof::of(&invoice(9), &stats(5)).difference, Some(-2));
        assert_eq!(Proof::of(&invoice(3), &stats(5)).difference, Some(4));
        assert_eq!(
            Proof::of(&invoice(9), &stats(50_001)),
            Proof { billed: 9, logged: None, difference: None }
        );
    }
}
