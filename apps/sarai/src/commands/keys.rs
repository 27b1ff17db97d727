//! `sarai keys new`.

use sarai::{
    config::{Config, Flags},
    keys::Keys,
};
use sarai_system::OsEntropy;

use super::{Failure, say};

/// Makes the keys of a data folder that has none.
pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    // Before there are keys nothing can be run, so only the folder is asked for.
    let folder = flags.data_dir.clone().unwrap_or(Config::default().data_dir);
    let path = Keys::make(&folder, &OsEntropy)?;
    say(&format!("{}\n", path.display()))
}
