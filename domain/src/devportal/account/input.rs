//! What an account's commands are given.

use serde::{Deserialize, Serialize};

use super::{DeveloperAccountData, MfaPreference};
use crate::{
    devportal::values::{CompanyName, DisplayName, Locale, Timezone},
    kernel::{AccountId, DeveloperAccountId, TenantId},
};

/// An account to register: first sign-in, or the auth-service's `account.created`.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: DeveloperAccountId,
    /// Its identity at the auth-service.
    pub auth_account_id: AccountId,
    /// The tenant its rows belong to.
    pub tenant_id: TenantId,
    /// What it is called.
    pub display_name: DisplayName,
    /// The language it is written to in.
    pub locale: Locale,
    /// What the auth-service knows of it.
    pub mirror: Mirror,
}

/// What the auth-service said of an identity, by the sequence of its event. What is not named stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mirror {
    /// The event's place among those of this identity.
    pub seq: u64,
    /// Its e-mail.
    pub contact_email: Option<String>,
    /// Whether that is verified.
    pub email_verified: Option<bool>,
    /// Whether a second factor is enrolled.
    pub mfa_enrolled: Option<bool>,
    /// Whether the identity is disabled.
    pub disabled: Option<bool>,
}

/// What an owner can change: begin with what holds ([`From`]) and change what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileEdit {
    /// What it is called.
    pub display_name: DisplayName,
    /// Its company.
    pub company_name: Option<CompanyName>,
    /// The language it is written to in.
    pub locale: Locale,
    /// For display only.
    pub timezone: Timezone,
    /// Which second factor it prefers.
    pub mfa_preference: MfaPreference,
}

impl From<&DeveloperAccountData> for ProfileEdit {
    fn from(data: &DeveloperAccountData) -> Self {
        Self {
            display_name: data.display_name.clone(),
            company_name: data.company_name.clone(),
            locale: data.locale,
            timezone: data.timezone.clone(),
            mfa_preference: data.mfa_preference,
        }
    }
}

/// How many keys of an account have status ACTIVE, those still to be issued included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveKeys {
    /// The account spoken of.
    pub account_id: DeveloperAccountId,
    /// How many.
    pub count: u32,
}
