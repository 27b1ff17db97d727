//! The developer portal's use cases.

pub mod docs;
pub mod docs_desk;
pub mod release_log;
pub mod sdk_desk;
pub mod sdks;
