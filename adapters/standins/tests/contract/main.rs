//! One suite over the stand-ins asked directly, and over the clients asking them on sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod away;
mod billing;
mod canary;
mod invoicing;
mod keys;
mod messaging;
mod proxy;
mod services;
mod world;
