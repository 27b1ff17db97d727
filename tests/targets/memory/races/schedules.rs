//! T12: coupon and seat under schedules chosen by shuttle, one lock and one port at a time.
//!
//! The memory store has one mutex and never holds it over an await, so it cannot deadlock and each call of a
//! port is one step. More than one lock is involved above it: the keyed lanes of each process (an outer mutex
//! over the map, a fair lock a key) around load, decision and save. So the tasks here run on shuttle's
//! scheduler, with the real `Ports::change_loaded` and [`KeyedLanes`], and give way before and after every
//! call of the store: any order of such calls may come.
//!
//! Not covered: what happens inside the mutexes of std and tokio (their own tests), the relay's in-flight
//! map and semaphore (they need tokio's runtime; `messages.rs` and the flows run them), and the pauses
//! between tries, which are a turn of the scheduler here.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use sarai_application::{AppError, Ports};
use sarai_domain::{
    kernel::{Aggregate, LicenseId, Outcome, SeatId},
    marketplace::{coupon::NewRedemption, license::License},
};
use sarai_ports::{
    Saved, Scope, StoreError, Unit,
    events::{Delivery, FollowUp},
    marketplace::{LicenseRepository, Repository},
    system::{Lanes, Turn},
};
use sarai_system::KeyedLanes;
use sarai_testkit::{harness::to_nobody, make};
use shuttle::future::{self, yield_now};

use crate::world::World;

/// Schedules in an ordinary run; a soak run takes 10^5.
const ORDINARY: usize = 500;

fn schedules() -> usize {
    if std::env::var_os("SARAI_SOAK").is_some() { 100_000 } else { ORDINARY }
}

/// Runs a test under random schedules, on stacks that unoptimised futures fit into.
fn explore(schedules: usize, test: impl Fn() + Send + Sync + 'static) {
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 20;
    let random = shuttle::scheduler::RandomScheduler::new(schedules);
    let _ = shuttle::Runner::new(random, config).run(test);
}

/// A process's lanes on shuttle's scheduler.
#[derive(Default)]
struct Turns(KeyedLanes);

#[async_trait]
impl Lanes for Turns {
    async fn enter(&self, aggregate: &str) -> Box<dyn Turn> {
        yield_now().await;
        self.0.enter(aggregate).await
    }

    async fn pause(&self, _attempt: u32) {
        yield_now().await;
    }

    async fn sleep(&self, _duration: Duration) {
        yield_now().await;
    }
}

/// No lanes at all: as if every task were a process.
struct NoTurns;

struct Nothing;

impl Turn for Nothing {}

#[async_trait]
impl Lanes for NoTurns {
    async fn enter(&self, _aggregate: &str) -> Box<dyn Turn> {
        Box::new(Nothing)
    }

    async fn pause(&self, _attempt: u32) {
        yield_now().await;
    }

    async fn sleep(&self, _duration: Duration) {
        yield_now().await;
    }
}

struct NoFollowUp;

#[async_trait]
impl FollowUp for NoFollowUp {
    fn committed(&self, _deliveries: Vec<Delivery>) {}
    async fn settled(&self, _correlation_id: &str, _limit: Duration) {}
    async fn idle(&self, _limit: Duration) {}
}

/// The store of licences, a turn before and after each call. LI-INV-1 is checked after every commit.
struct Licenses {
    store: Arc<dyn LicenseRepository>,
    /// Saves whatever was saved meanwhile: a store without the version check.
    blind: bool,
}

#[async_trait]
impl Repository<License> for Licenses {
    async fn find(&self, scope: &Scope, id: &LicenseId) -> Result<Option<License>, StoreError> {
        yield_now().await;
        let found = self.store.find(scope, id).await;
        yield_now().await;
        found
    }

    async fn save(&self, scope: &Scope, mut unit: Unit<License>) -> Result<Saved, StoreError> {
        yield_now().await;
        let id = unit.changes.id;
        if self.blind {
            let current = self.store.find(scope, &id).await?;
            unit.changes.expected_version = current.map_or(0, |license| license.version());
        }
        let saved = self.store.save(scope, unit).await;
        // Loading checks LI-INV-1 over all rows.
        let now = self.store.find(scope, &id).await?.expect("the licence");
        assert_eq!(
            now.seats().filter(|seat| seat.status.takes_a_seat()).count(),
            now.data().active_seats as usize
        );
        yield_now().await;
        saved
    }
}

/// The ports of each process, without the relay.
fn processes(world: &World, lanes: bool) -> Vec<Arc<Ports>> {
    let of = |process: &crate::world::Process| {
        let lanes: Arc<dyn Lanes> = if lanes { Arc::<Turns>::default() } else { Arc::new(NoTurns) };
        Arc::new(Ports { lanes, follow_up: Arc::new(NoFollowUp), ..(*process.ports).clone() })
    };
    world.processes.iter().map(of).collect()
}

/// Three people, two processes, one seat; who gets it gives it back, and the next may have it.
async fn seats(lanes: bool, blind: bool) {
    let world = World::new(2);
    let license = make::pack(&world.suite, "acme", 1);
    let id = license.id();
    let unit = world.suite.routed(license, world.suite.context(), to_nobody);
    let _ = world.suite.licenses.save(&Scope::System, unit).await.unwrap();
    let processes = processes(&world, lanes);
    let tasks: Vec<_> = (0..3)
        .map(|number| {
            let ports = Arc::clone(&processes[number % 2]);
            future::spawn(async move {
                let store = Licenses { store: Arc::clone(&ports.licenses), blind };
                let (seat, user) = (SeatId::new(ports.ulid()), make::user(&format!("user-{number}")));
                let assigned = change(&ports, &store, id, |license| {
                    Ok(license.assign_seat(seat, user.clone(), ports.now())?)
                })
                .await;
                if number == 0 && assigned.is_ok() {
                    change(&ports, &store, id, |license| Ok(license.release_seat(seat, ports.now())?))
                        .await
                        .expect("its own seat");
                }
                assigned.map_err(|error| error.code)
            })
        })
        .collect();
    let mut held = 0;
    for (number, task) in tasks.into_iter().enumerate() {
        match task.await.expect("a task that ends") {
            Ok(()) => held += usize::from(number > 0),
            Err(code) => assert_eq!(code, "license.no_seats_remaining"),
        }
    }
    assert!(held <= 1, "{held} people hold one seat");
    let license = world.suite.licenses.find(&Scope::System, &id).await.unwrap().unwrap();
    assert_eq!(license.data().active_seats as usize, held);
}

/// As the use case: load, one command, save, again after a conflict.
async fn change(
    ports: &Ports,
    store: &Licenses,
    id: LicenseId,
    command: impl FnMut(&mut License) -> Result<Outcome, AppError> + Send,
) -> Result<(), AppError> {
    let context = ports.worker_context("license.seat", &id);
    ports.change(store, &Scope::System, &id, context, command).await.map(drop)
}

/// Three orders in two processes want a coupon's only use; the first gives it back when it has it.
async fn coupons() {
    let world = World::new(2);
    let coupon = make::capped(&world.suite, Some(1), None);
    let id = coupon.id();
    let unit = world.suite.routed(coupon, world.suite.context(), to_nobody);
    let _ = world.suite.coupons.save(&Scope::System, unit).await.unwrap();
    let processes = processes(&world, true);
    let tasks: Vec<_> = (0..3)
        .map(|number| {
            let ports = Arc::clone(&processes[number % 2]);
            let order = world.suite.id();
            future::spawn(async move {
                let new = NewRedemption {
                    id: sarai_domain::kernel::RedemptionId::new(ports.ulid()),
                    order_id: order,
                    user_id: make::user(&format!("user-{number}")),
                    amount: make::usd("1.00"),
                    expires_at: ports.now().plus_days(1),
                };
                let context = || ports.worker_context("coupon.use", &order);
                yield_now().await;
                let held = ports
                    .coupons
                    .reserve(&Scope::System, id, new, context(), &*ports.ids, to_nobody)
                    .await
                    .is_ok();
                yield_now().await;
                if held && number == 0 {
                    let load = || async {
                        yield_now().await;
                        let found = ports.coupons.find_for_order(&Scope::System, id, order).await;
                        yield_now().await;
                        found
                    };
                    let now = ports.now();
                    let key = id.to_string();
                    ports
                        .change_loaded(&*ports.coupons, &Scope::System, &key, load, context(), |coupon| {
                            Ok(coupon.release(order, now)?)
                        })
                        .await
                        .expect("its own use");
                }
                let seen = ports.coupons.find(&Scope::System, &id).await.unwrap().unwrap();
                assert!(seen.data().usage_count <= 1);
                held && number > 0
            })
        })
        .collect();
    let mut held = 0;
    for task in tasks {
        held += u32::from(task.await.expect("a task that ends"));
    }
    let coupon = world.suite.coupons.find(&Scope::System, &id).await.unwrap().unwrap();
    assert_eq!(coupon.data().usage_count, held);
    assert!(held <= 1, "{held} orders hold one use");
}

#[test]
fn t12_no_schedule_seats_two_people_on_one_seat() {
    explore(schedules(), || future::block_on(seats(true, false)));
}

#[test]
fn t12_no_schedule_seats_two_people_without_lanes_either() {
    explore(schedules(), || future::block_on(seats(false, false)));
}

#[test]
fn t12_no_schedule_gives_one_use_of_a_coupon_to_two_orders() {
    explore(schedules(), || future::block_on(coupons()));
}

#[test]
fn t12_a_store_without_the_version_check_is_found_out() {
    let blind = || explore(200, || future::block_on(seats(false, true)));
    assert!(catch_unwind(AssertUnwindSafe(blind)).is_err(), "200 schedules do not find it");
}
