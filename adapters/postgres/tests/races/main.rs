//! The races over real Postgres: T20 to T30. A process has a store of its own, with its own pools, and all of them
//! meet in one database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cuts;
#[allow(dead_code, reason = "the conformance suite uses the rest")]
#[path = "../postgres/world.rs"]
mod databases;
#[path = "../../../../tests/races/fakes.rs"]
mod fakes;
#[path = "../../../../tests/races/mod.rs"]
mod races;
#[path = "../../../../tests/races/world.rs"]
mod world;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use databases::World;
use sarai_postgres::Sizes;
use sarai_testkit::{Harness, SuitePorts};
use tokio::{runtime::Handle, task::block_in_place};

/// A race asks for more at once than a process admits: who waits for a connection gets one.
const SIZES: Sizes =
    Sizes { app: 4, transactions: 2, worker: 6, platform: 2, acquire: Duration::from_mins(1) };

/// What the races run under.
struct Under;

/// A world here is a database and a dozen connections.
const FEWER: u32 = 10;

impl Harness for Under {
    async fn fresh() -> SuitePorts {
        processes_of(&Arc::new(World::new()))
    }
}

/// Processes over this database.
fn processes_of(world: &Arc<World>) -> SuitePorts {
    let world = Arc::clone(world);
    let count = AtomicU32::new(1);
    let process = move || {
        let name = format!("process {}", count.fetch_add(1, Ordering::Relaxed));
        let store = block_in_place(|| Handle::current().block_on(world.sized(&name, SIZES)));
        SuitePorts { keep: world.clone(), ..SuitePorts::of(Arc::new(store), world.clock.clone()) }
    };
    process().beside(process)
}
