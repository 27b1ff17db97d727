//! Verify's sessions in a store, with what is written together with them (ruling R17).
//!
//! A session is saved like every aggregate. Five of its changes are more than one aggregate, and each is one method and
//! one transaction: [`open`](VerifySessionRepository::open), [`begin_check`](VerifySessionRepository::begin_check),
//! [`conclude_check`](VerifySessionRepository::conclude_check), [`add_send`](VerifySessionRepository::add_send) and
//! [`settle`](VerifySessionRepository::settle). What they decide on beside the session (windows, failed checks, money) is
//! decided inside that transaction, under locks taken in the order of their keys; [`Admission`] and [`Books`] say how,
//! once for all stores.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        policy::{
            AdmissionError, ApprovalRate, BucketKey, FailureKey, FailureLedger, SendSubject, SpendCaps,
            SpendError, SpendKey, SpendLedger, limits,
        },
        sandbox::is_governed,
        values::{Channel, CountryCode, DestinationHash, Environment},
        verify::{LiveSlot, SpendMove, VerifySession, VerifySessionData, VerifyState},
    },
    kernel::{
        Aggregate, Coded, DeliveryAttemptId, Detail, Invariant, Kind, Outcome, Price, SandboxId, TenantId,
        Timestamp, VerificationId,
    },
};

use crate::{
    Context, Page, PageRequest, Saved, Scope, StoreError, Stored, UniqueKey, Unit, events::Routes,
    repository::Repository, system::IdGenerator,
};

/// What sends are counted by, how often, and what a start is asked besides.
#[derive(Debug, Clone)]
pub struct Admission {
    /// What the send counts for.
    pub subject: SendSubject,
    /// The tenant's own window.
    pub tenant_per_hour: Option<u32>,
    /// The send that is admitted.
    pub attempt_id: DeliveryAttemptId,
    /// For a start: whose failed checks hold it back, and whether a risk token stands in for the wait.
    pub start: Option<(Vec<FailureKey>, bool)>,
    /// Whether it is a fallback that nobody asked for.
    pub fallback: bool,
    /// When.
    pub now: Timestamp,
}

impl Admission {
    /// Decides under the locks of everything it names (ruling R16): the sends admitted under each key in the longest
    /// window, how real the block of numbers is, and the failed checks.
    ///
    /// # Errors
    /// The refusal of whichever clears last.
    pub fn decide(
        &self,
        sends: &BTreeMap<BucketKey, Vec<Timestamp>>,
        prefix: ApprovalRate,
        failures: &[FailureLedger],
    ) -> Result<(), AdmissionError> {
        let by_token = self.start.as_ref().is_some_and(|(_, by_token)| *by_token);
        for ledger in failures {
            let _ = ledger.admit_start(by_token, self.now)?;
        }
        limits::admit(sends, self.tenant_per_hour, prefix, self.fallback, self.now)
    }

    /// Whose failed checks are asked.
    pub fn failure_keys(&self) -> &[FailureKey] {
        self.start.as_ref().map_or(&[], |(keys, _)| keys)
    }
}

/// One move of money for a send.
#[derive(Debug, Clone)]
pub struct BookEntry {
    /// In these ledgers.
    pub keys: [SpendKey; 2],
    /// What the send was quoted at.
    pub quote: Price,
    /// What happens.
    pub what: SpendMove,
}

/// What a session's changes mean for the spend ledgers.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// What may be spent.
    pub caps: SpendCaps,
    /// What happens, in order.
    pub entries: Vec<BookEntry>,
}

/// Money that was refused, and the ledger that says so to the tenant, where it has not said it before.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Why.
    pub error: SpendError,
    /// To be saved although nothing else is.
    pub note: Option<SpendLedger>,
}

impl Books {
    /// The entries of what a session has just done. A sandbox keeps no books (ruling R8).
    pub fn of(session: &VerifySession, caps: SpendCaps) -> Self {
        if !is_governed(session.data().environment) {
            return Self::default();
        }
        let entry = |what: &SpendMove| {
            let (SpendMove::Reserve { attempt_id, .. }
            | SpendMove::Settle { attempt_id, .. }
            | SpendMove::Release { attempt_id }) = *what;
            let quote = session.send(attempt_id)?.quote;
            Some(BookEntry { keys: session.ledgers(attempt_id)?, quote, what: *what })
        };
        Self { caps, entries: session.moves().iter().filter_map(entry).collect() }
    }

    /// The ledgers they touch, each with the sends whose reservations are needed; in the order of their locks.
    pub fn ledgers(&self) -> BTreeMap<SpendKey, Vec<DeliveryAttemptId>> {
        let mut ledgers: BTreeMap<SpendKey, Vec<DeliveryAttemptId>> = BTreeMap::new();
        for entry in &self.entries {
            let (SpendMove::Reserve { attempt_id, .. }
            | SpendMove::Settle { attempt_id, .. }
            | SpendMove::Release { attempt_id }) = entry.what;
            for key in &entry.keys {
                ledgers.entry(key.clone()).or_default().push(attempt_id);
            }
        }
        ledgers
    }

    /// Books everything, under the locks of its ledgers; gives the ledgers that changed.
    ///
    /// # Errors
    /// The refusal of a ledger that may not hold more (M-INV-1): then nothing is booked.
    pub fn post(
        &self,
        stored: &BTreeMap<SpendKey, SpendLedger>,
        session: VerificationId,
        now: Timestamp,
    ) -> Result<Vec<SpendLedger>, Box<Refusal>> {
        let mut ledgers: BTreeMap<SpendKey, SpendLedger> = BTreeMap::new();
        for entry in &self.entries {
            for key in &entry.keys {
                let ledger =
                    ledgers.entry(key.clone()).or_insert_with(|| self.current(stored, key, entry.quote));
                let posted = match entry.what {
                    SpendMove::Reserve { attempt_id, amount } => self
                        .follow(ledger)
                        .and_then(|()| ledger.reserve(attempt_id, amount, entry.quote, now)),
                    SpendMove::Settle { attempt_id, price } => ledger.settle(attempt_id, price),
                    SpendMove::Release { attempt_id } => ledger.release(attempt_id),
                };
                match posted {
                    // What was settled as stale, or never held, is as it is.
                    Ok(_) | Err(SpendError::NotReserved | SpendError::InvalidTransition(_)) => {}
                    Err(error) => {
                        let mut note = self.current(stored, key, entry.quote);
                        let noted = self.follow(&mut note).is_ok()
                            && matches!(error, SpendError::CapReached { .. })
                            && note.note_refusal(Some(session)) == Outcome::Applied;
                        return Err(Box::new(Refusal { error, note: noted.then_some(note) }));
                    }
                }
            }
        }
        Ok(ledgers.into_values().collect())
    }

    /// The stored ledger, or a new one.
    fn current(&self, stored: &BTreeMap<SpendKey, SpendLedger>, key: &SpendKey, quote: Price) -> SpendLedger {
        let open =
            || SpendLedger::open(key.clone(), self.caps.of(key.period.kind), Price::zero(quote.currency()));
        stored.get(key).cloned().unwrap_or_else(open)
    }

    /// Brings a ledger's cap to what the policy says now.
    fn follow(&self, ledger: &mut SpendLedger) -> Result<(), SpendError> {
        let cap = self.caps.of(ledger.data().key.period.kind);
        ledger.set_cap(cap).map(|_| ())
    }
}

/// A session's unit with what else it means.
#[derive(Debug, Clone)]
pub struct SessionWrite {
    /// The session.
    pub unit: Unit<VerifySession>,
    /// The money.
    pub books: Books,
}

/// What a concluded check means for the failed checks of its destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureEffect {
    /// Nothing: a sandbox, or a session that was over.
    None,
    /// One more for each.
    Failed {
        /// Whose.
        keys: Vec<FailureKey>,
        /// Who typed it, as the developer calls them.
        end_user_ref: Option<DestinationHash>,
    },
    /// Everything is forgotten: of these, and of what is locked of other kinds of the same end user (ruling R14).
    Cleared {
        /// Whose.
        keys: Vec<FailureKey>,
        /// Whose failures stay, all but this check, which was counted while it was under way and is none.
        others: Vec<FailureKey>,
        /// Who typed it, as the developer calls them.
        end_user_ref: Option<DestinationHash>,
    },
}

impl FailureEffect {
    /// Whose failed checks it changes.
    pub fn keys(&self) -> &[FailureKey] {
        match self {
            Self::None => &[],
            Self::Failed { keys, .. } | Self::Cleared { keys, .. } => keys,
        }
    }
}

/// Makes what a store announces by itself: a ledger's events.
#[derive(Clone)]
pub struct Stamp {
    /// Ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Who gets which event.
    pub routes: Routes,
}

impl Stamp {
    /// The unit of a ledger that changed with a session.
    pub fn ledger(&self, ledger: SpendLedger, context: &Context) -> Unit<SpendLedger> {
        let context = Context { consumed: None, claim: None, ..context.clone() };
        Unit::new(ledger, context, &*self.ids, self.routes)
    }
}

/// A change of a session that is more than the session.
#[derive(Clone)]
pub struct SessionChange {
    /// The session and its money.
    pub write: SessionWrite,
    /// Sessions that gave way to it (ruling R17).
    pub displaced: Vec<SessionWrite>,
    /// What its send is admitted by.
    pub admission: Option<Admission>,
    /// A check that is counted for these destinations: refused when 25 of a day failed or are under way.
    pub guess: Vec<FailureKey>,
    /// What a verdict means for failed checks.
    pub effect: FailureEffect,
    /// Makes events.
    pub stamp: Stamp,
}

/// Why a change was not written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChangeError {
    /// A window, or failed checks.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// Money.
    #[error(transparent)]
    Spend(#[from] SpendError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ChangeError {
    fn coded(&self) -> &dyn Coded {
        match self {
            Self::Admission(error) => error,
            Self::Spend(error) => error,
            Self::Store(error) => error,
        }
    }
}

impl Coded for ChangeError {
    fn code(&self) -> &'static str {
        self.coded().code()
    }

    fn kind(&self) -> Kind {
        self.coded().kind()
    }

    fn invariant(&self) -> Option<Invariant> {
        self.coded().invariant()
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        self.coded().details()
    }
}

/// A list's filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionFilter {
    /// In this state.
    pub state: Option<VerifyState>,
    /// Over this channel, at its last step.
    pub channel: Option<Channel>,
    /// To this country.
    pub country: Option<CountryCode>,
    /// Begun from then on.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub to: Option<Timestamp>,
}

/// What a list is of: one world of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World<'a> {
    /// Whose.
    pub tenant: &'a TenantId,
    /// Which.
    pub environment: Environment,
    /// Which sandbox; none in production.
    pub sandbox_id: Option<SandboxId>,
}

/// A session that somebody has to look after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSession {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub id: VerificationId,
}

/// A send that waits for a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSend {
    /// The session.
    pub session: DueSession,
    /// The send.
    pub attempt_id: DeliveryAttemptId,
}

/// Verify's sessions.
#[async_trait]
pub trait VerifySessionRepository: Repository<VerifySession> {
    /// Writes everything of a change or nothing; of a refusal by a cap, what the ledger says of it.
    async fn change(&self, scope: &Scope, change: SessionChange) -> Result<Saved, ChangeError>;

    /// Begins a session: the session, its live slots, the windows of its first send, the money held for it, and the
    /// sessions that gave way.
    async fn open(
        &self,
        scope: &Scope,
        session: SessionWrite,
        admission: Option<Admission>,
        displaced: Vec<SessionWrite>,
        stamp: Stamp,
    ) -> Result<Saved, ChangeError> {
        let change = SessionChange { displaced, admission, ..SessionChange::of(session, stamp) };
        self.change(scope, change).await
    }

    /// Counts a check before it is compared (V-INV-4), by itself.
    async fn begin_check(
        &self,
        scope: &Scope,
        counted: Unit<VerifySession>,
        guess: Vec<FailureKey>,
        stamp: Stamp,
    ) -> Result<Saved, ChangeError> {
        let write = SessionWrite { unit: counted, books: Books::default() };
        self.change(scope, SessionChange { guess, ..SessionChange::of(write, stamp) }).await
    }

    /// Writes what a counted check came to.
    async fn conclude_check(
        &self,
        scope: &Scope,
        concluded: SessionWrite,
        effect: FailureEffect,
        stamp: Stamp,
    ) -> Result<Saved, ChangeError> {
        self.change(scope, SessionChange { effect, ..SessionChange::of(concluded, stamp) }).await
    }

    /// Adds a send: its windows and the money held for it.
    async fn add_send(
        &self,
        scope: &Scope,
        session: SessionWrite,
        admission: Option<Admission>,
        stamp: Stamp,
    ) -> Result<Saved, ChangeError> {
        self.change(scope, SessionChange { admission, ..SessionChange::of(session, stamp) }).await
    }

    /// Writes what became of a session's sends, and of the money held for them.
    async fn settle(&self, scope: &Scope, session: SessionWrite, stamp: Stamp) -> Result<Saved, ChangeError> {
        self.change(scope, SessionChange::of(session, stamp)).await
    }

    /// The live sessions that have one of these slots.
    async fn find_live(&self, scope: &Scope, slots: &[LiveSlot]) -> Result<Vec<VerifySession>, StoreError>;
    /// Whether a send would be admitted now; nothing is counted.
    async fn admit(&self, scope: &Scope, admission: &Admission) -> Result<(), ChangeError>;
    /// The failed checks of a destination.
    async fn failures(&self, scope: &Scope, keys: &[FailureKey]) -> Result<Vec<FailureLedger>, StoreError>;
    /// Forgets the failed checks of a destination.
    async fn unlock(&self, scope: &Scope, keys: &[FailureKey]) -> Result<(), StoreError>;
    /// A world's, newest first.
    async fn list(
        &self,
        scope: &Scope,
        world: World<'_>,
        filter: SessionFilter,
        page: &PageRequest,
    ) -> Result<Page<VerifySession>, StoreError>;
    /// Sends that wait for a sender and may be given to one by now; production's.
    async fn find_queued(&self, now: Timestamp, limit: usize) -> Result<Vec<DueSend>, StoreError>;
    /// Sends that a sender has and said nothing of.
    async fn find_sending(&self, limit: usize) -> Result<Vec<DueSend>, StoreError>;
    /// Sessions of production that move on by themselves by now, expire, or were left undecided (ruling R13).
    async fn find_due_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<DueSession>, StoreError>;
    /// When the next session of production is due after this time.
    async fn next_session_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// Forgets admitted sends and checks from before this time.
    async fn forget(&self, before: Timestamp) -> Result<(), StoreError>;
    /// A sandbox's sessions to which something can still happen, oldest first: those that are live, and those of whose
    /// sends somebody may still say something.
    async fn find_in_sandbox(
        &self,
        scope: &Scope,
        sandbox: SandboxId,
    ) -> Result<Vec<VerifySession>, StoreError>;
}

impl SessionChange {
    /// A session and its money.
    pub const fn of(write: SessionWrite, stamp: Stamp) -> Self {
        Self {
            write,
            displaced: Vec::new(),
            admission: None,
            guess: Vec::new(),
            effect: FailureEffect::None,
            stamp,
        }
    }

    /// Every ledger it touches, with the sends it touches there.
    pub fn ledgers(&self) -> BTreeMap<SpendKey, Vec<DeliveryAttemptId>> {
        let mut ledgers = BTreeMap::new();
        for books in self.displaced.iter().map(|write| &write.books).chain([&self.write.books]) {
            for (key, sends) in books.ledgers() {
                ledgers.entry(key).or_insert_with(Vec::new).extend(sends);
            }
        }
        ledgers
    }

    /// All its entries, those of the sessions that gave way first.
    pub fn books(&self) -> Books {
        let before = self.displaced.iter().flat_map(|write| write.books.entries.clone());
        let entries = before.chain(self.write.books.entries.clone()).collect();
        Books { caps: self.write.books.caps, entries }
    }
}

impl Stored for VerifySession {
    fn owner(data: &VerifySessionData) -> TenantId {
        data.tenant_id.clone()
    }

    fn created_at(data: &VerifySessionData) -> Timestamp {
        data.started_at
    }

    fn world(data: &VerifySessionData) -> Option<Environment> {
        Some(data.environment)
    }

    fn unique_keys(data: &VerifySessionData) -> Vec<(UniqueKey, String)> {
        let key = |slot: &LiveSlot| (UniqueKey::LiveSlot, format!("{}:{slot}", slot.tenant_id));
        data.live_slots().iter().map(key).collect()
    }
}
