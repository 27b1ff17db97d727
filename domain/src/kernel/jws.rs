//! Compact JWS with Ed25519: what is signed, and the token it becomes. Signing is an adapter's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

/// The protected header.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'a str,
    kid: &'a str,
}

/// What is signed: the header and the claims, each in base64url, with a dot between them. The type keeps a token of one
/// kind from being taken for another.
///
/// # Errors
/// When the claims cannot be written as JSON.
pub fn signing_input(typ: &str, key_id: &str, claims: &impl Serialize) -> Result<String, serde_json::Error> {
    let header = serde_json::to_vec(&Header { alg: "EdDSA", typ, kid: key_id })?;
    let claims = serde_json::to_vec(claims)?;
    Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims)))
}

/// The token: what was signed, and the signature.
pub fn token(signing_input: &str, signature: &[u8; 64]) -> String {
    format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_header_claims_and_signature() {
        let input = signing_input("x+jwt", "k1", &"c").unwrap();
        let token = token(&input, &[0; 64]);
        let parts: Vec<Vec<u8>> =
            token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
        assert_eq!(parts[0], br#"{"alg":"EdDSA","typ":"x+jwt","kid":"k1"}"#);
        assert_eq!((parts[1].as_slice(), parts[2].as_slice()), (b"\"c\"".as_slice(), [0; 64].as_slice()));
    }
}
