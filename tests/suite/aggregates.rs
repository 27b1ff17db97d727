//! What holds of every aggregate: finding, saving, versions, races, events, audit rows.

use sarai_domain::kernel::Aggregate;
use sarai_ports::{Context, Scope, StoreError, Stored};

use crate::{
    SuitePorts,
    harness::{assert_conflict, at_once, committed, has_committed, to_both, to_nobody},
    subject::Subject,
};

/// A document comes back as it was saved, to the microsecond and the last minor unit.
pub async fn round_trips<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    let (id, data) = (fresh.id(), fresh.data().clone());
    ports.put(S::repository(ports), fresh).await;
    let found = ports.load(S::repository(ports), &id).await;
    assert_eq!((found.data(), found.version()), (&data, 1));
    assert!(S::Aggregate::created_at(found.data()).unix_micros() > 0);
}

/// A change comes back too.
pub async fn a_change_round_trips<S: Subject>(ports: &SuitePorts) {
    let changed = S::changed(&S::stored(ports).await, ports);
    let (id, data) = (changed.id(), changed.data().clone());
    ports.put(S::repository(ports), changed).await;
    let found = ports.load(S::repository(ports), &id).await;
    assert_eq!((found.data(), found.version()), (&data, 2));
}

/// A loaded aggregate announces nothing.
pub async fn nothing_is_pending_after_loading<S: Subject>(ports: &SuitePorts) {
    let stored = S::stored(ports).await;
    let changes = stored.into_changes();
    assert!(changes.events.is_empty() && changes.rows.is_empty());
}

/// An id nobody saved finds nothing.
pub async fn an_unknown_id_is_not_found<S: Subject>(ports: &SuitePorts) {
    S::stored(ports).await;
    let unknown = S::fresh(ports).id();
    let found = S::repository(ports).find(&Scope::System, &unknown).await.unwrap();
    assert!(found.is_none());
}

/// The version is the number of saves.
pub async fn the_version_counts_saves<S: Subject>(ports: &SuitePorts) {
    let mut aggregate = S::stored(ports).await;
    let id = aggregate.id();
    for version in 2..=S::CHANGES + 1 {
        S::change(&mut aggregate, ports);
        let commit = ports.put(S::repository(ports), aggregate).await;
        assert_eq!(commit.version, version);
        aggregate = ports.load(S::repository(ports), &id).await;
        assert_eq!(aggregate.version(), version);
    }
}

/// One save changes one aggregate.
pub async fn a_save_leaves_others_alone<S: Subject>(ports: &SuitePorts) {
    let (one, other) = (S::stored(ports).await, S::stored(ports).await);
    ports.put(S::repository(ports), S::changed(&one, ports)).await;
    let found = ports.load(S::repository(ports), &other.id()).await;
    assert_eq!((found.data(), found.version()), (other.data(), 1));
}

/// A save of what somebody else saved since conflicts and leaves nothing.
pub async fn a_stale_save_writes_nothing<S: Subject>(ports: &SuitePorts) {
    let loaded = S::stored(ports).await;
    ports.put(S::repository(ports), S::changed(&loaded, ports)).await;
    let (before, traces) = (ports.load(S::repository(ports), &loaded.id()).await, ports.traces().await);
    let stale = S::changed(&loaded, ports);
    assert_conflict(ports.save(S::repository(ports), stale).await);
    let after = ports.load(S::repository(ports), &loaded.id()).await;
    assert_eq!((after.data(), after.version()), (before.data(), before.version()));
    assert_eq!(ports.traces().await, traces, "deliveries and audit rows");
}

/// A conflict names the aggregate.
pub async fn a_conflict_names_the_aggregate<S: Subject>(ports: &SuitePorts) {
    let loaded = S::stored(ports).await;
    ports.put(S::repository(ports), S::changed(&loaded, ports)).await;
    let refused = ports.save(S::repository(ports), S::changed(&loaded, ports)).await.unwrap_err();
    assert_eq!(refused, StoreError::Conflict { aggregate: S::Aggregate::NAME });
}

/// After a conflict, loading again and deciding again works.
pub async fn a_retry_after_a_conflict_loads_anew<S: Subject>(ports: &SuitePorts) {
    let loaded = S::stored(ports).await;
    let first = S::changed(&loaded, ports);
    let stale = first.clone();
    ports.put(S::repository(ports), first).await;
    assert_conflict(ports.save(S::repository(ports), stale).await);
    let again = ports.load(S::repository(ports), &loaded.id()).await;
    if S::CHANGES > 1 {
        let commit = ports.put(S::repository(ports), S::changed(&again, ports)).await;
        assert_eq!(commit.version, 3);
    } else {
        assert_eq!(again.version(), 2);
    }
}

/// A second insert of an id conflicts.
pub async fn an_id_is_inserted_once<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    ports.put(S::repository(ports), fresh.clone()).await;
    let traces = ports.traces().await;
    assert_conflict(ports.save(S::repository(ports), fresh).await);
    assert_eq!(ports.traces().await, traces);
}

/// An update of a row that is not there conflicts.
pub async fn an_update_needs_a_row<S: Subject>(ports: &SuitePorts) {
    let changes = S::fresh(ports).into_changes();
    let invented = S::Aggregate::rehydrate(changes.data, changes.rows, 1).unwrap();
    let id = invented.id();
    assert_conflict(ports.save(S::repository(ports), S::changed(&invented, ports)).await);
    assert!(S::repository(ports).find(&Scope::System, &id).await.unwrap().is_none());
    assert_eq!(ports.traces().await, (0, 0));
}

/// Of saves that race, exactly one wins; the others conflict and leave nothing.
pub async fn of_racing_saves_one_wins<S: Subject>(ports: &SuitePorts) {
    let loaded = S::stored(ports).await;
    let audited = ports.audit_rows().await.len();
    let saved = at_once(8, |_| {
        let (ports, changed) = (ports.clone(), S::changed(&loaded, ports));
        async move { ports.save(S::repository(&ports), changed).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    for lost in saved.into_iter().filter(|saved| !has_committed(saved)) {
        assert_conflict(lost);
    }
    assert_eq!(ports.load(S::repository(ports), &loaded.id()).await.version(), 2);
    assert_eq!(ports.audit_rows().await.len(), audited + 1);
}

/// Of inserts of one id that race, exactly one wins.
pub async fn of_racing_inserts_one_wins<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    let saved = at_once(8, |_| {
        let (ports, fresh) = (ports.clone(), fresh.clone());
        async move { ports.save(S::repository(&ports), fresh).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    assert_eq!(ports.load(S::repository(ports), &fresh.id()).await.version(), 1);
}

/// Events are numbered from 1 without gaps, over all saves of an aggregate.
pub async fn events_are_numbered_without_gaps<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    let id = fresh.id();
    let mut numbers = Vec::new();
    let mut next = fresh;
    for round in 0..=S::CHANGES {
        let commit = ports.put(S::repository(ports), next).await;
        numbers.extend(commit.deliveries.iter().map(|delivery| delivery.event.aggregate_seq));
        next = ports.load(S::repository(ports), &id).await;
        if round < S::CHANGES {
            S::change(&mut next, ports);
        }
    }
    let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
    assert!(!numbers.is_empty());
    assert_eq!(numbers, expected);
}

/// Each aggregate has numbers of its own.
pub async fn each_aggregate_numbers_its_own_events<S: Subject>(ports: &SuitePorts) {
    for _ in 0..2 {
        let changed = S::changed(&S::fresh(ports), ports);
        let commit = ports.put(S::repository(ports), changed).await;
        assert_eq!(commit.deliveries.first().map(|delivery| delivery.event.aggregate_seq), Some(1));
    }
}

/// Events that nobody wants take their number and leave no delivery.
pub async fn an_unrouted_event_takes_its_number<S: Subject>(ports: &SuitePorts) {
    let fresh = S::changed(&S::fresh(ports), ports);
    let id = fresh.id();
    let unit = ports.routed(fresh, ports.context(), to_nobody);
    let silent = unit.events.len() as u64;
    let commit = committed(S::repository(ports).save(&Scope::System, unit).await);
    assert!(silent > 0 && commit.deliveries.is_empty());
    assert_eq!(ports.open_deliveries().await, 0);
    if S::CHANGES > 1 {
        let loaded = ports.load(S::repository(ports), &id).await;
        let commit = ports.put(S::repository(ports), S::changed(&loaded, ports)).await;
        assert_eq!(commit.deliveries[0].event.aggregate_seq, silent + 1);
    }
}

/// Every consumer gets a delivery of every event.
pub async fn every_consumer_gets_every_event<S: Subject>(ports: &SuitePorts) {
    let changed = S::changed(&S::fresh(ports), ports);
    let unit = ports.routed(changed, ports.context(), to_both);
    let events: Vec<_> = unit.events.iter().map(|event| event.id).collect();
    let commit = committed(S::repository(ports).save(&Scope::System, unit).await);
    for consumer in ["alpha", "beta"] {
        let mine = commit.deliveries.iter().filter(|delivery| delivery.consumer == consumer);
        assert_eq!(mine.map(|delivery| delivery.event.id).collect::<Vec<_>>(), events);
    }
    assert_eq!(ports.open_deliveries().await, 2 * events.len());
}

/// The record of an event says whose it is, of what, when and why.
pub async fn events_carry_their_envelope<S: Subject>(ports: &SuitePorts) {
    let changed = S::changed(&S::fresh(ports), ports);
    let (id, owner) = (changed.id().to_string(), S::Aggregate::owner(changed.data()));
    let mut context = ports.context();
    context.cause.correlation_id = String::from("cor");
    context.cause.causation_id = Some("evt".to_owned());
    let now = context.now;
    let unit = ports.unit(changed, context);
    let events: Vec<_> = unit.events.iter().map(|event| (event.id, event.event.clone())).collect();
    let commit = committed(S::repository(ports).save(&Scope::System, unit).await);
    assert_eq!(commit.deliveries.len(), events.len());
    for (delivery, (event_id, event)) in commit.deliveries.iter().zip(events) {
        let record = &delivery.event;
        assert_eq!((record.id, &record.event), (event_id, &event));
        assert_eq!((record.aggregate, &record.subject, &record.tenant_id), (S::Aggregate::NAME, &id, &owner));
        assert_eq!((record.time, record.correlation_id.as_str()), (now, "cor"));
        assert_eq!(record.causation_id.as_deref(), Some("evt"));
        assert_eq!((delivery.consumer, delivery.attempts), ("alpha", 0));
    }
}

/// Every save leaves one audit row that says who, what, which and why.
pub async fn a_save_leaves_one_audit_row<S: Subject>(ports: &SuitePorts) {
    let fresh = S::fresh(ports);
    let (id, owner) = (fresh.id().to_string(), S::Aggregate::owner(fresh.data()));
    let mut context = ports.context();
    context.cause.actor = String::from("ana");
    context.cause.action = "thing.make";
    context.cause.request_id = Some("req-1".to_owned());
    context.cause.reason = Some("because".to_owned());
    let Context { now, .. } = context;
    committed(S::repository(ports).save(&Scope::System, ports.unit(fresh, context)).await);
    let rows = ports.audit_rows().await;
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.actor.as_str(), row.action, &row.target, row.version), ("ana", "thing.make", &id, 1));
    assert_eq!((&row.tenant_id, row.at), (&owner, now));
    assert_eq!((row.reason.as_deref(), row.request_id.as_deref()), (Some("because"), Some("req-1")));
}

/// A document no command makes is an error, not a panic, and not something to work with.
pub async fn a_corrupt_document_is_an_error<S: Subject>(ports: &SuitePorts) {
    let mut unit = ports.unit(S::fresh(ports), ports.context());
    let id = unit.changes.id.clone();
    S::corrupt(&mut unit.changes.data);
    if let Err(refused) = S::repository(ports).save(&Scope::System, unit).await {
        // A store may refuse to write it in the first place.
        assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
        return;
    }
    let found = S::repository(ports).find(&Scope::System, &id).await;
    let Err(StoreError::Corrupt { aggregate, id: named, .. }) = found else {
        panic!("a corrupt document was given out");
    };
    assert_eq!((aggregate, named), (S::Aggregate::NAME, id.to_string()));
}

/// What is loaded is the reader's own: changing it without a save changes nothing.
pub async fn a_change_that_is_not_saved_is_lost<S: Subject>(ports: &SuitePorts) {
    let loaded = S::stored(ports).await;
    drop(S::changed(&loaded, ports));
    let found = ports.load(S::repository(ports), &loaded.id()).await;
    assert_eq!((found.data(), found.version()), (loaded.data(), 1));
}
