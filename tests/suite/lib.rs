//! The conformance suite: what every adapter of the store ports must do, as cases any adapter can run.
//!
//! An adapter implements [`Harness`] and writes one line, which expands the one list of cases to named tests:
//!
//! ```text
//! sarai_testkit::conformance!(memory, crate::MemoryHarness);
//! ```
//!
//! - [`harness`]: the ports a case gets, the clock it moves, the ids it takes; [`make`]: aggregates to store
//! - [`subject`]: what the cases that hold for every aggregate need to know of one
//! - one file of cases a port; every `pub async fn` at the left margin of such a file is a case
//! - [`model`]: random lists of operations against a reference model
//! - `list`: the list; `listed` fails when a case is missing from it
//!
//! Nothing here depends on an adapter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    reason = "a case fails by panicking"
)]
#![allow(clippy::needless_pass_by_value, reason = "a call's answer is handed over where it is given")]

pub mod harness;
mod list;
#[cfg(test)]
mod listed;
pub mod make;
pub mod model;
pub mod paging;
pub mod seed;
pub mod subject;

#[path = "../simulation/mod.rs"]
pub mod simulate;

pub mod accounts;
pub mod aggregates;
pub mod audit;
pub mod catalog;
pub mod claims;
pub mod coupons;
pub mod earnings;
pub mod feed;
pub mod idempotency;
pub mod inbox;
pub mod inventory;
pub mod keys;
pub mod leases;
pub mod licenses;
pub mod listings;
pub mod orders;
pub mod outbox;
pub mod quotes;
pub mod sagas;
pub mod statements;
pub mod tenancy;
pub mod usage;
pub mod verify;
pub mod webhooks;

pub use harness::{Harness, SuiteClock, SuiteIds, SuitePorts};
