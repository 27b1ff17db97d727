//! The state table of a template's version (devportal.md 3.6).

use serde::{Deserialize, Serialize};

use crate::{
    devportal::invariants::{T_INV_1, T_INV_2, T_INV_3, T_INV_9},
    kernel::Edge,
};

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateState {
    /// Being written.
    Draft,
    /// Staff decide.
    InReview,
    /// Sessions use it.
    Approved,
    /// A newer version is used.
    Retired,
    /// It is used no more.
    Archived,
}

/// What moves a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateAction {
    /// Its tenant hands it in.
    Submit,
    /// Staff accept it.
    Approve,
    /// Staff send it back.
    Reject,
    /// A newer version was approved.
    Retire,
    /// Its tenant ends it.
    Archive,
}

use TemplateAction::{Approve, Archive, Reject, Retire, Submit};
use TemplateState::{Approved, Archived, Draft, InReview, Retired};

/// The table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<TemplateState, TemplateAction>] = &[
    //        from      action   to        guards
    Edge::new(Draft,    Submit,  InReview, &[T_INV_1, T_INV_3]),
    Edge::new(InReview, Approve, Approved, &[T_INV_2]),
    Edge::new(InReview, Reject,  Draft,    &[]),
    Edge::new(Approved, Retire,  Retired,  &[T_INV_9]),
    Edge::new(Approved, Archive, Archived, &[T_INV_9]),
    Edge::new(Retired,  Archive, Archived, &[T_INV_9]),
];

/// The states without an exit.
pub const TERMINAL: &[TemplateState] = &[Archived];

impl TemplateState {
    /// Every state.
    pub const ALL: &[Self] = &[Draft, InReview, Approved, Retired, Archived];
}

impl TemplateAction {
    /// Every action.
    pub const ALL: &[Self] = &[Submit, Approve, Reject, Retire, Archive];
}
