//! Races over the use cases: coupons (T20), seats (T21), refunds (T22), idempotency keys (T23), duplicate
//! events (T24), many writers (T25), timers (T26), waitlists, messages with several effects (ruling R40), guesses at codes
//! (T27, T28), caps (T30), starts to one number, sandboxes and webhooks.
//!
//! They name no adapter: a target that includes this file, `world.rs` and `fakes.rs` says under which harness they
//! run, as `crate::Under`, and by how much less often, as `crate::FEWER`.

mod claims;
mod coupons;
mod guesses;
mod messages;
mod refunds;
mod sandboxes;
mod scheduler;
mod seats;
mod spending;
mod starts;
mod statements;
pub(crate) mod verify;
mod waitlist;
pub(crate) mod webhooks;
mod writers;

/// How often a race is run: this often, or less where a store takes its time, times `SARAI_RUNS`.
pub(crate) fn runs(ordinary: u32) -> u32 {
    ordinary.div_ceil(crate::FEWER) * sarai_testkit::seed::setting("SARAI_RUNS", 1)
}
