//! What holds of every stored session and its sends, one row a rule.
//!
//! V-INV-20 holds by the type of [`Brand`](super::super::values::Brand): a document that breaks it cannot be read.

use super::{
    DeliveryAttempt, Hold, ResendPolicy, VerifyError, VerifySession, VerifySessionData, VerifyState,
};
use crate::{
    devportal::{
        invariants::{V_INV_4, V_INV_7, V_INV_9, V_INV_12, V_INV_13, V_INV_16, V_INV_17, V_INV_21},
        values::{DestinationKind, Environment},
    },
    kernel::{Audited, Invariant, Price, Rule, Timestamp, require},
};

type Result = std::result::Result<(), VerifyError>;

impl Audited for VerifySession {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(V_INV_12, |data, _| same_world(data)),
        Rule::<Self>::ours(        |data, _| destinations(data)),
        Rule::<Self>::of(V_INV_4,  |data, _| attempts(data)),
        Rule::<Self>::of(V_INV_7,  |data, _| approved_once(data)),
        Rule::<Self>::ours(        |data, _| ended(data)),
        Rule::<Self>::of(V_INV_9,  |data, _| within_the_order(data)),
        Rule::<Self>::of(V_INV_16, |data, _| waited(data)),
        Rule::<Self>::of(V_INV_17, not_before_the_start),
        Rule::<Self>::of(V_INV_21, |data, _| secrets(data)),
        Rule::<Self>::ours(        own_sends),
        Rule::<Self>::of(V_INV_13, |_, rows| reserved(rows)),
        Rule::<Self>::of(V_INV_9,  every_send).whole(),
        Rule::<Self>::of(V_INV_13, sums).whole().given(V_INV_9),
    ];
}

impl VerifySession {
    /// What must hold of the document and its sends.
    ///
    /// # Errors
    /// The first [`VerifyError`] found.
    pub fn check_invariants(&self) -> Result {
        let rows: Vec<DeliveryAttempt> = self.rows.values().cloned().collect();
        require::<Self>(&self.root.data, &rows)
    }
}

fn holds(invariant: Invariant, holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(VerifyError::Inconsistent { invariant: Some(invariant), what }) }
}

fn ours(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(VerifyError::Inconsistent { invariant: None, what }) }
}

fn same_world(data: &VerifySessionData) -> Result {
    let sandboxed = data.environment == Environment::Sandbox;
    let same = data.environment == data.key_environment && sandboxed == data.sandbox_id.is_some();
    if same { Ok(()) } else { Err(VerifyError::EnvironmentMismatch) }
}

fn destinations(data: &VerifySessionData) -> Result {
    let of = |kind| data.destinations.iter().filter(|one| one.kind == kind).count();
    let once = DestinationKind::ALL.iter().all(|kind| of(*kind) <= 1);
    let reached = data.channel_order.steps().iter().all(|step| of(step.channel().destination_kind()) == 1);
    ours(once && reached, "a channel has no destination, or a destination is there twice")
}

fn attempts(data: &VerifySessionData) -> Result {
    let max = data.policy.terms.max_attempts;
    holds(V_INV_4, data.attempts <= max, "more attempts than allowed")?;
    holds(V_INV_4, data.concluded <= data.attempts, "more checks concluded than counted")?;
    holds(V_INV_4, (data.attempts > 0) == data.last_check_at.is_some(), "attempts without a last check")
}

fn approved_once(data: &VerifySessionData) -> Result {
    let approved = data.state == VerifyState::Approved;
    holds(V_INV_7, approved == data.approved_at.is_some(), "approved without a time, or the reverse")?;
    holds(V_INV_7, !approved || data.attempts > 0, "approved without a check")
}

fn ended(data: &VerifySessionData) -> Result {
    let over = data.state.is_terminal();
    ours(over == data.ended_at.is_some(), "over without a time, or the reverse")?;
    ours((data.state == VerifyState::Failed) == data.failure_reason.is_some(), "failed without a reason")?;
    ours(data.state != VerifyState::Delivered || data.delivered_at.is_some(), "delivered without a time")
}

fn within_the_order(data: &VerifySessionData) -> Result {
    holds(V_INV_9, data.current_step < data.channel_order.count(), "the step is beyond the order")?;
    holds(V_INV_9, data.sends <= data.policy.terms.max_sends, "more sends than allowed")
}

/// The ledger of failed checks let it begin.
fn waited(data: &VerifySessionData) -> Result {
    holds(V_INV_16, data.failures.admits(data.started_at), "it began while its destination had to wait")
}

fn not_before_the_start(data: &VerifySessionData, rows: &[DeliveryAttempt]) -> Result {
    let own = [data.last_check_at, data.delivered_at, data.approved_at, data.ended_at, Some(data.expires_at)];
    let theirs = rows.iter().flat_map(|row| [Some(row.queued_at), row.sent_at, row.final_at]);
    let mut times = own.into_iter().chain(theirs).flatten();
    holds(V_INV_17, times.all(|at: Timestamp| at >= data.started_at), "something is earlier than its start")
}

fn secrets(data: &VerifySessionData) -> Result {
    let sealed = data.destinations.iter().any(|one| one.sealed.is_some());
    let over = data.state.is_terminal();
    holds(V_INV_21, !over || (data.secrets.is_none() && !sealed), "a terminal session keeps a secret")?;
    ours(over || data.secrets.is_some(), "a live session has no code")
}

fn own_sends(data: &VerifySessionData, rows: &[DeliveryAttempt]) -> Result {
    let fits = |row: &DeliveryAttempt| {
        let step = data.channel_order.step(row.step).map(|step| step.channel());
        row.verification_id == data.id
            && step == Some(row.channel)
            && row.step <= data.current_step
            && (1..=data.generation).contains(&row.generation)
    };
    ours(rows.iter().all(fits), "a send of another session or step")?;
    let same = data.policy.terms.resend_policy == ResendPolicy::SameCode;
    ours(!same || data.generation == 1, "a new code under the same-code policy")
}

fn reserved(rows: &[DeliveryAttempt]) -> Result {
    let enough = |row: &DeliveryAttempt| {
        row.reserved.currency() == row.quote.currency() && row.reserved.micros() >= row.quote.micros()
    };
    holds(V_INV_13, rows.iter().all(enough), "less is held for a send than it was quoted at")
}

fn every_send(data: &VerifySessionData, rows: &[DeliveryAttempt]) -> Result {
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    holds(V_INV_9, count == data.sends, "the number of sends is not that of its rows")
}

fn sums(data: &VerifySessionData, rows: &[DeliveryAttempt]) -> Result {
    let currency = data.spend_reserved.currency();
    let held = rows.iter().filter(|row| row.hold == Hold::Held).map(|row| &row.reserved);
    let spent = rows.iter().filter(|row| row.hold == Hold::Settled).filter_map(|row| row.price.as_ref());
    let held = Price::sum(currency, held)?;
    let spent = Price::sum(currency, spent)?;
    holds(V_INV_13, held == data.spend_reserved, "what is held is not the sum of its sends")?;
    holds(V_INV_13, spent == data.spend_settled, "what was spent is not the sum of its sends")
}
