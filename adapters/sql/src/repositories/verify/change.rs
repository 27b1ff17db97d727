//! A change of a session that is more than the session, in one transaction.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        policy::{A_DAY, FailureKey, SpendKey, SpendLedger, limits},
        verify::VerifyState,
    },
    kernel::{DeliveryAttemptId, Timestamp, VerificationId},
};
use sarai_ports::{
    Commit, Context, Saved, Scope, StoreError,
    devportal::verify::{Admission, Books, ChangeError, FailureEffect, SessionChange, Stamp},
};

use super::{counts, ledger_of};
use crate::{Checked, Counted, Ended, Transaction, Work, Write, load::loaded};

/// What commands of this process on a session wait for.
pub(super) struct Turn(pub(super) String);

/// The work.
pub(super) struct Changing {
    scope: Scope,
    id: VerificationId,
    now: Timestamp,
    context: Context,
    session: Write,
    approved: bool,
    attempts: u32,
    data: sarai_domain::devportal::verify::VerifySessionData,
    displaced: Vec<Write>,
    admission: Option<Admission>,
    guess: Vec<FailureKey>,
    effect: FailureEffect,
    books: Books,
    ledgers: BTreeMap<SpendKey, Vec<DeliveryAttemptId>>,
    stamp: Stamp,
}

impl Changing {
    /// Takes a change apart.
    pub(super) fn new(scope: &Scope, change: SessionChange) -> Result<Self, StoreError> {
        let (books, ledgers) = (change.books(), change.ledgers());
        let SessionChange { write, displaced, admission, guess, effect, stamp } = change;
        let data = write.unit.changes.data.clone();
        let context = write.unit.context.clone();
        let session = Write::of(write.unit)?;
        let displaced: Vec<_> =
            displaced.into_iter().map(|write| Write::of(write.unit)).collect::<Result<_, _>>()?;
        if [&session].into_iter().chain(&displaced).any(|write| !scope.covers(&write.tenant_id)) {
            return Err(StoreError::NotFound);
        }
        Ok(Self {
            scope: scope.clone(),
            id: data.id,
            now: context.now,
            context,
            session,
            approved: data.state == VerifyState::Approved,
            attempts: data.attempts,
            data,
            displaced,
            admission,
            guess,
            effect,
            books,
            ledgers,
            stamp,
        })
    }

    /// What to wait for outside the transaction: the tenant's money, where it is moved, else nothing.
    pub(super) fn turns(&self) -> Vec<Turn> {
        self.ledgers.keys().next().map(|key| Turn(key.to_string())).into_iter().collect()
    }

    /// Whether it is the session's unit and nothing else.
    pub(super) fn is_a_unit(&self) -> bool {
        self.is_plain() && self.guess.is_empty() && self.effect == FailureEffect::None
    }

    /// Whether nobody is let in, gives way or pays.
    fn is_plain(&self) -> bool {
        self.admission.is_none() && self.displaced.is_empty() && self.ledgers.is_empty()
    }

    /// The session's unit.
    pub(super) fn unit(&self) -> &Write {
        &self.session
    }

    /// What it counts for, where it is the unit of a check that has begun or failed.
    pub(super) fn checked(&self) -> Option<Checked> {
        let (keys, counted) = match (&self.effect, self.guess.as_slice()) {
            (FailureEffect::None, guess @ [_, ..]) => {
                let since = self.now.plus(-limits::LONGEST);
                (guess, Counted::Begun { attempt: self.attempts, since, most: A_DAY })
            }
            (FailureEffect::Failed { keys, end_user_ref }, []) if !self.approved => {
                let end_user_ref = end_user_ref.map(|hash| hash.to_string());
                (keys.as_slice(), Counted::Failed { end_user_ref })
            }
            _ => return None,
        };
        let environment = keys.first()?.environment.as_str();
        let destinations = keys.iter().map(counts::destination).collect();
        self.is_plain().then(|| Checked { locks: self.locks(), environment, destinations, counted })
    }

    /// Everything that is counted, to be locked at once.
    fn locks(&self) -> Vec<String> {
        let failures = |key: &FailureKey| {
            format!("failures:{}:{}:{}", key.tenant_id, key.environment.as_str(), counts::destination(key))
        };
        let mut locks: Vec<String> = self.guess.iter().chain(self.effect.keys()).map(failures).collect();
        if let Some(admission) = &self.admission {
            locks.extend(admission.failure_keys().iter().map(failures));
            locks.extend(admission.subject.keys().iter().map(|key| {
                let tenant = key.tenant_id.as_ref().map_or("", |tenant| tenant.as_str());
                format!("sends:{tenant}:{}:{}", key.environment.as_str(), counts::bucket(key))
            }));
        }
        locks.extend(self.ledgers.keys().map(|key| format!("spend:{key}")));
        locks
    }

    async fn ledgers(
        &self,
        transaction: &mut dyn Transaction,
    ) -> Result<BTreeMap<SpendKey, SpendLedger>, StoreError> {
        let mut ledgers = BTreeMap::new();
        for (key, sends) in &self.ledgers {
            let statement = ledger_of(transaction.dialect(), &self.scope, key, sends);
            let found = transaction.run(&statement.text, statement.args).await?;
            if let Some(record) = found.first() {
                ledgers.insert(key.clone(), loaded::<SpendLedger>(record)?);
            }
        }
        Ok(ledgers)
    }

    async fn conclude(&self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        match &self.effect {
            FailureEffect::None => {}
            FailureEffect::Failed { keys, end_user_ref } => {
                counts::failed(transaction, keys, *end_user_ref, self.now).await?;
            }
            FailureEffect::Cleared { keys, others, end_user_ref } => {
                counts::right(transaction, others, &(self.id, self.attempts)).await?;
                for (text, args) in keys.iter().flat_map(counts::clear) {
                    transaction.run(&text, args).await?;
                }
                if let (Some(key), Some(end_user)) = (keys.first(), end_user_ref) {
                    counts::clear_locked(transaction, key, *end_user).await?;
                    counts::proven(transaction, key, *end_user, self.id, self.now).await?;
                }
            }
        }
        if self.approved && !self.effect.keys().is_empty() {
            counts::approved(transaction, &self.data).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Work for Changing {
    type Out = Result<Saved, ChangeError>;

    async fn run(mut self, transaction: &mut dyn Transaction) -> Result<Ended<Self::Out>, StoreError> {
        let locks = self.locks();
        if !locks.is_empty() {
            transaction.lock(locks).await?;
        }
        if let Some(admission) = &self.admission
            && let Err(refused) = counts::admit(transaction, admission).await?
        {
            return Ok(Ended::Nothing(Err(refused.into())));
        }
        for ledger in counts::failures(transaction, &self.guess, self.now).await? {
            if let Err(refused) = ledger.admit_check(self.now) {
                return Ok(Ended::Nothing(Err(refused.into())));
            }
        }
        let stored = self.ledgers(transaction).await?;
        let posted = match self.books.post(&stored, self.id, self.now) {
            Ok(posted) => posted,
            Err(refusal) => {
                let refused = Err(refusal.error.into());
                let Some(note) = refusal.note else { return Ok(Ended::Nothing(refused)) };
                let note = Write::of(self.stamp.ledger(note, &self.context))?;
                let _ = transaction.save(note).await?;
                return Ok(Ended::Commit(refused));
            }
        };
        let mut deliveries = Vec::new();
        for write in std::mem::take(&mut self.displaced) {
            if let Saved::Committed(commit) = transaction.save(write).await? {
                deliveries.extend(commit.deliveries);
            }
        }
        let session = self.session.clone();
        let version = match transaction.save(session).await? {
            Saved::AlreadyConsumed => return Ok(Ended::Nothing(Ok(Saved::AlreadyConsumed))),
            Saved::Committed(commit) => {
                deliveries.extend(commit.deliveries);
                commit.version
            }
        };
        if let Some(admission) = &self.admission {
            counts::count(transaction, admission, self.id).await?;
        }
        counts::guessed(transaction, &self.guess, &(self.id, self.attempts), self.now).await?;
        self.conclude(transaction).await?;
        for ledger in posted {
            let write = Write::of(self.stamp.ledger(ledger, &self.context))?;
            if let Saved::Committed(commit) = transaction.save(write).await? {
                deliveries.extend(commit.deliveries);
            }
        }
        Ok(Ended::Commit(Ok(Saved::Committed(Commit { version, deliveries }))))
    }
}

/// A look at what a send would be admitted by.
pub(super) struct Admitting(pub(super) Admission);

#[async_trait]
impl Work for Admitting {
    type Out = Result<(), ChangeError>;

    async fn run(self, transaction: &mut dyn Transaction) -> Result<Ended<Self::Out>, StoreError> {
        Ok(Ended::Nothing(counts::admit(transaction, &self.0).await?.map_err(ChangeError::from)))
    }
}
