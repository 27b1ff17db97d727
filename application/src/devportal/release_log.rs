//! The consumer that writes the release log: a line for each release, withdrawal and restoration.

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        event::DevportalEvent,
        sdk_release::{
            SdkEvent,
            log::{LogAction, ReleaseLogEntry},
        },
    },
    kernel::Aggregate,
};
use sarai_ports::{
    Event, Scope, StoreError,
    events::{Consumer, ConsumerError, EventRecord},
};

use super::sdks::SdkPorts;

/// Its name in the routing table.
pub const NAME: &str = "release-log";

/// The consumer.
#[derive(Clone)]
pub struct ReleaseLogWriter {
    sdk: SdkPorts,
}

impl ReleaseLogWriter {
    /// Over these ports.
    pub fn new(sdk: SdkPorts) -> Self {
        Self { sdk }
    }

    async fn write(&self, record: &EventRecord, event: &SdkEvent) -> Result<(), StoreError> {
        let (facts, action, reason) = match event {
            SdkEvent::Released { release, restored: false, .. } => (release, LogAction::Released, None),
            SdkEvent::Released { release, restored: true, .. } => (release, LogAction::Restored, None),
            SdkEvent::Deprecated { release, reason, .. } => (release, LogAction::Deprecated, Some(reason)),
            SdkEvent::Yanked { release, reason, .. } => (release, LogAction::Yanked, Some(reason)),
            SdkEvent::Downloaded { .. } => return Ok(()),
        };
        let found = self.sdk.releases.find(&Scope::System, &facts.release_id).await?;
        let release = found.ok_or(StoreError::NotFound)?;
        // What was released never changes (R-INV-3); a reason may be gone since.
        let entry = ReleaseLogEntry::of(release.data(), action, facts.at);
        let entry = ReleaseLogEntry { reason: reason.cloned(), ..entry };
        self.sdk.log.append(&record.id.to_string(), entry).await.map(|_| ())
    }
}

#[async_trait]
impl Consumer for ReleaseLogWriter {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn handle(&self, record: &EventRecord) -> Result<(), ConsumerError> {
        let Event::Devportal(DevportalEvent::Sdk(event)) = &record.event else { return Ok(()) };
        self.write(record, event).await.map_err(|error| ConsumerError { reason: error.to_string() })
    }
}
