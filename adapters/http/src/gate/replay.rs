//! Idempotency keys: the same request again is answered again, not done again (platform.md 4, R71).
//!
//! The claim is written by the use case with its effect. The gate looks a key up before, keeps two requests of
//! this process from working under one key, and stores the answer after.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hmac::{Hmac, KeyInit, Mac};
use poem::{
    Body, Request, Response,
    http::{HeaderName, HeaderValue, StatusCode},
};
use sarai_application::AppError;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    auth::Principal,
    idempotency::{Claim, ClaimKey, IdempotencyStore, StoredResponse},
    system::Clock,
};
use serde_json::Value;
use sha2::Sha256;

use crate::{
    operations::{Idempotency, Operation},
    problem::Problem,
    secret::{KeyRing, SecretKey},
    signature::hex,
};

/// How long a process may work under a key before another one takes over.
const LEASE: Duration = Duration::from_secs(20);
/// Headers that belong to a stored answer.
const KEPT: &[&str] = &["content-language", "content-type", "etag", "location", "vary"];
/// Members of an operation's answer (with dots: of its members) that are shown once: null when the answer is given again (ruling R23), and what
/// says so, where something does.
const SHOWN_ONCE: &[(&str, &str, Option<&str>)] = &[
    ("admin.licenses.grant", "claimCode", None),
    ("keys.create", "rawKey", Some("secretState")),
    ("keys.rotate", "rawKey", Some("secretState")),
    ("verifications.check", "verificationToken", None),
    ("verifications.next-channel", "sandbox.code", None),
    ("verifications.resend", "sandbox.code", None),
    ("verifications.start", "sandbox.code", None),
    ("webhooks.create", "signingSecret", None),
    ("webhooks.rotate-secret", "signingSecret", None),
];
/// Operations whose answers show what others keep: a number, a text. Of a success the place alone is stored, and it is read
/// there again.
const NOT_COPIED: &[&str] = &["messages.send"];
/// What it says then.
const ALREADY_SHOWN: &str = "ALREADY_SHOWN";
/// `true`: byte for byte; `rendered`: from the resource.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Who works under which key in this process, and for what.
type InFlight = Arc<Mutex<HashMap<ClaimKey, String>>>;

/// The keys' keeper.
pub(super) struct Replays {
    store: Arc<dyn IdempotencyStore>,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
    in_flight: InFlight,
}

/// What a request claims, and what it would have claimed under the secret before.
pub(super) struct Claims {
    now: Claim,
    before: Option<Claim>,
}

/// How a request stands under its key.
pub(super) enum Standing {
    /// Nobody has done it: do it under this claim.
    Free(Held),
    /// It was answered: this is the answer.
    Answered(Box<Response>),
    /// It was done, and whoever did it died before answering: this is the id of what was written.
    Done(String, Held),
}

/// A key held while this process works under it.
pub(super) struct Held {
    claim: Claim,
    /// The lease under which its effect was written: that of whoever died before answering, else its own.
    written_under: Timestamp,
    store: Arc<dyn IdempotencyStore>,
    in_flight: InFlight,
}

impl Drop for Held {
    fn drop(&mut self) {
        locked(&self.in_flight).remove(&self.claim.key);
    }
}

fn locked(in_flight: &InFlight) -> std::sync::MutexGuard<'_, HashMap<ClaimKey, String>> {
    in_flight.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Replays {
    pub(super) fn new(store: Arc<dyn IdempotencyStore>, keys: KeyRing, clock: Arc<dyn Clock>) -> Self {
        Self { store, keys, clock, in_flight: InFlight::default() }
    }

    /// The claim a request makes, when its operation takes a key and it has one.
    pub(super) fn claims_of(
        &self,
        operation: &'static Operation,
        caller: &Principal,
        request: &Request,
        body: &[u8],
    ) -> Result<Option<Claims>, Problem> {
        let required = match operation.idempotency {
            Idempotency::None => return Ok(None),
            Idempotency::Optional => false,
            Idempotency::Required => true,
        };
        let problem = || Problem::new("idempotency_key_required", "1 to 255 visible ASCII characters");
        let mut keys = request.headers().get_all("idempotency-key").iter();
        let key = match (keys.next(), keys.next()) {
            (None, _) if required => return Err(problem()),
            (None, _) => return Ok(None),
            (Some(key), None) => key.as_bytes(),
            (Some(_), Some(_)) => return Err(problem()),
        };
        if !(1..=255).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
            return Err(problem());
        }
        let under = |secret: &SecretKey| Claim {
            key: ClaimKey {
                tenant_id: caller.tenant_id.clone(),
                principal: caller.user_id.to_string(),
                operation: operation.id,
                key_hash: digest(secret, &[b"key", key]),
            },
            fingerprint: fingerprint(secret, operation, request, body),
            lease_until: self.clock.real().plus(LEASE.try_into().unwrap_or_default()),
        };
        Ok(Some(Claims { now: under(&self.keys.current), before: self.keys.previous.as_ref().map(under) }))
    }

    /// Looks a claim's key up.
    ///
    /// # Errors
    /// `idempotency_key_reused` for another request, `idempotency_in_progress` for one under way.
    pub(super) async fn enter(&self, claims: Claims) -> Result<Standing, Problem> {
        let mut held = self.hold(claims.now)?;
        let mut known = self.store.find(&held.claim.key).await.map_err(AppError::from)?;
        if let (None, Some(before)) = (&known, claims.before) {
            known = self.store.find(&before.key).await.map_err(AppError::from)?;
            if known.is_some() {
                held = self.hold(before)?;
            }
        }
        let Some(state) = known else { return Ok(Standing::Free(held)) };
        if state.fingerprint != held.claim.fingerprint {
            return Err(reused());
        }
        match (state.response, state.resource_id) {
            (Some(stored), _) if stored.body.is_empty() && NOT_COPIED.contains(&held.claim.key.operation) => {
                let place = stored.headers.iter().find(|(name, _)| name == "location");
                let resource = place.and_then(|(_, path)| path.rsplit('/').next());
                Ok(Standing::Done(resource.unwrap_or_default().to_owned(), held))
            }
            (Some(stored), _) => Ok(Standing::Answered(Box::new(replay(stored)))),
            (None, _) if state.lease_until > self.clock.real() => Err(in_progress()),
            (None, Some(resource)) => {
                held.written_under = state.lease_until;
                Ok(Standing::Done(resource, held))
            }
            (None, None) => Ok(Standing::Free(held)),
        }
    }

    fn hold(&self, claim: Claim) -> Result<Held, Problem> {
        let mut in_flight = locked(&self.in_flight);
        match in_flight.get(&claim.key) {
            Some(fingerprint) if *fingerprint != claim.fingerprint => return Err(reused()),
            Some(_) => return Err(in_progress()),
            None => in_flight.insert(claim.key.clone(), claim.fingerprint.clone()),
        };
        let written_under = claim.lease_until;
        Ok(Held { claim, written_under, store: self.store.clone(), in_flight: self.in_flight.clone() })
    }
}

/// What was asked: the same bytes for the same request only.
fn fingerprint(secret: &SecretKey, operation: &Operation, request: &Request, body: &[u8]) -> String {
    let mut query: Vec<&str> = request.uri().query().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let media = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let mut parts = vec![operation.method.as_str(), operation.path];
    for (name, value) in operation.parameters(request.uri().path()) {
        parts.extend([name, value]);
    }
    parts.extend(query);
    parts.push(&media);
    let mut parts: Vec<&[u8]> = parts.into_iter().map(str::as_bytes).collect();
    parts.push(body);
    digest(secret, &parts)
}

/// HMAC-SHA-256 of the parts, each with its length before it (ruling R23).
fn digest(secret: &SecretKey, parts: &[&[u8]]) -> String {
    let mut mac = <Hmac<Sha256>>::new(&secret.block().into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    hex(&mac.finalize().into_bytes())
}

impl Held {
    /// The claim, for the use case to write with its effect.
    pub(super) fn claim(&self) -> &Claim {
        &self.claim
    }

    /// The claim of somebody who does it once more: that of whoever died before answering is forgotten.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn anew(mut self) -> Result<Self, Problem> {
        self.store.abandon(&self.claim.key).await.map_err(AppError::from)?;
        self.written_under = self.claim.lease_until;
        Ok(self)
    }

    /// Stores an answer that the same request must get again; forgets the claim otherwise. Gives the answer.
    ///
    /// # Errors
    /// `idempotency_in_progress` instead of a refusal, where another process did it meanwhile: what was refused is only to do
    /// it again, and the answer is that process's.
    pub(super) async fn settle(self, response: Response, code: Option<&str>) -> Result<Response, Problem> {
        let keep = is_final(response.status(), code);
        let (parts, body) = response.into_parts();
        let body = body.into_vec().await.unwrap_or_default();
        let copied = !parts.status.is_success() || !NOT_COPIED.contains(&self.claim.key.operation);
        let stored = StoredResponse {
            status: parts.status.as_u16(),
            headers: KEPT
                .iter()
                .filter_map(|name| {
                    Some(((*name).to_owned(), parts.headers.get(*name)?.to_str().ok()?.to_owned()))
                })
                .collect(),
            body: if copied { without_secrets(self.claim.key.operation, &body) } else { Vec::new() },
        };
        let claim = Claim { lease_until: self.written_under, ..self.claim.clone() };
        let outcome = if keep {
            self.store.complete(&claim, &stored).await
        } else {
            self.abandon().await.map(|()| true)
        };
        match outcome {
            Ok(false) if !parts.status.is_success() => return Err(in_progress()),
            Ok(_) => {}
            Err(error) => {
                let operation = self.claim.key.operation;
                tracing::warn!(%error, operation, "could not settle an idempotency key");
            }
        }
        Ok(Response::from_parts(parts, Body::from_vec(body)))
    }

    /// Forgets the claim when it is still ours: another process may have taken the key meanwhile.
    async fn abandon(&self) -> Result<(), sarai_ports::StoreError> {
        match self.store.find(&self.claim.key).await? {
            Some(state) if state.lease_until == self.claim.lease_until => {
                self.store.abandon(&self.claim.key).await
            }
            _ => Ok(()),
        }
    }
}

/// The body without what is shown once.
pub(super) fn without_secrets(operation: &str, body: &[u8]) -> Vec<u8> {
    let mut secrets = SHOWN_ONCE.iter().filter(|(id, ..)| *id == operation).peekable();
    if secrets.peek().is_none() {
        return body.to_vec();
    }
    // What is not JSON is a secret as a whole.
    let mut answer: Value = serde_json::from_slice(body).unwrap_or_default();
    for (_, path, state) in secrets {
        let (parents, member) = path.rsplit_once('.').unwrap_or(("", path));
        let mut parents = parents.split('.').filter(|parent| !parent.is_empty());
        let holder = parents.try_fold(&mut answer, |holder, parent| holder.get_mut(parent));
        let Some(answer) = holder.and_then(Value::as_object_mut) else { continue };
        let shown = answer.insert(member.to_owned(), Value::Null).is_some_and(|secret| !secret.is_null());
        if let Some(state) = state.filter(|state| shown || !answer.contains_key(*state)) {
            answer.insert(state.to_owned(), ALREADY_SHOWN.into());
        }
    }
    answer.to_string().into_bytes()
}

/// Whether the same request must be answered the same again: it was done, or a rule of the domain refused it.
fn is_final(status: StatusCode, code: Option<&str>) -> bool {
    let by_the_domain = code.is_some_and(|code| code.contains('.') && !code.starts_with("conflict."));
    status.is_success()
        || (matches!(status, StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY) && by_the_domain)
}

fn replay(stored: StoredResponse) -> Response {
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let mut response = Response::builder().status(status).header(REPLAYED, "true");
    for (name, value) in stored.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response = response.header(name, value);
        }
    }
    response.body(stored.body)
}

fn reused() -> Problem {
    Problem::new("idempotency_key_reused", "the key belongs to another request")
}

fn in_progress() -> Problem {
    Problem::new("idempotency_in_progress", "the first request under this key is being worked on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_nulled_wherever_it_stands() {
        let stored =
            |operation, body: &str| String::from_utf8(without_secrets(operation, body.as_bytes())).unwrap();
        let started = r#"{"sandbox":{"code":"123456","sandboxId":"sbx"},"state":"PENDING"}"#;
        let kept = r#"{"sandbox":{"code":null,"sandboxId":"sbx"},"state":"PENDING"}"#;
        assert_eq!(stored("verifications.start", started), kept);
        assert_eq!(stored("verifications.start", r#"{"sandbox":null}"#), r#"{"sandbox":null}"#);
        assert_eq!(
            stored("verifications.start", "code 123456"),
            "null",
            "what is not JSON is a secret as a whole"
        );
        let key = stored("keys.create", r#"{"rawKey":"srk","secretState":"SHOWN"}"#);
        assert_eq!(key, r#"{"rawKey":null,"secretState":"ALREADY_SHOWN"}"#);
    }

    #[test]
    fn only_what_stays_true_is_kept() {
        let kept = |status: u16, code| is_final(StatusCode::from_u16(status).unwrap(), code);
        assert!(kept(201, None));
        assert!(kept(409, Some("coupon.exhausted")));
        assert!(kept(422, Some("order.no_lines")));
        for (status, code) in [
            (400, Some("malformed_request")),
            (403, Some("listing.revenue_share_forbidden")),
            (409, Some("conflict.retry")),
            (409, Some("conflict.taken")),
            (409, Some("idempotency_in_progress")),
            (409, Some("upstream_refused")),
            (412, Some("listing.stale_review")),
            (422, Some("validation_failed")),
            (429, Some("rate_limited")),
            (503, Some("refund.indeterminate")),
            (409, None),
        ] {
            assert!(!kept(status, code), "{status} {code:?}");
        }
    }
}
