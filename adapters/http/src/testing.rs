//! What the tests of this crate share: a clock, ids, keys, tokens.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use sarai_application::devportal::key_uses::KeyUses;
use sarai_domain::{
    devportal::values::RawKey,
    kernel::{Timestamp, Ulid},
};
use sarai_ports::{
    StoreError,
    devportal::{KeyAuthenticator, KeyGrant, KeyRefusal},
    idempotency::{Claim, ClaimKey, ClaimState, IdempotencyStore, StoredResponse},
    system::{Clock, IdGenerator},
};
use serde_json::{Value, json};

use crate::{
    gate::{Deadlines, GateParts, KeyDoor, RateLimits},
    secret::SecretKey,
    signature::SignatureVerifier,
    site::{Health, Readiness},
    token::TokenVerifier,
};

/// Both times, moved by hand.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    /// Seconds since 1970 at which every test begins.
    pub(crate) const START: i64 = 1_800_000_000;

    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(Self::START)))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.real()
    }

    fn real(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.0.load(Ordering::SeqCst) * 1_000_000)
    }
}

/// ULIDs that count up.
#[derive(Debug, Default)]
pub(crate) struct CountingIds(AtomicI64);

impl IdGenerator for CountingIds {
    fn ulid(&self) -> Ulid {
        Ulid::from(u128::from(self.0.fetch_add(1, Ordering::SeqCst).unsigned_abs()))
    }
}

/// The issuer's key.
pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

/// The issuer's key set: `good`.
pub(crate) fn jwks() -> String {
    let x = URL_SAFE_NO_PAD.encode(signing_key().verifying_key().as_bytes());
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "good", "alg": "EdDSA", "use": "sig", "x": x}]})
        .to_string()
}

/// Verifies what [`token`] makes.
pub(crate) fn verifier(clock: Arc<ManualClock>) -> TokenVerifier {
    TokenVerifier::new(&jwks(), "https://auth.test", "sarai", clock).unwrap()
}

/// A header and claims that are right.
pub(crate) fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "good", "typ": "JWT"})
}

/// Claims that are right.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://auth.test", "aud": "sarai", "sub": "usr_1", "account_id": "acc_1",
        "iat": ManualClock::START, "exp": ManualClock::START + 600,
        "email": "a@b.test", "roles": ["customer", "tenant-admin", "unheard-of"],
    })
}

/// Signs a header and claims with a key.
pub(crate) fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// A good token of a user with these roles.
pub(crate) fn token(user: &str, roles: &[&str]) -> String {
    let mut claims = claims();
    claims["sub"] = json!(user);
    claims["roles"] = json!(roles);
    claims["exp"] = json!(ManualClock::START + 1_000_000);
    signed(&header(), &claims, &signing_key())
}

/// Idempotency keys in memory.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<HashMap<ClaimKey, ClaimState>>);

impl Keys {
    /// What every key is known for.
    pub(crate) fn states(&self) -> Vec<ClaimState> {
        self.0.lock().unwrap().values().cloned().collect()
    }

    /// Writes a claim as a unit does: with what it wrote.
    pub(crate) fn write(&self, claim: &Claim, resource: Option<&str>) -> Result<(), StoreError> {
        let mut states = self.0.lock().unwrap();
        if states.contains_key(&claim.key) {
            return Err(StoreError::ClaimHeld);
        }
        states.insert(
            claim.key.clone(),
            ClaimState {
                fingerprint: claim.fingerprint.clone(),
                lease_until: claim.lease_until,
                resource_id: resource.map(str::to_owned),
                response: None,
            },
        );
        Ok(())
    }
}

#[async_trait]
impl IdempotencyStore for Keys {
    async fn find(&self, key: &ClaimKey) -> Result<Option<ClaimState>, StoreError> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    async fn claim(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, None)
    }

    async fn complete(&self, claim: &Claim, response: &StoredResponse) -> Result<bool, StoreError> {
        let _ = self.write(claim, None);
        let mut states = self.0.lock().unwrap();
        let ours = |state: &&mut ClaimState| {
            state.response.is_none()
                && (state.resource_id.is_none() || state.lease_until == claim.lease_until)
        };
        let Some(state) = states.get_mut(&claim.key).filter(ours) else { return Ok(false) };
        state.response = Some(response.clone());
        Ok(true)
    }

    async fn abandon(&self, key: &ClaimKey) -> Result<(), StoreError> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }

    async fn purge(&self, _before: Timestamp) -> Result<usize, StoreError> {
        Ok(0)
    }
}

/// Knows no key.
struct NoKeys;

#[async_trait]
impl KeyAuthenticator for NoKeys {
    async fn verify(&self, _key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        Err(KeyRefusal::Invalid)
    }
}

/// Always ready.
struct Ready;

#[async_trait]
impl Readiness for Ready {
    async fn missing(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Health that is always good.
pub(crate) fn health() -> Health {
    Health::new(Arc::new(Ready))
}

/// The secret of webhooks.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A gate with the usual limits.
pub(crate) fn gate_parts(clock: &Arc<ManualClock>, keys: &Arc<Keys>) -> GateParts {
    GateParts {
        tokens: Arc::new(verifier(clock.clone())),
        signatures: Arc::new(SignatureVerifier::new(WEBHOOK_SECRET, None, clock.clone()).unwrap()),
        idempotency: keys.clone(),
        idempotency_key: SecretKey::new([9; 32]).into(),
        keys: KeyDoor { authenticator: Arc::new(NoKeys), uses: KeyUses::default() },
        clock: clock.clone(),
        ids: Arc::new(CountingIds::default()),
        limits: RateLimits::default(),
        concurrency: 64,
        waiting: 8,
        deadlines: Deadlines::default(),
    }
}
