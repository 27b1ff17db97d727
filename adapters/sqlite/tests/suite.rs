//! The conformance suite over SQLite files, unchanged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod harness;

sarai_testkit::conformance!(sqlite, crate::harness::SqliteHarness);
