//! A case that is not on the list would run nowhere: this looks for one.

use std::{collections::BTreeSet, fs, path::Path};

/// Fewer cases than this would mean that part of the list was lost.
const AT_LEAST: usize = 200;

/// Files that hold no cases.
const NOT_CASES: &[&str] =
    &["lib", "harness", "list", "listed", "make", "make_portal", "model", "paging", "seed", "subject"];

/// The cases of a file: every `pub async fn` at the left margin.
fn cases(text: &str) -> Vec<&str> {
    let names = text.lines().filter_map(|line| line.strip_prefix("pub async fn "));
    names.filter_map(|rest| rest.split(['(', '<']).next()).collect()
}

/// What the list names under a file: the words in `file { … }`.
fn listed<'a>(list: &'a str, file: &str) -> BTreeSet<&'a str> {
    let opening = format!("; {file} {{");
    let blocks = list.split(&opening).skip(1);
    blocks
        .filter_map(|rest| rest.split('}').next())
        .flat_map(|names| names.split([',', ' ', '\n']))
        .filter(|name| !name.is_empty())
        .collect()
}

/// Cases that the list does not name.
fn missing(files: &[(String, String)], list: &str) -> Vec<String> {
    let of_file = |(file, text): &(String, String)| -> Vec<String> {
        let listed = listed(list, file);
        let missing = cases(text).into_iter().filter(|case| !listed.contains(case));
        missing.map(|case| format!("{file}::{case}")).collect()
    };
    files.iter().flat_map(of_file).collect()
}

fn suite() -> (Vec<(String, String)>, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|ending| ending == "rs") && !NOT_CASES.contains(&stem.as_str()) {
            files.push((stem, fs::read_to_string(&path).unwrap()));
        }
    }
    (files, fs::read_to_string(folder.join("list.rs")).unwrap())
}

#[test]
fn every_case_is_on_the_list() {
    let (files, list) = suite();
    assert_eq!(missing(&files, &list), [""; 0]);
}

#[test]
fn every_file_of_cases_has_some_and_the_list_is_long() {
    let (files, _) = suite();
    assert!(files.iter().all(|(_, text)| !cases(text).is_empty()));
    let generic = |file: &str| ["aggregates", "tenancy", "inbox", "claims"].contains(&file);
    let runs = |(file, text): &(String, String)| cases(text).len() * if generic(file) { 9 } else { 1 };
    let all: usize = files.iter().map(runs).sum();
    assert!(all >= AT_LEAST, "{all} cases");
}

#[test]
fn a_case_that_is_not_listed_is_found() {
    let text =
        "pub async fn kept(ports: &SuitePorts) {\npub async fn lost<S: Subject>(ports: &SuitePorts) {\n";
    let files = [("orders".to_owned(), text.to_owned())];
    let list = "$crate::cases! { $harness; orders { kept, kept_too } }\n$crate::cases! { $harness; quotes { lost } }";
    assert_eq!(missing(&files, list), ["orders::lost"]);
    assert_eq!(missing(&files, ""), ["orders::kept", "orders::lost"]);
    assert_eq!(missing(&files, "$harness; orders {\n lost,\n kept,\n}"), [""; 0]);
}
