//! Text messages: the log that messaging-service keeps, and what its customers ask of it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        template::Encoding,
        values::{CountryCode, E164Phone, Environment},
    },
    kernel::{ApiKeyId, Digest, InvoiceId, MessageId, Price, TenantId, Timestamp},
};

use crate::{GatewayError, Page, PageRequest};

/// The most messages of one part of a list; an export walks parts of this size.
pub const MESSAGES_AT_ONCE: usize = 200;
/// Counts end here: more are told as this.
pub const COUNTED_MESSAGES: u32 = 50_001;

/// Whose messages, in which world.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traffic {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The world.
    pub environment: Environment,
}

/// A message to be sent or priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Whose it is.
    pub of: Traffic,
    /// The key it is sent with.
    pub key_id: Option<ApiKeyId>,
    /// To whom.
    pub to: E164Phone,
    /// The sender id that is shown.
    pub from: String,
    /// What it says.
    pub body: String,
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageStatus {
    /// Accepted.
    Queued,
    /// Handed to an operator.
    Sent,
    /// Received.
    Delivered,
    /// It came to nothing.
    Failed,
}

impl MessageStatus {
    /// Every status with its name.
    pub const ALL: &[(Self, &str)] = &[
        (Self::Queued, "queued"),
        (Self::Sent, "sent"),
        (Self::Delivered, "delivered"),
        (Self::Failed, "failed"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// The status of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(status, _)| *status)
    }
}

/// A message of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The key it was sent with.
    pub key_id: Option<ApiKeyId>,
    /// To whom.
    pub to: E164Phone,
    /// The sender id.
    pub from: String,
    /// What it says; none once it is removed.
    pub body: Option<String>,
    /// When that was removed.
    pub body_redacted_at: Option<Timestamp>,
    /// The digest of what it says, which stays.
    pub body_digest: Digest,
    /// How it is written.
    pub encoding: Encoding,
    /// How many parts it has.
    pub segments: u8,
    /// What it costs.
    pub price: Price,
    /// Where it is.
    pub status: MessageStatus,
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// When it was handed over.
    pub sent_at: Option<Timestamp>,
    /// When it was received.
    pub delivered_at: Option<Timestamp>,
    /// When it came to nothing.
    pub failed_at: Option<Timestamp>,
    /// The operator, once it is known.
    pub operator_name: Option<String>,
    /// Why it came to nothing.
    pub error_code: Option<String>,
}

/// What a message would be and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageQuote {
    /// How it would be written.
    pub encoding: Encoding,
    /// How many parts it would have.
    pub segments: u8,
    /// What it would cost.
    pub price: Price,
    /// What would be left; none when there is not enough.
    pub balance_after: Option<Price>,
}

/// Whom a message went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// This number.
    Number(E164Phone),
    /// A number that begins like this: `+` and at least four digits.
    Prefix(String),
}

/// Which messages. What is not said is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// In any of these; empty: in any.
    pub statuses: BTreeSet<MessageStatus>,
    /// To whom.
    pub to: Option<Recipient>,
    /// From this sender id.
    pub from: Option<String>,
    /// Accepted at this instant or later.
    pub after: Option<Timestamp>,
    /// Accepted before this instant.
    pub before: Option<Timestamp>,
    /// Sent with this key.
    pub key_id: Option<ApiKeyId>,
    /// Billed by this invoice: exactly those, whatever `after` and `before` say.
    pub invoice_id: Option<InvoiceId>,
}

/// How many messages are where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageStats {
    /// Accepted.
    pub queued: u32,
    /// Handed to an operator.
    pub sent: u32,
    /// Received.
    pub delivered: u32,
    /// Came to nothing.
    pub failed: u32,
    /// After how many days what a message says is removed.
    pub retention_days: u32,
}

/// What is known for good of a message that is over, for whoever signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    /// The message.
    pub message_id: MessageId,
    /// To whom.
    pub to: E164Phone,
    /// From which sender id.
    pub from: String,
    /// The digest of what it said.
    pub body_digest: Digest,
    /// Delivered or failed.
    pub status: MessageStatus,
    /// The operator, when it is known.
    pub operator_name: Option<String>,
    /// Why it came to nothing.
    pub error_code: Option<String>,
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// When it was handed over.
    pub sent_at: Option<Timestamp>,
    /// When it was over.
    pub final_at: Timestamp,
}

/// A name or number that a tenant may send from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderId {
    /// As it is shown.
    pub sender: String,
    /// Where it is registered; empty: everywhere.
    pub countries: BTreeSet<CountryCode>,
}

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Whoever sent it.
    Sender,
    /// Whoever should have received it.
    Recipient,
    /// The operator.
    Operator,
    /// The platform.
    Platform,
}

/// A text in the languages of the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    /// English.
    pub en: String,
    /// Pashto.
    pub ps: String,
    /// Dari.
    pub fa: String,
}

/// Why a message comes to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageErrorCode {
    /// The code.
    pub code: String,
    /// Whose fault it is.
    pub fault: Fault,
    /// What it means.
    pub meaning: Translated,
    /// What to do next.
    pub next_step: Translated,
}

/// How an operator does, over all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorHealth {
    /// The operator.
    pub operator_name: String,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How many messages were over in that time; none below [`SHOWN_FROM`].
    pub messages: Option<u32>,
    /// How many ten-thousandths of them failed; none below [`SHOWN_FROM`].
    pub failed_bps: Option<u32>,
}

/// Fewer messages say nothing of an operator, and too much of who sent them.
pub const SHOWN_FROM: u32 = 50;

/// The messages that were accepted on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyMessages {
    /// The beginning of the day, UTC.
    pub day: Timestamp,
    /// How many left.
    pub sent: u32,
    /// How many of those were received.
    pub delivered: u32,
    /// How many came to nothing, whether they had left or not.
    pub failed: u32,
}

/// Which days to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyRequest {
    /// Whose messages.
    pub of: Traffic,
    /// Sent with this key only.
    pub key_id: Option<ApiKeyId>,
    /// From the day of this instant.
    pub from: Timestamp,
    /// Before this instant; at most 400 days later.
    pub until: Timestamp,
}

/// messaging-service. Its log is asked and never copied (devportal.md 3.13).
#[async_trait]
pub trait MessagingGateway: Send + Sync {
    /// Sends a message, once under its key. Refused as `insufficient_balance`, `sender_not_allowed`, `no_route`,
    /// `body_too_long`, `body_empty` or `key_reused`.
    async fn send(&self, key: &str, message: &NewMessage) -> Result<Message, GatewayError>;
    /// What it would be and cost. Refused as sending it would be, but for the balance.
    async fn quote(&self, message: &NewMessage) -> Result<MessageQuote, GatewayError>;
    /// The latest first, at most [`MESSAGES_AT_ONCE`]. An export walks from part to part until there is none.
    async fn messages(
        &self,
        of: &Traffic,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, GatewayError>;
    /// How many there are by status, each count capped at [`COUNTED_MESSAGES`]; `statuses` is not asked.
    async fn stats(&self, of: &Traffic, filter: &MessageFilter) -> Result<MessageStats, GatewayError>;
    /// One message.
    async fn message(&self, of: &Traffic, id: &MessageId) -> Result<Option<Message>, GatewayError>;
    /// What is known for good of one. Refused as `not_final` while it is under way.
    async fn receipt(&self, of: &Traffic, id: &MessageId) -> Result<Option<DeliveryReceipt>, GatewayError>;
    /// What a tenant may send from.
    async fn sender_ids(&self, tenant: &TenantId) -> Result<Vec<SenderId>, GatewayError>;
    /// Every code that a message can fail with.
    async fn error_codes(&self) -> Result<Vec<MessageErrorCode>, GatewayError>;
    /// How an operator did in the last hour; none for an operator that is not known.
    async fn operator_health(&self, operator: &str) -> Result<Option<OperatorHealth>, GatewayError>;
    /// Counts day by day, also days of nothing.
    async fn daily(&self, request: &DailyRequest) -> Result<Vec<DailyMessages>, GatewayError>;
}
