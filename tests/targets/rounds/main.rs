//! How often the store is called for what people do, and for which tenant: on a store behind a wire each call is a
//! round trip. `cargo xtask golden` writes the counts to `fixtures/golden/round_trips.md` and ARCHITECTURE.md.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod counter;
#[path = "../codes/finder.rs"]
#[allow(dead_code, reason = "the target `codes` uses the rest")]
mod finder;
mod flow;
mod rows;
#[path = "../codes/server.rs"]
#[allow(dead_code, reason = "the target `codes` uses the rest")]
mod server;
mod table;
mod tenants;
#[path = "../flows/world.rs"]
#[allow(dead_code, reason = "the target `flows` uses the rest")]
mod world;

/// What flows announce is held against what is published by the target `flows`.
mod announced {
    use std::sync::Arc;

    use sarai_ports::events::EventRecord;

    pub(crate) fn check(_: &[Arc<EventRecord>]) {}
}
