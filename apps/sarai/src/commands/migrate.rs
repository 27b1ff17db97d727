//! `sarai migrate`: brings a database to this version, and ends.

use sarai::{
    config::{Config, Flags},
    process::keys_of,
    stores,
};

use super::{Failure, say};

/// Migrates.
pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async { stores::migrated(&config, &keys_of(&config)?).await })?;
    say(&format!("{done}\n"))
}
