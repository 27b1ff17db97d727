//! HTTP clients of the services around Sarai, and the bodies that cross the network (platform.md 8).
//!
//! - [`BillingClient`], [`EnrollmentClient`], [`AuthClient`]: the gateways' ports over HTTP
//! - [`KeysClient`]: the secrets of keys over HTTP; [`RememberedKeys`]: answers about keys, for a moment
//! - [`MessagingClient`], [`InvoicingClient`]: messages, balance and invoices over HTTP
//! - [`platform`]: our own API, as the customer portal calls it
//! - [`wire`]: every body as JSON, for clients, stand-ins and whoever stores them
//!
//! The contracts are `fixtures/contracts/*.json`. A call that changes something is a `PUT` under its key: sent
//! again, it has its effect once. A service refuses with a 4xx and a `code`; whatever else happens may pass.

mod auth;
mod billing;
mod client;
mod connections;
mod due;
mod enrollment;
mod invoicing;
mod key_memory;
mod key_rows;
mod keys;
mod messaging;
pub mod platform;
pub mod wire;

pub use auth::AuthClient;
pub use billing::BillingClient;
pub use client::AddressError;
pub use due::DueThere;
pub use enrollment::EnrollmentClient;
pub use invoicing::InvoicingClient;
pub use key_memory::RememberedKeys;
pub use key_rows::KeysInEffect;
pub use keys::KeysClient;
pub use messaging::MessagingClient;
