//! The release log: what was released, withdrawn and restored, in a hash chain that anybody can check.
//!
//! Whoever swaps an artifact, or its line here, breaks the chain (kernel: [`crate::kernel::chain`]).

use serde::{Deserialize, Serialize};

use super::{SdkLanguage, SdkReleaseData};
use crate::{
    devportal::values::{PackageUrl, SemVer, Sha256},
    kernel::{Broken, ChainHead, ChainLink, Hex, SdkReleaseId, Timestamp, chain},
};

/// The name of the chain.
pub const CHAIN: &str = "devportal.sdk.releases";

/// What happened to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogAction {
    /// It was released.
    Released,
    /// It was deprecated.
    Deprecated,
    /// It was withdrawn.
    Yanked,
    /// The withdrawal was taken back.
    Restored,
}

/// A file of a release, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedArtifact {
    /// Its file's name.
    pub filename: String,
    /// Its digest.
    pub sha256: Sha256,
    /// Its signature.
    pub signature: Hex<64>,
}

/// A line of the log, without its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseLogEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: LogAction,
    /// The release.
    pub release_id: SdkReleaseId,
    /// Its language.
    pub language: SdkLanguage,
    /// What its package is called.
    pub package_name: String,
    /// Its version.
    pub version: SemVer,
    /// What every tool calls it.
    pub purl: PackageUrl,
    /// The key it is signed with.
    pub release_key_id: String,
    /// Its files.
    pub artifacts: Vec<LoggedArtifact>,
    /// Why it was deprecated or withdrawn.
    pub reason: Option<String>,
}

impl ReleaseLogEntry {
    /// The line of what just happened to a release.
    pub fn of(release: &SdkReleaseData, action: LogAction, at: Timestamp) -> Self {
        let logged = |artifact: &super::SdkArtifact| {
            let (filename, signature) = (artifact.filename.clone(), artifact.signature);
            artifact.sha256.map(|sha256| LoggedArtifact { filename, sha256, signature })
        };
        Self {
            at,
            action,
            release_id: release.id,
            language: release.language,
            package_name: release.package_name.clone(),
            version: release.version.clone(),
            purl: release.purl.clone(),
            release_key_id: release.release_key_id.clone(),
            artifacts: release.artifacts.iter().filter_map(logged).collect(),
            reason: match action {
                LogAction::Deprecated => release.deprecation_reason.clone(),
                LogAction::Yanked => release.yank_reason.clone(),
                LogAction::Released | LogAction::Restored => None,
            },
        }
    }
}

/// The log before its first line.
pub fn genesis() -> ChainHead {
    ChainHead::genesis(CHAIN)
}

/// Checks a whole log, and against a head that was published earlier.
///
/// # Errors
/// The first place at which it is [`Broken`].
pub fn verify_log(
    entries: &[(ReleaseLogEntry, ChainLink)],
    anchor: Option<&ChainHead>,
) -> Result<ChainHead, Broken> {
    chain::verify(CHAIN, entries.iter().map(|(entry, link)| (entry, link)), anchor)
}
