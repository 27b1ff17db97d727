//! What is told about an order: how its amounts came about, and what happened to it.

use sarai_domain::{
    kernel::Aggregate,
    marketplace::{
        order::{Order, OrderStatus},
        services::receipt::TaxBasis,
        values::{Discount, RefundPolicy, RevenueShare},
    },
};

use crate::world::{World, one_time, seat_pack, usd};

async fn odd_order(world: &World) -> Order {
    let share = Some(RevenueShare::try_new(3_333, 6_667).unwrap());
    let days = RefundPolicy::try_new(30, None).unwrap();
    let lines = [
        (world.sell(1, one_time("9.99")).await, 1),
        (world.sell_with(2, seat_pack("33.33", 2), days, share).await, 4),
        (world.sell(3, one_time("0.07")).await, 1),
    ];
    world.coupon("THIRD", Discount::percent(33).unwrap(), None).await;
    world.order(&World::call("buyer"), &lines, &["THIRD"]).await.unwrap()
}

#[tokio::test]
async fn a_receipt_proves_itself_at_every_point_of_an_order_s_life() {
    let world = World::new().await;
    let (buyer, orders) = (World::call("buyer"), &world.sarai.marketplace.orders);
    let order = odd_order(&world).await;
    let explained = async || {
        let receipt = orders.explain(&buyer, order.id()).await.unwrap();
        let broken: Vec<_> = receipt.checks.iter().filter(|check| !check.holds()).collect();
        assert!(broken.is_empty(), "{broken:?}");
        receipt
    };
    let pending = explained().await;
    // 33 % of 76.72 is 25.3176.
    assert_eq!((pending.coupons[0].base, pending.coupons[0].amount), (Some(usd("76.72")), usd("25.32")));
    assert!(matches!(pending.tax_basis, Some(TaxBasis::PerLine | TaxBasis::Allocated)));
    world.pay(&buyer, order.id(), "tok_ok").await;
    explained().await;
    let line = order.data().lines[1].id;
    orders.refund(&buyer, order.id(), Some(vec![line]), "too many").await.unwrap();
    let partial = explained().await;
    assert!(partial.lines[1].refunded && partial.refunds.len() == 1);
    assert_eq!(partial.refunded_total, partial.lines[1].total.unwrap());
    orders.refund(&buyer, order.id(), None, "all of it").await.unwrap();
    let full = explained().await;
    assert_eq!(Some(full.refunded_total), full.totals);
    let stranger = World::call("customer");
    assert_eq!(orders.explain(&stranger, order.id()).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn a_timeline_tells_a_purchase_and_its_refund_in_order() {
    let world = World::new().await;
    let (buyer, orders) = (World::call("buyer"), &world.sarai.marketplace.orders);
    let order = odd_order(&world).await;
    world.advance(60).await;
    world.pay(&buyer, order.id(), "tok_ok").await;
    world.advance(60).await;
    orders.refund(&buyer, order.id(), None, "not for us").await.unwrap();
    let told = orders.timeline(&buyer, order.id()).await.unwrap();
    assert!(!told.truncated);
    let times: Vec<_> = told.entries.iter().map(|entry| entry.at).collect();
    assert!(times.is_sorted(), "oldest first");
    let kinds: Vec<&str> = told.entries.iter().map(|entry| entry.kind).collect();
    let milestones = [
        "marketplace.order.placed.v1",
        "marketplace.coupon.reserved.v1",
        "marketplace.order.payment_requested.v1",
        "marketplace.order.paid.v1",
        "marketplace.license.granted.v1",
        "marketplace.order.fulfilled.v1",
        "marketplace.order.refund_requested.v1",
        "marketplace.order.refunded.v1",
        "marketplace.license.revoked.v1",
    ];
    let places: Vec<_> = milestones
        .iter()
        .map(|kind| kinds.iter().position(|found| found == kind).unwrap_or_else(|| panic!("no {kind}")))
        .collect();
    assert!(places.is_sorted(), "{kinds:?}");
    assert!(kinds.contains(&"marketplace.coupon.confirmed.v1"));
    let granted = kinds.iter().filter(|kind| **kind == "marketplace.license.granted.v1").count();
    assert_eq!(granted, 3);
    // Nothing of earnings, of the coupon's other uses, of other people's names, of keys and intents.
    assert!(kinds.iter().all(|kind| !kind.contains("earnings")), "{kinds:?}");
    let text = format!("{told:?}");
    let fee = order.data().lines[1].fee_amount.to_string();
    let saga = format!("{}:", order.data().saga_id);
    let intent = order.data().payment_intent_id.as_ref().unwrap().to_string();
    for secret in ["usage", "provider", "acc_demo_buyer", &fee, &saga, &intent] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(orders.timeline(&World::call("customer"), order.id()).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn a_step_that_is_tried_again_is_told_once() {
    let world = World::new().await;
    let (buyer, orders) = (World::call("buyer"), &world.sarai.marketplace.orders);
    let course = world.sell(1, one_time("10.00")).await;
    world.sarai.enrollment.set_outage(true);
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    world.pay(&buyer, order.id(), "tok_ok").await;
    world.advance(26 * 60 * 60).await;
    world.sarai.enrollment.set_outage(false);
    world.advance(60 * 60).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Failed);
    let told = orders.timeline(&buyer, order.id()).await.unwrap();
    let count = |summary: &str| told.entries.iter().filter(|entry| entry.summary == summary).count();
    assert_eq!(count("The learner is being enrolled"), 1);
    assert_eq!((count("The purchase is being undone"), count("The purchase is undone")), (1, 1));
    let failed = told.entries.iter().find(|entry| entry.kind == "marketplace.order.failed.v1").unwrap();
    assert_eq!(failed.details[0], ("reason", "fulfilment_failed".to_owned()));
}
