//! What a refund would do, against what it then does: money, seats, debits, to the cent.

use sarai_application::marketplace::refund_preview::{ProviderDebit, RefundPreview};
use sarai_domain::{
    kernel::{Aggregate, Coded, OrderId, OrderLineId, UserId},
    marketplace::{
        earnings::LineKind,
        license::SeatStatus,
        order::{Order, OrderStatus, RefundSource, RefundState},
        values::{Discount, RefundPolicy, RevenueShare},
    },
};
use sarai_ports::Scope;

use crate::world::{World, one_time, seat_pack, subscription, usd};

const DAY: u32 = 24 * 60 * 60;

async fn preview(world: &World, order: OrderId, lines: Option<&[OrderLineId]>) -> RefundPreview {
    let orders = &world.sarai.marketplace.orders;
    orders.refund_preview(&World::call("buyer"), order, lines).await.unwrap()
}

fn codes(preview: &RefundPreview) -> Vec<&'static str> {
    preview.failed_rules.iter().map(Coded::code).collect()
}

/// Seats by what became of them: released and consumed, of some lines' licences.
async fn seats(world: &World, order: OrderId, lines: &[OrderLineId]) -> (usize, usize) {
    let mut statuses = Vec::new();
    for license in world.licenses(order).await {
        if license.data().order_line_id.is_some_and(|line| lines.contains(&line)) {
            let found = world.sarai.ports.licenses.find(&Scope::System, &license.id()).await.unwrap();
            statuses.extend(found.unwrap().seats().map(|seat| seat.status));
        }
    }
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    (count(SeatStatus::Released), count(SeatStatus::ConsumedOnRefund))
}

/// The debits that stand in the books for some lines.
async fn booked(world: &World, lines: &[OrderLineId]) -> Vec<ProviderDebit> {
    let mut debits = Vec::new();
    for line in lines {
        let found = world.sarai.ports.earnings.find_lines(&Scope::System, *line).await.unwrap();
        let of = |kind| found.iter().find(|(_, line)| line.kind == kind);
        let Some((key, refund)) = of(LineKind::Refund) else { continue };
        let fee = of(LineKind::FeeReversal).map_or(usd("0.00"), |(_, line)| line.net);
        debits.push(ProviderDebit {
            provider_tenant_id: key.provider_tenant_id.clone(),
            order_line_id: *line,
            gross: refund.gross,
            fee_reversed: fee,
            net: refund.net.checked_sub(&fee).unwrap(),
            period_month: key.period_month,
        });
    }
    debits
}

/// Compares a preview with the refund that was made after it, the only one since `before`.
async fn assert_did(world: &World, preview: &RefundPreview, before: &Order) {
    let after = world.stored(before.id()).await;
    let known: Vec<_> = before.refunds().map(|refund| refund.id).collect();
    let new: Vec<_> = after.refunds().filter(|refund| !known.contains(&refund.id)).collect();
    assert_eq!(new.len(), 1);
    assert_eq!((new[0].amount, new[0].state), (preview.amount, RefundState::Succeeded));
    let lines: Vec<OrderLineId> = preview.lines.iter().map(|line| line.line.order_line_id).collect();
    assert_eq!(new[0].lines, lines);
    let paid = after.data().totals.unwrap();
    assert_eq!(after.data().refunded_total == paid, preview.full);
    let back = after.data().refunded_total.checked_sub(&before.data().refunded_total).unwrap();
    assert_eq!(back, preview.amount);
    let touched: (u32, u32) = preview.lines.iter().fold((0, 0), |(released, consumed), line| {
        let marked = line.seats.consumed.unwrap();
        (released + line.seats.active - marked, consumed + marked)
    });
    let (released, consumed) = seats(world, before.id(), &lines).await;
    assert_eq!((u32::try_from(released).unwrap(), u32::try_from(consumed).unwrap()), touched);
    assert_eq!(booked(world, &lines).await, preview.debits);
    world.assert_quiet().await;
}

async fn refund(world: &World, order: OrderId, lines: Option<Vec<OrderLineId>>) {
    let buyer = World::call("buyer");
    world.sarai.marketplace.orders.refund(&buyer, order, lines, "not for us").await.unwrap();
}

/// Four lines of all kinds with odd prices, shares and a coupon.
async fn mixed(world: &World) -> Order {
    let days = RefundPolicy::try_new(30, None).unwrap();
    let share = Some(RevenueShare::try_new(3_333, 6_667).unwrap());
    let lines = [
        (world.sell(1, one_time("9.99")).await, 1),
        (world.sell_with(2, seat_pack("33.33", 2), days, share).await, 4),
        (world.sell(3, subscription("0.07")).await, 1),
        (world.sell(4, one_time("19.95")).await, 1),
    ];
    world.coupon("THIRD", Discount::percent(33).unwrap(), None).await;
    world.buy(&lines, &["THIRD"]).await
}

#[tokio::test]
async fn a_full_refund_does_what_its_preview_says() {
    let world = World::new().await;
    let order = mixed(&world).await;
    let preview = preview(&world, order.id(), None).await;
    assert_eq!((codes(&preview), preview.full), (Vec::new(), true));
    assert_eq!((preview.lines.len(), preview.debits.len()), (4, 4));
    assert_eq!(Some(preview.amount), order.data().totals);
    refund(&world, order.id(), None).await;
    assert_did(&world, &preview, &order).await;
    assert_eq!(world.stored(order.id()).await.data().status, OrderStatus::Refunded);
}

#[tokio::test]
async fn lines_go_back_as_previewed_and_the_last_takes_the_remainder() {
    let world = World::new().await;
    let order = mixed(&world).await;
    let ids: Vec<OrderLineId> = order.data().lines.iter().map(|line| line.id).collect();
    for (lines, full) in
        [(Some(vec![ids[2]]), false), (Some(vec![ids[1], ids[0], ids[1]]), false), (None, true)]
    {
        let before = world.stored(order.id()).await;
        let preview = preview(&world, order.id(), lines.as_deref()).await;
        assert_eq!((codes(&preview), preview.full), (Vec::new(), full));
        refund(&world, order.id(), lines).await;
        assert_did(&world, &preview, &before).await;
    }
    let after = world.stored(order.id()).await;
    assert_eq!(Some(after.data().refunded_total), after.data().totals);
    let over = preview(&world, order.id(), None).await;
    assert_eq!((codes(&over), over.lines.len()), (vec!["refund.already_refunded"], 0));
    assert_eq!((over.amount, over.full, over.debits.len()), (usd("0.00"), false, 0));
}

#[tokio::test]
async fn seats_end_as_previewed_some_consumed_and_some_released() {
    let world = World::new().await;
    let pack = world.sell(1, seat_pack("50.00", 3)).await;
    let order = world.buy(&[(pack, 3)], &[]).await;
    let license = world.licenses(order.id()).await.remove(0);
    let (buyer, licenses) = (World::call("buyer"), &world.sarai.marketplace.licenses);
    let [ann, bob] = ["ann", "bob"].map(UserId::from_static);
    for user in [&ann, &bob] {
        licenses.assign_seat(&buyer, license.id(), user).await.unwrap();
    }
    world.sarai.enrollment.set_activity(ann, license.data().course_id.clone(), 1, true);
    let told = preview(&world, order.id(), None).await;
    assert_eq!((told.lines[0].seats.active, told.lines[0].seats.consumed), (2, Some(1)));

    world.sarai.enrollment.set_outage(true);
    let silent = preview(&world, order.id(), None).await;
    // No rule of this policy asks enrollment, so the refund is possible; only the seats are not known.
    assert_eq!((codes(&silent), silent.lines[0].seats.consumed), (Vec::new(), None));
    assert_eq!(silent.lines[0].seats.active, 2);
    world.sarai.enrollment.set_outage(false);

    refund(&world, order.id(), None).await;
    assert_did(&world, &told, &order).await;
}

#[tokio::test]
async fn before_fulfilment_all_goes_back_as_previewed_and_nobody_earned() {
    let world = World::new().await;
    let lines = [(world.sell(1, one_time("10.00")).await, 1), (world.sell(2, one_time("0.99")).await, 1)];
    let buyer = World::call("buyer");
    world.sarai.enrollment.set_outage(true);
    let order = world.order(&buyer, &lines, &[]).await.unwrap();
    let order = world.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(order.data().status, OrderStatus::Paid);

    let part = [order.data().lines[0].id];
    let partial = preview(&world, order.id(), Some(&part)).await;
    assert_eq!(codes(&partial), ["refund.partial_before_fulfilment"]);
    world.sarai.enrollment.set_outage(false);
    let told = preview(&world, order.id(), None).await;
    assert_eq!((codes(&told), told.full, told.debits.len()), (Vec::new(), true, 0));
    refund(&world, order.id(), None).await;
    world.advance(1_200).await;
    assert_did(&world, &told, &order).await;
}

#[tokio::test]
async fn a_late_refund_by_the_staff_is_entered_in_the_month_the_preview_names() {
    let world = World::new().await;
    let order = mixed(&world).await;
    world.advance(75 * DAY).await;
    let told = preview(&world, order.id(), None).await;
    assert_eq!(codes(&told), ["refund.deadline_passed"; 4]);
    assert!(told.lines.iter().all(|line| !line.eligible));
    assert!(told.failed_rules.iter().all(|rule| rule.deadline().is_some()));
    let month = told.debits[0].period_month.to_string();
    assert!(month.as_str() > "2026-04", "April is closed: {month}");
    let (admin, orders) = (World::call("admin"), &world.sarai.marketplace.orders);
    orders.refund_by_staff(&admin, order.id(), None, RefundSource::Admin, "goodwill").await.unwrap();
    assert_did(&world, &told, &order).await;
}

#[tokio::test]
async fn every_broken_rule_is_listed_and_an_outage_is_one_of_them() {
    let world = World::new().await;
    let never = RefundPolicy::try_new(0, Some(2)).unwrap();
    let soon = RefundPolicy::try_new(1, Some(0)).unwrap();
    let lines = [
        (world.sell_with(1, one_time("10.00"), never, None).await, 1),
        (world.sell_with(2, one_time("10.00"), soon, None).await, 1),
        (world.sell(3, one_time("10.00")).await, 1),
    ];
    let order = world.buy(&lines, &[]).await;
    world.advance(2 * DAY).await;
    let course = "crs_demo_2".parse().unwrap();
    world.sarai.enrollment.set_activity(UserId::from_static("acc_demo_buyer"), course, 1, true);
    let told = preview(&world, order.id(), None).await;
    let expected = ["refund.not_self_refundable", "refund.deadline_passed", "refund.attempts_exceeded"];
    assert_eq!(codes(&told), expected);
    let eligible: Vec<bool> = told.lines.iter().map(|line| line.eligible).collect();
    assert_eq!(eligible, [false, false, true]);

    world.sarai.enrollment.set_outage(true);
    let silent = preview(&world, order.id(), None).await;
    assert_eq!(
        codes(&silent),
        [
            "refund.not_self_refundable",
            "refund.indeterminate",
            "refund.deadline_passed",
            "refund.indeterminate"
        ]
    );
    // The refund itself tells the first of them.
    let buyer = World::call("buyer");
    let orders = &world.sarai.marketplace.orders;
    let error = orders.refund(&buyer, order.id(), None, "why").await.unwrap_err();
    assert_eq!(error.code, codes(&silent)[0]);
    let unknown =
        preview(&world, order.id(), Some(&["oln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap()])).await;
    assert_eq!((codes(&unknown), unknown.amount), (vec!["refund.unknown_line"], usd("0.00")));
}

#[tokio::test]
async fn an_unpaid_order_has_nothing_to_return() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let order = world.order(&World::call("buyer"), &[(course, 1)], &[]).await.unwrap();
    let told = preview(&world, order.id(), None).await;
    assert_eq!(codes(&told), ["refund.not_refundable"]);
    assert_eq!((told.amount, told.debits.len()), (usd("0.00"), 0));
    let stranger = World::call("customer");
    let orders = &world.sarai.marketplace.orders;
    assert_eq!(orders.refund_preview(&stranger, order.id(), None).await.unwrap_err().code, "not_found");
}
