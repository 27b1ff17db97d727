//! One transaction as a value: exactly one aggregate, its cause, and what must be written with it.

use sarai_domain::{
    devportal::values::Environment,
    kernel::{Aggregate, Changes, EventId, TenantId, Timestamp},
};

use crate::{
    Event, Scope, UniqueKey,
    audience::audiences_of,
    events::{Delivery, Routes},
    feed::FeedId,
    idempotency::Claim,
    system::IdGenerator,
};

/// Who did it and why: what the audit row and the events' envelopes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The user, service or worker.
    pub actor: String,
    /// The operation, such as `order.place`.
    pub action: &'static str,
    /// Ties together everything one purchase set off; the order's id once there is one.
    pub correlation_id: String,
    /// The event that was handled, when this was no request.
    pub causation_id: Option<String>,
    /// The HTTP request.
    pub request_id: Option<String>,
    /// Why, where the operation demands a reason.
    pub reason: Option<String>,
}

/// The message whose effect a unit is: the inbox row (ruling R40). The target is the unit's aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumed {
    /// The consumer.
    pub consumer: &'static str,
    /// The message's id.
    pub event_id: String,
}

/// What a unit carries beside its aggregate.
#[derive(Debug, Clone)]
pub struct Context {
    /// Business time of the command.
    pub now: Timestamp,
    /// Who and why.
    pub cause: Cause,
    /// The message consumed, when the unit is the effect of one.
    pub consumed: Option<Consumed>,
    /// The idempotency key claimed, when the unit is the effect of a request that has one.
    pub claim: Option<Claim>,
}

/// What an aggregate needs to be stored beside its document: produced from the data by one function each.
pub trait Stored: Aggregate<Event: Into<Event>> {
    /// The tenant whose row it is.
    fn owner(data: &Self::Data) -> TenantId;
    /// When it was created, which is the default order of lists.
    fn created_at(data: &Self::Data) -> Timestamp;
    /// The unique keys it occupies, beside its id.
    fn unique_keys(data: &Self::Data) -> Vec<(UniqueKey, String)>;
    /// The world it is in, where there are two of its kind.
    fn world(_data: &Self::Data) -> Option<Environment> {
        None
    }
    /// Whether it is over as if it had never been: the idempotency keys that led to it are given back with this save.
    fn forgotten(_data: &Self::Data) -> bool {
        false
    }
    /// Whether it exists for a reader in this scope.
    fn readable(scope: &Scope, data: &Self::Data) -> bool {
        Self::writable(scope, data)
    }
    /// Whether somebody in this scope may write it.
    fn writable(scope: &Scope, data: &Self::Data) -> bool {
        scope.covers(&Self::owner(data)) && scope.enters(Self::world(data))
    }
}

/// An event on its way into the outbox.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub event: Event,
    /// The consumers that get a delivery each.
    pub consumers: Vec<&'static str>,
    /// The feeds it appears in.
    pub audiences: Vec<FeedId>,
}

/// One transaction: the store writes all of it or nothing (platform.md 2).
#[derive(Debug, Clone)]
pub struct Unit<A: Aggregate> {
    /// The one aggregate, taken by value: a failed save drops it, so a retry must load again.
    pub changes: Changes<A>,
    /// Its events, with ids.
    pub events: Vec<NewEvent>,
    /// The rest.
    pub context: Context,
}

impl<A: Stored> Unit<A> {
    /// Takes an aggregate's changes and stamps its events.
    pub fn new(aggregate: A, context: Context, ids: &dyn IdGenerator, routes: Routes) -> Self {
        let changes = aggregate.into_changes();
        let owner = A::owner(&changes.data);
        let events = changes
            .events
            .iter()
            .map(|event| {
                let event: Event = event.clone().into();
                let consumers = routes(&event);
                let audiences = audiences_of(&owner, &event);
                NewEvent { id: EventId::new(ids.ulid()), event, consumers, audiences }
            })
            .collect();
        Self { changes, events, context }
    }
}

/// What a save did.
#[derive(Debug, Clone)]
#[must_use = "the deliveries of a commit must be followed up"]
pub enum Saved {
    /// Written.
    Committed(Commit),
    /// The message had this effect before: nothing was written, and that is a success.
    AlreadyConsumed,
}

/// A written unit.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The aggregate's version now.
    pub version: u64,
    /// The deliveries inserted, claimed for this process.
    pub deliveries: Vec<Delivery>,
}
