//! `sarai openapi`.

use super::{Failure, print};

/// Prints the document that is served at `/openapi.json`.
pub(crate) fn run() -> Result<(), Failure> {
    print(&sarai_http::openapi::document())
}
