//! What becomes due at a stand-in behind an address, when business time is moved here.

use std::sync::Arc;

use async_trait::async_trait;
use hyper::Method;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    StoreError,
    system::{Clock, DueWork},
};
use serde::de::DeserializeOwned;

use crate::{
    BillingClient, MessagingClient,
    client::{Client, Failure},
    wire::{Due, Moved, Now},
};

/// The callbacks of a service: one that knows no such thing has nothing due.
pub struct DueThere {
    client: Client,
    clock: Arc<dyn Clock>,
}

impl DueThere {
    /// Billing's, by this clock.
    pub fn at_billing(billing: &BillingClient, clock: Arc<dyn Clock>) -> Self {
        Self { client: billing.client.clone(), clock }
    }

    /// Messaging's, by this clock.
    pub fn at_messaging(messaging: &MessagingClient, clock: Arc<dyn Clock>) -> Self {
        Self { client: messaging.client.clone(), clock }
    }

    async fn ask<A: DeserializeOwned>(&self, what: &str, at: Timestamp) -> Result<Option<A>, StoreError> {
        match self.client.send(Method::POST, &["demo", what], &Now { at }).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Failure::Unavailable(reason)) => Err(StoreError::Unavailable(reason)),
            Err(Failure::NotFound | Failure::Refused(_)) => Ok(None),
        }
    }
}

#[async_trait]
impl DueWork for DueThere {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<Due> = self.ask("due", after).await?;
        Ok(due.and_then(|due| due.at))
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        let moved: Option<Moved> = self.ask("clock", self.clock.now()).await?;
        Ok(moved.map_or(0, |moved| moved.ran))
    }
}
