//! `ApiKey`: what the portal knows of a key, which is everything but its secret (devportal.md 3.3, ruling R24).
//!
//! A key is asked for under an id of ours, hidden; the auth-service issues its secret; then it is in use. A rotation
//! is two commits, one key each: [`ApiKey::request_successor`] and its issue, then [`ApiKey::replace`].
//!
//! Guards K-INV-2 to K-INV-13 but K-INV-1, which is the shape of [`ApiKeyData`]. The states are in [`TRANSITIONS`].

mod check;
mod data;
mod error;
mod event;
mod evidence;
mod notice;
mod request;
mod status;
#[cfg(test)]
mod tests;
mod upkeep;

use time::Duration;

pub use data::{ApiKeyData, KeyCreator, Rotation};
pub use error::KeyError;
pub use event::{KeyEvent, KeyFacts};
pub use evidence::{KeyAdmission, KeyCaller, KeysInEffect, MAX_KEYS};
pub use notice::{ExpiryNotice, KeyWarning, REVOCATION_ALERT};
pub use request::{ISSUE_TIMEOUT, MAX_OVERLAP, NewApiKey, RotationPreview};
pub use status::{AuthRevocation, EffectiveStatus, KeyAction, KeyState, RevokedReason, TRANSITIONS};
pub use upkeep::minute_of;

use super::values::{CidrBlock, HttpsUrl, Label};
use crate::kernel::{
    Aggregate, ApiKeyId, Changes, LastTransition, NoRow, Outcome, Root, Step, Timestamp, require, step,
};

/// How many blocks of addresses a key is limited to at most.
pub const MAX_BLOCKS: usize = 50;
/// How long an answer about a key may be older than the key (ruling R24).
pub const ANSWERS_CACHED: Duration = Duration::seconds(3);

/// A key.
///
/// ```
/// use sarai_domain::{
///     devportal::{account::{AccountStanding, AccountState}, api_key::*, values::*},
///     kernel::{Aggregate, Outcome, Timestamp},
/// };
///
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let standing = AccountStanding {
///     account_id: "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     tenant_id: "acme".parse()?,
///     state: AccountState::Active,
///     email_verified: false,
///     mfa_enrolled: false,
///     terms_version: None,
///     current_terms: "2026-01".to_owned(),
///     at: now,
/// };
/// let environment = Environment::Sandbox;
/// let admission = KeyAdmission {
///     in_effect: KeysInEffect { account_id: standing.account_id, environment, count: 0, same_label: vec![] },
///     standing,
///     grantable: Scope::grantable(false),
///     caller: KeyCaller::User { user_id: "amina".parse()? },
/// };
/// let new = NewApiKey {
///     id: "key_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     environment,
///     sandbox_id: None,
///     label: "CI".parse()?,
///     scopes: ScopeSet::parse(&["verify:send"])?,
///     ip_allow_list: vec![],
///     expires_at: None,
/// };
/// let mut key = ApiKey::request(new, admission, now)?;
/// // The auth-service issues the secret; of it only the beginning and the end are kept.
/// let secret = RawKey::from_random(environment, &[7; 32]);
/// assert_eq!(key.confirm_issued(KeyTrace::of(secret.expose())?, now)?, Outcome::Applied);
/// assert_eq!(key.data().effective_status(now), EffectiveStatus::Active);
/// assert_eq!(key.revoke(RevokedReason::User, now)?, Outcome::Applied);
/// assert_eq!(key.revoke(RevokedReason::User, now)?, Outcome::AlreadyApplied);
/// assert_eq!(key.lapse(now).unwrap_err(), KeyError::Revoked);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ApiKey {
    root: Root<ApiKeyData, KeyEvent>,
}

impl Aggregate for ApiKey {
    type Id = ApiKeyId;
    type Data = ApiKeyData;
    type Row = NoRow;
    type Event = KeyEvent;
    type Error = KeyError;

    const NAME: &'static str = "key";

    fn rehydrate(data: ApiKeyData, _rows: Vec<NoRow>, version: u64) -> Result<Self, KeyError> {
        require::<Self>(&data, &[])?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> ApiKeyId {
        self.root.data.id
    }

    fn data(&self) -> &ApiKeyData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

impl ApiKey {
    /// Sets its label and the addresses it may be used from. Nothing else of a key changes (K-INV-4).
    ///
    /// # Errors
    /// [`KeyError::Revoked`] (K-INV-6), [`KeyError::LabelTaken`], [`KeyError::TooManyBlocks`].
    pub fn edit(
        &mut self,
        label: Label,
        ip_allow_list: Vec<CidrBlock>,
        same_label: &[ApiKeyId],
        now: Timestamp,
    ) -> Result<Outcome, KeyError> {
        let data = &self.root.data;
        if data.state == KeyState::Revoked {
            return Err(KeyError::Revoked);
        }
        if data.label == label && data.ip_allow_list == ip_allow_list {
            return Ok(Outcome::AlreadyApplied);
        }
        if ip_allow_list.len() > MAX_BLOCKS {
            return Err(KeyError::TooManyBlocks);
        }
        let pair: Vec<ApiKeyId> =
            [Some(data.id), data.rotated_from(), data.replaced_by].into_iter().flatten().collect();
        if data.label != label && !same_label.iter().all(|key| pair.contains(key)) {
            return Err(KeyError::LabelTaken);
        }
        let data = &mut self.root.data;
        data.label = label;
        data.ip_allow_list = ip_allow_list;
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Retires it in favour of its successor, once that one is issued: the second commit of a rotation.
    ///
    /// # Errors
    /// [`KeyError::NotItsSuccessor`], [`KeyError::AlreadyReplaced`] (K-INV-7), [`KeyError::NotRotatable`] (K-INV-8)
    /// when it had ended before the successor was asked for, [`KeyError::Revoked`].
    pub fn replace(&mut self, successor: &ApiKeyData, now: Timestamp) -> Result<Outcome, KeyError> {
        let data = &self.root.data;
        let argument = successor.id.to_string();
        let Step::To(to) = self.step(KeyAction::Replace, Some(&argument))? else {
            return Ok(Outcome::AlreadyApplied);
        };
        if let Some(other) = data.replaced_by {
            return Err(KeyError::AlreadyReplaced(other));
        }
        let rotation = successor
            .rotation
            .filter(|rotation| rotation.predecessor == data.id && successor.account_id == data.account_id)
            .filter(|_| successor.state == KeyState::Active)
            .ok_or(KeyError::NotItsSuccessor)?;
        if data.ends_at().is_some_and(|end| successor.created_at >= end) {
            return Err(KeyError::NotRotatable);
        }
        let retire_at = data.expires_at.map_or(rotation.retire_at, |expires| expires.min(rotation.retire_at));
        let data = &mut self.root.data;
        data.replaced_by = Some(successor.id);
        data.retire_at = Some(retire_at);
        self.enter(to, KeyAction::Replace, Some(argument), now);
        let key = self.facts(now);
        self.root.record(KeyEvent::Rotated { key, replaced_by: successor.id, retire_at });
        Ok(Outcome::Applied)
    }

    /// Ends it, at once and for ever, because somebody wants it: `USER`, `ACCOUNT_CLOSED` or `ADMIN`.
    ///
    /// # Errors
    /// [`KeyError::Revoked`] (K-INV-6) for one that ended for another reason.
    pub fn revoke(&mut self, reason: RevokedReason, now: Timestamp) -> Result<Outcome, KeyError> {
        self.end(KeyAction::Revoke, Some(reason.as_str()), reason, now)
    }

    /// Ends it because its time has come: `EXPIRED`, or `ROTATED` when it retires before it expires.
    ///
    /// # Errors
    /// [`KeyError::NotDue`] before that; [`KeyError::Revoked`] (K-INV-6).
    pub fn lapse(&mut self, now: Timestamp) -> Result<Outcome, KeyError> {
        let data = &self.root.data;
        let over = data.ends_at().is_some_and(|end| now >= end);
        if data.state == KeyState::Active && !over {
            return Err(KeyError::NotDue);
        }
        // Both at once: it expired.
        let reason =
            if data.ends_at() == data.expires_at { RevokedReason::Expired } else { RevokedReason::Rotated };
        self.end(KeyAction::Lapse, None, reason, now)
    }

    /// Ends it because it was found in public, and the auth-service confirmed that it is this one.
    ///
    /// # Errors
    /// [`KeyError::Revoked`] (K-INV-6).
    pub fn expose(&mut self, found_at: Option<HttpsUrl>, now: Timestamp) -> Result<Outcome, KeyError> {
        let outcome = self.end(KeyAction::Expose, None, RevokedReason::Exposed, now)?;
        if outcome == Outcome::Applied {
            self.root.record(KeyEvent::Exposed { key: self.facts(now), found_at });
        }
        Ok(outcome)
    }

    /// When a revocation is known everywhere.
    pub fn effective_by(&self) -> Option<Timestamp> {
        self.root.data.revoked_at.map(|at| at.plus(ANSWERS_CACHED))
    }

    fn end(
        &mut self,
        action: KeyAction,
        argument: Option<&str>,
        reason: RevokedReason,
        now: Timestamp,
    ) -> Result<Outcome, KeyError> {
        let Step::To(to) = self.step(action, argument)? else { return Ok(Outcome::AlreadyApplied) };
        let data = &mut self.root.data;
        data.revoked_at = Some(now);
        data.revoked_reason = Some(reason);
        data.auth_revocation = Some(AuthRevocation::Pending);
        let replaced_by = data.replaced_by;
        self.enter(to, action, argument.map(str::to_owned), now);
        let (key, effective_by) = (self.facts(now), now.plus(ANSWERS_CACHED));
        self.root.record(KeyEvent::Revoked { key, reason, revoked_at: now, effective_by, replaced_by });
        Ok(Outcome::Applied)
    }

    fn step(&self, action: KeyAction, argument: Option<&str>) -> Result<Step<KeyState>, KeyError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.state, action, argument, data.last_transition.as_ref())?)
    }

    fn enter(&mut self, to: KeyState, action: KeyAction, argument: Option<String>, now: Timestamp) {
        let data = &mut self.root.data;
        data.state = to;
        data.last_transition = Some(LastTransition { action, argument });
        data.updated_at = now;
    }

    fn facts(&self, at: Timestamp) -> KeyFacts {
        let data = &self.root.data;
        KeyFacts {
            key_id: data.id,
            account_id: data.account_id,
            environment: data.environment,
            sandbox_id: data.sandbox_id,
            at,
        }
    }
}
