//! What runs beside requests: sends that wait, sessions that move on, what was left behind (devportal.md 3.12). Each step is
//! guarded by the session's version, so that two processes may run it at once.

use sarai_domain::{
    devportal::{
        sandbox::Route,
        verify::{Course, Moment, SendReport, SendStatus, Trigger, VerifySession},
    },
    kernel::{Aggregate, DeliveryAttemptId, Outcome, Timestamp, VerificationId},
};
use sarai_ports::{
    Context, Scope, StoreError,
    devportal::{
        Outgoing, SendOutcome,
        policies::SpendLedgerRepository,
        verify::{DueSend, DueSession},
    },
};
use time::Duration;

use super::{Verify, sends::Further, texts::Text};
use crate::AppError;

/// How many are taken up at a time.
const BATCH: usize = 100;
/// A sender that has said nothing for so long says nothing any more.
const SILENT: Duration = Duration::seconds(90);

impl Verify {
    /// Runs everything of production that is due by now; gives how much there was.
    ///
    /// # Errors
    /// The store's.
    pub async fn run_due(&self) -> Result<usize, AppError> {
        let mut ran = self.courses().await?;
        for due in self.waiting().await? {
            ran += self.send(&due).await;
        }
        Ok(ran)
    }

    /// Moves on every session of production that is due by now; gives how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn courses(&self) -> Result<usize, AppError> {
        let mut ran = 0;
        if self.ports.devportal.verify.is_some() {
            for due in self.sessions().find_due_sessions(self.ports.now(), BATCH).await? {
                ran += Self::counted("verify_course", self.move_on(&due).await);
            }
        }
        Ok(ran)
    }

    /// Sends of production that wait for a sender now.
    ///
    /// # Errors
    /// The store's.
    pub async fn waiting(&self) -> Result<Vec<DueSend>, AppError> {
        match self.ports.devportal.verify {
            Some(_) => Ok(self.sessions().find_queued(self.ports.now(), BATCH).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Gives a send that waits to a sender, and writes down what that says; 1 when it did.
    pub async fn send(&self, due: &DueSend) -> usize {
        Self::counted("verify_dispatch", self.dispatch(due).await)
    }

    /// When something of production is due next, after this time.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        match self.ports.devportal.verify {
            Some(_) => self.sessions().next_session_due(after).await,
            None => Ok(None),
        }
    }

    /// Looks for what processes that died left behind, and forgets what is a day old.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep(&self) -> Result<usize, AppError> {
        let now = self.ports.now();
        let mut ran = 0;
        for due in self.sessions().find_sending(BATCH).await? {
            ran += Self::counted("verify_silence", self.lose_silent(&due, now).await);
        }
        let ledgers: &dyn SpendLedgerRepository = &*self.ports.devportal.store;
        for (key, send) in ledgers.find_stale(now.plus(-Duration::DAY), BATCH).await? {
            let scope = Scope::Within(key.tenant_id.clone());
            let found = ledgers.find_for_sends(&scope, &key, &[send]).await?;
            let Some(mut ledger) = found else { continue };
            if ledger.settle_stale(now)? == Outcome::Applied {
                let context = self.ports.worker_context("spend.settle_stale", &key);
                self.ports.save(ledgers, &scope, ledger, context).await?;
                ran += 1;
            }
        }
        self.sessions().forget(now.plus(-Duration::DAY)).await?;
        Ok(ran)
    }

    fn counted(job: &'static str, done: Result<bool, AppError>) -> usize {
        match done {
            Ok(done) => usize::from(done),
            Err(error) => {
                tracing::warn!(job, code = error.code, "a step of Verify failed and is tried again");
                0
            }
        }
    }

    /// Whatever is due of one session.
    async fn move_on(&self, due: &DueSession) -> Result<bool, AppError> {
        let scope = Scope::Within(due.tenant_id.clone());
        let context = self.ports.worker_context("verification.course", &due.id);
        self.step(&scope, due.id, self.ports.now(), context).await
    }

    /// One step of a session's course at a time: it expires, is given up, or tries its next channel.
    pub(super) async fn step(
        &self,
        scope: &Scope,
        id: VerificationId,
        at: Timestamp,
        context: Context,
    ) -> Result<bool, AppError> {
        let moment = Moment::new(at);
        let end = |session: &mut VerifySession| {
            for ended in
                [session.expire(&moment)?, session.fail_undecided(&moment)?, session.give_up(&moment)?]
            {
                if ended == Outcome::Applied {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        };
        let (session, ended) = self.change(scope, id, context.clone(), end).await?;
        if ended.is_some() {
            return Ok(true);
        }
        match session.course() {
            Some(Course::Advance { at: due }) if due <= at => {
                let further = Further::Next(Trigger::Course);
                let (_, outcome) = self.further(scope, id, further, context, moment).await?;
                Ok(outcome == Outcome::Applied)
            }
            _ => Ok(false),
        }
    }

    /// Gives a send that waits to a sender. Whoever writes that it is being sent sends it, and nobody else.
    async fn dispatch(&self, due: &DueSend) -> Result<bool, AppError> {
        let DueSession { tenant_id, id } = &due.session;
        let scope = Scope::Within(tenant_id.clone());
        let tools = self.tools()?;
        let session = self.find(&scope, *id).await?;
        let Some(send) = session.send(due.attempt_id).filter(|send| send.status == SendStatus::Queued) else {
            return Ok(false);
        };
        let data = session.data();
        let one = data.destinations.iter().find(|one| one.kind == send.channel.destination_kind());
        let opened =
            one.and_then(|one| tools.vault.open(tenant_id, *id, one.kind, one.sealed.as_ref()?).ok());
        let code = session.code(&tools.peppers);
        let (Some(to), Ok(code)) = (opened, code) else {
            return self.lose_key(&scope, *id).await;
        };
        let Some(Route::Network(permit)) = Route::of(data.environment, data.sandbox_id, &to, None) else {
            return Ok(false);
        };
        let Some(sender) = tools.senders.pick(send.channel, data.country_code) else {
            // Another process may have it, until the step's wait ends (ruling R18).
            if session.wait_over().is_some_and(|over| self.ports.now() < over) {
                return Ok(false);
            }
            let refused = SendReport::Refused { error_code: "no_sender".to_owned() };
            return self.tell(&scope, *id, due.attempt_id, refused).await;
        };
        let template = self.template_of(&session).await?;
        let content = Text::of(&session, &template).with(send.channel, &code)?;
        let noted = self.note_send(due, sender.name(), &to).await?;
        let dispatched = SendReport::Dispatched { provider: sender.name().to_owned() };
        if !self.tell(&scope, *id, due.attempt_id, dispatched).await? {
            return Ok(false);
        }
        let locale = data.locale_used;
        let outgoing = Outgoing { attempt_id: due.attempt_id, channel: send.channel, to, locale, content };
        let outcome: SendOutcome = sender.send(&permit, &outgoing).await;
        // What its receipts will name is kept first: who dies after that is told by them.
        let kept = self.note_taken(&noted, outcome.parts()).await;
        let told = self.tell(&scope, *id, due.attempt_id, outcome.report()).await;
        kept.and(told)
    }

    /// Writes what a sender says; whether that changed anything.
    pub(super) async fn tell(
        &self,
        scope: &Scope,
        id: VerificationId,
        attempt_id: DeliveryAttemptId,
        report: SendReport,
    ) -> Result<bool, AppError> {
        let context = self.ports.worker_context("verification.report", &id);
        let moment = Moment::new(self.ports.now());
        let tell = |session: &mut VerifySession| match session.report(attempt_id, report.clone(), &moment) {
            Ok(Outcome::Applied) => Ok(Some(())),
            Ok(Outcome::AlreadyApplied) | Err(sarai_domain::devportal::verify::VerifyError::NotToBeSent) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        };
        Ok(self.change(scope, id, context, tell).await?.1.is_some())
    }

    async fn lose_key(&self, scope: &Scope, id: VerificationId) -> Result<bool, AppError> {
        tracing::error!(verification = %id, "a live session's key is gone");
        let context = self.ports.worker_context("verification.lose_key", &id);
        let moment = Moment::new(self.ports.now());
        let lose = |session: &mut VerifySession| match session.lose_key(&moment)? {
            Outcome::Applied => Ok(Some(())),
            Outcome::AlreadyApplied => Ok(None),
        };
        Ok(self.change(scope, id, context, lose).await?.1.is_some())
    }

    /// A sender that died with a send in hand: nobody knows whether it left, so it is not sent again.
    async fn lose_silent(&self, due: &DueSend, now: Timestamp) -> Result<bool, AppError> {
        let DueSession { tenant_id, id } = &due.session;
        let scope = Scope::Within(tenant_id.clone());
        let session = self.find(&scope, *id).await?;
        // One that was taken before this was written with it is reckoned from when it was asked for.
        let taken = session.send(due.attempt_id).map(|send| send.taken_at.unwrap_or(send.queued_at));
        if taken.is_none_or(|at| at.plus(SILENT) > now) {
            return Ok(false);
        }
        let unknown = SendReport::Unknown { error_code: "sender_silent".to_owned() };
        let lost = self.tell(&scope, *id, due.attempt_id, unknown).await?;
        self.note_lost(due).await?;
        Ok(lost)
    }
}
