//! Balance, invoices and usage as the API tells them.

use sarai_domain::kernel::{Money, Price, Timestamp};
use serde::Deserialize;

/// What can still be spent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// How much.
    pub balance: Price,
    /// At which instant.
    pub as_of: Timestamp,
    /// When the next invoice is made.
    pub next_invoice_on: Timestamp,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// Its id.
    pub invoice_id: String,
    /// What people call it by.
    pub number: String,
    /// The first instant it bills.
    pub period_start: Timestamp,
    /// The first instant it does not.
    pub period_end: Timestamp,
    /// How many messages it bills.
    pub total_messages: u32,
    /// What is to be paid.
    pub amount_due: Money,
    /// `paid`, `open` or `overdue`.
    pub status: String,
    /// Until when it is to be paid.
    pub due_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

/// An address that soon ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfUrl {
    /// Where the document is; none while it is being made.
    pub url: Option<String>,
}

/// Totals of a window.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageTotals {
    /// Messages accepted.
    pub messages_sent: u64,
    /// Of these, received.
    pub messages_delivered: u64,
    /// At which instant.
    pub as_of: Timestamp,
}

/// Counts by day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageSeries {
    /// The days that have a count.
    pub data: Vec<UsagePoint>,
    /// At which instant.
    pub as_of: Timestamp,
}

/// A day's count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsagePoint {
    /// Its first instant, in UTC.
    pub at: Timestamp,
    /// Of what: `messages_sent`, `messages_delivered`.
    pub metric: String,
    /// How many.
    pub value: u64,
}
