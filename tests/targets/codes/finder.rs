//! Who finds keys in public: the key it signs its alerts with.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use sarai_http::alerts::AlertKeys;
use serde_json::json;

/// How the key below is called.
pub(crate) const KEY_ID: &str = "one";
const SECRET: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnTs5sANSgvf0l1KH\n\
    9uU+zntVSnpwF+yhv1ajIOL3JYKhRANCAASJohb2f0iKPceYtccNT54mTilzL1Ds\n\
    eExQieMhQWX11/ssjrv6Loxkde39rOIaFR4TWU4oVHxIMDAPvqLkYDso\n\
    -----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiaIW9n9Iij3HmLXHDU+eJk4pcy9Q\n\
    7HhMUInjIUFl9df7LI67+i6MZHXt/aziGhUeE1lOKFR8SDAwD76i5GA7KA==\n\
    -----END PUBLIC KEY-----\n";

/// The finder's key, as a finder lists it.
pub(crate) fn known() -> AlertKeys {
    let listed = json!({"public_keys": [{"key_identifier": KEY_ID, "key": PUBLIC, "is_current": true}]});
    AlertKeys::parse(&listed.to_string()).expect("a list of keys")
}

/// A finder's signature of a body: ECDSA in DER.
pub(crate) fn signed(body: &[u8]) -> String {
    let key = EncodingKey::from_ec_pem(SECRET.as_bytes()).expect("a key");
    let text = crypto::sign(body, &key, Algorithm::ES256).expect("signed");
    let both = URL_SAFE_NO_PAD.decode(text).expect("base64");
    let numbers: Vec<u8> = both.chunks(32).flat_map(integer).collect();
    let length = u8::try_from(numbers.len()).expect("short");
    STANDARD.encode([&[0x30, length], &numbers[..]].concat())
}

fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let number = &number[start..];
    let zero: &[u8] = if number[0] & 0x80 == 0 { &[] } else { &[0] };
    let length = u8::try_from(zero.len() + number.len()).expect("short");
    [&[0x02, length], zero, number].concat()
}
