//! Accounts: who they are, where they stand, and what is told of them.

use sarai_domain::kernel::AccountId;
use sarai_gateways::wire::wired;
use sarai_ports::{
    GatewayError,
    auth::Principal,
    inbound::{AuthAccount, InboundEvent, InboundRecord, Source},
};
use serde::{Deserialize, Serialize};

use super::{AuthStandIn, Refresh, totp::Totp};
use crate::{callbacks::Posted, documents::Changes, keyed::refused, locked, table::Table};

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Account {
    #[serde(with = "wired")]
    pub(super) principal: Principal,
    /// The argon2 hash with its parameters.
    pub(super) password: String,
    #[serde(default)]
    pub(super) standing: Standing,
    #[serde(default)]
    pub(super) totp: Option<Totp>,
}

impl Account {
    /// Whether signing in takes a one-time password.
    pub(super) fn has_second_factor(&self) -> bool {
        self.totp.as_ref().is_some_and(|totp| totp.confirmed)
    }
}

/// What others mirror of an account.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Standing {
    /// How often it changed.
    pub(super) sequence: u64,
    pub(super) email_verified: bool,
    pub(super) mfa_enrolled: bool,
    access: Access,
    /// The terms that were accepted when it was opened.
    #[serde(default)]
    pub(super) terms_version: Option<String>,
}

/// The terms that demo accounts have accepted.
const DEMO_TERMS: &str = "2026-01";

/// Whether an account signs in.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Access {
    #[default]
    Open,
    Suspended,
    Closed,
}

impl Access {
    /// This, but what is closed stays closed.
    fn unless_closed(self, before: Self) -> Self {
        if before == Self::Closed { before } else { self }
    }
}

impl Standing {
    pub(super) fn is_disabled(&self) -> bool {
        self.access != Access::Open
    }

    /// A demo account is complete (ruling R4).
    pub(super) fn demo() -> Self {
        let terms_version = Some(DEMO_TERMS.to_owned());
        Self { sequence: 1, email_verified: true, mfa_enrolled: true, terms_version, ..Self::default() }
    }
}

/// Accounts and sessions.
pub(super) struct State {
    /// By the address in small letters.
    pub(super) accounts: Table<String, Account>,
    /// By the digest of the refresh token, which itself is kept nowhere.
    pub(super) refreshes: Table<[u8; 32], Refresh>,
}

impl State {
    pub(super) fn note(&mut self, changes: &mut Changes) -> Result<(), GatewayError> {
        self.accounts.note(changes)?;
        self.refreshes.note(changes)
    }

    /// Changes an account, under the next number.
    pub(super) fn alter(&mut self, email: &str, change: impl FnOnce(&mut Account)) -> Option<&Account> {
        let account = self.accounts.get_mut(&email.to_owned())?;
        change(account);
        account.standing.sequence = account.standing.sequence.saturating_add(1);
        Some(account)
    }
}

/// What happened to an account.
type Telling = fn(AuthAccount) -> InboundEvent;

impl AuthStandIn {
    /// Opens an account with an address that is not verified; it is told, as every change is.
    ///
    /// # Errors
    /// Refused as `email_taken`; unavailable when nothing can be kept.
    pub fn create_account(&self, principal: Principal, password: &str) -> Result<(), GatewayError> {
        let email = super::address(principal.email.as_deref().unwrap_or_default());
        let hash = super::hash(&*self.entropy, password.as_bytes());
        let password = hash.map_err(|error| GatewayError::Unavailable(error.to_string()))?;
        self.tell(InboundEvent::AccountCreated, |state| {
            if state.accounts.contains_key(&email) {
                return Err(refused("email_taken"));
            }
            let standing = Standing { sequence: 1, ..Standing::default() };
            let account = Account { principal, password, standing, totp: None };
            state.accounts.insert(email.clone(), account.clone());
            Ok(Some(account))
        })
    }

    /// The address of an account is verified.
    ///
    /// # Errors
    /// Refused as `not_found`; unavailable when nothing can be kept.
    pub fn verify_email(&self, email: &str) -> Result<(), GatewayError> {
        self.change_account(email, InboundEvent::EmailVerified, |standing| standing.email_verified = true)
    }

    /// An account signs in no more until it is reinstated.
    ///
    /// # Errors
    /// Refused as `not_found`; unavailable when nothing can be kept.
    pub fn suspend(&self, email: &str) -> Result<(), GatewayError> {
        self.change_account(email, InboundEvent::AccountSuspended, |standing| {
            standing.access = Access::Suspended.unless_closed(standing.access);
        })
    }

    /// An account that was suspended signs in again.
    ///
    /// # Errors
    /// Refused as `not_found`; unavailable when nothing can be kept.
    pub fn reinstate(&self, email: &str) -> Result<(), GatewayError> {
        self.change_account(email, InboundEvent::AccountReinstated, |standing| {
            standing.access = Access::Open.unless_closed(standing.access);
        })
    }

    /// An account signs in never again.
    ///
    /// # Errors
    /// Refused as `not_found`; unavailable when nothing can be kept.
    pub fn close(&self, email: &str) -> Result<(), GatewayError> {
        self.change_account(email, InboundEvent::AccountClosed, |standing| {
            standing.access = Access::Closed;
        })
    }

    /// Tells of the demo accounts, under the same ids at every start.
    pub fn announce_demo(&self) {
        let demo = |state: &State| {
            let known = crate::demo::ACCOUNTS.iter().filter_map(|demo| state.accounts.get(demo.email));
            known.filter_map(|account| record(InboundEvent::AccountCreated, account)).collect::<Vec<_>>()
        };
        for record in demo(&locked(&self.state)) {
            self.callbacks.post(record, self.clock.now());
        }
    }

    fn change_account(
        &self,
        email: &str,
        telling: Telling,
        change: impl FnOnce(&mut Standing),
    ) -> Result<(), GatewayError> {
        let email = super::address(email);
        self.tell(telling, |state| {
            let altered = state.alter(&email, |account| change(&mut account.standing)).cloned();
            let account = altered.ok_or_else(|| refused("not_found"))?;
            if account.standing.is_disabled() {
                super::drop_sessions(state, |refresh| refresh.principal.user_id == account.principal.user_id);
            }
            Ok(Some(account))
        })
    }

    /// Changes the state and tells of the account that comes out, both or neither.
    pub(super) fn tell(
        &self,
        telling: Telling,
        work: impl FnOnce(&mut State) -> Result<Option<Account>, GatewayError>,
    ) -> Result<(), GatewayError> {
        let mut state = locked(&self.state);
        let told = work(&mut state)?.and_then(|account| record(telling, &account));
        let mut changes = self.documents.changes();
        state.note(&mut changes)?;
        let posted: Option<Posted> =
            told.map(|told| self.callbacks.prepare(told, self.clock.now(), &mut changes)).transpose()?;
        self.documents.write(changes);
        drop(state);
        self.callbacks.enqueue(posted);
        Ok(())
    }
}

/// An account's state after its latest change, under an id that the change has for ever.
fn record(telling: Telling, account: &Account) -> Option<InboundRecord> {
    let Account { principal, standing, .. } = account;
    let account_id = AccountId::try_new(principal.user_id.as_str()).ok()?;
    let told = AuthAccount {
        account_id,
        tenant_id: principal.tenant_id.clone(),
        sequence: standing.sequence,
        email: principal.email.clone().unwrap_or_default(),
        email_verified: standing.email_verified,
        mfa_enrolled: standing.mfa_enrolled,
        disabled: standing.is_disabled(),
    };
    let id = format!("{}:{}", told.account_id, standing.sequence);
    Some(InboundRecord { id, source: Source::Auth, event: telling(told) })
}
