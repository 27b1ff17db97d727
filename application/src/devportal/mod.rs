//! The developer portal's use cases: a file a service, over [`DevportalPorts`].

pub mod webhooks;

mod nobody;

use std::sync::Arc;

use sarai_ports::devportal::{
    AccountRepository, DeliveryRepository, DevportalStore, KeyRepository, WebhookKeys, WebhookRepository,
    WebhookTransport,
};

use crate::Ports;

/// The terms that accounts accept.
pub const CURRENT_TERMS: &str = "2026-01";

/// What only the developer portal needs of a process.
#[derive(Clone)]
pub struct DevportalPorts {
    /// Its repositories.
    pub store: Arc<dyn DevportalStore>,
    /// The terms that are current.
    pub current_terms: Arc<str>,
    /// The way out to endpoints.
    pub webhook_transport: Arc<dyn WebhookTransport>,
    /// Their secrets.
    pub webhook_keys: Arc<dyn WebhookKeys>,
}

impl DevportalPorts {
    /// Over this store, with nobody around: for processes in which the portal is not used.
    pub fn alone(store: Arc<dyn DevportalStore>) -> Self {
        Self {
            store,
            current_terms: CURRENT_TERMS.into(),
            webhook_transport: Arc::new(nobody::Nobody::default()),
            webhook_keys: Arc::new(nobody::Nobody::default()),
        }
    }

    /// Developer accounts.
    pub fn accounts(&self) -> &dyn AccountRepository {
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
    /// Webhooks.
    pub webhooks: webhooks::Webhooks,
}

impl Devportal {
    /// Over these ports.
    pub fn new(ports: &Arc<Ports>) -> Self {
        Self { webhooks: webhooks::Webhooks::new(Arc::clone(ports)) }
    }
}
