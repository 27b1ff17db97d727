//! Commands of a saga that are carried out while their answer gets lost: they come again, and the order or the
//! licence has gone on meanwhile. Deliveries run by hand here, so that they run in the order that hurts.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use sarai_application::{
    Ports,
    marketplace::{Marketplace, consumers, routes::consumers_of},
};
use sarai_domain::{
    kernel::{Aggregate, EventId, OrderId, SagaId, Timestamp},
    marketplace::{
        event::MarketplaceEvent,
        license::LicenseState,
        order::{Order, OrderStatus},
        saga::{PurchaseSaga, SagaCommand, SagaMessage, SagaState},
    },
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    Page, PageRequest, Saved, Scope, StoreError, Unit,
    events::{Delivery, EventRecord, FollowUp},
    marketplace::{Repository, SagaFilter, SagaRepository},
};

use crate::world::{World, cart, one_time};

/// Nobody runs what a commit sets off.
struct Nobody;

#[async_trait]
impl FollowUp for Nobody {
    fn committed(&self, _deliveries: Vec<Delivery>) {}
    async fn settled(&self, _correlation_id: &str, _limit: Duration) {}
    async fn idle(&self, _limit: Duration) {}
}

/// Sagas that hear nothing: every save of one fails. Who stood still for long has looked at them long ago.
struct Deaf {
    store: MemoryStore,
    seen: Option<PurchaseSaga>,
}

#[async_trait]
impl Repository<PurchaseSaga> for Deaf {
    async fn find(&self, scope: &Scope, id: &SagaId) -> Result<Option<PurchaseSaga>, StoreError> {
        match &self.seen {
            Some(seen) => Ok(Some(seen.clone())),
            None => Repository::<PurchaseSaga>::find(&self.store, scope, id).await,
        }
    }
    async fn save(&self, _scope: &Scope, _unit: Unit<PurchaseSaga>) -> Result<Saved, StoreError> {
        Err(StoreError::Unavailable("the process died".to_owned()))
    }
}

#[async_trait]
impl SagaRepository for Deaf {
    async fn find_by_order(&self, scope: &Scope, order: OrderId) -> Result<Option<PurchaseSaga>, StoreError> {
        SagaRepository::find_by_order(&self.store, scope, order).await
    }
    async fn find_timing_out(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError> {
        self.store.find_timing_out(now, limit).await
    }
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError> {
        self.store.find_due(now, limit).await
    }
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        SagaRepository::next_due(&self.store, after).await
    }
    async fn list(
        &self,
        scope: &Scope,
        filter: SagaFilter,
        page: &PageRequest,
    ) -> Result<Page<PurchaseSaga>, StoreError> {
        SagaRepository::list(&self.store, scope, filter, page).await
    }
    async fn find_orders_without(&self, before: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        self.store.find_orders_without(before, limit).await
    }
}

fn command(event: &EventRecord) -> Option<&SagaCommand> {
    match event.event.marketplace() {
        Some(MarketplaceEvent::Saga(SagaMessage::CommandIssued { command, .. })) => Some(command),
        _ => None,
    }
}

/// A world in which the test runs every delivery itself.
struct ByHand {
    world: World,
    ports: Arc<Ports>,
    done: Mutex<BTreeSet<(EventId, &'static str)>>,
}

impl ByHand {
    async fn new() -> Self {
        let world = World::new().await;
        let ports = Arc::new(Ports { follow_up: Arc::new(Nobody), ..Ports::clone(&world.sarai.ports) });
        Self { world, ports, done: Mutex::default() }
    }

    fn marketplace(&self) -> Marketplace {
        Marketplace::new(&self.ports)
    }

    /// An order of one course; nothing that it sets off has run.
    async fn placed(&self) -> Order {
        let course = self.world.sell(1, one_time("10.00")).await;
        let cart = cart(&[(course, 1)], &[]);
        self.marketplace().orders.place(&World::call("buyer"), &cart).await.unwrap().order
    }

    /// The events of this order, the first first.
    async fn events(&self, order: OrderId) -> Vec<Arc<EventRecord>> {
        let order = order.to_string();
        let logged = self.ports.events.by_correlation(&Scope::System, &order, 1_000).await.unwrap();
        logged.into_iter().collect::<Result<_, _>>().unwrap()
    }

    /// Runs the order's deliveries, and what they set off, each once, but those that are held back.
    async fn run(&self, order: OrderId, held: impl Fn(&EventRecord, &str) -> bool) {
        let all = consumers::all(&self.ports);
        loop {
            let mut ran = false;
            for event in self.events(order).await {
                for name in consumers_of(&event.event) {
                    let known = self.done.lock().unwrap().contains(&(event.id, name));
                    if known || held(&event, name) {
                        continue;
                    }
                    let consumer = all.iter().find(|consumer| consumer.name() == name).unwrap();
                    consumer.handle(&event).await.unwrap();
                    self.done.lock().unwrap().insert((event.id, name));
                    ran = true;
                }
            }
            if !ran {
                return;
            }
        }
    }

    /// Carries out a command of the order, and dies before the saga hears of it.
    async fn die_after(&self, order: OrderId, wanted: fn(&SagaCommand) -> bool) {
        let sagas = Arc::new(Deaf { store: self.world.store.clone(), seen: None });
        let deaf = Arc::new(Ports { sagas, ..Ports::clone(&self.ports) });
        let events = self.events(order).await;
        let event = events.iter().find(|event| command(event).is_some_and(wanted)).unwrap();
        let all = consumers::all(&deaf);
        let commands = all.iter().find(|consumer| consumer.name() == "saga-commands").unwrap();
        let told = commands.handle(event).await.is_err();
        // Of the first it hears from the order's payment; the other ends it.
        let silent = matches!(
            command(event),
            Some(SagaCommand::MarkPendingPayment { .. } | SagaCommand::MarkFulfilled { .. })
        );
        assert_ne!(told, silent, "it was heard");
    }

    async fn saga(&self, order: OrderId) -> SagaState {
        self.world.saga(order).await
    }
}

#[tokio::test]
async fn the_repeated_mark_of_a_pending_payment_does_not_undo_a_purchase_that_was_paid_meanwhile() {
    let market = ByHand::new().await;
    let order = market.placed().await.id();
    let marks = |command: &SagaCommand| matches!(command, SagaCommand::MarkPendingPayment { .. });
    market.run(order, |event, _| command(event).is_some_and(marks)).await;
    market.die_after(order, marks).await;
    assert_eq!(market.world.stored(order).await.data().status, OrderStatus::PendingPayment);

    let paid = market.marketplace().orders.pay(&World::call("buyer"), order, "tok_ok").await.unwrap();
    assert_eq!(paid.data().status, OrderStatus::Paid);
    market.run(order, |_, _| false).await;
    assert_eq!(market.saga(order).await, SagaState::Fulfilled);
    let order = market.world.stored(order).await;
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
    assert!(market.world.sarai.billing.books(order.data().currency).unwrap().refunded.is_zero());
}

#[tokio::test]
async fn the_repeated_mark_of_a_fulfilled_order_changes_nothing_though_the_order_was_returned_meanwhile() {
    let market = ByHand::new().await;
    let buyer = World::call("buyer");
    let order = market.placed().await.id();
    market.run(order, |_, _| false).await;
    market.marketplace().orders.pay(&buyer, order, "tok_ok").await.unwrap();
    let marks = |command: &SagaCommand| matches!(command, SagaCommand::MarkFulfilled { .. });
    market.run(order, |event, _| command(event).is_some_and(marks)).await;
    market.die_after(order, marks).await;
    assert_eq!(market.saga(order).await, SagaState::Fulfilled);
    assert_eq!(market.world.stored(order).await.data().status, OrderStatus::Fulfilled);

    market.marketplace().orders.refund(&buyer, order, None, "changed my mind").await.unwrap();
    // The queues of the order and of the saga are apart: nobody has told the saga of the refund yet.
    market.run(order, |event, name| name == "saga" || command(event).is_some_and(marks)).await;
    assert_eq!(market.world.stored(order).await.data().status, OrderStatus::Refunded);
    market.run(order, |_, name| name == "saga").await;
    assert_eq!(market.saga(order).await, SagaState::Fulfilled);
    market.run(order, |_, _| false).await;
    assert_eq!(market.saga(order).await, SagaState::Fulfilled);
    assert_eq!(market.world.licenses(order).await[0].data().state, LicenseState::Revoked);
}

#[tokio::test]
async fn a_late_copy_of_an_enrolment_enrols_nobody_after_the_revocation() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    world.sarai.enrollment.set_outage(true);
    let order = world.pay(&buyer, order.id(), "tok_ok").await.id();
    assert_eq!(world.saga(order).await, SagaState::Enrolling);
    world.sarai.enrollment.set_outage(false);
    world.sarai.marketplace.orders.refund(&buyer, order, None, "changed my mind").await.unwrap();
    world.advance(0).await;
    assert_eq!(world.saga(order).await, SagaState::Failed, "undone");
    let license = world.licenses(order).await.remove(0);
    assert_eq!(license.data().state, LicenseState::Revoked);

    let events = world.store.recorded();
    let enrols = |command: &SagaCommand| matches!(command, SagaCommand::Enroll { .. });
    let late = events.iter().find(|event| command(event).is_some_and(enrols)).unwrap();
    let all = consumers::all(&world.sarai.ports);
    let commands = all.iter().find(|consumer| consumer.name() == "saga-commands").unwrap();
    commands.handle(late).await.unwrap();
    let enrolled = world.sarai.enrollment.enrolled(&license.data().course_id);
    assert!(enrolled.is_empty(), "{enrolled:?} learn for nothing");
    world.assert_quiet().await;
}

#[tokio::test]
async fn who_looked_before_the_undo_and_grants_after_it_leaves_no_licence() {
    let market = ByHand::new().await;
    let order = market.placed().await.id();
    market.run(order, |_, _| false).await;
    let seen = market.ports.sagas.find_by_order(&Scope::System, order).await.unwrap().unwrap();
    assert!(seen.data().licenses_with_payment());
    market.marketplace().orders.pay(&World::call("buyer"), order, "tok_ok").await.unwrap();
    // Meanwhile an operator ends the purchase, and another process undoes it.
    market.marketplace().doctor.compensate(&World::call("admin"), seen.id()).await.unwrap();
    market.run(order, |_, _| false).await;
    assert_eq!(market.saga(order).await, SagaState::Failed);

    // Whoever stood still goes on with the payment as if the saga waited for it, and dies before it hears otherwise.
    let sagas = Arc::new(Deaf { store: market.world.store.clone(), seen: Some(seen) });
    let late = Arc::new(Ports { sagas, recent: Arc::default(), ..Ports::clone(&market.ports) });
    let events = market.events(order).await;
    let paid = |event: &&Arc<EventRecord>| event.event.topic() == "marketplace.order.paid.v1";
    let all = consumers::all(&late);
    let saga = all.iter().find(|consumer| consumer.name() == "saga").unwrap();
    assert!(saga.handle(events.iter().find(paid).unwrap()).await.is_err(), "it dies");
    let states: Vec<_> = market.world.licenses(order).await.iter().map(|one| one.data().state).collect();
    assert_eq!(states, [LicenseState::Revoked]);
    market.run(order, |_, _| false).await;
}
