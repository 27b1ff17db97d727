//! The feed: numbers per tenant without gaps, given after the commit by whoever holds the lease (ruling R42).

use std::{collections::BTreeMap, time::Duration};

use sarai_domain::{
    devportal::values::Environment,
    kernel::{Aggregate, DeveloperAccountId, Ulid},
};
use sarai_ports::{
    Scope,
    feed::{FeedBacklog, FeedFence, FeedId, FeedPage},
};

use crate::{
    SuitePorts,
    harness::{at_once, committed, to_nobody},
    make::{self, tenant},
    subject::{AGES, Orders, Subject},
};

const LEASE: Duration = Duration::from_secs(15);

/// The lease, which nobody else holds.
async fn fence(ports: &SuitePorts) -> FeedFence {
    ports.feed.lease(LEASE).await.unwrap().expect("the lease is free")
}

/// Numbers everything that waits.
async fn sequence(ports: &SuitePorts) -> usize {
    let fence = fence(ports).await;
    ports.feed.sequence(fence, usize::MAX).await.unwrap().expect("the lease is ours")
}

async fn read(ports: &SuitePorts, name: &str, after: u64, limit: usize) -> FeedPage {
    ports.feed.read(&tenant(name).into(), after, limit).await.unwrap()
}

fn numbers(page: &FeedPage) -> Vec<u64> {
    page.events.iter().map(|event| event.number).collect()
}

/// What a tenant has read in all, in parts of three; fails when the numbers are not 1, 2, 3, …
async fn whole(ports: &SuitePorts, name: &str) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    loop {
        let page = read(ports, name, found.len() as u64, 3).await;
        if page.events.is_empty() {
            assert_eq!(page.last, found.len() as u64);
            return found;
        }
        for event in page.events {
            found.push((event.event.subject.clone(), event.event.aggregate_seq));
            assert_eq!(event.number, found.len() as u64, "no gap and none twice");
        }
    }
}

/// Inserts an order, which leaves one row for its buyer `acme` and one for each of its two sellers.
async fn one(ports: &SuitePorts) {
    ports.put(&*ports.orders, make::order(ports, "acme", "ana")).await;
}

/// Nobody reads an event before it has a number, and then under that number.
pub async fn an_event_is_read_once_it_is_numbered(ports: &SuitePorts) {
    let order = make::order(ports, "acme", "ana");
    let id = order.id().to_string();
    let commit = ports.put(&*ports.orders, order).await;
    let page = read(ports, "acme", 0, 10).await;
    assert_eq!((page.events.len(), page.last, page.first_kept), (0, 0, 1));
    assert_eq!(sequence(ports).await, 3, "the buyer and two sellers");
    let page = read(ports, "acme", 0, 10).await;
    assert_eq!((numbers(&page), page.last, page.first_kept), (vec![1], 1, 1));
    let event = &page.events[0].event;
    assert_eq!((&event.subject, event.id), (&id, commit.deliveries[0].event.id));
    assert_eq!((event.tenant_id.as_str(), event.event.topic()), ("acme", "marketplace.order.placed.v1"));
    assert_eq!(sequence(ports).await, 0, "each once");
}

/// Every audience has the event in its own feed, under a number of its own; nobody else has it.
pub async fn every_audience_has_its_own_numbers(ports: &SuitePorts) {
    ports.put(&*ports.orders, make::order(ports, "other", "olga")).await;
    one(ports).await;
    sequence(ports).await;
    assert_eq!(numbers(&read(ports, "acme", 0, 10).await), [1]);
    assert_eq!(numbers(&read(ports, "other", 0, 10).await), [1]);
    for seller in ["studio", "academy"] {
        assert_eq!(numbers(&read(ports, seller, 0, 10).await), [1, 2]);
    }
    let page = read(ports, "stranger", 0, 10).await;
    assert_eq!((page.events.len(), page.last, page.first_kept), (0, 0, 1));
}

/// What is nobody's outside is in no feed.
pub async fn an_internal_event_is_in_no_feed(ports: &SuitePorts) {
    ports.put(&*ports.quotes, crate::subject::Quotes::fresh(ports)).await;
    ports.put(&*ports.sagas, crate::subject::Sagas::fresh(ports)).await;
    assert_eq!(sequence(ports).await, 0);
}

/// An event is in the feed whoever consumes it.
pub async fn an_event_without_consumers_is_in_the_feed(ports: &SuitePorts) {
    let unit = ports.routed(make::order(ports, "acme", "ana"), ports.context(), to_nobody);
    committed(ports.orders.save(&Scope::System, unit).await);
    sequence(ports).await;
    assert_eq!(numbers(&read(ports, "acme", 0, 10).await), [1]);
}

/// A part holds what was asked for and says where the feed ends.
pub async fn a_feed_is_read_in_parts(ports: &SuitePorts) {
    for _ in 0..5 {
        one(ports).await;
    }
    sequence(ports).await;
    for (after, limit, wanted) in [
        (0, 2, vec![1, 2]),
        (2, 2, vec![3, 4]),
        (4, 2, vec![5]),
        (5, 2, vec![]),
        (9, 2, vec![]),
        (3, 0, vec![]),
    ] {
        let page = read(ports, "acme", after, limit).await;
        assert_eq!((numbers(&page), page.last, page.first_kept), (wanted, 5, 1), "after {after}");
    }
    assert!(numbers(&read(ports, "acme", u64::MAX, 2).await).is_empty());
    assert_eq!(whole(ports, "acme").await.len(), 5);
}

/// Within an aggregate the numbers follow its own sequence, however little is numbered at a time.
pub async fn an_aggregate_s_events_are_numbered_in_order(ports: &SuitePorts) {
    for _ in 0..3 {
        let mut order = Orders::fresh(ports);
        Orders::change(&mut order, ports);
        let stored = ports.stored(&*ports.orders, order).await;
        ports.put(&*ports.orders, Orders::changed(&stored, ports)).await;
    }
    let fence = fence(ports).await;
    while ports.feed.sequence(fence, 2).await.unwrap().expect("ours") > 0 {}
    let mut places = BTreeMap::<String, Vec<u64>>::new();
    for (subject, seq) in whole(ports, "acme").await {
        places.entry(subject).or_default().push(seq);
    }
    assert_eq!(places.len(), 3);
    assert!(places.values().all(|seqs| *seqs == [1, 2, 3]), "{places:?}");
}

/// No more is numbered than asked for.
pub async fn sequencing_keeps_to_its_limit(ports: &SuitePorts) {
    one(ports).await;
    let fence = fence(ports).await;
    assert_eq!(ports.feed.sequence(fence, 0).await.unwrap(), Some(0));
    assert_eq!(ports.feed.sequence(fence, 2).await.unwrap(), Some(2));
    assert_eq!(ports.feed.sequence(fence, 2).await.unwrap(), Some(1));
}

/// What is committed later has a higher number than everything that could be read before.
pub async fn a_later_commit_has_a_higher_number(ports: &SuitePorts) {
    for last in 1..=4 {
        one(ports).await;
        sequence(ports).await;
        let page = read(ports, "acme", last - 1, 10).await;
        assert_eq!((numbers(&page), page.last), (vec![last], last));
    }
}

/// A refused save leaves nothing to number.
pub async fn a_refused_save_is_in_no_feed(ports: &SuitePorts) {
    let order = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await;
    ports.put(&*ports.orders, Orders::changed(&order, ports)).await;
    ports.save(&*ports.orders, Orders::changed(&order, ports)).await.unwrap_err();
    sequence(ports).await;
    assert_eq!(whole(ports, "acme").await.len(), 2);
}

/// What waits for a number is known, and since when.
pub async fn what_waits_is_counted(ports: &SuitePorts) {
    assert_eq!(ports.feed.unnumbered().await.unwrap(), FeedBacklog::default());
    let first = ports.now();
    one(ports).await;
    ports.advance(LEASE);
    one(ports).await;
    let waiting = FeedBacklog { unnumbered: 6, oldest: Some(first) };
    assert_eq!(ports.feed.unnumbered().await.unwrap(), waiting);
    sequence(ports).await;
    assert_eq!(ports.feed.unnumbered().await.unwrap(), FeedBacklog::default());
}

/// One process has the lease: it prolongs it, and the other gets none until it lapses.
pub async fn one_process_holds_the_lease(ports: &SuitePorts) {
    let held = fence(ports).await;
    assert_eq!(ports.second().feed.lease(LEASE).await.unwrap(), None);
    ports.advance(Duration::from_secs(14));
    assert_eq!(fence(ports).await, held, "prolonged");
    ports.advance(Duration::from_secs(14));
    assert_eq!(ports.second().feed.lease(LEASE).await.unwrap(), None);
    ports.advance(Duration::from_secs(2));
    let taken = fence(ports.second()).await;
    assert_ne!(taken, held);
    assert_eq!(ports.feed.lease(LEASE).await.unwrap(), None);
}

/// Who lost the lease numbers nothing and gives nothing back.
pub async fn an_old_fence_numbers_nothing(ports: &SuitePorts) {
    one(ports).await;
    let old = fence(ports).await;
    ports.advance(AGES);
    let taken = fence(ports.second()).await;
    assert_eq!(ports.feed.sequence(old, 10).await.unwrap(), None);
    ports.feed.release(old).await.unwrap();
    assert_eq!(ports.feed.lease(LEASE).await.unwrap(), None, "it is the other's still");
    assert_eq!(ports.feed.unnumbered().await.unwrap().unnumbered, 3);
    assert_eq!(ports.second().feed.sequence(taken, 10).await.unwrap(), Some(3));
}

/// A lease given back is free at once, and its fence is worth nothing.
pub async fn a_released_lease_is_free_at_once(ports: &SuitePorts) {
    let old = fence(ports).await;
    ports.feed.release(old).await.unwrap();
    assert_eq!(ports.feed.sequence(old, 10).await.unwrap(), None);
    let taken = fence(ports.second()).await;
    assert_ne!(taken, old);
}

/// Both processes read the same numbers.
pub async fn processes_share_the_numbers(ports: &SuitePorts) {
    one(ports).await;
    one(ports.second()).await;
    assert_eq!(sequence(ports.second()).await, 6);
    assert_eq!(whole(ports, "acme").await, whole(ports.second(), "acme").await);
}

/// Feeds that moved are found in the order of their last moves, each once.
pub async fn moves_come_in_order(ports: &SuitePorts) {
    ports.put(&*ports.orders, make::order(ports, "other", "olga")).await;
    sequence(ports).await;
    let first = ports.feed.moved(0, 10).await.unwrap();
    assert_eq!(first.len(), 3, "the buyer and two sellers");
    let seen = first.last().unwrap().moved;
    assert!(ports.feed.moved(seen, 10).await.unwrap().is_empty());
    one(ports).await;
    assert!(ports.feed.moved(seen, 10).await.unwrap().is_empty(), "not before it is numbered");
    sequence(ports).await;
    let moved = ports.feed.moved(seen, 10).await.unwrap();
    let mut lasts: Vec<_> = moved.iter().map(|head| (head.feed.to_string(), head.last)).collect();
    lasts.sort();
    assert_eq!(lasts, [("academy".to_owned(), 2), ("acme".to_owned(), 1), ("studio".to_owned(), 2)]);
    assert!(moved.windows(2).all(|pair| pair[0].moved < pair[1].moved));
    assert_eq!(ports.feed.moved(seen, 1).await.unwrap(), moved[..1]);
    assert_eq!(ports.feed.moved(moved[0].moved, 10).await.unwrap(), moved[1..]);
}

/// What happens in sandboxes has numbers of its own, beside those of what happens for real (ruling R11).
pub async fn sandboxes_have_a_feed_of_their_own(ports: &SuitePorts) {
    one(ports).await;
    let account = DeveloperAccountId::new(Ulid(u128::from(ports.number())));
    for label in ["shop", "desk"] {
        let new = make::portal::new_key(ports, Environment::Sandbox, label);
        ports.put(ports.keys(), make::portal::active(ports, account, new)).await;
    }
    assert_eq!(sequence(ports).await, 5, "the order is told to its buyer and two sellers");
    let feed = FeedId::new(tenant("acme"), Environment::Sandbox);
    let page = ports.feed.read(&feed, 0, 10).await.unwrap();
    assert_eq!((numbers(&page), page.last), (vec![1, 2], 2));
    assert!(page.events.iter().all(|event| event.event.aggregate == "key"), "{page:?}");
    assert_eq!(numbers(&ports.feed.read(&feed, 1, 10).await.unwrap()), [2]);
    assert_eq!(numbers(&read(ports, "acme", 0, 10).await), [1]);
    let moved = ports.second().feed.moved(0, 10).await.unwrap();
    assert!(moved.iter().any(|head| head.feed == feed && head.last == 2), "{moved:?}");
}

/// What was numbered long ago is forgotten; what is left has no gap, and numbers go on.
pub async fn what_is_old_is_forgotten(ports: &SuitePorts) {
    one(ports).await;
    one(ports).await;
    sequence(ports).await;
    ports.advance(AGES);
    let between = ports.now();
    one(ports).await;
    sequence(ports).await;
    assert_eq!(ports.feed.purge(between).await.unwrap(), 6);
    let page = read(ports, "acme", 0, 10).await;
    assert_eq!((numbers(&page), page.last, page.first_kept), (vec![3], 3, 3));
    assert_eq!(ports.feed.purge(between).await.unwrap(), 0, "once");
    ports.advance(AGES);
    assert_eq!(ports.feed.purge(ports.now()).await.unwrap(), 3);
    let page = read(ports, "acme", 3, 10).await;
    assert_eq!((numbers(&page), page.last, page.first_kept), (vec![], 3, 4));
    one(ports).await;
    sequence(ports).await;
    let page = read(ports, "acme", 3, 10).await;
    assert_eq!((numbers(&page), page.last, page.first_kept), (vec![4], 4, 4));
}

/// It is the number's age that counts: what waited long for it is kept.
pub async fn what_was_numbered_late_is_kept(ports: &SuitePorts) {
    one(ports).await;
    ports.advance(AGES);
    let between = ports.now();
    sequence(ports).await;
    assert_eq!(ports.feed.purge(between).await.unwrap(), 0);
    assert_eq!(whole(ports, "acme").await.len(), 1);
}

/// Commits of two processes that race with the sequencers of both: nothing is lost, doubled or out of order,
/// and whoever reads meanwhile never finds a number lower than one that was read.
pub async fn racing_commits_and_sequencers_leave_no_gap(ports: &SuitePorts) {
    const ORDERS: usize = 24;
    let total = (ORDERS * 3) as u64;
    let answers = at_once(8, |task| {
        let ports = if task % 2 == 0 { ports.clone() } else { ports.second().clone() };
        async move {
            match task {
                // Buyers.
                0..4 => {
                    for _ in 0..ORDERS / 4 {
                        let order = ports.stored(&*ports.orders, make::order(&ports, "acme", "ana")).await;
                        let changed = Orders::changed(&order, &ports);
                        tokio::task::yield_now().await;
                        let changed = ports.stored(&*ports.orders, changed).await;
                        ports.put(&*ports.orders, Orders::changed(&changed, &ports)).await;
                    }
                    0
                }
                // Sequencers, which lose the lease again and again.
                4..6 => {
                    let mut numbered = 0;
                    while ports.feed.read(&tenant("acme").into(), 0, 0).await.unwrap().last < total {
                        if let Some(fence) = ports.feed.lease(LEASE).await.unwrap() {
                            numbered += ports.feed.sequence(fence, 3).await.unwrap().unwrap_or_default();
                            ports.feed.release(fence).await.unwrap();
                        }
                        tokio::task::yield_now().await;
                    }
                    numbered
                }
                // Readers.
                _ => {
                    let mut read = 0_u64;
                    while read < total {
                        for event in ports.feed.read(&tenant("acme").into(), read, 5).await.unwrap().events {
                            read += 1;
                            assert_eq!(event.number, read);
                        }
                        tokio::task::yield_now().await;
                    }
                    0
                }
            }
        }
    })
    .await;
    sequence(ports).await;
    let mut places = BTreeMap::<String, Vec<u64>>::new();
    let found = whole(ports, "acme").await;
    assert_eq!(found.len() as u64, total);
    for (subject, seq) in found {
        places.entry(subject).or_default().push(seq);
    }
    assert_eq!(places.len(), ORDERS);
    assert!(places.values().all(|seqs| *seqs == [1, 2, 3]), "{places:?}");
    assert!(answers.iter().sum::<usize>() as u64 >= total, "{answers:?}");
}
