//! The `sarai` binary: one module per subcommand.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sarai::{client::ClientError, config::Flags};

/// A request makes thousands of small values: glibc's allocator was an eighth of the server's processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sarai: a marketplace core. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "sarai", version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::doc_markdown, reason = "these are the help texts")]
enum Command {
    /// Serve the API, everything embedded (the default)
    Serve,
    /// Ask a running server whether every invariant holds of everything stored
    Audit(commands::audit::AuditFlags),
    /// Bring the database to this version, and end
    Migrate(commands::migrate::Migrate),
    /// Write the whole store to a file, one JSON document a line
    Export(commands::transfer::Transfer),
    /// Fill an empty store from such a file, and audit it
    Import(commands::transfer::Transfer),
    /// Print the OpenAPI document
    Openapi,
    /// Look at deliveries that are not done, and act, on a running server
    ///
    /// Exit codes: 0 done, 1 refused, 2 no answer.
    Outbox(Box<commands::outbox::Outbox>),
    /// Look at purchases that are stuck, and act, on a running server
    ///
    /// Exit codes: 0 done, 1 refused, 2 no answer.
    Saga(Box<commands::saga::Saga>),
    /// Simulate whole marketplaces in bad weather and check every rule after every commit
    Simulate(commands::simulate::Simulate),
    /// Print the AsyncAPI document: every event, and what other services may send
    Asyncapi,
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Run the stand-ins for billing, enrollment and auth, for several `sarai serve` that are given their URLs
    ///
    /// Listens on 127.0.0.1:8090 unless told otherwise. Whoever can connect may call.
    Standins(commands::standins::StandIns),
    /// The keys of a deployment
    Keys {
        #[command(subcommand)]
        what: KeysCommand,
    },
    /// Look at a provider's statement
    Statement {
        #[command(subcommand)]
        what: StatementCommand,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the effective configuration as TOML, secrets redacted
    Check,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make <data dir>/keys.toml, fit for the profile `production`; refuses where there is one
    New,
}

#[derive(Debug, Subcommand)]
enum StatementCommand {
    /// Check that a downloaded statement is whole, unchanged, and adds up
    Verify(commands::statement::Verify),
}

fn main() -> ExitCode {
    let Cli { flags, command } = Cli::parse();
    let result = match command {
        None | Some(Command::Serve) => commands::serve::run(&flags),
        Some(Command::Audit(audit)) => match commands::audit::run(&audit) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Some(Command::Simulate(simulate)) => match commands::simulate::run(&simulate) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Some(Command::Export(to)) => commands::transfer::export(&flags, &to),
        Some(Command::Import(from)) => commands::transfer::import(&flags, &from),
        Some(Command::Migrate(migrate)) => commands::migrate::run(&flags, &migrate),
        Some(Command::Openapi) => commands::openapi::run(),
        Some(Command::Outbox(outbox)) => commands::outbox::run(&outbox),
        Some(Command::Saga(saga)) => commands::saga::run(&saga),
        Some(Command::Asyncapi) => commands::asyncapi::run(),
        Some(Command::Config { what: ConfigCommand::Check }) => commands::config::run(&flags),
        Some(Command::Standins(standins)) => commands::standins::run(&flags, &standins),
        Some(Command::Keys { what: KeysCommand::New }) => commands::keys::run(&flags),
        Some(Command::Statement { what: StatementCommand::Verify(verify) }) => {
            commands::statement::run(&verify)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sarai: {error}");
            match error.downcast_ref::<ClientError>() {
                Some(ClientError::Unreachable { .. }) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
