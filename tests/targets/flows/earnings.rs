//! What a provider earns, when a month closes, and what a later refund does to it.

use sarai_domain::{
    kernel::{Aggregate, TenantId, Timestamp},
    marketplace::{
        earnings::{EarningsState, ProviderEarnings},
        license::LicenseState,
        listing::ListingState,
        order::RefundSource,
        values::{RefundPolicy, RevenueShare},
    },
};
use sarai_ports::inbound::InboundEvent;

use crate::world::{World, first_page, one_time, subscription, usd};

const DAY: u32 = 24 * 60 * 60;

async fn periods(world: &World) -> Vec<ProviderEarnings> {
    let provider = World::call("provider");
    let page = world.sarai.marketplace.earnings.list(&provider, None, None, &first_page()).await.unwrap();
    page.items
}

#[tokio::test]
async fn a_month_closes_after_its_last_refund_deadline_and_is_paid_out() {
    let world = World::new().await;
    let share = RevenueShare::try_new(3_000, 7_000).unwrap();
    let policy = RefundPolicy::try_new(14, None).unwrap();
    let course = world.sell_with(1, one_time("6.45"), policy, Some(share)).await;
    world.buy(&[(course, 1)], &[]).await;
    let totals = *periods(&world).await[0].totals();
    assert_eq!((totals.platform_fee, totals.net_payable), (usd("1.93"), usd("4.52")));

    // The month ends on 1 May, the deadline is on 4 May.
    world.advance(13 * DAY).await;
    assert_eq!(periods(&world).await[0].state(), EarningsState::Accruing);
    world.advance(2 * DAY).await;
    let closed = &periods(&world).await[0];
    assert_eq!(closed.state(), EarningsState::Paid);
    assert!(closed.data().payout_id.is_some());
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_refund_after_the_payout_is_carried_to_the_next_month() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    world.advance(20 * DAY).await;
    assert_eq!(periods(&world).await[0].state(), EarningsState::Paid);

    let orders = &world.sarai.marketplace.orders;
    let source = RefundSource::Admin;
    orders.refund_by_staff(&World::call("admin"), order.id(), None, source, "goodwill").await.unwrap();
    let debit = &periods(&world).await[0];
    assert_eq!(debit.data().key.period_month.to_string(), "2026-05");
    assert_eq!(debit.totals().closing_deficit, usd("8.50"));

    world.advance(40 * DAY).await;
    let months = periods(&world).await;
    let june = months.iter().find(|period| period.data().key.period_month.to_string() == "2026-06").unwrap();
    assert_eq!(june.totals().opening_deficit, usd("8.50"));
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_renewal_extends_the_subscription_and_earns_again() {
    let world = World::new().await;
    let course = world.sell(1, subscription("12.00")).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    let until = world.licenses(order.id()).await[0].ends_at().unwrap();
    assert_eq!(until, "2026-05-20T09:30:00Z".parse::<Timestamp>().unwrap());

    let renewed = InboundEvent::SubscriptionRenewed {
        order_line_id: order.data().lines[0].id,
        invoice_id: "inv_1".to_owned(),
        period_index: 1,
        amount: usd("12.00"),
        tax: usd("0.00"),
    };
    world.sarai.billing.announce(renewed);
    world.advance(1).await;
    let licenses = world.licenses(order.id()).await;
    assert_eq!(licenses.len(), 1);
    assert_eq!(licenses[0].ends_at(), Some("2026-06-20T09:30:00Z".parse().unwrap()));
    assert_eq!(periods(&world).await[0].totals().gross_revenue, usd("24.00"));

    world.advance(70 * DAY).await;
    assert_eq!(world.licenses(order.id()).await[0].data().state, LicenseState::Expired);
}

#[tokio::test]
async fn a_listing_with_perpetual_licences_is_not_retired() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    world.buy(&[(course, 1)], &[]).await;
    let (provider, listings) = (World::call("provider"), &world.sarai.marketplace.listings);
    let error = listings.retire(&provider, course.listing).await.unwrap_err();
    assert_eq!(error.invariant.unwrap().id, "L-INV-7");
    let unsold = world.sell(2, one_time("10.00")).await;
    let retired = listings.retire(&provider, unsold.listing).await.unwrap();
    assert_eq!(retired.aggregate.data().state, ListingState::Retired);
}

#[tokio::test]
async fn a_provider_who_is_no_longer_verified_sells_nothing_and_its_licences_stay() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    world.sarai.sources.revoke(TenantId::from_static("acc_demo_provider"));
    world.advance(1).await;
    let provider = World::call("provider");
    let listing = world.sarai.marketplace.listings.get(&provider, course.listing).await.unwrap();
    assert_eq!(listing.data().state, ListingState::Suspended);
    let error = world.order(&World::call("customer"), &[(course, 1)], &[]).await.unwrap_err();
    assert_eq!((error.code, error.invariant.unwrap().id), ("listing.not_live", "L-INV-8"));
    assert_eq!(world.licenses(order.id()).await[0].data().state, LicenseState::Active);
}

#[tokio::test]
async fn a_lost_dispute_is_a_refund_that_billing_is_not_asked_for() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let order = world.buy(&[(course, 1)], &[]).await;
    let dispute = |lost: bool| {
        let (order_id, dispute_id) = (order.id(), "dsp_1".to_owned());
        if lost {
            InboundEvent::DisputeLost { order_id, dispute_id }
        } else {
            InboundEvent::DisputeOpened { order_id, dispute_id }
        }
    };
    world.sarai.billing.announce(dispute(false));
    world.advance(20 * DAY).await;
    assert_eq!(periods(&world).await[0].state(), EarningsState::Accruing, "a dispute holds the period");
    world.sarai.billing.announce(dispute(true));
    world.advance(DAY).await;
    let after = world.stored(order.id()).await;
    assert_eq!(after.refunds().next().unwrap().source, RefundSource::Dispute);
    assert_eq!(world.licenses(order.id()).await[0].data().state, LicenseState::Revoked);
    let books = world.sarai.billing.books(after.data().currency).unwrap();
    assert!(books.refunded.is_zero(), "the bank took it");
    assert_eq!(periods(&world).await[0].state(), EarningsState::Paid);
}
