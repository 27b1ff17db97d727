//! `sarai openapi`.

use super::{Failure, say};

/// Prints the document that is served at `/openapi.json`.
pub(crate) fn run() -> Result<(), Failure> {
    say(&sarai_http::openapi::document())
}
