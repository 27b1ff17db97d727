//! Processes share the partitions fairly, and take up what was left in theirs only.

use std::{sync::Arc, time::Duration};

use sarai_ports::{
    Scope,
    events::{FollowUp as _, partition_of},
};
use sarai_relay::Relay;
use sarai_testkit::{
    Harness as _, SuitePorts,
    harness::{committed, to_alpha},
    subject::{AGES, Orders, Subject as _},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Noting, SOON};
use crate::MemoryHarness;

/// Several turns of the sharing.
const TURNS: Duration = Duration::from_secs(13);

struct Member {
    relay: Relay,
    consumer: Arc<Noting>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Member {
    fn start(ports: &SuitePorts, name: &str) -> Self {
        let ports = ports.another_process();
        let consumer = Noting::new("alpha", "internal");
        let relay = Relay::new(ports.outbox.clone());
        relay.connect(vec![consumer.clone()]);
        relay.share(ports.leases.clone(), ports.clock.clone(), name);
        let stop = CancellationToken::new();
        let (running, stopped) = (relay.clone(), stop.clone());
        let running = tokio::spawn(async move { running.run(stopped).await });
        Self { relay, consumer, stop, running }
    }

    fn count(&self) -> usize {
        self.relay.partitions().iter().count()
    }
}

#[tokio::test(start_paused = true)]
async fn processes_share_the_partitions_fairly() {
    let ports = MemoryHarness::fresh().await;
    let first = Member::start(&ports, "one");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(first.count(), 16, "alone it has all of them at once");
    let second = Member::start(&ports, "two");
    tokio::time::sleep(TURNS).await;
    assert_eq!((first.count(), second.count()), (8, 8));
    let third = Member::start(&ports, "three");
    tokio::time::sleep(TURNS).await;
    let mut counts = [first.count(), second.count(), third.count()];
    counts.sort_unstable();
    assert_eq!(counts, [4, 6, 6]);
    let all = [&first, &second, &third].map(|member| member.relay.partitions());
    for partition in 0..16 {
        assert_eq!(all.iter().filter(|held| held.contains(partition)).count(), 1, "{partition}");
    }

    third.stop.cancel();
    third.running.await.unwrap();
    tokio::time::sleep(TURNS).await;
    assert_eq!((first.count(), second.count()), (8, 8), "what is given back is free at once");

    second.running.abort();
    tokio::time::sleep(TURNS).await;
    assert_eq!(first.count(), 8, "one that died has its share until it lapses");
    ports.advance(Duration::from_secs(16));
    tokio::time::sleep(TURNS).await;
    assert_eq!(first.count(), 16);
}

#[tokio::test(start_paused = true)]
async fn a_process_takes_up_what_was_left_in_its_partitions() {
    let ports = MemoryHarness::fresh().await;
    let members = [Member::start(&ports, "one"), Member::start(&ports, "two")];
    tokio::time::sleep(TURNS).await;
    for _ in 0..60 {
        let unit = ports.routed(Orders::fresh(&ports), ports.context(), to_alpha);
        let _ = committed(ports.orders.save(&Scope::System, unit).await);
    }
    let held = members.each_ref().map(|member| member.relay.partitions());
    ports.advance(AGES);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (member, held) in members.iter().zip(held) {
        member.relay.idle(SOON).await;
        let seen = member.consumer.seen();
        assert!(!seen.is_empty() && seen.iter().all(|(subject, _)| held.contains(partition_of(subject))));
    }
    let [one, two] = members.map(|member| member.consumer.seen().len());
    assert_eq!((one + two, ports.open_deliveries().await), (60, 0));
}
