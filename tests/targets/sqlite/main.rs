//! The `SQLite` adapter under the conformance suite, the races, and what files do: T10, T11 and T20 to T25.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../races/fakes.rs"]
mod fakes;
mod files;
mod harness;
mod plans;
#[path = "../../races/mod.rs"]
mod races;
mod simulation;
#[path = "../../races/world.rs"]
mod world;

/// What the races run under.
type Under = harness::SqliteHarness;

/// As often as they say.
const FEWER: u32 = 1;

sarai_testkit::conformance!(sqlite, crate::harness::SqliteHarness);
