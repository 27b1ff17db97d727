//! The API's routes as methods.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::{
    Answer, FieldRefusal, Listed, On, PlatformApi, PlatformError, Refusal, SecretText,
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
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use zeroize::Zeroize as _;

use super::{Connector, ConnectorError, PlatformAnswer, PlatformRequest};

/// How long a call may take.
const CALL: Duration = Duration::from_secs(3);
/// How long a test of an endpoint may take: the API itself waits twelve seconds for the endpoint.
const TEST: Duration = Duration::from_secs(15);
/// How long an export may take.
const EXPORT: Duration = Duration::from_mins(2);

/// The API over a connector.
#[derive(Clone)]
pub struct PlatformClient {
    connector: Arc<dyn Connector>,
}

/// A problem (RFC 9457) as far as pages need it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    code: String,
    #[serde(default)]
    errors: Vec<FieldRefusal>,
    retry_after_seconds: Option<u64>,
}

/// A list that has no parts.
#[derive(Deserialize)]
pub(super) struct All<T> {
    pub(super) data: Vec<T>,
}

/// One call being put together.
pub(super) struct Call<'a> {
    on: On<'a>,
    method: &'static str,
    target: String,
    once: Option<&'a str>,
    sandbox: Option<&'a str>,
    version: Option<u64>,
    body: Option<Value>,
    within: Duration,
}

impl<'a> Call<'a> {
    pub(super) fn new(on: On<'a>, method: &'static str, path: &str) -> Self {
        let target = format!("/v1{path}");
        Self { on, method, target, once: None, sandbox: None, version: None, body: None, within: CALL }
    }

    pub(super) fn get(on: On<'a>, path: &str) -> Self {
        Self::new(on, "GET", path)
    }

    pub(super) fn post(on: On<'a>, path: &str, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(on, "POST", path) }
    }

    pub(super) fn once(self, key: &'a str) -> Self {
        Self { once: Some(key), ..self }
    }

    pub(super) fn in_sandbox(self, sandbox: Option<&'a str>) -> Self {
        Self { sandbox, ..self }
    }

    pub(super) fn query(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.target.push(if self.target.contains('?') { '&' } else { '?' });
            self.target.push_str(name);
            self.target.push('=');
            self.target.push_str(&encoded(value));
        }
        self
    }

    fn of_statuses(self, query: &MessageQuery) -> Self {
        query.statuses.iter().fold(self, |call, status| call.query("status", Some(status)))
    }

    fn of_deliveries(self, query: &DeliveryQuery) -> Self {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        self.query("outcome", query.outcome.as_deref())
            .query("code", query.code.as_deref())
            .query("event", query.event.as_deref())
            .query("after", time(query.after).as_deref())
            .query("before", time(query.before).as_deref())
    }

    /// All of the query but its statuses: counts are by status.
    fn of_messages(mut self, query: &MessageQuery) -> Self {
        let environment = self.on.environment;
        self = self.query("environment", Some(environment));
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        self.query("to", query.to.as_deref())
            .query("from", query.from.as_deref())
            .query("after", time(query.after).as_deref())
            .query("before", time(query.before).as_deref())
            .query("keyId", query.key_id.as_deref())
            .query("invoiceId", query.invoice_id.as_deref())
    }
}

/// A value as it stands in a path or a query.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Answer<T> {
    // What is wrong is not told: it quotes the body, which may hold a secret.
    serde_json::from_slice(body).map_err(|_| PlatformError::Misunderstood)
}

impl PlatformClient {
    /// The API behind this.
    pub fn new(connector: Arc<dyn Connector>) -> Self {
        Self { connector }
    }

    /// An answer that is no refusal: it has a body, or says where to go.
    pub(super) async fn answered(&self, call: Call<'_>) -> Answer<PlatformAnswer> {
        let mut headers = vec![("accept", "application/json".to_owned())];
        if let Some(token) = call.on.token {
            headers.push(("authorization", format!("Bearer {}", token.reveal())));
        }
        if !call.on.request_id.is_empty() {
            headers.push(("x-request-id", call.on.request_id.to_owned()));
        }
        if let Some(key) = call.once {
            headers.push(("idempotency-key", key.to_owned()));
        }
        if let Some(sandbox) = call.sandbox {
            headers.push(("sarai-sandbox", sandbox.to_owned()));
        }
        if let Some(version) = call.version {
            headers.push(("if-match", format!("\"v{version}\"")));
        }
        if call.body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let body = call.body.map(|body| body.to_string().into_bytes());
        let client = call.on.client;
        let request = PlatformRequest { method: call.method, target: call.target, headers, body, client };
        let answer = self.connector.send(request);
        let answer = within(call.within, answer).await?;
        let elsewhere = (300..400).contains(&answer.status) && answer.location.is_some();
        if elsewhere || (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let Ok(problem) = serde_json::from_slice::<Problem>(&answer.body) else {
            return Err(PlatformError::Misunderstood);
        };
        // The same was asked before and is being done: whether it will have been is not known yet.
        if answer.status == 409 && problem.code == "idempotency_in_progress" {
            return Err(PlatformError::Late);
        }
        Err(PlatformError::Refused(Refusal {
            status: answer.status,
            code: problem.code,
            fields: problem.errors,
            retry_after: problem.retry_after_seconds.or(answer.retry_after),
        }))
    }

    pub(super) async fn body(&self, call: Call<'_>) -> Answer<Vec<u8>> {
        Ok(self.answered(call).await?.body)
    }

    pub(super) async fn json<T: DeserializeOwned>(&self, call: Call<'_>) -> Answer<T> {
        let mut body = self.body(call).await?;
        let read = read(&body);
        body.zeroize();
        read
    }
}

async fn within<T>(time: Duration, answer: impl Future<Output = Result<T, ConnectorError>>) -> Answer<T> {
    match tokio::time::timeout(time, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(ConnectorError::Unreachable)) => Err(PlatformError::Unreachable),
        Ok(Err(ConnectorError::Late)) | Err(_) => Err(PlatformError::Late),
    }
}

#[async_trait]
impl PlatformApi for PlatformClient {
    async fn sign_in(&self, on: On<'_>, who: &SignIn) -> Answer<Tokens> {
        let mut body = json!({"email": who.email, "password": who.password.reveal()});
        if let Some(otp) = &who.otp {
            body["otp"] = json!(otp);
        }
        self.json(Call::post(on, "/auth/sessions", body)).await
    }

    async fn refresh(&self, on: On<'_>, refresh_token: &SecretText) -> Answer<Tokens> {
        let body = json!({"refreshToken": refresh_token.reveal()});
        self.json(Call::post(on, "/auth/sessions/refresh", body)).await
    }

    async fn sign_out(&self, on: On<'_>) -> Answer<()> {
        self.body(Call::new(on, "DELETE", "/auth/sessions/current")).await.map(drop)
    }

    async fn me(&self, on: On<'_>) -> Answer<Me> {
        self.json(Call::get(on, "/me")).await
    }

    async fn keys(&self, on: On<'_>, cursor: Option<&str>) -> Answer<Listed<Key>> {
        let call = Call::get(on, "/keys").query("environment", Some(on.environment));
        self.json(call.query("limit", Some("100")).query("cursor", cursor)).await
    }

    async fn key(&self, on: On<'_>, id: &str) -> Answer<Key> {
        self.json(Call::get(on, &format!("/keys/{}", encoded(id)))).await
    }

    async fn create_key(&self, on: On<'_>, once: &str, key: &NewKey) -> Answer<CreatedKey> {
        self.json(Call::post(on, "/keys", json!(key)).once(once)).await
    }

    async fn rotate_key(&self, on: On<'_>, once: &str, id: &str, overlap_seconds: u32) -> Answer<Rotation> {
        let body = json!({"overlapSeconds": overlap_seconds});
        self.json(Call::post(on, &format!("/keys/{}/rotate", encoded(id)), body).once(once)).await
    }

    async fn revoke_key(&self, on: On<'_>, id: &str) -> Answer<()> {
        self.body(Call::new(on, "DELETE", &format!("/keys/{}", encoded(id)))).await.map(drop)
    }

    async fn key_traffic(&self, on: On<'_>, id: &str, days: u8) -> Answer<KeyTraffic> {
        let call = Call::get(on, &format!("/keys/{}/traffic", encoded(id)));
        self.json(call.query("days", Some(&days.to_string()))).await
    }

    async fn messages(
        &self,
        on: On<'_>,
        query: &MessageQuery,
        limit: u8,
        cursor: Option<&str>,
    ) -> Answer<Listed<Message>> {
        let call = Call::get(on, "/messages").of_messages(query).of_statuses(query);
        self.json(call.query("limit", Some(&limit.to_string())).query("cursor", cursor)).await
    }

    async fn message_stats(&self, on: On<'_>, query: &MessageQuery) -> Answer<MessageStats> {
        self.json(Call::get(on, "/messages/stats").of_messages(query)).await
    }

    async fn export_messages(&self, on: On<'_>, query: &MessageQuery) -> Answer<Vec<Message>> {
        let call = Call {
            within: EXPORT,
            ..Call::get(on, "/messages/export").of_messages(query).of_statuses(query)
        };
        let body = self.body(call).await?;
        body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(read).collect()
    }

    async fn message(&self, on: On<'_>, id: &str) -> Answer<Message> {
        let call = Call::get(on, &format!("/messages/{}", encoded(id)));
        self.json(call.query("environment", Some(on.environment))).await
    }

    async fn message_receipt(&self, on: On<'_>, id: &str) -> Answer<DeliveryReceipt> {
        let call = Call::get(on, &format!("/messages/{}/receipt", encoded(id)));
        self.json(call.query("environment", Some(on.environment))).await
    }

    async fn quote_message(&self, on: On<'_>, message: &NewMessage) -> Answer<MessageQuote> {
        self.json(Call::post(on, "/message-quotes", json!(message))).await
    }

    async fn send_message(&self, on: On<'_>, once: &str, message: &NewMessage) -> Answer<Message> {
        self.json(Call::post(on, "/messages", json!(message)).once(once)).await
    }

    async fn sender_ids(&self, on: On<'_>) -> Answer<Vec<SenderId>> {
        let listed: All<SenderId> = self.json(Call::get(on, "/sender-ids")).await?;
        Ok(listed.data)
    }

    async fn message_error_codes(&self, on: On<'_>) -> Answer<Vec<ErrorCode>> {
        let listed: All<ErrorCode> = self.json(Call::get(on, "/message-error-codes")).await?;
        Ok(listed.data)
    }

    async fn operator_health(&self, on: On<'_>, name: &str) -> Answer<OperatorHealth> {
        self.json(Call::get(on, &format!("/operators/{}/health", encoded(name)))).await
    }

    async fn balance(&self, on: On<'_>) -> Answer<Balance> {
        self.json(Call::get(on, "/balance")).await
    }

    async fn invoices(
        &self,
        on: On<'_>,
        status: Option<&str>,
        cursor: Option<&str>,
    ) -> Answer<Listed<Invoice>> {
        self.json(Call::get(on, "/invoices").query("status", status).query("cursor", cursor)).await
    }

    async fn invoice(&self, on: On<'_>, id: &str) -> Answer<Invoice> {
        self.json(Call::get(on, &format!("/invoices/{}", encoded(id)))).await
    }

    async fn invoice_pdf(&self, on: On<'_>, id: &str) -> Answer<PdfUrl> {
        self.json(Call::new(on, "POST", &format!("/invoices/{}/pdf-url", encoded(id)))).await
    }

    async fn usage_summary(&self, on: On<'_>, from: &str, to: &str) -> Answer<UsageTotals> {
        let call = Call::get(on, "/usage/summary").query("environment", Some(on.environment));
        self.json(call.query("from", Some(from)).query("to", Some(to))).await
    }

    async fn usage_series(&self, on: On<'_>, from: &str, to: &str) -> Answer<UsageSeries> {
        let call = Call::get(on, "/usage/timeseries").query("environment", Some(on.environment));
        let call = call.query("metric", Some("messages_sent")).query("metric", Some("messages_delivered"));
        let call = call.query("bucket", Some("day"));
        self.json(call.query("from", Some(from)).query("to", Some(to))).await
    }

    async fn webhooks(&self, on: On<'_>, cursor: Option<&str>) -> Answer<Listed<Webhook>> {
        let call = Call::get(on, "/webhooks").query("environment", Some(on.environment));
        self.json(call.query("limit", Some("100")).query("cursor", cursor)).await
    }

    async fn webhook(&self, on: On<'_>, id: &str) -> Answer<Webhook> {
        self.json(Call::get(on, &format!("/webhooks/{}", encoded(id)))).await
    }

    async fn create_webhook(&self, on: On<'_>, once: &str, webhook: &NewWebhook) -> Answer<WebhookSecret> {
        self.json(Call::post(on, "/webhooks", json!(webhook)).once(once)).await
    }

    async fn edit_webhook(
        &self,
        on: On<'_>,
        id: &str,
        version: u64,
        webhook: &NewWebhook,
    ) -> Answer<Webhook> {
        let path = format!("/webhooks/{}", encoded(id));
        let (version, body) = (Some(version), Some(json!(webhook)));
        self.json(Call { version, body, ..Call::new(on, "PATCH", &path) }).await
    }

    async fn act_on_webhook(&self, on: On<'_>, once: &str, id: &str, action: WebhookAction) -> Answer<()> {
        let path = format!("/webhooks/{}/{}", encoded(id), action.name());
        self.body(Call::new(on, "POST", &path).once(once)).await.map(drop)
    }

    async fn test_webhook(&self, on: On<'_>, once: &str, id: &str) -> Answer<Delivery> {
        let call = Call::new(on, "POST", &format!("/webhooks/{}/test", encoded(id))).once(once);
        self.json(Call { within: TEST, ..call }).await
    }

    async fn roll_webhook_secret(&self, on: On<'_>, once: &str, id: &str) -> Answer<WebhookSecret> {
        let path = format!("/webhooks/{}/rotate-secret", encoded(id));
        self.json(Call::post(on, &path, json!({})).once(once)).await
    }

    async fn delete_webhook(&self, on: On<'_>, id: &str) -> Answer<()> {
        self.body(Call::new(on, "DELETE", &format!("/webhooks/{}", encoded(id)))).await.map(drop)
    }

    async fn deliveries(
        &self,
        on: On<'_>,
        id: &str,
        query: &DeliveryQuery,
        cursor: Option<&str>,
    ) -> Answer<Listed<Delivery>> {
        let call = Call::get(on, &format!("/webhooks/{}/deliveries", encoded(id)));
        self.json(call.of_deliveries(query).query("cursor", cursor)).await
    }

    async fn delivery(&self, on: On<'_>, id: &str) -> Answer<Delivery> {
        self.json(Call::get(on, &format!("/deliveries/{}", encoded(id)))).await
    }

    async fn replay_delivery(&self, on: On<'_>, once: &str, endpoint: &str, id: &str) -> Answer<Delivery> {
        let path = format!("/webhooks/{}/deliveries/{}/replay", encoded(endpoint), encoded(id));
        self.json(Call::post(on, &path, json!({})).once(once)).await
    }

    async fn delivery_count(&self, on: On<'_>, id: &str, query: &DeliveryQuery) -> Answer<DeliveryCount> {
        let call = Call::get(on, &format!("/webhooks/{}/deliveries/count", encoded(id)));
        self.json(call.of_deliveries(query)).await
    }

    async fn recover_webhook(&self, on: On<'_>, once: &str, id: &str, since: Timestamp) -> Answer<Recovered> {
        let path = format!("/webhooks/{}/recover", encoded(id));
        self.json(Call::post(on, &path, json!({"since": since})).once(once)).await
    }

    async fn diagnose_delivery(&self, on: On<'_>, id: &str, seen: &SeenRequest) -> Answer<Diagnosis> {
        self.json(Call::post(on, &format!("/deliveries/{}/diagnose", encoded(id)), json!(seen))).await
    }
}
