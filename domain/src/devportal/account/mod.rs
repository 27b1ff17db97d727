//! `DeveloperAccount`: what the portal knows of one identity of the auth-service (devportal.md 3.2).
//!
//! Guards A-INV-3 and A-INV-6; A-INV-4 and A-INV-5 are [`AccountStanding`]'s, for whoever creates something. A-INV-1
//! is a unique key of the store, A-INV-2 the shape of [`DeveloperAccountData`]. The states are in [`TRANSITIONS`].

mod check;
mod data;
mod error;
mod event;
mod input;
mod status;
#[cfg(test)]
mod tests;

pub use data::{AccountStanding, DeveloperAccountData, MfaPreference, SuspendedBy};
pub use error::AccountError;
pub use event::{AccountEvent, AccountFacts};
pub use input::{ActiveKeys, Mirror, NewAccount, ProfileEdit};
pub use status::{AccountAction, AccountState, TRANSITIONS};

use super::values::{Timezone, text::line};
use crate::kernel::{
    Aggregate, Changes, DeveloperAccountId, LastTransition, NoRow, Outcome, Root, Step, Timestamp, require,
    step,
};

const MAX_REASON: usize = 500;
/// Why an account is suspended whose identity the auth-service disabled.
const DISABLED: &str = "identity_disabled";

/// An account.
///
/// ```
/// use sarai_domain::{devportal::account::*, kernel::{Aggregate, Outcome, Timestamp}};
///
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let mut account = DeveloperAccount::register(
///     NewAccount {
///         id: "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         auth_account_id: "acc-1".parse()?,
///         tenant_id: "acc-1".parse()?,
///         display_name: "Amina".parse()?,
///         locale: Default::default(),
///         mirror: Mirror { seq: 1, contact_email: Some("amina@example.com".to_owned()), ..Mirror::default() },
///     },
///     now,
/// )?;
/// assert!(account.standing("2026-01", now).require_active().is_ok());
/// let refused = account.standing("2026-01", now).require_production().unwrap_err();
/// assert_eq!(refused, AccountError::EmailNotVerified);
/// let verified = Mirror { seq: 2, email_verified: Some(true), mfa_enrolled: Some(true), ..Mirror::default() };
/// assert_eq!(account.mirror(&verified, now)?, Outcome::Applied);
/// assert_eq!(account.accept_terms("2026-01", "2026-01", now)?, Outcome::Applied);
/// assert!(account.standing("2026-01", now).require_production().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DeveloperAccount {
    root: Root<DeveloperAccountData, AccountEvent>,
}

impl Aggregate for DeveloperAccount {
    type Id = DeveloperAccountId;
    type Data = DeveloperAccountData;
    type Row = NoRow;
    type Event = AccountEvent;
    type Error = AccountError;

    const NAME: &'static str = "account";

    fn rehydrate(data: DeveloperAccountData, _rows: Vec<NoRow>, version: u64) -> Result<Self, AccountError> {
        require::<Self>(&data, &[])?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> DeveloperAccountId {
        self.root.data.id
    }

    fn data(&self) -> &DeveloperAccountData {
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

impl DeveloperAccount {
    /// A new, active account.
    ///
    /// # Errors
    /// [`AccountError::Email`] when the auth-service's e-mail is none.
    pub fn register(new: NewAccount, now: Timestamp) -> Result<Self, AccountError> {
        let mut account = Self {
            root: Root::new(DeveloperAccountData {
                id: new.id,
                auth_account_id: new.auth_account_id,
                tenant_id: new.tenant_id,
                display_name: new.display_name,
                company_name: None,
                contact_email: String::new(),
                email_verified: false,
                mfa_enrolled: false,
                mirrored_seq: 0,
                locale: new.locale,
                timezone: Timezone::utc(),
                mfa_preference: MfaPreference::None,
                terms_version: None,
                terms_accepted_at: None,
                state: AccountState::Active,
                suspended_reason: None,
                suspended_by: None,
                keys_when_closed: None,
                last_transition: None,
                created_at: now,
                updated_at: now,
            }),
        };
        account.root.record(AccountEvent::Registered { account: account.facts(now) });
        let _ = account.mirror(&Mirror { disabled: None, ..new.mirror }, now)?;
        if account.root.data.contact_email.is_empty() {
            return Err(AccountError::Email);
        }
        Ok(account)
    }

    /// Sets what its owner can change.
    ///
    /// # Errors
    /// [`AccountError::Closed`].
    pub fn edit(&mut self, edit: ProfileEdit, now: Timestamp) -> Result<Outcome, AccountError> {
        self.require_open()?;
        if edit == ProfileEdit::from(&self.root.data) {
            return Ok(Outcome::AlreadyApplied);
        }
        let data = &mut self.root.data;
        data.display_name = edit.display_name;
        data.company_name = edit.company_name;
        data.locale = edit.locale;
        data.timezone = edit.timezone;
        data.mfa_preference = edit.mfa_preference;
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Follows the auth-service (A-INV-6). An event that is not later than the last one followed is already applied;
    /// a closed account follows nothing.
    ///
    /// # Errors
    /// [`AccountError::Email`].
    pub fn mirror(&mut self, seen: &Mirror, now: Timestamp) -> Result<Outcome, AccountError> {
        let data = &self.root.data;
        if seen.seq <= data.mirrored_seq || data.state == AccountState::Closed {
            return Ok(Outcome::AlreadyApplied);
        }
        let email = seen.contact_email.as_deref().map(email).transpose()?;
        let data = &mut self.root.data;
        data.contact_email = email.unwrap_or_else(|| data.contact_email.clone());
        data.email_verified = seen.email_verified.unwrap_or(data.email_verified);
        data.mfa_enrolled = seen.mfa_enrolled.unwrap_or(data.mfa_enrolled);
        data.mirrored_seq = seen.seq;
        data.updated_at = now;
        match (seen.disabled, data.state, data.suspended_by) {
            (Some(true), AccountState::Active, _) => self.stop(DISABLED, SuspendedBy::Auth, now),
            (Some(false), AccountState::Suspended, Some(SuspendedBy::Auth)) => self.reinstate(now),
            _ => Ok(Outcome::Applied),
        }
    }

    /// Accepts the current terms.
    ///
    /// # Errors
    /// [`AccountError::TermsOutdated`] for other terms, [`AccountError::Closed`].
    pub fn accept_terms(
        &mut self,
        version: &str,
        current: &str,
        now: Timestamp,
    ) -> Result<Outcome, AccountError> {
        self.require_open()?;
        if version != current {
            return Err(AccountError::TermsOutdated { current: current.to_owned() });
        }
        let data = &mut self.root.data;
        if data.terms_version.as_deref() == Some(version) {
            return Ok(Outcome::AlreadyApplied);
        }
        data.terms_version = Some(version.to_owned());
        data.terms_accepted_at = Some(now);
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Leaves it reads only, by the platform's people.
    ///
    /// # Errors
    /// [`AccountError::Reason`], [`AccountError::InvalidTransition`].
    pub fn suspend(&mut self, reason: &str, now: Timestamp) -> Result<Outcome, AccountError> {
        let reason = line(reason, MAX_REASON).ok_or(AccountError::Reason)?;
        self.stop(&reason, SuspendedBy::Staff, now)
    }

    /// Lets it go on, whoever suspended it.
    ///
    /// # Errors
    /// [`AccountError::InvalidTransition`].
    pub fn reinstate(&mut self, now: Timestamp) -> Result<Outcome, AccountError> {
        let Step::To(to) = self.step(AccountAction::Reinstate, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.suspended_reason = None;
        self.root.data.suspended_by = None;
        self.enter(to, AccountAction::Reinstate, None, now);
        self.root.record(AccountEvent::Reinstated { account: self.facts(now) });
        Ok(Outcome::Applied)
    }

    /// Ends it for ever, once it has no active key (A-INV-3).
    ///
    /// # Errors
    /// [`AccountError::KeysActive`], [`AccountError::ForeignCount`], [`AccountError::InvalidTransition`].
    pub fn close(&mut self, keys: ActiveKeys, now: Timestamp) -> Result<Outcome, AccountError> {
        let Step::To(to) = self.step(AccountAction::Close, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        if keys.account_id != self.root.data.id {
            return Err(AccountError::ForeignCount(keys.account_id));
        }
        if keys.count > 0 {
            return Err(AccountError::KeysActive(keys.count));
        }
        self.root.data.suspended_reason = None;
        self.root.data.suspended_by = None;
        self.root.data.keys_when_closed = Some(keys.count);
        self.enter(to, AccountAction::Close, None, now);
        self.root.record(AccountEvent::Closed { account: self.facts(now) });
        Ok(Outcome::Applied)
    }

    /// What it is now, as evidence for those who create something for it.
    pub fn standing(&self, current_terms: &str, now: Timestamp) -> AccountStanding {
        let data = &self.root.data;
        AccountStanding {
            account_id: data.id,
            tenant_id: data.tenant_id.clone(),
            state: data.state,
            email_verified: data.email_verified,
            mfa_enrolled: data.mfa_enrolled,
            terms_version: data.terms_version.clone(),
            current_terms: current_terms.to_owned(),
            at: now,
        }
    }

    fn stop(&mut self, reason: &str, by: SuspendedBy, now: Timestamp) -> Result<Outcome, AccountError> {
        let Step::To(to) = self.step(AccountAction::Suspend, Some(reason))? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.root.data.suspended_reason = Some(reason.to_owned());
        self.root.data.suspended_by = Some(by);
        self.enter(to, AccountAction::Suspend, Some(reason.to_owned()), now);
        let (account, reason) = (self.facts(now), reason.to_owned());
        self.root.record(AccountEvent::Suspended { account, reason, by });
        Ok(Outcome::Applied)
    }

    fn require_open(&self) -> Result<(), AccountError> {
        if self.root.data.state == AccountState::Closed { Err(AccountError::Closed) } else { Ok(()) }
    }

    fn step(
        &self,
        action: AccountAction,
        argument: Option<&str>,
    ) -> Result<Step<AccountState>, AccountError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.state, action, argument, data.last_transition.as_ref())?)
    }

    fn enter(&mut self, to: AccountState, action: AccountAction, argument: Option<String>, now: Timestamp) {
        let data = &mut self.root.data;
        data.state = to;
        data.last_transition = Some(LastTransition { action, argument });
        data.updated_at = now;
    }

    fn facts(&self, at: Timestamp) -> AccountFacts {
        let data = &self.root.data;
        AccountFacts {
            account_id: data.id,
            auth_account_id: data.auth_account_id.clone(),
            tenant_id: data.tenant_id.clone(),
            at,
        }
    }
}

/// The auth-service has verified its form; what is refused here could not be shown in one line.
fn email(text: &str) -> Result<String, AccountError> {
    let text = line(text, 254).ok_or(AccountError::Email)?;
    let good = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !text.contains(char::is_whitespace)
    });
    if good { Ok(text) } else { Err(AccountError::Email) }
}
