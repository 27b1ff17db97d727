//! Who an access token says is calling (platform.md 7).
//!
//! Keys are given at construction. A token says nothing of where its key is to be had; when it names a key that is not
//! known, auth is asked for its keys once more, and not again for a while. Each key id has one algorithm, `EdDSA` or
//! `ES256`; a token that names another one is refused before its signature is looked at.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet},
};
use sarai_domain::kernel::{AccountId, TenantId, UserId};
use sarai_ports::{
    auth::{AuthGateway, Identity, Principal, Role, Via},
    system::{Clock, Signer},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::verified::Verified;

/// A longer token is not looked at.
const MAX_LEN: usize = 8 * 1024;
/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: i64 = 30;
/// How long auth is not asked again after it was asked for a key that was not known.
const PAUSE: Duration = Duration::from_secs(30);
/// How long its answer may take: a request waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Header members that would let the token choose its own key or meaning.
const FORBIDDEN: &[&str] = &["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"];

/// Why a set of keys cannot verify tokens.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// Not a JWKS document.
    #[error("the key set is not a JWKS document: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Two keys of one id.
    #[error("the key set has two keys `{0}`")]
    Duplicate(String),
    /// No Ed25519 or P-256 key with an id.
    #[error("the key set has no Ed25519 or P-256 key with a kid")]
    Empty,
    /// A key that is none.
    #[error("key `{kid}` cannot be used: {reason}")]
    Unusable {
        /// Its id.
        kid: String,
        /// Why.
        reason: jsonwebtoken::errors::Error,
    },
}

/// Why a token is refused: for the log; the caller reads `invalid_token` whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too long.
    #[error("longer than 8 KiB")]
    TooLong,
    /// Not three parts with a JSON header.
    #[error("not a signed token")]
    Malformed,
    /// A header member that is not accepted.
    #[error("the header member `{0}` is not accepted")]
    Header(&'static str),
    /// No key of this id for this algorithm.
    #[error("no key of this kid and algorithm")]
    Key,
    /// The signature is wrong, or a claim is missing or of a wrong type.
    #[error("the signature or a claim is wrong")]
    Signature,
    /// Another issuer or audience.
    #[error("made by or for somebody else")]
    Party,
    /// Not yet or no longer valid.
    #[error("not valid now")]
    Time,
    /// An id that is none of ours.
    #[error("an id is malformed")]
    Id,
}

/// The keys of a JWKS document.
struct KeySet {
    keys: BTreeMap<String, (Algorithm, DecodingKey)>,
    published: Arc<Value>,
    /// What was checked with these keys: it is forgotten with them, so that a key that is withdrawn vouches for nothing.
    verified: Verified<Claims>,
}

/// Verifies access tokens.
pub struct TokenVerifier {
    known: RwLock<Arc<KeySet>>,
    /// Keys of our own, which are published and verify no token.
    own: Vec<Value>,
    /// Who is asked for keys that are not known, and when that was last.
    auth: Option<Arc<dyn AuthGateway>>,
    asked: Mutex<Option<Instant>>,
    issuer: String,
    audience: String,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerifier")
            .field("kids", &self.known().keys.keys().collect::<Vec<_>>())
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    account_id: String,
    tenant_id: Option<String>,
    email: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    account_sequence: u64,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    mfa_enrolled: bool,
    terms_version: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl KeySet {
    /// Those of a document, published with some more.
    fn of(jwks: &str, own: &[Value]) -> Result<Self, KeySetError> {
        let set: JwkSet = serde_json::from_str(jwks)?;
        let mut keys = BTreeMap::new();
        for jwk in &set.keys {
            let (Some(kid), Some(algorithm)) = (jwk.common.key_id.clone(), algorithm_of(jwk)) else {
                tracing::warn!(kid = ?jwk.common.key_id, "skipped a key that is not Ed25519 or P-256 with a kid");
                continue;
            };
            let key = DecodingKey::from_jwk(jwk)
                .map_err(|reason| KeySetError::Unusable { kid: kid.clone(), reason })?;
            exercise(algorithm, &key);
            if keys.insert(kid.clone(), (algorithm, key)).is_some() {
                return Err(KeySetError::Duplicate(kid));
            }
        }
        if keys.is_empty() {
            return Err(KeySetError::Empty);
        }
        let mut published = published(&serde_json::from_str(jwks)?);
        if let Some(keys) = published["keys"].as_array_mut() {
            keys.extend_from_slice(own);
        }
        Ok(Self { keys, published: Arc::new(published), verified: Verified::default() })
    }

    fn key_of(&self, header: &Map<String, Value>) -> Result<&(Algorithm, DecodingKey), TokenError> {
        if let Some(name) = FORBIDDEN.iter().find(|name| header.contains_key(**name)) {
            return Err(TokenError::Header(name));
        }
        let text = |name| header.get(name).and_then(Value::as_str);
        if !text("typ")
            .is_none_or(|typ| typ.eq_ignore_ascii_case("jwt") || typ.eq_ignore_ascii_case("at+jwt"))
        {
            return Err(TokenError::Header("typ"));
        }
        let found = text("kid").and_then(|kid| self.keys.get(kid)).ok_or(TokenError::Key)?;
        let wanted = if found.0 == Algorithm::EdDSA { "EdDSA" } else { "ES256" };
        if text("alg") == Some(wanted) { Ok(found) } else { Err(TokenError::Key) }
    }
}

impl TokenVerifier {
    /// Takes the keys of a JWKS document, the issuer and the audience.
    ///
    /// # Errors
    /// [`KeySetError`] when nothing could be verified with it.
    pub fn new(
        jwks: &str,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeySetError> {
        let known = RwLock::new(Arc::new(KeySet::of(jwks, &[])?));
        let (own, auth, asked) = (Vec::new(), None, Mutex::new(None));
        let (issuer, audience) = (issuer.into(), audience.into());
        Ok(Self { known, own, auth, asked, issuer, audience, clock })
    }

    /// The same, asking auth again when a token names a key that is not known.
    #[must_use]
    pub fn asking(mut self, auth: Arc<dyn AuthGateway>) -> Self {
        self.auth = Some(auth);
        self
    }

    /// The same, publishing the key of this signer as well. No access token is accepted by it.
    #[must_use]
    pub fn also_publishing(mut self, signer: &dyn Signer) -> Self {
        let key = json!({
            "alg": "EdDSA", "crv": "Ed25519", "kid": signer.key_id(), "kty": "OKP", "use": "sig",
            "x": URL_SAFE_NO_PAD.encode(signer.public_key()),
        });
        let known = self.known();
        let mut published = Value::clone(&known.published);
        if let Some(keys) = published["keys"].as_array_mut() {
            keys.push(key.clone());
        }
        let (keys, published) = (known.keys.clone(), Arc::new(published));
        self.known = RwLock::new(Arc::new(KeySet { keys, published, verified: Verified::default() }));
        self.own.push(key);
        self
    }

    fn known(&self) -> Arc<KeySet> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key set as anybody may have it.
    pub(crate) fn published(&self) -> Arc<Value> {
        Arc::clone(&self.known().published)
    }

    /// As [`TokenVerifier::verify_left`]; a key that is not known is asked for first.
    ///
    /// # Errors
    /// As [`TokenVerifier::verify`].
    pub async fn verify_asking(&self, token: &str) -> Result<(Principal, Duration), TokenError> {
        let known = self.known();
        match self.verify_left(token) {
            Err(TokenError::Key) if self.asked_again(&known).await => self.verify_left(token),
            verified => verified,
        }
    }

    /// Asks auth for its keys, unless somebody did a moment ago; whether there are others than these now.
    async fn asked_again(&self, known: &Arc<KeySet>) -> bool {
        let Some(auth) = &self.auth else { return false };
        let mut asked = self.asked.lock().await;
        if !Arc::ptr_eq(known, &self.known()) {
            return true;
        }
        if asked.is_some_and(|at| at.elapsed() < PAUSE) {
            return false;
        }
        *asked = Some(Instant::now());
        let told = match timeout(PATIENCE, auth.jwks()).await {
            Ok(told) => told.map_err(|error| error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        };
        let set = told.and_then(|jwks| KeySet::of(&jwks, &self.own).map_err(|error| error.to_string()));
        match set {
            Ok(set) => {
                tracing::info!(kids = ?set.keys.keys().collect::<Vec<_>>(), "auth has told its keys again");
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
                true
            }
            Err(reason) => {
                tracing::warn!(reason, "auth did not tell its keys; those known stay");
                false
            }
        }
    }

    /// The caller a token names.
    ///
    /// # Errors
    /// [`TokenError`] for every token that is not exactly right.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        self.verify_left(token).map(|(caller, _)| caller)
    }

    /// The caller a token names, and for how long the token is still good.
    ///
    /// # Errors
    /// As [`TokenVerifier::verify`].
    pub fn verify_left(&self, token: &str) -> Result<(Principal, Duration), TokenError> {
        if token.len() > MAX_LEN {
            return Err(TokenError::TooLong);
        }
        let known = self.known();
        let claims = known.verified.or_check(token, || {
            let (algorithm, key) = known.key_of(&header_of(token)?)?;
            let decoded = decode::<Claims>(token, key, &signature_only(*algorithm));
            decoded.map(|token| token.claims).map_err(|_| TokenError::Signature)
        })?;
        self.check(&claims)?;
        let left = claims.exp.saturating_add(LEEWAY).saturating_sub(self.now());
        Ok((principal(&claims)?, Duration::from_secs(u64::try_from(left).unwrap_or_default())))
    }

    /// Seconds since 1970.
    fn now(&self) -> i64 {
        self.clock.real().unix_micros().div_euclid(1_000_000)
    }

    fn check(&self, claims: &Claims) -> Result<(), TokenError> {
        let for_us = match &claims.aud {
            Audience::One(audience) => *audience == self.audience,
            Audience::Several(audiences) => audiences.contains(&self.audience),
        };
        if claims.iss != self.issuer || !for_us {
            return Err(TokenError::Party);
        }
        let now = self.now();
        let ahead = now.saturating_add(LEEWAY);
        let over = claims.exp.saturating_add(LEEWAY) <= now;
        if over || claims.iat > ahead || claims.nbf.is_some_and(|nbf| nbf > ahead) {
            return Err(TokenError::Time);
        }
        Ok(())
    }
}

fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    let curve = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) => &pair.curve,
        AlgorithmParameters::EllipticCurve(key) => &key.curve,
        _ => return None,
    };
    let algorithm = match curve {
        EllipticCurve::Ed25519 => Algorithm::EdDSA,
        EllipticCurve::P256 => Algorithm::ES256,
        _ => return None,
    };
    let named = jwk.common.key_algorithm.map(|named| named.to_string());
    named.is_none_or(|named| named == format!("{algorithm:?}")).then_some(algorithm)
}

/// The public members of every key: a private one handed in by mistake stays here.
fn published(set: &Value) -> Value {
    let public = ["alg", "crv", "kid", "kty", "use", "x", "y"];
    let keys = set["keys"].as_array().into_iter().flatten().filter_map(Value::as_object).map(|key| {
        let members = key.iter().filter(|(name, _)| public.contains(&name.as_str()));
        members.map(|(name, value)| (name.clone(), value.clone())).collect::<Value>()
    });
    json!({"keys": keys.collect::<Vec<_>>()})
}

/// Verifies something once: a build without its cryptography panics here, at the start, not in a request.
fn exercise(algorithm: Algorithm, key: &DecodingKey) {
    let empty = URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"{algorithm:?}\"}}"));
    drop(decode::<Value>(format!("{empty}.e30.AAAA"), key, &signature_only(algorithm)));
}

/// The signature by this algorithm; claims are checked here, with our clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn header_of(token: &str) -> Result<Map<String, Value>, TokenError> {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Malformed);
    };
    let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}

fn principal(claims: &Claims) -> Result<Principal, TokenError> {
    let identity = Identity {
        account_id: AccountId::try_new(claims.account_id.as_str()).map_err(|_| TokenError::Id)?,
        sequence: claims.account_sequence,
        email_verified: claims.email_verified,
        mfa_enrolled: claims.mfa_enrolled,
        terms_version: claims.terms_version.clone(),
    };
    let tenant = claims.tenant_id.as_ref().unwrap_or(&claims.account_id);
    Ok(Principal {
        user_id: UserId::try_new(claims.sub.clone()).map_err(|_| TokenError::Id)?,
        tenant_id: TenantId::try_new(tenant.clone()).map_err(|_| TokenError::Id)?,
        email: claims.email.clone(),
        roles: claims.roles.iter().filter_map(|name| Role::parse(name)).collect(),
        via: Via::Token(Some(identity)),
    })
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
