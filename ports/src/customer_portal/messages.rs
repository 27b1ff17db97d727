//! Messages as the API tells them.

use sarai_domain::{
    devportal::values::Locale,
    kernel::{Price, Timestamp},
};
use serde::{Deserialize, Serialize};

/// A message of the log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    pub message_id: String,
    /// To whom, in E.164.
    pub to: String,
    /// The sender id.
    pub from: String,
    /// What it says; none once that is removed.
    pub body: Option<String>,
    /// When it was removed.
    pub body_redacted_at: Option<Timestamp>,
    /// `queued`, `sent`, `delivered` or `failed`.
    pub status: String,
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// When it was handed over.
    pub sent_at: Option<Timestamp>,
    /// When it was received.
    pub delivered_at: Option<Timestamp>,
    /// When it came to nothing.
    pub failed_at: Option<Timestamp>,
    /// The operator.
    pub operator_name: Option<String>,
    /// Why it came to nothing.
    pub error_code: Option<String>,
    /// The key it was sent with.
    pub key_id: Option<String>,
    /// `GSM7` or `UCS2`.
    pub encoding: String,
    /// How many parts it has.
    pub segments: u8,
    /// What it costs.
    pub price: Price,
}

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageQuery {
    /// In any of these; empty: in any.
    pub statuses: Vec<String>,
    /// To this number, or to numbers that begin like this and end in `*`.
    pub to: Option<String>,
    /// From this sender id.
    pub from: Option<String>,
    /// Accepted at this instant or later.
    pub after: Option<Timestamp>,
    /// Accepted before this instant.
    pub before: Option<Timestamp>,
    /// Sent with this key.
    pub key_id: Option<String>,
    /// Billed by this invoice.
    pub invoice_id: Option<String>,
}

/// How many messages are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageStats {
    /// Accepted.
    pub queued: u32,
    /// Handed over.
    pub sent: u32,
    /// Received.
    pub delivered: u32,
    /// Came to nothing.
    pub failed: u32,
    /// After how many days the text is removed.
    pub retention_days: u32,
}

/// A message to send or to price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewMessage {
    /// To whom.
    pub to: String,
    /// From which sender id.
    pub from: String,
    /// What it says.
    pub body: String,
    /// In which world.
    pub environment: String,
}

/// What a message would be and cost.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageQuote {
    /// How it would be written.
    pub encoding: String,
    /// How many parts it would have.
    pub segments: u8,
    /// What it would cost.
    pub price: Price,
    /// What would be left; none when there is not enough.
    pub balance_after: Option<Price>,
}

/// A sender id of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderId {
    /// As it is shown.
    pub sender: String,
}

/// A text in the languages of the pages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Translated {
    /// In English.
    pub en: String,
    /// In Pashto.
    pub ps: String,
    /// In Dari.
    pub fa: String,
}

impl Translated {
    /// In this language.
    pub fn of(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::Ps => &self.ps,
            Locale::Fa => &self.fa,
        }
    }
}

/// Why a message came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorCode {
    /// The code.
    pub code: String,
    /// Who can do something about it: `sender`, `recipient`, `operator`, `platform`.
    pub fault: String,
    /// What it means.
    pub meaning: Translated,
    /// What to do.
    pub next_step: Translated,
}

/// How an operator does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorHealth {
    /// Which.
    pub operator_name: String,
    /// How many messages it was handed within the hour; none when too few to tell.
    pub messages: Option<u32>,
    /// How many of ten thousand came to nothing; none when too few to tell.
    pub failed_bps: Option<u32>,
}

/// What is known for good of a message, signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryReceipt {
    /// The message.
    pub message_id: String,
    /// To whom.
    pub to: String,
    /// The sender id.
    pub from: String,
    /// SHA-256 of what it said, hex.
    pub body_digest: String,
    /// `delivered` or `failed`.
    pub status: String,
    /// The operator.
    pub operator_name: Option<String>,
    /// Why it came to nothing.
    pub error_code: Option<String>,
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// When it was handed over.
    pub sent_at: Option<Timestamp>,
    /// When it was over.
    pub final_at: Timestamp,
    /// The key that signed it.
    pub key_id: String,
    /// The same as a compact JWS.
    pub token: String,
}
