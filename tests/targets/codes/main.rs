//! Every code the document names can be provoked: each (operation, code) of `/openapi.json`, on a real server.
//!
//! - [`document`]: the test that walks the document; a pair without a provocation fails it
//! - [`general`]: codes that follow from an operation's shape, provoked the same way everywhere
//! - [`listings`], [`carts`], [`orders`], [`licenses`], [`seat_desk`], [`coupons`], [`sagas`], [`services`], [`portal`],
//!   [`verify`], [`webhooks`], [`publishing`]: an operation's own codes
//! - [`requests`]: for every operation one request that works, of which the general provocations break one part
//! - [`world`], [`server`], [`faults`]: one store, and servers over it that are well, full, slow or broken
//! - [`literals`]: no code in the sources without a row and a page; [`golden`]: the document as committed

#![cfg(test)]
#![allow(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::match_same_arms,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    clippy::too_many_lines,
    clippy::unused_self,
    reason = "tables of provocations: one row a code reads better than the least rows"
)]

mod alerts;
mod carts;
mod coupons;
mod document;
mod faults;
mod finder;
mod general;
mod golden;
mod invariants;
mod licenses;
mod listings;
mod literals;
mod messages;
mod orders;
mod portal;
mod publishing;
mod requests;
mod sagas;
mod sandboxes;
mod seat_desk;
mod server;
mod services;
mod templates;
mod verify;
mod webhooks;
mod world;
