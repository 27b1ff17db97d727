//! What holds of every aggregate: a message has its effect on it once (ruling R40).

use sarai_domain::kernel::Aggregate;
use sarai_ports::Scope;

use crate::{
    SuitePorts,
    harness::{assert_conflict, assert_consumed, assert_not_found, at_once, committed, has_committed},
    make,
    subject::Subject,
};

/// The message again writes nothing, and that is a success.
pub async fn a_message_has_its_effect_once<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    let unit = |aggregate| ports.unit(aggregate, ports.consuming("saga", "evt-1"));
    committed(S::repository(ports).save(&Scope::System, unit(S::changed(&stored, ports))).await);
    let traces = ports.traces().await;
    let again = ports.load(S::repository(ports), &stored.id()).await;
    // What the message would change does not matter: it was handled.
    assert_consumed(S::repository(ports).save(&Scope::System, unit(again)).await);
    assert_consumed(S::repository(ports).save(&Scope::System, unit(S::changed(&stored, ports))).await);
    assert_eq!(ports.load(S::repository(ports), &stored.id()).await.version(), 2);
    assert_eq!(ports.traces().await, traces);
}

/// One message may insert an aggregate, and does so once.
pub async fn a_message_inserts_once<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    let unit = || ports.unit(fresh.clone(), ports.consuming("saga", "evt-1"));
    committed(S::repository(ports).save(&Scope::System, unit()).await);
    assert_consumed(S::repository(ports).save(&Scope::System, unit()).await);
}

/// One message may drive several aggregates of one consumer.
pub async fn a_message_may_have_several_targets<S: Subject>(ports: &SuitePorts) {
    for _ in 0..2 {
        let unit = ports.unit(S::fresh(ports), ports.consuming("saga", "evt-1"));
        committed(S::repository(ports).save(&Scope::System, unit).await);
    }
}

/// Another consumer of the message has an effect of its own.
pub async fn each_consumer_has_its_own_inbox<S: Subject>(ports: &SuitePorts) {
    let unit = ports.unit(S::fresh(ports), ports.consuming("saga", "evt-1"));
    let id = unit.changes.id.clone();
    committed(S::repository(ports).save(&Scope::System, unit).await);
    let changed = S::changed(&ports.load(S::repository(ports), &id).await, ports);
    let unit = ports.unit(changed, ports.consuming("refunds", "evt-1"));
    committed(S::repository(ports).save(&Scope::System, unit).await);
}

/// Another message has its effect.
pub async fn another_message_has_its_effect<S: Subject>(ports: &SuitePorts) {
    let unit = ports.unit(S::fresh(ports), ports.consuming("saga", "evt-1"));
    let id = unit.changes.id.clone();
    committed(S::repository(ports).save(&Scope::System, unit).await);
    let changed = S::changed(&ports.load(S::repository(ports), &id).await, ports);
    let unit = ports.unit(changed, ports.consuming("saga", "evt-2"));
    committed(S::repository(ports).save(&Scope::System, unit).await);
}

/// A save that conflicts has not consumed its message.
pub async fn a_conflict_does_not_consume<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    ports.put(S::repository(ports), fresh.clone()).await;
    let unit = ports.unit(fresh.clone(), ports.consuming("saga", "evt-1"));
    assert_conflict(S::repository(ports).save(&Scope::System, unit).await);
    let changed = S::changed(&ports.load(S::repository(ports), &fresh.id()).await, ports);
    let unit = ports.unit(changed, ports.consuming("saga", "evt-1"));
    committed(S::repository(ports).save(&Scope::System, unit).await);
}

/// A save that the scope refuses has not consumed its message, handled or not.
pub async fn a_refused_scope_does_not_consume<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    let stranger = Scope::Tenant(make::tenant("globex"));
    let unit = || ports.unit(fresh.clone(), ports.consuming("saga", "evt-1"));
    assert_not_found(S::repository(ports).save(&stranger, unit()).await);
    committed(S::repository(ports).save(&Scope::System, unit()).await);
    assert_not_found(S::repository(ports).save(&stranger, unit()).await);
}

/// Of copies of a message that race, one has its effect and the others are told that it has.
pub async fn of_racing_copies_one_has_its_effect<S: Subject>(ports: &SuitePorts) {
    let loaded = S::stored(ports).await;
    let saved = at_once(8, |_| {
        let unit = ports.unit(S::changed(&loaded, ports), ports.consuming("saga", "evt-1"));
        let ports = ports.clone();
        async move { S::repository(&ports).save(&Scope::System, unit).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    assert!(saved.iter().all(Result::is_ok), "{saved:?}");
    assert_eq!(ports.load(S::repository(ports), &loaded.id()).await.version(), 2);
}
