//! Idempotency keys: taken, lapsed, answered, forgotten (ruling R71).

use std::time::Duration;

use sarai_ports::{
    Scope, StoreError,
    idempotency::{Claim, ClaimKey, StoredResponse},
};

use crate::{
    SuitePorts,
    harness::{after, at_once, committed},
    make,
    subject::AGES,
};

fn answer(body: &[u8]) -> StoredResponse {
    let headers = vec![("etag".to_owned(), "\"1\"".to_owned()), ("location".to_owned(), "/x".to_owned())];
    StoredResponse { status: 201, headers, body: body.to_vec() }
}

/// A key nobody used is unknown.
pub async fn an_unknown_key_is_free(ports: &SuitePorts) {
    assert_eq!(ports.idempotency.find(&ports.claim("key").key).await.unwrap(), None);
}

/// A key that is taken shows who asks what and until when.
pub async fn a_claim_is_found(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!((held.fingerprint, held.lease_until), (claim.fingerprint, claim.lease_until));
    assert_eq!((held.resource_id, held.response), (None, None));
}

/// A key is taken by one at a time.
pub async fn a_held_key_is_refused(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    ports.advance(Duration::from_secs(19));
    assert_eq!(ports.idempotency.claim(&ports.claim("key")).await, Err(StoreError::ClaimHeld));
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!(held.lease_until, claim.lease_until, "the refusal does not extend it");
}

/// A request that asks for something else under the key is refused too, and changes nothing.
pub async fn another_request_is_refused(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    let other = Claim { fingerprint: "asks that".to_owned(), ..ports.claim("key") };
    assert_eq!(ports.idempotency.claim(&other).await, Err(StoreError::ClaimHeld));
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!(held.fingerprint, claim.fingerprint);
}

/// The key of an owner that is gone is taken over when there was no effect.
pub async fn a_lapsed_key_is_taken_over(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    ports.advance(Duration::from_secs(21));
    let again = ports.claim("key");
    ports.idempotency.claim(&again).await.unwrap();
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!(held.lease_until, again.lease_until);
    assert_eq!(ports.idempotency.claim(&ports.claim("key")).await, Err(StoreError::ClaimHeld));
}

/// A key that had an effect is not taken over: the request is resumed by what was written.
pub async fn a_lapsed_key_with_an_effect_is_kept(ports: &SuitePorts) {
    let claim = ports.claim("key");
    let unit = ports.unit(make::order(ports, "acme", "ana"), ports.claiming(&claim));
    let id = unit.changes.id.to_string();
    committed(ports.orders.save(&Scope::System, unit).await);
    ports.advance(AGES);
    assert_eq!(ports.idempotency.claim(&ports.claim("key")).await, Err(StoreError::ClaimHeld));
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!((held.resource_id, held.response), (Some(id), None));
}

/// A key that was answered is not taken over.
pub async fn an_answered_key_is_kept(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.complete(&claim, &answer(b"{}")).await.unwrap();
    ports.advance(AGES);
    assert_eq!(ports.idempotency.claim(&ports.claim("key")).await, Err(StoreError::ClaimHeld));
}

/// Of claims that race, one holds the key.
pub async fn of_racing_claims_one_holds(ports: &SuitePorts) {
    let claim = ports.claim("key");
    let taken = at_once(20, |_| {
        let (ports, claim) = (ports.clone(), claim.clone());
        async move { ports.idempotency.claim(&claim).await }
    })
    .await;
    assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1);
    assert!(taken.into_iter().filter_map(Result::err).all(|error| error == StoreError::ClaimHeld));
}

/// Of those that race to take over a lapsed key, one gets it.
pub async fn of_racing_takeovers_one_holds(ports: &SuitePorts) {
    ports.idempotency.claim(&ports.claim("key")).await.unwrap();
    ports.advance(AGES);
    let claim = ports.claim("key");
    let taken = at_once(20, |_| {
        let (ports, claim) = (ports.clone(), claim.clone());
        async move { ports.idempotency.claim(&claim).await }
    })
    .await;
    assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1);
}

/// An answer is given again byte for byte, whatever its bytes are.
pub async fn an_answer_comes_back_byte_for_byte(ports: &SuitePorts) {
    let all: Vec<u8> = (0..=255).collect();
    for (number, body) in [b"".as_slice(), b"{\"a\": 1.50}\n", &all, &[0xC3, 0x28]].into_iter().enumerate() {
        let claim = ports.claim(&format!("key-{number}"));
        ports.idempotency.claim(&claim).await.unwrap();
        ports.idempotency.complete(&claim, &answer(body)).await.unwrap();
        let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
        assert_eq!(held.response, Some(answer(body)));
    }
}

/// A refusal's answer takes the key in one step.
pub async fn an_answer_takes_the_key(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.complete(&claim, &answer(b"no")).await.unwrap();
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!((held.fingerprint, held.resource_id), (claim.fingerprint, None));
    assert_eq!(held.response, Some(answer(b"no")));
}

/// The first answer stays.
pub async fn the_first_answer_stays(ports: &SuitePorts) {
    let claim = ports.claim("key");
    for body in [b"one", b"two"] {
        ports.idempotency.complete(&claim, &answer(body)).await.unwrap();
    }
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!(held.response, Some(answer(b"one")));
}

/// The answer to another request does not become this one's.
pub async fn another_request_s_answer_is_not_kept(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    let other = Claim { fingerprint: "asks that".to_owned(), ..claim.clone() };
    ports.idempotency.complete(&other, &answer(b"wrong")).await.unwrap();
    assert_eq!(ports.idempotency.find(&claim.key).await.unwrap().unwrap().response, None);
}

/// An answer stays with the effect it is about.
pub async fn an_answer_keeps_the_effect(ports: &SuitePorts) {
    let claim = ports.claim("key");
    let unit = ports.unit(make::order(ports, "acme", "ana"), ports.claiming(&claim));
    let id = unit.changes.id.to_string();
    committed(ports.orders.save(&Scope::System, unit).await);
    ports.idempotency.complete(&claim, &answer(b"{}")).await.unwrap();
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!((held.resource_id, held.response), (Some(id), Some(answer(b"{}"))));
}

/// Whoever was refused, because another process did it under the same key meanwhile, has no answer to keep: the key is
/// answered with the effect.
pub async fn a_refusal_is_not_kept_with_another_s_effect(ports: &SuitePorts) {
    let first = ports.claim("key");
    let unit = ports.unit(make::order(ports, "acme", "ana"), ports.claiming(&first));
    let id = unit.changes.id.to_string();
    ports.advance(Duration::from_secs(1));
    let second = ports.claim("key");
    committed(ports.orders.save(&Scope::System, unit).await);
    assert!(!ports.idempotency.complete(&second, &answer(b"no")).await.unwrap());
    let held = ports.idempotency.find(&first.key).await.unwrap().unwrap();
    assert_eq!((held.resource_id, held.response), (Some(id), None));
    assert!(ports.idempotency.complete(&first, &answer(b"{}")).await.unwrap());
    assert!(!ports.idempotency.complete(&first, &answer(b"{}")).await.unwrap(), "the first answer stays");
}

/// A claim that is given up is free at once.
pub async fn an_abandoned_key_is_free(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    ports.idempotency.abandon(&claim.key).await.unwrap();
    assert_eq!(ports.idempotency.find(&claim.key).await.unwrap(), None);
    ports.idempotency.claim(&claim).await.unwrap();
    ports.idempotency.abandon(&ports.claim("unknown").key).await.unwrap();
}

/// What had an effect or an answer is not given up.
pub async fn an_effect_is_not_abandoned(ports: &SuitePorts) {
    let (effect, refusal) = (ports.claim("effect"), ports.claim("refusal"));
    let unit = ports.unit(make::order(ports, "acme", "ana"), ports.claiming(&effect));
    committed(ports.orders.save(&Scope::System, unit).await);
    ports.idempotency.complete(&refusal, &answer(b"no")).await.unwrap();
    for claim in [effect, refusal] {
        ports.idempotency.abandon(&claim.key).await.unwrap();
        assert!(ports.idempotency.find(&claim.key).await.unwrap().is_some());
    }
}

/// Keys are one principal's, for one operation, in one tenant.
pub async fn keys_are_apart(ports: &SuitePorts) {
    let claim = ports.claim("key");
    let others = [
        ClaimKey { tenant_id: make::tenant("globex"), ..claim.key.clone() },
        ClaimKey { principal: "ben".to_owned(), ..claim.key.clone() },
        ClaimKey { operation: "orders.refund", ..claim.key.clone() },
        ClaimKey { key_hash: "other".to_owned(), ..claim.key.clone() },
    ];
    ports.idempotency.claim(&claim).await.unwrap();
    for key in others {
        assert_eq!(ports.idempotency.find(&key).await.unwrap(), None);
        ports.idempotency.claim(&Claim { key, ..claim.clone() }).await.unwrap();
    }
}

/// Old keys are forgotten, newer ones kept.
pub async fn old_keys_are_forgotten(ports: &SuitePorts) {
    for key in ["old-1", "old-2"] {
        ports.idempotency.complete(&ports.claim(key), &answer(b"{}")).await.unwrap();
    }
    ports.advance(AGES);
    let line = ports.now();
    ports.idempotency.claim(&ports.claim("new")).await.unwrap();
    assert_eq!(ports.idempotency.purge(line).await.unwrap(), 2);
    assert_eq!(ports.idempotency.purge(line).await.unwrap(), 0);
    assert_eq!(ports.idempotency.find(&ports.claim("old-1").key).await.unwrap(), None);
    assert!(ports.idempotency.find(&ports.claim("new").key).await.unwrap().is_some());
    let later = after(line, Duration::from_secs(1));
    assert_eq!(ports.idempotency.purge(later).await.unwrap(), 1);
}
