//! Auth's bodies.

use sarai_domain::kernel::{TenantId, Timestamp, UserId};
use sarai_ports::auth::{Principal, Role, Session, TotpEnrolment, Via};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::define;

/// A sign-in.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// A one-time password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp: Option<String>,
}

/// A session to be renewed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// The token that is good for it, once.
    pub refresh_token: String,
}

/// A session to be ended.
#[derive(Serialize, Deserialize)]
pub struct End {
    /// Either of its tokens.
    pub token: String,
}

/// A second factor to be enrolled.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrol {
    /// Whose.
    pub access_token: String,
}

/// A second factor to be confirmed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Confirm {
    /// Whose.
    pub access_token: String,
    /// What it shows.
    pub otp: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TotpEnrolment")]
struct TotpEnrolmentDef {
    secret: String,
    uri: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Principal", rename_all = "camelCase")]
struct PrincipalDef {
    user_id: UserId,
    tenant_id: TenantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(with = "roles")]
    roles: Vec<Role>,
    #[serde(skip)]
    via: Via,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Session", rename_all = "camelCase")]
struct SessionDef {
    access_token: String,
    refresh_token: String,
    expires_at: Timestamp,
    #[serde(with = "super::wired")]
    principal: Principal,
}

define! {
    Principal = PrincipalDef,
    Session = SessionDef,
    TotpEnrolment = TotpEnrolmentDef,
}

/// Roles by their names in tokens.
mod roles {
    use super::{Deserialize, Deserializer, Role, Serializer, de};

    pub(super) fn serialize<S: Serializer>(roles: &[Role], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(roles.iter().map(|role| role.name()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Role>, D::Error> {
        let names: Vec<String> = Vec::deserialize(deserializer)?;
        let role = |name: &String| Role::parse(name).ok_or_else(|| de::Error::custom("no such role"));
        names.iter().map(role).collect()
    }
}
