//! `sarai config check`.

use std::{io::Write as _, sync::Arc};

use sarai::config::{Config, Flags};
use sarai_ports::system::Clock;
use sarai_senders::SenderTable;
use sarai_system::SystemClock;

use super::Failure;

/// Prints the effective configuration, once every sender in it could be had.
pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new(false));
    SenderTable::open(&config.senders, &clock)?;
    Ok(std::io::stdout().write_all(toml::to_string(&config)?.as_bytes())?)
}
