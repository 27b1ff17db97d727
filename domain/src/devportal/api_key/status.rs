//! A key's states and what leads from one to another (devportal.md 3.3).

use serde::{Deserialize, Serialize};

use crate::{
    devportal::invariants::{K_INV_2, K_INV_7, K_INV_8},
    kernel::Edge,
};

/// Where a key stands: its provisioning and its status in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeyState {
    /// The auth-service was asked for its secret; nobody sees it yet.
    Requested,
    /// In use, until a time it may have.
    Active,
    /// Out of use for ever (K-INV-6).
    Revoked,
    /// Its secret was never issued: to everybody it does not exist, and a store may remove it.
    Discarded,
}

/// What moves a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAction {
    /// The auth-service issued its secret.
    Issue,
    /// The auth-service did not, or said nothing for 2 minutes.
    Discard,
    /// A successor took its place; the argument is the successor.
    Replace,
    /// Its owner or the platform ends it; the argument is the reason.
    Revoke,
    /// Its time has come.
    Lapse,
    /// It was found where it must not be, and the auth-service confirmed that it is this one.
    Expose,
}

/// Why a key was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RevokedReason {
    /// Its owner revoked it.
    User,
    /// The overlap with its successor is over.
    Rotated,
    /// It expired.
    Expired,
    /// It was found in public.
    Exposed,
    /// Its account is being closed.
    AccountClosed,
    /// The platform revoked it.
    Admin,
}

/// Whether the auth-service knows that a key is revoked (K-INV-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthRevocation {
    /// Not yet: it is told again and again.
    Pending,
    /// It does.
    Acked,
}

/// What is shown of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EffectiveStatus {
    /// It works.
    Active,
    /// It does not: revoked, expired or retired.
    Revoked,
}

use KeyAction::{Discard, Expose, Issue, Lapse, Replace, Revoke};
use KeyState::{Active, Discarded, Requested, Revoked};

impl KeyState {
    /// Every state.
    pub const ALL: &[Self] = &[Requested, Active, Revoked, Discarded];
    /// The states without a way out.
    pub const TERMINAL: &[Self] = &[Revoked, Discarded];
}

impl KeyAction {
    /// Every action.
    pub const ALL: &[Self] = &[Issue, Discard, Replace, Revoke, Lapse, Expose];
}

impl RevokedReason {
    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Rotated => "ROTATED",
            Self::Expired => "EXPIRED",
            Self::Exposed => "EXPOSED",
            Self::AccountClosed => "ACCOUNT_CLOSED",
            Self::Admin => "ADMIN",
        }
    }
}

/// The state table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<KeyState, KeyAction>] = &[
    Edge::new(Requested, Issue,   Active,    &[K_INV_2]),
    Edge::new(Requested, Discard, Discarded, &[]),
    Edge::new(Active,    Replace, Active,    &[K_INV_7, K_INV_8]),
    Edge::new(Active,    Revoke,  Revoked,   &[]),
    Edge::new(Active,    Lapse,   Revoked,   &[]), // from min(expiresAt, retireAt) on
    Edge::new(Active,    Expose,  Revoked,   &[]),
];
