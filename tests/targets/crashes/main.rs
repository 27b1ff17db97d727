//! The real binary over real stores while processes, the database, the broker and the disk fail (testing.md 2.4).
//! After each run the history of its buyers is compared with what is there, and the auditor looks at everything.
//!
//! Small figures here; the full ones, and what takes long (`tests/targets/outages`), by `cargo xtask soak crashes`. A run
//! prints its `SEED=` and repeats by it, as far as real time does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says how it went"
)]

mod clocks;
mod disk;
mod keys;
mod kills;
mod migrations;
mod stop;
#[allow(dead_code, reason = "the longer tests use all of it")]
mod world;
