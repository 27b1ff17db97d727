//! Sarai's business rules, pure: no I/O, no async, no clock, no randomness, no framework.
//!
//! Time and new ids are arguments. Every command answers [`kernel::Outcome`] or a typed error that carries
//! a stable code and, where it enforces one, the invariant's id.
//!
//! - [`kernel`]: ids, money, time, invariants, state tables, the aggregate's shape
//! - [`marketplace`]: Listing, Order, License, Coupon, `PurchaseSaga`, `ProviderEarnings`, Quote
//! - [`devportal`]: accounts, API keys, Verify, sandboxes, templates, SDK releases, docs, webhooks, policies

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::wildcard_enum_match_arm,
        missing_docs
    )
)]

pub mod devportal;
pub mod kernel;
pub mod marketplace;
