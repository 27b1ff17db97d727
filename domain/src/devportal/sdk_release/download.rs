//! Downloads: who may have what, and how they are counted.

use serde::{Deserialize, Serialize};

use super::{ReleaseState, SdkError, SdkReleaseData, UploadState};
use crate::{
    devportal::values::Sha256,
    kernel::{ArtifactId, Timestamp},
};

/// How somebody came to an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// By the release's exact version, or the artifact's id.
    Exactly,
    /// By a name that moves, such as `latest`.
    Loosely,
}

/// What goes with a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The digest, for `Repr-Digest`.
    pub sha256: Sha256,
    /// Since when it is deprecated or yanked, for `Deprecation`.
    pub deprecated_since: Option<Timestamp>,
    /// What to warn of, for `Warning`.
    pub warning: Option<String>,
}

/// One download as it is counted: once an artifact, client and hour (R-INV-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DownloadKey {
    /// What was downloaded.
    pub artifact_id: ArtifactId,
    /// Who, as a keyed hash of what is known of them.
    pub client: Sha256,
    /// In which hour.
    pub hour: Timestamp,
}

/// The downloads of an artifact in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DownloadCount {
    /// What was downloaded.
    pub artifact_id: ArtifactId,
    /// How often, at least once.
    pub count: u64,
    /// From which country.
    pub country_code: Option<String>,
    /// With which kind of program.
    pub user_agent_family: Option<String>,
}

impl DownloadKey {
    /// The key of a download.
    pub fn new(artifact_id: ArtifactId, client: Sha256, at: Timestamp) -> Self {
        Self { artifact_id, client, hour: hour_of(at) }
    }
}

/// The hour an instant lies in.
pub fn hour_of(instant: Timestamp) -> Timestamp {
    let micros = instant.unix_micros();
    Timestamp::from_unix_micros(micros.saturating_sub(micros.rem_euclid(3_600_000_000)))
}

impl SdkReleaseData {
    /// Whether an artifact may be had, and what goes with it.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] before it is released; [`SdkError::Yanked`] (R-INV-5) unless it was asked for exactly.
    pub fn download(&self, artifact: ArtifactId, asked: Asked) -> Result<Download, SdkError> {
        let artifact = self
            .artifact(artifact)
            .filter(|artifact| self.is_public() && artifact.upload_state == UploadState::Verified)
            .ok_or(SdkError::NotFound)?;
        if self.state == ReleaseState::Yanked && asked == Asked::Loosely {
            return Err(SdkError::Yanked);
        }
        let warned = |word: &str, reason: &Option<String>| {
            let why = reason.as_deref().unwrap_or_default();
            Some(format!("{} {} is {word}: {why}", self.package_name, self.version))
        };
        let warning = match self.state {
            ReleaseState::Yanked => warned("yanked", &self.yank_reason),
            ReleaseState::Deprecated => warned("deprecated", &self.deprecation_reason),
            ReleaseState::Draft | ReleaseState::Published | ReleaseState::Deleted => None,
        };
        let deprecated_since = self.yanked_at.or(self.deprecated_at).filter(|_| warning.is_some());
        Ok(Download { sha256: artifact.verdict()?, deprecated_since, warning })
    }
}
