//! The `sarai` binary: one module per subcommand.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sarai::{client::ClientError, config::Flags};

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
    Migrate,
    /// Print the OpenAPI document
    Openapi,
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
        Some(Command::Migrate) => commands::migrate::run(&flags),
        Some(Command::Openapi) => commands::openapi::run(),
        Some(Command::Saga(saga)) => commands::saga::run(&saga),
        Some(Command::Asyncapi) => commands::asyncapi::run(),
        Some(Command::Config { what: ConfigCommand::Check }) => commands::config::run(&flags),
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
