//! Whether the long bounds run: `cargo xtask soak` sets the variable.

/// Whether this is a soak run.
pub(crate) fn is_on() -> bool {
    std::env::var_os("SARAI_SOAK").is_some()
}
