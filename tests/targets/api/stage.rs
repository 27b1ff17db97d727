//! What the SMS centre says that nobody may keep.

/// A code that some centres repeat in their receipts.
pub(crate) const CODE: &str = "918273";
