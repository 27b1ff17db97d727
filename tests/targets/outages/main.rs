//! What the target `crashes` has no time for: every named place, the database, the broker, the log's disk, several
//! servers (testing.md 2.4).
//!
//! Small figures by `cargo test -p sarai --test outages`, the full ones by `cargo xtask soak crashes`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says how it went"
)]

mod backup;
mod broker;
mod database;
mod endurance;
mod log;
mod places;
mod upgrades;
#[path = "../crashes/world.rs"]
mod world;
