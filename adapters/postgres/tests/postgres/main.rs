//! The Postgres adapter over a real server that this process starts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use std::sync::Arc;

use sarai_testkit::{Harness, SuitePorts};
use world::World;

/// A fresh database for each case.
struct PostgresHarness;

impl Harness for PostgresHarness {
    async fn fresh() -> SuitePorts {
        let world = Arc::new(World::new());
        let (first, second) = (world.store("first").await, world.store("second").await);
        let (shared, clock) = (Arc::clone(&world), world.clock.clone());
        let start = move || {
            let store = second.clone();
            SuitePorts { keep: shared.clone(), ..SuitePorts::of(Arc::new(store), clock.clone()) }
        };
        SuitePorts { keep: world.clone(), ..SuitePorts::of(Arc::new(first), world.clock.clone()) }
            .beside(start)
    }
}

sarai_testkit::conformance!(postgres, crate::PostgresHarness);
