//! T20: orders race for a coupon's uses, half of them give theirs back (C-INV-2, C-INV-5).

use std::{collections::BTreeSet, sync::Arc};

use sarai_application::AppError;
use sarai_domain::{
    kernel::{Aggregate, CouponId, OrderId},
    marketplace::{
        coupon::{Coupon, NewCoupon, RedemptionStatus},
        listing::Listing,
        values::Owner,
    },
};
use sarai_testkit::{harness::at_once, make, seed::Seed};

use crate::{
    races::runs,
    world::{World, buyer, cart_of, refusals},
};

const CODE: &str = "RACE";

async fn coupon(world: &World, cap: Option<u32>, per_user: Option<u32>) -> CouponId {
    let new = make::new_coupon(&world.suite, Owner::Platform, CODE);
    let new = NewCoupon { usage_cap: cap, per_user_cap: per_user, ..new };
    let coupon = Coupon::create(new, world.suite.now()).unwrap();
    let unit = world.suite.routed(coupon, world.suite.context(), sarai_testkit::harness::to_nobody);
    let id = unit.changes.id;
    let _ = world.suite.coupons.save(&sarai_ports::Scope::System, unit).await.unwrap();
    id
}

/// The coupon's count, which is that of the uses that hold.
async fn uses(world: &World, id: CouponId) -> u32 {
    let coupon = world.suite.load(&*world.suite.coupons, &id).await;
    let cap = coupon.data().usage_cap.unwrap_or(u32::MAX);
    assert!(coupon.data().usage_count <= cap, "never above the cap");
    coupon.data().usage_count
}

/// Places an order with the code for each of these buyers at once.
async fn place(world: &Arc<World>, listing: &Listing, buyers: &[String]) -> Vec<Result<OrderId, AppError>> {
    at_once(buyers.len(), |number| {
        let (world, cart, name) = (world.clone(), cart_of(listing, &[CODE]), buyers[number].clone());
        async move {
            let placed = world.process(number).market.orders.place(&buyer(&name), &cart).await;
            placed.map(|placed| placed.order.id())
        }
    })
    .await
}

fn buyers(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("buyer-{number}")).collect()
}

async fn race(cap: u32, redeemers: usize) {
    let seed = Seed::of("coupons");
    let mut numbers = seed.numbers();
    let world = Arc::new(World::new(3));
    let listing = world.on_sale("20.00").await;
    let id = coupon(&world, Some(cap), None).await;

    let watch = tokio::spawn({
        let world = world.clone();
        async move {
            loop {
                uses(&world, id).await;
                tokio::task::yield_now().await;
            }
        }
    });
    let placed = place(&world, &listing, &buyers(redeemers)).await;
    world.settle().await;
    let held: Vec<OrderId> = placed.iter().filter_map(|placed| placed.as_ref().ok()).copied().collect();
    assert_eq!(held.len(), usize::try_from(cap).unwrap().min(redeemers));
    let refused = refusals(&placed);
    let exhausted = refused.get("coupon.exhausted").copied().unwrap_or_default();
    assert_eq!(exhausted, redeemers - held.len(), "{refused:?}");
    assert_eq!(uses(&world, id).await as usize, held.len());

    // Half give theirs back, each of them several times over; the rest pays.
    let half: BTreeSet<OrderId> = held.iter().filter(|_| numbers.below(2) == 0).copied().collect();
    at_once(held.len() * 3, |number| {
        let (world, order) = (world.clone(), held[number % held.len()]);
        let cancels = half.contains(&order);
        async move {
            let found = world.suite.load(&*world.suite.orders, &order).await;
            let call = buyer(found.data().buyer_user_id.as_str());
            let process = world.process(number);
            // The second of the three comes too late or changes nothing.
            let _ = if cancels {
                process.market.orders.cancel(&call, order).await
            } else {
                process.market.orders.pay(&call, order, "tok").await
            };
        }
    })
    .await;
    world.settle().await;
    watch.abort();

    let live = held.len() - half.len();
    assert_eq!(uses(&world, id).await as usize, live, "each release counted once");
    for order in held {
        let coupon = world
            .suite
            .coupons
            .find_for_order(&sarai_ports::Scope::System, id, order)
            .await
            .unwrap()
            .unwrap();
        let expected =
            if half.contains(&order) { RedemptionStatus::Released } else { RedemptionStatus::Confirmed };
        assert_eq!(coupon.redemption(order).unwrap().status, expected);
    }
    assert_eq!(world.billing.captures(), live);

    // What was given back can be taken again, and no more than that.
    let free = cap - u32::try_from(live).unwrap();
    let again: Vec<String> = (0..20).map(|number| format!("later-{number}")).collect();
    let placed = place(&world, &listing, &again).await;
    assert_eq!(placed.iter().filter(|placed| placed.is_ok()).count(), free.min(20) as usize);
    assert_eq!(uses(&world, id).await, cap.min(u32::try_from(live).unwrap() + 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_race_for_one_use() {
    for _ in 0..runs(2) {
        race(1, 64).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_race_for_ten_uses() {
    for _ in 0..runs(1) {
        race(10, 200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_race_for_a_thousand_uses() {
    for _ in 0..runs(1) {
        race(1_000, 64).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_user_gets_one_use_of_fifty_tries() {
    let world = Arc::new(World::new(3));
    let listing = world.on_sale("20.00").await;
    let id = coupon(&world, None, Some(1)).await;
    let tries: Vec<String> = (0..150).map(|number| format!("buyer-{}", number % 3)).collect();
    let placed = place(&world, &listing, &tries).await;
    world.settle().await;
    assert_eq!(placed.iter().filter(|placed| placed.is_ok()).count(), 3);
    assert_eq!(refusals(&placed).get("coupon.user_cap_reached"), Some(&147), "{:?}", refusals(&placed));
    assert_eq!(uses(&world, id).await, 3);
}
