//! Access tokens: EdDSA-signed JWTs, and the public key that verifies them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    GatewayError,
    auth::{Principal, Role},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::accounts::Standing;

/// What precedes the 32 secret bytes in a PKCS #8 v1 document of an Ed25519 key (RFC 8410).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Who issues the tokens, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIssuer {
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `aud`.
    pub audience: String,
}

/// A signing key with its public half as a JWKS document.
pub(super) struct TokenSigner {
    issuer: TokenIssuer,
    key: EncodingKey,
    public: DecodingKey,
    kid: String,
    jwks: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    account_id: &'a str,
    tenant_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    roles: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_sequence: Option<u64>,
    email_verified: bool,
    mfa_enrolled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    iat: i64,
    exp: i64,
}

/// What is read of a token of our own.
#[derive(Deserialize)]
pub(super) struct Read {
    pub(super) sub: String,
    /// The session; services have none.
    pub(super) sid: Option<String>,
    exp: i64,
}

impl Read {
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now.to_offset_date_time().unix_timestamp() < self.exp
    }
}

impl TokenSigner {
    /// The key pair of this seed; its id is derived from the public half.
    pub(super) fn new(issuer: TokenIssuer, seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let pkcs8 = Zeroizing::new([PKCS8_PREFIX.as_slice(), seed.as_slice()].concat());
        let kid: String = URL_SAFE_NO_PAD.encode(Sha256::digest(public)).chars().take(16).collect();
        let jwk = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(public),
        });
        let jwks = json!({ "keys": [jwk] }).to_string();
        let (key, public) = (EncodingKey::from_ed_der(&pkcs8), DecodingKey::from_ed_der(&public));
        Self { issuer, key, public, kid, jwks }
    }

    /// The public key as a JWKS document.
    pub(super) fn jwks(&self) -> &str {
        &self.jwks
    }

    /// What a token of ours says, also one that is over.
    pub(super) fn read(&self, token: &str) -> Option<Read> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer.issuer]);
        validation.set_audience(&[&self.issuer.audience]);
        validation.validate_exp = false;
        jsonwebtoken::decode::<Read>(token, &self.public, &validation).ok().map(|token| token.claims)
    }

    /// A token for this caller.
    pub(super) fn sign(
        &self,
        principal: &Principal,
        standing: Option<&Standing>,
        session: Option<&str>,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, GatewayError> {
        let claims = Claims {
            iss: &self.issuer.issuer,
            aud: &self.issuer.audience,
            sub: principal.user_id.as_str(),
            account_id: principal.user_id.as_str(),
            tenant_id: principal.tenant_id.as_str(),
            email: principal.email.as_deref(),
            roles: principal.roles.iter().copied().map(Role::name).collect(),
            account_sequence: standing.map(|standing| standing.sequence),
            email_verified: standing.is_some_and(|standing| standing.email_verified),
            mfa_enrolled: standing.is_some_and(|standing| standing.mfa_enrolled),
            terms_version: standing.and_then(|standing| standing.terms_version.as_deref()),
            sid: session,
            iat: issued_at.to_offset_date_time().unix_timestamp(),
            exp: expires_at.to_offset_date_time().unix_timestamp(),
        };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|error| GatewayError::Unavailable(format!("signing failed: {error}")))
    }
}
