//! From draft to withdrawal: the commands of a release's table.

use std::collections::BTreeMap;

use super::{
    RESTORE_WITHIN, ReleaseAction, ReleaseFacts, ReleaseState, ReleasedArtifact, SdkArtifact, SdkError,
    SdkEvent, SdkRelease, SigningKey,
};
use crate::{
    devportal::values::{Locale, text::line},
    kernel::{Outcome, SdkReleaseId, Step, Timestamp},
};

impl SdkRelease {
    /// Releases it, when everything came, is signed by a key of `published_keys`, and English says what changed.
    ///
    /// # Errors
    /// [`SdkError::ArtifactCount`], [`SdkError::NotUploaded`], [`SdkError::DigestMismatch`] (R-INV-6),
    /// [`SdkError::UnknownKey`], [`SdkError::BadSignature`] (R-INV-7), [`SdkError::ChangelogMissing`],
    /// [`SdkError::InvalidTransition`].
    pub fn publish(&mut self, published_keys: &[SigningKey], now: Timestamp) -> Result<Outcome, SdkError> {
        let Step::To(to) = self.step(ReleaseAction::Publish, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let data = &mut self.root.data;
        if data.artifacts.is_empty() {
            return Err(SdkError::ArtifactCount);
        }
        let known = published_keys.iter().find(|key| key.key_id == data.release_key_id);
        let key = known.ok_or_else(|| SdkError::UnknownKey(data.release_key_id.clone()))?;
        data.artifacts.iter().try_for_each(|artifact| artifact.verify(&data.purl, &key.public_key))?;
        if !says_what_changed(&data.changelog) {
            return Err(SdkError::ChangelogMissing);
        }
        data.signed_by = Some(key.clone());
        data.published_at = Some(now);
        self.enter(to, ReleaseAction::Publish, None, now);
        self.announce(false, now);
        Ok(Outcome::Applied)
    }

    /// Drops the draft.
    ///
    /// # Errors
    /// [`SdkError::InvalidTransition`] once it was released: its version is taken for ever (R-INV-1).
    pub fn delete(&mut self, now: Timestamp) -> Result<Outcome, SdkError> {
        let Step::To(to) = self.step(ReleaseAction::Delete, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.enter(to, ReleaseAction::Delete, None, now);
        Ok(Outcome::Applied)
    }

    /// Says that there is a better one.
    ///
    /// # Errors
    /// [`SdkError::Reason`], [`SdkError::SupersedesItself`], [`SdkError::InvalidTransition`].
    pub fn deprecate(
        &mut self,
        reason: &str,
        superseded_by: Option<SdkReleaseId>,
        now: Timestamp,
    ) -> Result<Outcome, SdkError> {
        let Some((to, reason)) = self.withdraw(ReleaseAction::Deprecate, reason, superseded_by)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.deprecated_at = Some(now);
        self.root.data.deprecation_reason = Some(reason.clone());
        self.enter(to, ReleaseAction::Deprecate, Some(reason.clone()), now);
        let (release, superseded_by) =
            (ReleaseFacts::new(&self.root.data, now), self.root.data.superseded_by);
        self.root.record(SdkEvent::Deprecated { release, reason, superseded_by });
        Ok(Outcome::Applied)
    }

    /// Withdraws it: nobody gets it who does not ask for exactly this version.
    ///
    /// # Errors
    /// [`SdkError::Reason`], [`SdkError::SupersedesItself`], [`SdkError::InvalidTransition`].
    pub fn yank(
        &mut self,
        reason: &str,
        superseded_by: Option<SdkReleaseId>,
        now: Timestamp,
    ) -> Result<Outcome, SdkError> {
        let Some((to, reason)) = self.withdraw(ReleaseAction::Yank, reason, superseded_by)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.yanked_at = Some(now);
        self.root.data.yank_reason = Some(reason.clone());
        self.enter(to, ReleaseAction::Yank, Some(reason.clone()), now);
        let (release, superseded_by) =
            (ReleaseFacts::new(&self.root.data, now), self.root.data.superseded_by);
        self.root.record(SdkEvent::Yanked { release, reason, superseded_by });
        Ok(Outcome::Applied)
    }

    /// Takes a withdrawal back, within [`RESTORE_WITHIN`].
    ///
    /// # Errors
    /// [`SdkError::TooLateToRestore`], [`SdkError::InvalidTransition`].
    pub fn unyank(&mut self, now: Timestamp) -> Result<Outcome, SdkError> {
        let Step::To(to) = self.step(ReleaseAction::Unyank, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let data = &mut self.root.data;
        if data.yanked_at.is_none_or(|at| now.since(at) > RESTORE_WITHIN) {
            return Err(SdkError::TooLateToRestore);
        }
        data.yanked_at = None;
        data.yank_reason = None;
        data.deprecated_at = None;
        data.deprecation_reason = None;
        data.superseded_by = None;
        self.enter(to, ReleaseAction::Unyank, None, now);
        self.announce(true, now);
        Ok(Outcome::Applied)
    }

    /// What deprecating and withdrawing have in common; none when it was done before.
    fn withdraw(
        &mut self,
        action: ReleaseAction,
        reason: &str,
        superseded_by: Option<SdkReleaseId>,
    ) -> Result<Option<(ReleaseState, String)>, SdkError> {
        let reason = line(reason, 500).ok_or(SdkError::Reason)?;
        let Step::To(to) = self.step(action, Some(&reason))? else { return Ok(None) };
        let data = &mut self.root.data;
        if superseded_by == Some(data.id) {
            return Err(SdkError::SupersedesItself);
        }
        data.superseded_by = superseded_by.or(data.superseded_by);
        Ok(Some((to, reason)))
    }

    fn announce(&mut self, restored: bool, now: Timestamp) {
        let data = &self.root.data;
        let released = |artifact: &SdkArtifact| {
            let (id, filename) = (artifact.id, artifact.filename.clone());
            let (sha256, size_bytes) = (artifact.sha256?, artifact.size_bytes?);
            Some(ReleasedArtifact { id, filename, sha256, size_bytes })
        };
        let event = SdkEvent::Released {
            release: ReleaseFacts::new(data, now),
            artifacts: data.artifacts.iter().filter_map(released).collect(),
            min_api_version: data.min_api_version.clone(),
            restored,
        };
        self.root.record(event);
    }
}

pub(super) fn says_what_changed(changelog: &BTreeMap<Locale, String>) -> bool {
    changelog.get(&Locale::En).is_some_and(|text| !text.trim().is_empty())
}
