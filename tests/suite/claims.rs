//! What holds of every aggregate: an idempotency key is claimed with the effect, or not at all (ruling R71).

use sarai_domain::kernel::Aggregate;
use sarai_ports::{Scope, StoreError};

use crate::{
    SuitePorts,
    harness::{assert_conflict, at_once, committed, has_committed},
    subject::{AGES, Subject},
};

/// The effect takes the key and names what it wrote.
pub async fn the_effect_takes_the_key<S: Subject>(ports: &SuitePorts) {
    let (claim, fresh) = (ports.claim("key"), S::fresh(ports));
    let id = fresh.id().to_string();
    committed(S::repository(ports).save(&Scope::System, ports.unit(fresh, ports.claiming(&claim))).await);
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!((held.resource_id, held.fingerprint), (Some(id), claim.fingerprint));
    assert_eq!((held.lease_until, held.response), (claim.lease_until, None));
}

/// A key somebody holds refuses the save, which leaves nothing.
pub async fn a_held_key_refuses_the_effect<S: Subject>(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    let fresh = S::fresh(ports);
    let id = fresh.id();
    let refused = S::repository(ports).save(&Scope::System, ports.unit(fresh, ports.claiming(&claim))).await;
    assert_eq!(refused.unwrap_err(), StoreError::ClaimHeld);
    assert!(S::repository(ports).find(&Scope::System, &id).await.unwrap().is_none());
    assert_eq!(ports.traces().await, (0, 0));
}

/// A key whose effect is written refuses another one, however old it is.
pub async fn a_used_key_refuses_another_effect<S: Subject>(ports: &SuitePorts) {
    let claim = ports.claim("key");
    let save = |aggregate| {
        let unit = ports.unit(aggregate, ports.claiming(&claim));
        async move { S::repository(ports).save(&Scope::System, unit).await }
    };
    committed(save(S::fresh(ports)).await);
    ports.advance(AGES);
    assert_eq!(save(S::fresh(ports)).await.unwrap_err(), StoreError::ClaimHeld);
}

/// The key of an owner that is gone without an effect is taken over with the effect.
pub async fn a_lapsed_key_takes_the_effect<S: Subject>(ports: &SuitePorts) {
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    ports.advance(AGES);
    let again = ports.claim("key");
    committed(
        S::repository(ports).save(&Scope::System, ports.unit(S::fresh(ports), ports.claiming(&again))).await,
    );
    let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
    assert_eq!(held.lease_until, again.lease_until);
}

/// A save that conflicts has not taken its key.
pub async fn a_conflict_leaves_the_key_free<S: Subject>(ports: &SuitePorts) {
    let (claim, fresh) = (ports.claim("key"), S::fresh(ports));
    ports.put(S::repository(ports), fresh.clone()).await;
    let unit = ports.unit(fresh, ports.claiming(&claim));
    assert_conflict(S::repository(ports).save(&Scope::System, unit).await);
    assert_eq!(ports.idempotency.find(&claim.key).await.unwrap(), None);
    ports.idempotency.claim(&claim).await.unwrap();
}

/// Of effects that race under one key, exactly one is written.
pub async fn of_racing_effects_one_is_written<S: Subject>(ports: &SuitePorts) {
    let claim = ports.claim("key");
    let saved = at_once(12, |_| {
        let unit = ports.unit(S::fresh(ports), ports.claiming(&claim));
        let ports = ports.clone();
        async move { S::repository(&ports).save(&Scope::System, unit).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    for lost in saved.into_iter().filter(|saved| !has_committed(saved)) {
        assert_eq!(lost.unwrap_err(), StoreError::ClaimHeld);
    }
    assert_eq!(ports.audit_rows().await.len(), 1);
}
