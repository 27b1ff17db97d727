//! Carries codes to people: e-mail by SMTP, text messages by SMPP 3.4, any channel by an HTTP provider (rulings R18, R19).
//!
//! - [`SenderConfig`]: `[senders.<name>]`, checked before anything is sent
//! - [`SenderTable`]: the senders; picks one for a channel and a country, and reads providers' callbacks
//! - [`sign`], [`verify`]: the signature of the contract `fixtures/contracts/sender-http.yaml`
//!
//! A sender answers one of four things: sent, certainly not sent, refused, unknown. Nothing here logs a message, a
//! number or a provider's words.

mod config;
mod http;
mod secret;
mod smpp;
mod smtp;
mod table;
mod wire;

pub use config::{ConfigError, Problem, SenderConfig, SenderKind};
pub use http::{sign, verify};
pub use secret::{SecretError, Secrets};
pub use smpp::Timing;
pub use table::{Patience, SenderTable};
