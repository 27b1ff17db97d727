//! The Postgres adapter over a real server that this process starts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod connections;
mod direct;
mod methods;
mod moves;
mod newer;
mod opening;
mod plans;
mod purges;
mod schema;
mod world;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sarai_postgres::PostgresStore;
use sarai_testkit::{Harness, SuitePorts};
use world::World;

/// A fresh database for each case.
struct PostgresHarness;

impl Harness for PostgresHarness {
    async fn fresh() -> SuitePorts {
        let world = Arc::new(World::new());
        let first = world.store("first").await;
        let (shared, clock, connections) = (world.clone(), world.clock.clone(), first.database().clone());
        let count = AtomicU32::new(2);
        let start = move || {
            let name = format!("process {}", count.fetch_add(1, Ordering::Relaxed));
            let store = PostgresStore::new(Arc::new(connections.another_process(&name)));
            SuitePorts { keep: shared.clone(), ..SuitePorts::of(Arc::new(store), clock.clone()) }
        };
        SuitePorts { keep: world.clone(), ..SuitePorts::of(Arc::new(first), world.clock.clone()) }
            .beside(start)
    }
}

sarai_testkit::conformance!(postgres, crate::PostgresHarness);
