//! Events as a product: golden payloads, their schemas, the `AsyncAPI` document, and that none of them lies.
//!
//! - [`examples`]: an event of every type; [`golden`]: these files are current, and old ones keep loading
//! - [`agree`]: a schema takes exactly what its Rust type takes; what real purchases announce is held against the
//!   schemas wherever `tests/targets/flows` runs one
//! - [`shown`]: what each audience is shown of them still fits, and names nobody's people to a seller
//! - [`document`]: the `AsyncAPI` document; [`inbound`]: what other services may send; [`served`]: all of it over HTTP

#![cfg(test)]
#![allow(clippy::similar_names, reason = "a payer is paid, and a payload is loaded")]

mod agree;
mod document;
mod examples;
mod golden;
mod inbound;
mod payload;
mod served;
mod shown;
