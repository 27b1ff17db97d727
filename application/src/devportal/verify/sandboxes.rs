//! Sandboxes: made on first use, played by their scenarios, read through their inbox (rulings R7 to R10).

use sarai_domain::{
    devportal::{
        sandbox::{Line, NewSandbox, SandboxMessage, SandboxSession, Says, Scenario, When},
        verify::{
            DeliveryAttempt, Moment, NewSession, SendReport, SendStatus, SessionSandbox, VerifySession,
        },
    },
    kernel::{Aggregate, Outcome, SandboxId, SandboxMessageId, Timestamp, VerificationId},
};
use sarai_ports::{
    Context, Page, PageRequest, Repository, Scope, StoreError, UniqueKey,
    devportal::sandboxes::SandboxRepository,
};

use super::{Caller, Shown, TRIES, Verify};
use crate::{AppError, Call};

impl Verify {
    fn sandboxes(&self) -> &dyn SandboxRepository {
        &*self.ports.devportal.store
    }

    /// A sandbox of the caller's tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn sandbox(&self, scope: &Scope, id: SandboxId) -> Result<SandboxSession, AppError> {
        let found = Repository::<SandboxSession>::find(self.sandboxes(), scope, &id).await?;
        found.ok_or_else(|| AppError::not_found(SandboxSession::NAME))
    }

    /// The sandbox that a start is in: the one named, else the account's default, made on first use.
    pub(super) async fn sandbox_of(&self, call: &Call, caller: &Caller) -> Result<SandboxSession, AppError> {
        let scope = call.scope();
        if let Some(id) = caller.sandbox_id {
            return self.sandbox(&scope, id).await;
        }
        for _ in 1..=TRIES {
            let now = self.ports.clock.real();
            let found = self.sandboxes().find_default_sandbox(&scope, caller.account_id).await?;
            if let Some(mut sandbox) = found {
                if sandbox.expire(now)? == Outcome::AlreadyApplied {
                    return Ok(sandbox);
                }
                let context = self.beside(call, "sandbox.expire", &sandbox);
                match self.ports.save(self.sandboxes(), &scope, sandbox, context).await {
                    Ok(_) | Err(StoreError::Conflict { .. }) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            let seed = self
                .ports
                .entropy
                .bytes()
                .iter()
                .take(8)
                .fold(0, |seed, byte| (seed << 8) | u64::from(*byte));
            let new = NewSandbox {
                id: SandboxId::new(self.ports.ulid()),
                tenant_id: caller.tenant_id.clone(),
                account_id: caller.account_id,
                is_default: true,
                seed,
                ttl_seconds: None,
                open: 0,
            };
            let sandbox = SandboxSession::create(new, now)?;
            let context = self.beside(call, "sandbox.create", &sandbox);
            match self.ports.save(self.sandboxes(), &scope, sandbox, context).await {
                Ok(_) | Err(StoreError::Taken(UniqueKey::DefaultSandbox)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: SandboxSession::NAME }.into())
    }

    fn beside(&self, call: &Call, action: &'static str, sandbox: &SandboxSession) -> Context {
        Context { claim: None, ..call.context(action, &sandbox.id(), self.ports.now()) }
    }

    /// Changes a sandbox; again when somebody else was first.
    async fn change_sandbox<T: Send>(
        &self,
        scope: &Scope,
        id: SandboxId,
        context: Context,
        mut command: impl FnMut(&mut SandboxSession) -> Result<T, AppError> + Send,
    ) -> Result<(SandboxSession, T), AppError> {
        let _turn = self.ports.lanes.enter(&id.to_string()).await;
        for attempt in 1..=TRIES {
            let mut sandbox = self.sandbox(scope, id).await?;
            let out = command(&mut sandbox)?;
            match self.ports.save(self.sandboxes(), scope, sandbox.clone(), context.clone()).await {
                Ok(_) => return Ok((sandbox, out)),
                Err(StoreError::Conflict { .. }) => self.ports.lanes.pause(attempt.min(5)).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: SandboxSession::NAME }.into())
    }

    /// Takes the place of a further session in its sandbox.
    pub(super) async fn take_place(
        &self,
        call: &Call,
        scope: &Scope,
        sandbox: &mut SandboxSession,
        new: &NewSession,
    ) -> Result<SessionSandbox, AppError> {
        let channel = new.channel_order.as_ref().and_then(|order| order.step(0)).map(|step| step.channel());
        let to = channel.and_then(|channel| new.destination.for_channel(channel));
        let to = to.ok_or_else(|| AppError::not_found("destination"))?;
        let hash = self.tools()?.destinations.hash(&new.tenant_id, &to);
        let real = self.ports.clock.real();
        let context = self.beside(call, "sandbox.use", sandbox);
        let open = |one: &mut SandboxSession| Ok(one.open_verification(&to, hash, real)?);
        let (changed, code) = self.change_sandbox(scope, sandbox.id(), context, open).await?;
        let ttl_seconds = changed.scenario(&to, hash).row().ttl_seconds;
        *sandbox = changed;
        Ok(SessionSandbox { id: sandbox.id(), code, ttl_seconds })
    }

    /// The same with its code, where it is in a sandbox and still good.
    pub(super) fn with_code(&self, shown: Shown) -> Shown {
        let in_sandbox = shown.session.data().sandbox_id.is_some();
        let ring = self.tools().map(|tools| &tools.peppers);
        let code = ring.ok().filter(|_| in_sandbox).and_then(|ring| shown.session.code(ring).ok());
        Shown { sandbox_code: code.map(|code| code.expose().to_owned()), ..shown }
    }

    /// Plays what a session's pretended providers say at once: they take what waits, and answer.
    pub(super) async fn pretend(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
    ) -> Result<(), AppError> {
        let session = self.find(scope, id).await?;
        let Some(sandbox_id) = session.data().sandbox_id else { return Ok(()) };
        let sandbox = self.sandbox(scope, sandbox_id).await?;
        let now = sandbox.virtual_now();
        for send in session.sends() {
            let scenario = self.scenario(&sandbox, &session, send);
            let approved = session.data().approved_at.is_some();
            if send.status == SendStatus::Queued {
                self.deliver_to_inbox(call, scope, &session, send, now).await?;
                let dispatched = SendReport::Dispatched { provider: "sandbox".to_owned() };
                self.say(call, scope, id, send, dispatched, now).await?;
                for line in due(scenario.script(send.channel), send, None, now) {
                    self.say(call, scope, id, send, report(line.says), now).await?;
                }
            } else if approved && send.status == SendStatus::Sent {
                let late =
                    scenario.script(send.channel).iter().filter(|line| line.when == When::AfterApproval);
                for line in late {
                    self.say(call, scope, id, send, report(line.says), now).await?;
                }
            }
        }
        Ok(())
    }

    fn scenario(
        &self,
        sandbox: &SandboxSession,
        session: &VerifySession,
        send: &DeliveryAttempt,
    ) -> Scenario {
        let data = session.data();
        let one = data.destinations.iter().find(|one| one.kind == send.channel.destination_kind());
        let tools = self.tools().ok();
        let to = one.zip(tools).and_then(|(one, tools)| {
            tools.vault.open(&data.tenant_id, data.id, one.kind, one.sealed.as_ref()?).ok()
        });
        match (to, one) {
            (Some(to), Some(one)) => sandbox.scenario(&to, one.hash),
            // A session that is over has no address any more; only scenario 12 says something then.
            (None, Some(one)) => {
                sandbox.data().scenario_overrides.get(&one.hash).copied().unwrap_or_else(|| {
                    let after = one.masked.ends_with("0112") || one.masked.ends_with("12");
                    Scenario::try_new(if after { 12 } else { 0 }).unwrap_or_default()
                })
            }
            _ => Scenario::default(),
        }
    }

    async fn deliver_to_inbox(
        &self,
        call: &Call,
        scope: &Scope,
        session: &VerifySession,
        send: &DeliveryAttempt,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let data = session.data();
        let Some(sandbox_id) = data.sandbox_id else { return Ok(()) };
        let Some(code) = data.sandbox_code() else { return Ok(()) };
        let one = data.destinations.iter().find(|one| one.kind == send.channel.destination_kind());
        let lives = data.expires_at.since(data.started_at).whole_seconds();
        let message = SandboxMessage {
            id: SandboxMessageId::new(self.ports.ulid()),
            sandbox_id,
            round: 0,
            at: now,
            channel: send.channel,
            destination_masked: one.map(|one| one.masked.clone()).unwrap_or_default(),
            verification_id: data.id,
            attempt_id: send.id,
            template: data.template,
            locale: data.locale_used,
            brand: data.brand.clone(),
            minutes: u16::try_from(lives.saturating_add(59) / 60).unwrap_or(u16::MAX),
            code,
            generation: send.generation,
            code_length: data.policy.terms.code_length,
        };
        let real = self.ports.clock.real();
        let context =
            Context { claim: None, ..call.context("sandbox.receive", &sandbox_id, self.ports.now()) };
        let receive = |one: &mut SandboxSession| Ok(one.receive(message.clone(), real)?);
        let _ = self.change_sandbox(scope, sandbox_id, context, receive).await?;
        Ok(())
    }

    /// A pretended provider says something.
    async fn say(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
        send: &DeliveryAttempt,
        says: SendReport,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let context = self.aside(call, "verification.report", id);
        let moment = Moment::new(at);
        let told = |session: &mut VerifySession| match session.report(send.id, says.clone(), &moment) {
            Ok(Outcome::Applied) => Ok(Some(())),
            // What may no longer leave does not; what is late changes nothing.
            Ok(Outcome::AlreadyApplied) | Err(_) => Ok(None),
        };
        self.change(scope, id, context, told).await?;
        Ok(())
    }

    /// The messages of a sandbox, newest first, each with its code.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn inbox(
        &self,
        scope: &Scope,
        id: SandboxId,
        page: &PageRequest,
    ) -> Result<Page<SandboxMessage>, AppError> {
        let sandbox = self.sandbox(scope, id).await?;
        Ok(self.sandboxes().inbox(scope, id, sandbox.data().round, page).await?)
    }

    /// Moves a sandbox's clock; everything that is due by then has run when this answers (ruling R10).
    ///
    /// # Errors
    /// `not_found`, `sandbox.clock_backwards`, `sandbox.clock_too_far`, `sandbox.closed`.
    pub async fn advance_clock(
        &self,
        call: &Call,
        id: SandboxId,
        seconds: i64,
    ) -> Result<SandboxSession, AppError> {
        let scope = call.scope();
        let real = self.ports.clock.real();
        let before = self.sandbox(&scope, id).await?;
        let context = call.context("sandbox.advance_clock", &id, self.ports.now());
        let sessions = self.sessions().find_in_sandbox(&scope, id).await?;
        let advance = |one: &mut SandboxSession| Ok(one.advance_clock(seconds, real)?);
        let (sandbox, _) = self.change_sandbox(&scope, id, context, advance).await?;
        for session in sessions {
            self.run_session(call, &scope, session.id(), &sandbox, before.virtual_now()).await?;
        }
        Ok(sandbox)
    }

    /// Plays a session between two instants of its sandbox, in the order of their times.
    async fn run_session(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
        sandbox: &SandboxSession,
        mut since: Timestamp,
    ) -> Result<(), AppError> {
        let until = sandbox.virtual_now();
        // A session has at most 8 sends of a handful of lines, as many steps, and one end.
        for _ in 0..200 {
            let session = self.find(scope, id).await?;
            let lines = session.sends().into_iter().flat_map(|send| {
                let script = self.scenario(sandbox, &session, send).script(send.channel);
                due(script, send, Some(since), until)
                    .map(move |line| (at(line, send), send.clone(), line.says))
            });
            let next_line = lines.min_by_key(|(at, send, _)| (*at, send.ordinal));
            let step = session.data().due_at().filter(|at| *at <= until);
            match (next_line, step) {
                (Some((at, send, says)), step) if step.is_none_or(|step| at <= step) => {
                    self.say(call, scope, id, &send, report(says), at).await?;
                    since = at;
                    // Lines of one instant are said one after the other.
                    let same = self.scenario(sandbox, &session, &send).script(send.channel);
                    for line in same.iter().filter(|line| self::at(line, &send) == at && line.says != says) {
                        self.say(call, scope, id, &send, report(line.says), at).await?;
                    }
                }
                (_, Some(step)) => {
                    let moved =
                        self.step(scope, id, step, self.aside(call, "verification.course", id)).await?;
                    self.pretend_at(call, scope, id, sandbox, step).await?;
                    if !moved {
                        return Ok(());
                    }
                }
                (_, None) => return Ok(()),
            }
        }
        Ok(())
    }

    /// What waits since a step is taken by its provider at that time.
    async fn pretend_at(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
        sandbox: &SandboxSession,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let session = self.find(scope, id).await?;
        for send in session.sends().into_iter().filter(|send| send.status == SendStatus::Queued) {
            self.deliver_to_inbox(call, scope, &session, send, at).await?;
            let dispatched = SendReport::Dispatched { provider: "sandbox".to_owned() };
            self.say(call, scope, id, send, dispatched, at).await?;
            for line in due(self.scenario(sandbox, &session, send).script(send.channel), send, None, at) {
                self.say(call, scope, id, send, report(line.says), at).await?;
            }
        }
        Ok(())
    }
}

/// When a line is said.
fn at(line: &Line, send: &DeliveryAttempt) -> Timestamp {
    match line.when {
        When::After(seconds) => send.queued_at.plus(time::Duration::seconds(i64::from(seconds))),
        When::AfterApproval => Timestamp::from_unix_micros(i64::MAX),
    }
}

/// The lines that are due, after one instant where there is one and up to another.
fn due<'a>(
    script: &'a [Line],
    send: &'a DeliveryAttempt,
    since: Option<Timestamp>,
    until: Timestamp,
) -> impl Iterator<Item = &'a Line> + use<'a> {
    script.iter().filter(move |line| {
        let at = at(line, send);
        line.when != When::AfterApproval && at <= until && since.is_none_or(|since| at > since)
    })
}

/// What a pretended provider's word is to a session.
fn report(says: Says) -> SendReport {
    let code = |text: &str| text.to_owned();
    match says {
        Says::Accepted => SendReport::Accepted { provider_message_id: None, segments: Some(1) },
        Says::Refused => SendReport::Refused { error_code: code("sandbox_refused") },
        Says::NoAnswer => SendReport::Unknown { error_code: code("sandbox_timeout") },
        Says::Delivered => SendReport::Delivered { price: None },
        Says::Undelivered => SendReport::Undelivered { error_code: code("sandbox_undelivered"), price: None },
    }
}
