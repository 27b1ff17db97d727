//! The HTTP API of Sarai.
//!
//! - [`routes`]: the operations, and how to add one
//! - [`caller`], [`answers`], [`problem`], [`scalars`], [`page`]: what a route is written with
//! - [`codes`]: every code of a refusal

pub mod answers;
pub mod caller;
pub mod codes;
pub mod page;
pub mod problem;
pub mod routes;
pub mod scalars;
pub mod secret;
