//! The developer portal's repositories: what their tables are searched by, and the named finders.

mod accounts;
mod keys;
mod templates;
pub(crate) mod usage;
mod webhooks;
