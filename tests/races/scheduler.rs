//! Any number of schedulers: each job is one process's, a process that dies is replaced within ten seconds, and what
//! is due happens once (T26).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use sarai_application::marketplace::scheduler::Scheduler;
use sarai_domain::{
    kernel::{Aggregate, OrderId, SagaId},
    marketplace::{
        license::LicenseState,
        order::{FailureReason, OrderStatus},
        saga::{NewSaga, PAYMENT_WINDOW, PurchaseSaga, SagaEvent, SagaLine, SagaState, SagaStep},
    },
};
use sarai_ports::{Scope, system::DueWork as _};
use sarai_testkit::{
    harness::{at_once, to_nobody},
    make,
};

use crate::{
    races::runs,
    world::{Process, World, buyer, cart_of},
};

/// Sagas of unpaid orders that are all given up at the same instant, and nothing else of theirs soon after.
async fn unpaid(world: &World, count: usize) -> Vec<(SagaId, OrderId)> {
    let (suite, now) = (&world.suite, world.suite.now());
    let mut made = Vec::with_capacity(count);
    for number in 0..count {
        let line = make::line(suite, "studio", make::usd("20.00"));
        let mut order = make::order_of(suite, "acme", "ana", make::cart(vec![line]));
        let intent: sarai_domain::kernel::PaymentIntentId = format!("pi_{number}").parse().unwrap();
        let taxes = vec![(order.data().lines[0].id, make::usd("0.00"))];
        make::applied(order.request_payment(&taxes, Some(intent.clone()), now));
        let data = order.data();
        let new = NewSaga {
            id: data.saga_id,
            order_id: data.id,
            buyer_tenant_id: data.buyer_tenant_id.clone(),
            buyer_user_id: data.buyer_user_id.clone(),
            lines: vec![SagaLine { order_line_id: data.lines[0].id, learner: None }],
            coupons: Vec::new(),
            free: false,
            placed_at: now,
        };
        made.push((data.saga_id, data.id));
        let mut saga = PurchaseSaga::start(new, now).unwrap();
        let late = now.plus(PAYMENT_WINDOW - time::Duration::seconds(1));
        make::applied(saga.handle(&SagaEvent::PaymentRequested { intent, taxes: Vec::new() }, None, late));
        let _ = suite.orders.save(&Scope::System, suite.routed(order, suite.context(), to_nobody)).await;
        let _ = suite.sagas.save(&Scope::System, suite.routed(saga, suite.context(), to_nobody)).await;
    }
    made
}

async fn timed_out(world: &World, sagas: &[(SagaId, OrderId)]) -> usize {
    let mut count = 0;
    for (id, _) in sagas {
        let saga = world.suite.load(&*world.suite.sagas, id).await;
        count += usize::from(saga.data().timed_out.is_some());
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_schedulers_give_up_a_thousand_sagas_once_though_one_of_them_dies() {
    for _ in 0..runs(1) {
        let world = World::new(3).await;
        let sagas = unpaid(&world, 1_000).await;
        let due = world.suite.now().plus(PAYMENT_WINDOW);
        world.suite.clock.stand_at(due);

        // The first holds the leases, does a part, and is never heard of again.
        let scheduler = |number: usize| Scheduler::new(Arc::clone(&world.process(number).ports));
        assert_eq!(scheduler(0).tick().await, 100, "a page");
        // What that set off is over before the next attempts are due.
        world.settle().await;
        let others: Vec<_> = [1, 2].map(scheduler).into();
        for other in &others {
            assert_eq!(other.tick().await, 0, "somebody else's");
        }
        assert_eq!(timed_out(&world, &sagas).await, 100);
        world.suite.clock.stand_at(due.plus(time::Duration::seconds(8)));
        assert_eq!(others[0].tick().await + others[1].tick().await, 0, "its leases still hold");

        // Ten seconds after it was heard of last, the others are at it, both at once.
        world.suite.clock.stand_at(due.plus(time::Duration::seconds(10)));
        let at_work = others.iter().cloned().map(|other| {
            tokio::spawn(async move {
                let mut did = 0;
                for _ in 0..400 {
                    did += other.tick().await;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                did
            })
        });
        let mut did = 0;
        for other in at_work.collect::<Vec<_>>() {
            did += other.await.unwrap();
        }
        world.settle().await;
        assert!(did >= 900, "{did}");
        for (saga, order) in &sagas {
            let saga = world.suite.load(&*world.suite.sagas, saga).await;
            assert_eq!(saga.data().state, SagaState::Failed);
            assert_eq!(saga.data().record(SagaStep::VoidIntent).unwrap().all_attempts(), 1, "asked once");
            let order = world.suite.load(&*world.suite.orders, order).await;
            let ended = (order.data().status, order.data().failure_reason);
            assert_eq!(ended, (OrderStatus::Failed, Some(FailureReason::PaymentTimeout)));
        }
    }
}

/// The last moment to pay is the first to be given up: whichever is first, order, saga, licence and money agree.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn payments_race_the_time_out_and_each_purchase_ends_one_way() {
    const PURCHASES: usize = 12;
    let mut ways = BTreeSet::new();
    for _ in 0..runs(3) {
        let world = Arc::new(World::new(3).await);
        let listing = world.on_sale("20.00").await;
        let (call, cart) = (buyer("ana"), cart_of(&listing, &[]));
        let mut orders = Vec::new();
        for number in 0..PURCHASES {
            orders.push(world.process(number).market.orders.place(&call, &cart).await.unwrap().order.id());
        }
        world.settle().await;
        world.suite.clock.stand_at(world.suite.now().plus(PAYMENT_WINDOW));
        let pay = async |process: Process, order| {
            drop(process.market.orders.pay(&buyer("ana"), order, "tok").await);
        };
        // The first is in time, the last too late, and between them are two schedulers among the buyers.
        pay(world.process(0), orders[0]).await;
        at_once(PURCHASES, |number| {
            let (process, order) = (world.process(number), orders.get(number + 1).copied());
            async move {
                match order.filter(|_| number < PURCHASES - 2) {
                    None => drop(Scheduler::new(Arc::clone(&process.ports)).run_due().await),
                    Some(order) => {
                        tokio::time::sleep(Duration::from_millis([0, 5, 50, 300][number % 4])).await;
                        let _ = process.market.orders.pay(&buyer("ana"), order, "tok").await;
                    }
                }
            }
        })
        .await;
        world.settle().await;
        pay(world.process(1), orders[PURCHASES - 1]).await;
        world.settle().await;
        let mut fulfilled = 0;
        for id in orders {
            let order = world.suite.load(&*world.suite.orders, &id).await;
            let saga = world.suite.load(&*world.suite.sagas, &order.data().saga_id).await;
            let licenses = world.suite.licenses.find_by_order(&Scope::System, id).await.unwrap();
            let active =
                licenses.iter().filter(|license| license.data().state == LicenseState::Active).count();
            let ended = (order.data().status, saga.data().state, saga.data().timed_out.is_some(), active);
            match ended {
                // It was given up, and billing had the money already: it goes on.
                (OrderStatus::Fulfilled, SagaState::Fulfilled, _, 1) => fulfilled += 1,
                (OrderStatus::Failed, SagaState::Failed, true, 0) => {}
                other => panic!("{other:?}"),
            }
            ways.insert(ended.0);
        }
        let returned: i64 = world.billing.refunds().iter().map(|(_, amount)| amount.minor_units()).sum();
        let captured = i64::try_from(world.billing.captures()).unwrap() * 2_000;
        assert_eq!(captured - returned, fulfilled * 2_000);
    }
    assert_eq!(ways.len(), 2, "{ways:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_stops_hands_its_jobs_over_at_once() {
    let world = World::new(2).await;
    let sagas = unpaid(&world, 150).await;
    world.suite.clock.stand_at(world.suite.now().plus(PAYMENT_WINDOW));
    let [first, second] = [0, 1].map(|number| Scheduler::new(Arc::clone(&world.process(number).ports)));
    assert_eq!(first.tick().await, 100);
    first.hand_over().await;
    assert_eq!(second.tick().await, 50);
    assert_eq!(timed_out(&world, &sagas).await, 150);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_test_clock_runs_what_is_due_though_another_process_holds_the_leases() {
    let world = World::new(2).await;
    let sagas = unpaid(&world, 20).await;
    let [holder, other] = [0, 1].map(|number| Scheduler::new(Arc::clone(&world.process(number).ports)));
    assert_eq!(holder.tick().await, 0, "nothing is due yet");
    world.suite.clock.stand_at(world.suite.now().plus(PAYMENT_WINDOW));
    assert_eq!(other.run_due().await.unwrap(), 20);
    assert_eq!(timed_out(&world, &sagas).await, 20);
}
