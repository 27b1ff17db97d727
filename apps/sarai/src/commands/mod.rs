//! The subcommands.

pub(crate) mod config;
pub(crate) mod openapi;
pub(crate) mod serve;
pub(crate) mod statement;

/// Whatever stops a command, in words for its user.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
