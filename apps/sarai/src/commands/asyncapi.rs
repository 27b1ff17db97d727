//! `sarai asyncapi`.

use super::{Failure, say};

/// Prints the document that is served at `/asyncapi.json`.
pub(crate) fn run() -> Result<(), Failure> {
    say(&sarai_application::published::asyncapi::document())
}
