//! SDK releases: their documents, the bytes of their artifacts, their log, and who downloads them.

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        sdk_release::{
            DownloadCount, DownloadKey, SdkLanguage, SdkRelease, SdkReleaseData, log::ReleaseLogEntry,
        },
        values::Sha256,
    },
    kernel::{ArtifactId, ChainLink, SdkReleaseId, TenantId, Timestamp},
};

use crate::{Page, PageRequest, Repository, Scope, StoreError, Stored, UniqueKey};

/// Releases. What was released can be read by everybody's scope; drafts are the platform's.
#[async_trait]
pub trait SdkRepository: Repository<SdkRelease> {
    /// The release of an artifact.
    async fn find_by_artifact(
        &self,
        scope: &Scope,
        artifact: ArtifactId,
    ) -> Result<Option<SdkRelease>, StoreError>;
    /// A language's releases that a scope may know of, newest first.
    async fn find_by_language(
        &self,
        scope: &Scope,
        language: SdkLanguage,
        page: &PageRequest,
    ) -> Result<Page<SdkRelease>, StoreError>;
    /// Every release that readers see, of one language or of all: what `latest` is computed over.
    async fn released(&self, language: Option<SdkLanguage>) -> Result<Vec<SdkReleaseData>, StoreError>;
}

/// A line of the release log with its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRelease {
    /// The line.
    pub entry: ReleaseLogEntry,
    /// Its place in the chain.
    pub link: ChainLink,
}

/// The release log: a hash chain that only grows.
#[async_trait]
pub trait ReleaseLog: Send + Sync {
    /// Appends a line, once for the event it tells of; gives its link, none when it stands there already.
    async fn append(&self, event_id: &str, entry: ReleaseLogEntry) -> Result<Option<ChainLink>, StoreError>;
    /// The lines after this place, in order.
    async fn lines(&self, after: u64, limit: usize) -> Result<Vec<LoggedRelease>, StoreError>;
}

/// The downloads of a release in an hour that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadHour {
    /// The release.
    pub release_id: SdkReleaseId,
    /// The hour.
    pub hour: Timestamp,
    /// Each artifact that was downloaded, and how often.
    pub counts: Vec<DownloadCount>,
}

/// Who downloaded what, for as long as an hour is counted (R-INV-8).
#[async_trait]
pub trait DownloadLog: Send + Sync {
    /// Notes a download; whether it was the first of its key.
    async fn note(&self, release: SdkReleaseId, download: DownloadKey) -> Result<bool, StoreError>;
    /// What was downloaded in hours before this one, earliest first.
    async fn hours_before(&self, hour: Timestamp, limit: usize) -> Result<Vec<DownloadHour>, StoreError>;
    /// Forgets the downloads of a release up to an hour, this one included.
    async fn forget_hour(&self, release: SdkReleaseId, hour: Timestamp) -> Result<(), StoreError>;
}

/// Some bytes of a stream.
pub type Bytes = Vec<u8>;

/// Bytes that come one part after the other.
#[async_trait]
pub trait Chunks: Send {
    /// The next part; none at the end.
    async fn next(&mut self) -> Option<Result<Bytes, ArtifactError>>;
}

/// Why bytes were not kept or given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArtifactError {
    /// More came than may.
    #[error("more bytes came than an artifact may have")]
    TooLarge,
    /// Whoever sent them stopped.
    #[error("the bytes broke off")]
    BrokenOff,
    /// The store did not do it.
    #[error("the artifact store failed: {0}")]
    Unavailable(String),
}

/// What was received, computed while it came (R-INV-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The digest.
    pub sha256: Sha256,
    /// How many bytes.
    pub size_bytes: u64,
}

/// Keeps the bytes of artifacts.
#[async_trait]
pub trait ArtifactStore: Send + Sync {
    /// Keeps bytes under a key as they come, at most so many; nothing is kept when it fails.
    async fn put(&self, key: &str, bytes: &mut dyn Chunks, most: u64) -> Result<Received, ArtifactError>;
    /// The bytes under a key; none when there are none.
    async fn get(&self, key: &str) -> Result<Option<Box<dyn Chunks>>, ArtifactError>;
    /// Forgets them.
    async fn delete(&self, key: &str) -> Result<(), ArtifactError>;
    /// A short-lived address at which the store itself gives them; none when it is not one that can be asked.
    async fn link(&self, key: &str) -> Result<Option<String>, ArtifactError>;
}

impl Stored for SdkRelease {
    fn owner(data: &SdkReleaseData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &SdkReleaseData) -> Timestamp {
        data.created_at
    }

    fn unique_keys(data: &SdkReleaseData) -> Vec<(UniqueKey, String)> {
        data.version_slot().into_iter().map(|slot| (UniqueKey::SdkVersion, slot)).collect()
    }

    fn readable(scope: &Scope, data: &SdkReleaseData) -> bool {
        data.is_public() || scope.covers(&data.tenant_id)
    }
}
