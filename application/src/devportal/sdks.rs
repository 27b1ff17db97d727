//! Finding and downloading SDKs: for everybody (devportal.md 3.7).

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        sdk_release::{
            Asked, Download, DownloadKey, SdkArtifact, SdkError, SdkLanguage, SdkRelease, SdkReleaseData,
            SigningKey, hour_of, latest,
        },
        values::{ReleaseChannel, Sha256},
    },
    kernel::{Aggregate, ArtifactId, SdkReleaseId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    devportal::{
        ArtifactError, ArtifactStore, Chunks, DownloadHour, DownloadLog, LoggedRelease, ReleaseLog,
        SdkRepository,
    },
    system::DueWork,
};
use time::Duration;

use crate::{AppError, Ports};

/// How long after its end an hour's downloads are announced: whoever was just counted is in it.
const SETTLED: Duration = Duration::minutes(1);
/// How many hours are announced at a time.
const HOURS: usize = 100;

/// The ports that releases need beside the common ones.
#[derive(Clone)]
pub struct SdkPorts {
    /// Releases.
    pub releases: Arc<dyn SdkRepository>,
    /// Their log.
    pub log: Arc<dyn ReleaseLog>,
    /// Their downloads.
    pub downloads: Arc<dyn DownloadLog>,
    /// The bytes of their artifacts.
    pub artifacts: Arc<dyn ArtifactStore>,
    /// The keys that releases may be signed with.
    pub keys: Arc<[SigningKey]>,
}

/// The use cases of readers.
#[derive(Clone)]
pub struct Sdks {
    ports: Arc<Ports>,
    sdk: SdkPorts,
}

/// A language with what there is for it.
#[derive(Debug, Clone)]
pub struct LanguageSdks {
    /// The language.
    pub language: SdkLanguage,
    /// What its packages are called.
    pub packages: Vec<String>,
    /// The latest release of each channel that has one.
    pub latest: BTreeMap<ReleaseChannel, SdkReleaseData>,
}

/// An artifact that may be had, and what goes with it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The release.
    pub release_id: SdkReleaseId,
    /// The artifact.
    pub artifact: SdkArtifact,
    /// What goes with it.
    pub download: Download,
    /// Where the store itself gives it; none when we do.
    pub link: Option<String>,
}

/// Why bytes cannot be had, as a use case says it.
pub(super) fn unavailable(error: &ArtifactError) -> AppError {
    match error {
        ArtifactError::TooLarge => SdkError::TooLarge.into(),
        ArtifactError::BrokenOff => {
            AppError::new(sarai_domain::kernel::Kind::Invalid, "malformed_request", error.to_string())
        }
        ArtifactError::Unavailable(_) => StoreError::Unavailable(error.to_string()).into(),
    }
}

impl Sdks {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>, sdk: SdkPorts) -> Self {
        Self { ports, sdk }
    }

    /// Every language that something was released for.
    ///
    /// # Errors
    /// The store's.
    pub async fn languages(&self) -> Result<Vec<LanguageSdks>, AppError> {
        let releases = self.sdk.releases.released(None).await?;
        let of = |language: SdkLanguage| {
            let own = || releases.iter().filter(move |release| release.language == language);
            let mut packages: Vec<String> = own().map(|release| release.package_name.clone()).collect();
            packages.sort_unstable();
            packages.dedup();
            let best =
                |channel: &ReleaseChannel| Some((*channel, latest(own(), language, *channel)?.clone()));
            let latest = ReleaseChannel::ALL.iter().filter_map(best).collect();
            LanguageSdks { language, packages, latest }
        };
        let all = SdkLanguage::ALL.iter().map(|language| of(*language));
        Ok(all.filter(|one| !one.packages.is_empty()).collect())
    }

    /// A language's releases, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn releases(
        &self,
        language: SdkLanguage,
        page: &PageRequest,
    ) -> Result<Page<SdkRelease>, AppError> {
        Ok(self.sdk.releases.find_by_language(&Scope::Public, language, page).await?)
    }

    /// The latest release of a channel (R-INV-4).
    ///
    /// # Errors
    /// `sdk.not_found` when there is none.
    pub async fn latest(
        &self,
        language: SdkLanguage,
        channel: ReleaseChannel,
    ) -> Result<SdkReleaseData, AppError> {
        let releases = self.sdk.releases.released(Some(language)).await?;
        Ok(latest(&releases, language, channel).cloned().ok_or(SdkError::NotFound)?)
    }

    /// One release.
    ///
    /// # Errors
    /// `sdk.not_found`.
    pub async fn get(&self, id: SdkReleaseId) -> Result<SdkRelease, AppError> {
        Ok(self.sdk.releases.find(&Scope::Public, &id).await?.ok_or(SdkError::NotFound)?)
    }

    /// An artifact as it may be had by who asks for exactly it (R-INV-5).
    ///
    /// # Errors
    /// `sdk.not_found`.
    pub async fn offer(&self, id: ArtifactId) -> Result<Offer, AppError> {
        let found = self.sdk.releases.find_by_artifact(&Scope::Public, id).await?;
        let release = found.ok_or(SdkError::NotFound)?;
        let download = release.data().download(id, Asked::Exactly)?;
        let artifact = release.data().artifact(id).cloned().ok_or(SdkError::NotFound)?;
        let link =
            self.sdk.artifacts.link(&artifact.storage_key).await.map_err(|error| unavailable(&error))?;
        Ok(Offer { release_id: release.id(), artifact, download, link })
    }

    /// The bytes of an offer.
    ///
    /// # Errors
    /// `sdk.not_found` when they are not there.
    pub async fn bytes(&self, offer: &Offer) -> Result<Box<dyn Chunks>, AppError> {
        let found = self.sdk.artifacts.get(&offer.artifact.storage_key).await;
        Ok(found.map_err(|error| unavailable(&error))?.ok_or(SdkError::NotFound)?)
    }

    /// Counts a download, at most once an hour for a client (R-INV-8). A count that cannot be written is lost: no
    /// download waits for it.
    pub async fn count(&self, offer: &Offer, client: Sha256) {
        let key = DownloadKey::new(offer.artifact.id, client, self.ports.now());
        if let Err(error) = self.sdk.downloads.note(offer.release_id, key).await {
            tracing::warn!(%error, "a download was not counted");
        }
    }

    /// The keys that releases are signed with.
    pub fn signing_keys(&self) -> &[SigningKey] {
        &self.sdk.keys
    }

    /// The lines of the release log after a place.
    ///
    /// # Errors
    /// The store's.
    pub async fn log(&self, after: u64, limit: usize) -> Result<Vec<LoggedRelease>, AppError> {
        Ok(self.sdk.log.lines(after, limit).await?)
    }

    /// Announces the downloads of every hour that is over; gives how many were.
    ///
    /// # Errors
    /// The store's.
    pub async fn announce_downloads(&self) -> Result<usize, AppError> {
        let over = hour_of(self.ports.now().plus(-SETTLED));
        let hours = self.sdk.downloads.hours_before(over, HOURS).await?;
        for DownloadHour { release_id, hour, counts } in &hours {
            let context = self.ports.worker_context("sdk.announce_downloads", release_id);
            let now = self.ports.now();
            let announce =
                |release: &mut SdkRelease| Ok(release.announce_downloads(*hour, counts.clone(), now)?);
            let releases = &*self.sdk.releases;
            self.ports.change(releases, &Scope::System, release_id, context, announce).await?;
            self.sdk.downloads.forget_hour(*release_id, *hour).await?;
        }
        Ok(hours.len())
    }
}

#[async_trait]
impl DueWork for Sdks {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let ever = Timestamp::from_unix_micros(i64::MAX / 2);
        let first = self.sdk.downloads.hours_before(ever, 1).await?;
        let due = first.first().map(|first| first.hour.plus(Duration::hours(1)).plus(SETTLED));
        Ok(due.filter(|due| *due > after))
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        self.announce_downloads().await.map_err(|error| StoreError::Unavailable(error.message))
    }
}
