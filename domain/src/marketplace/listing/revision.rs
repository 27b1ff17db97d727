//! Revisions of a listing on sale: its provider proposes, a moderator applies or drops (ruling R57).
//!
//! Until then buyers see and pay for what is live. A proposal takes the place of the one before it.

use serde::{Deserialize, Serialize};

use super::{
    Listing, ListingError, ListingEvent, ListingFacts, ListingMarketing, ListingState, Patch, Visibility,
    marketing,
};
use crate::{
    kernel::{Aggregate, Edge, LastTransition, Outcome, Step, Timestamp, step},
    marketplace::values::RefundPolicy,
};

/// What a listing is to look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListingRevision {
    /// What a buyer sees.
    pub marketing: ListingMarketing,
    /// How a sale can be returned. Orders placed before keep theirs.
    pub refund_policy: RefundPolicy,
    /// Who finds it.
    pub visibility: Visibility,
    /// Where it is filed.
    pub category: Option<String>,
    /// At most 10 words.
    pub tags: Vec<String>,
    /// When it was proposed.
    pub proposed_at: Timestamp,
}

/// A wish to change a listing on sale: what is named changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevisionProposal {
    /// What a buyer sees.
    pub marketing: Option<ListingMarketing>,
    /// How a sale can be returned.
    pub refund_policy: Option<RefundPolicy>,
    /// Who finds it.
    pub visibility: Option<Visibility>,
    /// Where it is filed.
    pub category: Patch<String>,
    /// All its tags.
    pub tags: Option<Vec<String>>,
}

/// Whether a listing has a revision that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionState {
    /// None waits.
    None,
    /// One waits for a moderator.
    Pending,
}

/// What moves a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionAction {
    /// The provider proposes one, in place of the one that waits.
    Propose,
    /// The provider takes it back.
    Withdraw,
    /// A moderator applies it; the argument is the version reviewed.
    Approve,
    /// A moderator drops it; the argument is the reason.
    Reject,
}

use RevisionAction::{Approve, Propose, Reject, Withdraw};
use RevisionState::Pending;

impl RevisionState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::None, Pending];
    /// None: a listing on sale can be revised again and again.
    pub const TERMINAL: &[Self] = &[];
}

impl RevisionAction {
    /// Every action.
    pub const ALL: &[Self] = &[Propose, Withdraw, Approve, Reject];
}

/// The state table of a live or suspended listing's revision. No row changes the listing's own state; to
/// retire the listing drops what waits.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<RevisionState, RevisionAction>] = &[
    Edge::new(RevisionState::None, Propose,  Pending,             &[]),
    Edge::new(Pending,             Propose,  Pending,             &[]),
    Edge::new(Pending,             Withdraw, RevisionState::None, &[]),
    Edge::new(Pending,             Approve,  RevisionState::None, &[]),
    Edge::new(Pending,             Reject,   RevisionState::None, &[]),
];

impl ListingRevision {
    fn is_of(&self, other: &Self) -> bool {
        Self { proposed_at: other.proposed_at, ..self.clone() } == *other
    }

    /// What must hold of a stored one.
    pub(super) fn check(&self) -> Result<(), ListingError> {
        marketing::tags(&self.tags)?;
        self.category.as_deref().map(marketing::category).transpose().map(drop)
    }
}

impl Listing {
    /// Proposes what a live or suspended listing is to look like, in place of what was proposed before.
    ///
    /// # Errors
    /// [`ListingError::NotEditable`] in other states, [`ListingError::RevisionEmpty`] when nothing would
    /// change, or a category or tag out of its bounds.
    pub fn propose(&mut self, proposal: RevisionProposal, now: Timestamp) -> Result<Outcome, ListingError> {
        self.require_state(&[ListingState::Live, ListingState::Suspended], "be revised")?;
        let live = self.as_live(now);
        let category = proposal.category.over(live.category.clone());
        let revision = ListingRevision {
            marketing: proposal.marketing.unwrap_or_else(|| live.marketing.clone()),
            refund_policy: proposal.refund_policy.unwrap_or(live.refund_policy),
            visibility: proposal.visibility.unwrap_or(live.visibility),
            category: category.as_deref().map(marketing::category).transpose()?,
            tags: marketing::tags(&proposal.tags.unwrap_or_else(|| live.tags.clone()))?,
            proposed_at: now,
        };
        if revision.is_of(&live) {
            return Err(ListingError::RevisionEmpty);
        }
        if self.root.data.pending_revision.as_ref().is_some_and(|pending| revision.is_of(pending)) {
            return Ok(Outcome::AlreadyApplied);
        }
        self.root.data.pending_revision = Some(revision);
        Ok(self.revised(Propose, None, now, |listing| ListingEvent::RevisionProposed { listing }))
    }

    /// Takes the revision that waits back.
    ///
    /// # Errors
    /// [`ListingError::NoPendingRevision`].
    pub fn withdraw_revision(&mut self, now: Timestamp) -> Result<Outcome, ListingError> {
        match self.revision_step(Withdraw, None) {
            Some(Step::AlreadyApplied) => Ok(Outcome::AlreadyApplied),
            Some(Step::To(_)) => {
                self.root.data.pending_revision = None;
                Ok(self.revised(Withdraw, None, now, |listing| ListingEvent::RevisionWithdrawn { listing }))
            }
            None => Err(ListingError::NoPendingRevision),
        }
    }

    /// A moderator's approval, when it is a revision that waits; none: it is about the listing itself.
    pub(super) fn approve_revision(
        &mut self,
        reviewed_version: u64,
        now: Timestamp,
    ) -> Option<Result<Outcome, ListingError>> {
        let argument = reviewed_version.to_string();
        if self.revision_step(Approve, Some(&argument))? == Step::AlreadyApplied {
            return Some(Ok(Outcome::AlreadyApplied));
        }
        let current = self.version();
        if reviewed_version != current {
            return Some(Err(ListingError::StaleReview { reviewed: reviewed_version, current }));
        }
        let revision = self.root.data.pending_revision.take()?;
        revision.apply_to(&mut self.root.data);
        self.root.data.approved_at = Some(now);
        self.keep_approved(reviewed_version);
        Some(Ok(self.revised(Approve, Some(argument), now, |listing| ListingEvent::RevisionApproved {
            listing,
            reviewed_version,
        })))
    }

    /// A moderator's refusal, when it is a revision that waits; none: it is about the listing itself.
    pub(super) fn reject_revision(&mut self, reason: &str, now: Timestamp) -> Option<Outcome> {
        if self.revision_step(Reject, Some(reason))? == Step::AlreadyApplied {
            return Some(Outcome::AlreadyApplied);
        }
        self.root.data.pending_revision = None;
        let reason = reason.to_owned();
        Some(self.revised(Reject, Some(reason.clone()), now, |listing| ListingEvent::RevisionRejected {
            listing,
            reason,
        }))
    }

    /// Where an action on the revision leads; none where there is nothing it could be about.
    fn revision_step(&self, action: RevisionAction, argument: Option<&str>) -> Option<Step<RevisionState>> {
        let data = &self.root.data;
        if !matches!(data.state, ListingState::Live | ListingState::Suspended) {
            return None;
        }
        let state = if data.pending_revision.is_some() { Pending } else { RevisionState::None };
        step(TRANSITIONS, state, action, argument, data.last_revision.as_ref()).ok()
    }

    /// What is on sale now, as a revision.
    fn as_live(&self, now: Timestamp) -> ListingRevision {
        let data = &self.root.data;
        ListingRevision {
            marketing: data.marketing.clone(),
            refund_policy: data.refund_policy,
            visibility: data.visibility,
            category: data.category.clone(),
            tags: data.tags.clone(),
            proposed_at: now,
        }
    }

    fn revised(
        &mut self,
        action: RevisionAction,
        argument: Option<String>,
        now: Timestamp,
        event: impl FnOnce(ListingFacts) -> ListingEvent,
    ) -> Outcome {
        self.root.data.last_revision = Some(LastTransition { action, argument });
        self.root.data.updated_at = now;
        let facts = self.facts(now);
        self.root.record(event(facts));
        Outcome::Applied
    }
}
