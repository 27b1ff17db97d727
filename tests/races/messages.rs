//! T24 and ruling R40: copies of a message have its effects once; one message may have several effects.

use std::sync::Arc;

use sarai_domain::{
    kernel::Aggregate,
    marketplace::{
        order::{OrderStatus, RefundSource},
        saga::SagaState,
    },
};
use sarai_ports::{
    PageRequest, Saved, Scope, Unit,
    events::{EventRecord, FollowUp},
};
use sarai_testkit::{harness::at_once, make};

use crate::{
    races::runs,
    world::{World, buyer, cart, cart_of, staff},
};

/// Places an order behind the relays' backs: gives what the saga's consumer will be told.
async fn placed(world: &World) -> Arc<EventRecord> {
    let line = make::line(&world.suite, "studio", make::usd("20.00"));
    let order = make::order_of(&world.suite, "acme", "ana", make::cart(vec![line]));
    let ports = &world.process(0).ports;
    let context = ports.worker_context("order.place", &order.id());
    let unit = Unit::new(order, context, &*ports.ids, sarai_application::marketplace::routes::consumers_of);
    let Saved::Committed(commit) = ports.orders.save(&Scope::System, unit).await.unwrap() else {
        panic!("a new order");
    };
    let [delivery] = commit.deliveries.as_slice() else { panic!("the saga's delivery") };
    assert_eq!(delivery.consumer, "saga");
    ports.outbox.done(std::slice::from_ref(delivery)).await.unwrap();
    delivery.event.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_copies_make_one_saga_and_one_licence() {
    for _ in 0..runs(10) {
        let world = Arc::new(World::new(3).await);
        let event = placed(&world).await;
        let id = event.subject.parse().unwrap();
        at_once(100, |number| {
            let (world, event) = (world.clone(), event.clone());
            async move {
                let process = world.process(number);
                let saga = process.consumers.iter().find(|consumer| consumer.name() == "saga").unwrap();
                saga.handle(&event).await.unwrap();
            }
        })
        .await;
        world.settle().await;
        let call = buyer("ana");
        world.process(0).market.orders.pay(&call, id, "tok").await.unwrap();
        world.settle().await;
        let saga = world.suite.sagas.find_by_order(&Scope::System, id).await.unwrap().unwrap();
        assert_eq!(saga.data().state, SagaState::Fulfilled);
        assert_eq!(world.suite.licenses.find_by_order(&Scope::System, id).await.unwrap().len(), 1);
        assert_eq!((world.billing.captures(), world.enrollment.enrolled()), (1, 1));
        let inserted = world.suite.audit_rows().await;
        let sagas = inserted.iter().filter(|row| row.target == saga.id().to_string() && row.version == 1);
        assert_eq!(sagas.count(), 1);
    }
}

/// The event again, to every consumer of the process: nothing changes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_event_again_changes_nothing() {
    let world = Arc::new(World::new(3).await);
    let event = placed(&world).await;
    let process = world.process(0);
    for consumer in process.consumers.iter().filter(|consumer| consumer.name() == "saga") {
        at_once(20, |_| {
            let (consumer, event) = (consumer.clone(), event.clone());
            async move { consumer.handle(&event).await.unwrap() }
        })
        .await;
    }
    world.settle().await;
    let traces = world.suite.traces().await;
    for consumer in &process.consumers {
        consumer.handle(&event).await.unwrap();
    }
    process.relay.idle(std::time::Duration::from_secs(5)).await;
    assert_eq!(world.suite.traces().await, traces);
}

/// One fulfilment of two lines of one provider is two sales in its period: neither may be taken for a copy
/// of the other. The same holds for their refund.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_lines_of_one_provider_are_two_sales() {
    let world = World::new(1).await;
    let (one, other) = (world.on_sale("20.00").await, world.on_sale("6.45").await);
    let plan = |listing: &sarai_domain::marketplace::listing::Listing| {
        (listing.id(), listing.data().pricing_plans[0].id)
    };
    let call = buyer("ana");
    let order = world.bought(&call, &cart(&[plan(&one), plan(&other)], &[])).await;
    let studio = make::tenant("studio");
    let totals = async || {
        let page = PageRequest::first(10);
        let list =
            world.suite.earnings.find_by_provider_and_period(&Scope::System, &studio, None, None, &page);
        let periods = list.await.unwrap().items;
        assert_eq!(periods.len(), 1);
        (periods[0].data().line_count, *periods[0].totals())
    };
    let (lines, sold) = totals().await;
    assert_eq!((lines, sold.gross_revenue), (2, make::usd("26.45")));
    let orders = &world.process(0).market.orders;
    orders.refund_by_staff(&staff(), order.id(), None, RefundSource::Admin, "no").await.unwrap();
    world.settle().await;
    let (_, back) = totals().await;
    assert_eq!((back.refunds, back.net_payable), (make::usd("26.45"), make::usd("0.00")));
}

/// A compensation opens its refund and settles it while it handles one message: both are saved.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_compensation_returns_the_money_at_once() {
    let world = World::new(1).await;
    let listing = world.on_sale("20.00").await;
    world.enrollment.refuse();
    let (call, process) = (buyer("ana"), world.process(0));
    let placed = process.market.orders.place(&call, &cart_of(&listing, &[])).await.unwrap().order;
    process.market.orders.pay(&call, placed.id(), "tok").await.unwrap();
    world.settle().await;
    assert_eq!(world.billing.refunds().len(), 1);
    let order = world.suite.load(&*world.suite.orders, &placed.id()).await;
    assert_eq!(order.pending_refund(), None, "the money is back, and the order knows");
    assert_eq!(order.data().status, OrderStatus::Failed);
    let saga = world.suite.sagas.find_by_order(&Scope::System, placed.id()).await.unwrap().unwrap();
    assert_eq!(saga.data().state, SagaState::Failed);
}
