//! Sandboxes as developers use them: made, moved in time, begun anew, read, closed (devportal.md 3.4; rulings R7 to R10).

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use sarai_domain::{
    devportal::{
        sandbox::{NewSandbox, SandboxMessage, SandboxSession, Scenario},
        template::{Filling, Rendered, VerifyTemplate},
        values::{Address, Environment, PlainCode, Scope as KeyScope},
    },
    kernel::{Aggregate, DeveloperAccountId, Outcome, SandboxId, TenantId, Timestamp, WebhookEndpointId},
};
use sarai_ports::{Context, Page, PageRequest, Scope, StoreError, UniqueKey, auth::Role};

use super::verify::Verify;
use crate::{AppError, Call, Loaded, Ports};

/// Whose sandboxes are.
const USERS: &[Role] = &[Role::Developer];
/// How often a change is tried when others change the same sandbox.
const TRIES: u32 = 20;
/// How many sandboxes are ended or cleared at a time.
const BATCH: usize = 100;

/// A sandbox that somebody asks for.
#[derive(Debug, Clone)]
pub struct SandboxRequest {
    /// What its codes come from; chance where nothing is said.
    pub seed: Option<u64>,
    /// How long it lives, in seconds.
    pub ttl_seconds: Option<u32>,
    /// Destinations that behave otherwise than they look.
    pub overrides: Vec<(Address, Scenario)>,
    /// The endpoints that its events go to; all of the tenant's where none are named.
    pub webhooks: Vec<WebhookEndpointId>,
}

/// A message as it is read: made anew each time, and kept nowhere (ruling R9).
pub struct ReadMessage {
    /// What is kept of it.
    pub message: SandboxMessage,
    /// What it says.
    pub content: Rendered,
}

impl ReadMessage {
    /// Its code.
    pub fn code(&self) -> PlainCode {
        self.message.code()
    }

    fn of(message: SandboxMessage, template: &VerifyTemplate) -> Result<Self, AppError> {
        let (brand, code) = (&message.brand, &message.code());
        let filling = Filling { brand, code, minutes: message.minutes, domain: None };
        let no = message.template.version_no;
        let content = template.render(no, message.channel, message.locale, &filling)?;
        Ok(Self { message, content })
    }
}

/// The use cases of sandboxes.
#[derive(Clone)]
pub struct Sandboxes {
    ports: Arc<Ports>,
    verify: Verify,
}

impl Sandboxes {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { verify: Verify::new(Arc::clone(&ports)), ports }
    }

    /// Makes a sandbox for the caller's account.
    ///
    /// # Errors
    /// `sandbox.limit_reached`, `sandbox.lifetime`, `sandbox.too_many_overrides`, `not_found` for an endpoint that is
    /// none of the tenant's sandboxes', and what the account may not.
    pub async fn create(
        &self,
        call: &Call,
        request: SandboxRequest,
    ) -> Result<Loaded<SandboxSession>, AppError> {
        let scope = scope_of(call)?;
        let account = self.ports.account_of(call).await?.aggregate;
        self.ports.standing_of(&account).require_active()?;
        let tenant_id = account.data().tenant_id.clone();
        let sandboxes = self.verify.sandboxes();
        for id in &request.webhooks {
            let found = self.ports.devportal.webhooks().find(&scope, id).await?;
            found.ok_or_else(|| AppError::not_found("webhook"))?;
        }
        // One after the other, so that those of this process do not meet at one place.
        let _turn = self.ports.lanes.enter(&format!("{} sandboxes", account.id())).await;
        let id = SandboxId::new(self.ports.ulid());
        let context = call.context("sandbox.create", &id, self.ports.now());
        for attempt in 1..=TRIES {
            let real = self.ports.clock.real();
            let new = NewSandbox {
                id,
                tenant_id: tenant_id.clone(),
                account_id: account.id(),
                is_default: false,
                seed: request.seed.unwrap_or_else(|| self.verify.new_seed()),
                ttl_seconds: request.ttl_seconds,
                taken: self.taken(&scope, account.id()).await?,
            };
            let mut sandbox = SandboxSession::create(new, real)?;
            for (address, scenario) in &request.overrides {
                let hash = self.verify.tools()?.destinations.hash(&tenant_id, address);
                let _ = sandbox.override_scenario(hash, Some(*scenario), real)?;
            }
            let _ = sandbox.set_webhooks(request.webhooks.clone(), real)?;
            match self.ports.save(sandboxes, &scope, sandbox.clone(), context.clone()).await {
                Ok(version) => return Ok(Loaded { aggregate: sandbox, version: version.unwrap_or(1) }),
                // Another process took the place.
                Err(StoreError::Taken(UniqueKey::SandboxPlace)) => {
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: SandboxSession::NAME }.into())
    }

    /// The places of an account that open sandboxes hold. One whose real time is over is ended, and gives its own back.
    async fn taken(&self, scope: &Scope, account: DeveloperAccountId) -> Result<BTreeSet<u8>, AppError> {
        let real = self.ports.clock.real();
        let mut taken = BTreeSet::new();
        for sandbox in self.verify.sandboxes().find_open_sandboxes(scope, account).await? {
            let data = sandbox.data();
            if real < data.expires_at {
                taken.extend(data.place);
            } else {
                let _ = self.expire(&data.tenant_id, data.id).await?;
            }
        }
        Ok(taken)
    }

    /// The tenant's sandboxes, newest first.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn list(&self, call: &Call, page: &PageRequest) -> Result<Page<SandboxSession>, AppError> {
        let scope = scope_of(call)?;
        Ok(self.verify.sandboxes().list_sandboxes(&scope, &call.principal.tenant_id, page).await?)
    }

    /// One sandbox of the caller's tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, call: &Call, id: SandboxId) -> Result<SandboxSession, AppError> {
        self.verify.sandbox(&scope_of(call)?, id).await
    }

    /// Closes a sandbox and deletes its data; again is the same.
    ///
    /// # Errors
    /// `not_found`; `sandbox.closed` when its time was over.
    pub async fn close(&self, call: &Call, id: SandboxId) -> Result<SandboxSession, AppError> {
        let scope = scope_of(call)?;
        let context = call.context("sandbox.close", &id, self.ports.now());
        let close = |one: &mut SandboxSession| Ok(one.close()?);
        let closed = self.ports.change(self.verify.sandboxes(), &scope, &id, context, close).await?.aggregate;
        // What stops here is finished by the upkeep.
        if let Err(error) = self.clear(&call.principal.tenant_id, id).await {
            tracing::warn!(sandbox = %id, code = error.code, "the data of a closed sandbox is deleted later");
        }
        Ok(closed)
    }

    /// Moves a sandbox's clock; what is due by then has happened when this answers.
    ///
    /// # Errors
    /// As [`Verify::advance_clock`].
    pub async fn advance(
        &self,
        call: &Call,
        id: SandboxId,
        seconds: i64,
    ) -> Result<SandboxSession, AppError> {
        scope_of(call)?;
        self.ports.require_active(call).await?;
        self.verify.advance_clock(call, id, seconds).await
    }

    /// Clears a sandbox's data and counters; its clock stays.
    ///
    /// # Errors
    /// `not_found`, `sandbox.closed`.
    pub async fn reset(&self, call: &Call, id: SandboxId) -> Result<SandboxSession, AppError> {
        let scope = scope_of(call)?;
        self.ports.require_active(call).await?;
        let sandboxes = self.verify.sandboxes();
        let context = call.context("sandbox.reset", &id, self.ports.now());
        let _turn = self.ports.lanes.enter(&id.to_string()).await;
        for attempt in 1..=TRIES {
            let mut sandbox = self.verify.sandbox(&scope, id).await?;
            let _ = sandbox.reset(self.ports.clock.real())?;
            // A session that took its place since it was read makes the save fail, and goes with the next try.
            sandboxes.clear_sandbox(&sandbox.data().tenant_id, id).await?;
            match self.ports.save(sandboxes, &scope, sandbox.clone(), context.clone()).await {
                Ok(_) => return Ok(sandbox),
                Err(StoreError::Conflict { .. }) => self.ports.lanes.pause(attempt.min(5)).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: SandboxSession::NAME }.into())
    }

    /// Lets a sandbox live until so many seconds after its beginning.
    ///
    /// # Errors
    /// `not_found`, `sandbox.lifetime`, `sandbox.closed`.
    pub async fn extend(
        &self,
        call: &Call,
        id: SandboxId,
        ttl_seconds: u32,
    ) -> Result<SandboxSession, AppError> {
        let scope = scope_of(call)?;
        self.ports.require_active(call).await?;
        let real = self.ports.clock.real();
        let context = call.context("sandbox.extend", &id, self.ports.now());
        let extend = |one: &mut SandboxSession| Ok(one.extend(ttl_seconds, real)?);
        Ok(self.ports.change(self.verify.sandboxes(), &scope, &id, context, extend).await?.aggregate)
    }

    /// The messages of a sandbox, newest first, each as it would have been read.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn inbox(
        &self,
        call: &Call,
        id: SandboxId,
        page: &PageRequest,
    ) -> Result<Page<ReadMessage>, AppError> {
        call.require(USERS, KeyScope::VerifyRead)?;
        call.environment(Some(Environment::Sandbox))?;
        let bound = call.principal.key().and_then(|grant| grant.sandbox_id);
        if bound.is_some_and(|bound| bound != id) {
            return Err(AppError::not_found(SandboxSession::NAME));
        }
        let scope = call.scope_in(Environment::Sandbox);
        let page = self.verify.inbox(&scope, id, page).await?;
        let mut templates = BTreeMap::new();
        let mut items = Vec::with_capacity(page.items.len());
        for message in page.items {
            let id = message.template.template_id;
            let template = match templates.entry(id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(self.ports.template(&scope, id).await?),
            };
            items.push(ReadMessage::of(message, template)?);
        }
        Ok(Page { items, next: page.next, prev: page.prev })
    }

    /// Ends sandboxes whose real time is over, and deletes what those that are over have left; gives how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep(&self) -> Result<usize, AppError> {
        let mut done = 0;
        for (tenant, id) in
            self.verify.sandboxes().find_expired_sandboxes(self.ports.clock.real(), BATCH).await?
        {
            done += counted(id, self.expire(&tenant, id).await);
        }
        for (tenant, id) in self.verify.sandboxes().find_uncleared_sandboxes(BATCH).await? {
            done += counted(id, self.clear(&tenant, id).await);
        }
        Ok(done)
    }

    async fn expire(&self, tenant: &TenantId, id: SandboxId) -> Result<Outcome, AppError> {
        let real = self.ports.clock.real();
        self.worked(tenant, id, "sandbox.expire", |one| Ok(one.expire(real)?)).await
    }

    /// Deletes the data of a sandbox that is over, and notes it.
    async fn clear(&self, tenant: &TenantId, id: SandboxId) -> Result<Outcome, AppError> {
        self.verify.sandboxes().clear_sandbox(tenant, id).await?;
        self.worked(tenant, id, "sandbox.clear", |one| Ok(one.note_cleared())).await
    }

    async fn worked(
        &self,
        tenant: &TenantId,
        id: SandboxId,
        action: &'static str,
        mut command: impl FnMut(&mut SandboxSession) -> Result<Outcome, AppError> + Send,
    ) -> Result<Outcome, AppError> {
        let scope = Scope::Within(tenant.clone());
        let context: Context = self.ports.worker_context(action, &id);
        let mut outcome = Outcome::AlreadyApplied;
        let command = |one: &mut SandboxSession| {
            outcome = command(one)?;
            Ok(outcome)
        };
        self.ports.change(self.verify.sandboxes(), &scope, &id, context, command).await?;
        Ok(outcome)
    }

    /// Real time, in which a sandbox's life is counted.
    pub fn real(&self) -> Timestamp {
        self.ports.clock.real()
    }
}

/// The scope of a developer's own sandboxes; keys have no part in making and moving them.
fn scope_of(call: &Call) -> Result<Scope, AppError> {
    if call.principal.key().is_none() && USERS.iter().any(|role| call.principal.has(*role)) {
        Ok(call.scope_in(Environment::Sandbox))
    } else {
        Err(AppError::forbidden("only developers use sandboxes so"))
    }
}

fn counted(id: SandboxId, done: Result<Outcome, AppError>) -> usize {
    match done {
        Ok(outcome) => usize::from(outcome == Outcome::Applied),
        Err(error) => {
            tracing::warn!(sandbox = %id, code = error.code, "a sandbox that is over waits for the next round");
            0
        }
    }
}
