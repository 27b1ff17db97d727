//! Sandbox: a world of its own with a frozen clock, pretended providers and a readable inbox (devportal.md 3.4;
//! rulings R7 to R11).
//!
//! Invariants: SB-INV-1 ([`LiveSlot`](super::verify::LiveSlot) and every row carry the sandbox), SB-INV-2, SB-INV-4 and
//! SB-INV-8 ([`Route`], [`is_governed`]), SB-INV-3, SB-INV-5 and SB-INV-6 here, SB-INV-7
//! ([`VerifySession::start`](super::verify::VerifySession::start)). Table: [`status::TRANSITIONS`].

mod check;
mod code;
mod data;
mod error;
mod route;
mod scenario;
pub mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use code::SandboxCode;
pub use data::{QUOTA, SandboxData, SandboxEvent, SandboxMessage, Usage};
pub use error::SandboxError;
pub use route::{NetworkRoute, Route, SandboxRoute, is_governed};
pub use scenario::{Line, OnStart, SCENARIOS, Says, Scenario, ScenarioRow, When, is_magic};
pub use status::{SandboxAction, SandboxState};
use time::Duration;

use super::values::{Address, DestinationHash};
use crate::kernel::{
    Aggregate, Changes, DeveloperAccountId, LastTransition, Outcome, Root, SandboxId, Step, TenantId,
    Timestamp, WebhookEndpointId, require, step,
};

/// The longest life of a sandbox that is not the default, in seconds.
const LIFE_MAX: u32 = 7 * 86_400;
/// The shortest.
const LIFE_MIN: u32 = 3_600;
/// How long one lives where nothing is said, and how long use keeps the default one alive.
const LIFE_DEFAULT: u32 = 86_400;
/// How far a clock moves in all, in seconds.
const CLOCK_MAX: u32 = 30 * 86_400;
/// How many sandboxes of an account are open.
const OPEN_MAX: u8 = 5;
/// How many destinations behave otherwise than they look.
const OVERRIDES_MAX: usize = 50;

/// A sandbox; its inbox is rows that are only added.
#[derive(Debug, Clone)]
pub struct SandboxSession {
    root: Root<SandboxData, SandboxEvent, SandboxMessage>,
}

/// What a sandbox begins with.
#[derive(Debug, Clone)]
pub struct NewSandbox {
    /// Its id.
    pub id: SandboxId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Which developer's.
    pub account_id: DeveloperAccountId,
    /// Whether it is the account's default.
    pub is_default: bool,
    /// What its codes come from.
    pub seed: u64,
    /// How long it lives, in seconds; a day where nothing is said.
    pub ttl_seconds: Option<u32>,
    /// Which places of the account are taken by others that are open.
    pub taken: BTreeSet<u8>,
}

impl SandboxSession {
    /// A new, active sandbox. Its clock stands at this moment.
    ///
    /// # Errors
    /// [`SandboxError::LimitReached`] or [`SandboxError::Lifetime`].
    pub fn create(new: NewSandbox, now: Timestamp) -> Result<Self, SandboxError> {
        let place = if new.is_default {
            None
        } else {
            let free = (1..=OPEN_MAX).find(|place| !new.taken.contains(place));
            Some(free.ok_or(SandboxError::LimitReached)?)
        };
        let life = new.ttl_seconds.unwrap_or(LIFE_DEFAULT);
        if !(LIFE_MIN..=LIFE_MAX).contains(&life) {
            return Err(SandboxError::Lifetime);
        }
        let data = SandboxData {
            id: new.id,
            tenant_id: new.tenant_id,
            account_id: new.account_id,
            is_default: new.is_default,
            place,
            state: SandboxState::Active,
            seed: new.seed,
            clock_offset: 0,
            expires_at: seconds_later(now, life),
            quota: QUOTA,
            used: Usage { verifications: 0, messages: 0 },
            round: 0,
            scenario_overrides: std::collections::BTreeMap::new(),
            webhook_endpoint_ids: Vec::new(),
            created_at: now,
            cleared: false,
            last_transition: None,
        };
        let created = SandboxEvent::Created {
            sandbox_id: data.id,
            account_id: data.account_id,
            expires_at: data.expires_at,
        };
        let mut root = Root::new(data);
        root.record(created);
        Ok(Self { root })
    }

    /// Lets it live until so many seconds after its beginning.
    ///
    /// # Errors
    /// [`SandboxError::Lifetime`] beyond 7 days or back, [`SandboxError::Closed`] (SB-INV-6).
    pub fn extend(&mut self, ttl_seconds: u32, now: Timestamp) -> Result<Outcome, SandboxError> {
        self.act(SandboxAction::Extend, now)?;
        let data = &mut self.root.data;
        let expires_at = seconds_later(data.created_at, ttl_seconds);
        if ttl_seconds > LIFE_MAX || expires_at < data.expires_at {
            return Err(SandboxError::Lifetime);
        }
        if expires_at == data.expires_at {
            return Ok(Outcome::AlreadyApplied);
        }
        data.expires_at = expires_at;
        Ok(Outcome::Applied)
    }

    /// Moves its clock forward (SB-INV-3). What is due by then is run before anybody is answered.
    ///
    /// # Errors
    /// [`SandboxError::ClockBackwards`], [`SandboxError::ClockTooFar`], [`SandboxError::Closed`].
    pub fn advance_clock(&mut self, seconds: i64, now: Timestamp) -> Result<Outcome, SandboxError> {
        self.act(SandboxAction::AdvanceClock, now)?;
        let seconds = match seconds {
            ..=0 => return Err(SandboxError::ClockBackwards),
            forward => u32::try_from(forward).map_err(|_| SandboxError::ClockTooFar)?,
        };
        let offset = self.root.data.clock_offset.saturating_add(seconds);
        if offset > CLOCK_MAX {
            return Err(SandboxError::ClockTooFar);
        }
        self.root.data.clock_offset = offset;
        Ok(Outcome::Applied)
    }

    /// Clears its data and counters; its clock stays.
    ///
    /// # Errors
    /// [`SandboxError::Closed`].
    pub fn reset(&mut self, now: Timestamp) -> Result<Outcome, SandboxError> {
        let state = self.act(SandboxAction::Reset, now)?;
        let data = &mut self.root.data;
        data.state = state;
        data.used = Usage { verifications: 0, messages: 0 };
        data.round = data.round.saturating_add(1);
        Ok(Outcome::Applied)
    }

    /// Takes the place of a further session and answers its code. Use keeps the default sandbox alive.
    ///
    /// # Errors
    /// [`SandboxError::QuotaUsed`] or [`SandboxError::Closed`].
    pub fn open_verification(
        &mut self,
        to: &Address,
        hash: DestinationHash,
        now: Timestamp,
    ) -> Result<SandboxCode, SandboxError> {
        self.usable(now)?;
        let scenario = self.scenario(to, hash);
        let data = &mut self.root.data;
        let ordinal = data.used.verifications.saturating_add(1);
        data.used.verifications = ordinal;
        if data.is_default {
            data.expires_at = data.expires_at.max(seconds_later(now, LIFE_DEFAULT));
        }
        let seed = data.seed;
        self.exhaust(now)?;
        Ok(SandboxCode { seed, ordinal, fixed: scenario.has_fixed_code() })
    }

    /// Whether its inbox takes a further message.
    ///
    /// # Errors
    /// [`SandboxError::QuotaUsed`] or [`SandboxError::Closed`].
    pub fn has_room(&self, now: Timestamp) -> Result<(), SandboxError> {
        // A quota used up by sessions still lets their messages in.
        self.open(now)?;
        let data = &self.root.data;
        if data.used.messages < data.quota.messages { Ok(()) } else { Err(SandboxError::QuotaUsed) }
    }

    /// Puts a message into its inbox.
    ///
    /// # Errors
    /// [`SandboxError::QuotaUsed`] or [`SandboxError::Closed`].
    pub fn receive(&mut self, message: SandboxMessage, now: Timestamp) -> Result<Outcome, SandboxError> {
        self.has_room(now)?;
        let data = &mut self.root.data;
        data.used.messages = data.used.messages.saturating_add(1);
        let message = SandboxMessage { sandbox_id: data.id, round: data.round, ..message };
        self.root.write_row(message);
        self.exhaust(now)?;
        Ok(Outcome::Applied)
    }

    /// Gives a destination a scenario of its own, or takes it back.
    ///
    /// # Errors
    /// [`SandboxError::TooManyOverrides`] or [`SandboxError::Closed`].
    pub fn override_scenario(
        &mut self,
        destination: DestinationHash,
        scenario: Option<Scenario>,
        now: Timestamp,
    ) -> Result<Outcome, SandboxError> {
        self.open(now)?;
        let overrides = &mut self.root.data.scenario_overrides;
        if overrides.get(&destination).copied() == scenario {
            return Ok(Outcome::AlreadyApplied);
        }
        match scenario {
            None => {
                overrides.remove(&destination);
            }
            Some(_) if overrides.len() >= OVERRIDES_MAX && !overrides.contains_key(&destination) => {
                return Err(SandboxError::TooManyOverrides);
            }
            Some(scenario) => {
                overrides.insert(destination, scenario);
            }
        }
        Ok(Outcome::Applied)
    }

    /// Names the endpoints its events go to.
    ///
    /// # Errors
    /// [`SandboxError::Closed`].
    pub fn set_webhooks(
        &mut self,
        ids: Vec<WebhookEndpointId>,
        now: Timestamp,
    ) -> Result<Outcome, SandboxError> {
        self.open(now)?;
        if self.root.data.webhook_endpoint_ids == ids {
            return Ok(Outcome::AlreadyApplied);
        }
        self.root.data.webhook_endpoint_ids = ids;
        Ok(Outcome::Applied)
    }

    /// Its developer closes it.
    ///
    /// # Errors
    /// [`SandboxError::Closed`] when its time was over.
    pub fn close(&mut self) -> Result<Outcome, SandboxError> {
        self.end(SandboxAction::Close)
    }

    /// Ends it when its real time is over; before that already applied.
    ///
    /// # Errors
    /// None that its state allows.
    pub fn expire(&mut self, now: Timestamp) -> Result<Outcome, SandboxError> {
        let data = &self.root.data;
        if data.state.is_terminal() || now < data.expires_at {
            return Ok(Outcome::AlreadyApplied);
        }
        self.end(SandboxAction::Expire)
    }

    /// Notes that the data of one that is over is gone.
    pub fn note_cleared(&mut self) -> Outcome {
        let data = &mut self.root.data;
        if !data.state.is_terminal() || data.cleared {
            return Outcome::AlreadyApplied;
        }
        data.cleared = true;
        Outcome::Applied
    }

    /// The time in it: its beginning, and by how much its clock was moved. Real time does not pass there.
    pub fn virtual_now(&self) -> Timestamp {
        seconds_later(self.root.data.created_at, self.root.data.clock_offset)
    }

    /// How a destination behaves here.
    pub fn scenario(&self, to: &Address, hash: DestinationHash) -> Scenario {
        self.root.data.scenario_overrides.get(&hash).copied().unwrap_or_else(|| Scenario::of(to))
    }

    fn open(&self, now: Timestamp) -> Result<(), SandboxError> {
        let data = &self.root.data;
        if data.state.is_terminal() || now >= data.expires_at { Err(SandboxError::Closed) } else { Ok(()) }
    }

    fn usable(&self, now: Timestamp) -> Result<(), SandboxError> {
        self.open(now)?;
        match self.root.data.state {
            SandboxState::Exhausted => Err(SandboxError::QuotaUsed),
            SandboxState::Active | SandboxState::Closed | SandboxState::Expired => Ok(()),
        }
    }

    /// Looks an action up for a sandbox that is open.
    fn act(&self, action: SandboxAction, now: Timestamp) -> Result<SandboxState, SandboxError> {
        self.open(now)?;
        match step(status::TRANSITIONS, self.root.data.state, action, None, None) {
            Ok(Step::To(state)) => Ok(state),
            Ok(Step::AlreadyApplied) => Ok(self.root.data.state),
            Err(_) if self.root.data.state == SandboxState::Exhausted => Err(SandboxError::QuotaUsed),
            Err(illegal) => Err(illegal.into()),
        }
    }

    fn exhaust(&mut self, now: Timestamp) -> Result<(), SandboxError> {
        let Usage { verifications, messages } = self.root.data.quota;
        let used = self.root.data.used;
        let up = used.verifications >= verifications || used.messages >= messages;
        if up && self.root.data.state == SandboxState::Active {
            self.root.data.state = self.act(SandboxAction::Exhaust, now)?;
        }
        Ok(())
    }

    fn end(&mut self, action: SandboxAction) -> Result<Outcome, SandboxError> {
        let data = &mut self.root.data;
        match step(status::TRANSITIONS, data.state, action, None, data.last_transition.as_ref()) {
            Ok(Step::AlreadyApplied) => return Ok(Outcome::AlreadyApplied),
            Ok(Step::To(state)) => data.state = state,
            Err(_) => return Err(SandboxError::Closed),
        }
        data.last_transition = Some(LastTransition { action, argument: None });
        let event = SandboxEvent::Closed {
            sandbox_id: data.id,
            account_id: data.account_id,
            expired: action == SandboxAction::Expire,
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }
}

fn seconds_later(at: Timestamp, seconds: u32) -> Timestamp {
    at.plus(Duration::seconds(i64::from(seconds)))
}

impl Aggregate for SandboxSession {
    type Id = SandboxId;
    type Data = SandboxData;
    type Row = SandboxMessage;
    type Event = SandboxEvent;
    type Error = SandboxError;

    const NAME: &'static str = "sandbox";

    fn rehydrate(data: SandboxData, rows: Vec<SandboxMessage>, version: u64) -> Result<Self, SandboxError> {
        require::<Self>(&data, &rows)?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> SandboxId {
        self.root.data.id
    }

    fn data(&self) -> &SandboxData {
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
