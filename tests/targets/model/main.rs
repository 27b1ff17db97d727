//! T06, T07: purchases explored by stateright over the real order, saga, licence and coupon.
//!
//! - `world`: a state; `model`: what can happen; `step` and `commands`: what it does
//! - `properties`: what holds always, what is reached sometimes
//! - `small`: one purchase, counts pinned, and each property failing in a broken market
//! - `large`: two purchases and the last use of a coupon
//!
//! Handlers are modelled and not run, because a state must be a value: each step mirrors one of the
//! application's. Ids are fixed, versions left out (a step loads and saves at once).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::similar_names,
    reason = "tests panic, and say how much they explored"
)]

mod commands;
mod kept;
mod large;
mod model;
mod properties;
mod small;
mod soak;
mod step;
mod world;
