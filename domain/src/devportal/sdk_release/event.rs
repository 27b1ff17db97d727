//! What a release announces, to everybody.

use serde::{Deserialize, Serialize};

use super::{DownloadCount, SdkLanguage, SdkReleaseData};
use crate::{
    devportal::values::{ReleaseChannel, SemVer, Sha256},
    kernel::{ArtifactId, SdkReleaseId, Timestamp, topics},
};

/// What every event of a release says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseFacts {
    /// The release.
    pub release_id: SdkReleaseId,
    /// Its language.
    pub language: SdkLanguage,
    /// What its package is called.
    pub package_name: String,
    /// Its version.
    pub version: SemVer,
    /// Its channel.
    pub channel: ReleaseChannel,
    /// When it happened, in business time.
    pub at: Timestamp,
}

/// A file that was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleasedArtifact {
    /// The artifact.
    pub id: ArtifactId,
    /// Its file's name.
    pub filename: String,
    /// Its digest.
    pub sha256: Sha256,
    /// How long it is.
    pub size_bytes: u64,
}

/// A fact about a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SdkEvent {
    /// Everybody can have it; `restored` after its withdrawal was taken back.
    Released {
        /// Which and when.
        #[serde(flatten)]
        release: ReleaseFacts,
        /// Its files.
        artifacts: Vec<ReleasedArtifact>,
        /// The oldest version of the API it speaks.
        min_api_version: String,
        /// Whether it had been there before.
        restored: bool,
    },
    /// There is a better one.
    Deprecated {
        /// Which and when.
        #[serde(flatten)]
        release: ReleaseFacts,
        /// Why.
        reason: String,
        /// The release to use instead.
        superseded_by: Option<SdkReleaseId>,
    },
    /// It is withdrawn.
    Yanked {
        /// Which and when.
        #[serde(flatten)]
        release: ReleaseFacts,
        /// Why.
        reason: String,
        /// The release to use instead.
        superseded_by: Option<SdkReleaseId>,
    },
    /// So often was an artifact of it downloaded in an hour.
    Downloaded {
        /// Which and when.
        #[serde(flatten)]
        release: ReleaseFacts,
        /// The hour.
        hour: Timestamp,
        /// Which artifact, and how often.
        #[serde(flatten)]
        downloads: DownloadCount,
    },
}

topics!(SdkEvent {
    Released   => "devportal.sdk.released.v1",
    Deprecated => "devportal.sdk.deprecated.v1",
    Yanked     => "devportal.sdk.yanked.v1",
    Downloaded => "devportal.sdk.downloaded.v1",
});

impl ReleaseFacts {
    pub(super) fn new(data: &SdkReleaseData, at: Timestamp) -> Self {
        Self {
            release_id: data.id,
            language: data.language,
            package_name: data.package_name.clone(),
            version: data.version.clone(),
            channel: data.channel(),
            at,
        }
    }
}
