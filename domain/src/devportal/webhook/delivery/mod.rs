//! `WebhookDelivery`: one payload on its way to one endpoint (ruling R25).
//!
//! `webhook-id` is the id of the first delivery of an event to an endpoint, and stays the same over retries and
//! replays (W-INV-3): a replay is another delivery with the same `webhookId`. Request headers are not kept; they are
//! computed again. What a delivery announces, its endpoint does. The states are in [`TRANSITIONS`].

mod attempt;
mod status;

use serde::{Deserialize, Serialize};

pub use attempt::{AttemptOutcome, DeliveryFault, MAX_ANSWER, RETRY_AFTER, WebhookAttempt, next_attempt};
pub use status::{DeliveryAction, DeliveryStatus, TRANSITIONS};

use super::{WebhookError, WebhookEvent, WebhookPayload};
use crate::{
    devportal::{invariants::W_INV_3, values::Environment},
    kernel::{
        Aggregate, Audited, Changes, EventId, LastTransition, NoRow, Outcome, Root, Rule, SandboxId, Step,
        TenantId, Timestamp, WebhookDeliveryId, WebhookEndpointId, require, step,
    },
};

/// After how long a pretended receiver is asked again.
const PRETENDED: time::Duration = time::Duration::seconds(1);

/// A delivery to begin.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id, and what the receiver knows it and its replays by.
    pub id: WebhookDeliveryId,
    /// Where to.
    pub endpoint_id: WebhookEndpointId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its environment.
    pub environment: Environment,
    /// The sandbox it happened in.
    pub sandbox_id: Option<SandboxId>,
    /// The event.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: String,
    /// What is sent.
    pub payload: WebhookPayload,
    /// How often its scenario's receiver fails first.
    pub pretended_failures: u8,
}

/// The stored document of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDeliveryData {
    /// The delivery.
    pub id: WebhookDeliveryId,
    /// The header `webhook-id`: the id of the first delivery of which this is a replay, or its own.
    pub webhook_id: WebhookDeliveryId,
    /// Where to.
    pub endpoint_id: WebhookEndpointId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its environment.
    pub environment: Environment,
    /// The sandbox it happened in.
    pub sandbox_id: Option<SandboxId>,
    /// The event.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: String,
    /// What is sent, the same bytes each time.
    pub payload: WebhookPayload,
    /// How many attempts a sandbox's pretended receiver takes and fails before one leaves (ruling R10).
    #[serde(default)]
    pub pretended_failures: u8,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// What was tried.
    pub attempts: Vec<WebhookAttempt>,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// The delivery it repeats.
    pub replay_of: Option<WebhookDeliveryId>,
    /// What led to the current status.
    pub last_transition: Option<LastTransition<DeliveryAction>>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl WebhookDeliveryData {
    /// Whether it failed at least once and was not taken. What somebody asked for again says nothing of an endpoint.
    pub fn is_failing(&self) -> bool {
        self.status != DeliveryStatus::Delivered && !self.attempts.is_empty() && self.replay_of.is_none()
    }
}

/// A delivery.
#[derive(Debug, Clone)]
pub struct WebhookDelivery {
    root: Root<WebhookDeliveryData, WebhookEvent>,
}

impl Aggregate for WebhookDelivery {
    type Id = WebhookDeliveryId;
    type Data = WebhookDeliveryData;
    type Row = NoRow;
    type Event = WebhookEvent;
    type Error = WebhookError;

    const NAME: &'static str = "webhook_delivery";

    fn rehydrate(data: WebhookDeliveryData, _rows: Vec<NoRow>, version: u64) -> Result<Self, WebhookError> {
        require::<Self>(&data, &[])?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> WebhookDeliveryId {
        self.root.data.id
    }

    fn data(&self) -> &WebhookDeliveryData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

impl Audited for WebhookDelivery {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(W_INV_3, |data, _| if (1..).zip(&data.attempts).all(|(no, attempt)| attempt.no == no) { Ok(()) } else { Err(WebhookError::BrokenAttempts) }),
        Rule::<Self>::of(W_INV_3, |data, _| if data.replay_of.is_some() || data.webhook_id == data.id { Ok(()) } else { Err(WebhookError::BrokenAttempts) }),
        Rule::<Self>::ours(       |data, _| holds((data.status == DeliveryStatus::Pending) == data.next_at.is_some(), "what is pending, and nothing else, is due at a time")),
        Rule::<Self>::ours(       |data, _| holds((data.status == DeliveryStatus::Pending) == data.ended_at.is_none(), "what is over ended at a time")),
        Rule::<Self>::ours(       |data, _| holds((data.status == DeliveryStatus::Delivered) == data.attempts.last().is_some_and(|last| last.fault.is_none()), "what was taken was so at the last attempt")),
    ];
}

fn holds(holds: bool, what: &'static str) -> Result<(), WebhookError> {
    if holds { Ok(()) } else { Err(WebhookError::Inconsistent(what)) }
}

impl WebhookDelivery {
    /// A delivery that is due at once.
    pub fn begin(new: NewDelivery, now: Timestamp) -> Self {
        let data = WebhookDeliveryData {
            id: new.id,
            webhook_id: new.id,
            endpoint_id: new.endpoint_id,
            tenant_id: new.tenant_id,
            environment: new.environment,
            sandbox_id: new.sandbox_id,
            event_id: new.event_id,
            event_type: new.event_type,
            payload: new.payload,
            pretended_failures: new.pretended_failures,
            status: DeliveryStatus::Pending,
            attempts: Vec::new(),
            next_at: Some(now),
            replay_of: None,
            last_transition: None,
            created_at: now,
            ended_at: None,
        };
        Self { root: Root::new(data) }
    }

    /// The same payload to the same endpoint again, under the same `webhook-id`: one attempt, now, whatever the schedule
    /// of this one is.
    ///
    /// # Errors
    /// [`WebhookError::StillPending`] before this one was tried.
    pub fn replay(&self, id: WebhookDeliveryId, now: Timestamp) -> Result<Self, WebhookError> {
        let data = &self.root.data;
        if data.status == DeliveryStatus::Pending && data.attempts.is_empty() {
            return Err(WebhookError::StillPending);
        }
        let data = WebhookDeliveryData {
            id,
            status: DeliveryStatus::Pending,
            attempts: Vec::new(),
            next_at: Some(now),
            pretended_failures: 0,
            replay_of: Some(data.id),
            last_transition: None,
            created_at: now,
            ended_at: None,
            ..data.clone()
        };
        Ok(Self { root: Root::new(data) })
    }

    /// Notes what came of an attempt, and decides whether there is another; a replay has one.
    ///
    /// An attempt whose number was noted before is already applied: of two senders the first counts.
    ///
    /// # Errors
    /// [`WebhookError::BrokenAttempts`] (W-INV-3) for a number out of turn, [`WebhookError::InvalidDelivery`] once it
    /// is over.
    pub fn record(&mut self, attempt: WebhookAttempt, now: Timestamp) -> Result<Outcome, WebhookError> {
        let data = &self.root.data;
        let due = u32::try_from(data.attempts.len()).unwrap_or(u32::MAX).saturating_add(1);
        if (1..due).contains(&attempt.no) {
            return Ok(Outcome::AlreadyApplied);
        }
        // Nobody waits for a receiver that is pretended: it is well again in a moment.
        let next_at = match self.pretended() {
            Some(_) => Some(now.plus(PRETENDED)),
            None if data.replay_of.is_some() => None,
            None => next_attempt(due, now),
        };
        let action = match attempt.fault {
            None => DeliveryAction::Succeed,
            Some(fault) if fault.is_final() => DeliveryAction::Refuse,
            Some(_) if next_at.is_some() => DeliveryAction::Retry,
            Some(_) => DeliveryAction::Exhaust,
        };
        let argument = attempt.no.to_string();
        let Step::To(to) = self.step(action, Some(&argument))? else { return Ok(Outcome::AlreadyApplied) };
        if attempt.no != due {
            return Err(WebhookError::BrokenAttempts);
        }
        self.root.data.attempts.push(attempt);
        self.enter(to, action, Some(argument), next_at, now);
        Ok(Outcome::Applied)
    }

    /// Gives it up, because its endpoint gets nothing any more.
    ///
    /// # Errors
    /// [`WebhookError::InvalidDelivery`] once it is over.
    pub fn abandon(&mut self, now: Timestamp) -> Result<Outcome, WebhookError> {
        let action = DeliveryAction::Abandon;
        let Step::To(to) = self.step(action, None)? else { return Ok(Outcome::AlreadyApplied) };
        self.enter(to, action, None, None, now);
        Ok(Outcome::Applied)
    }

    /// What a sandbox's pretended receiver answers to the next attempt, where that is not to leave.
    pub fn pretended(&self) -> Option<AttemptOutcome> {
        let fails = self.next_no() <= u32::from(self.root.data.pretended_failures);
        fails.then_some(AttemptOutcome::Answered { status: 503, text: None })
    }

    /// The number of the attempt that comes next.
    pub fn next_no(&self) -> u32 {
        u32::try_from(self.root.data.attempts.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn step(
        &self,
        action: DeliveryAction,
        argument: Option<&str>,
    ) -> Result<Step<DeliveryStatus>, WebhookError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.status, action, argument, data.last_transition.as_ref())?)
    }

    fn enter(
        &mut self,
        to: DeliveryStatus,
        action: DeliveryAction,
        argument: Option<String>,
        next_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        let over = to != DeliveryStatus::Pending;
        let data = &mut self.root.data;
        data.status = to;
        data.next_at = next_at.filter(|_| !over);
        data.ended_at = over.then_some(now);
        data.last_transition = Some(LastTransition { action, argument });
    }
}
