//! What a signed token of an approval says, so that others need not ask us (ruling R12).

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    channel::{Assurance, Channel},
    destination::Address,
    environment::Environment,
    mac::length_prefixed,
    purpose::Purpose,
};
use crate::kernel::{Digest, Hex, TenantId, Timestamp, VerificationId};

/// How long a token is good for, in seconds.
pub const TOKEN_TTL: i64 = 300;

/// The claims; signing them is an adapter's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyTokenClaims {
    /// Who signs; a sandbox has another issuer and another key.
    pub iss: String,
    /// For whom: the tenant.
    pub aud: TenantId,
    /// What was approved.
    pub sub: VerificationId,
    /// This token.
    pub jti: String,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not good from then on, in seconds since 1970.
    pub exp: i64,
    /// Of which world.
    pub env: Environment,
    /// What the approval is for.
    pub purpose: Purpose,
    /// Over which channel.
    pub channel: Channel,
    /// What a proof over it is worth.
    pub assurance: Assurance,
    /// See [`VerifyTokenClaims::hash_of`].
    pub to_hash: Digest,
}

/// What an approval gives a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The session.
    pub verification_id: VerificationId,
    /// Of which world.
    pub environment: Environment,
    /// What for.
    pub purpose: Purpose,
    /// Over which channel.
    pub channel: Channel,
}

impl VerifyTokenClaims {
    /// The claims of an approval, for the address that the code went to.
    pub fn new(iss: String, jti: String, approval: &Approval, to: &Address, now: Timestamp) -> Self {
        let iat = now.unix_micros().div_euclid(1_000_000);
        Self {
            iss,
            aud: approval.tenant_id.clone(),
            sub: approval.verification_id,
            jti,
            iat,
            exp: iat.saturating_add(TOKEN_TTL),
            env: approval.environment,
            purpose: approval.purpose,
            channel: approval.channel,
            assurance: approval.channel.assurance(),
            to_hash: Self::hash_of(approval.verification_id, to),
        }
    }

    /// SHA-256(LP("verify.to.v1") ‖ LP(verificationId) ‖ LP(normalised destination)): whoever knows the number can
    /// check that the token speaks of it, and nobody else learns it.
    pub fn hash_of(verification_id: VerificationId, to: &Address) -> Digest {
        let mut hash = Sha256::new();
        let id = verification_id.to_string();
        for part in ["verify.to.v1", id.as_str(), to.normalised()] {
            length_prefixed(part.as_bytes(), |bytes| hash.update(bytes));
        }
        Hex(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devportal::values::E164Phone;

    #[test]
    fn the_published_hash_is_computed_and_the_claims_have_their_names() {
        let file = include_str!("../../../../fixtures/vectors/verify.json");
        let vectors: serde_json::Value = serde_json::from_str(file).unwrap();
        let vector = &vectors["toHash"][0];
        let to = Address::Phone(E164Phone::parse(vector["destination"].as_str().unwrap()).unwrap());
        let id: VerificationId = vector["verificationId"].as_str().unwrap().parse().unwrap();
        assert_eq!(VerifyTokenClaims::hash_of(id, &to).to_string(), vector["toHash"].as_str().unwrap());

        let approval = Approval {
            tenant_id: TenantId::try_new("acme").unwrap(),
            verification_id: id,
            environment: Environment::Sandbox,
            purpose: Purpose::SignIn,
            channel: Channel::Email,
        };
        let now = "2026-04-20T09:30:00.9Z".parse().unwrap();
        let claims = VerifyTokenClaims::new("https://iss".into(), "j".into(), &approval, &to, now);
        let json = serde_json::to_value(&claims).unwrap();
        assert_eq!((claims.exp - claims.iat, &json["env"]), (300, &"SANDBOX".into()));
        assert_eq!((&json["assurance"], &json["purpose"]), (&"contact_ownership".into(), &"SIGN_IN".into()));
        assert!(json["toHash"].is_string());
        assert_eq!(serde_json::from_value::<VerifyTokenClaims>(json).unwrap(), claims);
    }
}
