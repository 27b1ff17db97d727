//! SDK releases as the page lists them, and how a file's signature is checked.

use sarai_domain::{devportal::values::Locale, kernel::Timestamp};
use sarai_ports::customer_portal::sdks::{SdkArtifact, SdkRelease, SdkSigningKey};

/// What comes before a public Ed25519 key in DER (RFC 8410).
const DER: &str = "302a300506032b6570032100";

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactItem {
    /// Its id.
    pub id: String,
    /// Its name.
    pub filename: String,
    /// What it runs on, where that matters.
    pub runs_on: Option<String>,
    /// Its size in thousands of bytes, rounded up.
    pub kilobytes: Option<u64>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// Its signature.
    pub signature: String,
}

impl From<&SdkArtifact> for ArtifactItem {
    fn from(artifact: &SdkArtifact) -> Self {
        let parts = [artifact.platform.as_deref(), artifact.arch.as_deref()];
        let runs_on: Vec<&str> = parts.into_iter().flatten().collect();
        Self {
            id: artifact.id.clone(),
            filename: artifact.filename.clone(),
            runs_on: Some(runs_on.join(" ")).filter(|text| !text.is_empty()),
            kilobytes: artifact.size_bytes.map(|bytes| bytes.div_ceil(1_000)),
            sha256: artifact.sha256.clone(),
            signature: artifact.signature.clone(),
        }
    }
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseItem {
    /// Its id.
    pub id: String,
    /// What its package is called.
    pub package: String,
    /// What every tool calls it.
    pub purl: String,
    /// Its version.
    pub version: String,
    /// How finished it is.
    pub channel: String,
    /// Where it stands.
    pub state: String,
    /// Why it is not to be used.
    pub why: Option<String>,
    /// The oldest version of the API it speaks.
    pub min_api_version: String,
    /// What changed, and in which language that is said.
    pub changes: Option<(Locale, String)>,
    /// The key it is signed with.
    pub key_id: String,
    /// When it was released.
    pub published_at: Option<Timestamp>,
    /// Its files.
    pub artifacts: Vec<ArtifactItem>,
}

impl ReleaseItem {
    /// A release as a reader of this language sees it.
    pub fn of(release: &SdkRelease, locale: Locale) -> Self {
        let said = |locale: Locale| {
            let text = match locale {
                Locale::En => &release.changelog.en,
                Locale::Ps => &release.changelog.ps,
                Locale::Fa => &release.changelog.fa,
            };
            text.clone().map(|text| (locale, text))
        };
        Self {
            id: release.id.clone(),
            package: release.package_name.clone(),
            purl: release.purl.clone(),
            version: release.version.clone(),
            channel: release.channel.to_ascii_lowercase(),
            state: release.state.to_ascii_lowercase(),
            why: release.yank_reason.clone().or_else(|| release.deprecation_reason.clone()),
            min_api_version: release.min_api_version.clone(),
            changes: said(locale).or_else(|| said(Locale::En)),
            key_id: release.release_key_id.clone(),
            published_at: release.published_at,
            artifacts: release.artifacts.iter().map(ArtifactItem::from).collect(),
        }
    }
}

/// Whether a text is made of hexadecimal digits only, so that it may stand in a command.
fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Commands that check a downloaded file: its digest, and the signature over package and digest. None where a part is
/// missing, or is not what may stand in a command.
pub fn check(release: &ReleaseItem, artifact: &ArtifactItem, keys: &[SdkSigningKey]) -> Option<String> {
    let key = keys.iter().find(|key| key.key_id == release.key_id)?;
    let sha256 = artifact.sha256.as_deref()?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\\%".contains(&byte));
    let fits = [sha256, &artifact.signature, &key.public_key].into_iter().all(is_hex)
        && plain(&artifact.filename)
        && release.purl.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\\".contains(&byte));
    let (filename, purl, signature, public) =
        (&artifact.filename, &release.purl, &artifact.signature, &key.public_key);
    fits.then(|| {
        format!(
            "echo '{sha256}  {filename}' | sha256sum -c\n\
             {{ printf '\\000\\020devportal.sdk.v1'; printf '%s' '{purl}'; printf '{sha256}' | xxd -r -p; }} > signed\n\
             printf '{signature}' | xxd -r -p > signature\n\
             printf '{DER}{public}' | xxd -r -p > key.der\n\
             openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in signed -sigfile signature"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release() -> SdkRelease {
        serde_json::from_value(serde_json::json!({
            "id": "sdk_1", "language": "RUST", "packageName": "sarai", "purl": "pkg:cargo/sarai@1.0.0",
            "version": "1.0.0", "channel": "STABLE", "state": "YANKED", "minApiVersion": "v1",
            "changelog": {"en": "First", "ps": null, "fa": "نخستین"}, "releaseKeyId": "k1",
            "yankReason": "leaks", "publishedAt": "2026-04-18T09:30:00Z",
            "artifacts": [{"id": "art_1", "filename": "sarai-1.0.0.tar.gz", "mediaType": "application/gzip",
                "sizeBytes": 12_001, "sha256": "ab12", "signature": "cd34"}],
        }))
        .unwrap()
    }

    #[test]
    fn a_release_says_what_changed_in_the_readers_language_or_in_english() {
        let said = |locale| ReleaseItem::of(&release(), locale).changes.unwrap();
        assert_eq!(said(Locale::Fa), (Locale::Fa, "نخستین".to_owned()));
        assert_eq!(said(Locale::Ps), (Locale::En, "First".to_owned()));
        let item = ReleaseItem::of(&release(), Locale::En);
        assert_eq!((item.state.as_str(), item.why.as_deref()), ("yanked", Some("leaks")));
        assert_eq!(item.artifacts[0].kilobytes, Some(13));
    }

    #[test]
    fn commands_hold_nothing_that_a_shell_would_understand() {
        let keys = [SdkSigningKey { key_id: "k1".to_owned(), public_key: "ef56".to_owned() }];
        let item = ReleaseItem::of(&release(), Locale::En);
        let commands = check(&item, &item.artifacts[0], &keys).unwrap();
        assert!(
            commands.contains("'ab12  sarai-1.0.0.tar.gz'")
                && commands.contains("302a300506032b6570032100ef56")
        );
        assert_eq!(check(&item, &item.artifacts[0], &[]), None);
        for (filename, signature) in [("a'; rm -rf ~; '", "cd34"), ("a", "cd34'"), ("a b", "cd34")] {
            let bad = ArtifactItem {
                filename: filename.to_owned(),
                signature: signature.to_owned(),
                ..item.artifacts[0].clone()
            };
            assert_eq!(check(&item, &bad, &keys), None, "{filename} {signature}");
        }
    }
}
