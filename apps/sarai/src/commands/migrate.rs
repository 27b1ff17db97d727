//! `sarai migrate`: brings a database to this version, and ends; or says how its roles are made.

use clap::Args;
use sarai::{
    config::{Config, Flags},
    process::keys_of,
    stores,
};
use sarai_postgres::roles::Roles;

use super::{Failure, say};

/// What is done beside.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Print the SQL that makes the roles in Postgres, for whoever makes them by hand, and do nothing
    #[arg(long, conflicts_with = "reset_passwords")]
    print_roles: bool,
    /// First give the roles the password of this data folder, which locks out every other folder that uses them
    #[arg(long)]
    reset_passwords: bool,
}

/// Migrates.
pub(crate) fn run(flags: &Flags, migrate: &Migrate) -> Result<(), Failure> {
    if migrate.print_roles {
        return say(&Roles::default().script());
    }
    let config = Config::load(flags)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        if migrate.reset_passwords {
            stores::reset_passwords(&config, &keys_of(&config)?).await?;
        }
        stores::migrated(&config).await
    })?;
    say(&format!("{done}\n"))
}
