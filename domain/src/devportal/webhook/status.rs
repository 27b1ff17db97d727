//! An endpoint's states and what leads from one to another (devportal.md 3.9).

use serde::{Deserialize, Serialize};

use crate::{devportal::invariants::W_INV_5, kernel::Edge};

/// Where an endpoint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EndpointStatus {
    /// It gets what it asked for.
    Active,
    /// It gets nothing.
    Disabled,
    /// To everybody it does not exist; its secrets are gone, and a store may remove it.
    Deleted,
}

/// What moves an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointAction {
    /// Its owner stops it.
    Disable,
    /// It answered 410.
    Gone,
    /// It failed for 5 days.
    GiveUp,
    /// Its owner lets it go on.
    Enable,
    /// Its owner removes it.
    Delete,
}

/// Why an endpoint is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisabledReason {
    /// Its owner wanted it.
    User,
    /// It answered 410.
    Gone,
    /// It failed for 5 days.
    Failing,
}

use EndpointAction::{Delete, Disable, Enable, GiveUp, Gone};
use EndpointStatus::{Active, Deleted, Disabled};

impl EndpointStatus {
    /// Every status.
    pub const ALL: &[Self] = &[Active, Disabled, Deleted];
    /// Those without a way out.
    pub const TERMINAL: &[Self] = &[Deleted];
}

impl EndpointAction {
    /// Every action.
    pub const ALL: &[Self] = &[Disable, Gone, GiveUp, Enable, Delete];
}

/// The state table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<EndpointStatus, EndpointAction>] = &[
    Edge::new(Active,   Disable, Disabled, &[]),
    Edge::new(Active,   Gone,    Disabled, &[W_INV_5]),
    Edge::new(Active,   GiveUp,  Disabled, &[W_INV_5]),
    Edge::new(Active,   Delete,  Deleted,  &[]),
    Edge::new(Disabled, Enable,  Active,   &[]),
    Edge::new(Disabled, Delete,  Deleted,  &[]),
];
