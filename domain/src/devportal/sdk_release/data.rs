//! A release's stored document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ReleaseAction, ReleaseState, SdkArtifact, SigningKey};
use crate::{
    devportal::values::{Locale, PackageUrl, ReleaseChannel, SemVer},
    kernel::{ArtifactId, LastTransition, SdkReleaseId, TenantId, Timestamp},
};

macro_rules! languages {
    ($($name:ident $text:literal $purl:literal;)*) => {
        /// The language of an SDK.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "UPPERCASE")]
        pub enum SdkLanguage {
            $(#[doc = $text] $name,)*
        }

        impl SdkLanguage {
            /// Every language.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As it is stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The type of its package URLs; `generic` is every language's.
            pub const fn purl_type(self) -> &'static str {
                match self {
                    $(Self::$name => $purl,)*
                }
            }
        }
    };
}

languages! {
    TypeScript "TYPESCRIPT" "npm";
    Python     "PYTHON"     "pypi";
    Go         "GO"         "golang";
    Rust       "RUST"       "cargo";
    Java       "JAVA"       "maven";
    Kotlin     "KOTLIN"     "maven";
    Swift      "SWIFT"      "swift";
    Php        "PHP"        "composer";
    Ruby       "RUBY"       "gem";
    CSharp     "CSHARP"     "nuget";
    Dart       "DART"       "pub";
}

impl std::str::FromStr for SdkLanguage {
    type Err = super::SdkError;

    /// The language of a text, in whatever case: `rust` in an address is `RUST`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|one| one.as_str().eq_ignore_ascii_case(text));
        found.copied().ok_or(super::SdkError::Language)
    }
}

/// A release to put together.
#[derive(Debug, Clone)]
pub struct NewRelease {
    /// Its id.
    pub id: SdkReleaseId,
    /// The platform's tenant (R27).
    pub tenant_id: TenantId,
    /// Its language.
    pub language: SdkLanguage,
    /// What its package is called.
    pub package_name: String,
    /// What every tool calls it.
    pub purl: PackageUrl,
    /// Its version.
    pub version: SemVer,
    /// The oldest version of the API it speaks.
    pub min_api_version: String,
    /// What changed, in Markdown.
    pub changelog: BTreeMap<Locale, String>,
    /// The key it is signed with.
    pub release_key_id: String,
}

/// The stored document of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SdkReleaseData {
    /// The release.
    pub id: SdkReleaseId,
    /// The platform's tenant.
    pub tenant_id: TenantId,
    /// Its language.
    pub language: SdkLanguage,
    /// What its package is called.
    pub package_name: String,
    /// What every tool calls it.
    pub purl: PackageUrl,
    /// Its version.
    pub version: SemVer,
    /// Where it stands.
    pub state: ReleaseState,
    /// The oldest version of the API it speaks.
    pub min_api_version: String,
    /// What changed, in Markdown.
    pub changelog: BTreeMap<Locale, String>,
    /// Its files.
    pub artifacts: Vec<SdkArtifact>,
    /// The key it is signed with.
    pub release_key_id: String,
    /// That key as it was published when this was released (R-INV-7).
    pub signed_by: Option<SigningKey>,
    /// When it was released first.
    pub published_at: Option<Timestamp>,
    /// When it was deprecated.
    pub deprecated_at: Option<Timestamp>,
    /// Why.
    pub deprecation_reason: Option<String>,
    /// When it was withdrawn.
    pub yanked_at: Option<Timestamp>,
    /// Why.
    pub yank_reason: Option<String>,
    /// The release to use instead.
    pub superseded_by: Option<SdkReleaseId>,
    /// Up to which hour its downloads were announced.
    pub downloads_announced: Option<Timestamp>,
    /// What led to the current state.
    pub last_transition: Option<LastTransition<ReleaseAction>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl SdkReleaseData {
    /// Its channel, which follows from its version.
    pub fn channel(&self) -> ReleaseChannel {
        self.version.channel()
    }

    /// An artifact of it.
    pub fn artifact(&self, id: ArtifactId) -> Option<&SdkArtifact> {
        self.artifacts.iter().find(|artifact| artifact.id == id)
    }

    /// Under which text a store keeps it unique, for ever once it was published (R-INV-1, R-INV-2).
    pub fn version_slot(&self) -> Option<String> {
        let free = self.state == ReleaseState::Deleted && self.published_at.is_none();
        let (language, package) = (self.language.as_str(), &self.package_name);
        (!free).then(|| format!("{language}:{package}:{}", self.version.precedence()))
    }

    /// Whether readers see it.
    pub fn is_public(&self) -> bool {
        !matches!(self.state, ReleaseState::Draft | ReleaseState::Deleted)
    }
}

/// The latest release of a language on a channel: the highest version that is published; a deprecated one only when
/// there is no other; a yanked one never (R-INV-4).
pub fn latest<'a>(
    releases: impl IntoIterator<Item = &'a SdkReleaseData>,
    language: SdkLanguage,
    channel: ReleaseChannel,
) -> Option<&'a SdkReleaseData> {
    let rank = |state| match state {
        ReleaseState::Published => Some(1),
        ReleaseState::Deprecated => Some(0),
        ReleaseState::Draft | ReleaseState::Yanked | ReleaseState::Deleted => None,
    };
    let ranked = releases
        .into_iter()
        .filter(|release| release.language == language && release.channel() == channel)
        .filter_map(|release| Some((rank(release.state)?, &release.version, release)));
    ranked.max_by(|left, right| (left.0, left.1).cmp(&(right.0, right.1))).map(|(_, _, release)| release)
}
