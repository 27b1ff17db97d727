//! The Sarai server as a library: what the binary runs and the tests start.
//!
//! - [`embedded`]: every use case over the memory store and the stand-ins; [`wire`]: the API over them
//! - [`config`]: flags, environment, TOML; [`demo`]: what a demo prints; [`process`]: all of it, running
//! - [`client`]: what commands ask a running server with; [`broker`]: the forms of messages

pub mod broker;
pub mod client;
pub mod config;
pub mod demo;
pub mod embedded;
pub mod process;
pub mod wire;
