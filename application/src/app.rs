//! The ports a process is wired with, and the one way a command is run and saved.

use std::{sync::Arc, time::Duration};

use sarai_domain::kernel::{Kind, Outcome, Timestamp, Ulid};
use sarai_ports::{
    Cause, Consumed, Context, Saved, Scope, StoreError, Stored, Unit,
    audit::AuditLog,
    events::{ConsumerError, EventLog, EventRecord, FollowUp, Outbox, Routes},
    failpoint::{self, Place},
    idempotency::IdempotencyStore,
    leases::Leases,
    marketplace::{
        BillingGateway, Catalog, CatalogFacts, CouponRepository, EnrollmentGateway, LicenseRepository,
        ListingRepository, OrderRepository, ProviderEarningsRepository, ProviderFacts, QuoteRepository,
        Repository, SagaRepository, Sales, StatementStore,
    },
    system::{Clock, Entropy, IdGenerator, Lanes, Signer},
};

use crate::{
    AppError,
    devportal::DevportalPorts,
    recent::{Keep, Recent},
};

/// How often a command is tried when somebody else saves in between (platform.md 2).
pub(crate) const TRIES: u32 = 5;

/// How long an order's routes wait for what they set off (ruling R49).
pub const FOLLOW_UP_LIMIT: Duration = Duration::from_secs(5);

/// Every port the use cases need.
#[derive(Clone)]
pub struct Ports {
    /// Listings.
    pub listings: Arc<dyn ListingRepository>,
    /// Orders.
    pub orders: Arc<dyn OrderRepository>,
    /// Licences.
    pub licenses: Arc<dyn LicenseRepository>,
    /// Coupons.
    pub coupons: Arc<dyn CouponRepository>,
    /// Purchase sagas.
    pub sagas: Arc<dyn SagaRepository>,
    /// Quotes.
    pub quotes: Arc<dyn QuoteRepository>,
    /// Providers' earnings.
    pub earnings: Arc<dyn ProviderEarningsRepository>,
    /// Their statements.
    pub statements: Arc<dyn StatementStore>,
    /// The public catalogue.
    pub catalog: Arc<dyn Catalog>,
    /// What can be shipped.
    pub catalog_facts: Arc<dyn CatalogFacts>,
    /// Who is a verified seller.
    pub provider_facts: Arc<dyn ProviderFacts>,
    /// What was sold.
    pub sales: Arc<dyn Sales>,
    /// What only the developer portal needs.
    pub devportal: DevportalPorts,
    /// Which consumers get an event.
    pub routes: Routes,
    /// Whether there is a broker that gets every event.
    pub publishes: bool,
    /// Deliveries not done yet.
    pub outbox: Arc<dyn Outbox>,
    /// What happened.
    pub events: Arc<dyn EventLog>,
    /// Who does what only one process may do.
    pub leases: Arc<dyn Leases>,
    /// Idempotency keys.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// The audit log.
    pub audit: Arc<dyn AuditLog>,
    /// billing-service.
    pub billing: Arc<dyn BillingGateway>,
    /// enrollment-service.
    pub enrollment: Arc<dyn EnrollmentGateway>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Signs what others check without asking us.
    pub signer: Arc<dyn Signer>,
    /// One command at a time on an aggregate.
    pub lanes: Arc<dyn Lanes>,
    /// Runs what a commit sets off.
    pub follow_up: Arc<dyn FollowUp>,
    /// Signs quotes.
    pub quote_key: [u8; 32],
    /// Settings of the rules.
    pub policy: Policy,
    /// What this process saved a moment ago.
    pub recent: Arc<Recent>,
}

/// Settings of the marketplace's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether learners who consumed a refunded course keep access (marketplace.md 3; off).
    pub grandfather_consumed: bool,
    /// Whether a refund reverses the platform's fee too (marketplace.md 6; on).
    pub refund_platform_fee: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { grandfather_consumed: false, refund_platform_fee: true }
    }
}

/// An aggregate after a command, with the version it has in the store now.
#[derive(Debug, Clone)]
pub struct Loaded<A> {
    /// The aggregate.
    pub aggregate: A,
    /// Its version.
    pub version: u64,
}

impl Ports {
    /// Business time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new ULID.
    pub fn ulid(&self) -> Ulid {
        self.ids.ulid()
    }

    /// What a unit carries that is the effect of an event.
    pub fn context_of(&self, consumer: &'static str, event: &EventRecord) -> Context {
        Context {
            now: self.now(),
            cause: Cause {
                actor: consumer.to_owned(),
                action: event.event.topic(),
                correlation_id: event.correlation_id.clone(),
                causation_id: Some(event.id.to_string()),
                request_id: None,
                reason: None,
            },
            consumed: Some(Consumed { consumer, event_id: event.id.to_string() }),
            claim: None,
        }
    }

    /// The tenant of an event's aggregate, as a scope for what the event sets off.
    pub fn scope_of(event: &EventRecord) -> Scope {
        Scope::Within(event.tenant_id.clone())
    }

    /// What a unit of one of our own workers carries.
    pub fn worker_context(&self, action: &'static str, correlation_id: &impl ToString) -> Context {
        Context {
            now: self.now(),
            cause: Cause {
                actor: "worker".to_owned(),
                action,
                correlation_id: correlation_id.to_string(),
                causation_id: None,
                request_id: None,
                reason: None,
            },
            consumed: None,
            claim: None,
        }
    }

    /// Saves an aggregate and hands the deliveries of the commit to the follow-up; gives the version written, none
    /// when the message had this effect before.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written then.
    pub async fn save<A: Stored>(
        &self,
        repository: &dyn Repository<A>,
        scope: &Scope,
        aggregate: A,
        context: Context,
    ) -> Result<Option<u64>, StoreError> {
        let unit = Unit::new(aggregate, context, &*self.ids, self.routes);
        let saved = committed(repository.save(scope, unit)).await?;
        Ok(self.followed_up(saved))
    }

    /// As [`Ports::save`], and keeps the aggregate for what the commit sets off.
    ///
    /// # Errors
    /// As [`Ports::save`].
    pub async fn save_recent<A: Keep>(
        &self,
        repository: &dyn Repository<A>,
        scope: &Scope,
        aggregate: A,
        context: Context,
    ) -> Result<Option<u64>, StoreError> {
        let unit = Unit::new(aggregate.clone(), context, &*self.ids, self.routes);
        let saved = committed(repository.save(scope, unit)).await?;
        if let Saved::Committed(commit) = &saved {
            self.recent.keep(&aggregate, commit.version);
        }
        Ok(self.followed_up(saved))
    }

    /// Hands the deliveries of a commit to the follow-up; gives the version written.
    pub fn followed_up(&self, saved: Saved) -> Option<u64> {
        match saved {
            Saved::Committed(commit) => {
                self.follow_up.committed(commit.deliveries);
                Some(commit.version)
            }
            Saved::AlreadyConsumed => None,
        }
    }

    /// Loads an aggregate, runs one command on it, saves it; again when somebody else saved in between.
    ///
    /// # Errors
    /// `not_found`, what the command refuses with, or `conflict.retry` when every try met a conflict.
    pub async fn change<A: Stored>(
        &self,
        repository: &dyn Repository<A>,
        scope: &Scope,
        id: &A::Id,
        context: Context,
        command: impl FnMut(&mut A) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<A>, AppError> {
        let load = || repository.find(scope, id);
        self.change_loaded(repository, scope, &id.to_string(), load, context, command).await
    }

    /// As [`Ports::change`], with another way to load: some rows only.
    ///
    /// # Errors
    /// As [`Ports::change`].
    pub async fn change_loaded<A, L, F>(
        &self,
        repository: &dyn Repository<A>,
        scope: &Scope,
        id: &str,
        load: L,
        context: Context,
        command: impl FnMut(&mut A) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<A>, AppError>
    where
        A: Stored,
        L: Fn() -> F + Send + Sync,
        F: Future<Output = Result<Option<A>, StoreError>> + Send,
    {
        self.change_given(repository, scope, id, None, load, context, command).await
    }

    /// As [`Ports::change_loaded`], decided on a copy that the caller has, when that changes it.
    ///
    /// # Errors
    /// As [`Ports::change`].
    #[allow(clippy::too_many_arguments, reason = "the way of a command, with every part of it given")]
    pub async fn change_given<A, L, F>(
        &self,
        repository: &dyn Repository<A>,
        scope: &Scope,
        id: &str,
        given: Option<A>,
        load: L,
        context: Context,
        mut command: impl FnMut(&mut A) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<A>, AppError>
    where
        A: Stored,
        L: Fn() -> F + Send + Sync,
        F: Future<Output = Result<Option<A>, StoreError>> + Send,
    {
        let _turn = self.lanes.enter(id).await;
        let save = |aggregate| self.save(repository, scope, aggregate, context.clone());
        Box::pin(self.decide(given, load, save, &mut command)).await
    }

    /// As [`Ports::change`] for what this process may have saved a moment ago: on the given or the kept copy first,
    /// whichever is the newer one.
    ///
    /// # Errors
    /// As [`Ports::change`].
    pub async fn change_recent<A: Keep>(
        &self,
        repository: &dyn Repository<A>,
        scope: &Scope,
        id: &A::Id,
        given: Option<A>,
        context: Context,
        command: impl FnMut(&mut A) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<A>, AppError> {
        self.change_recent_unless(repository, scope, id, given, context, |_| false, command).await
    }

    /// As [`Ports::change_recent`], and nothing is done where the kept copy shows that it is done for good.
    ///
    /// # Errors
    /// As [`Ports::change`].
    #[allow(clippy::too_many_arguments, reason = "the way of a command, with every part of it given")]
    pub async fn change_recent_unless<A: Keep>(
        &self,
        repository: &dyn Repository<A>,
        scope: &Scope,
        id: &A::Id,
        given: Option<A>,
        context: Context,
        done: impl Fn(&A) -> bool + Send,
        mut command: impl FnMut(&mut A) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<A>, AppError> {
        let _turn = self.lanes.enter(&id.to_string()).await;
        let kept = self.recent.look(id);
        if let Some(kept) = kept.as_ref().filter(|kept| done(kept)) {
            return Ok(Loaded { version: kept.version(), aggregate: kept.clone() });
        }
        let newer = [given, kept].into_iter().flatten().max_by_key(A::version);
        let load = || async {
            let found = repository.find(scope, id).await?;
            if let Some(found) = &found {
                self.recent.keep(found, found.version());
            }
            Ok(found)
        };
        let save = |aggregate| self.save_recent(repository, scope, aggregate, context.clone());
        Box::pin(self.decide(newer, load, save, &mut command)).await
    }

    /// Decides and saves; again on what is stored, when a conflict shows that the decision was taken on an old copy.
    /// A given copy may be old: only a decision that is saved, and so compared, is taken on it.
    async fn decide<A, L, F, S, G>(
        &self,
        mut given: Option<A>,
        load: L,
        save: S,
        command: &mut (impl FnMut(&mut A) -> Result<Outcome, AppError> + Send),
    ) -> Result<Loaded<A>, AppError>
    where
        A: Stored,
        L: Fn() -> F + Send + Sync,
        F: Future<Output = Result<Option<A>, StoreError>> + Send,
        S: Fn(A) -> G + Send + Sync,
        G: Future<Output = Result<Option<u64>, StoreError>> + Send,
    {
        if let Some(mut aggregate) = given.take()
            && command(&mut aggregate) == Ok(Outcome::Applied)
        {
            match save(aggregate.clone()).await {
                Ok(Some(version)) => return Ok(Loaded { aggregate, version }),
                // It had this effect before, or is old: what is stored says.
                Ok(None) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for attempt in 1..=TRIES {
            let Some(mut aggregate) = load().await? else {
                return Err(AppError::not_found(A::NAME));
            };
            let version = aggregate.version();
            if command(&mut aggregate)? == Outcome::AlreadyApplied {
                return Ok(Loaded { aggregate, version });
            }
            match save(aggregate.clone()).await {
                Ok(written) => return Ok(Loaded { aggregate, version: written.unwrap_or(version) }),
                Err(StoreError::Conflict { .. }) if attempt < TRIES => self.lanes.pause(attempt).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: A::NAME }.into())
    }
}

/// A commit, between the two places where a crash test may end the process.
async fn committed<E>(commit: impl Future<Output = Result<Saved, E>> + Send) -> Result<Saved, E> {
    failpoint::reached(Place::CommitBefore);
    let saved = commit.await?;
    failpoint::reached(Place::CommitAfter);
    Ok(saved)
}

/// Refuses an edit of something that was saved since the editor saw it.
pub(crate) fn at_version(stored: u64, seen: u64) -> Result<(), AppError> {
    if stored == seen {
        Ok(())
    } else {
        let message = format!("it is at version {stored}, not {seen}: read it again");
        Err(AppError::new(Kind::Precondition, "precondition_failed", message))
    }
}

/// A consumer's error of a use case's.
pub(crate) fn failed(error: &AppError) -> ConsumerError {
    ConsumerError { reason: format!("{}: {}", error.code, error.message) }
}
