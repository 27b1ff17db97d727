//! Whether a token is a lease that is good now. Strict: what is not exactly right is refused.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};

use crate::kernel::Timestamp;

use super::{
    LEASE_TYPE, Lease, MAX_SECONDS, SECOND,
    token::{ALGORITHM, Claims, Header},
};

/// The longest token that is looked at.
pub const MAX_TOKEN_LEN: usize = 4_096;

/// Why a token is not a lease that is good now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// Longer than [`MAX_TOKEN_LEN`].
    #[error("the token is longer than {MAX_TOKEN_LEN} bytes")]
    TooLong,
    /// Not three parts of canonical base64url with the JSON of a lease in them.
    #[error("the token is not a lease's")]
    Malformed,
    /// Another algorithm, another type, or a header member a lease does not have.
    #[error("the token's header is not a lease's")]
    Header,
    /// None of the keys given has the token's `kid`.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The key did not sign these bytes.
    #[error("the signature is wrong")]
    Signature,
    /// Somebody else issued it.
    #[error("the token is another issuer's")]
    Issuer,
    /// It is good for longer than any lease, or ends before it begins.
    #[error("no lease lasts that long")]
    Term,
    /// It is not good yet.
    #[error("the lease begins later")]
    NotYetValid,
    /// It is not good any more.
    #[error("the lease is over")]
    Expired,
}

/// The lease of a token, when one of the keys signed it, this issuer issued it, and it is good at `now`. There is
/// no leeway: a player that wants some moves `now`.
///
/// Keys are (`kid`, public key), as the published key set names them.
///
/// ```
/// use ed25519_dalek::{Signer as _, SigningKey};
/// use sarai_domain::marketplace::license::lease::{self, Lease, LeaseError};
///
/// let key = SigningKey::from_bytes(&[7; 32]);
/// let lease = Lease {
///     id: "lse_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     user_id: "ann".parse()?,
///     license_id: "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     seat_id: "sal_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     tenant_id: "acme".parse()?,
///     course_id: "welding".parse()?,
///     course_version_id: "welding-3".parse()?,
///     device_id: None,
///     issued_at: "2026-04-20T09:30:00Z".parse()?,
///     expires_at: "2026-04-23T09:30:00Z".parse()?,
/// };
/// let input = lease.signing_input("https://licenses.example", "key-1")?;
/// let token = lease::token(&input, &key.sign(input.as_bytes()).to_bytes());
///
/// // What a player does, offline:
/// let keys = [("key-1", key.verifying_key().to_bytes())];
/// let at = |time: &str| lease::verify(&token, &keys, "https://licenses.example", time.parse().unwrap());
/// assert_eq!(at("2026-04-21T00:00:00Z"), Ok(lease));
/// assert_eq!(at("2026-04-23T09:30:00Z"), Err(LeaseError::Expired));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`LeaseError`] for every token that is not exactly right.
pub fn verify<K: AsRef<str>>(
    token: &str,
    keys: &[(K, [u8; 32])],
    issuer: &str,
    now: Timestamp,
) -> Result<Lease, LeaseError> {
    if token.len() > MAX_TOKEN_LEN {
        return Err(LeaseError::TooLong);
    }
    let (input, signature) = token.rsplit_once('.').ok_or(LeaseError::Malformed)?;
    let (header, claims) = input.split_once('.').ok_or(LeaseError::Malformed)?;
    let claims = decoded(claims)?;
    let signature: [u8; 64] = decoded(signature)?.try_into().map_err(|_| LeaseError::Malformed)?;
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| LeaseError::Header)?;
    if header.alg != ALGORITHM || header.typ != LEASE_TYPE {
        return Err(LeaseError::Header);
    }
    let known = keys.iter().find(|(key_id, _)| key_id.as_ref() == header.kid);
    let (_, key) = known.ok_or(LeaseError::UnknownKey)?;
    VerifyingKey::from_bytes(key)
        .and_then(|key| key.verify_strict(input.as_bytes(), &Signature::from_bytes(&signature)))
        .map_err(|_| LeaseError::Signature)?;
    // From here on every byte is the issuer's.
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| LeaseError::Malformed)?;
    if claims.iss != issuer {
        return Err(LeaseError::Issuer);
    }
    let term = claims.exp.checked_sub(claims.nbf).filter(|_| claims.iat <= claims.nbf);
    if !term.is_some_and(|term| (1..=MAX_SECONDS).contains(&term)) {
        return Err(LeaseError::Term);
    }
    let second = now.unix_micros().div_euclid(SECOND);
    if second < claims.nbf {
        Err(LeaseError::NotYetValid)
    } else if second >= claims.exp {
        Err(LeaseError::Expired)
    } else {
        Ok(claims.into())
    }
}

/// The bytes of a part; one text for each: no padding, no stray bits at the end.
fn decoded(part: &str) -> Result<Vec<u8>, LeaseError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| LeaseError::Malformed)
}
