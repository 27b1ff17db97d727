//! The Postgres adapter over a real server that this process starts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod slice;
mod world;
