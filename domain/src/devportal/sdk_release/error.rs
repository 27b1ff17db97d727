//! Why a release refuses.

use super::{ReleaseAction, ReleaseState, UploadAction, UploadState};
use crate::{
    devportal::{
        invariants::{R_INV_1, R_INV_3, R_INV_5, R_INV_6, R_INV_7},
        values::Sha256,
    },
    kernel::{
        ArtifactId, Coded, Detail, IllegalTransition, Invariant,
        Kind::{self, Conflict, Invalid, NotFound, Unavailable},
    },
};

/// Why a command on a release is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdkError {
    /// The table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<ReleaseState, ReleaseAction>),
    /// The table of uploads has no such edge.
    #[error(transparent)]
    InvalidUpload(#[from] IllegalTransition<UploadState, UploadAction>),
    /// R-INV-1, as the store found it.
    #[error("this version of the package exists already")]
    VersionExists,
    /// R-INV-3.
    #[error("a released version, its artifacts, digests and signatures never change")]
    Immutable,
    /// There is no such artifact for a reader.
    #[error("there is no such artifact")]
    NotFound,
    /// R-INV-5.
    #[error("the release is yanked: ask for it by its exact version")]
    Yanked,
    /// R-INV-6.
    #[error("the artifact's digest is {computed}, not {claimed}")]
    DigestMismatch {
        /// What was claimed.
        claimed: Sha256,
        /// What came.
        computed: Sha256,
    },
    /// R-INV-6: an artifact is longer than may be.
    #[error("an artifact is at most 1 GiB")]
    TooLarge,
    /// R-INV-6: an artifact has not come.
    #[error("the artifact has not been uploaded")]
    NotUploaded,
    /// R-INV-6: as it is stored, an artifact is verified that cannot be.
    #[error("a stored artifact is not what was computed of it")]
    BrokenArtifact,
    /// R-INV-7.
    #[error("the signature of {artifact} does not verify")]
    BadSignature {
        /// The artifact.
        artifact: ArtifactId,
    },
    /// R-INV-7.
    #[error("the release key {0} is not published")]
    UnknownKey(String),
    /// R-INV-7: as it is stored, a release has no key.
    #[error("a stored release was published without a key")]
    Unsigned,
    /// Nothing to release.
    #[error("a release has 1 to 50 artifacts")]
    ArtifactCount,
    /// Two artifacts that would be one file.
    #[error("the release has an artifact of this name or id")]
    ArtifactExists,
    /// No changelog in English.
    #[error("a release says in English what changed")]
    ChangelogMissing,
    /// Too long a changelog.
    #[error("a changelog is at most 64 KB a language")]
    ChangelogTooLong,
    /// Too late to take a withdrawal back.
    #[error("a yank is taken back within 72 hours")]
    TooLateToRestore,
    /// The purl speaks of another package.
    #[error("the package URL has another type or version than the release")]
    PurlMismatch,
    /// Not a language.
    #[error("there is no SDK in this language")]
    Language,
    /// Not a file's name.
    #[error("a file name is one line of 1 to 255 bytes without slashes")]
    Filename,
    /// Not the description of an artifact.
    #[error("media type, platform, architecture and storage key are lines of 1 to 255 characters")]
    Artifact,
    /// Not the name of a package, version or key.
    #[error("package, API version and key are lines of 1 to 200 characters")]
    Name,
    /// Not a reason.
    #[error("a reason is one line of 1 to 500 characters")]
    Reason,
    /// A release that would be better than itself.
    #[error("a release is not superseded by itself")]
    SupersedesItself,
    /// Stored data that no command can have written.
    #[error("the stored release is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl SdkError {
    #[rustfmt::skip]
    fn facts(&self) -> (&'static str, Kind, Option<Invariant>) {
        match self {
            Self::InvalidTransition(_) | Self::InvalidUpload(_)
                                         => ("sdk.invalid_transition",   Conflict,    None),
            Self::VersionExists          => ("sdk.version_exists",       Conflict,    Some(R_INV_1)),
            Self::Immutable              => ("sdk.immutable",            Conflict,    Some(R_INV_3)),
            Self::NotFound               => ("sdk.not_found",            NotFound,    None),
            Self::Yanked                 => ("sdk.yanked",               Conflict,    Some(R_INV_5)),
            Self::DigestMismatch { .. }  => ("sdk.digest_mismatch",      Invalid,     Some(R_INV_6)),
            Self::TooLarge               => ("sdk.artifact_too_large",   Invalid,     Some(R_INV_6)),
            Self::NotUploaded            => ("sdk.artifact_missing",     Conflict,    Some(R_INV_6)),
            Self::BrokenArtifact         => ("sdk.inconsistent",         Unavailable, Some(R_INV_6)),
            Self::BadSignature { .. }    => ("sdk.bad_signature",        Invalid,     Some(R_INV_7)),
            Self::UnknownKey(_)          => ("sdk.unknown_key",          Invalid,     Some(R_INV_7)),
            Self::Unsigned               => ("sdk.inconsistent",         Unavailable, Some(R_INV_7)),
            Self::ArtifactCount          => ("sdk.artifact_count",       Conflict,    None),
            Self::ArtifactExists         => ("sdk.artifact_exists",      Conflict,    None),
            Self::ChangelogMissing       => ("sdk.changelog_missing",    Conflict,    None),
            Self::ChangelogTooLong       => ("sdk.changelog_too_long",   Invalid,     None),
            Self::TooLateToRestore       => ("sdk.restore_too_late",     Conflict,    None),
            Self::PurlMismatch           => ("sdk.purl_mismatch",        Invalid,     None),
            Self::Language               => ("sdk.language_unknown",     NotFound,    None),
            Self::Filename               => ("sdk.filename_malformed",   Invalid,     None),
            Self::Artifact               => ("sdk.artifact_malformed",   Invalid,     None),
            Self::Name                   => ("sdk.name_malformed",       Invalid,     None),
            Self::Reason                 => ("sdk.reason_malformed",     Invalid,     None),
            Self::SupersedesItself       => ("sdk.supersedes_itself",    Invalid,     None),
            Self::Inconsistent(_)        => ("sdk.inconsistent",         Unavailable, None),
        }
    }
}

impl Coded for SdkError {
    fn code(&self) -> &'static str {
        self.facts().0
    }

    fn kind(&self) -> Kind {
        self.facts().1
    }

    fn invariant(&self) -> Option<Invariant> {
        self.facts().2
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        if let Self::DigestMismatch { claimed, computed } = self {
            let text = |digest: &Sha256| Detail::Text(digest.to_string());
            return vec![("claimed", text(claimed)), ("computed", text(computed))];
        }
        if let Self::BadSignature { artifact } = self {
            return vec![("artifactId", Detail::Text(artifact.to_string()))];
        }
        Vec::new()
    }
}
