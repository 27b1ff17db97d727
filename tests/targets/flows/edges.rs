//! What arrives twice, late, out of order or in great numbers, and must change nothing or the right thing.

use sarai_application::marketplace::consumers;
use sarai_domain::{
    kernel::{Aggregate, EventId, TenantId},
    marketplace::{
        earnings::EarningsState,
        listing::ListingState,
        order::{OrderStatus, RefundState},
        saga::{CompensationReason, SagaCommand, SagaMessage, SagaState},
        values::Discount,
    },
};
use sarai_ports::{
    Event, Scope,
    events::EventRecord,
    inbound::{InboundEvent, InboundRecord, Source},
};

use crate::world::{Sold, World, cart, first_page, one_time};

const DAY: u32 = 24 * 60 * 60;

async fn tell(world: &World, id: &str, source: Source, event: InboundEvent) {
    world.sarai.inbound.receive(InboundRecord { id: id.to_owned(), source, event }).await.unwrap();
}

async fn sell_many(world: &World, number: u32) -> Vec<Sold> {
    let mut sold = Vec::new();
    for course in 1..=number {
        sold.push(world.sell(course, one_time("10.00")).await);
    }
    sold
}

#[tokio::test]
async fn holds_of_orders_under_way_do_not_keep_other_holds_from_lapsing() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let busy = world.coupon("BUSY", Discount::percent(10).unwrap(), None).await;
    let idle = world.coupon("IDLE", Discount::percent(10).unwrap(), Some(1)).await;
    let buyer = World::call("buyer");
    let (quotes, orders) = (&world.sarai.marketplace.quotes, &world.sarai.marketplace.orders);
    for _ in 0..100 {
        let quoted = quotes.open(&buyer, &cart(&[(course, 1)], &["BUSY"])).await.unwrap();
        orders.place_quoted(&buyer, quoted.quote).await.unwrap();
    }
    world.advance(1).await;
    quotes.open(&World::call("customer"), &cart(&[(course, 1)], &["IDLE"])).await.unwrap();
    world.advance(16 * 60).await;
    assert_eq!(world.uses(busy).await, 100);
    assert_eq!(world.uses(idle).await, 0, "the quote expired a minute ago");
}

#[tokio::test]
async fn a_dispute_that_is_decided_stays_decided() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    let (order_id, dispute_id) = (order.id(), "dsp_1".to_owned());
    let opened = InboundEvent::DisputeOpened { order_id, dispute_id: dispute_id.clone() };
    tell(&world, "e1", Source::Billing, opened.clone()).await;
    tell(&world, "e2", Source::Billing, InboundEvent::DisputeWon { order_id, dispute_id }).await;
    tell(&world, "e1", Source::Billing, opened).await;
    world.advance(20 * DAY).await;
    let provider = World::call("provider");
    let periods = world.sarai.marketplace.earnings.list(&provider, None, None, &first_page()).await.unwrap();
    assert_eq!(periods.items[0].state(), EarningsState::Paid);
}

#[tokio::test]
async fn a_dispute_lost_while_a_refund_is_pending_takes_the_rest() {
    let world = World::new().await;
    let sold = sell_many(&world, 2).await;
    let order = world.buy(&[(sold[0], 1), (sold[1], 1)], &[]).await;
    let buyer = World::call("buyer");
    world.sarai.billing.set_outage(true);
    let first = vec![order.data().lines[0].id];
    world.sarai.marketplace.orders.refund(&buyer, order.id(), Some(first), "one").await.unwrap();
    let lost = InboundEvent::DisputeLost { order_id: order.id(), dispute_id: "dsp_1".to_owned() };
    // A sender is told to come again, or it is done at once; both are fine.
    let record = || InboundRecord { id: "e1".to_owned(), source: Source::Billing, event: lost.clone() };
    let taken = world.sarai.inbound.receive(record()).await;
    world.sarai.billing.set_outage(false);
    world.advance(60).await;
    if taken.is_err() {
        world.sarai.inbound.receive(record()).await.unwrap();
    }
    world.advance(60).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Refunded);
}

#[tokio::test]
async fn an_older_revocation_suspends_nothing() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let tenant_id = TenantId::from_static("acc_demo_provider");
    let at = world.sarai.ports.now().plus_days(1);
    let before = world.sarai.ports.now();
    tell(&world, "k2", Source::Tenant, InboundEvent::KycVerified { tenant_id: tenant_id.clone(), at }).await;
    tell(&world, "k1", Source::Tenant, InboundEvent::KycRevoked { tenant_id, at: before }).await;
    let listing =
        world.sarai.marketplace.listings.get(&World::call("provider"), course.listing).await.unwrap();
    assert_eq!(listing.data().state, ListingState::Live);
}

#[tokio::test]
async fn paying_for_another_tenant_moves_no_money() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let order = world.order(&World::call("buyer"), &[(course, 1)], &[]).await.unwrap();
    let paid = world.sarai.marketplace.orders.pay(&World::call("admin"), order.id(), "tok_ok").await;
    assert!(paid.is_err());
    let books = world.sarai.billing.books(order.data().currency).unwrap();
    assert!(books.captured.is_zero(), "refused, yet captured");
}

#[tokio::test]
async fn a_quote_does_not_sell_a_course_that_is_held_by_now() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let (quotes, orders) = (&world.sarai.marketplace.quotes, &world.sarai.marketplace.orders);
    let quoted = quotes.open(&buyer, &cart(&[(course, 1)], &[])).await.unwrap();
    world.buy(&[(course, 1)], &[]).await;
    let placed = orders.place_quoted(&buyer, quoted.quote).await;
    assert_eq!(placed.map(|placed| placed.order.data().status).unwrap_err().code, "order.already_licensed");
}

#[tokio::test]
async fn a_refund_command_told_twice_never_passes_for_money_returned() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let (billing, enrollment) = (&world.sarai.billing, &world.sarai.enrollment);
    enrollment.set_outage(true);
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_refund_fails").await;
    assert_eq!(order.data().status, OrderStatus::Paid);
    world.sarai.marketplace.orders.refund(&buyer, order.id(), None, "no").await.unwrap();
    billing.set_outage(true);
    enrollment.set_outage(false);
    world.advance(120).await;
    let refund = world.stored(order.id()).await.pending_refund().unwrap().id;
    let failed = InboundEvent::RefundFailed {
        order_id: order.id(),
        key: format!("rf:{refund}"),
        code: "refund_declined".to_owned(),
    };
    tell(&world, "r1", Source::Billing, failed).await;
    sarai_ports::events::FollowUp::idle(&world.sarai.relay, std::time::Duration::from_secs(5)).await;
    billing.set_outage(false);

    let saga = world.sarai.ports.sagas.find_by_order(&Scope::System, order.id()).await.unwrap().unwrap();
    let record = EventRecord {
        id: EventId::new(world.sarai.ports.ulid()),
        tenant_id: buyer.principal.tenant_id.clone(),
        aggregate: "saga",
        subject: saga.id().to_string(),
        aggregate_seq: 1_000,
        time: world.sarai.ports.now(),
        recorded_at: world.sarai.ports.now(),
        correlation_id: order.id().to_string(),
        causation_id: None,
        event: Event::from(SagaMessage::CommandIssued {
            saga_id: saga.id(),
            order_id: order.id(),
            buyer_tenant_id: buyer.principal.tenant_id.clone(),
            key: "again".to_owned(),
            command: SagaCommand::RefundPayment {
                refund_id: Some(refund),
                reason: CompensationReason::BuyerRefund,
            },
        }),
    };
    let all = consumers::all(&world.sarai.ports);
    let commands = all.iter().find(|consumer| consumer.name() == "saga-commands").unwrap();
    commands.handle(&record).await.unwrap();
    assert!(world.stored(order.id()).await.refunds().all(|refund| refund.state == RefundState::Failed));
    commands.handle(&record).await.unwrap();
    world.advance(3_600).await;
    let open = world.sarai.ports.outbox.backlog().await.unwrap().open;
    let saga = world.saga(order.id()).await;
    assert_eq!((saga, open), (SagaState::Failed, 0), "the saga is closed and no delivery is left");
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Refunded);
    let books = billing.books(order.data().currency).unwrap();
    assert_eq!(books.captured, books.refunded);
}
