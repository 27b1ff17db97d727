//! What a release consists of: files, their digests and their signatures.

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::{SdkError, UploadState};
use crate::{
    devportal::values::{HttpsUrl, PackageUrl, Sha256, text::line},
    kernel::{ArtifactId, Hex},
};

/// The largest artifact.
pub const MAX_SIZE: u64 = 1 << 30;
/// What a signature's message begins with.
const LABEL: &[u8] = b"devportal.sdk.v1";

/// An artifact to announce, before its bytes come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArtifact {
    /// Its id.
    pub id: ArtifactId,
    /// Its file's name: 1 to 255 characters without a slash.
    pub filename: String,
    /// Its media type.
    pub media_type: String,
    /// What it runs on.
    pub platform: Option<String>,
    /// Which processor it is for.
    pub arch: Option<String>,
    /// The digest that whoever uploads claims.
    pub claimed_sha256: Option<Sha256>,
    /// The release key's signature.
    pub signature: Hex<64>,
    /// Where a Sigstore bundle is.
    pub sigstore_bundle_url: Option<HttpsUrl>,
    /// Under which key the artifact store keeps the bytes.
    pub storage_key: String,
}

/// An artifact of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SdkArtifact {
    /// The artifact.
    pub id: ArtifactId,
    /// Its file's name.
    pub filename: String,
    /// Its media type.
    pub media_type: String,
    /// What it runs on.
    pub platform: Option<String>,
    /// Which processor it is for.
    pub arch: Option<String>,
    /// How long it is, counted while it came.
    pub size_bytes: Option<u64>,
    /// The digest that whoever uploaded it claimed.
    pub claimed_sha256: Option<Sha256>,
    /// The digest computed here while it came (R-INV-6).
    pub sha256: Option<Sha256>,
    /// The release key's signature of [`signature_message`].
    pub signature: Hex<64>,
    /// Where a Sigstore bundle is.
    pub sigstore_bundle_url: Option<HttpsUrl>,
    /// Under which key the artifact store keeps the bytes.
    pub storage_key: String,
    /// How far its upload is.
    pub upload_state: UploadState,
}

/// A key that releases are signed with, as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKey {
    /// Its name.
    pub key_id: String,
    /// The ed25519 public key.
    pub public_key: Hex<32>,
}

impl TryFrom<NewArtifact> for SdkArtifact {
    type Error = SdkError;

    fn try_from(new: NewArtifact) -> Result<Self, SdkError> {
        let word = |text: &str, max| line(text, max).is_some_and(|line| line == text);
        let named = word(&new.filename, 255) && new.filename.len() <= 255;
        if !named || new.filename.contains(['/', '\\']) || matches!(new.filename.as_str(), "." | "..") {
            return Err(SdkError::Filename);
        }
        let described = new.media_type.contains('/')
            && [Some(&new.media_type), new.platform.as_ref(), new.arch.as_ref(), Some(&new.storage_key)]
                .into_iter()
                .flatten()
                .all(|text| word(text, 255));
        if !described {
            return Err(SdkError::Artifact);
        }
        Ok(Self {
            id: new.id,
            filename: new.filename,
            media_type: new.media_type,
            platform: new.platform,
            arch: new.arch,
            size_bytes: None,
            claimed_sha256: new.claimed_sha256,
            sha256: None,
            signature: new.signature,
            sigstore_bundle_url: new.sigstore_bundle_url,
            storage_key: new.storage_key,
            upload_state: UploadState::Waiting,
        })
    }
}

impl SdkArtifact {
    /// What the upload came to: the answer to whoever uploaded, after it was stored.
    ///
    /// # Errors
    /// [`SdkError::NotUploaded`], [`SdkError::TooLarge`], [`SdkError::DigestMismatch`] (R-INV-6).
    pub fn verdict(&self) -> Result<Sha256, SdkError> {
        let digest = self.sha256.ok_or(SdkError::NotUploaded)?;
        if self.size_bytes.is_none_or(|size| size > MAX_SIZE) {
            return Err(SdkError::TooLarge);
        }
        match self.claimed_sha256 {
            Some(claimed) if claimed != digest => Err(SdkError::DigestMismatch { claimed, computed: digest }),
            Some(_) | None => Ok(digest),
        }
    }

    /// Whether its signature is this key's (R-INV-7).
    ///
    /// # Errors
    /// [`SdkError::BadSignature`]; those of [`SdkArtifact::verdict`].
    pub fn verify(&self, purl: &PackageUrl, key: &Hex<32>) -> Result<(), SdkError> {
        let message = signature_message(purl, &self.verdict()?);
        let bad = || SdkError::BadSignature { artifact: self.id };
        let key = VerifyingKey::from_bytes(&key.0).map_err(|_| bad())?;
        key.verify_strict(&message, &Signature::from_bytes(&self.signature.0)).map_err(|_| bad())
    }
}

/// What is signed of an artifact: `LP("devportal.sdk.v1") ‖ purl ‖ sha256`, where `LP(x)` is the length of `x` in two
/// bytes, the higher first, and `x`; the digest is its 32 bytes.
///
/// ```
/// # use sarai_domain::{devportal::sdk_release::signature_message, kernel::Hex};
/// let message = signature_message(&"pkg:cargo/sarai@1.0.0".parse()?, &Hex([7; 32]));
/// assert!(message.starts_with(b"\x00\x10devportal.sdk.v1pkg:cargo/sarai@1.0.0\x07\x07"));
/// # Ok::<(), sarai_domain::devportal::values::Malformed>(())
/// ```
pub fn signature_message(purl: &PackageUrl, sha256: &Sha256) -> Vec<u8> {
    let length = u16::try_from(LABEL.len()).unwrap_or(u16::MAX).to_be_bytes();
    [length.as_slice(), LABEL, purl.as_str().as_bytes(), &sha256.0].concat()
}
