//! What holds of every aggregate: who finds it and who may save it.

use sarai_domain::kernel::Aggregate;
use sarai_ports::{Scope, Stored};

use crate::{
    SuitePorts,
    harness::{assert_not_found, committed},
    make,
    subject::Subject,
};

fn owner<S: Subject>(aggregate: &S::Aggregate) -> Scope {
    Scope::Tenant(S::Aggregate::owner(aggregate.data()))
}

fn stranger() -> Scope {
    Scope::Tenant(make::tenant("globex"))
}

async fn finds<S: Subject>(ports: &SuitePorts, scope: &Scope, aggregate: &S::Aggregate) -> bool {
    S::repository(ports).find(scope, &aggregate.id()).await.unwrap().is_some()
}

async fn cannot_save<S: Subject>(ports: &SuitePorts, scope: &Scope, aggregate: S::Aggregate) {
    let (id, traces) = (aggregate.id(), ports.traces().await);
    let before = S::repository(ports).find(&Scope::System, &id).await.unwrap();
    let refused = S::repository(ports).save(scope, ports.unit(aggregate, ports.context())).await;
    assert_not_found(refused);
    let after = S::repository(ports).find(&Scope::System, &id).await.unwrap();
    assert_eq!(after.map(|found| found.version()), before.map(|found| found.version()));
    assert_eq!(ports.traces().await, traces);
}

/// A tenant finds its own, where tenants read at all.
pub async fn its_tenant_finds_it<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    assert_eq!(finds::<S>(ports, &owner::<S>(&stored), &stored).await, S::READ_BY_TENANT);
}

/// To another tenant it does not exist.
pub async fn another_tenant_finds_nothing<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    assert!(!finds::<S>(ports, &stranger(), &stored).await);
}

/// To nobody in particular it does not exist.
pub async fn the_public_finds_nothing<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    assert!(!finds::<S>(ports, &Scope::Public, &stored).await);
}

/// The platform's staff find everything.
pub async fn staff_find_it<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    assert!(finds::<S>(ports, &Scope::PlatformAdmin, &stored).await);
}

/// Workers find everything.
pub async fn workers_find_it<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    assert!(finds::<S>(ports, &Scope::System, &stored).await);
}

/// A tenant saves its own.
pub async fn its_tenant_saves_it<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    let (scope, id) = (owner::<S>(&fresh), fresh.id());
    committed(S::repository(ports).save(&scope, ports.unit(fresh, ports.context())).await);
    let changed = S::changed(&ports.load(S::repository(ports), &id).await, ports);
    let commit = committed(S::repository(ports).save(&scope, ports.unit(changed, ports.context())).await);
    assert_eq!(commit.version, 2);
}

/// The platform's staff save any.
pub async fn staff_save_it<S: Subject>(ports: &SuitePorts) {
    let changed = S::changed(&S::stored(ports).await, ports);
    let unit = ports.unit(changed, ports.context());
    committed(S::repository(ports).save(&Scope::PlatformAdmin, unit).await);
}

/// Another tenant cannot insert one in its name.
pub async fn another_tenant_cannot_insert_it<S: Subject>(ports: &SuitePorts) {
    cannot_save::<S>(ports, &stranger(), S::fresh(ports)).await;
}

/// Another tenant cannot change it.
pub async fn another_tenant_cannot_change_it<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    cannot_save::<S>(ports, &stranger(), S::changed(&stored, ports)).await;
}

/// Another tenant learns nothing from a stale version: the answer is the same.
pub async fn another_tenant_cannot_probe_versions<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    ports.put(S::repository(ports), S::changed(&stored, ports)).await;
    cannot_save::<S>(ports, &stranger(), S::changed(&stored, ports)).await;
}

/// Nobody in particular cannot save anything.
pub async fn the_public_cannot_save_it<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    cannot_save::<S>(ports, &Scope::Public, S::changed(&stored, ports)).await;
    cannot_save::<S>(ports, &Scope::Public, S::fresh(ports)).await;
}
