//! The real server on a socket, asked as a stranger would ask it: over HTTP alone, by what its document says.
//!
//! Every test starts a process of its own. Every answer is held against `/openapi.json` by `conform`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::similar_names,
    reason = "a test stops at the first surprise; a patch has a path"
)]

mod access;
mod catalog;
mod conform;
mod coupons;
mod docs;
mod earnings;
mod events;
mod idempotency;
mod invariants;
mod invoices;
mod junk;
mod keys;
mod licenses;
mod listings;
#[allow(dead_code, reason = "the senders' own tests use the rest of it")]
#[path = "../../../adapters/senders/tests/conversations/mail_server.rs"]
mod mail_server;
mod market;
mod market_keys;
mod messages;
mod notices;
mod order_views;
mod orders;
mod outbox;
mod payments;
mod proposals;
mod protocol;
mod quotes;
mod refunds;
mod sagas;
mod sandboxes;
mod sdk;
mod seat_desk;
mod senders;
#[allow(dead_code, reason = "the senders' own tests use the rest of it")]
#[path = "../../../adapters/senders/tests/conversations/smsc.rs"]
mod smsc;
mod stage;
mod statements;
mod stop;
mod stream;
mod templates;
mod usage;
mod verify;
mod walk;
mod webhooks;
mod world;
mod worlds;
