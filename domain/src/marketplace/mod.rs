//! The marketplace: providers sell course versions to tenants (seed 002).
//!
//! One aggregate is modified per transaction; what spans aggregates goes through events and the saga.

pub mod coupon;
pub mod earnings;
pub mod event;
pub mod invariants;
pub mod license;
pub mod listing;
pub mod order;
pub mod quote;
pub mod saga;
pub mod services;
pub mod values;
