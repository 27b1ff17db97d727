//! T22: refunds of one order race: one is opened, and the money goes back once (O-INV-6, O-INV-8).

use std::sync::Arc;

use sarai_domain::{
    kernel::Aggregate,
    marketplace::{
        license::LicenseState,
        order::{OrderStatus, RefundSource, RefundState},
    },
};
use sarai_ports::Scope;
use sarai_testkit::harness::at_once;

use crate::{
    races::runs,
    world::{World, buyer, cart_of, refusals, staff},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_refunds_return_the_money_once() {
    for _ in 0..runs(10) {
        let world = Arc::new(World::new(3).await);
        let listing = world.on_sale("20.00").await;
        let order = world.bought(&buyer("ana"), &cart_of(&listing, &[])).await;
        let id = order.id();
        let answers = at_once(32, |number| {
            let world = world.clone();
            async move {
                let orders = &world.process(number).market.orders;
                if number % 2 == 0 {
                    orders.refund(&buyer("ana"), id, None, "no").await
                } else {
                    orders.refund_by_staff(&staff(), id, None, RefundSource::Admin, "no").await
                }
            }
        })
        .await;
        world.settle().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{:?}", refusals(&answers));
        let order = world.suite.load(&*world.suite.orders, &id).await;
        assert_eq!(order.data().status, OrderStatus::Refunded);
        assert_eq!(Some(order.data().refunded_total), order.data().totals);
        assert_eq!(order.refunds().filter(|refund| refund.state == RefundState::Succeeded).count(), 1);
        assert_eq!(order.refunds().count(), 1);
        let returned = world.billing.refunds();
        assert_eq!(returned.len(), 1, "{returned:?}");
        assert_eq!(returned[0].1, order.data().refunded_total);
        let licenses = world.suite.licenses.find_by_order(&Scope::System, id).await.unwrap();
        assert!(licenses.iter().all(|license| license.data().state == LicenseState::Revoked));
        assert_eq!(world.enrollment.enrolled(), 0);
    }
}

/// A cancel, a payment and a refund of one order race: whatever wins, money and licence agree at the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancel_payment_and_refund_agree() {
    for _ in 0..runs(30) {
        let world = Arc::new(World::new(3).await);
        let listing = world.on_sale("20.00").await;
        let placed =
            world.process(0).market.orders.place(&buyer("ana"), &cart_of(&listing, &[])).await.unwrap();
        let id = placed.order.id();
        at_once(12, |number| {
            let world = world.clone();
            async move {
                let orders = &world.process(number).market.orders;
                let call = buyer("ana");
                let _ = match number % 3 {
                    0 => orders.pay(&call, id, "tok").await,
                    1 => orders.cancel(&call, id).await,
                    _ => orders.refund(&call, id, None, "no").await,
                };
            }
        })
        .await;
        world.settle().await;
        let order = world.suite.load(&*world.suite.orders, &id).await;
        let returned: i64 = world.billing.refunds().iter().map(|(_, amount)| amount.minor_units()).sum();
        let captured = i64::try_from(world.billing.captures()).unwrap() * 2_000;
        let licenses = world.suite.licenses.find_by_order(&Scope::System, id).await.unwrap();
        let active = licenses.iter().filter(|license| license.data().state == LicenseState::Active).count();
        match order.data().status {
            OrderStatus::Fulfilled => assert_eq!((captured - returned, active), (2_000, 1)),
            OrderStatus::Refunded | OrderStatus::Failed => {
                assert_eq!((captured - returned, active), (0, 0));
                assert_eq!(world.enrollment.enrolled(), 0);
            }
            open => panic!("left {open:?}"),
        }
    }
}
