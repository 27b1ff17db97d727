//! T63: one token is right, every other one is refused.

use std::sync::Mutex as StdMutex;

use async_trait::async_trait;
use ed25519_dalek::SigningKey;
use sarai_ports::{
    GatewayError,
    auth::{Session, SignInError, TotpEnrolment},
};

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
    let foreign = SigningKey::from_bytes(&[43; 32]);
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

/// An auth that rotates its keys, and counts who asks for them.
struct Rotating {
    told: StdMutex<Result<String, GatewayError>>,
    asked: StdMutex<u32>,
}

#[async_trait]
impl AuthGateway for Rotating {
    async fn sign_in(&self, _: &str, _: &str, _: Option<String>) -> Result<Session, SignInError> {
        Err(SignInError::Refused)
    }

    async fn refresh(&self, _: &str) -> Result<Session, SignInError> {
        Err(SignInError::Refused)
    }

    async fn revoke(&self, _: &str) -> Result<(), GatewayError> {
        Ok(())
    }

    async fn enrol_totp(&self, _: &str) -> Result<TotpEnrolment, SignInError> {
        Err(SignInError::Refused)
    }

    async fn confirm_totp(&self, _: &str, _: &str) -> Result<(), SignInError> {
        Err(SignInError::Refused)
    }

    async fn jwks(&self) -> Result<String, GatewayError> {
        *self.asked.lock().unwrap() += 1;
        self.told.lock().unwrap().clone()
    }
}

/// A token of a new key, and the set with both keys.
fn rotated() -> (String, String) {
    let new = SigningKey::from_bytes(&[43; 32]);
    let token = signed(&with(header(), "kid", json!("new")), &claims(), &new);
    let mut set: Value = serde_json::from_str(&jwks()).unwrap();
    let mut key = set["keys"][0].clone();
    key["kid"] = json!("new");
    key["x"] = json!(URL_SAFE_NO_PAD.encode(new.verifying_key().as_bytes()));
    set["keys"].as_array_mut().unwrap().push(key);
    (token, set.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_known_is_asked_for_once_in_a_while() {
    let (token, both) = rotated();
    let unknown = || GatewayError::Unavailable("no answer".to_owned());
    let auth = Arc::new(Rotating { told: StdMutex::new(Err(unknown())), asked: StdMutex::default() });
    let asked = || *auth.asked.lock().unwrap();
    let verifier = verifier(ManualClock::new()).asking(auth.clone());
    assert!(verifier.verify_asking(&signed(&header(), &claims(), &signing_key())).await.is_ok());
    let nonsense = signed(&with(header(), "jku", json!("https://evil.test")), &claims(), &signing_key());
    assert!(verifier.verify_asking(&nonsense).await.is_err());
    assert_eq!(asked(), 0, "nobody is asked for keys that are known, or by a token that is none");
    for _ in 0..100 {
        assert_eq!(verifier.verify_asking(&token).await.map(|_| ()), Err(TokenError::Key));
    }
    assert_eq!(asked(), 1, "strangers cannot make us ask");
    *auth.told.lock().unwrap() = Ok("no set".to_owned());
    tokio::time::advance(PAUSE).await;
    assert!(verifier.verify_asking(&token).await.is_err());
    assert!(verifier.verify(&signed(&header(), &claims(), &signing_key())).is_ok(), "those known stay");
    *auth.told.lock().unwrap() = Ok(both);
    tokio::time::advance(PAUSE).await;
    assert!(verifier.verify_asking(&token).await.is_ok());
    assert_eq!((asked(), verifier.published()["keys"].as_array().map(Vec::len)), (3, Some(2)));
}

#[tokio::test(start_paused = true)]
async fn a_token_of_a_withdrawn_key_is_refused_though_it_was_checked_before() {
    let (token, both) = rotated();
    let mut set: Value = serde_json::from_str(&both).unwrap();
    set["keys"].as_array_mut().unwrap().remove(0);
    let auth = Arc::new(Rotating { told: StdMutex::new(Ok(set.to_string())), asked: StdMutex::default() });
    let verifier = verifier(ManualClock::new()).asking(auth);
    let old = signed(&header(), &claims(), &signing_key());
    assert!(verifier.verify(&old).is_ok());
    assert!(verifier.verify_asking(&token).await.is_ok());
    assert_eq!(verifier.verify(&old).map(|_| ()), Err(TokenError::Key));
}
