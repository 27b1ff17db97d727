//! The developer portal's ports: a file a repository, with what a store needs of its aggregate beside the document.

pub mod policies;
pub mod sandboxes;
pub mod verify;
