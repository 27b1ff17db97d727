//! The developer portal's use cases: a file a service, over [`DevportalPorts`].

pub mod docs;
pub mod docs_desk;
pub mod release_log;
pub mod sdk_desk;
pub mod sdks;

use std::sync::Arc;

use sarai_ports::devportal::{AccountRepository, DevportalStore, KeyRepository};

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
}

impl DevportalPorts {
    /// Over this store, with nobody around: for processes in which the portal is not used.
    pub fn alone(store: Arc<dyn DevportalStore>) -> Self {
        Self { store, current_terms: CURRENT_TERMS.into() }
    }

    /// Developer accounts.
    pub fn accounts(&self) -> &dyn AccountRepository {
        &*self.store
    }

    /// API keys.
    pub fn keys(&self) -> &dyn KeyRepository {
        &*self.store
    }
}

/// Every service of the developer portal over the same ports.
#[derive(Clone)]
pub struct Devportal {}

impl Devportal {
    /// Over these ports.
    pub fn new(_ports: &Arc<Ports>) -> Self {
        Self {}
    }
}
