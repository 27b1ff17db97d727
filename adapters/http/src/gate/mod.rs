//! What every request of the API passes, in this order: its id, its body, its operation, its caller, its rate,
//! its shape, its idempotency key; then the handler, which runs to its end whatever the client does.

mod body;
mod query;
mod rate;
mod refusals;
mod render;
mod replay;
mod seal;
mod work;

use std::{net::IpAddr, sync::Arc, time::Duration};

use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderMap, HeaderValue, header},
};
use sarai_application::{AppError, Call, devportal::key_uses::KeyUses};
use sarai_domain::{
    devportal::{
        api_key::KeyError,
        values::{Environment, RawKey, Scope},
    },
    kernel::UserId,
};
use sarai_ports::{
    auth::{Principal, Via},
    devportal::{KeyAuthenticator, KeyRefusal},
    idempotency::IdempotencyStore,
    system::{Clock, IdGenerator},
};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::rate::{Quota, RateLimits, client_of};
use self::{
    query::Queries,
    replay::{Replays, Standing},
};
pub(crate) use self::{rate::Limiter, seal::Seen};
use crate::{
    caller::{AsSent, CameFrom, PublishedKeys},
    guarded::Admitted,
    operations::{self, Access, Body, Operation, RateClass},
    problem::Problem,
    secret::KeyRing,
    shape::Shapes,
    signature::SignatureVerifier,
    token::TokenVerifier,
    waiting::Waiting,
};

/// For how long whoever came with a key is taken to be there.
const ANSWERED: Duration = Duration::from_mins(1);
/// After how many seconds a slot may be free again.
const SLOT_RETRY: u64 = 5;

/// What the gate decides with.
pub struct GateParts {
    /// Verifies access tokens.
    pub tokens: Arc<TokenVerifier>,
    /// Verifies messages of other services.
    pub signatures: Arc<SignatureVerifier>,
    /// The idempotency keys in use.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Digests idempotency keys and fingerprints.
    pub idempotency_key: KeyRing,
    /// Checks API keys.
    pub keys: KeyDoor,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids of requests.
    pub ids: Arc<dyn IdGenerator>,
    /// How often.
    pub limits: RateLimits,
    /// How many handlers run at once.
    pub concurrency: usize,
    /// How many requests wait for something to happen at once.
    pub waiting: usize,
    /// How long.
    pub deadlines: Deadlines,
}

/// Who comes with an API key.
#[derive(Clone)]
pub struct KeyDoor {
    /// Checks them.
    pub authenticator: Arc<dyn KeyAuthenticator>,
    /// Notes that they are used.
    pub uses: KeyUses,
}

/// How long the steps of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Reading the body.
    pub body: Duration,
    /// Waiting for one of the handlers' places.
    pub queue: Duration,
    /// Answering, but for operations that may be slow.
    pub answer: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            body: Duration::from_secs(10),
            queue: Duration::from_millis(500),
            answer: Duration::from_secs(15),
        }
    }
}

/// One place in so many is for what begins something: under more than can be done, what was begun gets to its end.
const BEGINNINGS: usize = 3;

/// The gate around the routes.
pub(crate) struct Gate<E> {
    routes: Arc<E>,
    tokens: Arc<TokenVerifier>,
    signatures: Arc<SignatureVerifier>,
    ids: Arc<dyn IdGenerator>,
    limiter: Arc<Limiter>,
    queries: Queries,
    shapes: Shapes,
    replays: Replays,
    keys: KeyDoor,
    clock: Arc<dyn Clock>,
    places: Arc<Semaphore>,
    /// Of these, for what begins something.
    beginnings: Arc<Semaphore>,
    /// For what waits, until the process drains.
    slots: Arc<Semaphore>,
    draining: CancellationToken,
    tasks: TaskTracker,
    deadlines: Deadlines,
}

impl<E: Endpoint<Output = Response> + 'static> Gate<E> {
    /// Puts the gate around routes whose document is this.
    pub(crate) fn new(
        routes: E,
        document: &serde_json::Value,
        parts: GateParts,
        draining: CancellationToken,
    ) -> Self {
        Self {
            routes: Arc::new(routes),
            tokens: parts.tokens,
            signatures: parts.signatures,
            ids: parts.ids,
            limiter: Arc::new(Limiter::new(parts.limits)),
            queries: Queries::of(document),
            shapes: Shapes::of(document),
            replays: Replays::new(parts.idempotency, parts.idempotency_key, Arc::clone(&parts.clock)),
            keys: parts.keys,
            clock: parts.clock,
            places: Arc::new(Semaphore::new(parts.concurrency)),
            beginnings: Arc::new(Semaphore::new(parts.concurrency.div_ceil(BEGINNINGS))),
            slots: Arc::new(Semaphore::new(parts.waiting)),
            draining,
            tasks: TaskTracker::new(),
            deadlines: parts.deadlines,
        }
    }

    /// The buckets, to be tended.
    pub(crate) fn limiter(&self) -> Arc<Limiter> {
        self.limiter.clone()
    }

    /// The handlers under way.
    pub(crate) fn tasks(&self) -> TaskTracker {
        self.tasks.clone()
    }

    /// Every step; headers that belong to the answer whatever it is are collected on the way.
    async fn pass(
        &self,
        mut request: Request,
        seen: &mut Seen,
        headers: &mut HeaderMap,
    ) -> Result<Response, Problem> {
        let (body, json) = if is_streamed(&request) {
            (Vec::new(), serde_json::Value::Null)
        } else {
            let body = body::read(&mut request, self.deadlines.body).await?;
            let json = body::parse(&mut request, &body)?;
            (body, json)
        };
        let operation = operation_of(&request, headers)?;
        seen.operation = operation.id;
        let caller = self.authenticate(operation, &request, &body).await?;
        let (caller, left) = caller.map_or((None, Duration::ZERO), |(caller, left)| (Some(caller), left));
        let (state, outcome) = self.limiter.count(operation, caller.as_ref(), &request);
        headers.extend(state);
        outcome?;
        self.queries.check(operation, request.uri().query())?;
        if operation.body == Body::Whole {
            self.shapes.check(operation, &json)?;
        }
        request.extensions_mut().insert(Admitted(operation));
        let from = CameFrom(self.limiter.client(&request));
        request.extensions_mut().insert(from);
        if operation.rate == RateClass::Webhook {
            request.extensions_mut().insert(AsSent(body.as_slice().into()));
        }
        if operation.waits {
            let slot = self.slots.clone().try_acquire_owned();
            let slot = slot.map_err(|_| Problem::new("overload", "").retry_after(SLOT_RETRY))?;
            request.extensions_mut().insert(Waiting::new(slot, self.draining.clone(), left));
        }
        request.extensions_mut().insert(PublishedKeys(self.tokens.published()));
        let claim = match &caller {
            Some(caller) => self.replays.claims_of(operation, caller, &request, &body)?,
            None => None,
        };
        // Whoever gets no place costs no call of the store.
        let place = self.place(operation).await?;
        let Some(caller) = caller else { return self.work(request, operation, seen, None, place).await };
        let mut call =
            Call { principal: caller, request_id: Some(seen.request_id.clone()), claim: None, reason: None };
        let held = match claim {
            None => None,
            Some(claims) => match self.replays.enter(claims).await? {
                Standing::Answered(response) => return Ok(*response),
                Standing::Free(held) => Some(held),
                Standing::Done(resource, held) => {
                    let rendered = render::render(&*self.routes, operation, &resource, call.clone()).await;
                    match rendered {
                        Some(response) => return Ok(response),
                        None if render::is_done_anew(operation) => Some(held.anew().await?),
                        None => Some(held),
                    }
                }
            },
        };
        call.claim = held.as_ref().map(|held| held.claim().clone());
        request.extensions_mut().insert(call);
        self.work(request, operation, seen, held, place).await
    }

    /// Who is calling and for how long, when the operation asks; refuses whoever may not.
    async fn authenticate(
        &self,
        operation: &Operation,
        request: &Request,
        body: &[u8],
    ) -> Result<Option<(Principal, Duration)>, Problem> {
        match operation.who {
            Access::Public => Ok(None),
            Access::Anybody if !request.headers().contains_key(header::AUTHORIZATION) => Ok(None),
            // Whoever always sends a key reads what everybody reads.
            Access::Anybody if key_of(request.headers()).is_some() => Ok(None),
            Access::Anybody => self.bearer(request.headers()).await.map(Some),
            Access::Signed => self
                .signatures
                .verify(request.headers(), body)
                .map(|()| None)
                .map_err(|error| Problem::new("bad_signature", error.to_string())),
            Access::SignedIn(roles) => {
                if let (Some(scope), Some(key)) = (operation.scope, key_of(request.headers())) {
                    return self.by_key(operation, scope, key, request).await.map(Some);
                }
                let (caller, left) = self.bearer(request.headers()).await?;
                match operation.scope {
                    _ if roles.iter().any(|role| caller.has(*role)) => Ok(Some((caller, left))),
                    Some(scope) if roles.is_empty() => {
                        let detail = format!("only an API key with the scope {scope} may do this");
                        Err(Problem::new("forbidden", detail))
                    }
                    _ => Err(Problem::new("forbidden", "the caller's roles do not allow this")),
                }
            }
        }
    }

    /// Who comes with an API key, which has this scope. Whatever is wrong with the key, the answer is one (R24); a text
    /// without the form of a key is not looked up. Where too many were refused only keys are looked at that were good here:
    /// who guesses keys shuts nobody out who comes by the same proxy.
    async fn by_key(
        &self,
        operation: &Operation,
        scope: Scope,
        text: &str,
        request: &Request,
    ) -> Result<(Principal, Duration), Problem> {
        let refused = || {
            self.limiter.key_refused(request);
            Problem::new("invalid_api_key", "send a valid API key")
        };
        let key = RawKey::parse(text);
        if !key.as_ref().is_ok_and(|key| self.keys.authenticator.remembers(key)) {
            self.limiter.admit_key(request)?;
        }
        let key = key.map_err(|_| refused())?;
        let grant = self.keys.authenticator.verify(&key).await.map_err(|error| match error {
            KeyRefusal::Invalid => refused(),
            KeyRefusal::Gateway(error) => {
                tracing::warn!(%error, "a key could not be checked");
                Problem::new("unavailable", "")
            }
        })?;
        let from = self.limiter.client(request);
        let blocks = &grant.terms.ip_allow_list;
        let admitted = |from: IpAddr| blocks.iter().any(|block| block.contains(from));
        if !blocks.is_empty() && !from.is_some_and(admitted) {
            return Err(refused());
        }
        if !grant.scopes.contains(scope) {
            return Err(Problem::new("insufficient_scope", format!("the key lacks {scope}")));
        }
        if operation.key_acts_as.is_some() && grant.environment != Environment::Production {
            // There is one marketplace, and it is in production.
            return Err(AppError::from(KeyError::OtherEnvironment { own: grant.environment }).into());
        }
        self.keys.uses.note(&grant, from, self.clock.now());
        let user_id = UserId::try_new(grant.key_id.to_string()).map_err(|_| refused())?;
        let tenant_id = grant.tenant_id.clone();
        let via = Via::Key(Box::new(grant));
        let roles = operation.key_acts_as.into_iter().collect();
        Ok((Principal { user_id, tenant_id, email: None, roles, via }, ANSWERED))
    }

    async fn bearer(&self, headers: &HeaderMap) -> Result<(Principal, Duration), Problem> {
        let refused = || Problem::new("invalid_token", "send a valid access token");
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return Err(refused()) };
        let text = value.to_str().map_err(|_| refused())?;
        let (scheme, token) = text.split_once(' ').ok_or_else(refused)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refused());
        }
        self.tokens.verify_asking(token).await.map_err(|reason| {
            tracing::info!(%reason, "refused an access token");
            refused()
        })
    }
}

/// Whether the handler reads the body.
fn is_streamed(request: &Request) -> bool {
    operations::find(request.method(), request.uri().path()).is_some_and(|row| row.body == Body::Streamed)
}

/// The text of a bearer that begins as an API key does.
fn key_of(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, text) = value.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && text.starts_with("srk_")).then_some(text)
}

/// The operation of a request: 404 for a path without one, 405 for a method it has not.
fn operation_of(request: &Request, headers: &mut HeaderMap) -> Result<&'static Operation, Problem> {
    let path = request.uri().path();
    // Ids need no escapes; with them the router could read another path than the table. A space it cannot mistake, and
    // names of operators have some.
    if path.replace("%20", "").contains('%') {
        return Err(Problem::not_found("resource"));
    }
    if let Some(operation) = operations::find(request.method(), path) {
        return Ok(operation);
    }
    let allowed: Vec<&str> = operations::of_path(path).map(|row| row.method.as_str()).collect();
    if allowed.is_empty() {
        return Err(Problem::not_found("resource"));
    }
    if let Ok(allowed) = HeaderValue::try_from(allowed.join(", ")) {
        headers.insert(header::ALLOW, allowed);
    }
    Err(Problem::new("method_not_allowed", format!("{} is not allowed here", request.method())))
}

impl<E: Endpoint<Output = Response> + 'static> Endpoint for Gate<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut seen = Seen::new(&request, &*self.ids);
        let mut headers = HeaderMap::new();
        let span = seen.span();
        let outcome =
            tracing::Instrument::instrument(self.pass(request, &mut seen, &mut headers), span.clone()).await;
        let mut response = outcome.unwrap_or_else(|problem| seen.refuse(&problem));
        response.headers_mut().extend(headers);
        Ok(span.in_scope(|| seen.seal(response)))
    }
}

#[cfg(test)]
mod tests;
