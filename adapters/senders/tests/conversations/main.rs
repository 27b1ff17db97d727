//! Senders in real conversations with peers that this target starts: a mail server, an SMS centre, a provider over
//! HTTP. The peers read and write bytes themselves; nothing of the libraries under test is in them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod config;
mod contract;
mod http;
mod logs;
mod mail_server;
mod multipart;
mod provider;
mod receipts;
mod smpp;
mod smsc;
mod smtp;
mod stage;
mod tls;
