//! Whole purchases over the use cases, the memory store and the stand-ins, on a clock the test moves.

#![allow(
    clippy::unwrap_used,
    clippy::similar_names,
    reason = "a test stops at the first surprise; quotes are quoted"
)]

mod earnings;
mod edges;
mod payments;
mod purchase;
mod refunds;
mod seat_desk;
mod world;
