//! The catalogue, the content factory and the tenants' service: they announce facts and take no calls.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::kernel::{CourseId, CourseVersionId, TenantId, Timestamp};
use sarai_ports::{
    StoreError,
    inbound::{InboundEvent, InboundRecord, InboundSink, Source},
    system::{Clock, DueWork, IdGenerator},
};
use tokio_util::sync::CancellationToken;

use crate::{
    callbacks::Callbacks,
    demo,
    documents::{Documents, DocumentsError},
};

/// The three sources of facts, embedded. What they have announced is the receiver's to keep.
pub struct SourceStandIn {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    callbacks: Arc<Callbacks>,
}

impl SourceStandIn {
    /// The facts of these documents wait until [`SourceStandIn::connect`] names the receiver.
    ///
    /// # Errors
    /// [`DocumentsError::Unreadable`].
    pub fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        documents: Arc<Documents>,
    ) -> Result<Self, DocumentsError> {
        Ok(Self { callbacks: Callbacks::new("source.callback", Arc::clone(&clock), documents)?, clock, ids })
    }

    /// Delivers all facts to this receiver from now on.
    pub fn connect(&self, sink: Arc<dyn InboundSink>) {
        self.callbacks.connect(sink);
    }

    /// Delivers facts as they are announced, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        self.callbacks.run(stop).await;
    }

    /// Announces the demo world: its course versions, and the tenants that are verified.
    ///
    /// The messages have the same ids at every start, so a receiver that remembers takes each once.
    pub fn announce_demo(&self) {
        let at = self.clock.now();
        for demo::DemoVersion { course, version, built } in demo::versions() {
            let (Ok(course_id), Ok(course_version_id)) =
                (CourseId::try_new(course), CourseVersionId::try_new(version))
            else {
                continue;
            };
            let id = course_version_id.to_string();
            let package = InboundEvent::PlayPackageBuilt { course_version_id: course_version_id.clone() };
            let published = InboundEvent::CourseVersionPublished { course_id, course_version_id };
            self.demo(Source::Catalog, &id, published);
            if built {
                self.demo(Source::Content, &id, package);
            }
        }
        for account in demo::ACCOUNTS.iter().filter(|account| account.kyc_verified) {
            if let Ok(tenant_id) = TenantId::try_new(account.id) {
                self.demo(Source::Tenant, account.id, InboundEvent::KycVerified { tenant_id, at });
            }
        }
    }

    /// The catalogue published a course version.
    pub fn publish(&self, course_id: CourseId, course_version_id: CourseVersionId) {
        self.tell(Source::Catalog, InboundEvent::CourseVersionPublished { course_id, course_version_id });
    }

    /// The content factory built the play package of a course version.
    pub fn build(&self, course_version_id: CourseVersionId) {
        self.tell(Source::Content, InboundEvent::PlayPackageBuilt { course_version_id });
    }

    /// A tenant was verified as a seller.
    pub fn verify(&self, tenant_id: TenantId) {
        let at = self.clock.now();
        self.tell(Source::Tenant, InboundEvent::KycVerified { tenant_id, at });
    }

    /// A tenant is no longer verified.
    pub fn revoke(&self, tenant_id: TenantId) {
        let at = self.clock.now();
        self.tell(Source::Tenant, InboundEvent::KycRevoked { tenant_id, at });
    }

    fn demo(&self, source: Source, subject: &str, event: InboundEvent) {
        self.post(format!("demo:{}:{subject}", source.name()), source, event);
    }

    fn tell(&self, source: Source, event: InboundEvent) {
        self.post(format!("src_{}", self.ids.ulid()), source, event);
    }

    fn post(&self, id: String, source: Source, event: InboundEvent) {
        self.callbacks.post(InboundRecord { id, source, event }, self.clock.now());
    }
}

#[async_trait]
impl DueWork for SourceStandIn {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.callbacks.next_due(after))
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        self.callbacks.run_due().await
    }
}

#[cfg(test)]
mod tests {
    use sarai_system::SeededIds;

    use super::*;
    use crate::testing::{Recorder, clock};

    fn connected() -> (SourceStandIn, Arc<Recorder>) {
        let sink = Arc::new(Recorder::default());
        let sources = SourceStandIn::new(clock(), Arc::new(SeededIds::new(1)), Arc::default()).unwrap();
        sources.connect(sink.clone());
        (sources, sink)
    }

    #[tokio::test]
    async fn the_demo_world_is_announced_under_the_same_ids_every_time() {
        let mut runs = Vec::new();
        for _ in 0..2 {
            let (sources, sink) = connected();
            sources.announce_demo();
            sources.run_due().await.unwrap();
            let mut ids = sink.ids();
            ids.sort();
            runs.push((ids, sink.take()));
        }
        assert_eq!(runs[0], runs[1]);
        let (ids, events) = &runs[0];
        assert_eq!(ids.len(), 21 + 20 + 1);
        let told = |id: &str| ids.iter().any(|known| known == id);
        assert!(told("demo:catalog:cv_demo_20") && told("demo:content:cv_demo_20"));
        assert!(told("demo:catalog:cv_unbuilt_1") && !told("demo:content:cv_unbuilt_1"));
        assert!(told("demo:tenant:acc_demo_provider") && !told("demo:tenant:acc_demo_other"));
        let first = InboundEvent::CourseVersionPublished {
            course_id: "crs_demo_1".parse().unwrap(),
            course_version_id: "cv_demo_1".parse().unwrap(),
        };
        assert!(events.contains(&first));
    }

    #[tokio::test]
    async fn later_facts_come_with_ids_of_their_own() {
        let (sources, sink) = connected();
        let (tenant_id, at): (TenantId, _) = ("acme".parse().unwrap(), clock().now());
        sources.verify(tenant_id.clone());
        sources.revoke(tenant_id.clone());
        sources.publish("crs_2".parse().unwrap(), "cv_2".parse().unwrap());
        sources.build("cv_2".parse().unwrap());
        sources.run_due().await.unwrap();
        let expected = [
            InboundEvent::KycVerified { tenant_id: tenant_id.clone(), at },
            InboundEvent::KycRevoked { tenant_id, at },
            InboundEvent::CourseVersionPublished {
                course_id: "crs_2".parse().unwrap(),
                course_version_id: "cv_2".parse().unwrap(),
            },
            InboundEvent::PlayPackageBuilt { course_version_id: "cv_2".parse().unwrap() },
        ];
        assert_eq!(sink.take(), expected);
    }
}
