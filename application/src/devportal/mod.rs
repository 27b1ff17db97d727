//! The developer portal's use cases: a file a service, over [`DevportalPorts`].
//!
//! [`accounts`] and [`keys`] are behind the routes; [`key_course`] is what a key goes through beside requests, in
//! consumers ([`routes`]) and as time goes on ([`upkeep`]); [`key_uses`] notes that keys are used. [`messages`] and
//! [`invoices`] show what messaging and billing know; [`usage`] sums up what [`usage_course`] counts.
//! [`webhooks`] carries events out.

pub mod accounts;
pub mod invoices;
pub mod key_course;
pub mod key_uses;
pub mod keys;
pub mod messages;
mod nothing_around;
pub mod routes;
pub mod templates;
pub mod upkeep;
pub mod usage;
pub mod usage_course;
pub mod verify;
pub mod webhooks;

mod nobody;

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{devportal::values::RawKey, kernel::ApiKeyId};
use sarai_ports::{
    GatewayError,
    devportal::{
        AccountRepository, DeliveryRepository, DevportalStore, InvoicingGateway, IssuedKey, KeyAuthenticator,
        KeyGrant, KeyRefusal, KeyRepository, KeySecretIssuer, KeyTerms, MessagingGateway, TemplateRepository,
        UsageStore, WebhookKeys, WebhookRepository, WebhookTransport,
    },
};

use crate::Ports;

/// The terms that accounts accept.
pub const CURRENT_TERMS: &str = "2026-01";

/// What only the developer portal needs of a process.
#[derive(Clone)]
pub struct DevportalPorts {
    /// Its repositories.
    pub store: Arc<dyn DevportalStore>,
    /// Makes the secrets of keys, and ends them.
    pub key_issuer: Arc<dyn KeySecretIssuer>,
    /// Checks them; answers are remembered for a moment.
    pub key_authenticator: Arc<dyn KeyAuthenticator>,
    /// Uses of keys that are not written yet.
    pub key_uses: key_uses::KeyUses,
    /// The way out to endpoints of webhooks.
    pub webhook_transport: Arc<dyn WebhookTransport>,
    /// Their secrets.
    pub webhook_keys: Arc<dyn WebhookKeys>,
    /// The terms that are current.
    pub current_terms: Arc<str>,
    /// What Verify needs; nothing where it is not used.
    pub verify: Option<Arc<verify::VerifyTools>>,
    /// The message log.
    pub messaging: Arc<dyn MessagingGateway>,
    /// Balance and invoices.
    pub invoicing: Arc<dyn InvoicingGateway>,
}

impl DevportalPorts {
    /// Over this store, with nobody around: for processes in which the portal is not used.
    pub fn alone(store: Arc<dyn DevportalStore>) -> Self {
        Self {
            store,
            key_issuer: Arc::new(Nobody),
            key_authenticator: Arc::new(Nobody),
            key_uses: key_uses::KeyUses::default(),
            webhook_transport: Self::nowhere(),
            webhook_keys: Arc::new(nobody::Nobody::default()),
            current_terms: CURRENT_TERMS.into(),
            verify: None,
            messaging: Arc::new(Nobody),
            invoicing: Arc::new(Nobody),
        }
    }

    /// A way out that reaches nobody.
    pub fn nowhere() -> Arc<dyn WebhookTransport> {
        Arc::new(nobody::Nobody::default())
    }

    /// Developer accounts.
    pub fn accounts(&self) -> &dyn AccountRepository {
        &*self.store
    }

    /// Templates.
    pub fn templates(&self) -> &dyn TemplateRepository {
        &*self.store
    }

    /// Counters of usage.
    pub fn usage(&self) -> &dyn UsageStore {
        &*self.store
    }

    /// Endpoints of webhooks.
    pub fn webhooks(&self) -> &dyn WebhookRepository {
        &*self.store
    }

    /// Deliveries to them.
    pub fn deliveries(&self) -> &dyn DeliveryRepository {
        &*self.store
    }

    /// API keys.
    pub fn keys(&self) -> &dyn KeyRepository {
        &*self.store
    }
}

/// Every service of the developer portal over the same ports.
#[derive(Clone)]
pub struct Devportal {
    /// Developer accounts.
    pub accounts: accounts::Accounts,
    /// API keys.
    pub keys: keys::Keys,
    /// Text messages.
    pub messages: messages::Messages,
    /// Balance and invoices.
    pub invoices: invoices::Invoices,
    /// What is used.
    pub usage: usage::Usage,
    /// Templates.
    pub templates: templates::Templates,
    /// Webhooks.
    pub webhooks: webhooks::Webhooks,
}

impl Devportal {
    /// Over these ports.
    pub fn new(ports: &Arc<Ports>) -> Self {
        Self {
            accounts: accounts::Accounts::new(Arc::clone(ports)),
            keys: keys::Keys::new(Arc::clone(ports)),
            messages: messages::Messages::new(Arc::clone(ports)),
            invoices: invoices::Invoices::new(Arc::clone(ports)),
            usage: usage::Usage::new(Arc::clone(ports)),
            templates: templates::Templates::new(Arc::clone(ports)),
            webhooks: webhooks::Webhooks::new(Arc::clone(ports)),
        }
    }
}

/// Services that are not there.
struct Nobody;

fn nobody() -> GatewayError {
    GatewayError::Unavailable("there is no such service".to_owned())
}

#[async_trait]
impl KeySecretIssuer for Nobody {
    async fn issue(&self, _grant: &KeyGrant) -> Result<IssuedKey, GatewayError> {
        Err(nobody())
    }

    async fn amend(&self, _key: &ApiKeyId, _terms: &KeyTerms) -> Result<(), GatewayError> {
        Err(nobody())
    }

    async fn revoke(&self, _key: &ApiKeyId) -> Result<(), GatewayError> {
        Err(nobody())
    }
}

#[async_trait]
impl KeyAuthenticator for Nobody {
    async fn verify(&self, _key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        Err(nobody().into())
    }
}
