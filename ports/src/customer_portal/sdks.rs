//! SDKs as the API tells them.

use sarai_domain::kernel::Timestamp;
use serde::Deserialize;

/// A language there are SDKs for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SdkLanguage {
    /// Its name, such as `RUST`.
    pub language: String,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SdkArtifact {
    /// Its id.
    pub id: String,
    /// Its file's name.
    pub filename: String,
    /// What it runs on.
    pub platform: Option<String>,
    /// Which processor it is for.
    pub arch: Option<String>,
    /// How long it is.
    pub size_bytes: Option<u64>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// The release key's signature.
    pub signature: String,
}

/// What changed, by locale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct SdkChangelog {
    /// English.
    pub en: Option<String>,
    /// Pashto.
    pub ps: Option<String>,
    /// Dari.
    pub fa: Option<String>,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SdkRelease {
    /// Its id.
    pub id: String,
    /// Its language.
    pub language: String,
    /// What its package is called.
    pub package_name: String,
    /// What every tool calls it.
    pub purl: String,
    /// Its version.
    pub version: String,
    /// How finished it is.
    pub channel: String,
    /// Where it stands.
    pub state: String,
    /// The oldest version of the API it speaks.
    pub min_api_version: String,
    /// What changed.
    pub changelog: SdkChangelog,
    /// Its files.
    pub artifacts: Vec<SdkArtifact>,
    /// The key it is signed with.
    pub release_key_id: String,
    /// When it was released first.
    pub published_at: Option<Timestamp>,
    /// Why it is deprecated.
    pub deprecation_reason: Option<String>,
    /// Why it was yanked.
    pub yank_reason: Option<String>,
    /// The release to use instead.
    pub superseded_by: Option<String>,
}

/// A key that releases are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SdkSigningKey {
    /// Its name.
    pub key_id: String,
    /// The public key, as hexadecimal digits.
    pub public_key: String,
}
