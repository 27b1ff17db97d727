//! The purchase saga: what drives an order from placement to fulfilled, or back (marketplace.md section 5).
//!
//! - [`SagaCoordinator::decide`], the pure decision table
//! - [`PurchaseSaga`], the aggregate that stores what was decided
//! - [`TRANSITIONS`], its states; [`SagaEvent`], what it is told; [`SagaCommand`], what it asks for
//!
//! A consumer feeds one [`SagaEvent`] in one transaction. The commands leave as [`SagaMessage::CommandIssued`]
//! and are executed after the commit, at least once, under stable keys; each result comes back as the next
//! event. A lost command is issued again when `nextAttemptAt` comes.

mod check;
mod command;
mod data;
mod decide;
mod draft;
mod error;
mod forecast;
mod input;
mod message;
mod operator;
mod schedule;
mod status;
mod step;
mod undo;

#[cfg(test)]
mod tests;

pub use command::{CompensationReason, SagaCommand};
pub use data::{DEFINITION_VERSION, NewSaga, SagaData, SagaLine, TimeoutEvidence};
pub use decide::{Decision, SagaCoordinator};
pub use error::SagaError;
pub use forecast::Forecast;
pub use input::{LineTax, SagaEvent};
pub use message::SagaMessage;
pub use operator::{Intervention, MAX_EVIDENCE, Operator, OperatorAction};
pub use schedule::{ATTENTION_AFTER, PAYMENT_WINDOW, POLL_AFTER, RETRY_BUDGET, delay};
pub use status::{SagaAction, SagaState, TERMINAL, TRANSITIONS};
pub use step::{Direction, SagaStep, StepOutcome, StepRecord};

use crate::kernel::{Aggregate, Changes, EventId, NoRow, OrderId, Outcome, Root, SagaId, Timestamp};

/// A purchase in progress: S-INV-1 to S-INV-4, AC-4. States: [`TRANSITIONS`].
///
/// ```
/// use sarai_domain::kernel::{Aggregate, Outcome, Timestamp};
/// use sarai_domain::marketplace::saga::{NewSaga, PurchaseSaga, SagaEvent, SagaLine, SagaState};
///
/// let line = "oln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let mut saga = PurchaseSaga::start(
///     NewSaga {
///         id: "sga_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         order_id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         buyer_tenant_id: "acme".parse()?,
///         buyer_user_id: "ada".parse()?,
///         lines: vec![SagaLine { order_line_id: line, learner: Some("ada".parse()?) }],
///         coupons: vec![],
///         free: false,
///         placed_at: now,
///     },
///     now,
/// )?;
/// let license_id = "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// for event in [
///     SagaEvent::PaymentRequested { intent: "pi_1".parse()?, taxes: vec![] },
///     SagaEvent::OrderPaid,
///     SagaEvent::LicenseGranted { line, license_id },
///     SagaEvent::EnrollmentCompleted { line },
/// ] {
///     assert_eq!(saga.handle(&event, None, now)?, Outcome::Applied);
///     assert_eq!(saga.handle(&event, None, now)?, Outcome::AlreadyApplied, "the second copy is ignored");
/// }
/// assert_eq!(saga.data().state, SagaState::Fulfilled);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PurchaseSaga {
    root: Root<SagaData, SagaMessage>,
}

impl PurchaseSaga {
    /// Starts the saga of a placed order: reserves its coupons, asks for the payment when there are none, or,
    /// for a free order without coupons, records it (the saga then begins in `awaiting_payment`).
    ///
    /// # Errors
    /// [`SagaError::NoLines`].
    pub fn start(new: NewSaga, now: Timestamp) -> Result<Self, SagaError> {
        if new.lines.is_empty() {
            return Err(SagaError::NoLines);
        }
        let mut saga = Self { root: Root::new(SagaData::new(new, now)) };
        let begun = SagaCoordinator::begin(saga.data(), now);
        if let Some(next) = begun.next {
            let from = saga.data().state;
            saga.advance(next, None)?;
            saga.announce(from, false, begun.commands);
        }
        Ok(saga)
    }

    /// Takes an event: decides, applies, and announces the commands. Total: any event in any state.
    ///
    /// `AlreadyApplied` means that the event is ignored; that it came is kept by the inbox.
    ///
    /// # Errors
    /// [`SagaError::InvalidTransition`] (S-INV-2) if the decision left the table.
    pub fn handle(
        &mut self,
        event: &SagaEvent,
        causation: Option<EventId>,
        now: Timestamp,
    ) -> Result<Outcome, SagaError> {
        self.handle_all(std::slice::from_ref(event), causation, now)
    }

    /// Takes what happened together, one after the other, as one step. A licence that was granted already is not
    /// asked for.
    ///
    /// # Errors
    /// As [`PurchaseSaga::handle`]; nothing of it may be saved then.
    pub fn handle_all(
        &mut self,
        events: &[SagaEvent],
        causation: Option<EventId>,
        now: Timestamp,
    ) -> Result<Outcome, SagaError> {
        let (from, needed_attention) = (self.data().state, self.data().needs_attention);
        let (mut commands, mut outcome) = (Vec::new(), Outcome::AlreadyApplied);
        for event in events {
            let decision = SagaCoordinator::decide(self.data(), event, now);
            if let Some(next) = decision.next {
                self.advance(next, causation)?;
                commands.extend(decision.commands);
                outcome = Outcome::Applied;
            }
        }
        let granted = |command: &SagaCommand| matches!(command, SagaCommand::GrantLicense { line } if self.data().licenses.contains_key(line));
        commands.retain(|command| !granted(command));
        if outcome == Outcome::Applied {
            self.announce(from, needed_attention, commands);
        }
        Ok(outcome)
    }

    /// The key of which there is one saga (S-INV-1).
    pub fn unique_key(&self) -> OrderId {
        self.data().order_id
    }

    /// Checks S-INV-1 to S-INV-4.
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn check_invariants(&self) -> Result<(), SagaError> {
        self.data().check_invariants()
    }

    /// Takes the next document, when a decision may lead there.
    fn advance(&mut self, mut next: SagaData, causation: Option<EventId>) -> Result<(), SagaError> {
        let before = &self.root.data;
        let (from, to) = (before.state, next.state);
        if from != to && !status::leads(from, to) {
            return Err(SagaError::InvalidTransition { from, to });
        }
        for (index, record) in next.step_history.iter_mut().enumerate() {
            if before.step_history.get(index) != Some(record) {
                record.causation_event_id = causation;
            }
        }
        self.root.data = next;
        Ok(())
    }

    fn announce(&mut self, from: SagaState, needed_attention: bool, commands: Vec<SagaCommand>) {
        let needs_attention = self.data().needs_attention && !needed_attention;
        let SagaData { id: saga_id, order_id, state, .. } = self.root.data;
        let buyer_tenant_id = self.root.data.buyer_tenant_id.clone();
        let reason = self.root.data.compensation_reason;
        if let (true, SagaState::Compensating, Some(reason)) = (from != state, state, reason) {
            let buyer_tenant_id = buyer_tenant_id.clone();
            self.root.record(SagaMessage::CompensationStarted { saga_id, order_id, buyer_tenant_id, reason });
        }
        for command in commands {
            let key = format!("{saga_id}:{}", command.keyed_by());
            let buyer_tenant_id = buyer_tenant_id.clone();
            self.root.record(SagaMessage::CommandIssued { saga_id, order_id, buyer_tenant_id, key, command });
        }
        if needs_attention {
            let (buyer_tenant_id, waiting) = (buyer_tenant_id.clone(), self.root.data.outstanding());
            self.root.record(SagaMessage::NeedsAttention {
                saga_id,
                order_id,
                buyer_tenant_id,
                state,
                waiting,
            });
        }
        if state.is_terminal() {
            self.root.record(SagaMessage::Finished { saga_id, order_id, buyer_tenant_id, state, reason });
        }
    }
}

impl Aggregate for PurchaseSaga {
    type Id = SagaId;
    type Data = SagaData;
    type Row = NoRow;
    type Event = SagaMessage;
    type Error = SagaError;

    const NAME: &'static str = "saga";

    fn rehydrate(data: SagaData, _rows: Vec<NoRow>, version: u64) -> Result<Self, SagaError> {
        data.check_invariants()?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> SagaId {
        self.root.data.id
    }

    fn data(&self) -> &SagaData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.id();
        self.root.into_changes(id)
    }
}
