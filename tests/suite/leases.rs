//! Leases: one holder at a time, by the store's clock, and another after it (ruling R69).

use std::time::Duration;

use crate::{SuitePorts, harness::at_once};

const LEASE: Duration = Duration::from_secs(15);

/// A lease is one process's until it lapses.
pub async fn one_is_taken_once(ports: &SuitePorts) {
    assert!(ports.leases.take("relay.3", LEASE).await.unwrap().is_some());
    ports.advance(Duration::from_secs(14));
    assert_eq!(ports.second().leases.take("relay.3", LEASE).await.unwrap(), None);
    assert!(ports.second().leases.take("relay.4", LEASE).await.unwrap().is_some(), "another is free");
}

/// The holder prolongs its lease and keeps its fence.
pub async fn its_holder_prolongs_it(ports: &SuitePorts) {
    let fence = ports.leases.take("relay.3", LEASE).await.unwrap();
    ports.advance(Duration::from_secs(10));
    assert_eq!(ports.leases.take("relay.3", LEASE).await.unwrap(), fence);
    ports.advance(Duration::from_secs(10));
    assert_eq!(ports.second().leases.take("relay.3", LEASE).await.unwrap(), None);
}

/// A lapsed lease is taken over under a greater fence, also by the holder before.
pub async fn a_lapsed_one_is_taken_over(ports: &SuitePorts) {
    let first = ports.leases.take("relay.3", LEASE).await.unwrap().unwrap();
    ports.advance(Duration::from_secs(16));
    let second = ports.second().leases.take("relay.3", LEASE).await.unwrap().unwrap();
    assert!(second > first);
    assert_eq!(ports.leases.take("relay.3", LEASE).await.unwrap(), None);
    ports.advance(Duration::from_secs(16));
    let third = ports.second().leases.take("relay.3", LEASE).await.unwrap().unwrap();
    assert!(third > second, "what happened in between is not known");
}

/// A lease given back is free at once, under a greater fence; an old fence gives nothing back.
pub async fn one_given_back_is_free(ports: &SuitePorts) {
    let first = ports.leases.take("relay.3", LEASE).await.unwrap().unwrap();
    ports.leases.give_back("relay.3", first).await.unwrap();
    let second = ports.second().leases.take("relay.3", LEASE).await.unwrap().unwrap();
    assert!(second > first);
    ports.leases.give_back("relay.3", first).await.unwrap();
    assert_eq!(ports.leases.take("relay.3", LEASE).await.unwrap(), None);
    ports.leases.give_back("relay.5", first).await.unwrap();
}

/// Who holds what is listed by the beginning of its name; what has lapsed is not.
pub async fn what_is_held_is_listed(ports: &SuitePorts) {
    for name in ["relay.10", "relay.2", "jobs.2", "relaying", "relay.x%_"] {
        ports.leases.take(name, LEASE).await.unwrap().unwrap();
    }
    ports.advance(Duration::from_secs(10));
    ports.second().leases.take("relay.7", LEASE).await.unwrap().unwrap();
    let held = ports.second().leases.held("relay.").await.unwrap();
    let names: Vec<_> = held.iter().map(|lease| lease.name.as_str()).collect();
    assert_eq!(names, ["relay.10", "relay.2", "relay.7", "relay.x%_"]);
    assert_eq!(held[0].holder, held[1].holder);
    assert_ne!(held[0].holder, held[2].holder);
    ports.advance(Duration::from_secs(6));
    let names: Vec<_> = ports.leases.held("relay.").await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["relay.7"]);
    assert!(ports.leases.held("relay.%").await.unwrap().is_empty(), "a name, no pattern");
}

/// Of processes that race for a lease one has it.
pub async fn of_racing_takers_one_has_it(ports: &SuitePorts) {
    for round in 0..10 {
        let name = format!("relay.{round}");
        let taken = at_once(6, |_| {
            let (process, name) = (ports.another_process(), name.clone());
            async move { process.leases.take(&name, LEASE).await.unwrap() }
        })
        .await;
        assert_eq!(taken.into_iter().flatten().count(), 1);
    }
}
