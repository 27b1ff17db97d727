//! Sandboxes: made on first use, played by their scenarios, read through their inbox (rulings R7 to
//! R10). What their pretended providers do is in `play`.

use sarai_domain::{
    devportal::{
        policy::{PeriodKind, SandboxRound, SpendKey, SpendLedger, SpendPeriod},
        sandbox::{NewSandbox, SandboxMessage, SandboxSession},
        values::Environment,
        verify::{NewSession, SessionSandbox},
    },
    kernel::{Aggregate, Outcome, Price, SandboxId, VerificationId},
};
use sarai_ports::{
    Context, Page, PageRequest, Repository, Scope, StoreError, UniqueKey,
    devportal::{policies::SpendLedgerRepository, sandboxes::SandboxRepository},
};

use super::{Caller, Shown, TRIES, Verify};
use crate::{AppError, Call};

impl Verify {
    pub(in crate::devportal) fn sandboxes(&self) -> &dyn SandboxRepository {
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
            let new = NewSandbox {
                id: SandboxId::new(self.ports.ulid()),
                tenant_id: caller.tenant_id.clone(),
                account_id: caller.account_id,
                is_default: true,
                seed: self.new_seed(),
                ttl_seconds: None,
                taken: std::collections::BTreeSet::new(),
            };
            let sandbox = SandboxSession::create(new, now)?;
            let context = self.beside(call, "sandbox.create", &sandbox);
            match self.ports.save(self.sandboxes(), &scope, sandbox, context).await {
                Ok(_) | Err(StoreError::Taken(UniqueKey::SandboxPlace)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: SandboxSession::NAME }.into())
    }

    /// Announces the cap that a scenario pretends: once in a day of the sandbox and until it is reset. Nothing is ever held
    /// under it (ruling R8).
    pub(super) async fn announce_cap(
        &self,
        call: &Call,
        sandbox: &SandboxSession,
        cap: Price,
        refused: VerificationId,
    ) -> Result<(), AppError> {
        let (scope, data) = (call.scope(), sandbox.data());
        let key = SpendKey {
            tenant_id: data.tenant_id.clone(),
            environment: Environment::Sandbox,
            sandbox: Some(SandboxRound { sandbox_id: data.id, round: data.round }),
            period: SpendPeriod::of(PeriodKind::Day, sandbox.virtual_now()),
        };
        let ledgers: &dyn SpendLedgerRepository = &*self.ports.devportal.store;
        for attempt in 1..=TRIES {
            let found = ledgers.find_for_sends(&scope, &key, &[]).await?;
            let mut ledger = found.unwrap_or_else(|| SpendLedger::open(key.clone(), Some(cap), cap));
            if ledger.note_refusal(Some(refused)) == Outcome::AlreadyApplied {
                return Ok(());
            }
            let context = self.beside(call, "spend.refuse", sandbox);
            match self.ports.save(ledgers, &scope, ledger, context).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict { .. }) => self.ports.lanes.pause(attempt.min(5)).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: SpendLedger::NAME }.into())
    }

    /// What a sandbox's codes come from where nobody says.
    pub(in crate::devportal) fn new_seed(&self) -> u64 {
        let bytes = self.ports.entropy.bytes();
        bytes.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
    }

    pub(in crate::devportal) fn beside(
        &self,
        call: &Call,
        action: &'static str,
        sandbox: &SandboxSession,
    ) -> Context {
        Context { claim: None, ..call.context(action, &sandbox.id(), self.ports.now()) }
    }

    /// Changes a sandbox; again when somebody else was first.
    pub(in crate::devportal) async fn change_sandbox<T: Send>(
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
}
