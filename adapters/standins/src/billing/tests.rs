//! Every test token, every key, every callback.

use sarai_domain::kernel::{OrderLineId, Ulid};
use sarai_ports::marketplace::TaxLine;
use sarai_system::{ManualClock, SeededIds};
use time::Duration;

use super::*;
use crate::testing::{Recorder, clock};

struct World {
    billing: BillingStandIn,
    clock: Arc<ManualClock>,
    sink: Arc<Recorder>,
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn order() -> OrderId {
    OrderId::new(Ulid::from(1_u128))
}

fn request(net: &str) -> IntentRequest {
    let net = usd(net);
    let lines = vec![TaxLine { id: OrderLineId::new(Ulid::from(2_u128)), net }];
    let tax = TaxRequest { buyer_tenant_id: "acme".parse().unwrap(), currency: net.currency(), lines };
    IntentRequest { order_id: order(), tax, frozen_tax: None }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, GatewayError>) -> String {
    match answer {
        Err(GatewayError::Refused { code }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

impl World {
    fn new() -> Self {
        let (clock, sink) = (clock(), Arc::new(Recorder::default()));
        let billing =
            BillingStandIn::new(clock.clone(), Arc::new(SeededIds::new(1)), Arc::default()).unwrap();
        billing.connect(sink.clone());
        Self { billing, clock, sink }
    }

    /// An intent over 100.00 and 8.25 tax, under the key `k`.
    async fn intent(&self) -> PaymentIntentId {
        self.billing.create_intent("k", &request("100.00")).await.unwrap().payment_intent_id
    }

    async fn pay(&self, attempt: &str, token: &str) -> PaymentAnswer {
        let intent = self.intent().await;
        self.billing.pay(attempt, &intent, token).await.unwrap()
    }

    /// Pays and gives the capture.
    async fn captured(&self, token: &str) -> (PaymentId, Money) {
        match self.pay("a1", token).await {
            PaymentAnswer::Succeeded { payment_id, amount } => (payment_id, amount),
            other => panic!("not captured: {other:?}"),
        }
    }

    /// What was called back since the last time.
    async fn told(&self) -> Vec<InboundEvent> {
        self.billing.run_due().await.unwrap();
        self.sink.take()
    }

    async fn succeeded(&self, payment_id: PaymentId, amount: Money) -> InboundEvent {
        let payment_intent_id = match self.billing.create_intent("k", &request("100.00")).await {
            Ok(created) => created.payment_intent_id,
            Err(error) => panic!("{error}"),
        };
        InboundEvent::PaymentSucceeded { order_id: order(), payment_intent_id, payment_id, amount }
    }
}

#[tokio::test]
async fn tax_is_asked_or_frozen_and_the_intent_is_over_both() {
    let world = World::new();
    let asked = world.billing.tax(&request("100.00").tax).await.unwrap();
    let line = OrderLineId::new(Ulid::from(2_u128));
    assert_eq!(asked, TaxAnswer::PerLine(vec![(line, usd("8.25"))]));
    let frozen = IntentRequest { frozen_tax: Some(vec![(line, usd("7.00"))]), ..request("100.00") };
    let intent = world.billing.create_intent("k", &frozen).await.unwrap();
    assert_eq!(intent.tax, TaxAnswer::PerLine(vec![(line, usd("7.00"))]));
    let answer = world.billing.pay("a", &intent.payment_intent_id, "tok_ok").await.unwrap();
    assert!(matches!(answer, PaymentAnswer::Succeeded { amount, .. } if amount == usd("107.00")));
    let stranger = Some(vec![(OrderLineId::new(Ulid::from(9_u128)), usd("1"))]);
    let stranger = IntentRequest { frozen_tax: stranger, ..request("100.00") };
    assert_eq!(refusal(world.billing.create_intent("k2", &stranger).await), "unknown_line");
}

#[tokio::test]
async fn a_key_creates_one_intent() {
    let world = World::new();
    assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Unknown));
    assert_eq!(world.intent().await, world.intent().await);
    assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Open));
    assert_eq!(refusal(world.billing.create_intent("k", &request("99.00")).await), "key_reused");
    assert_eq!(refusal(world.billing.create_intent("k0", &request("0.00")).await), "nothing_to_pay");
}

#[tokio::test]
async fn tok_ok_captures_once_whatever_is_repeated() {
    let world = World::new();
    let (payment_id, amount) = world.captured("tok_ok").await;
    assert_eq!(amount, usd("108.25"));
    assert_eq!(world.captured("tok_ok").await, (payment_id.clone(), amount));
    let intent = world.intent().await;
    assert_eq!(refusal(world.billing.pay("a1", &intent, "tok_double").await), "key_reused");
    assert_eq!(refusal(world.billing.pay("a2", &intent, "tok_ok").await), "not_payable");
    let status = IntentStatus::Succeeded { payment_id: payment_id.clone(), amount };
    assert_eq!(world.billing.intent("k").await, Ok(status));
    assert_eq!(world.told().await, [world.succeeded(payment_id, amount).await]);
}

#[tokio::test]
async fn unknown_tokens_and_intents_are_refused() {
    let world = World::new();
    let intent = world.intent().await;
    assert_eq!(refusal(world.billing.pay("a1", &intent, "tok_nope").await), "unknown_token");
    let nothing = "pi_none".parse().unwrap();
    assert_eq!(refusal(world.billing.pay("a1", &nothing, "tok_ok").await), "not_payable");
    assert!(world.told().await.is_empty());
}

#[tokio::test]
async fn tok_decline_once_succeeds_at_the_next_try() {
    for next in ["tok_decline_once", "tok_ok"] {
        let world = World::new();
        let declined = PaymentAnswer::Declined { code: "card_declined".to_owned(), is_final: false };
        assert_eq!(world.pay("a1", "tok_decline_once").await, declined);
        assert_eq!(world.pay("a1", "tok_decline_once").await, declined, "the same attempt, the same answer");
        assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Open));
        assert!(matches!(world.pay("a2", next).await, PaymentAnswer::Succeeded { .. }), "{next}");
        let told = world.told().await;
        assert_eq!(told.len(), 2);
        assert!(matches!(&told[0], InboundEvent::PaymentDeclined { code, .. } if code == "card_declined"));
        assert!(matches!(&told[1], InboundEvent::PaymentSucceeded { .. }));
    }
}

#[tokio::test]
async fn tok_decline_is_final() {
    let world = World::new();
    let code = "card_declined".to_owned();
    let declined = PaymentAnswer::Declined { code: code.clone(), is_final: true };
    assert_eq!(world.pay("a1", "tok_decline").await, declined);
    assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Failed { code }));
    let intent = world.intent().await;
    assert_eq!(refusal(world.billing.pay("a2", &intent, "tok_ok").await), "not_payable");
    assert!(matches!(world.told().await.as_slice(), [InboundEvent::PaymentFailed { .. }]));
}

#[tokio::test]
async fn tok_timeout_is_never_answered() {
    let world = World::new();
    assert_eq!(world.pay("a1", "tok_timeout").await, PaymentAnswer::Processing);
    world.clock.advance(Duration::days(365));
    assert!(world.told().await.is_empty());
    assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Open));
    assert_eq!(world.billing.void_intent("k").await, Ok(VoidAnswer::Voided));
    world.clock.advance(Duration::days(365));
    assert!(matches!(world.told().await.as_slice(), [InboundEvent::PaymentVoided { .. }]));
    assert!(world.billing.payments_of(order()).is_empty());
}

#[tokio::test]
async fn tok_late_arrives_a_minute_after_the_void() {
    let world = World::new();
    assert_eq!(world.pay("a1", "tok_late").await, PaymentAnswer::Processing);
    world.clock.advance(Duration::minutes(30));
    assert!(world.told().await.is_empty(), "without a void nothing arrives");

    assert_eq!(world.billing.void_intent("k").await, Ok(VoidAnswer::Voided));
    assert!(matches!(world.told().await.as_slice(), [InboundEvent::PaymentVoided { .. }]));
    let now = world.clock.now();
    assert_eq!(world.billing.next_due(now).await, Ok(Some(now.plus(Duration::seconds(60)))));
    world.clock.advance(Duration::seconds(59));
    assert!(world.told().await.is_empty());
    assert!(world.billing.payments_of(order()).is_empty());

    world.clock.advance(Duration::seconds(1));
    let told = world.told().await;
    let [InboundEvent::PaymentSucceeded { payment_id, amount, .. }] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(*amount, usd("108.25"));
    assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Voided));
    let back = world.billing.refund("stray:1", &order(), payment_id, *amount).await;
    assert_eq!(back, Ok(RefundStatus::Succeeded));
}

#[tokio::test]
async fn tok_double_is_called_back_twice_for_one_payment() {
    let world = World::new();
    let (payment_id, amount) = world.captured("tok_double").await;
    world.billing.run_due().await.unwrap();
    let ids = world.sink.ids();
    assert!(ids.len() == 2 && ids[0] != ids[1], "two messages: {ids:?}");
    let event = world.succeeded(payment_id, amount).await;
    assert_eq!(world.told().await, [event.clone(), event]);
    assert_eq!(world.billing.payments_of(order()).len(), 1);
}

#[tokio::test]
async fn tok_mismatch_captures_another_amount() {
    let world = World::new();
    let (payment_id, amount) = world.captured("tok_mismatch").await;
    assert_eq!(amount, usd("109.25"));
    assert_eq!(world.told().await, [world.succeeded(payment_id, amount).await]);
}

#[tokio::test]
async fn tok_refund_fails_fails_the_first_refund_only() {
    let world = World::new();
    let (payment_id, amount) = world.captured("tok_refund_fails").await;
    world.told().await;
    let failed = RefundStatus::Failed { code: "refund_declined".to_owned() };
    for _ in 0..2 {
        let answer = world.billing.refund("rf:1", &order(), &payment_id, amount).await;
        assert_eq!(answer, Ok(failed.clone()), "the same key, the same answer");
    }
    assert_eq!(world.billing.refund_status("rf:1").await, Ok(Some(failed)));
    let second = world.billing.refund("rf:2", &order(), &payment_id, amount).await;
    assert_eq!(second, Ok(RefundStatus::Succeeded));
    let (order_id, code) = (order(), "refund_declined".to_owned());
    let expected = [
        InboundEvent::RefundFailed { order_id, key: "rf:1".to_owned(), code },
        InboundEvent::RefundSucceeded { order_id, key: "rf:2".to_owned() },
    ];
    assert_eq!(world.told().await, expected);
}

#[tokio::test]
async fn a_void_tombstones_its_key_before_and_after_the_intent() {
    let world = World::new();
    assert_eq!(world.billing.void_intent("early").await, Ok(VoidAnswer::Voided));
    assert_eq!(world.billing.intent("early").await, Ok(IntentStatus::Voided));
    assert_eq!(refusal(world.billing.create_intent("early", &request("100.00")).await), "voided");

    let intent = world.intent().await;
    for _ in 0..2 {
        assert_eq!(world.billing.void_intent("k").await, Ok(VoidAnswer::Voided));
    }
    assert_eq!(refusal(world.billing.create_intent("k", &request("100.00")).await), "voided");
    assert_eq!(refusal(world.billing.pay("a1", &intent, "tok_ok").await), "not_payable");
    assert!(matches!(world.told().await.as_slice(), [InboundEvent::PaymentVoided { .. }]));
}

#[tokio::test]
async fn what_is_captured_cannot_be_voided() {
    let world = World::new();
    world.captured("tok_ok").await;
    assert_eq!(world.billing.void_intent("k").await, Ok(VoidAnswer::AlreadySucceeded));
    assert!(matches!(world.billing.intent("k").await, Ok(IntentStatus::Succeeded { .. })));
}

#[tokio::test]
async fn never_more_is_returned_than_was_captured() {
    let world = World::new();
    let (payment_id, _) = world.captured("tok_ok").await;
    let refund =
        async |key: &str, amount| world.billing.refund(key, &order(), &payment_id, usd(amount)).await;
    assert_eq!(refund("rf:1", "100.00").await, Ok(RefundStatus::Succeeded));
    assert_eq!(refund("rf:1", "100.00").await, Ok(RefundStatus::Succeeded));
    assert_eq!(refusal(refund("rf:1", "1.00").await), "key_reused");
    assert_eq!(refusal(refund("rf:2", "8.26").await), "refund_exceeds_payment");
    assert_eq!(refusal(refund("rf:2", "0.00").await), "nothing_to_refund");
    assert_eq!(refund("rf:2", "8.25").await, Ok(RefundStatus::Succeeded));
    assert_eq!(world.billing.refund_status("rf:3").await, Ok(None));
    let other = OrderId::new(Ulid::from(5_u128));
    let foreign = world.billing.refund("rf:4", &other, &payment_id, usd("1")).await;
    assert_eq!(refusal(foreign), "unknown_payment");
    let books = world.billing.books(usd("0").currency()).unwrap();
    assert_eq!((books.captured, books.refunded), (usd("108.25"), usd("108.25")));
}

#[tokio::test]
async fn a_payout_is_paid_once_per_key() {
    let world = World::new();
    let provider: TenantId = "studio".parse().unwrap();
    let first = world.billing.pay_out("2026-04", &provider, usd("40.00")).await.unwrap();
    assert_eq!(world.billing.pay_out("2026-04", &provider, usd("40.00")).await, Ok(first.clone()));
    assert_eq!(refusal(world.billing.pay_out("2026-04", &provider, usd("41.00")).await), "key_reused");
    assert_eq!(refusal(world.billing.pay_out("2026-05", &provider, usd("0")).await), "nothing_to_pay");
    let PayoutStatus::Paid(payout_id) = first else { panic!("{first:?}") };
    assert_eq!(world.told().await, [InboundEvent::PayoutPaid { key: "2026-04".to_owned(), payout_id }]);
    assert_eq!(world.billing.books(usd("0").currency()).unwrap().paid_out, usd("40.00"));
}

#[tokio::test]
async fn an_outage_does_nothing_and_a_lost_answer_is_found_again() {
    let world = World::new();
    let intent = world.intent().await;
    world.billing.set_outage(true);
    let paid = world.billing.pay("a1", &intent, "tok_ok").await;
    assert!(matches!(paid, Err(GatewayError::Unavailable(_))));
    world.billing.set_outage(false);
    assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Open));

    world.billing.lose_answers(1);
    let paid = world.billing.pay("a1", &intent, "tok_ok").await;
    assert!(matches!(paid, Err(GatewayError::Unavailable(_))));
    world.captured("tok_ok").await;
    assert_eq!(world.told().await.len(), 1);
}

#[tokio::test]
async fn what_billing_alone_decides_is_announced() {
    let world = World::new();
    let event = InboundEvent::DisputeOpened { order_id: order(), dispute_id: "dp_1".to_owned() };
    world.billing.announce(event.clone());
    assert_eq!(world.told().await, [event]);
}
