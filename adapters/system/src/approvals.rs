//! Signed approvals: a JWT under the key of its world (ruling R12).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sarai_domain::devportal::values::{Environment, VerifyTokenClaims};
use sarai_ports::{devportal::verify_tools::ApprovalSigner, system::Signer as _};

use crate::signer::Ed25519Signer;

/// Where the keys of each world are published, below the issuer.
const PRODUCTION: &str = "/verify";
const SANDBOX: &str = "/verify-sandbox";

/// The keys of both worlds.
#[derive(Debug)]
pub struct Approvals {
    base: String,
    production: Ed25519Signer,
    sandbox: Ed25519Signer,
}

impl Approvals {
    /// Under this base of issuers, with the seeds of both keys.
    pub fn new(base: &str, production: [u8; 32], sandbox: [u8; 32]) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { base, production: Ed25519Signer::new(production), sandbox: Ed25519Signer::new(sandbox) }
    }

    const fn signer(&self, environment: Environment) -> &Ed25519Signer {
        match environment {
            Environment::Production => &self.production,
            Environment::Sandbox => &self.sandbox,
        }
    }
}

impl ApprovalSigner for Approvals {
    fn issuer(&self, environment: Environment) -> String {
        let world = match environment {
            Environment::Production => PRODUCTION,
            Environment::Sandbox => SANDBOX,
        };
        format!("{}{world}", self.base)
    }

    fn token(&self, claims: &VerifyTokenClaims) -> String {
        let signer = self.signer(claims.env);
        let header = serde_json::json!({"alg": "EdDSA", "kid": signer.key_id(), "typ": "JWT"});
        let body = serde_json::to_vec(claims).unwrap_or_default();
        let (header, body) = (URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(body));
        let text = format!("{header}.{body}");
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(text.as_bytes()));
        format!("{text}.{signature}")
    }

    fn key(&self, environment: Environment) -> (String, [u8; 32]) {
        let signer = self.signer(environment);
        (signer.key_id().to_owned(), signer.public_key())
    }
}
