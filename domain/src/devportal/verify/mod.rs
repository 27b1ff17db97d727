//! Verify: a session that proves that somebody holds a phone number or reads a mailbox (devportal.md 3.5).
//!
//! A session sends a code over its channels, one after the other, and compares what is typed. The code is derived,
//! never stored. A check is two steps: [`VerifySession::begin_check`] counts and is saved, [`Guess::compare`]
//! compares in memory, [`VerifySession::conclude_check`] decides and is saved. So no number of parallel guesses is
//! compared more often than the session allows.
//!
//! Invariants: V-INV-1 and V-INV-2 ([`CodeHash`](super::values::CodeHash)), V-INV-3 to V-INV-19 and V-INV-21 here,
//! V-INV-20 ([`Brand`](super::values::Brand)). Tables: [`status::TRANSITIONS`] and [`attempt::TRANSITIONS`].

pub mod attempt;
mod check;
mod course;
mod data;
mod end;
mod error;
mod event;
mod guess;
mod report;
mod sends;
mod start;
pub mod status;
mod terms;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::BTreeMap;

pub use attempt::{DeliveryAttempt, Hold, NewSend, SendAction, SendReport, SendStatus, SpendMove};
pub use course::Course;
pub use data::{
    CodeSource, Metadata, Sealed, SessionDestination, SessionSecrets, TemplatePin, VerifySessionData,
};
pub use error::VerifyError;
pub use event::{VerifyEvent, World};
pub use guess::{CheckOutcome, Guess, Verdict};
pub use sends::Trigger;
pub use start::{GiveWay, KeyGrant, LiveSlot, NewSession, SealedAddress, SessionSandbox};
pub use status::{FailureReason, VerifyAction, VerifyState};
pub use terms::{AdvanceOn, OnExisting, PolicySnapshot, ResendPolicy, Terms, TermsAsked};
pub use timeline::{Entry, Moment, TIMELINE_MAX, TimelineEntry};

use super::{
    policy::{FailureKey, SpendKey},
    values::{
        Address, Approval, Assurance, Channel, ChannelStep, CodeBinding, DestinationHash, PepperRing,
        PlainCode,
    },
};
use crate::kernel::{
    Aggregate, Changes, DeliveryAttemptId, Root, Step, Timestamp, VerificationId, require, step,
};

/// A session and its sends.
#[derive(Debug, Clone)]
pub struct VerifySession {
    root: Root<VerifySessionData, VerifyEvent, DeliveryAttempt>,
    rows: BTreeMap<DeliveryAttemptId, DeliveryAttempt>,
    moves: Vec<SpendMove>,
}

impl VerifySession {
    /// The code in clear, for the one message that carries it.
    ///
    /// # Errors
    /// A terminal session's refusal (V-INV-8), or [`VerifyError::KeyUnavailable`]: then [`VerifySession::lose_key`].
    pub fn code(&self, ring: &PepperRing) -> Result<PlainCode, VerifyError> {
        let data = &self.root.data;
        let secrets = data.secrets.as_ref().ok_or_else(|| self.refusal())?;
        Ok(secrets.code(ring, data.generation, data.policy.terms.code_length)?)
    }

    /// The step it is at.
    pub fn step(&self) -> Option<ChannelStep> {
        self.root.data.channel_order.step(self.root.data.current_step)
    }

    /// The address that the current step reaches.
    pub fn destination(&self) -> Option<&SessionDestination> {
        let kind = self.step()?.channel().destination_kind();
        self.root.data.destinations.iter().find(|one| one.kind == kind)
    }

    /// Its sends, in the order they were asked for.
    pub fn sends(&self) -> Vec<&DeliveryAttempt> {
        let mut sends: Vec<_> = self.rows.values().collect();
        sends.sort_by_key(|row| row.ordinal);
        sends
    }

    /// A send.
    pub fn send(&self, id: DeliveryAttemptId) -> Option<&DeliveryAttempt> {
        self.rows.get(&id)
    }

    /// What its changes since it was loaded mean for the spend ledger: written with them (ruling R17).
    pub fn moves(&self) -> &[SpendMove] {
        &self.moves
    }

    /// The ledgers that a send's money is held in.
    pub fn ledgers(&self, id: DeliveryAttemptId) -> Option<[SpendKey; 2]> {
        let data = &self.root.data;
        Some(SpendKey::of_send(&data.tenant_id, data.environment, self.rows.get(&id)?.queued_at))
    }

    /// Whose failed checks a wrong code adds to: every destination's (ruling R15).
    pub fn failure_keys(&self) -> Vec<FailureKey> {
        let data = &self.root.data;
        let of = |one: &SessionDestination| FailureKey {
            tenant_id: data.tenant_id.clone(),
            environment: data.environment,
            kind: one.kind,
            hash: one.hash,
        };
        data.destinations.iter().map(of).collect()
    }

    /// Of those whose a right code clears, and the others': it proves one address, and says nothing of what was guessed at
    /// the others (V-INV-16, ruling R14).
    pub fn cleared_keys(&self) -> (Vec<FailureKey>, Vec<FailureKey>) {
        let proven = self.proving_channel().map(Channel::destination_kind);
        self.failure_keys().into_iter().partition(|key| Some(key.kind) == proven)
    }

    /// How often its scenario's webhook receiver fails first.
    pub fn webhook_failures(&self) -> u8 {
        let scenarios = self.root.data.destinations.iter().filter_map(|one| one.scenario);
        scenarios.map(|scenario| scenario.row().webhook_failures).max().unwrap_or_default()
    }

    /// How many checks are left.
    pub fn attempts_remaining(&self) -> u32 {
        self.root.data.policy.terms.max_attempts.saturating_sub(self.root.data.attempts)
    }

    /// How many sends are left.
    pub fn sends_remaining(&self) -> u32 {
        self.root.data.policy.terms.max_sends.saturating_sub(self.root.data.sends)
    }

    /// When the code can be asked for again; none where it cannot.
    pub fn resend_available_at(&self) -> Option<Timestamp> {
        if self.root.data.state.is_terminal() || self.sends_remaining() == 0 {
            return None;
        }
        let cooldown = i64::from(self.root.data.policy.terms.resend_cooldown_seconds);
        let last = self.sends().last().map(|row| row.queued_at)?;
        Some(last.plus(time::Duration::seconds(cooldown)))
    }

    /// What a proof would be worth: that of the channel it went over (V-INV-19).
    pub fn assurance(&self) -> Option<Assurance> {
        self.proving_channel().map(Channel::assurance)
    }

    /// What an approved session gives a token, and the sort of address it speaks of.
    pub fn approval(&self) -> Option<Approval> {
        let data = &self.root.data;
        let channel = self.proving_channel().filter(|_| data.state == VerifyState::Approved)?;
        Some(Approval {
            tenant_id: data.tenant_id.clone(),
            verification_id: data.id,
            environment: data.environment,
            purpose: data.purpose,
            channel,
        })
    }

    /// What can be asked of it now, by the names of the routes.
    pub fn allowed_actions(&self, now: Timestamp) -> Vec<&'static str> {
        let live = self.live(now).is_ok();
        let cooled = self.resend_available_at().is_some_and(|at| at <= now);
        let next = self.root.data.channel_order.step(self.root.data.current_step.saturating_add(1));
        let offers = [
            ("check", live && self.attempts_remaining() > 0),
            ("resend", live && cooled),
            ("next-channel", live && cooled && next.is_some()),
            ("cancel", live),
        ];
        offers.into_iter().filter(|(_, offered)| *offered).map(|(name, _)| name).collect()
    }

    /// Whether a stored destination is this address under our key's hash.
    pub fn goes_to(&self, address: &Address, hash: DestinationHash) -> bool {
        self.root.data.destinations.iter().any(|one| one.kind == address.kind() && one.hash == hash)
    }

    /// The channel whose address a right code would prove.
    pub fn proving(&self) -> Option<Channel> {
        self.proving_channel()
    }

    /// The channel that delivered last, else the last one sent on, else the current one.
    fn proving_channel(&self) -> Option<Channel> {
        let sends = self.sends();
        let delivered = sends.iter().rev().find(|row| row.status == SendStatus::Delivered);
        let sent = sends.iter().rev().find(|row| row.sent_at.is_some());
        delivered.or(sent).map(|row| row.channel).or_else(|| self.step().map(|step| step.channel()))
    }

    /// That it is live at this time.
    fn live(&self, now: Timestamp) -> Result<(), VerifyError> {
        let data = &self.root.data;
        if data.state.is_terminal() {
            Err(self.refusal())
        } else if now >= data.expires_at {
            Err(VerifyError::Expired { at: data.expires_at })
        } else {
            Ok(())
        }
    }

    /// What a session that is over says to any command.
    fn refusal(&self) -> VerifyError {
        let data = &self.root.data;
        match data.state {
            VerifyState::Approved => VerifyError::AlreadyApproved,
            VerifyState::Failed => {
                VerifyError::Failed { reason: data.failure_reason.unwrap_or(FailureReason::Cancelled) }
            }
            VerifyState::Pending | VerifyState::Delivered | VerifyState::Expired => {
                VerifyError::Expired { at: data.expires_at }
            }
        }
    }

    /// Looks an action up in the table; it may be the one that ended the session.
    fn step_to(&self, action: VerifyAction) -> Result<Step<VerifyState>, VerifyError> {
        let data = &self.root.data;
        Ok(step(status::TRANSITIONS, data.state, action, None, data.last_transition.as_ref())?)
    }

    fn binding(&self, generation: u32) -> CodeBinding {
        let data = &self.root.data;
        CodeBinding { environment: data.environment, verification_id: data.id, generation }
    }

    /// Notes what happened, for the timeline.
    fn note(&mut self, moment: &Moment, entry: Entry) {
        let timeline = &mut self.root.data.timeline;
        let same = timeline.iter().position(|one| entry.repeats() && one.entry == entry);
        let before = same.map_or(0, |place| timeline.remove(place).times);
        if timeline.len() < TIMELINE_MAX {
            let (at, request_id, times) = (moment.at, moment.request_id.clone(), before.saturating_add(1));
            timeline.push(TimelineEntry { at, request_id, times, entry });
        }
    }

    /// Stores a send.
    fn write(&mut self, row: DeliveryAttempt) {
        self.root.write_row(row.clone());
        self.rows.insert(row.id, row);
    }
}

impl Aggregate for VerifySession {
    type Id = VerificationId;
    type Data = VerifySessionData;
    type Row = DeliveryAttempt;
    type Event = VerifyEvent;
    type Error = VerifyError;

    const NAME: &'static str = "verification";

    fn rehydrate(
        data: VerifySessionData,
        rows: Vec<DeliveryAttempt>,
        version: u64,
    ) -> Result<Self, VerifyError> {
        require::<Self>(&data, &rows)?;
        let loaded = rows.len();
        let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        if rows.len() != loaded {
            return Err(VerifyError::Inconsistent { invariant: None, what: "a send is there twice" });
        }
        Ok(Self { root: Root::stored(data, version), rows, moves: Vec::new() })
    }

    fn id(&self) -> VerificationId {
        self.root.data.id
    }

    fn data(&self) -> &VerifySessionData {
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
