//! The house rules, as tests: who may depend on whom, every invariant traced, every state table rendered.
//!
//! Each rule is a function from text to violations, so that each can be shown a breach it must find.

#![cfg(test)]

mod architecture;
mod golden;
mod secrets;
mod source;
mod tables;
mod traceability;

/// Fails with one line a violation.
#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}
