//! Versions of what is released, compared as Semantic Versioning 2.0 has it.

use std::{cmp::Ordering, fmt, hash, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Malformed;

/// A version. Build metadata is kept and counts for nothing, neither in order nor in equality (R-INV-2).
///
/// ```
/// # use sarai_domain::devportal::values::SemVer;
/// let parse = |text: &str| text.parse::<SemVer>().unwrap();
/// assert!(parse("1.0.0-rc.2") < parse("1.0.0-rc.10"));
/// assert!(parse("1.0.0-rc.10") < parse("1.0.0"));
/// assert_eq!(parse("1.0.0+linux"), parse("1.0.0+mac"));
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SemVer(semver::Version);

/// How finished a release is, derived from its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReleaseChannel {
    /// No pre-release.
    Stable,
    /// `-rc`.
    Rc,
    /// `-beta`.
    Beta,
    /// `-alpha`, and any other pre-release: nothing is promised of it.
    Alpha,
}

impl ReleaseChannel {
    /// Every channel.
    pub const ALL: &[Self] = &[Self::Stable, Self::Rc, Self::Beta, Self::Alpha];
}

impl SemVer {
    /// The channel it belongs to.
    pub fn channel(&self) -> ReleaseChannel {
        let pre = self.0.pre.as_str();
        let word: String = pre.chars().take_while(char::is_ascii_alphabetic).collect();
        match word.to_ascii_lowercase().as_str() {
            "" if pre.is_empty() => ReleaseChannel::Stable,
            "rc" => ReleaseChannel::Rc,
            "beta" => ReleaseChannel::Beta,
            _ => ReleaseChannel::Alpha,
        }
    }

    /// Without build metadata: what makes it unique (R-INV-1, R-INV-2).
    pub fn precedence(&self) -> String {
        semver::Version { build: semver::BuildMetadata::EMPTY, ..self.0.clone() }.to_string()
    }
}

impl PartialEq for SemVer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for SemVer {}
impl PartialOrd for SemVer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for SemVer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}
impl hash::Hash for SemVer {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        (self.0.major, self.0.minor, self.0.patch, &self.0.pre).hash(state);
    }
}

impl fmt::Display for SemVer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for SemVer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for SemVer {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.len() > 128 {
            return Err(Malformed::Version);
        }
        semver::Version::parse(text).map(Self).map_err(|_| Malformed::Version)
    }
}

impl TryFrom<String> for SemVer {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<SemVer> for String {
    fn from(version: SemVer) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{devportal::invariants::R_INV_2, kernel::Coded};

    fn version(text: &str) -> SemVer {
        text.parse().unwrap()
    }

    #[test]
    fn r_inv_2_allows_the_order_of_the_specification() {
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "2.0.0",
            "2.1.0",
            "2.1.1",
            "10.0.0",
        ];
        assert!(order.map(version).is_sorted_by(|left, right| left < right));
    }

    #[test]
    fn r_inv_2_rejects_build_metadata_as_a_difference() {
        let same = ["1.2.3", "1.2.3+a", "1.2.3+b.9"].map(version);
        assert_eq!(same.iter().collect::<BTreeSet<_>>().len(), 1);
        assert_eq!(same.each_ref().map(SemVer::precedence), ["1.2.3"; 3].map(str::to_owned));
        assert_eq!(version("1.2.3+b.9").to_string(), "1.2.3+b.9", "and it is kept");
        assert_eq!("1.2".parse::<SemVer>().unwrap_err().invariant(), Some(R_INV_2));
    }

    #[test]
    fn a_version_has_its_one_spelling() {
        for bad in [
            "",
            "1",
            "1.2",
            "v1.2.3",
            "01.2.3",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3 ",
            &format!("1.0.0-{}", "a".repeat(128)),
        ] {
            assert_eq!(bad.parse::<SemVer>(), Err(Malformed::Version), "{bad}");
        }
    }

    #[test]
    fn the_channel_follows_the_pre_release() {
        for (text, channel) in [
            ("1.0.0", ReleaseChannel::Stable),
            ("1.0.0+rc", ReleaseChannel::Stable),
            ("1.0.0-rc.1", ReleaseChannel::Rc),
            ("1.0.0-rc1", ReleaseChannel::Rc),
            ("1.0.0-beta", ReleaseChannel::Beta),
            ("1.0.0-alpha.3", ReleaseChannel::Alpha),
            ("1.0.0-dev", ReleaseChannel::Alpha),
            ("1.0.0-1", ReleaseChannel::Alpha),
            ("1.0.0-rcx", ReleaseChannel::Alpha),
        ] {
            assert_eq!(version(text).channel(), channel, "{text}");
        }
    }
}
