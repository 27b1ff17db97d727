//! The Sarai server as a library: what the binary runs and the tests start.

pub mod embedded;
