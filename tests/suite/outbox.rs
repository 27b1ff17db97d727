//! The outbox: deliveries in order per consumer and aggregate, under leases with fences (ruling R41).

use std::{
    collections::{BTreeMap, BTreeSet},
    slice::from_ref,
    time::Duration,
};

use sarai_domain::kernel::Aggregate;
use sarai_ports::{
    Scope,
    events::{Backlog, ConsumerBacklog, Delivery, Partitions, Republished, Retry, Wanted, partition_of},
};

use crate::{
    SuitePorts,
    harness::{at_once, committed, to_both},
    make,
    subject::{AGES, Orders, Subject},
};

const LEASE: Duration = Duration::from_secs(15);

/// Inserts an order, which leaves one delivery for `alpha`; gives it.
async fn one(ports: &SuitePorts) -> Delivery {
    let commit = ports.put(&*ports.orders, Orders::fresh(ports)).await;
    let [delivery] = commit.deliveries.as_slice() else { panic!("one event, one consumer") };
    delivery.clone()
}

/// One more event of the same order.
async fn next(ports: &SuitePorts, before: &Delivery) -> Vec<Delivery> {
    let id = before.event.subject.parse().unwrap();
    let order = ports.load(&*ports.orders, &id).await;
    ports.put(&*ports.orders, Orders::changed(&order, ports)).await.deliveries
}

const ALL: Wanted<'static> =
    Wanted { consumers: &["alpha", "beta"], partitions: Partitions::ALL, limit: 100, run: 1, lease: LEASE };

async fn claim(ports: &SuitePorts) -> Vec<Delivery> {
    ports.outbox.claim_due(&ALL).await.unwrap()
}

async fn claim_up_to(ports: &SuitePorts, limit: usize) -> Vec<Delivery> {
    ports.outbox.claim_due(&Wanted { limit, ..ALL }).await.unwrap()
}

fn seqs(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.event.aggregate_seq).collect()
}

/// What a commit gives is claimed for the process that committed.
pub async fn a_commit_s_deliveries_are_claimed(ports: &SuitePorts) {
    let delivery = one(ports).await;
    assert_eq!((delivery.attempts, delivery.consumer), (0, "alpha"));
    assert!(claim(ports).await.is_empty());
    ports.advance(Duration::from_secs(14));
    assert!(claim(ports).await.is_empty(), "for 15 seconds");
}

/// A claim that lapsed is taken over, with another fence.
pub async fn a_lapsed_claim_is_taken_over(ports: &SuitePorts) {
    let lost = one(ports).await;
    ports.advance(Duration::from_secs(16));
    let taken = claim(ports).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].event.id, lost.event.id);
    assert_eq!(taken[0].event.event, lost.event.event);
    assert_ne!(taken[0].fence, lost.fence);
    assert!(claim(ports).await.is_empty(), "it is held again");
}

/// The lease asked for is the lease held.
pub async fn a_lease_is_as_long_as_asked_for(ports: &SuitePorts) {
    one(ports).await;
    ports.advance(AGES);
    let hour = Duration::from_hours(1);
    assert_eq!(ports.outbox.claim_due(&Wanted { lease: hour, ..ALL }).await.unwrap().len(), 1);
    ports.advance(Duration::from_secs(3_599));
    assert!(claim(ports).await.is_empty());
    ports.advance(Duration::from_secs(2));
    assert_eq!(claim(ports).await.len(), 1);
}

/// What is done is gone.
pub async fn what_is_done_is_gone(ports: &SuitePorts) {
    let delivery = one(ports).await;
    assert_eq!(ports.outbox.backlog().await.unwrap(), Backlog { open: 1, dead_letters: 0 });
    ports.outbox.done(from_ref(&delivery)).await.unwrap();
    assert_eq!(ports.outbox.backlog().await.unwrap(), Backlog::default());
    ports.advance(AGES);
    assert!(claim(ports).await.is_empty());
    ports.outbox.done(from_ref(&delivery)).await.unwrap();
}

/// Who lost the claim cannot mark the delivery done.
pub async fn an_old_fence_cannot_finish(ports: &SuitePorts) {
    let old = one(ports).await;
    ports.advance(AGES);
    let taken = claim(ports).await;
    ports.outbox.done(from_ref(&old)).await.unwrap();
    assert_eq!(ports.open_deliveries().await, 1);
    ports.outbox.done(from_ref(&taken[0])).await.unwrap();
    assert_eq!(ports.open_deliveries().await, 0);
}

/// Who lost the claim cannot give it back, so nobody else gets it meanwhile.
pub async fn an_old_fence_cannot_release(ports: &SuitePorts) {
    let old = one(ports).await;
    ports.advance(AGES);
    assert_eq!(claim(ports).await.len(), 1);
    ports.outbox.release(&old).await.unwrap();
    assert!(claim(ports).await.is_empty());
}

/// Who lost the claim cannot count a failure.
pub async fn an_old_fence_cannot_fail(ports: &SuitePorts) {
    let old = one(ports).await;
    ports.advance(AGES);
    assert_eq!(claim(ports).await.len(), 1);
    ports.outbox.failed(&old, "late").await.unwrap();
    assert!(claim(ports).await.is_empty());
    ports.advance(AGES);
    assert_eq!(claim(ports).await[0].attempts, 0);
}

/// A claim given back can be taken at once, and no try is counted.
pub async fn a_released_claim_is_free_at_once(ports: &SuitePorts) {
    let delivery = one(ports).await;
    ports.outbox.release(&delivery).await.unwrap();
    let taken = claim(ports).await;
    assert_eq!((taken.len(), taken[0].attempts), (1, 0));
    assert_ne!(taken[0].fence, delivery.fence);
}

/// A failure waits before the next try, longer each time.
pub async fn a_failure_backs_off(ports: &SuitePorts) {
    let mut delivery = one(ports).await;
    let mut waits = Vec::new();
    for attempt in 1..=5 {
        assert_eq!(ports.outbox.failed(&delivery, "not now").await.unwrap(), Retry::Later);
        assert!(claim(ports).await.is_empty(), "not at once");
        let mut waited = 0;
        let again = loop {
            ports.advance(Duration::from_millis(100));
            waited += 1;
            assert!(waited < 36_000, "within an hour");
            if let Some(again) = claim(ports).await.pop() {
                break again;
            }
        };
        assert_eq!(again.attempts, attempt);
        waits.push(waited);
        delivery = again;
    }
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]) && waits[0] < waits[4], "{waits:?}");
}

/// Fails a delivery until it is a dead letter; gives how often.
pub(crate) async fn kill(ports: &SuitePorts, mut delivery: Delivery) -> u32 {
    for failures in 1..=40 {
        if ports.outbox.failed(&delivery, "poison").await.unwrap() == Retry::DeadLetter {
            return failures;
        }
        ports.advance(AGES);
        let claimed = claim(ports).await;
        let again = claimed.into_iter().find(|other| other.event.id == delivery.event.id);
        delivery = again.expect("it is tried again");
    }
    panic!("it never became a dead letter");
}

/// The twentieth failure makes a dead letter, which is not tried again.
pub async fn the_twentieth_failure_is_the_last(ports: &SuitePorts) {
    let delivery = one(ports).await;
    assert_eq!(kill(ports, delivery).await, 20);
    assert_eq!(ports.outbox.backlog().await.unwrap(), Backlog { open: 1, dead_letters: 1 });
    ports.advance(AGES);
    assert!(claim(ports).await.is_empty());
}

/// What comes after a dead letter of the same aggregate waits behind it.
pub async fn later_events_wait_behind_a_dead_letter(ports: &SuitePorts) {
    let poison = one(ports).await;
    kill(ports, poison.clone()).await;
    assert!(next(ports, &poison).await.is_empty(), "not for the committing process either");
    ports.advance(AGES);
    assert!(claim(ports).await.is_empty());
    assert_eq!(ports.outbox.backlog().await.unwrap(), Backlog { open: 2, dead_letters: 1 });
}

/// A dead letter stops neither other aggregates nor other consumers.
pub async fn a_dead_letter_stops_nobody_else(ports: &SuitePorts) {
    let unit = ports.routed(Orders::fresh(ports), ports.context(), to_both);
    let deliveries = committed(ports.orders.save(&Scope::System, unit).await).deliveries;
    let (alpha, beta) = (&deliveries[0], &deliveries[1]);
    let other = one(ports).await;
    kill(ports, alpha.clone()).await;
    ports.advance(AGES);
    let claimed = claim(ports).await;
    let found: BTreeSet<_> =
        claimed.iter().map(|delivery| (delivery.consumer, delivery.event.subject.clone())).collect();
    let expected = [("beta", beta.event.subject.clone()), ("alpha", other.event.subject.clone())];
    assert_eq!(found, BTreeSet::from(expected));
}

/// Only the first open delivery of a consumer and aggregate can be taken.
pub async fn only_the_head_is_taken(ports: &SuitePorts) {
    let first = one(ports).await;
    let second = next(ports, &first).await;
    assert_eq!(seqs(&second), [2], "claimed, because what is before it is under way here");
    ports.advance(AGES);
    let claimed = claim(ports).await;
    assert_eq!(seqs(&claimed), [1]);
    assert!(claim(ports).await.is_empty());
    ports.outbox.done(from_ref(&claimed[0])).await.unwrap();
    assert_eq!(seqs(&claim(ports).await), [2]);
}

/// Whoever asks for more of a queue gets what is right behind its first too, in order, each after the one before it; of every
/// queue the first before the second of any.
pub async fn a_run_of_a_queue_is_taken_at_once(ports: &SuitePorts) {
    let mut order = Orders::fresh(ports);
    for _ in 0..4 {
        Orders::change(&mut order, ports);
    }
    let long = ports.put(&*ports.orders, order).await.deliveries;
    ports.advance(AGES);
    let run = |run, limit| {
        let ports = ports.clone();
        async move { ports.outbox.claim_due(&Wanted { run, limit, ..ALL }).await.unwrap() }
    };
    let taken = run(3, 100).await;
    assert_eq!(seqs(&taken), [1, 2, 3]);
    let after: Vec<_> = taken.iter().map(|delivery| delivery.after).collect();
    assert_eq!(after, [None, Some(taken[0].fence), Some(taken[1].fence)]);
    assert!(run(3, 100).await.is_empty(), "the rest is behind them");
    // What comes after one that failed waits with it.
    ports.outbox.done(from_ref(&taken[0])).await.unwrap();
    assert_eq!(ports.outbox.failed(&taken[1], "not now").await.unwrap(), Retry::Later);
    ports.outbox.release(&taken[2]).await.unwrap();
    assert!(run(5, 100).await.is_empty());
    ports.advance(AGES);
    assert_eq!(seqs(&run(5, 2).await), [2, 3], "no more than asked for");
    ports.advance(AGES);
    let claimed = run(5, 100).await;
    assert_eq!(seqs(&claimed), [2, 3, 4, 5]);
    assert_eq!(long.last().map(|last| &last.event.id), claimed.last().map(|last| &last.event.id));
    ports.outbox.done(&claimed).await.unwrap();
    assert_eq!(ports.open_deliveries().await, 0);
}

/// Several events of one save come in their order.
pub async fn events_of_one_save_come_in_order(ports: &SuitePorts) {
    let mut order = Orders::fresh(ports);
    for _ in 0..4 {
        Orders::change(&mut order, ports);
    }
    let commit = ports.put(&*ports.orders, order).await;
    assert_eq!(seqs(&commit.deliveries), [1, 2, 3, 4, 5]);
    ports.advance(AGES);
    for seq in 1..=5 {
        let claimed = claim(ports).await;
        assert_eq!(seqs(&claimed), [seq]);
        ports.outbox.done(from_ref(&claimed[0])).await.unwrap();
    }
    assert_eq!(ports.open_deliveries().await, 0);
}

/// A delivery whose predecessor waits for another try is not the committing process's to run.
pub async fn a_commit_waits_behind_a_failure(ports: &SuitePorts) {
    let first = one(ports).await;
    ports.outbox.failed(&first, "not now").await.unwrap();
    assert!(next(ports, &first).await.is_empty());
    ports.advance(AGES);
    let claimed = claim(ports).await;
    assert_eq!((seqs(&claimed), claimed[0].attempts), (vec![1], 1));
    ports.outbox.done(from_ref(&claimed[0])).await.unwrap();
    assert_eq!(seqs(&claim(ports).await), [2]);
}

/// A delivery whose predecessor's claim lapsed is not the committing process's to run.
pub async fn a_commit_waits_behind_a_lapsed_claim(ports: &SuitePorts) {
    let first = one(ports).await;
    ports.advance(AGES);
    assert!(next(ports, &first).await.is_empty());
    assert_eq!(seqs(&claim(ports).await), [1]);
}

/// Each consumer goes at its own pace through the events of an aggregate.
pub async fn consumers_do_not_wait_for_each_other(ports: &SuitePorts) {
    let mut order = Orders::fresh(ports);
    Orders::change(&mut order, ports);
    let unit = ports.routed(order, ports.context(), to_both);
    committed(ports.orders.save(&Scope::System, unit).await);
    ports.advance(AGES);
    let heads = claim(ports).await;
    assert_eq!(seqs(&heads), [1, 1]);
    let beta = heads.iter().find(|delivery| delivery.consumer == "beta").unwrap();
    ports.outbox.done(from_ref(beta)).await.unwrap();
    let claimed = claim(ports).await;
    assert_eq!((seqs(&claimed), claimed[0].consumer), (vec![2], "beta"));
}

/// No more is taken than asked for.
pub async fn a_claim_keeps_to_its_limit(ports: &SuitePorts) {
    for _ in 0..5 {
        one(ports).await;
    }
    ports.advance(AGES);
    let first = claim_up_to(ports, 3).await;
    let rest = claim_up_to(ports, 3).await;
    assert_eq!((first.len(), rest.len()), (3, 2));
    assert!(claim_up_to(ports, 0).await.is_empty());
}

/// Of relays that race, each delivery is taken by one.
pub async fn of_racing_relays_one_takes_each(ports: &SuitePorts) {
    for _ in 0..40 {
        one(ports).await;
    }
    ports.advance(AGES);
    let taken = at_once(8, |_| {
        let ports = ports.clone();
        async move {
            let mut taken = Vec::new();
            loop {
                let claimed = claim_up_to(&ports, 3).await;
                if claimed.is_empty() {
                    return taken;
                }
                taken.extend(claimed.into_iter().map(|delivery| delivery.event.id));
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 40);
    assert_eq!(taken.len(), 40, "each once");
}

/// Relays that race and finish what they take see every aggregate's events in order.
pub async fn racing_relays_keep_the_order(ports: &SuitePorts) {
    let mut expected = BTreeMap::new();
    for _ in 0..6 {
        let mut order = Orders::fresh(ports);
        for _ in 0..5 {
            Orders::change(&mut order, ports);
        }
        expected.insert(order.id().to_string(), (1..=6).collect::<Vec<u64>>());
        ports.put(&*ports.orders, order).await;
    }
    ports.advance(AGES);
    let log = std::sync::Arc::new(std::sync::Mutex::new(BTreeMap::<String, Vec<u64>>::new()));
    at_once(6, |_| {
        let (ports, log) = (ports.clone(), log.clone());
        async move {
            while ports.open_deliveries().await > 0 {
                for delivery in claim_up_to(&ports, 2).await {
                    let subject = delivery.event.subject.clone();
                    log.lock().unwrap().entry(subject).or_default().push(delivery.event.aggregate_seq);
                    tokio::task::yield_now().await;
                    ports.outbox.done(from_ref(&delivery)).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    assert_eq!(*log.lock().unwrap(), expected);
}

/// A refused save inserts no delivery, also when other saves of the aggregate did.
pub async fn a_refused_save_inserts_none(ports: &SuitePorts) {
    let order = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await;
    ports.put(&*ports.orders, Orders::changed(&order, ports)).await;
    ports.save(&*ports.orders, Orders::changed(&order, ports)).await.unwrap_err();
    assert_eq!(ports.open_deliveries().await, 2);
    let order = ports.load(&*ports.orders, &order.id()).await;
    let commit = ports.put(&*ports.orders, Orders::changed(&order, ports)).await;
    assert_eq!(seqs(&commit.deliveries), [3], "the refused save took no number");
}

/// A delivery whose predecessor another process has under way is not the committing process's to run: two
/// processes never run two deliveries of one aggregate and consumer side by side.
pub async fn a_commit_waits_behind_another_process(ports: &SuitePorts) {
    let first = one(ports).await;
    assert!(next(ports.second(), &first).await.is_empty());
    assert!(claim(ports.second()).await.is_empty());
    ports.outbox.done(from_ref(&first)).await.unwrap();
    assert_eq!(seqs(&claim(ports.second()).await), [2]);
}

/// The same once another process has taken a lapsed claim over.
pub async fn a_commit_waits_behind_a_takeover(ports: &SuitePorts) {
    let lost = one(ports).await;
    ports.advance(AGES);
    let taken = claim(ports.second()).await;
    assert_eq!(seqs(&taken), [1]);
    assert!(next(ports, &lost).await.is_empty());
    assert_eq!(seqs(&next(ports.second(), &lost).await), [0; 0], "nor behind what waits itself");
    ports.second().outbox.done(from_ref(&taken[0])).await.unwrap();
    for seq in [2, 3] {
        let claimed = claim(ports).await;
        assert_eq!(seqs(&claimed), [seq]);
        ports.outbox.done(from_ref(&claimed[0])).await.unwrap();
    }
}

/// A fence is good in whatever process it is shown.
pub async fn processes_share_the_fences(ports: &SuitePorts) {
    let delivery = one(ports).await;
    ports.second().outbox.done(from_ref(&delivery)).await.unwrap();
    assert_eq!(ports.open_deliveries().await, 0);
}

/// What one correlation set off is found in order, by those whose aggregate it is.
pub async fn events_are_found_by_what_set_them_off(ports: &SuitePorts) {
    let order = Orders::fresh(ports);
    let (id, owner) = (order.id(), order.data().buyer_tenant_id.clone());
    let mut context = ports.context();
    context.cause.correlation_id = id.to_string();
    let real = ports.now();
    committed(ports.orders.save(&Scope::System, ports.unit(order, context.clone())).await);
    ports.put(&*ports.orders, Orders::fresh(ports)).await;
    let stored = ports.load(&*ports.orders, &id).await;
    let changed = Orders::changed(&stored, ports);
    committed(ports.orders.save(&Scope::System, ports.unit(changed, context)).await);

    let correlation = id.to_string();
    let found = async |scope: Scope, limit| {
        let events = ports.events.by_correlation(&scope, &correlation, limit).await.unwrap();
        let known = events.iter().map(|event| event.as_ref().unwrap());
        known.map(|event| (event.subject.clone(), event.aggregate_seq)).collect::<Vec<_>>()
    };
    let all = vec![(correlation.clone(), 1), (correlation.clone(), 2)];
    assert_eq!(found(Scope::System, 10).await, all);
    assert_eq!(found(Scope::Tenant(owner), 10).await, all);
    assert_eq!(found(Scope::System, 1).await, all[..1]);
    assert!(found(Scope::Tenant("somebody-else".parse().unwrap()), 10).await.is_empty());
    let first = ports.events.by_correlation(&Scope::System, &correlation, 1).await.unwrap();
    assert_eq!(first[0].as_ref().unwrap().recorded_at, real);
}

/// What waits for an aggregate's events is told with its failures, in order, and only its own.
pub async fn what_waits_is_told_by_its_aggregate(ports: &SuitePorts) {
    let first = one(ports).await;
    let other = one(ports).await;
    let second = next(ports, &first).await;
    ports.outbox.failed(&first, "no answer").await.unwrap();
    let waiting = ports.outbox.waiting(&first.event.subject, 10).await.unwrap();
    let told: Vec<_> = waiting
        .iter()
        .map(|one| {
            (one.event.as_ref().unwrap().id, one.consumer, one.attempts, one.dead, one.last_error.as_deref())
        })
        .collect();
    let wanted = [
        (first.event.id, "alpha", 1, false, Some("no answer")),
        (second[0].event.id, "alpha", 0, false, None),
    ];
    assert_eq!(told, wanted);
    assert_eq!(ports.outbox.waiting(&first.event.subject, 1).await.unwrap().len(), 1);
    ports.outbox.done(from_ref(&other)).await.unwrap();
    assert!(ports.outbox.waiting(&other.event.subject, 10).await.unwrap().is_empty());
}

/// A dead letter that is redriven is due at once with all its tries; others are left alone.
pub async fn a_redriven_dead_letter_has_all_its_tries_again(ports: &SuitePorts) {
    let subject = one(ports).await.event.subject.clone();
    let calm = one(ports).await.event.subject.clone();
    for _ in 0..20 {
        ports.advance(AGES);
        for delivery in claim(ports).await {
            if delivery.event.subject == subject {
                ports.outbox.failed(&delivery, "no answer").await.unwrap();
            }
        }
    }
    assert!(ports.outbox.waiting(&subject, 1).await.unwrap()[0].dead);
    assert_eq!(ports.outbox.redrive(&calm).await.unwrap(), 0);
    assert_eq!(ports.outbox.redrive(&subject).await.unwrap(), 1);
    assert_eq!(ports.outbox.redrive(&subject).await.unwrap(), 0, "it is no dead letter any more");
    let again = claim(ports).await;
    let ours: Vec<_> = again.iter().filter(|one| one.event.subject == subject).collect();
    assert_eq!((ours.len(), ours[0].attempts), (1, 0));
    assert_eq!(ports.outbox.failed(ours[0], "no answer").await.unwrap(), Retry::Later);
}

/// A delivery that follows one that is not done names it, so that nobody runs it who never got that one.
pub async fn a_delivery_knows_what_comes_before_it(ports: &SuitePorts) {
    let first = one(ports).await;
    assert_eq!(first.after, None);
    let [second] = <[Delivery; 1]>::try_from(next(ports, &first).await).unwrap();
    assert_eq!(second.after, Some(first.fence));
    ports.outbox.done(from_ref(&first)).await.unwrap();
    ports.outbox.done(from_ref(&second)).await.unwrap();
    let [third] = <[Delivery; 1]>::try_from(next(ports, &first).await).unwrap();
    assert_eq!(third.after, None, "all before it is done");
}

/// Only what is wanted is taken: of these consumers, in these partitions.
pub async fn only_what_is_wanted_is_taken(ports: &SuitePorts) {
    let mut expected = BTreeMap::<i16, BTreeSet<String>>::new();
    for _ in 0..30 {
        let unit = ports.routed(Orders::fresh(ports), ports.context(), to_both);
        let deliveries = committed(ports.orders.save(&Scope::System, unit).await).deliveries;
        let subject = deliveries[0].event.subject.clone();
        expected.entry(partition_of(&subject)).or_default().insert(subject);
    }
    ports.advance(AGES);
    let nobody = Wanted { consumers: &["gamma"], ..ALL };
    assert!(ports.outbox.claim_due(&nobody).await.unwrap().is_empty());
    let nowhere = Wanted { partitions: Partitions::default(), ..ALL };
    assert!(ports.outbox.claim_due(&nowhere).await.unwrap().is_empty());
    for (partition, subjects) in expected {
        let wanted = Wanted { consumers: &["beta"], partitions: [partition].into_iter().collect(), ..ALL };
        let claimed = ports.outbox.claim_due(&wanted).await.unwrap();
        assert!(claimed.iter().all(|delivery| delivery.consumer == "beta"));
        let claimed: BTreeSet<_> =
            claimed.into_iter().map(|delivery| delivery.event.subject.clone()).collect();
        assert_eq!(claimed, subjects, "partition {partition}");
    }
    let rest = claim(ports).await;
    assert!(rest.len() == 30 && rest.iter().all(|delivery| delivery.consumer == "alpha"));
}

/// Many deliveries are settled at once, each by its own fence: who lost one of them settles the others.
pub async fn many_are_done_at_once(ports: &SuitePorts) {
    let lost = one(ports).await;
    ports.advance(AGES);
    assert_eq!(claim(ports).await.len(), 1);
    let mut finished = vec![lost];
    for _ in 0..20 {
        finished.push(one(ports).await);
    }
    let newest = finished[20].clone();
    finished.extend(next(ports, &newest).await);
    ports.outbox.done(&finished).await.unwrap();
    assert_eq!(ports.open_deliveries().await, 1, "the one that was taken over");
    ports.outbox.done(&[]).await.unwrap();
}

/// A claim is said to lapse no later than it does.
pub async fn a_claim_says_how_long_it_holds(ports: &SuitePorts) {
    let before = std::time::Instant::now();
    let delivery = one(ports).await;
    let told = delivery.until - before;
    assert!(told > Duration::from_secs(5) && delivery.until <= std::time::Instant::now() + LEASE);
    ports.advance(AGES);
    let hour = Duration::from_hours(1);
    let taken = ports.outbox.claim_due(&Wanted { lease: hour, ..ALL }).await.unwrap();
    assert!(taken[0].until > before + hour / 2 && taken[0].until <= std::time::Instant::now() + hour);
}

/// The dead letters of all aggregates can be redriven at once; what is not dead is left alone.
pub async fn all_dead_letters_are_redriven(ports: &SuitePorts) {
    assert_eq!(ports.outbox.redrive_all().await.unwrap(), 0);
    for _ in 0..2 {
        let poison = one(ports).await;
        kill(ports, poison).await;
    }
    let failed = one(ports).await;
    ports.outbox.failed(&failed, "not now").await.unwrap();
    assert_eq!(ports.outbox.redrive_all().await.unwrap(), 2);
    let again = claim(ports).await;
    assert_eq!(again.len(), 2, "the third waits for its next try");
    assert!(again.iter().all(|delivery| delivery.attempts == 0));
    assert_eq!(ports.outbox.backlog().await.unwrap(), Backlog { open: 3, dead_letters: 0 });
}

/// What is open is told by its consumer, with the oldest.
pub async fn backlogs_are_told_by_consumer(ports: &SuitePorts) {
    assert_eq!(ports.outbox.backlogs().await.unwrap(), []);
    let oldest = ports.now();
    let poison = one(ports).await;
    kill(ports, poison).await;
    let later = ports.now();
    let unit = ports.routed(Orders::fresh(ports), ports.context(), to_both);
    committed(ports.orders.save(&Scope::System, unit).await);
    let told = |consumer: &str, open, dead_letters, oldest| {
        let backlog = Backlog { open, dead_letters };
        ConsumerBacklog { consumer: consumer.to_owned(), backlog, oldest }
    };
    let wanted = [told("alpha", 2, 1, oldest), told("beta", 1, 0, later)];
    assert_eq!(ports.outbox.backlogs().await.unwrap(), wanted);
}

/// The events of a range are delivered to a consumer once more, in order and in parts.
pub async fn a_range_is_published_again(ports: &SuitePorts) {
    let early = one(ports).await;
    ports.outbox.done(from_ref(&early)).await.unwrap();
    ports.advance(Duration::from_secs(1));
    let from = ports.now();
    let first = one(ports).await;
    let second = next(ports, &first).await;
    ports.advance(Duration::from_secs(1));
    let other = one(ports).await;
    ports.advance(Duration::from_secs(1));
    let to = ports.now();
    let late = one(ports).await;
    for delivery in second.iter().chain([&first, &other, &late]) {
        ports.outbox.done(from_ref(delivery)).await.unwrap();
    }
    let part = ports.outbox.republish("beta", from, to, None, 2).await.unwrap();
    assert_eq!((part.events, part.deliveries), (2, 2));
    assert_eq!(part.next, Some((second[0].event.recorded_at, second[0].event.id)));
    let rest = ports.outbox.republish("beta", from, to, part.next, 2).await.unwrap();
    assert_eq!(rest, Republished { events: 1, deliveries: 1, next: None });
    let twice = ports.outbox.republish("beta", from, to, None, 10).await.unwrap();
    assert_eq!(twice, Republished { events: 3, deliveries: 0, next: None }, "they are open already");

    let heads = claim(ports).await;
    let told: BTreeSet<_> = heads.iter().map(|one| (one.consumer, one.event.subject.clone())).collect();
    let subjects = [&first, &other].map(|one| ("beta", one.event.subject.clone()));
    assert_eq!(told, BTreeSet::from(subjects));
    assert_eq!(seqs(&heads), [1, 1]);
    ports.outbox.done(&heads).await.unwrap();
    assert_eq!(seqs(&claim(ports).await), [2]);
}

/// What is published again takes its place before later events that are open.
pub async fn what_is_published_again_comes_before_later_events(ports: &SuitePorts) {
    let first = one(ports).await;
    ports.outbox.done(from_ref(&first)).await.unwrap();
    assert_eq!(seqs(&next(ports, &first).await), [2]);
    let to = crate::harness::after(ports.now(), Duration::from_secs(1));
    let again = ports.outbox.republish("alpha", first.event.recorded_at, to, None, 10).await.unwrap();
    assert_eq!((again.events, again.deliveries), (2, 1));
    ports.advance(AGES);
    for seq in [1, 2] {
        let claimed = claim(ports).await;
        assert_eq!(seqs(&claimed), [seq]);
        ports.outbox.done(&claimed).await.unwrap();
    }
}
