//! The memory adapter under the conformance suite, and the races over it: the real use cases, the real relay,
//! many tasks. A "process" is a set of ports with keyed locks of its own over the shared store (ruling R82).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../races/fakes.rs"]
mod fakes;
#[path = "../../races/mod.rs"]
mod races;
mod relay;
mod schedules;
#[path = "../../races/world.rs"]
mod world;

use std::sync::Arc;

use sarai_memory::MemoryStore;
use sarai_testkit::{Harness, SuiteClock, SuitePorts};

/// The memory store under the suite's clock.
struct MemoryHarness;

/// What the races run under.
type Under = MemoryHarness;

/// As often as they say.
const FEWER: u32 = 1;

impl Harness for MemoryHarness {
    async fn fresh() -> SuitePorts {
        let clock = Arc::new(SuiteClock::default());
        let store = MemoryStore::new(clock.clone());
        let (shared, time) = (store.clone(), clock.clone());
        let start = move || SuitePorts::of(Arc::new(shared.another_process()), time.clone());
        SuitePorts::of(Arc::new(store), clock).beside(start)
    }
}

sarai_testkit::conformance!(memory, crate::MemoryHarness);
