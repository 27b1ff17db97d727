//! Messaging's bodies.

use std::collections::BTreeSet;

use sarai_domain::{
    devportal::{
        template::Encoding,
        values::{CountryCode, E164Phone, Environment},
    },
    kernel::{ApiKeyId, Digest, InvoiceId, MessageId, Price, TenantId, Timestamp},
};
use sarai_ports::{
    PageRequest,
    devportal::{
        DailyMessages, DailyRequest, DeliveryReceipt, Fault, Message, MessageErrorCode, MessageFilter,
        MessageQuote, MessageStats, MessageStatus, NewMessage, OperatorHealth, Recipient, SenderId, Traffic,
        Translated,
    },
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Wired, define};

/// Which messages of a list.
#[derive(Serialize, Deserialize)]
pub struct Search {
    /// Whose.
    #[serde(with = "super::wired")]
    pub of: Traffic,
    /// Which.
    #[serde(default, with = "super::wired")]
    pub filter: MessageFilter,
    /// Which part.
    #[serde(with = "super::wired")]
    pub page: PageRequest,
}

/// Which messages to count.
#[derive(Serialize, Deserialize)]
pub struct Count {
    /// Whose.
    #[serde(with = "super::wired")]
    pub of: Traffic,
    /// Which.
    #[serde(default, with = "super::wired")]
    pub filter: MessageFilter,
}

/// One message.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OneMessage {
    /// Whose.
    #[serde(with = "super::wired")]
    pub of: Traffic,
    /// Which.
    pub message_id: MessageId,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Traffic", rename_all = "camelCase")]
struct TrafficDef {
    tenant_id: TenantId,
    environment: Environment,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "NewMessage", rename_all = "camelCase")]
struct NewMessageDef {
    #[serde(with = "super::wired")]
    of: Traffic,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<ApiKeyId>,
    #[serde(with = "super::wired")]
    to: E164Phone,
    from: String,
    body: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageStatus", rename_all = "snake_case")]
enum MessageStatusDef {
    Queued,
    Sent,
    Delivered,
    Failed,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Message", rename_all = "camelCase")]
struct MessageDef {
    #[serde(rename = "messageId")]
    id: MessageId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<ApiKeyId>,
    #[serde(with = "super::wired")]
    to: E164Phone,
    from: String,
    body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_redacted_at: Option<Timestamp>,
    body_digest: Digest,
    encoding: Encoding,
    segments: u8,
    price: Price,
    #[serde(with = "super::wired")]
    status: MessageStatus,
    submitted_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageQuote", rename_all = "camelCase")]
struct MessageQuoteDef {
    encoding: Encoding,
    segments: u8,
    price: Price,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    balance_after: Option<Price>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Recipient", rename_all = "snake_case")]
enum RecipientDef {
    Number(#[serde(with = "super::wired")] E164Phone),
    Prefix(String),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageFilter", rename_all = "camelCase")]
struct MessageFilterDef {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "super::set")]
    statuses: BTreeSet<MessageStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::maybe")]
    to: Option<Recipient>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<ApiKeyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invoice_id: Option<InvoiceId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageStats", rename_all = "camelCase")]
struct MessageStatsDef {
    queued: u32,
    sent: u32,
    delivered: u32,
    failed: u32,
    retention_days: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DeliveryReceipt", rename_all = "camelCase")]
struct DeliveryReceiptDef {
    message_id: MessageId,
    #[serde(with = "super::wired")]
    to: E164Phone,
    from: String,
    body_digest: Digest,
    #[serde(with = "super::wired")]
    status: MessageStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    submitted_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    final_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SenderId")]
struct SenderIdDef {
    sender: String,
    #[serde(default)]
    countries: BTreeSet<CountryCode>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Fault", rename_all = "snake_case")]
enum FaultDef {
    Sender,
    Recipient,
    Operator,
    Platform,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Translated")]
struct TranslatedDef {
    en: String,
    ps: String,
    fa: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageErrorCode", rename_all = "camelCase")]
struct MessageErrorCodeDef {
    code: String,
    #[serde(with = "FaultDef")]
    fault: Fault,
    #[serde(with = "TranslatedDef")]
    meaning: Translated,
    #[serde(with = "TranslatedDef")]
    next_step: Translated,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "OperatorHealth", rename_all = "camelCase")]
struct OperatorHealthDef {
    operator_name: String,
    from: Timestamp,
    until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    messages: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed_bps: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DailyMessages")]
struct DailyMessagesDef {
    day: Timestamp,
    sent: u32,
    delivered: u32,
    failed: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DailyRequest", rename_all = "camelCase")]
struct DailyRequestDef {
    #[serde(with = "super::wired")]
    of: Traffic,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<ApiKeyId>,
    from: Timestamp,
    until: Timestamp,
}

define! {
    Traffic = TrafficDef,
    NewMessage = NewMessageDef,
    MessageStatus = MessageStatusDef,
    Message = MessageDef,
    MessageQuote = MessageQuoteDef,
    Recipient = RecipientDef,
    MessageFilter = MessageFilterDef,
    MessageStats = MessageStatsDef,
    DeliveryReceipt = DeliveryReceiptDef,
    SenderId = SenderIdDef,
    MessageErrorCode = MessageErrorCodeDef,
    OperatorHealth = OperatorHealthDef,
    DailyMessages = DailyMessagesDef,
    DailyRequest = DailyRequestDef,
}

/// A number as text: its own form is the mask.
impl Wired for E164Phone {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
