//! An outbox that notes how it is told what is done, and that fails on demand.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sarai_domain::kernel::{EventId, Timestamp};
use sarai_ports::{
    StoreError,
    events::{Backlog, ConsumerBacklog, Delivery, Outbox, Republished, Retry, WaitingDelivery, Wanted},
};

/// An outbox before another one.
pub(crate) struct Watched {
    pub(crate) inner: Arc<dyn Outbox>,
    /// How many were settled by each write.
    pub(crate) writes: Mutex<Vec<usize>>,
    /// Whether writes fail.
    pub(crate) down: AtomicBool,
}

impl Watched {
    pub(crate) fn new(inner: Arc<dyn Outbox>) -> Arc<Self> {
        Arc::new(Self { inner, writes: Mutex::default(), down: AtomicBool::new(false) })
    }
}

#[async_trait]
impl Outbox for Watched {
    async fn claim_due(&self, wanted: &Wanted<'_>) -> Result<Vec<Delivery>, StoreError> {
        self.inner.claim_due(wanted).await
    }

    async fn done(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        // As long as a database takes.
        tokio::time::sleep(Duration::from_millis(5)).await;
        if self.down.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("no connection".to_owned()));
        }
        self.writes.lock().unwrap().push(deliveries.len());
        self.inner.done(deliveries).await
    }

    async fn failed(&self, delivery: &Delivery, reason: &str) -> Result<Retry, StoreError> {
        self.inner.failed(delivery, reason).await
    }

    async fn release(&self, delivery: &Delivery) -> Result<(), StoreError> {
        self.inner.release(delivery).await
    }

    async fn waiting(&self, subject: &str, limit: usize) -> Result<Vec<WaitingDelivery>, StoreError> {
        self.inner.waiting(subject, limit).await
    }

    async fn redrive(&self, subject: &str) -> Result<usize, StoreError> {
        self.inner.redrive(subject).await
    }

    async fn redrive_all(&self) -> Result<usize, StoreError> {
        self.inner.redrive_all().await
    }

    async fn republish(
        &self,
        consumer: &'static str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, EventId)>,
        limit: usize,
    ) -> Result<Republished, StoreError> {
        self.inner.republish(consumer, from, to, after, limit).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.inner.backlog().await
    }

    async fn backlogs(&self) -> Result<Vec<ConsumerBacklog>, StoreError> {
        self.inner.backlogs().await
    }
}
