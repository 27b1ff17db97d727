//! `sarai openapi`.

use std::io::Write as _;

use super::Failure;

/// Prints the document that is served at `/openapi.json`.
pub(crate) fn run() -> Result<(), Failure> {
    match std::io::stdout().write_all(sarai_http::openapi::document().as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
