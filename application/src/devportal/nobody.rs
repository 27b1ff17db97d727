//! Nobody: what stands where a process has nobody around it.

use async_trait::async_trait;
use sarai_domain::devportal::{
    values::HttpsUrl,
    webhook::{AttemptOutcome, DeliveryFault, SealedSecret, SigningSecret},
};
use sarai_ports::devportal::{
    AdmittedTargets, SecretError, SecretOf, WebhookKeys, WebhookRequest, WebhookTransport,
};

/// Reaches nobody and has no key.
#[derive(Debug, Default)]
pub(super) struct Nobody {
    admitted: AdmittedTargets,
}

#[async_trait]
impl WebhookTransport for Nobody {
    fn admitted(&self) -> &AdmittedTargets {
        &self.admitted
    }

    async fn look_up(&self, _url: &HttpsUrl) -> Result<(), DeliveryFault> {
        Err(DeliveryFault::NameUnknown)
    }

    async fn post(&self, _request: WebhookRequest) -> AttemptOutcome {
        AttemptOutcome::Failed(DeliveryFault::Connection)
    }
}

impl WebhookKeys for Nobody {
    fn mint(&self, _of: SecretOf<'_>) -> Result<(SealedSecret, Option<SigningSecret>), SecretError> {
        Err(SecretError::UnknownKey("none".to_owned()))
    }

    fn sign(&self, _of: SecretOf<'_>, secret: &SealedSecret, _content: &str) -> Result<String, SecretError> {
        Err(SecretError::UnknownKey(secret.kid.clone()))
    }
}
