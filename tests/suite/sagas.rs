//! Sagas: one an order, and when they are looked at again (S-INV-1, S-INV-3).

use std::time::Duration;

use sarai_domain::{
    kernel::{Aggregate, OrderId},
    marketplace::saga::{NewSaga, PAYMENT_WINDOW, PurchaseSaga, SagaEvent, SagaState},
};
use sarai_ports::{Page, PageRequest, Scope, StoreError, UniqueKey, marketplace::SagaFilter};

use crate::{
    SuitePorts,
    harness::{after, at_once, before, has_committed},
    make,
    paging::{assert_pages, newest_first},
};

const TICK: Duration = Duration::from_micros(1);

/// A stored saga that waits for its payment.
async fn awaiting(ports: &SuitePorts) -> PurchaseSaga {
    let mut saga = make::saga(ports, "acme", ports.id());
    let asked = SagaEvent::PaymentRequested { intent: "pi_1".parse().unwrap(), taxes: vec![] };
    make::applied(saga.handle(&asked, None, ports.now()));
    assert_eq!(saga.data().state, SagaState::AwaitingPayment);
    ports.stored(&*ports.sagas, saga).await
}

async fn told(ports: &SuitePorts, saga: &PurchaseSaga, events: &[SagaEvent]) -> PurchaseSaga {
    let mut saga = saga.clone();
    for event in events {
        make::applied(saga.handle(event, None, ports.now()));
    }
    ports.stored(&*ports.sagas, saga).await
}

fn line_of(saga: &PurchaseSaga) -> sarai_domain::kernel::OrderLineId {
    saga.data().lines[0].order_line_id
}

/// An order has one saga: a second one is refused and leaves nothing.
pub async fn an_order_has_one_saga(ports: &SuitePorts) {
    let order: OrderId = ports.id();
    ports.put(&*ports.sagas, make::saga(ports, "acme", order)).await;
    let traces = ports.traces().await;
    let second = ports.save(&*ports.sagas, make::saga(ports, "acme", order)).await;
    assert_eq!(second.unwrap_err(), StoreError::Taken(UniqueKey::SagaPerOrder));
    assert_eq!(ports.traces().await, traces);
}

/// Of sagas that race for one order, one is stored.
pub async fn of_racing_sagas_one_is_stored(ports: &SuitePorts) {
    let order: OrderId = ports.id();
    let saved = at_once(16, |_| {
        let (ports, saga) = (ports.clone(), make::saga(ports, "acme", order));
        async move { ports.save(&*ports.sagas, saga).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    for lost in saved.into_iter().filter(|saved| !has_committed(saved)) {
        assert_eq!(lost.unwrap_err(), StoreError::Taken(UniqueKey::SagaPerOrder));
    }
}

/// Its order leads to it, for workers and staff only.
pub async fn its_order_leads_to_it(ports: &SuitePorts) {
    let saga = awaiting(ports).await;
    let order = saga.data().order_id;
    for scope in [Scope::System, Scope::PlatformAdmin] {
        let found = ports.sagas.find_by_order(&scope, order).await.unwrap().unwrap();
        assert_eq!(found.data(), saga.data());
    }
    for scope in [Scope::Tenant(make::tenant("acme")), Scope::Tenant(make::tenant("globex")), Scope::Public] {
        assert!(ports.sagas.find_by_order(&scope, order).await.unwrap().is_none(), "{scope:?}");
    }
    assert!(ports.sagas.find_by_order(&Scope::System, ports.id()).await.unwrap().is_none());
}

/// A payment times out from the instant of its deadline, not a microsecond before.
pub async fn a_payment_times_out_from_its_deadline_on(ports: &SuitePorts) {
    let saga = awaiting(ports).await;
    let deadline = saga.data().awaiting_payment_timeout_at.unwrap();
    assert_eq!(deadline.since(saga.data().placed_at), PAYMENT_WINDOW);
    assert_eq!(ports.sagas.find_timing_out(before(deadline, TICK), 10).await.unwrap(), []);
    assert_eq!(ports.sagas.find_timing_out(deadline, 10).await.unwrap(), [saga.id()]);
    assert_eq!(ports.sagas.find_timing_out(after(deadline, TICK), 10).await.unwrap(), [saga.id()]);
}

/// Only who waits for a payment times out: not who has not asked, not who is paid.
pub async fn only_awaiting_payment_times_out(ports: &SuitePorts) {
    let started = make::saga(ports, "acme", ports.id());
    ports.put(&*ports.sagas, started).await;
    let waiting = awaiting(ports).await;
    let paid = awaiting(ports).await;
    told(ports, &paid, &[SagaEvent::OrderPaid]).await;
    let late = ports.now().plus_days(30);
    assert_eq!(ports.sagas.find_timing_out(late, 10).await.unwrap(), [waiting.id()]);
}

/// A payment that timed out is not found as one that does.
pub async fn a_fired_time_out_is_not_found_again(ports: &SuitePorts) {
    let saga = awaiting(ports).await;
    let deadline = saga.data().awaiting_payment_timeout_at.unwrap();
    ports.clock.stand_at(deadline);
    told(ports, &saga, &[SagaEvent::TimeoutFired]).await;
    assert_eq!(ports.sagas.find_timing_out(deadline.plus_days(1), 10).await.unwrap(), []);
}

/// The earliest time out first, and no more than asked for.
pub async fn the_earliest_time_out_first(ports: &SuitePorts) {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(awaiting(ports).await.id());
        ports.advance(Duration::from_secs(1));
    }
    let late = ports.now().plus_days(1);
    assert_eq!(ports.sagas.find_timing_out(late, 3).await.unwrap(), ids[..3]);
    assert_eq!(ports.sagas.find_timing_out(late, 10).await.unwrap(), ids);
}

/// A saga is due from the instant of its next attempt, not before.
pub async fn one_is_due_from_its_next_attempt_on(ports: &SuitePorts) {
    let saga = ports.stored(&*ports.sagas, make::saga(ports, "acme", ports.id())).await;
    let due = saga.data().next_attempt_at.unwrap();
    assert_eq!(ports.sagas.find_due(before(due, TICK), 10).await.unwrap(), []);
    assert_eq!(ports.sagas.find_due(due, 10).await.unwrap(), [saga.id()]);
}

/// An attempt moves the next one.
pub async fn an_attempt_moves_the_next(ports: &SuitePorts) {
    let saga = ports.stored(&*ports.sagas, make::saga(ports, "acme", ports.id())).await;
    let due = saga.data().next_attempt_at.unwrap();
    ports.clock.stand_at(due);
    let saga = told(ports, &saga, &[SagaEvent::RetryDue]).await;
    assert_eq!(ports.sagas.find_due(due, 10).await.unwrap(), []);
    let next = saga.data().next_attempt_at.unwrap();
    assert_eq!(ports.sagas.find_due(next, 10).await.unwrap(), [saga.id()]);
}

/// A saga that is over is never due.
pub async fn one_that_is_over_is_never_due(ports: &SuitePorts) {
    let saga = awaiting(ports).await;
    let line = line_of(&saga);
    let events = [
        SagaEvent::OrderPaid,
        SagaEvent::LicenseGranted { line, license_id: ports.id() },
        SagaEvent::EnrollmentCompleted { line },
    ];
    let over = told(ports, &saga, &events).await;
    assert_eq!(over.data().state, SagaState::Fulfilled);
    let late = ports.now().plus_days(365);
    assert_eq!(ports.sagas.find_due(late, 10).await.unwrap(), []);
    assert_eq!(ports.sagas.find_timing_out(late, 10).await.unwrap(), []);
    assert_eq!(ports.sagas.next_due(ports.now()).await.unwrap(), None);
}

/// The earliest are due first, and no more than asked for.
pub async fn the_earliest_are_due_first(ports: &SuitePorts) {
    let mut dues = Vec::new();
    for _ in 0..4 {
        let saga = ports.stored(&*ports.sagas, make::saga(ports, "acme", ports.id())).await;
        dues.push((saga.data().next_attempt_at.unwrap(), saga.id()));
        ports.advance(Duration::from_mins(1));
    }
    dues.sort();
    let ids: Vec<_> = dues.into_iter().map(|(_, id)| id).collect();
    let late = ports.now().plus_days(1);
    assert_eq!(ports.sagas.find_due(late, 2).await.unwrap(), ids[..2]);
    assert_eq!(ports.sagas.find_due(late, 10).await.unwrap(), ids);
}

/// The next due time is of either kind and strictly after the time asked about.
pub async fn the_next_due_time_is_after(ports: &SuitePorts) {
    assert_eq!(ports.sagas.next_due(ports.now()).await.unwrap(), None);
    let saga = awaiting(ports).await;
    let mut times = [saga.data().next_attempt_at.unwrap(), saga.data().awaiting_payment_timeout_at.unwrap()];
    times.sort();
    assert_eq!(ports.sagas.next_due(before(times[0], TICK)).await.unwrap(), Some(times[0]));
    assert_eq!(ports.sagas.next_due(times[0]).await.unwrap(), Some(times[1]));
    assert_eq!(ports.sagas.next_due(times[1]).await.unwrap(), None);
}

/// Orders without a saga are found once they are old enough, and never those that have one.
pub async fn orders_without_one_are_found(ports: &SuitePorts) {
    let alone = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await;
    let served = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await;
    ports.put(&*ports.sagas, make::saga(ports, "acme", served.id())).await;
    let placed = alone.data().placed_at;
    assert_eq!(ports.sagas.find_orders_without(placed, 10).await.unwrap(), []);
    assert_eq!(ports.sagas.find_orders_without(after(placed, TICK), 10).await.unwrap(), [alone.id()]);
    ports.put(&*ports.sagas, make::saga(ports, "acme", alone.id())).await;
    assert_eq!(ports.sagas.find_orders_without(after(placed, TICK), 10).await.unwrap(), []);
}

/// That finder keeps to its limit.
pub async fn orders_without_one_are_limited(ports: &SuitePorts) {
    for _ in 0..4 {
        ports.put(&*ports.orders, make::order(ports, "acme", "ana")).await;
    }
    let late = ports.now().plus_days(1);
    assert_eq!(ports.sagas.find_orders_without(late, 3).await.unwrap().len(), 3);
}

/// A saga that nobody answers, until a human is called.
async fn stuck(ports: &SuitePorts) -> PurchaseSaga {
    let mut saga = awaiting(ports).await;
    make::applied(saga.handle(&SagaEvent::OrderPaid, None, ports.now()));
    while !saga.data().needs_attention {
        let due = saga.data().next_attempt_at.unwrap();
        make::applied(saga.handle(&SagaEvent::RetryDue, None, due));
    }
    ports.stored(&*ports.sagas, saga).await
}

fn ids(page: Page<PurchaseSaga>) -> Page<String> {
    page.map(|saga| saga.id().to_string())
}

/// The list of all turns its pages, the newest first, also those of one instant.
pub async fn the_list_turns_its_pages(ports: &SuitePorts) {
    let mut expected = Vec::new();
    for number in 0..6 {
        let saga = awaiting(ports).await;
        expected.push((saga.data().placed_at, saga.id().to_string()));
        if number % 3 == 2 {
            ports.advance(TICK);
        }
    }
    assert_pages(&newest_first(&expected), async |request| {
        Ok(ids(ports.sagas.list(&Scope::PlatformAdmin, SagaFilter::All, &request).await?))
    })
    .await;
}

/// The list is for workers and staff only.
pub async fn the_list_is_for_staff(ports: &SuitePorts) {
    let saga = stuck(ports).await;
    let overdue_since = saga.data().next_attempt_at.unwrap().plus_days(1);
    for filter in [SagaFilter::All, SagaFilter::Stuck { overdue_since }] {
        for scope in [Scope::System, Scope::PlatformAdmin] {
            let found = ports.sagas.list(&scope, filter, &PageRequest::first(5)).await.unwrap();
            assert_eq!(ids(found).items, [saga.id().to_string()]);
        }
        for scope in [Scope::Tenant(make::tenant("acme")), Scope::Public] {
            let found = ports.sagas.list(&scope, filter, &PageRequest::first(5)).await.unwrap();
            assert_eq!(ids(found).items, [""; 0], "{scope:?}");
        }
    }
}

/// Stuck is what needs attention, and what was due before a time; not what is due at it, nor what is over.
pub async fn stuck_ones_are_found(ports: &SuitePorts) {
    let stuck = stuck(ports).await;
    ports.advance(TICK);
    let waiting = awaiting(ports).await;
    let over = awaiting(ports).await;
    let line = line_of(&over);
    let events = [
        SagaEvent::OrderPaid,
        SagaEvent::LicenseGranted { line, license_id: ports.id() },
        SagaEvent::EnrollmentCompleted { line },
    ];
    told(ports, &over, &events).await;
    let due = waiting.data().next_attempt_at.unwrap();
    let list = async |overdue_since| {
        let filter = SagaFilter::Stuck { overdue_since };
        ids(ports.sagas.list(&Scope::PlatformAdmin, filter, &PageRequest::first(10)).await.unwrap()).items
    };
    assert_eq!(list(due).await, [stuck.id().to_string()]);
    assert_eq!(list(after(due, TICK)).await, [waiting.id().to_string(), stuck.id().to_string()]);
    let late = ports.now().plus_days(365);
    assert_eq!(list(late).await, [waiting.id().to_string(), stuck.id().to_string()], "each once");
}

/// A saga of many steps comes back with its history.
pub async fn its_history_round_trips(ports: &SuitePorts) {
    let saga = awaiting(ports).await;
    let line = line_of(&saga);
    let licensed = SagaEvent::LicenseGranted { line, license_id: ports.id() };
    let saga = told(ports, &saga, &[SagaEvent::OrderPaid, licensed]).await;
    assert!(saga.data().step_history.len() >= 4);
    assert_eq!(ports.load(&*ports.sagas, &saga.id()).await.data(), saga.data());
    assert_eq!(saga.data().licenses.len(), 1);
}

/// What a saga with coupons and several lines is started with comes back.
pub async fn a_large_saga_round_trips(ports: &SuitePorts) {
    let order: OrderId = ports.id();
    let data = make::saga(ports, "acme", order).data().clone();
    let new = NewSaga {
        id: data.id,
        order_id: order,
        buyer_tenant_id: data.buyer_tenant_id,
        buyer_user_id: data.buyer_user_id,
        lines: (0..50)
            .map(|_| sarai_domain::marketplace::saga::SagaLine { order_line_id: ports.id(), learner: None })
            .collect(),
        coupons: vec![ports.id(), ports.id()],
        free: false,
        placed_at: data.placed_at,
    };
    let saga = PurchaseSaga::start(new, ports.now()).unwrap();
    let data = saga.data().clone();
    assert_eq!(ports.stored(&*ports.sagas, saga).await.data(), &data);
}
