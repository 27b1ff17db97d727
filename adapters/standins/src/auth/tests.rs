//! Sessions and tokens, the latter checked as a resource server would.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use sarai_system::{ManualClock, OsEntropy, SystemClock};
use serde_json::Value;

use super::*;
use crate::testing::clock;

fn issuer() -> TokenIssuer {
    TokenIssuer { issuer: "https://auth.demo.test".to_owned(), audience: "sarai".to_owned() }
}

fn auth(clock: Arc<dyn Clock>) -> AuthStandIn {
    AuthStandIn::new(clock, Arc::new(OsEntropy), issuer(), OsEntropy.bytes(), Arc::default()).unwrap()
}

fn standing() -> (AuthStandIn, Arc<ManualClock>) {
    let clock = clock();
    (auth(clock.clone()), clock)
}

async fn verified(auth: &AuthStandIn, token: &str) -> Value {
    let keys: JwkSet = serde_json::from_str(&auth.jwks().await.unwrap()).unwrap();
    let header = decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[issuer().issuer]);
    validation.set_audience(&[issuer().audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn every_demo_account_signs_in_and_its_token_verifies_by_the_published_key() {
    let auth = auth(Arc::new(SystemClock::new(false)));
    for account in demo::ACCOUNTS {
        let session = auth.sign_in(account.email, demo::PASSWORD, None).await.unwrap();
        let claims = verified(&auth, &session.access_token).await;
        let roles: Vec<_> = account.roles.iter().map(|role| role.name()).collect();
        assert_eq!(claims["roles"], Value::from(roles));
        for claim in ["sub", "account_id", "tenant_id"] {
            assert_eq!(claims[claim], account.id, "{claim}");
        }
        assert_eq!(claims["email"], account.email);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_600);
        assert_eq!(session.principal.roles, account.roles);
    }
}

#[tokio::test]
async fn a_service_has_a_token_of_its_own() {
    let auth = auth(Arc::new(SystemClock::new(false)));
    let claims = verified(&auth, &auth.service_token("enrollment").unwrap()).await;
    assert_eq!(claims["sub"], "svc_enrollment");
    assert_eq!(claims["roles"], Value::from(vec!["service"]));
    assert!(claims.get("email").is_none());
    assert!(matches!(auth.service_token("a b"), Err(GatewayError::Refused { .. })));
}

#[tokio::test]
async fn a_token_of_another_key_does_not_verify() {
    let (one, another) = (standing().0, standing().0);
    let keys: JwkSet = serde_json::from_str(&another.jwks().await.unwrap()).unwrap();
    let token = one.service_token("x").unwrap();
    assert!(keys.find(&decode_header(&token).unwrap().kid.unwrap()).is_none());
    let key = DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    assert!(decode::<Value>(&token, &key, &Validation::new(Algorithm::EdDSA)).is_err());
}

#[tokio::test]
async fn a_refusal_does_not_say_what_was_wrong() {
    let (auth, _) = standing();
    let wrong = auth.sign_in("buyer@demo.test", "sarai-dem0", None).await;
    let unknown = auth.sign_in("nobody@demo.test", demo::PASSWORD, None).await;
    assert_eq!(wrong.unwrap_err(), SignInError::Refused);
    assert_eq!(unknown.unwrap_err(), SignInError::Refused);
    assert!(auth.sign_in(" Buyer@Demo.test", demo::PASSWORD, Some("000000".to_owned())).await.is_ok());
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_until_twelve_hours_after_the_sign_in() {
    let (auth, clock) = standing();
    let first = auth.issue("customer@demo.test").unwrap();
    let second = auth.refresh(&first.refresh_token).unwrap();
    assert_eq!(second.principal, first.principal);
    assert_eq!(auth.refresh(&first.refresh_token).unwrap_err(), SignInError::Refused);

    clock.advance(Duration::hours(11));
    let third = auth.refresh(&second.refresh_token).unwrap();
    assert_eq!(third.expires_at, clock.real().plus(ACCESS));
    clock.advance(Duration::hours(1));
    assert_eq!(auth.refresh(&third.refresh_token).unwrap_err(), SignInError::Refused);
}

#[tokio::test]
async fn a_revoked_session_is_not_refreshed() {
    let (auth, _) = standing();
    let session = auth.issue("provider@demo.test").unwrap();
    auth.revoke(&session.refresh_token);
    assert_eq!(auth.refresh(&session.refresh_token).unwrap_err(), SignInError::Refused);
    assert_eq!(auth.issue("nobody@demo.test").unwrap_err(), SignInError::Refused);
}
