//! Embedded stand-ins of the services around Sarai: they keep state, decide, and call back (platform.md 8).
//!
//! - [`BillingStandIn`]: tax, payment intents driven by test tokens, refunds, payouts, and the callbacks of
//!   all of them; [`TEST_TOKENS`] lists what a buyer can pay with
//! - [`EnrollmentStandIn`]: enrollments and what learners did
//! - [`SourceStandIn`]: the facts that the catalogue, the content factory and the tenants' service announce
//! - [`AuthStandIn`]: demo accounts, sessions, signed tokens and their public keys
//! - [`KeysStandIn`]: the secrets of API keys, which belong to auth
//! - [`MessagingStandIn`]: messages, where they are and what became of them; numbers decide
//! - [`InvoicingStandIn`]: balance and invoices, made of that log
//! - [`cloud_event`](cloud_event::cloud_event): a callback in the form in which it crosses a network
//!
//! - [`StandIns`]: all of them
//! - [`Server`]: all of them over HTTP; [`WebhookSink`] takes their callbacks to where they are expected
//! - [`Documents`]: where all of them keep what they know, in a `SQLite` file of their own or
//!   nowhere (ruling R3)
//!
//! A stand-in decides in memory and answers when what it decided is on disk, so that a process that dies loses
//! nothing it has told anybody. Callbacks that were due go out after a restart.
//!
//! Business time comes from the [`Clock`](sarai_ports::system::Clock), so a moved clock moves the stand-ins
//! too (ruling R69); sessions and retries live by real time.

mod all;
mod auth;
mod billing;
mod callbacks;
pub mod cloud_event;
pub mod demo;
mod documents;
#[cfg(test)]
mod documents_tests;
mod enrollment;
mod faults;
mod invoicing;
mod keyed;
mod keys;
mod messaging;
mod server;
mod sources;
mod table;
#[cfg(test)]
mod testing;
mod webhook;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use all::{StandIns, Surroundings};
pub use auth::{AuthSetupError, AuthStandIn, TokenIssuer};
pub use billing::{BillingStandIn, Books, CapturedPayment, TEST_TOKENS, TestToken, tax_rate};
pub use documents::{Documents, DocumentsError};
pub use enrollment::EnrollmentStandIn;
pub use invoicing::InvoicingStandIn;
pub use keys::KeysStandIn;
pub use messaging::MessagingStandIn;
pub use server::Server;
pub use sources::SourceStandIn;
pub use webhook::{WebhookError, WebhookSink};

/// Locks; what a panicking holder left is whole, because every change is made by single assignments.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
