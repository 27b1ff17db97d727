//! The subcommands.

use std::io::Write as _;

pub(crate) mod asyncapi;
pub(crate) mod config;
pub(crate) mod openapi;
pub(crate) mod serve;

/// Whatever stops a command, in words for its user.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Writes a document to standard output.
fn print(document: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(document.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
