//! Billing: every method, every key, every token, every callback.

use sarai_domain::kernel::{
    Currency, Money, OrderId, OrderLineId, PaymentId, PaymentIntentId, TenantId, Ulid,
};
use sarai_ports::{
    GatewayError,
    inbound::InboundEvent,
    marketplace::{
        IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus, RefundStatus, TaxAnswer, TaxLine,
        TaxRequest, VoidAnswer,
    },
};
use time::Duration;

use crate::world::{WAYS, World};

/// A key as the sagas make them, and one that a path has to spell out.
const KEYS: [&str; 2] = ["sga_01ARZ3NDEKTSV4RRFFQ69G5FAV:pay", "a key/with %2F and ü?#"];

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn order() -> OrderId {
    OrderId::new(Ulid::from(1_u128))
}

fn line() -> OrderLineId {
    OrderLineId::new(Ulid::from(2_u128))
}

fn provider() -> TenantId {
    "acme".parse().unwrap()
}

fn request(net: &str) -> IntentRequest {
    let lines = vec![TaxLine { id: line(), net: usd(net) }];
    let tax = TaxRequest { buyer_tenant_id: provider(), currency: usd(net).currency(), lines };
    IntentRequest { order_id: order(), tax, frozen_tax: None }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, GatewayError>) -> String {
    match answer {
        Err(GatewayError::Refused { code }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

impl World {
    async fn intent(&self, key: &str) -> PaymentIntentId {
        self.billing.create_intent(key, &request("100.00")).await.unwrap().payment_intent_id
    }

    async fn pay(&self, key: &str, token: &str) -> PaymentAnswer {
        let intent = self.intent("k").await;
        self.billing.pay(key, &intent, token).await.unwrap()
    }

    async fn refund(
        &self,
        key: &str,
        payment: &PaymentId,
        amount: Money,
    ) -> Result<RefundStatus, GatewayError> {
        self.billing.refund(key, &order(), payment, amount).await
    }

    async fn captured(&self, token: &str) -> (PaymentId, Money) {
        match self.pay("a", token).await {
            PaymentAnswer::Succeeded { payment_id, amount } => (payment_id, amount),
            other => panic!("{token}: {other:?}"),
        }
    }
}

fn captures(told: &[InboundEvent]) -> usize {
    told.iter().filter(|event| matches!(event, InboundEvent::PaymentSucceeded { .. })).count()
}

#[tokio::test]
async fn every_call_keeps_its_contract() {
    for way in WAYS {
        let world = World::new(way).await;
        let taxed = world.billing.tax(&request("100.00").tax).await.unwrap();
        assert_eq!(taxed, TaxAnswer::PerLine(vec![(line(), usd("8.25"))]), "{way:?}");
        for key in KEYS {
            assert_eq!(world.billing.intent(key).await, Ok(IntentStatus::Unknown), "{way:?}");
            let frozen = IntentRequest { frozen_tax: Some(vec![(line(), usd("7.00"))]), ..request("100.00") };
            let created = world.billing.create_intent(key, &frozen).await.unwrap();
            assert_eq!(created.tax, TaxAnswer::PerLine(vec![(line(), usd("7.00"))]), "{way:?}");
            assert_eq!(world.billing.create_intent(key, &frozen).await, Ok(created.clone()), "{way:?}");
            assert_eq!(refused(world.billing.create_intent(key, &request("1")).await), "key_reused");
            assert_eq!(world.billing.intent(key).await, Ok(IntentStatus::Open), "{way:?}");
            let intent = &created.payment_intent_id;
            let paid = world.billing.pay(key, intent, "tok_ok").await.unwrap();
            let PaymentAnswer::Succeeded { payment_id, amount } = paid.clone() else { panic!("{paid:?}") };
            assert_eq!(amount, usd("107.00"), "{way:?}");
            assert_eq!(world.billing.pay(key, intent, "tok_ok").await, Ok(paid), "{way:?}");
            assert_eq!(refused(world.billing.pay("other", intent, "tok_ok").await), "not_payable");
            assert_eq!(refused(world.billing.pay("other", intent, "no_token").await), "unknown_token");
            let status = IntentStatus::Succeeded { payment_id: payment_id.clone(), amount };
            assert_eq!(world.billing.intent(key).await, Ok(status), "{way:?}");
            assert_eq!(world.billing.void_intent(key).await, Ok(VoidAnswer::AlreadySucceeded), "{way:?}");
            assert_eq!(world.billing.refund_status(key).await, Ok(None), "{way:?}");
            let refund = |amount| world.refund(key, &payment_id, amount);
            assert_eq!(refused(refund(usd("107.01")).await), "refund_exceeds_payment");
            for _ in 0..2 {
                assert_eq!(refund(usd("7")).await, Ok(RefundStatus::Succeeded), "{way:?}");
            }
            assert_eq!(refused(refund(usd("8")).await), "key_reused");
            let status = world.billing.refund_status(key).await;
            assert_eq!(status, Ok(Some(RefundStatus::Succeeded)), "{way:?}");
            let paid_out = world.billing.pay_out(key, &provider(), usd("5")).await.unwrap();
            assert!(matches!(paid_out, PayoutStatus::Paid(_)), "{way:?}");
            assert_eq!(world.billing.pay_out(key, &provider(), usd("5")).await, Ok(paid_out), "{way:?}");
            assert_eq!(refused(world.billing.pay_out(key, &provider(), usd("6")).await), "key_reused");
            let told = world.told().await;
            assert_eq!(told.len(), 3, "{way:?}: captured, returned, paid out once each: {told:?}");
        }
        let books = world.standins.billing.books(usd("0").currency()).unwrap();
        assert_eq!((books.captured, books.refunded), (usd("214.00"), usd("14.00")), "{way:?}");
        world.billing.void_intent("never").await.unwrap();
        if let Some(contract) = world.contracts.first() {
            contract.assert_kept_and_used("payments");
        }
    }
}

#[tokio::test]
async fn a_void_stays_whatever_comes_later() {
    for way in WAYS {
        let world = World::new(way).await;
        for _ in 0..2 {
            assert_eq!(world.billing.void_intent("gone").await, Ok(VoidAnswer::Voided), "{way:?}");
        }
        assert_eq!(world.billing.intent("gone").await, Ok(IntentStatus::Voided), "{way:?}");
        assert_eq!(refused(world.billing.create_intent("gone", &request("1")).await), "voided");
        let intent = world.intent("open").await;
        assert_eq!(world.billing.void_intent("open").await, Ok(VoidAnswer::Voided), "{way:?}");
        assert_eq!(refused(world.billing.pay("p", &intent, "tok_ok").await), "not_payable");
        assert_eq!(refused(world.billing.create_intent("open", &request("100.00")).await), "voided");
        assert!(matches!(world.told().await.as_slice(), [InboundEvent::PaymentVoided { .. }]), "{way:?}");
    }
}

#[tokio::test]
async fn every_token_does_what_its_row_says() {
    for way in WAYS {
        let declined = |is_final| PaymentAnswer::Declined { code: "card_declined".to_owned(), is_final };

        let world = World::new(way).await;
        assert_eq!(world.captured("tok_ok").await.1, usd("108.25"), "{way:?}");
        assert_eq!(captures(&world.told().await), 1, "{way:?}");

        let world = World::new(way).await;
        assert_eq!(world.captured("tok_double").await.1, usd("108.25"), "{way:?}");
        assert_eq!(captures(&world.told().await), 2, "{way:?}");

        let world = World::new(way).await;
        assert_eq!(world.captured("tok_mismatch").await.1, usd("109.25"), "{way:?}");
        assert_eq!(captures(&world.told().await), 1, "{way:?}");

        let world = World::new(way).await;
        assert_eq!(world.pay("a", "tok_decline").await, declined(true), "{way:?}");
        assert!(matches!(world.told().await.as_slice(), [InboundEvent::PaymentFailed { .. }]), "{way:?}");
        let failed = IntentStatus::Failed { code: "card_declined".to_owned() };
        assert_eq!(world.billing.intent("k").await, Ok(failed), "{way:?}");

        let world = World::new(way).await;
        assert_eq!(world.pay("a", "tok_decline_once").await, declined(false), "{way:?}");
        assert!(matches!(world.pay("b", "tok_decline_once").await, PaymentAnswer::Succeeded { .. }));
        let told = world.told().await;
        assert_eq!((told.len(), captures(&told)), (2, 1), "{way:?}");

        let world = World::new(way).await;
        assert_eq!(world.pay("a", "tok_timeout").await, PaymentAnswer::Processing, "{way:?}");
        assert_eq!(world.billing.intent("k").await, Ok(IntentStatus::Open), "{way:?}");
        assert_eq!(world.billing.void_intent("k").await, Ok(VoidAnswer::Voided), "{way:?}");
        assert_eq!(captures(&world.told().await), 0, "{way:?}");
        assert_eq!(world.next_due().await, None, "{way:?}");

        let world = World::new(way).await;
        assert_eq!(world.pay("a", "tok_late").await, PaymentAnswer::Processing, "{way:?}");
        assert_eq!(world.billing.void_intent("k").await, Ok(VoidAnswer::Voided), "{way:?}");
        assert_eq!(captures(&world.told().await), 0, "{way:?}");
        assert!(world.next_due().await.is_some(), "{way:?}");
        world.clock.advance(Duration::seconds(60));
        assert_eq!(captures(&world.told().await), 1, "{way:?}");

        let world = World::new(way).await;
        let (payment, amount) = world.captured("tok_refund_fails").await;
        let failed = RefundStatus::Failed { code: "refund_declined".to_owned() };
        assert_eq!(world.billing.refund("r1", &order(), &payment, amount).await, Ok(failed), "{way:?}");
        let again = world.billing.refund("r2", &order(), &payment, amount).await;
        assert_eq!(again, Ok(RefundStatus::Succeeded), "{way:?}");
    }
}

#[tokio::test]
async fn a_callback_comes_again_until_it_is_taken() {
    for way in WAYS {
        let world = World::new(way).await;
        world.heard.refuse(2);
        world.captured("tok_ok").await;
        assert_eq!(captures(&world.told().await), 1, "{way:?}");
        assert_eq!(captures(&world.told().await), 0, "{way:?}");
    }
}

#[tokio::test]
async fn an_outage_and_a_lost_answer_may_pass() {
    for way in WAYS {
        let world = World::new(way).await;
        world.standins.billing.set_outage(true);
        let out = world.billing.create_intent("k", &request("100.00")).await;
        assert!(matches!(out, Err(GatewayError::Unavailable(_))), "{way:?}: {out:?}");
        world.standins.billing.set_outage(false);
        let intent = world.intent("k").await;
        world.standins.billing.lose_answers(1);
        let lost = world.billing.pay("a", &intent, "tok_ok").await;
        assert!(matches!(lost, Err(GatewayError::Unavailable(_))), "{way:?}: {lost:?}");
        world.captured("tok_ok").await;
        assert_eq!(captures(&world.told().await), 1, "{way:?}");
    }
}
