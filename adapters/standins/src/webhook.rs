//! Callbacks over HTTP: each a signed `POST /v1/integrations/{source}/events` (Standard Webhooks, ruling R44).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Url, redirect::Policy};
use sarai_ports::{
    StoreError,
    inbound::{InboundRecord, InboundSink},
    system::Clock,
};
use sha2::Sha256;

use crate::cloud_event::cloud_event;

/// How long the receiver may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why callbacks cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The address is none.
    #[error("`{0}` is no address to call back: it begins with http://")]
    Address(String),
    /// The secret is none.
    #[error("a webhook secret is `whsec_` and base64")]
    Secret,
}

/// A receiver of callbacks behind an address; whatever is not a 2xx asks for the callback again.
pub struct WebhookSink {
    base: Url,
    key: Vec<u8>,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl WebhookSink {
    /// Calls back to the API at this address, signing with the secret that it expects.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub fn new(address: &str, secret: &str, clock: Arc<dyn Clock>) -> Result<Self, WebhookError> {
        let wrong = || WebhookError::Address(address.to_owned());
        let base: Url = address.parse().map_err(|_| wrong())?;
        if base.scheme() != "http" {
            return Err(wrong());
        }
        let text = secret.strip_prefix("whsec_").ok_or(WebhookError::Secret)?;
        let key = STANDARD.decode(text).map_err(|_| WebhookError::Secret)?;
        let builder = reqwest::Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy();
        Ok(Self { base, key, http: builder.build().map_err(|_| wrong())?, clock })
    }

    fn signature(&self, id: &str, at: &str, body: &str) -> Result<String, StoreError> {
        let unusable = |_| StoreError::Unavailable("the secret cannot sign".to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).map_err(unusable)?;
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

#[async_trait]
impl InboundSink for WebhookSink {
    async fn receive(&self, record: InboundRecord) -> Result<(), StoreError> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1", "integrations", record.source.name(), "events"]);
        }
        let body = cloud_event(&record).to_string();
        let at = self.clock.real().unix_micros().div_euclid(1_000_000).to_string();
        let signature = self.signature(&record.id, &at, &body)?;
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &record.id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signature)
            .body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(StoreError::Unavailable(format!("it answered {}", response.status()))),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }
}
