//! A release's states, an upload's states, and what leads from one to another (devportal.md 3.7).

use serde::{Deserialize, Serialize};

use crate::{
    devportal::invariants::{R_INV_1, R_INV_3, R_INV_6, R_INV_7},
    kernel::Edge,
};

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReleaseState {
    /// Being put together.
    Draft,
    /// For everybody.
    Published,
    /// For everybody, with a better one to point at.
    Deprecated,
    /// Withdrawn: to be had by its exact version only.
    Yanked,
    /// A draft that came to nothing; to everybody it does not exist, and a store may remove it.
    Deleted,
}

/// What moves a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseAction {
    /// It is released.
    Publish,
    /// The draft is dropped.
    Delete,
    /// There is a better one; the argument is the reason.
    Deprecate,
    /// It is withdrawn; the argument is the reason.
    Yank,
    /// The withdrawal is taken back, within 72 hours.
    Unyank,
}

/// How far the upload of an artifact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UploadState {
    /// Nothing came yet.
    Waiting,
    /// What came is what was announced.
    Verified,
    /// What came is something else.
    Failed,
}

/// What moves an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadAction {
    /// The bytes came and are right.
    Verify,
    /// The bytes came and are wrong.
    Fail,
}

use ReleaseAction::{Delete, Deprecate, Publish, Unyank, Yank};
use ReleaseState::{Deleted, Deprecated, Draft, Published, Yanked};
use UploadAction::{Fail, Verify};
use UploadState::{Failed, Verified, Waiting};

impl ReleaseState {
    /// Every state.
    pub const ALL: &[Self] = &[Draft, Published, Deprecated, Yanked, Deleted];
    /// The states without a way out.
    pub const TERMINAL: &[Self] = &[Deleted];
}

impl ReleaseAction {
    /// Every action.
    pub const ALL: &[Self] = &[Publish, Delete, Deprecate, Yank, Unyank];
}

impl UploadState {
    /// Every state.
    pub const ALL: &[Self] = &[Waiting, Verified, Failed];
    /// The states without a way out.
    pub const TERMINAL: &[Self] = &[Verified];
}

impl UploadAction {
    /// Every action.
    pub const ALL: &[Self] = &[Verify, Fail];
}

/// A release's state table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<ReleaseState, ReleaseAction>] = &[
    Edge::new(Draft,      Publish,   Published,  &[R_INV_6, R_INV_7]),
    Edge::new(Draft,      Delete,    Deleted,    &[R_INV_1]),
    Edge::new(Published,  Deprecate, Deprecated, &[R_INV_3]),
    Edge::new(Published,  Yank,      Yanked,     &[R_INV_3]),
    Edge::new(Deprecated, Yank,      Yanked,     &[R_INV_3]),
    Edge::new(Yanked,     Unyank,    Published,  &[R_INV_3]), // within 72 hours
];

/// The table of uploads.
pub mod upload {
    use super::{Edge, Fail, Failed, R_INV_6, UploadAction, UploadState, Verified, Verify, Waiting};

    /// An upload's state table.
    #[rustfmt::skip]
    pub const TRANSITIONS: &[Edge<UploadState, UploadAction>] = &[
        Edge::new(Waiting, Verify, Verified, &[R_INV_6]),
        Edge::new(Waiting, Fail,   Failed,   &[R_INV_6]),
        Edge::new(Failed,  Verify, Verified, &[R_INV_6]),
        Edge::new(Failed,  Fail,   Failed,   &[R_INV_6]),
    ];
}
