//! The HTTP API of Sarai.
//!
//! - [`routes`]: the operations, and how to add one
//! - [`caller`], [`answers`], [`problem`], [`scalars`], [`page`]: what a route is written with
//! - [`operations`], [`codes`]: the two tables
//! - [`token`], [`signature`], [`secret`]: who is calling

pub mod answers;
pub mod caller;
pub mod codes;
pub mod gate;
mod guarded;
pub mod openapi;
pub mod operations;
pub mod page;
pub mod problem;
pub mod routes;
pub mod scalars;
pub mod secret;
mod shape;
pub mod signature;
#[cfg(test)]
mod testing;
pub mod token;
