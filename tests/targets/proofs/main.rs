//! What an attacker sees of the developer portal: the real binary as a process, asked over HTTP alone (testing.md T64,
//! T66, T68, T71, T72).
//!
//! Small figures here; the full ones by `cargo xtask soak proofs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says its figures"
)]

mod canaries;
mod enumeration;
mod flow;
mod guesses;
mod limits;
#[allow(dead_code, reason = "the senders' own tests use the rest of it")]
#[path = "../../../adapters/senders/tests/conversations/mail_server.rs"]
mod mail_server;
mod places;
#[allow(dead_code, reason = "the senders' own tests use the rest of it")]
#[path = "../../../adapters/senders/tests/conversations/provider.rs"]
mod provider;
mod revocation;
mod signatures;
#[allow(dead_code, reason = "the senders' own tests use the rest of it")]
#[path = "../../../adapters/senders/tests/conversations/smsc.rs"]
mod smsc;
#[path = "../api/stage.rs"]
mod stage;
mod world;
