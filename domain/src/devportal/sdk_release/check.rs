//! What holds of every stored release, one row a rule.

use std::collections::BTreeMap;

use super::{MAX_ARTIFACTS, MAX_CHANGELOG, ReleaseState, SdkError, SdkRelease, SdkReleaseData, UploadState};
use crate::{
    devportal::{
        invariants::{R_INV_6, R_INV_7},
        values::Locale,
    },
    kernel::{Audited, Rule},
};

type Result = std::result::Result<(), SdkError>;

impl Audited for SdkRelease {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(R_INV_6, |data, _| uploads(data)),
        Rule::<Self>::of(R_INV_7, |data, _| signatures(data)).given(R_INV_6),
        Rule::<Self>::ours(       |data, _| if data.artifacts.len() > MAX_ARTIFACTS { Err(SdkError::ArtifactCount) } else { Ok(()) }),
        Rule::<Self>::ours(       |data, _| changelog(&data.changelog)),
        Rule::<Self>::ours(       |data, _| holds(data.is_public() == data.published_at.is_some(), "what was published, and nothing else, was so at a time")),
        Rule::<Self>::ours(       |data, _| holds((data.state == ReleaseState::Yanked) == data.yanked_at.is_some(), "a yanked release, and no other, was so at a time")),
        Rule::<Self>::ours(       |data, _| holds(data.state != ReleaseState::Deprecated || data.deprecated_at.is_some(), "a deprecated release was so at a time")),
    ];
}

fn holds(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(SdkError::Inconsistent(what)) }
}

/// An artifact is verified exactly when what came is what was claimed, and all are before the release.
fn uploads(data: &SdkReleaseData) -> Result {
    let right = data.artifacts.iter().all(|artifact| match artifact.upload_state {
        UploadState::Waiting => artifact.sha256.is_none(),
        UploadState::Verified => artifact.verdict().is_ok(),
        UploadState::Failed => artifact.verdict().is_err(),
    });
    let complete = data.artifacts.iter().all(|artifact| artifact.upload_state == UploadState::Verified);
    if right && (complete || !data.is_public()) { Ok(()) } else { Err(SdkError::BrokenArtifact) }
}

/// The signatures still verify under the key that was published at the time.
fn signatures(data: &SdkReleaseData) -> Result {
    if !data.is_public() {
        return Ok(());
    }
    let key = data.signed_by.as_ref().filter(|key| key.key_id == data.release_key_id);
    let key = key.ok_or(SdkError::Unsigned)?;
    data.artifacts.iter().try_for_each(|artifact| artifact.verify(&data.purl, &key.public_key))
}

pub(super) fn changelog(changelog: &BTreeMap<Locale, String>) -> Result {
    let too_long = changelog.values().any(|text| text.len() > MAX_CHANGELOG);
    if too_long { Err(SdkError::ChangelogTooLong) } else { Ok(()) }
}
