//! Checking a code: counted in one transaction, compared in memory, decided in another (devportal.md 3.5, ruling R13).

use std::fmt;

use sarai_domain::{
    devportal::{
        policy::{FailureKey, SpendCaps},
        sandbox::is_governed,
        values::{CodeHash, DestinationKind, SubmittedCode, VerifyTokenClaims},
        verify::{CheckOutcome, FailureReason, Guess, Sealed, Verdict, VerifyError, VerifySession},
    },
    kernel::{Aggregate, Kind, Timestamp, VerificationId},
};
use sarai_ports::{
    Context, Scope, StoreError, Unit,
    devportal::verify::{ChangeError, FailureEffect},
};

use super::{TRIES, Verify, reached, refusal_of};
use crate::{AppError, Call};

/// What a check came to.
#[derive(Clone)]
pub struct Checked {
    /// The session.
    pub session: VerifySession,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// The signed approval, of a right code.
    pub token: Option<String>,
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_ref().map(|_| "[redacted]");
        f.debug_struct("Checked")
            .field("outcome", &self.outcome)
            .field("token", &token)
            .finish_non_exhaustive()
    }
}

/// The address that an approval speaks of, kept while the session still has it.
struct Proof {
    kind: DestinationKind,
    sealed: Sealed,
}

impl Verify {
    /// Checks a code. A wrong one is a result, not an error: the count is saved.
    ///
    /// # Errors
    /// `not_found`, `verification.malformed_code` (not counted), a terminal session's refusal, and
    /// `idempotency_key_reused` for another request under a key that was counted.
    pub async fn check(&self, call: &Call, id: VerificationId, typed: &str) -> Result<Checked, AppError> {
        Self::send_scope(call)?;
        let scope = call.scope();
        if self.was_counted(call, id).await? {
            return self.compare_again(call, &scope, id, typed).await;
        }
        let (session, guess) = match self.count(call, &scope, id, typed).await {
            Ok(counted) => counted,
            Err(error) => {
                self.spend_the_time();
                return Err(error);
            }
        };
        let length = session.data().policy.terms.code_length;
        let code = SubmittedCode::parse(typed, length)?;
        match guess.compare(&code, &self.tools()?.peppers) {
            Ok(verdict) => self.conclude(call, &scope, session, verdict).await,
            Err(gone) => {
                tracing::error!(kid = %gone.0, verification = %id, "the pepper of a live session is gone");
                let moment = Self::moment(call, self.now_of(&scope, &session).await?);
                let context = self.aside(call, "verification.lose_key", id);
                self.change(&scope, id, context, |session| Ok(Some(session.lose_key(&moment)?))).await?;
                Err(VerifyError::Failed { reason: FailureReason::KeyUnavailable }.into())
            }
        }
    }

    /// Whether this request was counted before and its answer was lost: its key was claimed with the count (R13). Another
    /// request under the key, let in by a process that knew nothing of it yet, would be a guess that counts for nothing.
    async fn was_counted(&self, call: &Call, id: VerificationId) -> Result<bool, AppError> {
        let Some(claim) = &call.claim else { return Ok(false) };
        let Some(known) = self.ports.idempotency.find(&claim.key).await? else { return Ok(false) };
        if known.fingerprint != claim.fingerprint {
            let text = "the key belongs to another request";
            return Err(AppError::new(Kind::Invalid, "idempotency_key_reused", text));
        }
        Ok(known.resource_id.is_some_and(|resource| resource == id.to_string()))
    }

    /// The same check once more, which counts for nothing: only the right code changes anything.
    async fn compare_again(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
        typed: &str,
    ) -> Result<Checked, AppError> {
        let session = self.find(scope, id).await?;
        reached(call, &session)?;
        let now = self.now_of(scope, &session).await?;
        let guess = session.repeat_check().map_err(|error| refusal_of(&session, now, error))?;
        let code = SubmittedCode::parse(typed, session.data().policy.terms.code_length)?;
        let verdict = guess.compare(&code, &self.tools()?.peppers).map_err(VerifyError::from)?;
        if verdict.is_right() {
            return self.conclude(call, scope, session, verdict).await;
        }
        let outcome =
            CheckOutcome::Incorrect { attempts_remaining: session.attempts_remaining(), failed: false };
        Ok(Checked { session, outcome, token: None })
    }

    /// Counts a well-formed check of a live session before it is compared (V-INV-4).
    async fn count(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
        typed: &str,
    ) -> Result<(VerifySession, Guess), AppError> {
        let context = call.context("verification.check", &id, self.ports.now());
        for attempt in 1..=TRIES {
            let turn = self.ports.lanes.enter(&id.to_string()).await;
            let mut session = self.find(scope, id).await?;
            reached(call, &session)?;
            let moment = Self::moment(call, self.now_of(scope, &session).await?);
            // What is no code of this session is not counted, but only a live one says so.
            if !session.data().state.is_terminal() {
                let _ = SubmittedCode::parse(typed, session.data().policy.terms.code_length)?;
            }
            let guess = match session.begin_check(&moment) {
                Err(VerifyError::Expired { .. }) if !session.data().state.is_terminal() => {
                    drop(turn);
                    self.expire(call, scope, id).await?;
                    let expired = VerifyError::Expired { at: session.data().expires_at };
                    return Err(refusal_of(&session, moment.at, expired));
                }
                counted => counted.map_err(|error| refusal_of(&session, moment.at, error))?,
            };
            let keys = failure_keys(&session);
            let unit = Unit::new(session.clone(), context.clone(), &*self.ports.ids, self.ports.routes);
            match self.sessions().begin_check(scope, unit, keys, self.stamp()).await {
                Ok(saved) => {
                    // What was just written is not read again: a verdict on a copy that is old by then is a conflict,
                    // and decided on what is stored.
                    let counted = match self.followed_up(saved) {
                        Some(version) => as_stored(&session, version)?,
                        None => self.find(scope, id).await?,
                    };
                    return Ok((counted, guess));
                }
                Err(ChangeError::Store(StoreError::Conflict { .. })) => {
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: VerifySession::NAME }.into())
    }

    /// Decides on a counted check. The right code approves once; of two at once the other finds it approved.
    async fn conclude(
        &self,
        call: &Call,
        scope: &Scope,
        counted: VerifySession,
        verdict: Verdict,
    ) -> Result<Checked, AppError> {
        let id = counted.id();
        let context = self.aside(call, "verification.conclude", id);
        let mut given = Some(counted);
        for attempt in 1..=TRIES {
            let turn = self.ports.lanes.enter(&id.to_string()).await;
            let mut session = match given.take() {
                Some(session) => session,
                None => self.find(scope, id).await?,
            };
            let now = self.now_of(scope, &session).await?;
            let proof = proof_of(&session);
            let outcome = session.conclude_check(verdict, &Self::moment(call, now));
            let outcome = outcome.map_err(|error| refusal_of(&session, now, error))?;
            let effect = effect_of(&session, &outcome);
            let write = self.write(session.clone(), SpendCaps::default(), context.clone());
            match self.sessions().conclude_check(scope, write, effect, self.stamp()).await {
                Ok(saved) => {
                    self.followed_up(saved);
                    let token = self.token(&session, proof, now)?;
                    drop(turn);
                    if session.data().sandbox_id.is_some() {
                        self.pretend(call, scope, id).await?;
                    }
                    return Ok(Checked { session, outcome, token });
                }
                Err(ChangeError::Store(StoreError::Conflict { .. })) => {
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: VerifySession::NAME }.into())
    }

    /// The signed approval of an approved session.
    fn token(
        &self,
        session: &VerifySession,
        proof: Option<Proof>,
        now: Timestamp,
    ) -> Result<Option<String>, AppError> {
        let (Some(approval), Some(proof)) = (session.approval(), proof) else { return Ok(None) };
        let tools = self.tools()?;
        let data = session.data();
        let opened = tools.vault.open(&data.tenant_id, data.id, proof.kind, &proof.sealed);
        let Ok(to) = opened else {
            tracing::error!(verification = %data.id, "the destination of an approval cannot be read");
            return Ok(None);
        };
        // A token is used in real time, also one of a sandbox.
        let at = if is_governed(data.environment) { now } else { self.ports.clock.real() };
        let jti = self.ports.ulid().to_string();
        let issuer = tools.approvals.issuer(data.environment);
        let claims = VerifyTokenClaims::new(issuer, jti, &approval, &to, at);
        Ok(Some(tools.approvals.token(&claims)))
    }

    /// A comparison of nothing: who finds no session, or one that is over, waits as long as who does.
    fn spend_the_time(&self) {
        if let Ok(tools) = self.tools() {
            CodeHash::compare_with_nothing(&tools.peppers);
        }
    }

    /// Ends a session whose time is over, on any touch.
    async fn expire(&self, call: &Call, scope: &Scope, id: VerificationId) -> Result<(), AppError> {
        let session = self.find(scope, id).await?;
        let moment = Self::moment(call, self.now_of(scope, &session).await?);
        let context = self.aside(call, "verification.expire", id);
        self.change(scope, id, context, |session| Ok(Some(session.expire(&moment)?))).await?;
        Ok(())
    }

    /// What a second write of one request carries: its key was claimed with the first.
    pub(super) fn aside(&self, call: &Call, action: &'static str, id: VerificationId) -> Context {
        Context { claim: None, ..call.context(action, &id, self.ports.now()) }
    }
}

/// A session as a store hands it out that has saved it at this version.
fn as_stored(session: &VerifySession, version: u64) -> Result<VerifySession, StoreError> {
    let stored = VerifySession::rehydrate(
        session.data().clone(),
        session.sends().into_iter().cloned().collect(),
        version,
    );
    stored.map_err(|error| StoreError::corrupt::<VerifySession>(&session.id(), &error))
}

/// Whose failed checks a session's count for; nobody's in a sandbox.
fn failure_keys(session: &VerifySession) -> Vec<FailureKey> {
    if is_governed(session.data().environment) { session.failure_keys() } else { Vec::new() }
}

/// What a verdict means for the failed checks of a session's destinations; nothing in a sandbox.
fn effect_of(session: &VerifySession, outcome: &CheckOutcome) -> FailureEffect {
    let end_user_ref = session.data().end_user_ref_hash;
    match outcome {
        _ if !is_governed(session.data().environment) => FailureEffect::None,
        CheckOutcome::Approved { .. } => {
            let (keys, others) = session.cleared_keys();
            FailureEffect::Cleared { keys, others, end_user_ref }
        }
        CheckOutcome::Incorrect { .. } => {
            FailureEffect::Failed { keys: session.failure_keys(), end_user_ref }
        }
    }
}

/// The destination of the step that a code was sent on last.
fn proof_of(session: &VerifySession) -> Option<Proof> {
    let channel = session.proving()?;
    let one = session.data().destinations.iter().find(|one| one.kind == channel.destination_kind())?;
    Some(Proof { kind: one.kind, sealed: one.sealed.clone()? })
}
