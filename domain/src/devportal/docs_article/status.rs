//! An article's states and what leads from one to another (devportal.md 3.8).

use serde::{Deserialize, Serialize};

use crate::{
    devportal::invariants::{D_INV_2, D_INV_5},
    kernel::Edge,
};

/// Where an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ArticleState {
    /// Being written.
    Draft,
    /// Being reviewed.
    InReview,
    /// For its readers.
    Published,
    /// For nobody any more; it may lead elsewhere.
    Archived,
}

/// What moves an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArticleAction {
    /// Its author asks for a review.
    Submit,
    /// The reviewer wants something else; the argument is the reason.
    RequestChanges,
    /// The reviewer accepts it.
    Approve,
    /// Another revision takes a locale's place; the argument is its number.
    PublishRevision,
    /// It is taken away; the argument is where it leads.
    Archive,
}

use ArticleAction::{Approve, Archive, PublishRevision, RequestChanges, Submit};
use ArticleState::{Archived, Draft, InReview, Published};

impl ArticleState {
    /// Every state.
    pub const ALL: &[Self] = &[Draft, InReview, Published, Archived];
    /// The states without a way out.
    pub const TERMINAL: &[Self] = &[Archived];
}

impl ArticleAction {
    /// Every action.
    pub const ALL: &[Self] = &[Submit, RequestChanges, Approve, PublishRevision, Archive];
}

/// The state table.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<ArticleState, ArticleAction>] = &[
    Edge::new(Draft,     Submit,          InReview,  &[D_INV_2]),
    Edge::new(InReview,  RequestChanges,  Draft,     &[]),
    Edge::new(InReview,  Approve,         Published, &[D_INV_2, D_INV_5]),
    Edge::new(Published, PublishRevision, Published, &[D_INV_5]),
    Edge::new(Published, Archive,         Archived,  &[]),
];
