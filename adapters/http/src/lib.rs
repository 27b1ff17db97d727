//! The HTTP API of Sarai.
//!
//! - [`routes`]: the operations, and how to add one
//! - [`caller`], [`answers`], [`problem`], [`language`], [`scalars`], [`page`]: what a route is written with
//! - [`operations`], [`codes`]: the two tables
//! - [`gate`]: what every request passes; [`token`], [`signature`], [`secret`]: who is calling
//! - [`statement_csv`]: statements as tables; [`download`]: files; [`links`]: addresses that end
//! - [`openapi`]: the document; [`site`]: health and pages
//! - [`api`]: all of it as one endpoint; [`server`]: on a socket; [`pages_only`]: pages without it; [`memory_call`]: called from inside the process

pub mod alerts;
pub mod answers;
pub mod api;
pub mod caller;
pub mod codes;
pub mod download;
mod event_page;
pub mod gate;
mod guarded;
pub mod language;
pub mod links;
mod listen;
pub mod memory_call;
pub mod openapi;
pub mod operations;
pub mod page;
pub mod pages_only;
pub mod problem;
mod published;
pub mod routes;
pub mod scalars;
pub mod secret;
pub mod server;
mod shape;
pub mod signature;
pub mod site;
pub mod statement_csv;
#[cfg(test)]
mod testing;
pub mod token;
pub mod verified;
mod waiting;
