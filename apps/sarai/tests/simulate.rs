//! `sarai simulate` as a user runs it: the exit code, the numbers, the page.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

/// A folder of this process's own, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sarai-simulate-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs it in the folder: exit code, standard output, standard error.
fn simulate(folder: &Folder, flags: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sarai"));
    command.current_dir(&folder.0).arg("simulate").args(flags.split_whitespace());
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The last word of the line that begins so.
fn row<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
    line.split_whitespace().next_back().unwrap_or_default()
}

/// Every element that is opened is closed, in order.
fn assert_well_formed(html: &str) {
    const VOID: [&str; 1] = ["meta"];
    let mut open = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").unwrap();
    while let Some((_, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "a quote is left open in <{tag}>");
        rest = after;
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> closes something else");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
}

#[test]
fn a_sound_run_prints_its_numbers_and_writes_page_and_json() {
    let folder = Folder::new("sound");
    let flags = "--seeds 2 --purchases 12 --traces --report page.html --json all.json";
    let (code, text, errors) = simulate(&folder, flags);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    assert_eq!((row(&text, "seeds "), row(&text, "purchases ")), ("2", "24"));
    assert!(text.contains("\nSOUND: Every rule held after every commit of 2 seeds"), "{text}");

    let json: Value = serde_json::from_str(&fs::read_to_string(folder.0.join("all.json")).unwrap()).unwrap();
    assert_eq!((&json["sound"], &json["totals"]["purchases"]), (&true.into(), &24.into()));
    for seed in json["seeds"].as_array().unwrap() {
        assert_eq!(row(&text, &format!("trace {} ", seed["seed"])), seed["trace"]);
    }
    let events = json["totals"]["events"].as_u64().unwrap();
    assert_eq!(row(&text, "events ").replace(',', ""), events.to_string());

    let page = fs::read_to_string(folder.0.join("page.html")).unwrap();
    assert_well_formed(&page);
    assert!(page.contains("<h1 class=\"sound\">SOUND</h1>"));
    for alien in ["http:", "https:", "<script", "url(", "@import", "src="] {
        assert!(!page.contains(alien), "{alien} is in the page");
    }
    for chart in [
        "Purchases per second",
        "Orders by outcome",
        "Purchases by state",
        "From placed to fulfilled",
        "Faults by kind",
        "Rules checked",
    ] {
        assert!(page.contains(&format!(">{chart}</title>")), "{chart} is missing");
    }
    assert_eq!(page.matches("<svg ").count(), page.matches("<table>").count());
    assert!(!page.contains("\"#"), "a colour is not the style sheet's");
}

#[test]
fn a_seed_prints_the_same_trace_again() {
    let folder = Folder::new("again");
    let trace = |flags: &str| row(&simulate(&folder, flags).1, "trace 7 ").to_owned();
    let first = trace("--first-seed 7 --seeds 1 --purchases 8 --traces");
    assert_eq!(first.len(), 64);
    assert_eq!(trace("--first-seed 6 --seeds 2 --purchases 8 --traces --threads 2"), first);
    assert_ne!(trace("--first-seed 7 --seeds 1 --purchases 8 --traces --faults none"), first);
}

#[test]
fn wrong_usage_is_said_before_anything_runs() {
    let folder = Folder::new("usage");
    for (flags, code, said) in [
        ("--seeds 0", 2, "'--seeds <SEEDS>'"),
        ("--threads 0", 2, "'--threads <THREADS>'"),
        ("--faults some", 2, "possible values: swarm, all, none"),
        ("--first-seed 18446744073709551615", 1, "not that many seeds"),
        ("--seeds 1 --purchases 1 --json no/such/folder", 1, "no/such/folder: "),
    ] {
        let (ended, _, errors) = simulate(&folder, flags);
        assert_eq!(ended, Some(code), "{flags}: {errors}");
        assert!(errors.contains(said), "{flags}: {errors}");
    }
}
