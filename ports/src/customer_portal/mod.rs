//! The platform's API as the customer portal uses it (rulings R29 to R32): everything the pages show comes through
//! [`PlatformApi`].
//!
//! - [`session`]: signing in; [`keys`], [`messages`], [`webhooks`], [`billing`]: what the routes of that name answer
//! - [`DeveloperApi`]: the part for developers; [`verify`], [`sandboxes`], [`docs`], [`sdks`]: what its routes answer

use std::net::IpAddr;

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use serde::Deserialize;

pub mod billing;
mod developer;
pub mod docs;
pub mod keys;
pub mod messages;
pub mod sandboxes;
pub mod sdks;
mod secret;
pub mod session;
pub mod verify;
pub mod webhooks;

pub use developer::DeveloperApi;
pub use secret::SecretText;

use self::{
    billing::{Balance, Invoice, PdfUrl, UsageSeries, UsageTotals},
    keys::{CreatedKey, Key, KeyTraffic, NewKey, Rotation},
    messages::{
        DeliveryReceipt, ErrorCode, Message, MessageQuery, MessageQuote, MessageStats, NewMessage,
        OperatorHealth, SenderId,
    },
    session::{Me, SignIn, Tokens},
    webhooks::{
        Delivery, DeliveryCount, DeliveryQuery, Diagnosis, NewWebhook, Recovered, SeenRequest, Webhook,
        WebhookAction, WebhookSecret,
    },
};

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next part begins.
    pub next_cursor: Option<String>,
    /// Whether there is one.
    #[serde(default)]
    pub has_more: bool,
    /// Where the part before begins.
    #[serde(default)]
    pub prev_cursor: Option<String>,
}

/// A field that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldRefusal {
    /// Which, as a JSON pointer or the name of a parameter.
    pub pointer: String,
    /// Why, for a machine.
    pub code: String,
}

/// A refusal of the API, without its sentences: pages have their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// Why, for a machine.
    pub code: String,
    /// Which fields.
    pub fields: Vec<FieldRefusal>,
    /// After how many seconds to try again.
    pub retry_after: Option<u64>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlatformError {
    /// The API refused.
    #[error("the API refused: {} {}", .0.status, .0.code)]
    Refused(Refusal),
    /// There was no connection, or it broke.
    #[error("the API is out of reach")]
    Unreachable,
    /// There was no answer in time.
    #[error("the API did not answer in time")]
    Late,
    /// What it answered is not understood.
    #[error("the API's answer is not understood")]
    Misunderstood,
}

impl PlatformError {
    /// Whether the API refused with this code.
    pub fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == code)
    }

    /// The status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Unreachable | Self::Late | Self::Misunderstood => None,
        }
    }
}

/// On whose behalf a call is made.
#[derive(Debug, Clone, Copy)]
pub struct On<'a> {
    /// Whose access token; none before somebody is signed in.
    pub token: Option<&'a SecretText>,
    /// The page's request.
    pub request_id: &'a str,
    /// Where the browser is.
    pub client: Option<IpAddr>,
    /// The world, where a call asks for one (ruling R6).
    pub environment: &'a str,
}

/// What an answer is.
pub type Answer<T> = Result<T, PlatformError>;

/// The API. A method is a route; its name is the route's (ruling "Routes the pages need").
#[async_trait]
pub trait PlatformApi: DeveloperApi + Send + Sync {
    /// `POST /auth/sessions`.
    async fn sign_in(&self, on: On<'_>, who: &SignIn) -> Answer<Tokens>;
    /// `POST /auth/sessions/refresh`.
    async fn refresh(&self, on: On<'_>, refresh_token: &SecretText) -> Answer<Tokens>;
    /// `DELETE /auth/sessions/current`.
    async fn sign_out(&self, on: On<'_>) -> Answer<()>;
    /// `GET /me`.
    async fn me(&self, on: On<'_>) -> Answer<Me>;

    /// `GET /keys`.
    async fn keys(&self, on: On<'_>, cursor: Option<&str>) -> Answer<Listed<Key>>;
    /// `GET /keys/{id}`.
    async fn key(&self, on: On<'_>, id: &str) -> Answer<Key>;
    /// `POST /keys`.
    async fn create_key(&self, on: On<'_>, once: &str, key: &NewKey) -> Answer<CreatedKey>;
    /// `POST /keys/{id}/rotate`.
    async fn rotate_key(&self, on: On<'_>, once: &str, id: &str, overlap_seconds: u32) -> Answer<Rotation>;
    /// `DELETE /keys/{id}`.
    async fn revoke_key(&self, on: On<'_>, id: &str) -> Answer<()>;
    /// `GET /keys/{id}/traffic` of the last days.
    async fn key_traffic(&self, on: On<'_>, id: &str, days: u8) -> Answer<KeyTraffic>;

    /// `GET /messages`.
    async fn messages(
        &self,
        on: On<'_>,
        query: &MessageQuery,
        limit: u8,
        cursor: Option<&str>,
    ) -> Answer<Listed<Message>>;
    /// `GET /messages/stats`.
    async fn message_stats(&self, on: On<'_>, query: &MessageQuery) -> Answer<MessageStats>;
    /// `GET /messages/export`, whole.
    async fn export_messages(&self, on: On<'_>, query: &MessageQuery) -> Answer<Vec<Message>>;
    /// `GET /messages/{id}`.
    async fn message(&self, on: On<'_>, id: &str) -> Answer<Message>;
    /// `GET /messages/{id}/receipt`.
    async fn message_receipt(&self, on: On<'_>, id: &str) -> Answer<DeliveryReceipt>;
    /// `POST /message-quotes`.
    async fn quote_message(&self, on: On<'_>, message: &NewMessage) -> Answer<MessageQuote>;
    /// `POST /messages`.
    async fn send_message(&self, on: On<'_>, once: &str, message: &NewMessage) -> Answer<Message>;
    /// `GET /sender-ids`.
    async fn sender_ids(&self, on: On<'_>) -> Answer<Vec<SenderId>>;
    /// `GET /message-error-codes`.
    async fn message_error_codes(&self, on: On<'_>) -> Answer<Vec<ErrorCode>>;
    /// `GET /operators/{name}/health`.
    async fn operator_health(&self, on: On<'_>, name: &str) -> Answer<OperatorHealth>;

    /// `GET /balance`.
    async fn balance(&self, on: On<'_>) -> Answer<Balance>;
    /// `GET /invoices`.
    async fn invoices(
        &self,
        on: On<'_>,
        status: Option<&str>,
        cursor: Option<&str>,
    ) -> Answer<Listed<Invoice>>;
    /// `GET /invoices/{id}`.
    async fn invoice(&self, on: On<'_>, id: &str) -> Answer<Invoice>;
    /// `POST /invoices/{id}/pdf-url`.
    async fn invoice_pdf(&self, on: On<'_>, id: &str) -> Answer<PdfUrl>;
    /// `GET /usage/summary`.
    async fn usage_summary(&self, on: On<'_>, from: &str, to: &str) -> Answer<UsageTotals>;
    /// `GET /usage/timeseries`, messages by day of UTC.
    async fn usage_series(&self, on: On<'_>, from: &str, to: &str) -> Answer<UsageSeries>;

    /// `GET /webhooks`.
    async fn webhooks(&self, on: On<'_>, cursor: Option<&str>) -> Answer<Listed<Webhook>>;
    /// `GET /webhooks/{id}`.
    async fn webhook(&self, on: On<'_>, id: &str) -> Answer<Webhook>;
    /// `POST /webhooks`.
    async fn create_webhook(&self, on: On<'_>, once: &str, webhook: &NewWebhook) -> Answer<WebhookSecret>;
    /// `PATCH /webhooks/{id}`.
    async fn edit_webhook(&self, on: On<'_>, id: &str, version: u64, webhook: &NewWebhook)
    -> Answer<Webhook>;
    /// `POST /webhooks/{id}/enable`, `/disable`, `/test`.
    async fn act_on_webhook(&self, on: On<'_>, once: &str, id: &str, action: WebhookAction) -> Answer<()>;
    /// `POST /webhooks/{id}/test`: what became of the event, as far as it is known when the API stops waiting.
    async fn test_webhook(&self, on: On<'_>, once: &str, id: &str) -> Answer<Delivery>;
    /// `POST /webhooks/{id}/rotate-secret`.
    async fn roll_webhook_secret(&self, on: On<'_>, once: &str, id: &str) -> Answer<WebhookSecret>;
    /// `DELETE /webhooks/{id}`.
    async fn delete_webhook(&self, on: On<'_>, id: &str) -> Answer<()>;
    /// `GET /webhooks/{id}/deliveries`.
    async fn deliveries(
        &self,
        on: On<'_>,
        id: &str,
        query: &DeliveryQuery,
        cursor: Option<&str>,
    ) -> Answer<Listed<Delivery>>;
    /// `GET /deliveries/{id}`.
    async fn delivery(&self, on: On<'_>, id: &str) -> Answer<Delivery>;
    /// `POST /webhooks/{endpoint}/deliveries/{id}/replay`.
    async fn replay_delivery(&self, on: On<'_>, once: &str, endpoint: &str, id: &str) -> Answer<Delivery>;
    /// `GET /webhooks/{id}/deliveries/count`.
    async fn delivery_count(&self, on: On<'_>, id: &str, query: &DeliveryQuery) -> Answer<DeliveryCount>;
    /// `POST /webhooks/{id}/recover`.
    async fn recover_webhook(&self, on: On<'_>, once: &str, id: &str, since: Timestamp) -> Answer<Recovered>;
    /// `POST /deliveries/{id}/diagnose`.
    async fn diagnose_delivery(&self, on: On<'_>, id: &str, seen: &SeenRequest) -> Answer<Diagnosis>;
}
