//! Returning money: whole lines, frozen amounts, one refund at a time (O-INV-8, R46).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Order, OrderData, OrderError, OrderEvent,
    line::OrderLine,
    status::{OrderAction, OrderStatus, RefundProgress},
};
use crate::kernel::{Aggregate, Money, OrderLineId, Outcome, RefundId, Row, Step, Timestamp, UserId};

/// One return of money, a row of its own. Billing's key is `rf:{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Its key.
    pub id: RefundId,
    /// The lines returned, in the order's order.
    pub lines: Vec<OrderLineId>,
    /// How much goes back, tax included. Zero for lines that cost nothing; billing is not asked then.
    pub amount: Money,
    /// Who wants it.
    pub source: RefundSource,
    /// Why, in their words.
    pub reason: String,
    /// How it stands.
    pub state: RefundState,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When billing answered.
    pub settled_at: Option<Timestamp>,
    /// Who returned the money by hand, when somebody did.
    #[serde(default)]
    pub by_hand: Option<ByHand>,
}

/// Who did by hand what a service should have done, and the proof.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ByHand {
    /// Who.
    pub by: UserId,
    /// What proves it, in their words.
    pub evidence: String,
}

impl Row for Refund {
    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// Who wants the money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundSource {
    /// The buyer, within the refund policy.
    Buyer,
    /// An administrator, whatever the policy says.
    Admin,
    /// A lost dispute.
    Dispute,
    /// The saga, because the purchase cannot be completed.
    Compensation,
}

/// How a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Billing has not answered.
    Pending,
    /// The money went back.
    Succeeded,
    /// It did not; the lines can be refunded again, by a new refund.
    Failed,
}

/// A wish for money back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The new refund's id.
    pub id: RefundId,
    /// Which lines; none: all that are left.
    pub lines: Option<Vec<OrderLineId>>,
    /// Who wants it.
    pub source: RefundSource,
    /// Why.
    pub reason: String,
}

impl Order {
    /// Reserves a refund; the money moves when [`Order::settle_refund`] says so.
    ///
    /// The saga's own ([`RefundSource::Compensation`]) means "see to it that all money goes back": while a
    /// refund of a paid order is pending, or when there is nothing to return, it is `AlreadyApplied`.
    ///
    /// # Errors
    /// Those of [`Order::plan_refund`]; [`OrderError::RefundIdReused`] when the id names another refund.
    pub fn request_refund(&mut self, request: RefundRequest, now: Timestamp) -> Result<Outcome, OrderError> {
        if let Some(known) = self.refunds.get(&request.id) {
            let same_lines = request.lines.as_ref().is_none_or(|lines| {
                lines.iter().collect::<BTreeSet<_>>() == known.lines.iter().collect::<BTreeSet<_>>()
            });
            let same = same_lines && known.source == request.source && known.reason == request.reason;
            return if same {
                Ok(Outcome::AlreadyApplied)
            } else {
                Err(OrderError::RefundIdReused(request.id))
            };
        }
        if request.source == RefundSource::Compensation
            && (self.nothing_to_refund()
                || self.data().status == OrderStatus::Paid && self.pending_refund().is_some())
        {
            return Ok(Outcome::AlreadyApplied);
        }
        let plan = self.plan_refund(request.lines.as_deref())?;
        self.write_refund(Refund {
            id: request.id,
            lines: plan.line_ids(),
            amount: plan.amount,
            source: request.source,
            reason: request.reason,
            state: RefundState::Pending,
            requested_at: now,
            settled_at: None,
            by_hand: None,
        });
        Ok(self.note(OrderEvent::RefundRequested {
            order: self.order_ref(),
            refund_id: request.id,
            source: request.source,
            amount: plan.amount,
            payment_id: self.data().payment_id.clone(),
            lines: plan.line_ids(),
            full: plan.full,
            fulfilled: self.data().status == OrderStatus::Fulfilled,
            requested_at: now,
        }))
    }

    /// Takes billing's answer to a refund. A failure reverts the refund and nothing else. A success marks
    /// the lines; the last one makes a fulfilled order refunded, while a paid order waits for its saga to
    /// undo the rest ([`Order::mark_refunded`] or [`Order::fail`]).
    ///
    /// # Errors
    /// [`OrderError::RefundNotFound`]; [`OrderError::RefundSettledOtherwise`] when billing contradicts its
    /// earlier answer.
    pub fn settle_refund(
        &mut self,
        id: RefundId,
        succeeded: bool,
        now: Timestamp,
    ) -> Result<Outcome, OrderError> {
        let refund = self.refunds.get(&id).cloned().ok_or(OrderError::RefundNotFound(id))?;
        match (refund.state, succeeded) {
            (RefundState::Pending, true) => {
                self.return_lines(refund, now)?;
                if self.data().status == OrderStatus::Fulfilled
                    && self.data().refund_state == RefundProgress::Full
                    && let Step::To(status) = self.step(OrderAction::Refund)?
                {
                    self.enter(status, OrderAction::Refund);
                    self.root.data.refunded_at = Some(now);
                }
                Ok(Outcome::Applied)
            }
            (RefundState::Pending, false) => {
                let (source, amount) = (refund.source, refund.amount);
                self.write_refund(Refund { state: RefundState::Failed, settled_at: Some(now), ..refund });
                Ok(self.note(OrderEvent::RefundFailed {
                    order: self.order_ref(),
                    refund_id: id,
                    source,
                    amount,
                    fulfilled: self.data().status == OrderStatus::Fulfilled,
                    failed_at: now,
                }))
            }
            (RefundState::Succeeded, true) | (RefundState::Failed, false) => Ok(Outcome::AlreadyApplied),
            // Billing could not; that is why somebody did it by hand.
            (RefundState::Succeeded, false) if refund.by_hand.is_some() => Ok(Outcome::AlreadyApplied),
            (RefundState::Succeeded, false) | (RefundState::Failed, true) => {
                Err(OrderError::RefundSettledOtherwise(id))
            }
        }
    }

    /// Settles the pending refund, or a new one of all that is left, by money that somebody returned by hand.
    /// Billing is asked nothing. `AlreadyApplied` when there is nothing to return.
    ///
    /// # Errors
    /// Those of [`Order::plan_refund`].
    pub fn return_by_hand(
        &mut self,
        id: RefundId,
        by_hand: ByHand,
        now: Timestamp,
    ) -> Result<Outcome, OrderError> {
        if self.nothing_to_refund() {
            return Ok(Outcome::AlreadyApplied);
        }
        if self.pending_refund().is_none() {
            let (source, reason) = (RefundSource::Compensation, "returned by hand".to_owned());
            let _ = self.request_refund(RefundRequest { id, lines: None, source, reason }, now)?;
        }
        let Some(pending) = self.pending_refund().cloned() else { return Ok(Outcome::AlreadyApplied) };
        let id = pending.id;
        self.write_refund(Refund { by_hand: Some(by_hand), ..pending });
        self.settle_refund(id, true, now)
    }

    /// Ends a purchase that was undone for a refund: all its money is back, its saga undid the rest.
    ///
    /// # Errors
    /// [`OrderError::MoneyNotReturned`]; [`OrderError::InvalidTransition`] (O-INV-4).
    pub fn mark_refunded(&mut self, now: Timestamp) -> Result<Outcome, OrderError> {
        let Step::To(status) = self.step(OrderAction::Refund)? else { return Ok(Outcome::AlreadyApplied) };
        let free = self.pending_refund().filter(|refund| refund.amount.is_zero());
        let returned = |id| free.is_some_and(|refund| refund.lines.contains(&id));
        if !self.data().lines.iter().all(|line| line.refunded || returned(line.id)) {
            return Err(OrderError::MoneyNotReturned);
        }
        self.return_nothing(now)?;
        self.enter(status, OrderAction::Refund);
        self.root.data.refunded_at = Some(now);
        Ok(self.note(OrderEvent::Returned {
            order: self.order_ref(),
            refunded_total: self.data().refunded_total,
            returned_at: now,
        }))
    }

    /// The refund billing has not answered yet; there is at most one.
    pub fn pending_refund(&self) -> Option<&Refund> {
        self.refunds.values().find(|refund| refund.state == RefundState::Pending)
    }

    /// Whether none of the order's own payment is with us: nothing was captured, or all of it went back.
    pub fn nothing_to_refund(&self) -> bool {
        self.data().payment_id.is_none() || self.data().refund_state == RefundProgress::Full
    }

    /// Every refund, in the order of their ids.
    pub fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.values()
    }

    /// Settles a pending refund that moves no money. Closing commands do, because the saga of a free order
    /// has nothing to ask billing for.
    pub(super) fn return_nothing(&mut self, now: Timestamp) -> Result<(), OrderError> {
        match self.pending_refund().filter(|refund| refund.amount.is_zero()).cloned() {
            Some(refund) => self.return_lines(refund, now),
            None => Ok(()),
        }
    }

    fn return_lines(&mut self, refund: Refund, now: Timestamp) -> Result<(), OrderError> {
        let refunded_total = self.data().refunded_total.checked_add(&refund.amount)?;
        let chosen = |id| refund.lines.contains(&id);
        let lines = self.data().lines.iter().filter(|line| chosen(line.id));
        let lines = lines.map(OrderLine::refund).collect::<Result<Vec<_>, _>>()?;
        let data = &mut self.root.data;
        data.refunded_total = refunded_total;
        for line in data.lines.iter_mut().filter(|line| chosen(line.id)) {
            line.refunded = true;
        }
        let (refund_id, source, amount) = (refund.id, refund.source, refund.amount);
        self.write_refund(Refund { state: RefundState::Succeeded, settled_at: Some(now), ..refund });
        let _ = self.note(OrderEvent::Refunded {
            order: self.order_ref(),
            refund_id,
            source,
            amount,
            lines,
            full: progress(self.data()) == RefundProgress::Full,
            fulfilled_at: self.data().fulfilled_at,
            refunded_at: now,
        });
        Ok(())
    }

    fn write_refund(&mut self, refund: Refund) {
        self.refunds.insert(refund.id, refund.clone());
        self.root.write_row(refund);
    }
}

/// How much was returned, by lines.
pub(super) fn progress(data: &OrderData) -> RefundProgress {
    match data.lines.iter().filter(|line| line.refunded).count() {
        0 => RefundProgress::None,
        all if all == data.lines.len() => RefundProgress::Full,
        _ => RefundProgress::Partial,
    }
}
