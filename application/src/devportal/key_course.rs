//! What a key goes through beside requests: the auth-service learns of its end, its time comes, a rotation or an issue
//! that was interrupted is finished.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        api_key::{ApiKey, ApiKeyData, ISSUE_TIMEOUT, KeyEvent, KeyState},
        event::DevportalEvent,
    },
    kernel::{Aggregate, ApiKeyId, Outcome, Timestamp},
};
use sarai_ports::{
    Context, Event, GatewayError, Scope,
    devportal::{KeyGrant, KeyTerms},
    events::{Consumer, ConsumerError, EventRecord},
};

use super::routes::KEY_SECRETS;
use crate::{AppError, Ports, app::failed};

/// What the auth-service is told of a key to be issued.
pub(super) fn grant_of(data: &ApiKeyData, version: u64) -> KeyGrant {
    KeyGrant {
        key_id: data.id,
        tenant_id: data.tenant_id.clone(),
        account_id: data.account_id,
        environment: data.environment,
        sandbox_id: data.sandbox_id,
        scopes: data.scopes.clone(),
        terms: terms_of(data, version),
    }
}

/// What of it can change.
pub(super) fn terms_of(data: &ApiKeyData, version: u64) -> KeyTerms {
    KeyTerms { version, ends_at: data.ends_at(), ip_allow_list: data.ip_allow_list.clone() }
}

/// Tells the auth-service of revocations and retirements, until it knows (K-INV-13).
pub struct KeySecrets {
    ports: Arc<Ports>,
}

impl KeySecrets {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }
}

#[async_trait]
impl Consumer for KeySecrets {
    fn name(&self) -> &'static str {
        KEY_SECRETS
    }

    async fn handle(&self, record: &EventRecord) -> Result<(), ConsumerError> {
        let Event::Devportal(DevportalEvent::Key(event)) = &record.event else { return Ok(()) };
        let (context, scope) = (self.ports.context_of(KEY_SECRETS, record), Ports::scope_of(record));
        let id = event.facts().key_id;
        self.ports.devportal.key_authenticator.forget(&id);
        let told = match event {
            KeyEvent::Revoked { .. } | KeyEvent::Discarded { .. } => {
                self.ports.tell_revoked(&scope, id, context).await
            }
            KeyEvent::Rotated { .. } => self.ports.tell_terms(&scope, id).await,
            KeyEvent::Created { .. } | KeyEvent::ExpiringSoon { .. } | KeyEvent::Exposed { .. } => Ok(()),
        };
        told.map_err(|error| failed(&error))
    }
}

impl Ports {
    /// Gives a key up that was not issued.
    pub(super) async fn discard_key(&self, scope: &Scope, id: ApiKeyId) -> Result<(), AppError> {
        let now = self.now();
        let context = self.worker_context("key.discard", &id);
        self.change(self.devportal.keys(), scope, &id, context, |key| Ok(key.discard(now)?)).await.map(drop)
    }

    /// Ends a key at the auth-service, and notes that it knows.
    async fn tell_revoked(&self, scope: &Scope, id: ApiKeyId, context: Context) -> Result<(), AppError> {
        self.devportal.key_issuer.revoke(&id).await?;
        // An answer that was remembered until it knew.
        self.devportal.key_authenticator.forget(&id);
        let now = context.now;
        let command = |key: &mut ApiKey| Ok(key.acknowledge_revocation(now)?);
        self.change(self.devportal.keys(), scope, &id, context, command).await.map(drop)
    }

    /// Tells the auth-service until when and from where a key works.
    async fn tell_terms(&self, scope: &Scope, id: ApiKeyId) -> Result<(), AppError> {
        let found = self.devportal.keys().find(scope, &id).await?;
        let key = found.ok_or_else(|| AppError::not_found("key"))?;
        match self.devportal.key_issuer.amend(&id, &terms_of(key.data(), key.version())).await {
            // Ended meanwhile: there is nothing to amend.
            Err(GatewayError::Refused { .. }) if key.data().state != KeyState::Active => Ok(()),
            told => Ok(told?),
        }
    }

    /// Keys whose end has come.
    pub(super) async fn lapse_key(&self, id: ApiKeyId, now: Timestamp) -> Result<Outcome, AppError> {
        let context = self.worker_context("key.lapse", &id);
        let command = |key: &mut ApiKey| match key.data().state {
            KeyState::Active => Ok(key.lapse(now)?),
            KeyState::Requested | KeyState::Revoked | KeyState::Discarded => Ok(Outcome::AlreadyApplied),
        };
        self.change(self.devportal.keys(), &Scope::System, &id, context, command).await?;
        Ok(Outcome::Applied)
    }

    /// Keys that announce their expiry.
    pub(super) async fn announce_key_expiry(
        &self,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Outcome, AppError> {
        let context = self.worker_context("key.announce_expiry", &id);
        let command = |key: &mut ApiKey| Ok(key.announce_expiry(now));
        self.change(self.devportal.keys(), &Scope::System, &id, context, command).await?;
        Ok(Outcome::Applied)
    }

    /// Keys that were not issued in time.
    pub(super) async fn reap_key(&self, id: ApiKeyId, now: Timestamp) -> Result<Outcome, AppError> {
        let context = self.worker_context("key.reap", &id);
        let command = |key: &mut ApiKey| {
            if key.issue_overdue(now) { Ok(key.discard(now)?) } else { Ok(Outcome::AlreadyApplied) }
        };
        self.change(self.devportal.keys(), &Scope::System, &id, context, command).await?;
        Ok(Outcome::Applied)
    }

    /// Rotations that stopped after their first commit.
    pub(super) async fn finish_rotation(&self, id: ApiKeyId, now: Timestamp) -> Result<Outcome, AppError> {
        let keys = self.devportal.keys();
        let Some(successor) = keys.find(&Scope::System, &id).await? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let Some(predecessor) = successor.data().rotated_from() else { return Ok(Outcome::AlreadyApplied) };
        let context = self.worker_context("key.replace", &predecessor);
        let command = |key: &mut ApiKey| Ok(key.replace(successor.data(), now)?);
        self.change(keys, &Scope::System, &predecessor, context, command).await?;
        Ok(Outcome::Applied)
    }

    /// Revocations that the auth-service does not know of: without limit, and loudly after a minute.
    pub(super) async fn tell_untold(&self, id: ApiKeyId, now: Timestamp) -> Result<Outcome, AppError> {
        let Some(key) = self.devportal.keys().find(&Scope::System, &id).await? else {
            return Ok(Outcome::AlreadyApplied);
        };
        if !key.data().revocation_overdue(now) {
            return Ok(Outcome::AlreadyApplied);
        }
        metrics::counter!("key_revocations_overdue_total").increment(1);
        tracing::error!(key = %id, "the auth-service does not know of a revocation for more than a minute");
        let context = self.worker_context("key.tell_revoked", &id);
        self.tell_revoked(&Scope::System, id, context).await?;
        Ok(Outcome::Applied)
    }
}

/// Before this instant whoever waits for a secret waits for too long.
pub(super) fn issued_by(now: Timestamp) -> Timestamp {
    now.plus(-ISSUE_TIMEOUT)
}
