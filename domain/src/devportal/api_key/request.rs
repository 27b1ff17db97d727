//! How a key comes to be: asked for under an id of ours, then issued, or discarded (devportal.md 3.3).

use time::Duration;

use super::{
    ApiKey, ApiKeyData, AuthRevocation, EffectiveStatus, KeyAction, KeyAdmission, KeyError, KeyEvent,
    KeyState, KeyWarning, MAX_BLOCKS, Rotation,
};
use crate::{
    devportal::values::{CidrBlock, Environment, KeyTrace, Label, ScopeSet},
    kernel::{ApiKeyId, Outcome, Root, SandboxId, Step, Timestamp},
};

/// A key that is not issued within this time is discarded.
pub const ISSUE_TIMEOUT: Duration = Duration::minutes(2);
/// The longest overlap of a key and its successor.
pub const MAX_OVERLAP: Duration = Duration::days(7);
const MIN_LIFE: Duration = Duration::minutes(5);
const MAX_LIFE_MONTHS: u32 = 24;

/// A key to ask for.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its id, which the auth-service issues its secret under.
    pub id: ApiKeyId,
    /// Its environment.
    pub environment: Environment,
    /// The sandbox it is bound to.
    pub sandbox_id: Option<SandboxId>,
    /// What its owner calls it.
    pub label: Label,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Where it may be used from; empty: from everywhere.
    pub ip_allow_list: Vec<CidrBlock>,
    /// From when on it does not work.
    pub expires_at: Option<Timestamp>,
}

/// What a rotation would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPreview {
    /// Until when both keys would work.
    pub retire_at: Timestamp,
    /// From when on the successor would not work.
    pub expires_at: Option<Timestamp>,
    /// What to think about.
    pub warnings: Vec<KeyWarning>,
}

/// K-INV-5: more than 5 minutes and at most 2 years from `now`, or never.
pub(super) fn expiry_in_range(expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), KeyError> {
    let (earliest, latest) = (now.plus(MIN_LIFE), now.plus_months(MAX_LIFE_MONTHS));
    match expires_at {
        Some(at) if at <= earliest || at > latest => Err(KeyError::ExpiryOutOfRange { earliest, latest }),
        Some(_) | None => Ok(()),
    }
}

impl ApiKey {
    /// Asks for a key. It is hidden until it is issued.
    ///
    /// # Errors
    /// A-INV-4, K-INV-3, K-INV-5, K-INV-9, K-INV-10 and K-INV-12; [`KeyError::LabelTaken`],
    /// [`KeyError::TooManyBlocks`], [`KeyError::SandboxMisplaced`].
    pub fn request(new: NewApiKey, admission: KeyAdmission, now: Timestamp) -> Result<Self, KeyError> {
        admission.in_effect.require_free_label()?;
        expiry_in_range(new.expires_at, now)?;
        Self::requested(new, None, admission, now)
    }

    /// Asks for the key that takes this one's place: the first of the two commits of a rotation (decision 11).
    ///
    /// The successor copies environment, sandbox, label, scopes, addresses and expiry (K-INV-7). It remembers when its
    /// predecessor retires, so that [`ApiKey::replace`] can be done later by anybody.
    ///
    /// # Errors
    /// [`KeyError::NotRotatable`] (K-INV-8), [`KeyError::AlreadyReplaced`] (K-INV-7), [`KeyError::Overlap`], and those of
    /// [`ApiKey::request`] without the expiry's.
    pub fn request_successor(
        &self,
        id: ApiKeyId,
        overlap: Duration,
        admission: KeyAdmission,
        now: Timestamp,
    ) -> Result<Self, KeyError> {
        let preview = self.preview_rotation(overlap, now)?;
        let data = &self.root.data;
        if admission.standing.account_id != data.account_id {
            return Err(KeyError::NotItsSuccessor);
        }
        let new = NewApiKey {
            id,
            environment: data.environment,
            sandbox_id: data.sandbox_id,
            label: data.label.clone(),
            scopes: data.scopes.clone(),
            ip_allow_list: data.ip_allow_list.clone(),
            expires_at: data.expires_at,
        };
        let rotation = Rotation { predecessor: data.id, retire_at: preview.retire_at };
        Self::requested(new, Some(rotation), admission, now)
    }

    /// What a rotation would do now, and what speaks against it.
    ///
    /// # Errors
    /// [`KeyError::NotRotatable`] (K-INV-8), [`KeyError::AlreadyReplaced`] (K-INV-7), [`KeyError::Overlap`].
    pub fn preview_rotation(&self, overlap: Duration, now: Timestamp) -> Result<RotationPreview, KeyError> {
        let data = &self.root.data;
        if overlap.is_negative() || overlap > MAX_OVERLAP {
            return Err(KeyError::Overlap);
        }
        if let Some(successor) = data.replaced_by {
            return Err(KeyError::AlreadyReplaced(successor));
        }
        if data.effective_status(now) != EffectiveStatus::Active {
            return Err(KeyError::NotRotatable);
        }
        let wanted = now.plus(overlap);
        let soon = data.expires_at.filter(|at| at.since(now) <= Duration::days(14));
        let no_overlap = overlap.is_zero();
        let warnings = data
            .warnings(now)
            .into_iter()
            // With an overlap, who uses the key has time to change it.
            .filter(|warning| no_overlap || !matches!(warning, KeyWarning::UsedLately { .. }))
            .chain(soon.map(|expires_at| KeyWarning::ExpiresSoon { expires_at }))
            .chain(no_overlap.then_some(KeyWarning::NoOverlap))
            .collect();
        Ok(RotationPreview {
            retire_at: data.expires_at.map_or(wanted, |expires| expires.min(wanted)),
            expires_at: data.expires_at,
            warnings,
        })
    }

    /// Puts it into use: the auth-service issued its secret, of which this is what may be kept.
    ///
    /// # Errors
    /// [`KeyError::WrongPrefix`] (K-INV-2), [`KeyError::InvalidTransition`] for one that was discarded.
    pub fn confirm_issued(&mut self, trace: KeyTrace, now: Timestamp) -> Result<Outcome, KeyError> {
        let Step::To(to) = self.step(KeyAction::Issue, None)? else { return Ok(Outcome::AlreadyApplied) };
        let data = &mut self.root.data;
        let issued = trace.prefix.environment();
        if issued != data.environment {
            let wanted = data.environment.as_str();
            return Err(KeyError::WrongPrefix { wanted, issued: issued.as_str() });
        }
        let KeyTrace { prefix, last4 } = trace.clone();
        data.trace = Some(trace);
        data.issued_at = Some(now);
        self.enter(to, KeyAction::Issue, None, now);
        let (data, key) = (&self.root.data, self.facts(now));
        let event = KeyEvent::Created {
            key,
            label: data.label.clone(),
            prefix,
            last4,
            scopes: data.scopes.clone(),
            expires_at: data.expires_at,
            rotated_from: data.rotated_from(),
            created_by: data.created_by.clone(),
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// Gives it up: the auth-service did not issue it. Should it have done so after all, it is told to revoke it.
    ///
    /// # Errors
    /// [`KeyError::InvalidTransition`] for one that was issued.
    pub fn discard(&mut self, now: Timestamp) -> Result<Outcome, KeyError> {
        let Step::To(to) = self.step(KeyAction::Discard, None)? else { return Ok(Outcome::AlreadyApplied) };
        self.root.data.auth_revocation = Some(AuthRevocation::Pending);
        self.enter(to, KeyAction::Discard, None, now);
        self.root.record(KeyEvent::Discarded { key: self.facts(now) });
        Ok(Outcome::Applied)
    }

    /// Whether it waits for its secret for too long.
    pub fn issue_overdue(&self, now: Timestamp) -> bool {
        let data = &self.root.data;
        data.state == KeyState::Requested && now >= data.created_at.plus(ISSUE_TIMEOUT)
    }

    fn requested(
        new: NewApiKey,
        rotation: Option<Rotation>,
        admission: KeyAdmission,
        now: Timestamp,
    ) -> Result<Self, KeyError> {
        admission.require(&new.scopes, new.environment)?;
        if new.sandbox_id.is_some() && new.environment != Environment::Sandbox {
            return Err(KeyError::SandboxMisplaced);
        }
        if new.ip_allow_list.len() > MAX_BLOCKS {
            return Err(KeyError::TooManyBlocks);
        }
        let root = Root::new(ApiKeyData {
            id: new.id,
            account_id: admission.standing.account_id,
            tenant_id: admission.standing.tenant_id.clone(),
            environment: new.environment,
            sandbox_id: new.sandbox_id,
            label: new.label,
            trace: None,
            scopes: new.scopes,
            ip_allow_list: new.ip_allow_list,
            expires_at: new.expires_at,
            state: KeyState::Requested,
            rotation,
            replaced_by: None,
            retire_at: None,
            last_used_at: None,
            last_used_from: None,
            revoked_at: None,
            revoked_reason: None,
            auth_revocation: None,
            created_by: admission.caller.creator(),
            admission,
            expiry_notice: None,
            last_transition: None,
            created_at: now,
            issued_at: None,
            updated_at: now,
        });
        Ok(Self { root })
    }
}
