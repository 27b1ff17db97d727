//! `SdkRelease`: a version of an SDK with its artifacts, from draft to withdrawal (devportal.md 3.7).
//!
//! Guards R-INV-3, R-INV-6 and R-INV-7; R-INV-1 is a unique key of the store ([`SdkReleaseData::version_slot`]), R-INV-2
//! is `SemVer`'s, R-INV-4 is [`latest`], R-INV-5 is [`SdkReleaseData::download`], R-INV-8 is [`DownloadKey`].
//! The states are in [`TRANSITIONS`] and [`upload::TRANSITIONS`].

mod artifact;
mod check;
mod data;
mod download;
mod error;
mod event;
mod lifecycle;
pub mod log;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use time::Duration;

pub use artifact::{MAX_SIZE, NewArtifact, SdkArtifact, SigningKey, signature_message};
pub use data::{NewRelease, SdkLanguage, SdkReleaseData, latest};
pub use download::{Asked, Download, DownloadCount, DownloadKey, hour_of};
pub use error::SdkError;
pub use event::{ReleaseFacts, ReleasedArtifact, SdkEvent};
pub use status::{ReleaseAction, ReleaseState, TRANSITIONS, UploadAction, UploadState, upload};

use super::values::{Locale, Sha256, text::line};
use crate::kernel::{
    Aggregate, ArtifactId, Changes, LastTransition, NoRow, Outcome, Root, SdkReleaseId, Step, Timestamp,
    require, step,
};

/// How many artifacts a release has at most.
pub const MAX_ARTIFACTS: usize = 50;
/// How many bytes a changelog has at most, a language.
pub const MAX_CHANGELOG: usize = 64 << 10;
/// For how long a withdrawal can be taken back.
pub const RESTORE_WITHIN: Duration = Duration::hours(72);

/// A release.
///
/// ```
/// use ed25519_dalek::{Signer as _, SigningKey as Secret};
/// use sarai_domain::{
///     devportal::{sdk_release::*, values::{Locale, ReleaseChannel}},
///     kernel::{Aggregate, Hex, Outcome, Timestamp},
/// };
///
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let mut release = SdkRelease::create(
///     NewRelease {
///         id: "sdk_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         tenant_id: "platform".parse()?,
///         language: SdkLanguage::Rust,
///         package_name: "sarai".to_owned(),
///         purl: "pkg:cargo/sarai@1.0.0".parse()?,
///         version: "1.0.0".parse()?,
///         min_api_version: "v1".to_owned(),
///         changelog: [(Locale::En, "First.".to_owned())].into(),
///         release_key_id: "release-1".to_owned(),
///     },
///     now,
/// )?;
/// let (secret, digest) = (Secret::from_bytes(&[3; 32]), Hex([9; 32]));
/// let artifact = "art_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// let _ = release.add_artifact(
///     NewArtifact {
///         id: artifact,
///         filename: "sarai-1.0.0.crate".to_owned(),
///         media_type: "application/gzip".to_owned(),
///         platform: None,
///         arch: None,
///         claimed_sha256: None,
///         signature: Hex(secret.sign(&signature_message(&release.data().purl, &digest)).to_bytes()),
///         sigstore_bundle_url: None,
///         storage_key: "sdk/1".to_owned(),
///     },
///     now,
/// )?;
/// let _ = release.receive(artifact, digest, 1_024, now)?;
/// let public_key = Hex(secret.verifying_key().to_bytes());
/// let keys = [SigningKey { key_id: "release-1".to_owned(), public_key }];
/// assert_eq!(release.publish(&keys, now)?, Outcome::Applied);
/// let found = latest([release.data()], SdkLanguage::Rust, ReleaseChannel::Stable);
/// assert_eq!(found, Some(release.data()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SdkRelease {
    root: Root<SdkReleaseData, SdkEvent>,
}

impl Aggregate for SdkRelease {
    type Id = SdkReleaseId;
    type Data = SdkReleaseData;
    type Row = NoRow;
    type Event = SdkEvent;
    type Error = SdkError;

    const NAME: &'static str = "sdk";

    fn rehydrate(data: SdkReleaseData, _rows: Vec<NoRow>, version: u64) -> Result<Self, SdkError> {
        require::<Self>(&data, &[])?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> SdkReleaseId {
        self.root.data.id
    }

    fn data(&self) -> &SdkReleaseData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

impl SdkRelease {
    /// A draft without artifacts.
    ///
    /// # Errors
    /// [`SdkError::PurlMismatch`] unless the package URL has the language's type and the version;
    /// [`SdkError::Name`], [`SdkError::ChangelogTooLong`].
    pub fn create(new: NewRelease, now: Timestamp) -> Result<Self, SdkError> {
        let texts = [&new.package_name, &new.min_api_version, &new.release_key_id];
        if texts.into_iter().any(|text| line(text, 200).as_ref() != Some(text)) {
            return Err(SdkError::Name);
        }
        let kind = new.purl.kind();
        if (kind != new.language.purl_type() && kind != "generic")
            || new.purl.version() != Some(new.version.to_string())
        {
            return Err(SdkError::PurlMismatch);
        }
        check::changelog(&new.changelog)?;
        let root = Root::new(SdkReleaseData {
            id: new.id,
            tenant_id: new.tenant_id,
            language: new.language,
            package_name: new.package_name,
            purl: new.purl,
            version: new.version,
            state: ReleaseState::Draft,
            min_api_version: new.min_api_version,
            changelog: new.changelog,
            artifacts: Vec::new(),
            release_key_id: new.release_key_id,
            signed_by: None,
            published_at: None,
            deprecated_at: None,
            deprecation_reason: None,
            yanked_at: None,
            yank_reason: None,
            superseded_by: None,
            downloads_announced: None,
            last_transition: None,
            created_at: now,
            updated_at: now,
        });
        Ok(Self { root })
    }

    /// Announces an artifact, whose bytes are to come.
    ///
    /// # Errors
    /// [`SdkError::Immutable`] (R-INV-3) after the draft, [`SdkError::ArtifactExists`], [`SdkError::ArtifactCount`],
    /// [`SdkError::Filename`], [`SdkError::Artifact`].
    pub fn add_artifact(&mut self, new: NewArtifact, now: Timestamp) -> Result<Outcome, SdkError> {
        self.require_draft()?;
        let artifact = SdkArtifact::try_from(new)?;
        let data = &mut self.root.data;
        if data.artifacts.contains(&artifact) {
            return Ok(Outcome::AlreadyApplied);
        }
        let same = |other: &SdkArtifact| other.id == artifact.id || other.filename == artifact.filename;
        if data.artifacts.iter().any(same) {
            return Err(SdkError::ArtifactExists);
        }
        if data.artifacts.len() >= MAX_ARTIFACTS {
            return Err(SdkError::ArtifactCount);
        }
        data.artifacts.push(artifact);
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Takes an artifact out of the draft.
    ///
    /// # Errors
    /// [`SdkError::Immutable`] (R-INV-3) after the draft.
    pub fn remove_artifact(&mut self, id: ArtifactId, now: Timestamp) -> Result<Outcome, SdkError> {
        self.require_draft()?;
        let data = &mut self.root.data;
        let before = data.artifacts.len();
        data.artifacts.retain(|artifact| artifact.id != id);
        if data.artifacts.len() == before {
            return Ok(Outcome::AlreadyApplied);
        }
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Notes what came, by the digest and the length computed while it came (R-INV-6).
    ///
    /// An upload that is not what was claimed is stored as failed, which is no error here: ask
    /// [`SdkArtifact::verdict`] afterwards. It can be uploaded again.
    ///
    /// # Errors
    /// [`SdkError::Immutable`] (R-INV-3) after the draft, [`SdkError::NotFound`], [`SdkError::InvalidUpload`] for other
    /// bytes than those that were verified.
    pub fn receive(
        &mut self,
        id: ArtifactId,
        computed: Sha256,
        size_bytes: u64,
        now: Timestamp,
    ) -> Result<Outcome, SdkError> {
        self.require_draft()?;
        let data = &mut self.root.data;
        let artifact = data.artifacts.iter_mut().find(|one| one.id == id).ok_or(SdkError::NotFound)?;
        let came = SdkArtifact { sha256: Some(computed), size_bytes: Some(size_bytes), ..artifact.clone() };
        if came == *artifact {
            return Ok(Outcome::AlreadyApplied);
        }
        let action = if came.verdict().is_ok() { UploadAction::Verify } else { UploadAction::Fail };
        let Step::To(to) = step(upload::TRANSITIONS, artifact.upload_state, action, None, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        *artifact = SdkArtifact { upload_state: to, ..came };
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Corrects what is said to have changed: the one text of a release that can be.
    ///
    /// # Errors
    /// [`SdkError::ChangelogTooLong`], [`SdkError::ChangelogMissing`] for a release that would lose its English one.
    pub fn set_changelog(
        &mut self,
        changelog: BTreeMap<Locale, String>,
        now: Timestamp,
    ) -> Result<Outcome, SdkError> {
        check::changelog(&changelog)?;
        if self.root.data.is_public() && !lifecycle::says_what_changed(&changelog) {
            return Err(SdkError::ChangelogMissing);
        }
        let data = &mut self.root.data;
        if data.changelog == changelog {
            return Ok(Outcome::AlreadyApplied);
        }
        data.changelog = changelog;
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Announces the downloads of an hour that is over, each hour once and in order.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] for an artifact that is not its own, or a count of nothing.
    pub fn announce_downloads(
        &mut self,
        hour: Timestamp,
        counts: Vec<DownloadCount>,
        now: Timestamp,
    ) -> Result<Outcome, SdkError> {
        let hour = hour_of(hour);
        let data = &self.root.data;
        if data.downloads_announced.is_some_and(|last| hour <= last) || counts.is_empty() {
            return Ok(Outcome::AlreadyApplied);
        }
        if counts.iter().any(|one| one.count == 0 || data.artifact(one.artifact_id).is_none()) {
            return Err(SdkError::NotFound);
        }
        let release = ReleaseFacts::new(data, now);
        for downloads in counts {
            self.root.record(SdkEvent::Downloaded { release: release.clone(), hour, downloads });
        }
        self.root.data.downloads_announced = Some(hour);
        Ok(Outcome::Applied)
    }

    /// R-INV-3.
    fn require_draft(&self) -> Result<(), SdkError> {
        if self.root.data.state == ReleaseState::Draft { Ok(()) } else { Err(SdkError::Immutable) }
    }

    fn step(&self, action: ReleaseAction, argument: Option<&str>) -> Result<Step<ReleaseState>, SdkError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.state, action, argument, data.last_transition.as_ref())?)
    }

    fn enter(&mut self, to: ReleaseState, action: ReleaseAction, argument: Option<String>, now: Timestamp) {
        let data = &mut self.root.data;
        data.state = to;
        data.last_transition = Some(LastTransition { action, argument });
        data.updated_at = now;
    }
}
