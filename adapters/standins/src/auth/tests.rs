//! Sessions and tokens, the latter checked as a resource server would.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use sarai_system::{ManualClock, OsEntropy, SystemClock};
use serde_json::Value;

use super::*;
use crate::testing::{Recorder, clock};

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
    let second = auth.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(second.principal, first.principal);
    assert_eq!(auth.refresh(&first.refresh_token).await.unwrap_err(), SignInError::Refused);

    clock.advance(Duration::hours(11));
    let third = auth.refresh(&second.refresh_token).await.unwrap();
    assert_eq!(third.expires_at, clock.real().plus(ACCESS));
    clock.advance(Duration::hours(1));
    assert_eq!(auth.refresh(&third.refresh_token).await.unwrap_err(), SignInError::Refused);
}

#[tokio::test]
async fn a_revoked_session_is_not_refreshed() {
    let (auth, _) = standing();
    let session = auth.issue("provider@demo.test").unwrap();
    auth.revoke(&session.refresh_token).await.unwrap();
    assert_eq!(auth.refresh(&session.refresh_token).await.unwrap_err(), SignInError::Refused);
    assert_eq!(auth.issue("nobody@demo.test").unwrap_err(), SignInError::Refused);
}

#[tokio::test]
async fn an_access_token_ends_its_session_and_no_other() {
    let (auth, _) = standing();
    let (one, other) = (auth.issue("buyer@demo.test").unwrap(), auth.issue("buyer@demo.test").unwrap());
    let next = auth.refresh(&one.refresh_token).await.unwrap();
    auth.revoke(&one.access_token).await.unwrap();
    assert_eq!(auth.refresh(&next.refresh_token).await.unwrap_err(), SignInError::Refused);
    assert!(auth.refresh(&other.refresh_token).await.is_ok());
    auth.revoke("nonsense").await.unwrap();
}

#[tokio::test]
async fn a_confirmed_second_factor_is_asked_for_and_each_password_is_taken_once() {
    let (auth, clock) = standing();
    let session = auth.issue("developer@demo.test").unwrap();
    let sign_in = |otp: Option<String>| auth.sign_in("developer@demo.test", demo::PASSWORD, otp);
    let enrolment = auth.enrol_totp(&session.access_token).await.unwrap();
    let now = || totp::password_at(&enrolment, clock.real());
    assert!(sign_in(None).await.is_ok(), "it is not confirmed");
    let wrong = auth.confirm_totp(&session.access_token, "000000").await;
    assert_eq!(wrong.unwrap_err(), SignInError::Refused);
    auth.confirm_totp(&session.access_token, &now()).await.unwrap();

    assert_eq!(sign_in(None).await.unwrap_err(), SignInError::OtpRequired);
    assert_eq!(sign_in(Some(now())).await.unwrap_err(), SignInError::Refused, "it was taken");
    clock.advance(Duration::seconds(30));
    assert!(sign_in(Some(now())).await.is_ok());
    assert_eq!(sign_in(Some(now())).await.unwrap_err(), SignInError::Refused);
    assert_eq!(auth.enrol_totp(&session.access_token).await.unwrap_err(), SignInError::Refused);
    let wrong_password = auth.sign_in("developer@demo.test", "wrong", None).await;
    assert_eq!(wrong_password.unwrap_err(), SignInError::Refused, "an otp is asked for after the password");
    clock.advance(Duration::hours(2));
    let late = auth.enrol_totp(&session.access_token).await;
    assert_eq!(late.unwrap_err(), SignInError::Refused, "the token is over");
    assert_eq!(format!("{enrolment:?}"), "[redacted]");
}

#[tokio::test]
async fn what_happens_to_an_account_is_told_in_numbered_states() {
    let (auth, _) = standing();
    let sink = Arc::new(Recorder::default());
    auth.connect(sink.clone());
    let amina = Principal {
        user_id: "acc_amina".parse().unwrap(),
        tenant_id: "acc_amina".parse().unwrap(),
        email: Some("amina@example.com".to_owned()),
        roles: vec![Role::Developer],
        via: sarai_ports::auth::Via::default(),
    };
    auth.create_account(amina.clone(), "long enough").unwrap();
    assert!(auth.create_account(amina, "again").is_err());
    let session = auth.sign_in("amina@example.com", "long enough", None).await.unwrap();
    auth.verify_email("amina@example.com").unwrap();
    let enrolment = auth.enrol_totp(&session.access_token).await.unwrap();
    let otp = totp::password_at(&enrolment, auth.clock.real());
    auth.confirm_totp(&session.access_token, &otp).await.unwrap();
    auth.suspend("amina@example.com").unwrap();
    assert_eq!(auth.refresh(&session.refresh_token).await.unwrap_err(), SignInError::Refused);
    assert_eq!(auth.issue("amina@example.com").unwrap_err(), SignInError::Refused);
    auth.reinstate("amina@example.com").unwrap();
    assert!(auth.issue("amina@example.com").is_ok());
    auth.close("amina@example.com").unwrap();
    auth.reinstate("amina@example.com").unwrap();
    assert!(auth.issue("amina@example.com").is_err(), "what is closed stays closed");

    auth.callbacks.run_due().await.unwrap();
    assert_eq!(sink.ids().len(), 7);
    let told: Vec<_> = sink
        .take()
        .into_iter()
        .map(|event| match event {
            InboundEvent::AccountCreated(told) => ("created", told),
            InboundEvent::EmailVerified(told) => ("verified", told),
            InboundEvent::MfaEnrolled(told) => ("enrolled", told),
            InboundEvent::AccountSuspended(told) => ("suspended", told),
            InboundEvent::AccountReinstated(told) => ("reinstated", told),
            InboundEvent::AccountClosed(told) => ("closed", told),
            other => panic!("{other:?}"),
        })
        .map(|(what, told)| (what, told.sequence, told.email_verified, told.mfa_enrolled, told.disabled))
        .collect();
    assert_eq!(
        told,
        [
            ("created", 1, false, false, false),
            ("verified", 2, true, false, false),
            ("enrolled", 3, true, true, false),
            ("suspended", 4, true, true, true),
            ("reinstated", 5, true, true, false),
            ("closed", 6, true, true, true),
            ("reinstated", 7, true, true, true),
        ]
    );
}
