//! Whole purchases over the use cases, the memory store and the stand-ins, on a clock the test moves.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::similar_names,
    reason = "a test stops at the first surprise; quotes are quoted"
)]

mod announced;
mod audit;
mod audited_once;
mod doctor;
mod earnings;
mod edges;
mod outside;
#[path = "../events/payload.rs"]
#[allow(dead_code, reason = "the target `events` uses the rest")]
mod payload;
mod payments;
mod portal;
mod previews;
mod purchase;
mod receipts;
mod refunds;
mod repeats;
mod seat_desk;
mod silent;
mod statements;
mod tampered;
mod world;
