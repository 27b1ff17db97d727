//! Messages as they are asked for and shown.

use poem_openapi::{Enum, Object};
use sarai_application::devportal::messages::{Draft, SignedReceipt};
use sarai_domain::{
    devportal::{template::Encoding, values::E164Phone},
    kernel::{external_id::kinds, id::kinds::ApiKey},
};
use sarai_ports::devportal::{Message, MessageQuote, MessageStats, MessageStatus};

use super::key_body::ApiEnvironment;
use crate::{
    problem::Problem,
    scalars::{ApiExternalId, ApiId, ApiPrice, ApiTimestamp},
};

/// The most of a sender id.
const MAX_SENDER: usize = 16;

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "MessageStatus", rename_all = "snake_case")]
pub enum ApiMessageStatus {
    /// Accepted.
    Queued,
    /// Handed to an operator.
    Sent,
    /// Received.
    Delivered,
    /// It came to nothing.
    Failed,
}

/// Each status on the wire and in the ports.
const STATUSES: &[(ApiMessageStatus, MessageStatus)] = &[
    (ApiMessageStatus::Queued, MessageStatus::Queued),
    (ApiMessageStatus::Sent, MessageStatus::Sent),
    (ApiMessageStatus::Delivered, MessageStatus::Delivered),
    (ApiMessageStatus::Failed, MessageStatus::Failed),
];

impl From<ApiMessageStatus> for MessageStatus {
    fn from(status: ApiMessageStatus) -> Self {
        STATUSES.iter().find(|(api, _)| *api == status).map_or(Self::Queued, |(_, known)| *known)
    }
}

impl From<MessageStatus> for ApiMessageStatus {
    fn from(status: MessageStatus) -> Self {
        STATUSES.iter().find(|(_, known)| *known == status).map_or(Self::Queued, |(api, _)| *api)
    }
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Encoding", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiEncoding {
    /// The 7-bit alphabet of GSM 03.38.
    Gsm7,
    /// UTF-16.
    Ucs2,
}

impl From<Encoding> for ApiEncoding {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Gsm7 => Self::Gsm7,
            Encoding::Ucs2 => Self::Ucs2,
        }
    }
}

/// A message that is asked for.
#[derive(Object)]
#[oai(rename = "NewMessage", rename_all = "camelCase")]
pub struct NewMessageBody {
    /// To whom: `+`, the country's code, the number. Digits may be Persian or Arabic.
    to: String,
    /// The sender id that is shown.
    from: String,
    /// What it says.
    body: String,
    /// In which world; of a key its own, else PRODUCTION.
    environment: Option<ApiEnvironment>,
}

impl NewMessageBody {
    /// As the use case takes it.
    ///
    /// # Errors
    /// `validation_failed` naming the member.
    pub fn parse(self) -> Result<Draft, Problem> {
        let to = E164Phone::parse(&self.to).map_err(|error| Problem::field("/to", error.to_string()))?;
        if self.from.chars().count() > MAX_SENDER {
            return Err(Problem::field("/from", "a sender id is at most 16 characters"));
        }
        Ok(Draft { environment: self.environment.map(Into::into), to, from: self.from, body: self.body })
    }
}

/// A message of the log.
#[derive(Object)]
#[oai(rename = "Message", rename_all = "camelCase")]
pub struct MessageBody {
    message_id: ApiExternalId<kinds::Message>,
    /// The key it was sent with.
    key_id: Option<ApiId<ApiKey>>,
    /// To whom.
    to: String,
    /// The sender id.
    from: String,
    /// What it says; null once that is removed.
    body: Option<String>,
    /// When that was removed.
    body_redacted_at: Option<ApiTimestamp>,
    /// SHA-256 of what it says, hex; it stays.
    body_digest: String,
    encoding: ApiEncoding,
    /// How many parts it has.
    segments: u8,
    price: ApiPrice,
    status: ApiMessageStatus,
    /// When it was accepted.
    submitted_at: ApiTimestamp,
    /// When it was handed to the operator.
    sent_at: Option<ApiTimestamp>,
    delivered_at: Option<ApiTimestamp>,
    failed_at: Option<ApiTimestamp>,
    /// The operator, once it is known.
    operator_name: Option<String>,
    /// Why it came to nothing.
    error_code: Option<String>,
}

impl From<Message> for MessageBody {
    fn from(message: Message) -> Self {
        Self {
            key_id: message.key_id.map(Into::into),
            to: message.to.as_str().to_owned(),
            from: message.from,
            body: message.body,
            body_redacted_at: message.body_redacted_at.map(Into::into),
            body_digest: message.body_digest.to_string(),
            encoding: message.encoding.into(),
            segments: message.segments,
            price: message.price.into(),
            status: message.status.into(),
            submitted_at: message.submitted_at.into(),
            sent_at: message.sent_at.map(Into::into),
            delivered_at: message.delivered_at.map(Into::into),
            failed_at: message.failed_at.map(Into::into),
            operator_name: message.operator_name,
            error_code: message.error_code,
            message_id: message.id.into(),
        }
    }
}

/// What a message would be and cost.
#[derive(Object)]
#[oai(rename = "MessageQuote", rename_all = "camelCase")]
pub struct MessageQuoteBody {
    encoding: ApiEncoding,
    segments: u8,
    price: ApiPrice,
    /// What would be left; null when there is not enough.
    balance_after: Option<ApiPrice>,
}

impl From<MessageQuote> for MessageQuoteBody {
    fn from(quote: MessageQuote) -> Self {
        Self {
            encoding: quote.encoding.into(),
            segments: quote.segments,
            price: quote.price.into(),
            balance_after: quote.balance_after.map(Into::into),
        }
    }
}

/// How many messages are where.
#[derive(Object)]
#[oai(rename = "MessageStats", rename_all = "camelCase")]
pub struct MessageStatsBody {
    queued: u32,
    sent: u32,
    delivered: u32,
    failed: u32,
    /// Counts end here: this many means this many or more.
    counted_up_to: u32,
    /// After how many days what a message says is removed.
    retention_days: u32,
}

impl From<MessageStats> for MessageStatsBody {
    fn from(stats: MessageStats) -> Self {
        Self {
            queued: stats.queued,
            sent: stats.sent,
            delivered: stats.delivered,
            failed: stats.failed,
            counted_up_to: sarai_ports::devportal::COUNTED_MESSAGES,
            retention_days: stats.retention_days,
        }
    }
}

/// What is known for good of a message that is over.
#[derive(Object)]
#[oai(rename = "DeliveryReceipt", rename_all = "camelCase")]
pub struct DeliveryReceiptBody {
    message_id: ApiExternalId<kinds::Message>,
    to: String,
    from: String,
    /// SHA-256 of what it said, hex.
    body_digest: String,
    /// `delivered` or `failed`.
    status: ApiMessageStatus,
    operator_name: Option<String>,
    error_code: Option<String>,
    submitted_at: ApiTimestamp,
    sent_at: Option<ApiTimestamp>,
    /// When it was over.
    final_at: ApiTimestamp,
    /// The key that signed it, one of `/v1/.well-known/jwks.json`.
    key_id: String,
    /// The same as a compact JWS, which anybody can check without asking.
    token: String,
}

impl From<SignedReceipt> for DeliveryReceiptBody {
    fn from(SignedReceipt { receipt, key_id, token }: SignedReceipt) -> Self {
        Self {
            message_id: receipt.message_id.into(),
            to: receipt.to.as_str().to_owned(),
            from: receipt.from,
            body_digest: receipt.body_digest.to_string(),
            status: receipt.status.into(),
            operator_name: receipt.operator_name,
            error_code: receipt.error_code,
            submitted_at: receipt.submitted_at.into(),
            sent_at: receipt.sent_at.map(Into::into),
            final_at: receipt.final_at.into(),
            key_id,
            token,
        }
    }
}
