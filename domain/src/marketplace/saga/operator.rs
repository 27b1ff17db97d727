//! What operators do to a saga: retry, force the compensation, state what was done by hand (marketplace.md 10).
//!
//! Each is an event of the decision table. The commands here say why one is refused, where the table would
//! ignore it.

use serde::{Deserialize, Serialize};

use super::{ATTENTION_AFTER, PurchaseSaga, SagaData, SagaError, SagaEvent, SagaState, SagaStep};
use crate::kernel::{Aggregate, Outcome, Timestamp, UserId};

/// The most characters a proof has.
pub const MAX_EVIDENCE: usize = 2_000;

/// Who acts on a saga, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operator {
    /// Who.
    pub id: UserId,
    /// Why, in their words.
    pub reason: String,
}

/// What an operator can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorAction {
    /// Try what waits now.
    Retry,
    /// End the purchase.
    Compensate,
    /// State that a step was done by hand.
    Resolve,
}

/// What an operator did.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intervention {
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: OperatorAction,
    /// To which steps.
    pub steps: Vec<SagaStep>,
    /// Who, and why.
    pub operator: Operator,
}

impl PurchaseSaga {
    /// Tries what waits now, with all of its budget. `AlreadyApplied` while such a try is unanswered.
    ///
    /// # Errors
    /// [`SagaError::Over`].
    pub fn retry(&mut self, operator: Operator, now: Timestamp) -> Result<Outcome, SagaError> {
        self.data().ensure_open()?;
        self.handle(&SagaEvent::RetryForced { operator }, None, now)
    }

    /// Ends the purchase: an open intent is voided first, what was captured goes back. `AlreadyApplied` when
    /// the purchase is being undone.
    ///
    /// # Errors
    /// [`SagaError::NotCompensatable`] when it is over, or its order was told that it is fulfilled (R46).
    pub fn force_compensation(&mut self, operator: Operator, now: Timestamp) -> Result<Outcome, SagaError> {
        if !self.data().is_compensatable() && self.data().state != SagaState::Compensating {
            return Err(SagaError::NotCompensatable { state: self.data().state });
        }
        self.handle(&SagaEvent::CompensationForced { operator }, None, now)
    }

    /// Goes on from a step that keeps failing and was done by hand. `AlreadyApplied` when it was stated before.
    ///
    /// # Errors
    /// [`SagaError::EvidenceMalformed`], [`SagaError::Over`], [`SagaError::NotResolvable`],
    /// [`SagaError::NeedsNoAttention`], [`SagaError::StepNotFailing`].
    pub fn resolve(
        &mut self,
        step: SagaStep,
        operator: Operator,
        evidence: String,
        now: Timestamp,
    ) -> Result<Outcome, SagaError> {
        let data = self.data();
        if evidence.trim().is_empty() || evidence.chars().count() > MAX_EVIDENCE {
            return Err(SagaError::EvidenceMalformed);
        }
        if data.record(step).is_some_and(|record| record.by_hand.is_some()) {
            return Ok(Outcome::AlreadyApplied);
        }
        data.ensure_open()?;
        if !step.is_done_by_hand() {
            return Err(SagaError::NotResolvable { step });
        }
        if !data.needs_attention {
            return Err(SagaError::NeedsNoAttention);
        }
        if !data.is_failing(step) {
            return Err(SagaError::StepNotFailing { step });
        }
        self.handle(&SagaEvent::DoneByHand { step, operator, evidence }, None, now)
    }
}

impl SagaData {
    /// Whether a step waits and was tried again and again without success.
    pub fn is_failing(&self, step: SagaStep) -> bool {
        self.outstanding().contains(&step)
            && self.record(step).is_some_and(|record| record.attempts > ATTENTION_AFTER)
    }

    /// The steps that an operator may state to have done by hand.
    pub fn resolvable(&self) -> Vec<SagaStep> {
        let open = |step: &SagaStep| {
            self.needs_attention
                && step.is_done_by_hand()
                && self.is_failing(*step)
                && self.record(*step).is_some_and(|record| record.by_hand.is_none())
        };
        self.outstanding().into_iter().filter(open).collect()
    }

    /// What an operator can do now.
    pub fn allowed_actions(&self) -> Vec<OperatorAction> {
        let allowed = [
            (OperatorAction::Retry, !self.state.is_terminal()),
            (OperatorAction::Compensate, self.is_compensatable()),
            (OperatorAction::Resolve, !self.resolvable().is_empty()),
        ];
        allowed.into_iter().filter(|(_, allowed)| *allowed).map(|(action, _)| action).collect()
    }

    /// Whether the purchase can be ended: not while it is undone, and not once its order was told.
    fn is_compensatable(&self) -> bool {
        !self.state.is_terminal() && self.state != SagaState::Compensating
    }

    fn ensure_open(&self) -> Result<(), SagaError> {
        if self.state.is_terminal() { Err(SagaError::Over { state: self.state }) } else { Ok(()) }
    }
}
