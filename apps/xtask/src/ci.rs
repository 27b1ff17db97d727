//! `cargo xtask ci`: every check of a change, in the order in which a failure is cheapest.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use crate::{cargo, exit, golden, root, test};

/// Runs all checks, each whatever became of the others, and fails when one failed.
///
/// # Errors
/// A program that cannot be started, or a file that cannot be read.
pub(crate) fn run() -> io::Result<ExitCode> {
    let checks: [(&str, &dyn Fn() -> io::Result<Outcome>); 8] = [
        ("format", &|| passes(&mut cargo(&["fmt", "--all", "--", "--check"]))),
        ("clippy", &|| {
            let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
            passes(&mut cargo(&clippy))
        }),
        ("documentation", &|| {
            passes(
                cargo(&["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"])
                    .env("RUSTDOCFLAGS", "-D warnings"),
            )
        }),
        ("tests", &|| Ok(outcome(test(&[])?))),
        ("golden files", &golden_files_are_current),
        // Advisories need a database from the network: `cargo deny check advisories`, by hand.
        ("cargo-deny", &|| {
            let check = ["--locked", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"];
            tool("cargo-deny", &|| cargo(&["deny"]), &check)
        }),
        ("cargo-machete", &|| tool("cargo-machete", &|| cargo(&["machete"]), &[])),
        ("typos", &|| tool("typos-cli", &typos, &[])),
    ];

    let mut summary = Vec::new();
    let mut failed = false;
    for (name, check) in checks {
        println!("\n== {name}");
        let outcome = check()?;
        failed |= matches!(outcome, Outcome::Failed);
        summary.push(match outcome {
            Outcome::Passed => format!("passed   {name}"),
            Outcome::Failed => format!("FAILED   {name}"),
            Outcome::NotInstalled(package) => {
                format!("skipped  {name}: not installed; cargo install --locked {package}")
            }
        });
    }
    println!("\n{}", summary.join("\n"));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

enum Outcome {
    Passed,
    Failed,
    NotInstalled(&'static str),
}

fn outcome(code: ExitCode) -> Outcome {
    if code == ExitCode::SUCCESS { Outcome::Passed } else { Outcome::Failed }
}

fn passes(command: &mut Command) -> io::Result<Outcome> {
    Ok(outcome(exit(command)?))
}

fn tool(package: &'static str, program: &dyn Fn() -> Command, args: &[&str]) -> io::Result<Outcome> {
    let version = program().arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if version.is_ok_and(|status| status.success()) {
        passes(program().args(args))
    } else {
        Ok(Outcome::NotInstalled(package))
    }
}

fn typos() -> Command {
    let mut command = Command::new("typos");
    command.current_dir(root());
    command
}

/// Rewrites the golden files and compares. Unlike the tests, this also finds a golden test that writes
/// its file but forgets to compare it.
fn golden_files_are_current() -> io::Result<Outcome> {
    let before = golden_files()?;
    if golden()? != ExitCode::SUCCESS {
        return Ok(Outcome::Failed);
    }
    let after = golden_files()?;
    let changed: Vec<_> = after.iter().filter(|(path, text)| before.get(*path) != Some(*text)).collect();
    for (path, _) in &changed {
        println!("out of date, rewritten now: {}", path.display());
    }
    Ok(if changed.is_empty() { Outcome::Passed } else { Outcome::Failed })
}

fn golden_files() -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    collect(&root().join("fixtures/golden"), &mut files)?;
    collect(&root().join("fixtures/events"), &mut files)?;
    collect(&root().join("fixtures/state"), &mut files)?;
    collect(&root().join("ARCHITECTURE.md"), &mut files)?;
    Ok(files)
}

fn collect(path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.exists() {
        files.insert(path.to_owned(), fs::read(path)?);
    }
    Ok(())
}
