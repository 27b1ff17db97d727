//! An account's states and what leads from one to another (devportal.md 3.2).

use serde::{Deserialize, Serialize};

use crate::{devportal::invariants::A_INV_3, kernel::Edge};

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    /// In use.
    Active,
    /// Reads only.
    Suspended,
    /// Over.
    Closed,
}

/// What moves an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountAction {
    /// The platform, or the auth-service, stops it; the argument is the reason.
    Suspend,
    /// It goes on.
    Reinstate,
    /// Its owner ends it.
    Close,
}

use AccountAction::{Close, Reinstate, Suspend};
use AccountState::{Active, Closed, Suspended};

impl AccountState {
    /// Every state.
    pub const ALL: &[Self] = &[Active, Suspended, Closed];
    /// The states without a way out.
    pub const TERMINAL: &[Self] = &[Closed];
}

impl AccountAction {
    /// Every action.
    pub const ALL: &[Self] = &[Suspend, Reinstate, Close];
}

/// The state table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<AccountState, AccountAction>] = &[
    Edge::new(Active,    Suspend,   Suspended, &[]),
    Edge::new(Active,    Close,     Closed,    &[A_INV_3]),
    Edge::new(Suspended, Reinstate, Active,    &[]),
    Edge::new(Suspended, Close,     Closed,    &[A_INV_3]),
];
