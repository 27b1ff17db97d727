//! Tests of the tests (T05): the simulation must notice each of the defects in `table`.
//!
//! A copy of the workspace below the target folder gets all of them at once, each behind a switch in the
//! environment, and is built once. The product's own sources know nothing of it. A defect whose place in the
//! sources has changed fails here, so that the table keeps up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "which seed finds a mutant is worth reading")]

mod table;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use self::table::{MUTANTS, Mutant};

/// Seeds within which a defect must be found.
const SEEDS: u64 = 50;
/// Seeds tried at a time.
const STEP: u64 = 5;
const PURCHASES: u64 = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn scratch() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    root().join(target).join("mutants")
}

/// Copies what a build needs but for some files; one that is the same already keeps its age.
fn copy(from: &Path, to: &Path, but: &dyn Fn(&Path) -> bool) -> io::Result<()> {
    if but(from) {
        return Ok(());
    }
    if !from.is_dir() {
        return write(to, fs::read(from)?);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        copy(&from.join(&name), &to.join(&name), but)?;
    }
    Ok(())
}

fn write(to: &Path, content: Vec<u8>) -> io::Result<()> {
    if fs::read(to).is_ok_and(|there| there == content) { Ok(()) } else { fs::write(to, content) }
}

/// The sources of a file with every defect of the table behind its switch.
fn mutated(file: &str) -> String {
    let mut source = fs::read_to_string(root().join(file)).unwrap();
    for mutant in MUTANTS {
        for patch in mutant.patches.iter().filter(|patch| patch.file == file) {
            assert_eq!(source.matches(patch.find).count(), 1, "{}: {} has changed", mutant.name, file);
            let switch = format!("(std::env::var(\"SARAI_MUTANT\").as_deref() == Ok({:?}))", mutant.name);
            source = source.replacen(patch.find, &patch.replace.replace("MUTANT", &switch), 1);
        }
    }
    source
}

/// Builds the mutated copy; gives the program that simulates.
fn built() -> PathBuf {
    let tree = scratch().join("tree");
    fs::create_dir_all(&tree).unwrap();
    let files: Vec<&str> = MUTANTS.iter().flat_map(|mutant| mutant.patches).map(|patch| patch.file).collect();
    for part in [
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "domain",
        "ports",
        "application",
        "adapters",
        "apps",
        "fixtures",
        "tests",
    ] {
        let mutates = |path: &Path| files.iter().any(|file| path == root().join(file));
        copy(&root().join(part), &tree.join(part), &mutates).unwrap();
    }
    for file in files {
        write(&tree.join(file), mutated(file).into_bytes()).unwrap();
    }
    let target = scratch().join("target");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--package", "sarai-memory", "--example", "simulate"])
        .current_dir(&tree)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_DEV_DEBUG", "none")
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("debug/examples/simulate")
}

/// What the simulation says with a mutant switched on: the rule named first, and after how many seeds.
fn found(program: &Path, mutant: Option<&Mutant>) -> Option<(u64, String)> {
    let mut first = 1;
    while first <= SEEDS {
        let mut command = Command::new(program);
        command.args([first, STEP, PURCHASES].map(|number| number.to_string()));
        if let Some(mutant) = mutant {
            command.env("SARAI_MUTANT", mutant.name);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        if let Some(line) = text.lines().find(|line| line.starts_with("BREACH ")) {
            let (seed, rest) = line["BREACH ".len()..].split_once(' ').unwrap();
            let rule = rest.split(" | ").next().unwrap();
            return Some((seed.parse().unwrap(), rule.to_owned()));
        }
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        first += STEP;
    }
    None
}

#[test]
fn t05_every_mutant_is_found_and_named() {
    let program = built();
    let mut missed = Vec::new();
    for mutant in MUTANTS {
        match found(&program, Some(mutant)) {
            Some((seed, rule)) if mutant.found_as.contains(&rule.as_str()) => {
                println!("{}: seed {seed}, {rule}", mutant.name);
            }
            other => missed.push(format!("{}: {other:?}", mutant.name)),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:#?}");
    assert_eq!(found(&program, None), None, "without a mutant the same copy is sound");
}
