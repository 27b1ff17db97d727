//! What goes back: money, licences, enrolments, the provider's share.

use sarai_domain::{
    kernel::{Aggregate, UserId},
    marketplace::{
        earnings::EarningsTotals,
        license::{LicenseState, SeatStatus},
        order::{Order, OrderStatus, RefundProgress, RefundSource, RefundState},
        values::RefundPolicy,
    },
};
use sarai_ports::Scope;

use crate::world::{World, first_page, one_time, seat_pack, usd};

async fn totals(world: &World) -> EarningsTotals {
    let provider = World::call("provider");
    let page = world.sarai.marketplace.earnings.list(&provider, None, None, &first_page()).await.unwrap();
    *page.items[0].totals()
}

async fn refund(world: &World, order: &Order) -> Result<Order, sarai_application::AppError> {
    world.sarai.marketplace.orders.refund(&World::call("buyer"), order.id(), None, "changed my mind").await
}

#[tokio::test]
async fn a_refund_takes_it_all_back_to_the_cent() {
    let world = World::new().await;
    let course = world.sell(1, one_time("6.45")).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    assert_eq!(totals(&world).await.gross_revenue, usd("6.45"));

    let order = refund(&world, &order).await.unwrap();
    assert_eq!(order.data().status, OrderStatus::Refunded);
    assert_eq!(order.data().refunded_total, order.data().totals.unwrap());
    let licenses = world.licenses(order.id()).await;
    assert_eq!(licenses[0].data().state, LicenseState::Revoked);
    let buyer = UserId::from_static("acc_demo_buyer");
    assert!(!world.sarai.enrollment.enrolled(&licenses[0].data().course_id).contains(&buyer));
    let totals = totals(&world).await;
    assert_eq!(totals.refunds, usd("6.45"));
    assert_eq!(totals.fee_reversed, totals.platform_fee);
    assert_eq!((totals.net_payable, totals.closing_deficit), (usd("0.00"), usd("0.00")));
    let books = world.sarai.billing.books(order.data().currency).unwrap();
    assert_eq!(books.captured, books.refunded);

    let error = refund(&world, &order).await.unwrap_err();
    assert_eq!(error.code, "refund.already_refunded");
    world.assert_quiet().await;
}

#[tokio::test]
async fn lines_go_back_one_by_one_and_the_last_takes_the_rest() {
    let world = World::new().await;
    let mut lines = Vec::new();
    for course in 1..=3 {
        lines.push((world.sell(course, one_time("9.99")).await, 1));
    }
    let order = world.buy(&lines, &[]).await;
    let (buyer, orders) = (World::call("buyer"), &world.sarai.marketplace.orders);
    let ids: Vec<_> = order.data().lines.iter().map(|line| line.id).collect();
    for (index, line) in ids.iter().enumerate() {
        let after = orders.refund(&buyer, order.id(), Some(vec![*line]), "one by one").await.unwrap();
        let last = index + 1 == ids.len();
        let expected = if last { RefundProgress::Full } else { RefundProgress::Partial };
        assert_eq!(after.data().refund_state, expected);
        let status = if last { OrderStatus::Refunded } else { OrderStatus::Fulfilled };
        assert_eq!(after.data().status, status);
    }
    let after = world.stored(order.id()).await;
    assert_eq!(after.data().refunded_total, after.data().totals.unwrap());
    let totals = totals(&world).await;
    assert_eq!((totals.gross_revenue, totals.refunds), (usd("29.97"), usd("29.97")), "every line counts");
    assert_eq!(totals.net_payable, usd("0.00"));
}

#[tokio::test]
async fn several_lines_of_one_provider_earn_and_go_back_together() {
    let world = World::new().await;
    let mut lines = Vec::new();
    for course in 1..=3 {
        lines.push((world.sell(course, one_time("9.99")).await, 1));
    }
    let order = world.buy(&lines, &[]).await;
    assert_eq!(totals(&world).await.gross_revenue, usd("29.97"));
    refund(&world, &order).await.unwrap();
    let totals = totals(&world).await;
    assert_eq!((totals.refunds, totals.net_payable), (usd("29.97"), usd("0.00")));
    assert_eq!(totals.fee_reversed, totals.platform_fee);
}

#[tokio::test]
async fn a_purchase_that_cannot_be_fulfilled_gives_the_money_back() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    world.sarai.enrollment.set_outage(true);
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_ok").await;
    // Retries are spent after a day; the undo needs enrollment, which is back by then.
    world.advance(23 * 60 * 60).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Paid);
    world.advance(2 * 60 * 60).await;
    world.sarai.enrollment.set_outage(false);
    world.advance(60 * 60).await;
    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Failed);
    assert_eq!(order.refunds().next().unwrap().source, RefundSource::Compensation);
    assert_eq!(order.refunds().count(), 1);
    let books = world.sarai.billing.books(order.data().currency).unwrap();
    assert_eq!(books.captured, books.refunded);
    world.assert_quiet().await;
}

#[tokio::test]
async fn the_deadline_counts_to_its_last_instant_and_staff_may_pass_it() {
    let world = World::new().await;
    let policy = RefundPolicy::try_new(1, None).unwrap();
    let course = world.sell_with(1, one_time("10.00"), policy, None).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    world.advance(24 * 60 * 60 + 1).await;
    assert_eq!(refund(&world, &order).await.unwrap_err().code, "refund.deadline_passed");

    let orders = &world.sarai.marketplace.orders;
    let source = RefundSource::Admin;
    let after =
        orders.refund_by_staff(&World::call("admin"), order.id(), None, source, "goodwill").await.unwrap();
    assert_eq!(after.data().status, OrderStatus::Refunded);
}

#[tokio::test]
async fn a_policy_of_zero_days_is_not_self_refundable() {
    let world = World::new().await;
    let policy = RefundPolicy::try_new(0, None).unwrap();
    let course = world.sell_with(1, one_time("10.00"), policy, None).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    assert_eq!(refund(&world, &order).await.unwrap_err().code, "refund.not_self_refundable");
}

#[tokio::test]
async fn too_many_attempts_end_the_right_to_return_and_silence_grants_nothing() {
    let world = World::new().await;
    let policy = RefundPolicy::try_new(30, Some(2)).unwrap();
    let course = world.sell_with(1, one_time("10.00"), policy, None).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    let (user, course_id) = (UserId::from_static("acc_demo_buyer"), "crs_demo_1".parse().unwrap());

    world.sarai.enrollment.set_outage(true);
    assert_eq!(refund(&world, &order).await.unwrap_err().code, "refund.indeterminate");
    world.sarai.enrollment.set_outage(false);
    world.sarai.enrollment.set_activity(user, course_id, 3, true);
    assert_eq!(refund(&world, &order).await.unwrap_err().code, "refund.attempts_exceeded");
}

#[tokio::test]
async fn consumed_seats_are_marked_and_the_others_released() {
    let world = World::new().await;
    let pack = world.sell(1, seat_pack("50.00", 2)).await;
    let order = world.buy(&[(pack, 2)], &[]).await;
    let license = world.licenses(order.id()).await.remove(0);
    let (buyer, licenses) = (World::call("buyer"), &world.sarai.marketplace.licenses);
    let [ann, bob] = ["ann", "bob"].map(UserId::from_static);
    for user in [&ann, &bob] {
        licenses.assign_seat(&buyer, license.id(), user).await.unwrap();
    }
    let course = license.data().course_id.clone();
    world.sarai.enrollment.set_activity(ann.clone(), course.clone(), 1, true);

    refund(&world, &order).await.unwrap();
    let after = world.sarai.ports.licenses.find(&Scope::System, &license.id()).await.unwrap().unwrap();
    let status = |user: &UserId| after.seats().find(|seat| seat.user_id == *user).unwrap().status;
    assert_eq!((status(&ann), status(&bob)), (SeatStatus::ConsumedOnRefund, SeatStatus::Released));
    assert!(world.sarai.enrollment.enrolled(&course).is_empty(), "access ends for all");
}

#[tokio::test]
async fn a_refund_that_billing_refuses_leaves_the_order_as_it_was() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_refund_fails").await;

    let order = refund(&world, &order).await.unwrap();
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
    assert_eq!(order.refunds().next().unwrap().state, RefundState::Failed);
    assert_eq!(world.licenses(order.id()).await[0].data().state, LicenseState::Active);
    let order = refund(&world, &order).await.unwrap();
    assert_eq!(order.data().status, OrderStatus::Refunded);
}

#[tokio::test]
async fn a_refund_before_fulfilment_undoes_the_purchase() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let buyer = World::call("buyer");
    world.sarai.enrollment.set_outage(true);
    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(order.data().status, OrderStatus::Paid);
    refund(&world, &order).await.unwrap();
    world.sarai.enrollment.set_outage(false);
    world.advance(1_200).await;

    let order = world.stored(order.id()).await;
    assert_eq!(order.data().status, OrderStatus::Refunded);
    assert_eq!(world.licenses(order.id()).await[0].data().state, LicenseState::Revoked);
    let books = world.sarai.billing.books(order.data().currency).unwrap();
    assert_eq!(books.captured, books.refunded);
    world.assert_quiet().await;
}
