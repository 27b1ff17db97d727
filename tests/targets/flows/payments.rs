//! What billing may do: decline, answer late, twice, with another amount, or not at all.

use sarai_domain::{
    kernel::Aggregate,
    marketplace::{
        order::{FailureReason, OrderStatus, PaymentState},
        saga::SagaState,
        values::Discount,
    },
};

use crate::world::{World, one_time};

const HALF_AN_HOUR: u32 = 30 * 60;

#[tokio::test]
async fn an_order_nobody_pays_fails_after_half_an_hour_and_gives_its_coupon_back() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let coupon = world.coupon("BACK", Discount::percent(10).unwrap(), Some(1)).await;
    let order = world.order(&World::call("buyer"), &[(course, 1)], &["BACK"]).await.unwrap();
    assert_eq!(world.uses(coupon).await, 1);

    world.advance(HALF_AN_HOUR - 1).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::PendingPayment);
    world.advance(1).await;
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Failed);
    assert_eq!(order.data().failure_reason, Some(FailureReason::PaymentTimeout));
    assert_eq!(world.saga(order.id()).await, SagaState::Failed);
    assert_eq!(world.uses(coupon).await, 0);
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_payment_that_arrives_after_the_time_out_goes_back_by_itself() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_late").await;
    assert_eq!(order.data().status, OrderStatus::PendingPayment);

    world.advance(HALF_AN_HOUR + 90).await;
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Failed);
    assert_eq!(order.data().payment_state, PaymentState::Refunded);
    assert_eq!(order.data().stray_captures.len(), 1);
    assert!(order.data().stray_captures[0].refunded_at.is_some());
    assert!(world.licenses(order.id()).await.is_empty());
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_decline_can_be_tried_again_on_the_same_intent() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_decline_once").await;
    assert_eq!(order.data().status, OrderStatus::PendingPayment);
    assert_eq!(order.data().last_payment_error.as_ref().unwrap().code, "card_declined");
    let order = world.pay(&buyer, order.id(), "tok_decline_once").await;
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
}

#[tokio::test]
async fn a_final_decline_fails_the_order() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_decline").await;
    assert_eq!(order.data().failure_reason, Some(FailureReason::PaymentDeclined));
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_payment_told_twice_is_one_payment() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_double").await;
    world.advance(60).await;
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
    assert!(order.data().stray_captures.is_empty());
    assert_eq!(world.licenses(order.id()).await.len(), 1);
}

#[tokio::test]
async fn another_amount_is_returned_and_the_order_fails() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_mismatch").await;
    world.advance(60).await;
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Failed);
    assert_eq!(order.data().failure_reason, Some(FailureReason::AmountMismatch));
    assert!(order.data().stray_captures.iter().all(|stray| stray.refunded_at.is_some()));
    let books = world.sarai.billing.books(order.data().currency).unwrap();
    assert_eq!(books.captured, books.refunded);
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_cancelled_order_fails_and_a_paid_one_is_not_cancelled() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let (buyer, orders) = (World::call("buyer"), &world.sarai.marketplace.orders);
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = orders.cancel(&buyer, order.id()).await.unwrap();
    assert_eq!(order.data().failure_reason, Some(FailureReason::Cancelled));
    let again = orders.cancel(&buyer, order.id()).await.unwrap();
    assert_eq!(again.version(), order.version());

    let order = world.buy(&[(course, 1)], &[]).await;
    assert_eq!(orders.cancel(&buyer, order.id()).await.unwrap_err().code, "order.not_cancellable");
}

#[tokio::test]
async fn billing_out_of_reach_delays_an_order_and_loses_nothing() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    world.sarai.billing.set_outage(true);
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    assert_eq!(order.data().status, OrderStatus::Created);
    world.sarai.billing.set_outage(false);
    world.advance(120).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::PendingPayment);
    let order = world.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
}

#[tokio::test]
async fn enrollment_out_of_reach_delays_fulfilment_and_loses_nothing() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    world.sarai.enrollment.set_outage(true);
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(order.data().status, OrderStatus::Paid);
    world.advance(600).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Paid);
    world.sarai.enrollment.set_outage(false);
    world.advance(600).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Fulfilled);
    world.assert_quiet().await;
}
