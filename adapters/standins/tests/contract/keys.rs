//! Keys: their secrets are made once, work until they are over, and are kept nowhere (T64).

use sarai_domain::{
    devportal::values::{Environment, KeyTrace, RawKey, ScopeSet},
    kernel::{ApiKeyId, Timestamp, Ulid},
};
use sarai_ports::{
    GatewayError,
    devportal::{IssuedKey, KeyGrant, KeyRefusal, KeyTerms},
};
use time::Duration;

use crate::world::{WAYS, World};

fn key(number: u128) -> ApiKeyId {
    ApiKeyId::new(Ulid::from(number))
}

fn terms(version: u64, ends_at: Option<Timestamp>) -> KeyTerms {
    KeyTerms { version, ends_at, ip_allow_list: vec!["203.0.113.0/24".parse().unwrap()] }
}

fn grant(number: u128) -> KeyGrant {
    KeyGrant {
        key_id: key(number),
        tenant_id: "acme".parse().unwrap(),
        account_id: "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        environment: Environment::Sandbox,
        sandbox_id: Some("sbx_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap()),
        scopes: ScopeSet::parse(&["verify:send", "sms:send"]).unwrap(),
        terms: terms(1, None),
    }
}

fn refused<T>(code: &str) -> Result<T, GatewayError> {
    Err(GatewayError::Refused { code: code.to_owned() })
}

impl World {
    async fn issue(&self, number: u128) -> RawKey {
        match self.issuer.issue(&grant(number)).await.unwrap() {
            IssuedKey::Fresh(key) => key,
            IssuedKey::Before(trace) => panic!("issued before: {trace:?}"),
        }
    }
}

#[tokio::test]
async fn a_secret_is_told_once_and_works_until_it_is_revoked() {
    for way in WAYS {
        let world = World::new(way).await;
        let raw = world.issue(1).await;
        assert_eq!(world.keys.verify(&raw).await, Ok(grant(1)), "{way:?}");
        // The same again: neither that secret nor another, and it still works.
        let Ok(IssuedKey::Before(trace)) = world.issuer.issue(&grant(1)).await else { panic!("{way:?}") };
        assert_eq!(trace, KeyTrace::of(raw.expose()).unwrap(), "{way:?}");
        assert_eq!(world.keys.verify(&raw).await, Ok(grant(1)), "{way:?}");
        let other = KeyGrant { tenant_id: "other".parse().unwrap(), ..grant(1) };
        assert_eq!(world.issuer.issue(&other).await.map(drop), refused("key_reused"), "{way:?}");

        let second = world.issue(2).await;
        assert_eq!(world.keys.verify(&second).await.unwrap().key_id, key(2), "{way:?}");
        for _ in 0..2 {
            assert_eq!(world.issuer.revoke(&key(1)).await, Ok(()), "{way:?}");
            assert_eq!(world.keys.verify(&raw).await, Err(KeyRefusal::Invalid), "{way:?}");
        }
        assert_eq!(world.issuer.issue(&grant(1)).await.map(drop), refused("revoked"), "{way:?}");
        assert!(world.keys.verify(&second).await.is_ok(), "{way:?}");
        // Revoked before it was issued, as after an issue whose answer never came.
        world.issuer.revoke(&key(3)).await.unwrap();
        assert_eq!(world.issuer.issue(&grant(3)).await.map(drop), refused("revoked"), "{way:?}");

        let end = "2026-04-21T00:00:00Z".parse().unwrap();
        assert_eq!(world.issuer.amend(&key(2), &terms(2, Some(end))).await, Ok(()), "{way:?}");
        assert_eq!(world.keys.verify(&second).await.unwrap().terms, terms(2, Some(end)), "{way:?}");
        assert_eq!(world.issuer.amend(&key(9), &terms(2, None)).await, refused("not_found"), "{way:?}");
        if let Some(contract) = world.contracts.get(2) {
            contract.assert_kept_and_used("keys");
        }
    }
}

#[tokio::test]
async fn a_key_ends_by_its_latest_terms() {
    for way in WAYS {
        let world = World::new(way).await;
        let raw = world.issue(1).await;
        let end: Timestamp = "2026-04-20T13:00:00Z".parse().unwrap();
        world.issuer.amend(&key(1), &terms(3, Some(end))).await.unwrap();
        // An older message arrives later.
        world.issuer.amend(&key(1), &terms(2, None)).await.unwrap();
        world.clock.advance(Duration::minutes(59));
        assert!(world.keys.verify(&raw).await.is_ok(), "{way:?}");
        // Asking again with other terms is the same question.
        assert!(matches!(world.issuer.issue(&grant(1)).await, Ok(IssuedKey::Before(_))), "{way:?}");
        world.clock.advance(Duration::minutes(1));
        assert_eq!(world.keys.verify(&raw).await, Err(KeyRefusal::Invalid), "{way:?}");
    }
}

#[tokio::test]
async fn an_issue_whose_answer_is_lost_is_revoked_and_asked_for_anew() {
    for way in WAYS {
        let world = World::new(way).await;
        world.standins.keys.lose_answers(1);
        let lost = world.issuer.issue(&grant(1)).await;
        assert!(matches!(lost, Err(GatewayError::Unavailable(_))), "{way:?}: {lost:?}");
        assert!(matches!(world.issuer.issue(&grant(1)).await, Ok(IssuedKey::Before(_))), "{way:?}");
        world.issuer.revoke(&key(1)).await.unwrap();
        let raw = world.issue(2).await;
        world.standins.keys.set_outage(true);
        let out = world.keys.verify(&raw).await;
        assert!(matches!(out, Err(KeyRefusal::Gateway(GatewayError::Unavailable(_)))), "{way:?}: {out:?}");
        world.standins.keys.set_outage(false);
        assert_eq!(world.keys.verify(&raw).await, Ok(grant(2)), "{way:?}");
    }
}
