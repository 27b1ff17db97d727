//! `sarai config check`.

use std::io::Write as _;

use sarai::config::{Config, Flags};

use super::Failure;

/// Prints the effective configuration.
pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    Ok(std::io::stdout().write_all(toml::to_string(&config)?.as_bytes())?)
}
