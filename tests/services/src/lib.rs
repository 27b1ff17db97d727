//! Throw-away services for tests and benchmarks.
