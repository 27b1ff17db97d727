//! What is about no row of an aggregate reads none (ruling R62): a coupon may have 10^6 uses, a period as many lines.

use std::{collections::BTreeSet, sync::Arc};

use sarai::embedded::{Clocks, Embedded};
use sarai_application::{marketplace::scheduler::Scheduler, test_clock::TestClock};
use sarai_domain::{
    kernel::Aggregate as _,
    marketplace::{
        coupon::{Coupon, CouponEdit},
        earnings::EarningsState,
        values::Discount,
    },
};
use sarai_ports::{PageRequest, system::DueWork};
use sarai_standins::TokenIssuer;
use sarai_system::ManualClock;

use crate::{
    counter::Counter,
    flow::over,
    world::{World, one_time},
};

#[tokio::test]
async fn a_coupon_is_edited_and_stopped_and_a_period_closed_and_paid_without_their_rows() {
    let clocks = Clocks::of(ManualClock::at("2026-04-20T09:30:00Z".parse().unwrap()));
    let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
    let (sarai, store) = Embedded::in_memory(&clocks, issuer).unwrap();
    sarai.sources.announce_demo();
    World { sarai: sarai.clone(), store: store.clone() }.advance(0).await;
    let counter = Counter::default();
    let mut watched = over(&sarai, store.clone(), &counter);
    let due: Vec<Arc<dyn DueWork>> = vec![
        Arc::new(Scheduler::new(Arc::clone(&watched.ports))) as _,
        Arc::clone(&sarai.around.billing_due),
    ];
    watched.test_clock = TestClock::new(clocks.clock, clocks.movable, due, Arc::new(watched.relay.clone()));
    let world = World { sarai: watched, store };

    let sold = world.sell(1, one_time("100.00")).await;
    let coupon = world.coupon("TENTH", Discount::percent(10).unwrap(), None).await;
    world.buy(&[(sold, 1)], &["TENTH"]).await;
    counter.take();
    let (coupons, admin) = (&world.sarai.marketplace.coupons, World::call("admin"));
    let version = coupons.get(&admin, coupon).await.unwrap().version();
    let capped = |coupon: &Coupon| Ok(CouponEdit { usage_cap: Some(5), ..CouponEdit::from(coupon.data()) });
    coupons.edit(&admin, coupon, version, capped).await.unwrap();
    let stopped = coupons.deactivate(&admin, coupon).await.unwrap().aggregate;
    assert_eq!((stopped.data().usage_count, stopped.data().active), (1, false));

    world.advance(70 * 24 * 3_600).await;
    let page = PageRequest::first(10);
    let provider = World::call("provider");
    let periods = world.sarai.marketplace.earnings.list(&provider, None, None, &page).await.unwrap().items;
    assert_eq!((periods.len(), periods[0].state()), (1, EarningsState::Paid));

    let called: BTreeSet<String> = counter.take().into_iter().map(|called| called.name).collect();
    for with_all_rows in ["coupon.find", "provider_earnings.find"] {
        assert!(!called.contains(with_all_rows), "{called:?}");
    }
    for without in ["coupons.find_without_uses", "earnings.find_without_lines"] {
        assert!(called.contains(without), "{called:?}");
    }
}
