//! The subcommands.

use std::io::Write as _;

pub(crate) mod asyncapi;
pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod saga;
mod saga_text;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod statement;

/// Whatever stops a command, in words for its user.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Prints.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
