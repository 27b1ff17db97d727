//! `sarai asyncapi`.

use super::{Failure, print};

/// Prints the document that is served at `/asyncapi.json`.
pub(crate) fn run() -> Result<(), Failure> {
    print(&sarai_application::published::asyncapi::document())
}
