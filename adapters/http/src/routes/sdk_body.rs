//! SDK releases as answers.

use poem_openapi::{Enum, Object, types::Any};
use sarai_application::devportal::sdks::LanguageSdks;
use sarai_domain::{
    devportal::{
        sdk_release::{ReleaseState, SdkArtifact, SdkReleaseData, SigningKey, UploadState},
        values::{Locale, ReleaseChannel},
    },
    kernel::id::kinds,
};
use serde_json::Value;

use crate::scalars::{ApiId, ApiTimestamp};

macro_rules! mirrored {
    ($(#[$doc:meta])* $body:ident of $domain:ident as $name:literal { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        #[oai(rename = $name, rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $body {
            $($(#[$variant_doc])* $variant,)*
        }

        impl From<$domain> for $body {
            fn from(value: $domain) -> Self {
                match value {
                    $($domain::$variant => Self::$variant,)*
                }
            }
        }

        impl From<$body> for $domain {
            fn from(value: $body) -> Self {
                match value {
                    $($body::$variant => Self::$variant,)*
                }
            }
        }
    };
}

mirrored! {
    /// How finished a release is, derived from its version.
    ChannelBody of ReleaseChannel as "ReleaseChannel" {
        /// No pre-release.
        Stable,
        /// `-rc`.
        Rc,
        /// `-beta`.
        Beta,
        /// Any other pre-release.
        Alpha,
    }
}

mirrored! {
    /// Where a release stands.
    ReleaseStateBody of ReleaseState as "SdkReleaseState" {
        /// Being put together.
        Draft,
        /// For everybody.
        Published,
        /// There is a better one.
        Deprecated,
        /// For nobody who does not ask for exactly it.
        Yanked,
        /// Never released.
        Deleted,
    }
}

mirrored! {
    /// How far an upload is.
    UploadStateBody of UploadState as "SdkUploadState" {
        /// Its bytes are to come.
        Waiting,
        /// They came, and are what was claimed.
        Verified,
        /// They are not.
        Failed,
    }
}

/// What changed, in Markdown, by locale.
#[derive(Debug, Default, Object)]
#[oai(rename = "SdkChangelog", rename_all = "camelCase")]
pub struct ChangelogBody {
    /// English.
    pub(super) en: Option<String>,
    /// Pashto.
    pub(super) ps: Option<String>,
    /// Dari.
    pub(super) fa: Option<String>,
}

/// A file of a release.
#[derive(Debug, Object)]
#[oai(rename = "SdkArtifact", rename_all = "camelCase")]
pub struct ArtifactBody {
    /// The artifact.
    id: ApiId<kinds::Artifact>,
    /// Its file's name.
    filename: String,
    /// Its media type.
    media_type: String,
    /// What it runs on.
    platform: Option<String>,
    /// Which processor it is for.
    arch: Option<String>,
    /// How long it is.
    size_bytes: Option<u64>,
    /// Its SHA-256, computed by us while it came: hexadecimal digits.
    sha256: Option<String>,
    /// The release key's Ed25519 signature: hexadecimal digits. Signed are the two bytes 0 and 16, the text
    /// `devportal.sdk.v1`, the package URL, and the 32 bytes of the SHA-256.
    signature: String,
    /// Where a Sigstore bundle is.
    sigstore_bundle_url: Option<String>,
    /// How far its upload is.
    upload_state: UploadStateBody,
    /// Where to get it.
    download: String,
}

/// A release.
#[derive(Debug, Object)]
#[oai(rename = "SdkRelease", rename_all = "camelCase")]
pub struct ReleaseBody {
    /// The release.
    id: ApiId<kinds::SdkRelease>,
    /// Its language, such as `RUST`.
    language: String,
    /// What its package is called.
    package_name: String,
    /// What every tool calls it.
    purl: String,
    /// Its version.
    version: String,
    /// How finished it is.
    channel: ChannelBody,
    /// Where it stands.
    state: ReleaseStateBody,
    /// The oldest version of the API it speaks.
    min_api_version: String,
    /// What changed.
    changelog: ChangelogBody,
    /// Its files.
    artifacts: Vec<ArtifactBody>,
    /// The key it is signed with.
    release_key_id: String,
    /// When it was released first.
    published_at: Option<ApiTimestamp>,
    /// When it was deprecated.
    deprecated_at: Option<ApiTimestamp>,
    /// Why.
    deprecation_reason: Option<String>,
    /// When it was yanked.
    yanked_at: Option<ApiTimestamp>,
    /// Why.
    yank_reason: Option<String>,
    /// The release to use instead.
    superseded_by: Option<ApiId<kinds::SdkRelease>>,
}

impl From<&SdkArtifact> for ArtifactBody {
    fn from(artifact: &SdkArtifact) -> Self {
        Self {
            id: artifact.id.into(),
            filename: artifact.filename.clone(),
            media_type: artifact.media_type.clone(),
            platform: artifact.platform.clone(),
            arch: artifact.arch.clone(),
            size_bytes: artifact.size_bytes,
            sha256: artifact.sha256.map(|digest| digest.to_string()),
            signature: artifact.signature.to_string(),
            sigstore_bundle_url: artifact.sigstore_bundle_url.as_ref().map(|url| url.as_str().to_owned()),
            upload_state: artifact.upload_state.into(),
            download: format!("/v1/sdks/artifacts/{}/download", artifact.id),
        }
    }
}

impl From<&SdkReleaseData> for ReleaseBody {
    fn from(data: &SdkReleaseData) -> Self {
        let said = |locale: Locale| data.changelog.get(&locale).cloned();
        Self {
            id: data.id.into(),
            language: data.language.as_str().to_owned(),
            package_name: data.package_name.clone(),
            purl: data.purl.as_str().to_owned(),
            version: data.version.to_string(),
            channel: data.channel().into(),
            state: data.state.into(),
            min_api_version: data.min_api_version.clone(),
            changelog: ChangelogBody { en: said(Locale::En), ps: said(Locale::Ps), fa: said(Locale::Fa) },
            artifacts: data.artifacts.iter().map(ArtifactBody::from).collect(),
            release_key_id: data.release_key_id.clone(),
            published_at: data.published_at.map(Into::into),
            deprecated_at: data.deprecated_at.map(Into::into),
            deprecation_reason: data.deprecation_reason.clone(),
            yanked_at: data.yanked_at.map(Into::into),
            yank_reason: data.yank_reason.clone(),
            superseded_by: data.superseded_by.map(Into::into),
        }
    }
}

/// A language.
#[derive(Debug, Object)]
#[oai(rename = "SdkLanguage", rename_all = "camelCase")]
pub struct LanguageBody {
    /// Its name, such as `RUST`.
    language: String,
    /// What its packages are called.
    packages: Vec<String>,
    /// The latest release of each channel that has one.
    latest: Vec<ReleaseBody>,
}

impl From<LanguageSdks> for LanguageBody {
    fn from(one: LanguageSdks) -> Self {
        Self {
            language: one.language.as_str().to_owned(),
            packages: one.packages,
            latest: one.latest.values().map(ReleaseBody::from).collect(),
        }
    }
}

/// Every language.
#[derive(Debug, Object)]
#[oai(rename = "SdkLanguages", rename_all = "camelCase")]
pub struct LatestBody {
    /// The languages.
    pub(super) data: Vec<LanguageBody>,
}

/// A key that releases are signed with.
#[derive(Debug, Object)]
#[oai(rename = "SdkSigningKey", rename_all = "camelCase")]
pub struct SigningKeyBody {
    /// Its name.
    key_id: String,
    /// How it signs.
    algorithm: String,
    /// The public key: hexadecimal digits.
    public_key: String,
}

impl From<&SigningKey> for SigningKeyBody {
    fn from(key: &SigningKey) -> Self {
        Self {
            key_id: key.key_id.clone(),
            algorithm: "ed25519".to_owned(),
            public_key: key.public_key.to_string(),
        }
    }
}

/// Every key.
#[derive(Debug, Object)]
#[oai(rename = "SdkSigningKeys", rename_all = "camelCase")]
pub struct SigningKeysBody {
    /// The keys.
    pub(super) data: Vec<SigningKeyBody>,
}

/// A line of the release log.
#[derive(Debug, Object)]
#[oai(rename = "SdkLogLine", rename_all = "camelCase")]
pub struct LogLineBody {
    /// Its place, from 1.
    pub(super) seq: u64,
    /// The hash of the line before it.
    pub(super) prev: String,
    /// Its own.
    pub(super) hash: String,
    /// What happened, as it was hashed.
    pub(super) entry: Any<Value>,
}

/// A part of the release log.
#[derive(Debug, Object)]
#[oai(rename = "SdkLog", rename_all = "camelCase")]
pub struct LogBody {
    /// The lines.
    pub(super) data: Vec<LogLineBody>,
    /// Where the next part begins, when there may be one.
    pub(super) next_after: Option<u64>,
}
