//! The Sarai server as a library: what the binary runs and the tests start.
//!
//! - [`embedded`]: every use case over the memory store; [`wire`]: the API over them
//! - [`config`]: flags, environment, TOML; [`demo`]: what a demo prints; [`demo_data`]: what it has; [`process`]: all of it, running
//! - [`around`]: the services it talks to; [`keys`]: what it signs with; [`stores`]: where it keeps things
//! - [`standins`]: the process that runs the stand-ins for several others; [`broker`]: the forms of messages
//! - [`publishing`]: documentation and SDKs; [`content`]: the documentation
//!   that is shipped; [`sdk_package`]: the SDK that is
//! - [`client`]: what commands ask a running server with

pub mod around;
pub mod broker;
pub mod client;
pub mod config;
pub mod content;
pub mod demo;
pub mod demo_data;
mod demo_sandbox;
pub mod embedded;
pub mod keys;
pub mod portal;
pub mod process;
pub mod publishing;
pub mod same_keys;
pub mod sdk_package;
pub mod standins;
pub mod stores;
pub mod verify;
pub mod wire;
