//! `sarai-bench`: what the server does, against what the same Postgres on the same machine can do at all.
//!
//! `cargo xtask bench market` builds the server and this program in release and runs it. Everything it starts is its
//! own and ends with it: a Postgres with default durability, servers, a broker. Cases are interleaved round by round,
//! ratios are taken within a round, and the middle one counts.

#![allow(clippy::print_stdout, reason = "a command line tool prints")]
#![allow(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "measurements are shares and rates"
)]
#![allow(
    clippy::future_not_send,
    reason = "everything runs on one thread, to leave the others to the server"
)]

mod bench;
mod http;
mod load;
mod machine;
mod market;
mod options;
mod parts;
mod pgbench;
mod portal;
mod provider;
mod report;
mod seed;
mod server;
mod sink;
mod tokens;

use std::process::ExitCode;

use crate::options::{HELP, Options};

/// Whatever keeps a part from being measured.
type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(options) = Options::read(&arguments) else {
        print!("{HELP}");
        let asked = arguments.iter().any(|argument| argument == "--help" || argument == "-h");
        return if asked { ExitCode::SUCCESS } else { ExitCode::from(2) };
    };
    let measured = tokio::task::LocalSet::new().run_until(bench::run(options)).await;
    match measured {
        Ok(reached) => ExitCode::from(u8::from(!reached)),
        Err(error) => {
            eprintln!("sarai-bench: {error}");
            ExitCode::from(2)
        }
    }
}
