//! T63: one token is right, every other one is refused.

use super::*;
use crate::testing::{ManualClock, claims, header, jwks, signed, signing_key, verifier};

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

fn outcome(header: &Value, claims: &Value) -> Result<Principal, TokenError> {
    verifier(ManualClock::new()).verify(&signed(header, claims, &signing_key()))
}

#[test]
fn the_right_token_names_its_caller() {
    let principal = outcome(&header(), &claims()).unwrap();
    assert_eq!(principal.user_id.as_str(), "usr_1");
    assert_eq!(principal.tenant_id.as_str(), "acc_1", "the account stands in for the tenant");
    assert_eq!(principal.roles, [Role::Customer, Role::TenantAdmin]);
    let other = outcome(&header(), &with(claims(), "tenant_id", json!("ten_1"))).unwrap();
    assert_eq!(other.tenant_id.as_str(), "ten_1");
    assert!(outcome(&without(header(), "typ"), &claims()).is_ok());
    assert!(outcome(&header(), &with(claims(), "aud", json!(["x", "sarai"]))).is_ok());
}

#[test]
fn a_wrong_header_is_refused() {
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("alg", json!("RS256")),
        ("alg", json!("eddsa")),
        ("alg", json!(null)),
        ("kid", json!("other")),
        ("kid", json!("")),
        ("kid", json!(1)),
        ("typ", json!("JWE")),
        ("jku", json!("https://evil.test/jwks")),
        ("jwk", json!({"kty": "OKP"})),
        ("x5u", json!("https://evil.test/cert")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        assert!(outcome(&with(header(), name, value.clone()), &claims()).is_err(), "{name} {value}");
    }
    for name in ["alg", "kid"] {
        assert!(outcome(&without(header(), name), &claims()).is_err(), "without {name}");
    }
}

#[test]
fn a_wrong_claim_is_refused() {
    let now = ManualClock::START;
    for (name, value) in [
        ("iss", json!("https://evil.test")),
        ("iss", json!(["https://auth.test"])),
        ("aud", json!("other")),
        ("aud", json!([])),
        ("exp", json!((now + 600).to_string())),
        ("exp", json!(now - 31)),
        ("exp", json!(f64::MAX)),
        ("exp", json!(-1)),
        ("iat", json!(now + 31)),
        ("iat", json!("now")),
        ("nbf", json!(now + 31)),
        ("sub", json!("")),
        ("sub", json!("a b")),
        ("sub", json!(7)),
        ("account_id", json!("")),
        ("tenant_id", json!("x".repeat(129))),
        ("roles", json!("platform-admin")),
    ] {
        assert!(outcome(&header(), &with(claims(), name, value.clone())).is_err(), "{name} {value}");
    }
    for name in ["iss", "aud", "exp", "iat", "sub", "account_id"] {
        assert!(outcome(&header(), &without(claims(), name)).is_err(), "without {name}");
    }
}

#[test]
fn clocks_may_differ_by_30_seconds() {
    let now = ManualClock::START;
    assert!(outcome(&header(), &with(claims(), "exp", json!(now - 29))).is_ok());
    assert_eq!(outcome(&header(), &with(claims(), "exp", json!(now - 30))), Err(TokenError::Time));
    assert!(outcome(&header(), &with(claims(), "nbf", json!(now + 30))).is_ok());
    assert_eq!(outcome(&header(), &with(claims(), "nbf", json!(now + 31))), Err(TokenError::Time));
}

#[test]
fn a_wrong_signature_is_refused() {
    let verifier = verifier(ManualClock::new());
    let good = signed(&header(), &claims(), &signing_key());
    let foreign = ed25519_dalek::SigningKey::from_bytes(&[43; 32]);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let refused = [
        signed(&header(), &claims(), &foreign),
        format!("{message}."),
        message.to_owned(),
        format!("{good}.x"),
        format!("{message}.{}", &signature[1..]),
        format!("{good}="),
        good.replacen('.', "..", 1),
        format!("{}.{signature}", message.replacen("ey", "eY", 1)),
        String::new(),
        "...".to_owned(),
        "a.b.c".to_owned(),
        format!("{good}{}", "A".repeat(9_000)),
        "A".repeat(65_536),
    ];
    for token in refused {
        assert!(verifier.verify(&token).is_err(), "{token:.40}");
    }
    assert!(verifier.verify(&good).is_ok());
}

#[test]
fn a_private_key_is_not_published() {
    let mut set: Value = serde_json::from_str(&jwks()).unwrap();
    let public = set.clone();
    set["keys"][0]["d"] = json!("secret");
    let verifier = TokenVerifier::new(&set.to_string(), "i", "a", ManualClock::new()).unwrap();
    assert_eq!(*verifier.published(), public);
}

#[test]
fn a_key_set_without_usable_keys_is_refused() {
    let new = |jwks: &str| TokenVerifier::new(jwks, "i", "a", ManualClock::new());
    let twice = jwks().replace("]}", &format!(",{}]}}", &jwks()[9..jwks().len() - 2]));
    assert!(matches!(new("{}"), Err(KeySetError::Malformed(_))));
    assert!(matches!(new(r#"{"keys":[]}"#), Err(KeySetError::Empty)));
    assert!(matches!(new(r#"{"keys":[{"kty":"oct","kid":"x","k":"AAAA"}]}"#), Err(KeySetError::Empty)));
    assert!(matches!(new(&twice), Err(KeySetError::Duplicate(_))), "{twice}");
}
