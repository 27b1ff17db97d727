//! How a session begins, and what it does when another one wants its slot.

use std::fmt;

use super::{
    CodeSource, DeliveryAttempt, Entry, Hold, Metadata, Moment, NewSend, OnExisting, PolicySnapshot, Sealed,
    SendStatus, SessionDestination, SessionSecrets, SpendMove, TemplatePin, VerifyError, VerifyEvent,
    VerifySession, VerifySessionData, VerifyState,
};
use crate::{
    devportal::{
        policy::FailureEvidence,
        sandbox::{SandboxCode, Scenario, is_magic},
        values::{
            Brand, ChannelOrder, CodeBinding, CodeSeed, Destination, DestinationHash, DestinationKind,
            Environment, Locale, PepperRing, Purpose,
        },
    },
    kernel::{
        ApiKeyId, DeveloperAccountId, Outcome, Price, Root, SandboxId, TenantId, Timestamp, VerificationId,
    },
};

/// The key that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyGrant {
    /// The key.
    pub id: ApiKeyId,
    /// Its world.
    pub environment: Environment,
}

/// The sandbox a session is in, and the code it will have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSandbox {
    /// The sandbox.
    pub id: SandboxId,
    /// The code.
    pub code: SandboxCode,
    /// How long the session lives where that is the scenario's point.
    pub ttl_seconds: Option<u16>,
}

/// An address as a vault and a key made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAddress {
    /// Which sort.
    pub kind: DestinationKind,
    /// Its keyed hash.
    pub hash: DestinationHash,
    /// Its ciphertext.
    pub sealed: Sealed,
    /// What happens there, in a sandbox.
    pub scenario: Option<Scenario>,
}

/// What a session begins with.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: VerificationId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Which developer's.
    pub account_id: DeveloperAccountId,
    /// The key that asks.
    pub key: KeyGrant,
    /// In which world.
    pub environment: Environment,
    /// In which sandbox.
    pub sandbox: Option<SessionSandbox>,
    /// What for.
    pub purpose: Purpose,
    /// Where the codes go.
    pub destination: Destination,
    /// The same, as it is kept.
    pub sealed: Vec<SealedAddress>,
    /// The locale asked for.
    pub locale: Locale,
    /// The locale the template has.
    pub locale_used: Locale,
    /// Who sends.
    pub brand: Brand,
    /// Its text.
    pub template: TemplatePin,
    /// Its channels; the default of its destination where none are named.
    pub channel_order: Option<ChannelOrder>,
    /// The policy, with what the start asked for.
    pub policy: PolicySnapshot,
    /// 16 random bytes.
    pub seed: CodeSeed,
    /// The end user's address on the network, hashed.
    pub end_user_ip_hash: Option<DestinationHash>,
    /// The developer's name for the end user, hashed.
    pub end_user_ref_hash: Option<DestinationHash>,
    /// The developer's notes.
    pub metadata: Metadata,
    /// What the ledger of failed checks said.
    pub failures: FailureEvidence,
    /// The first send.
    pub first: NewSend,
}

/// Under which key a session is the only live one (V-INV-11, ruling R15).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiveSlot {
    /// Whose.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
    /// In which sandbox.
    pub sandbox_id: Option<SandboxId>,
    /// What for.
    pub purpose: Purpose,
    /// To which sort of address.
    pub kind: DestinationKind,
    /// To which one.
    pub hash: DestinationHash,
}

/// What a live session does when a start wants its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveWay {
    /// It is over; the new one is opened with it displaced.
    Displaced,
    /// It goes on; `resend` says whether the code is to be sent again.
    Reused {
        /// Whether the cooldown has passed and sends are left.
        resend: bool,
    },
}

impl VerifySession {
    /// A new session with its first send queued.
    ///
    /// # Errors
    /// [`VerifyError`] for a key of the other environment (V-INV-12), a sandbox destination in production (SB-INV-7),
    /// an order that does not fit its destination or lifetime, terms out of bounds, too small a reservation (V-INV-13).
    pub fn start(new: NewSession, ring: &PepperRing, moment: &Moment) -> Result<Self, VerifyError> {
        if new.key.environment != new.environment
            || new.sandbox.is_some() != (new.environment == Environment::Sandbox)
        {
            return Err(VerifyError::EnvironmentMismatch);
        }
        if new.environment == Environment::Production && is_magic(&new.destination) {
            return Err(VerifyError::TestDestinationInProduction);
        }
        let terms = new.policy.terms;
        terms.check()?;
        let channel_order =
            new.channel_order.clone().unwrap_or_else(|| ChannelOrder::default_for(&new.destination));
        channel_order.fits(&new.destination, terms.ttl_seconds)?;
        let binding = CodeBinding { environment: new.environment, verification_id: new.id, generation: 1 };
        let source = match new.sandbox {
            Some(sandbox) => CodeSource::Sandbox { code: sandbox.code },
            None => CodeSource::Seed { seed: new.seed.clone() },
        };
        let secrets = SessionSecrets::make(source, &binding, terms.code_length, ring)?;
        let first = new.first;
        let mut session = Self {
            root: Root::new(new.into_data(channel_order, secrets, moment.at)),
            rows: std::collections::BTreeMap::new(),
            moves: Vec::new(),
        };
        session.check_invariants()?;
        session.note(moment, Entry::Started);
        session.announce_request(false);
        session.queue(first, moment)?;
        Ok(session)
    }

    /// Makes room for another start, or goes on (devportal.md 3.5, ruling R17).
    ///
    /// # Errors
    /// [`VerifyError::InProgress`] (V-INV-11) when it rejects, or is asked to go on with another order or locale, or for
    /// an address that is none of its own. `wanted` are the slots of the start.
    pub fn give_way(
        &mut self,
        how: OnExisting,
        wanted: &[LiveSlot],
        channel_order: Option<&ChannelOrder>,
        locale: Option<Locale>,
        moment: &Moment,
    ) -> Result<GiveWay, VerifyError> {
        let data = &self.root.data;
        let id = data.id;
        if data.state.is_terminal() || self.expire(moment)? == Outcome::Applied {
            return Ok(GiveWay::Displaced);
        }
        let data = &self.root.data;
        match how {
            OnExisting::Reject => Err(VerifyError::InProgress { id }),
            OnExisting::Supersede => self.supersede(moment).map(|_| GiveWay::Displaced),
            OnExisting::Reuse => {
                // It was started for every address that is named now: what its code proves is that of one of these.
                let own = data.live_slots();
                let other = wanted.iter().any(|slot| !own.contains(slot))
                    || channel_order.is_some_and(|order| *order != data.channel_order)
                    || locale.is_some_and(|locale| locale != data.locale);
                if other {
                    return Err(VerifyError::InProgress { id });
                }
                let resend = self.resend_available_at().is_some_and(|at| at <= moment.at);
                self.note(moment, Entry::Reused);
                self.announce_request(true);
                Ok(GiveWay::Reused { resend })
            }
        }
    }

    /// The keys under which a store keeps it the only live one (V-INV-11); none once it is over.
    pub fn live_slots(&self) -> Vec<LiveSlot> {
        self.root.data.live_slots()
    }

    /// Queues a send on the current step.
    pub(super) fn queue(&mut self, new: NewSend, moment: &Moment) -> Result<(), VerifyError> {
        new.quote.same_currency(&new.reserved)?;
        if new.reserved.micros() < new.quote.micros() {
            return Err(VerifyError::ReservationTooSmall);
        }
        let channel = self.step().ok_or(VerifyError::NoMoreChannels)?.channel();
        let data = &mut self.root.data;
        data.spend_reserved = data.spend_reserved.checked_add(&new.reserved)?;
        data.sends = data.sends.saturating_add(1);
        let row = DeliveryAttempt {
            id: new.id,
            verification_id: data.id,
            ordinal: data.sends,
            step: data.current_step,
            channel,
            generation: data.generation,
            provider: None,
            provider_message_id: None,
            status: SendStatus::Queued,
            tries: 0,
            next_try_at: None,
            error_code: None,
            segments: None,
            quote: new.quote,
            reserved: new.reserved,
            price: None,
            hold: Hold::Held,
            queued_at: moment.at,
            taken_at: None,
            sent_at: None,
            final_at: None,
        };
        let generation = row.generation;
        self.moves.push(SpendMove::Reserve { attempt_id: row.id, amount: row.reserved });
        self.write(row);
        self.note(moment, Entry::Queued { attempt_id: new.id, channel, generation });
        self.plan(moment.at);
        Ok(())
    }

    fn announce_request(&mut self, reused: bool) {
        let data = &self.root.data;
        let Some(step) = data.channel_order.step(0) else { return };
        let kind = step.channel().destination_kind();
        let Some(to) = data.destinations.iter().find(|one| one.kind == kind) else { return };
        let event = VerifyEvent::Requested {
            verification_id: data.id,
            world: data.world(),
            api_key_id: data.api_key_id,
            purpose: data.purpose,
            channel_order: data.channel_order.clone(),
            first_channel: step.channel(),
            locale: data.locale_used,
            country_code: data.country_code,
            destination_hash: to.hash,
            destination_masked: to.masked.clone(),
            template_id: data.template.template_id,
            template_version: data.template.version_no,
            expires_at: data.expires_at,
            reused,
        };
        self.root.record(event);
    }
}

impl VerifySessionData {
    /// See [`VerifySession::live_slots`].
    pub fn live_slots(&self) -> Vec<LiveSlot> {
        let live = self.destinations.iter().filter(|_| !self.state.is_terminal());
        live.map(|one| LiveSlot {
            tenant_id: self.tenant_id.clone(),
            environment: self.environment,
            sandbox_id: self.sandbox_id,
            purpose: self.purpose,
            kind: one.kind,
            hash: one.hash,
        })
        .collect()
    }
}

impl fmt::Display for LiveSlot {
    /// Without the tenant, whose it is among.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sandbox = self.sandbox_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let (environment, purpose, kind) =
            (self.environment.as_str(), self.purpose.as_str(), self.kind.as_str());
        write!(f, "{environment}:{sandbox}:{purpose}:{kind}:{}", self.hash)
    }
}

impl NewSession {
    fn into_data(
        self,
        channel_order: ChannelOrder,
        secrets: SessionSecrets,
        now: Timestamp,
    ) -> VerifySessionData {
        let zero = Price::zero(self.first.quote.currency());
        let scenario = self.sandbox.and_then(|sandbox| sandbox.ttl_seconds);
        let seconds = i64::from(scenario.unwrap_or(self.policy.terms.ttl_seconds));
        let masked = |kind| self.destination.of_kind(kind).map(|address| address.masked());
        let destinations = self.sealed.iter().filter_map(|one| {
            let masked = masked(one.kind)?;
            Some(SessionDestination {
                kind: one.kind,
                hash: one.hash,
                sealed: Some(one.sealed.clone()),
                masked,
                scenario: one.scenario,
            })
        });
        VerifySessionData {
            destinations: destinations.collect(),
            country_code: self.destination.country_code(),
            id: self.id,
            tenant_id: self.tenant_id,
            account_id: self.account_id,
            api_key_id: self.key.id,
            environment: self.environment,
            key_environment: self.key.environment,
            sandbox_id: self.sandbox.map(|sandbox| sandbox.id),
            purpose: self.purpose,
            locale: self.locale,
            locale_used: self.locale_used,
            brand: self.brand,
            template: self.template,
            channel_order,
            current_step: 0,
            policy: self.policy,
            secrets: Some(secrets),
            generation: 1,
            attempts: 0,
            concluded: 0,
            last_check_at: None,
            sends: 0,
            state: VerifyState::Pending,
            failure_reason: None,
            end_user_ip_hash: self.end_user_ip_hash,
            end_user_ref_hash: self.end_user_ref_hash,
            metadata: self.metadata,
            failures: self.failures,
            started_at: now,
            delivered_at: None,
            approved_at: None,
            ended_at: None,
            expires_at: now.plus(time::Duration::seconds(seconds)),
            spend_reserved: zero,
            spend_settled: zero,
            course_due_at: None,
            timeline: Vec::new(),
            last_transition: None,
        }
    }
}
