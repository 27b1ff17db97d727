//! What the tests of this crate share: a standing clock and a receiver that remembers.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use sarai_domain::kernel::CourseVersionId;
use sarai_ports::{
    StoreError,
    inbound::{InboundEvent, InboundRecord, InboundSink, Source},
};
use sarai_system::ManualClock;

use crate::locked;

/// A clock that stands at noon.
pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-04-20T12:00:00Z".parse().unwrap()))
}

/// Some record with this id.
pub(crate) fn fact(id: &str) -> InboundRecord {
    let event =
        InboundEvent::PlayPackageBuilt { course_version_id: CourseVersionId::try_new("cv_1").unwrap() };
    InboundRecord { id: id.to_owned(), source: Source::Content, event }
}

/// Remembers what it accepted.
#[derive(Default)]
pub(crate) struct Recorder {
    accepted: Mutex<Vec<InboundRecord>>,
    refusals: AtomicU32,
}

impl Recorder {
    /// Refuses this many deliveries from now on.
    pub(crate) fn refuse(&self, deliveries: u32) {
        self.refusals.store(deliveries, Ordering::SeqCst);
    }

    /// The ids of what was accepted.
    pub(crate) fn ids(&self) -> Vec<String> {
        locked(&self.accepted).iter().map(|record| record.id.clone()).collect()
    }

    /// What was accepted since the last time, in the order of the ids.
    pub(crate) fn take(&self) -> Vec<InboundEvent> {
        let mut records = std::mem::take(&mut *locked(&self.accepted));
        records.sort_by(|left, right| left.id.cmp(&right.id));
        records.into_iter().map(|record| record.event).collect()
    }
}

#[async_trait]
impl InboundSink for Recorder {
    async fn receive(&self, record: InboundRecord) -> Result<(), StoreError> {
        let refused =
            self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if refused.is_ok() {
            return Err(StoreError::Unavailable("not now".to_owned()));
        }
        locked(&self.accepted).push(record);
        Ok(())
    }
}
