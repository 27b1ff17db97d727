//! A sandbox's state table (devportal.md 3.4).

use serde::{Deserialize, Serialize};

use crate::{
    devportal::invariants::{SB_INV_3, SB_INV_6},
    kernel::Edge,
};

/// Where a sandbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SandboxState {
    /// In use.
    Active,
    /// Its quota is used up; it can be read and reset.
    Exhausted,
    /// Its developer closed it.
    Closed,
    /// Its real time is over.
    Expired,
}

/// What moves a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxAction {
    /// It lives longer.
    Extend,
    /// Its virtual clock moves.
    AdvanceClock,
    /// Its data and counters are cleared.
    Reset,
    /// Its quota is used up.
    Exhaust,
    /// Its developer closes it.
    Close,
    /// Its real time is over.
    Expire,
}

use SandboxAction::{AdvanceClock, Close, Exhaust, Expire, Extend, Reset};
use SandboxState::{Active, Closed, Exhausted, Expired};

/// The table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<SandboxState, SandboxAction>] = &[
    //        from       action        to         guards
    Edge::new(Active,    Extend,       Active,    &[]),
    Edge::new(Active,    AdvanceClock, Active,    &[SB_INV_3]),
    Edge::new(Active,    Reset,        Active,    &[]),
    Edge::new(Active,    Exhaust,      Exhausted, &[]),
    Edge::new(Active,    Close,        Closed,    &[SB_INV_6]),
    Edge::new(Active,    Expire,       Expired,   &[SB_INV_3, SB_INV_6]),
    Edge::new(Exhausted, Reset,        Active,    &[]),
    Edge::new(Exhausted, Close,        Closed,    &[SB_INV_6]),
    Edge::new(Exhausted, Expire,       Expired,   &[SB_INV_3, SB_INV_6]),
];

/// The states without an exit.
pub const TERMINAL: &[SandboxState] = &[Closed, Expired];

impl SandboxState {
    /// Every state.
    pub const ALL: &[Self] = &[Active, Exhausted, Closed, Expired];

    /// Whether it stays so for ever.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Closed | Expired)
    }
}

impl SandboxAction {
    /// Every action.
    pub const ALL: &[Self] = &[Extend, AdvanceClock, Reset, Exhaust, Close, Expire];
}
