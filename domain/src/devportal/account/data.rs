//! An account's stored document, and what others are asked to believe of it.

use serde::{Deserialize, Serialize};

use super::{AccountAction, AccountError, AccountState};
use crate::{
    devportal::values::{CompanyName, DisplayName, Locale, Timezone},
    kernel::{AccountId, DeveloperAccountId, LastTransition, TenantId, Timestamp},
};

/// Which second factor an account prefers to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MfaPreference {
    /// None.
    #[default]
    None,
    /// A code of an authenticator.
    Totp,
    /// A passkey.
    Webauthn,
}

/// Who suspended an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuspendedBy {
    /// The platform's people.
    Staff,
    /// The auth-service, which can take it back.
    Auth,
}

/// The stored document of an account. Passwords, tokens and second factors are the auth-service's (A-INV-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeveloperAccountData {
    /// The account.
    pub id: DeveloperAccountId,
    /// Its identity at the auth-service, for ever (A-INV-1).
    pub auth_account_id: AccountId,
    /// The tenant its rows belong to.
    pub tenant_id: TenantId,
    /// What it is called.
    pub display_name: DisplayName,
    /// Its company.
    pub company_name: Option<CompanyName>,
    /// Where it is written to; mirrored.
    pub contact_email: String,
    /// Whether that address is verified; mirrored.
    pub email_verified: bool,
    /// Whether a second factor is enrolled; mirrored.
    pub mfa_enrolled: bool,
    /// The last event of the auth-service that was followed (A-INV-6).
    pub mirrored_seq: u64,
    /// The language it is written to in.
    pub locale: Locale,
    /// For display only.
    pub timezone: Timezone,
    /// Which second factor it prefers.
    pub mfa_preference: MfaPreference,
    /// The terms it accepted last.
    pub terms_version: Option<String>,
    /// When.
    pub terms_accepted_at: Option<Timestamp>,
    /// Where it stands.
    pub state: AccountState,
    /// Why it is suspended.
    pub suspended_reason: Option<String>,
    /// Who suspended it.
    pub suspended_by: Option<SuspendedBy>,
    /// How many active keys it had when it was closed (A-INV-3).
    pub keys_when_closed: Option<u32>,
    /// What led to the current state.
    pub last_transition: Option<LastTransition<AccountAction>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// What an account was at a moment: evidence for the commands of keys, sandboxes and verifications, which keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountStanding {
    /// The account.
    pub account_id: DeveloperAccountId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its state.
    pub state: AccountState,
    /// Whether its e-mail was verified.
    pub email_verified: bool,
    /// Whether a second factor was enrolled.
    pub mfa_enrolled: bool,
    /// The terms it had accepted.
    pub terms_version: Option<String>,
    /// The terms that were current.
    pub current_terms: String,
    /// When.
    pub at: Timestamp,
}

impl AccountStanding {
    /// Whether it may create keys, sessions and sandboxes (A-INV-4).
    ///
    /// # Errors
    /// [`AccountError::Suspended`], [`AccountError::Closed`].
    pub fn require_active(&self) -> Result<(), AccountError> {
        match self.state {
            AccountState::Active => Ok(()),
            AccountState::Suspended => Err(AccountError::Suspended),
            AccountState::Closed => Err(AccountError::Closed),
        }
    }

    /// Whether it may use production (A-INV-5).
    ///
    /// # Errors
    /// Those of [`AccountStanding::require_active`]; then what is missing: [`AccountError::EmailNotVerified`],
    /// [`AccountError::MfaRequired`], [`AccountError::TermsRequired`].
    pub fn require_production(&self) -> Result<(), AccountError> {
        self.require_active()?;
        if !self.email_verified {
            return Err(AccountError::EmailNotVerified);
        }
        if !self.mfa_enrolled {
            return Err(AccountError::MfaRequired);
        }
        if self.terms_version.as_ref() != Some(&self.current_terms) {
            return Err(AccountError::TermsRequired { current: self.current_terms.clone() });
        }
        Ok(())
    }
}
