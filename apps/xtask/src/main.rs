//! Developer tasks; `cargo xtask --help` lists them.
//!
//! It has no dependencies, so that the one command that runs all tests starts at once.

#![allow(clippy::print_stdout, reason = "a command line tool prints")]

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

mod ci;
#[path = "../../../tests/services/src/install.rs"]
mod install;
mod soak;
mod tally;

const HELP: &str = "\
Developer tasks of Sarai.

Usage: cargo xtask <task>

Tasks:
  test [args]   Run all tests of the workspace: unit, integration and documentation tests.
                Installs postgres, nats-server, chromium and node when they are missing and this is root.
                The last line is `N passed, N failed`. Arguments go to `cargo test`:
                `cargo xtask test -- li_inv` runs the tests whose name contains li_inv.
  ci            Everything a change must pass: format, clippy, documentation, tests,
                golden files; and cargo-deny, cargo-machete and typos where installed.
  golden        Rewrite the golden files by running the tests named *golden*.
                Review the difference before committing it.
  browser       Look at every page of the customer portal in Chromium: three languages, light and
                dark, narrow; contact sheets of screenshots are left in target/browser/sheets.
  trace         Write trace.md: invariant, where it is guarded, its tests, its error codes.
  bench market  Measure the server over Postgres against what Postgres can do, in release.
                `cargo xtask bench market --help` lists parts and options.
  bench verify  The same of verification checks, keys, start to code and usage.
  bench [args]  Run the benchmarks of functions. Arguments go to `cargo bench`.
  soak [parts]  Run the tests with their long bounds, in release: minutes, not seconds.
                `cargo xtask soak` lists the parts; `cargo xtask soak all` runs them.
  help          Print this.
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let (task, rest) = match args.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("", args.as_slice()),
    };
    let result = match (task, rest) {
        ("test", _) => test(rest),
        ("ci", []) => ci::run(),
        ("golden", []) => golden(),
        ("browser", []) => browser(),
        ("trace", []) => trace(),
        ("bench", [what, rest @ ..]) if what == "market" => market(rest),
        ("bench", [what, ..]) if what == "verify" => market(rest),
        ("bench", _) => exit(cargo(&["bench", "--workspace", "--locked"]).args(rest)),
        ("soak", _) => soak::run(rest),
        ("help" | "--help" | "-h", _) => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("{HELP}");
            Ok(ExitCode::from(2))
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("xtask: {error}");
        ExitCode::FAILURE
    })
}

/// The workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Cargo at the root.
fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    // The update flag must not reach a run that is meant to check.
    command.env_remove("SARAI_GOLDEN");
    // Where it is set, cargo-machete reads its own name as a path.
    command.env_remove("CARGO_PKG_NAME");
    command
}

fn exit(command: &mut Command) -> io::Result<ExitCode> {
    let status = command.status()?;
    Ok(code(status.code()))
}

/// A process killed by a signal has no code; it failed.
fn code(of_process: Option<i32>) -> ExitCode {
    of_process.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn test(args: &[String]) -> io::Result<ExitCode> {
    for needed in
        [install::POSTGRES, install::NATS, install::FAKETIME, install::CHROMIUM, install::NODE, install::NPM]
    {
        needed.ready()?;
    }
    let mut child = cargo(&["test", "--workspace", "--locked", "--no-fail-fast"])
        .args(args)
        .stdout(Stdio::piped())
        .spawn()?;
    let tally = match child.stdout.take() {
        Some(stdout) => tally::stream(io::BufReader::new(stdout), io::stdout().lock())?,
        None => tally::Tally::default(),
    };
    let status = child.wait()?;
    if !tally.failures().is_empty() {
        println!("\nWhat failed, once more:\n");
        io::stdout().lock().write_all(tally.failures())?;
    }
    println!("\n{tally}");
    if status.success() && tally.is_empty() {
        eprintln!("xtask: no test ran");
        return Ok(ExitCode::FAILURE);
    }
    Ok(code(status.code()))
}

/// Builds what is shipped and what measures it, and measures.
fn market(args: &[String]) -> io::Result<ExitCode> {
    let built = exit(&mut cargo(&["build", "--release", "--locked", "-p", "sarai", "-p", "sarai-bench"]))?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }
    exit(cargo(&["run", "--release", "--locked", "--quiet", "-p", "sarai-bench", "--"]).args(args))
}

fn golden() -> io::Result<ExitCode> {
    let targets = ["house", "codes", "events", "rounds", "simulation"].into_iter();
    let targets: Vec<&str> = targets.flat_map(|target| ["--test", target]).collect();
    // The SDK is written from a golden file, so that its turn comes after.
    for (package, targets) in [("sarai-testkit", targets.as_slice()), ("sarai-sdkgen", &[])] {
        let mut tests = cargo(&["test", "-p", package, "--locked", "--quiet"]);
        let written = exit(tests.args(targets).arg("golden").env("SARAI_GOLDEN", "update"))?;
        if written != ExitCode::SUCCESS {
            return Ok(written);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Every figure of the portal in the browser; contact sheets lie in `target/browser/sheets`.
fn browser() -> io::Result<ExitCode> {
    exit(
        cargo(&["test", "--locked", "-p", "sarai", "--test", "browser", "--", "--nocapture"])
            .env("SARAI_BROWSER", "all"),
    )
}

fn trace() -> io::Result<ExitCode> {
    let path = root().join("trace.md");
    let outcome = exit(
        cargo(&["test", "--workspace", "--locked", "--quiet", "--test", "house", "traceability"])
            .env("SARAI_TRACE", &path),
    )?;
    if outcome == ExitCode::SUCCESS {
        println!("trace.md is written");
    }
    Ok(outcome)
}
