//! Enrollment and auth: every method.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sarai_domain::kernel::{CourseId, TenantId, Timestamp, UserId};
use sarai_ports::{
    GatewayError,
    auth::{Role, SignInError},
    marketplace::{Enrolment, LearnerActivity},
    system::Clock as _,
};
use serde_json::Value;
use sha1::Sha1;

use crate::world::{WAYS, World};

/// What an authenticator shows now (RFC 6238).
fn otp(secret: &str, now: Timestamp) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&(now.unix_micros() / 30_000_000).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn tenant() -> TenantId {
    "acme".parse().unwrap()
}

fn user(id: &str) -> UserId {
    id.parse().unwrap()
}

fn course() -> CourseId {
    "crs_1".parse().unwrap()
}

fn enrolment(who: &str) -> Enrolment {
    let course_version_id = "cv_1".parse().unwrap();
    Enrolment { tenant_id: tenant(), user_id: user(who), course_id: course(), course_version_id }
}

#[tokio::test]
async fn learners_are_enrolled_and_cancelled_once_a_key() {
    for way in WAYS {
        let world = World::new(way).await;
        let service = &world.enrollment;
        service.enroll("l:1/ann", &enrolment("ann")).await.unwrap();
        assert_eq!(world.standins.enrollment.enrolled(&course()), BTreeSet::from([user("ann")]), "{way:?}");
        service.cancel("l:1/ann", &tenant(), &user("ann"), &course()).await.unwrap();
        service.enroll("l:1/ann", &enrolment("ann")).await.unwrap();
        assert_eq!(world.standins.enrollment.enrolled(&course()), BTreeSet::new(), "{way:?}");
        let reused = service.enroll("l:1/ann", &enrolment("bob")).await;
        assert_eq!(reused, Err(GatewayError::Refused { code: "key_reused".to_owned() }), "{way:?}");
        assert_eq!(service.cancel("none", &tenant(), &user("cy"), &course()).await, Ok(()), "{way:?}");

        world.standins.enrollment.set_activity(user("ann"), course(), 3, true);
        let asked = BTreeSet::from([user("ann"), user("bob")]);
        let consumed = service.consumed(&tenant(), &course(), &asked).await;
        assert_eq!(consumed, Ok(BTreeSet::from([user("ann")])), "{way:?}");
        let activity = service.activity(&tenant(), &user("ann"), &course()).await;
        assert_eq!(activity, Ok(LearnerActivity { attempts: 3 }), "{way:?}");
        world.standins.enrollment.set_outage(true);
        let out = service.activity(&tenant(), &user("ann"), &course()).await;
        assert!(matches!(out, Err(GatewayError::Unavailable(_))), "{way:?}");
        if let Some(contract) = world.contracts.get(1) {
            contract.assert_kept_and_used("enrolments");
        }
    }
}

#[tokio::test]
async fn a_session_is_opened_with_the_right_password_and_verified_by_the_keys() {
    for way in WAYS {
        let world = World::new(way).await;
        let session = world.auth.sign_in("buyer@demo.test", "sarai-demo", None).await.unwrap();
        assert_eq!(session.principal.email.as_deref(), Some("buyer@demo.test"), "{way:?}");
        assert_eq!(session.principal.roles, [Role::Customer, Role::TenantAdmin], "{way:?}");
        for (email, password) in [("buyer@demo.test", "wrong"), ("nobody@demo.test", "sarai-demo")] {
            let refused = world.auth.sign_in(email, password, Some("1".to_owned())).await;
            assert_eq!(refused, Err(SignInError::Refused), "{way:?}");
        }
        let next = world.auth.refresh(&session.refresh_token).await.unwrap();
        assert_eq!(next.principal, session.principal, "{way:?}");
        assert_eq!(world.auth.refresh(&session.refresh_token).await, Err(SignInError::Refused), "{way:?}");
        let enrolment = world.auth.enrol_totp(&next.access_token).await.unwrap();
        let otp = otp(&enrolment.secret, world.clock.real());
        let wrong = world.auth.confirm_totp("no token", &otp).await;
        assert_eq!(wrong, Err(SignInError::Refused), "{way:?}");
        assert_eq!(world.auth.confirm_totp(&next.access_token, &otp).await, Ok(()), "{way:?}");
        let without = world.auth.sign_in("buyer@demo.test", "sarai-demo", None).await;
        assert_eq!(without, Err(SignInError::OtpRequired), "{way:?}");
        assert_eq!(world.auth.revoke(&next.access_token).await, Ok(()), "{way:?}");
        assert_eq!(world.auth.refresh(&next.refresh_token).await, Err(SignInError::Refused), "{way:?}");
        let keys: Value = serde_json::from_str(&world.auth.jwks().await.unwrap()).unwrap();
        let header = jsonwebtoken::decode_header(&session.access_token).unwrap();
        assert_eq!(keys["keys"][0]["kid"].as_str(), header.kid.as_deref(), "{way:?}");
        if let Some(contract) = world.contracts.get(2) {
            contract.assert_kept_and_used("sessions");
        }
    }
}
