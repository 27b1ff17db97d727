//! What one decision costs, for purchases of one line and of the most lines an order may have.

#![allow(clippy::expect_used, reason = "a bench that cannot be set up measures nothing")]

use std::hint::black_box;

use sarai_domain::{
    kernel::{Aggregate, Id, IdKind, Timestamp},
    marketplace::saga::{NewSaga, PurchaseSaga, SagaCoordinator, SagaEvent, SagaLine, SagaStep},
};

const LINES: [u64; 2] = [1, 50];

fn main() {
    divan::main();
}

fn id<K: IdKind>(number: u64) -> Id<K> {
    Id::new(u128::from(number).into())
}

fn now() -> Timestamp {
    Timestamp::from_unix_micros(1_776_677_400_000_000)
}

/// A saga of so many lines after some events.
fn saga(lines: u64, events: &[SagaEvent]) -> PurchaseSaga {
    let learner = "ada".parse().ok();
    let new = NewSaga {
        id: id(7),
        order_id: id(8),
        buyer_tenant_id: "acme".parse().expect("a tenant id"),
        buyer_user_id: "ada".parse().expect("a user id"),
        lines: (1..=lines).map(|n| SagaLine { order_line_id: id(n), learner: learner.clone() }).collect(),
        coupons: vec![],
        free: false,
        placed_at: now(),
    };
    let mut saga = PurchaseSaga::start(new, now()).expect("it has lines");
    for event in events {
        let _ = saga.handle(event, None, now()).expect("every event is legal");
    }
    saga
}

fn paid() -> Vec<SagaEvent> {
    let intent = "pi_1".parse().expect("an intent id");
    vec![
        SagaEvent::PaymentRequested { intent, taxes: vec![] },
        SagaEvent::PaymentPending,
        SagaEvent::OrderPaid,
    ]
}

fn decide(bencher: divan::Bencher<'_, '_>, saga: &PurchaseSaga, event: &SagaEvent) {
    bencher.bench(|| SagaCoordinator::decide(black_box(saga.data()), black_box(event), now()));
}

/// Issues a command per line.
#[divan::bench(args = LINES)]
fn order_paid(bencher: divan::Bencher<'_, '_>, lines: u64) {
    decide(bencher, &saga(lines, &paid()[..2]), &SagaEvent::OrderPaid);
}

/// One answer of many.
#[divan::bench(args = LINES)]
fn license_granted(bencher: divan::Bencher<'_, '_>, lines: u64) {
    let granted = SagaEvent::LicenseGranted { line: id(lines), license_id: id(lines) };
    decide(bencher, &saga(lines, &paid()), &granted);
}

/// Plans the undo of every line.
#[divan::bench(args = LINES)]
fn refund_requested(bencher: divan::Bencher<'_, '_>, lines: u64) {
    decide(bencher, &saga(lines, &paid()), &SagaEvent::RefundRequested { refund_id: id(3) });
}

/// The common case of redelivery.
#[divan::bench(args = LINES)]
fn ignored(bencher: divan::Bencher<'_, '_>, lines: u64) {
    decide(bencher, &saga(lines, &paid()), &SagaEvent::UndoAcknowledged { step: SagaStep::RefundPayment });
}
