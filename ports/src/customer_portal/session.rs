//! Sessions and accounts as the API tells them.

use sarai_domain::kernel::Timestamp;
use serde::Deserialize;

use super::SecretText;

/// Who signs in.
#[derive(Debug)]
pub struct SignIn {
    /// The address.
    pub email: String,
    /// The password.
    pub password: SecretText,
    /// The one-time password, for accounts that have one.
    pub otp: Option<String>,
}

/// What whoever signed in holds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// For the next calls.
    pub access_token: SecretText,
    /// For the next tokens.
    pub refresh_token: SecretText,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

/// The caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The user.
    pub user_id: String,
    /// The tenant.
    pub tenant_id: String,
    /// The roles.
    pub roles: Vec<String>,
    /// The account.
    pub account: Option<Account>,
}

/// The caller's account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// What it is called.
    pub display_name: String,
    /// Its company.
    pub company_name: Option<String>,
    /// `ACTIVE`, `SUSPENDED` or `CLOSED`.
    pub state: String,
    /// For display.
    pub timezone: String,
}
