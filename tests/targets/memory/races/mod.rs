//! Races over the use cases: coupons (T20), seats (T21), refunds (T22), idempotency keys (T23), duplicate
//! events (T24), many writers (T25), waitlists, and messages with several effects (ruling R40).

mod claims;
mod coupons;
mod messages;
mod refunds;
mod scheduler;
mod schedules;
mod seats;
mod statements;
mod waitlist;
mod writers;

/// How often a race is run: this often, times `SARAI_RUNS`.
fn runs(ordinary: u32) -> u32 {
    ordinary * sarai_testkit::seed::setting("SARAI_RUNS", 1)
}
