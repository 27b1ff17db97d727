//! Of any number of processes over a store one audits by itself, and another when that one stops.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sarai::{
    around::{Around, standins},
    embedded::{Clocks, Embedded},
    keys::Keys,
};
use sarai_memory::MemoryStore;
use sarai_standins::{Documents, TokenIssuer};
use sarai_system::{OsEntropy, SystemClock};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::world::World;

/// A process that audits all the time while that is its to do, and what stops it.
fn process(clocks: &Clocks, store: &MemoryStore, tasks: &TaskTracker) -> (Embedded, CancellationToken) {
    let (keys, stop) = (Keys::random(&OsEntropy), CancellationToken::new());
    let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
    let standins = standins(clocks, &keys, issuer, Documents::default()).unwrap();
    let around = Around::standing_in(standins);
    let embedded = Embedded::over(Arc::new(store.another_process()), clocks, keys, around, None);
    embedded.audit_every(Duration::from_millis(50), tasks, &stop);
    (embedded, stop)
}

fn has_audited(process: &Embedded) -> bool {
    process.auditor.last(&World::call("admin")).unwrap().is_some()
}

async fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} never came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_audits_and_another_when_it_stops() {
    let clocks = Clocks::of(SystemClock::new(false));
    let (store, tasks) = (MemoryStore::new(Arc::clone(&clocks.clock)), TaskTracker::new());
    let processes = [(); 3].map(|()| process(&clocks, &store, &tasks));
    let audited = || processes.iter().filter(|(process, _)| has_audited(process)).count();
    until("an audit", || audited() > 0).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(audited(), 1);
    for (process, stop) in &processes {
        if has_audited(process) {
            stop.cancel();
        }
    }
    until("the next one's audit", || audited() > 1).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(audited(), 2);
    for (_, stop) in &processes {
        stop.cancel();
    }
    tasks.close();
    tasks.wait().await;
}
