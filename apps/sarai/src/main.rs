//! The `sarai` binary: one module per subcommand.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sarai::config::Flags;

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
    /// Print the OpenAPI document
    Openapi,
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
        Some(Command::Openapi) => commands::openapi::run(),
        Some(Command::Config { what: ConfigCommand::Check }) => commands::config::run(&flags),
        Some(Command::Statement { what: StatementCommand::Verify(verify) }) => {
            commands::statement::run(&verify)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sarai: {error}");
            ExitCode::FAILURE
        }
    }
}
