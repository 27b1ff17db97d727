//! T25: many writers of one aggregate: no update is lost, and the version is the number of successes.

use std::sync::Arc;

use sarai_application::AppError;
use sarai_domain::{
    kernel::{Aggregate, CouponId},
    marketplace::{
        coupon::{Coupon, CouponEdit, NewCoupon},
        values::Owner,
    },
};
use sarai_ports::Scope;
use sarai_testkit::{harness::at_once, make, seed::setting};

use crate::world::{Process, World};

const START: u32 = 1_000;

async fn coupon(world: &World) -> CouponId {
    let new = make::new_coupon(&world.suite, Owner::Platform, "COUNTER");
    let new = NewCoupon { usage_cap: Some(START), ..new };
    let coupon = Coupon::create(new, world.suite.now()).unwrap();
    let unit = world.suite.routed(coupon, world.suite.context(), sarai_testkit::harness::to_nobody);
    let id = unit.changes.id;
    let _ = world.suite.coupons.save(&Scope::System, unit).await.unwrap();
    id
}

/// Adds one to the coupon's cap.
async fn add_one(process: &Process, id: CouponId) -> Result<u64, AppError> {
    let ports = &process.ports;
    let context = ports.worker_context("coupon.edit", &id);
    let changed = ports
        .change(&*ports.coupons, &Scope::System, &id, context, |coupon: &mut Coupon| {
            let cap = coupon.data().usage_cap.map(|cap| cap + 1);
            let edit = CouponEdit { usage_cap: cap, ..CouponEdit::from(coupon.data()) };
            Ok(coupon.edit(edit)?)
        })
        .await?;
    Ok(changed.version)
}

async fn race(processes: usize, writers: usize, updates: u32) -> (u32, u32) {
    let world = Arc::new(World::new(processes).await);
    let id = coupon(&world).await;
    let outcomes = at_once(writers, |number| {
        let process = world.process(number);
        async move {
            let (mut done, mut refused) = (0, 0);
            for _ in 0..updates {
                match add_one(&process, id).await {
                    Ok(_) => done += 1,
                    Err(error) => {
                        assert_eq!(error.code, "conflict.retry");
                        refused += 1;
                    }
                }
            }
            (done, refused)
        }
    })
    .await;
    let (done, refused) = outcomes.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let stored = world.suite.load(&*world.suite.coupons, &id).await;
    assert_eq!(stored.data().usage_cap, Some(START + done), "no update is lost");
    assert_eq!(stored.version(), u64::from(done) + 1, "the version counts successes");
    assert_eq!(world.suite.audit_rows().await.len(), done as usize + 1);
    (done, refused)
}

/// In one process the keyed lock lets one writer in after the other: nobody is ever refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_of_one_process_all_succeed() {
    let updates = setting("SARAI_UPDATES", 20);
    assert_eq!(race(1, 64, updates).await, (64 * updates, 0));
}

/// Between processes the version check decides; who is refused is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_of_three_processes_lose_nothing() {
    let updates = setting("SARAI_UPDATES", 20);
    let (done, refused) = race(3, 64, updates).await;
    assert_eq!(done + refused, 64 * updates);
    assert!(done >= 64 * updates / 2, "{done} of {} got through", 64 * updates);
}
