//! Every invariant leads from its source's words to a guard, to tests on both sides of it, and to a code.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
};

use sarai_domain::{devportal, kernel::Invariant, marketplace};
use sarai_fixtures::{
    golden,
    invariants::{Audit, Entry},
};

use crate::{
    assert_none,
    source::{self, Source, Token, after, item_length, root},
};

/// What the sources say about invariants, by the name of their constants (`LI_INV_2`).
struct Trace {
    /// `file:line` of each place that names the constant to refuse something.
    guards: BTreeMap<String, Vec<String>>,
    tests: Vec<Test>,
    /// The error codes whose `Coded::invariant` is the constant.
    codes: BTreeMap<String, BTreeSet<String>>,
}

struct Test {
    name: String,
    /// `file:line`.
    place: String,
    /// The constants of invariants it names.
    asserts: BTreeSet<String>,
}

/// `LI-INV-2` is `LI_INV_2` in code.
fn constant(id: &str) -> String {
    id.replace('-', "_")
}

impl Trace {
    fn of(sources: &[Source], ids: &[&str]) -> Self {
        let constants: BTreeSet<String> = ids.iter().map(|id| constant(id)).collect();
        let mut trace = Self { guards: BTreeMap::new(), tests: Vec::new(), codes: BTreeMap::new() };
        for source in sources {
            if source.is_in("domain") || source.is_in("tests") {
                trace.tests.extend(tests_in(source, &constants));
            }
            let ships = source.is_in("domain/src") || source.is_in("ports/src");
            if !ships || source.is_test_file() || source.path.ends_with("/invariants.rs") {
                continue;
            }
            let shipped = without_declarations(&source.shipped_tokens());
            for token in shipped.iter().filter(|token| constants.contains(&token.text)) {
                let place = format!("{}:{}", source.path, token.line);
                trace.guards.entry(token.text.clone()).or_default().push(place);
            }
            for (constant, code) in codes_in(&shipped, &constants) {
                trace.codes.entry(constant).or_default().insert(code);
            }
        }
        trace
    }

    /// The tests of an invariant whose names go on with one of `verbs`.
    fn tests_that(&self, id: &str, verbs: &[&str]) -> Vec<&Test> {
        let prefix = constant(id).to_lowercase();
        let named = |name: &str| {
            let verb = name.strip_prefix(&prefix).and_then(|rest| rest.strip_prefix('_'));
            verb.is_some_and(|rest| {
                verbs.iter().any(|verb| rest == *verb || rest.starts_with(&format!("{verb}_")))
            })
        };
        self.tests.iter().filter(|test| named(&test.name)).collect()
    }

    /// What an invariant lacks.
    fn gaps(&self, entry: &Entry) -> Vec<String> {
        let mut gaps = Vec::new();
        let mut lacks = |missing: bool, what: &str| {
            if missing {
                gaps.push(format!("{} {what}", entry.id));
            }
        };
        let constant = constant(&entry.id);
        let prefix = constant.to_lowercase();
        let rejecting = self.tests_that(&entry.id, REJECTS);
        lacks(rejecting.is_empty(), &format!("has no test `{prefix}_rejects_…`"));
        lacks(self.tests_that(&entry.id, ALLOWS).is_empty(), &format!("has no test `{prefix}_allows_…`"));
        // A rule audited by code holds because nothing can express its breach: nothing refuses it.
        if entry.audit != Audit::Code {
            lacks(!self.guards.contains_key(&constant), "is named by no guard");
            let asserted = rejecting.iter().any(|test| test.asserts.contains(&constant));
            lacks(!asserted, &format!("is what no test `{prefix}_rejects_…` asserts: name {constant}"));
        }
        gaps
    }
}

const REJECTS: &[&str] = &["rejects", "refuses"];
const ALLOWS: &[&str] = &["allows", "accepts"];

/// The functions with a `#[test]` attribute of any crate, also inside macros.
fn tests_in(source: &Source, constants: &BTreeSet<String>) -> Vec<Test> {
    let mut found = Vec::new();
    let mut is_test = false;
    for (index, token) in source.tokens.iter().enumerate() {
        let rest = source.tokens.get(index..).unwrap_or_default();
        if let Some(attribute) = after(rest, &["#", "["]) {
            let path = attribute.iter().take_while(|token| !matches!(token.text.as_str(), "]" | "(" | "="));
            is_test |= path.last().is_some_and(|token| token.text == "test");
        } else if let (true, [_, name, ..]) = (is_test && token.text == "fn", rest) {
            let words = rest.iter().take(item_length(rest)).map(|token| token.text.clone());
            found.push(Test {
                name: name.text.clone(),
                place: format!("{}:{}", source.path, name.line),
                asserts: words.filter(|word| constants.contains(word)).collect(),
            });
            is_test = false;
        } else if matches!(token.text.as_str(), "}" | ";") {
            is_test = false;
        }
    }
    found
}

/// Without imports, state tables and lists of guards: they name invariants but refuse nothing.
fn without_declarations(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some((first, tail)) = rest.split_first() {
        let names = match (first.text.as_str(), rest.get(2..).unwrap_or_default()) {
            ("use", _) => true,
            ("const", of_type) => {
                ["Edge", "Invariant"].iter().any(|name| after(of_type, &[":", "&", "[", name]).is_some())
            }
            _ => false,
        };
        if names {
            rest = rest.get(item_length(rest)..).unwrap_or_default();
        } else {
            kept.push(first.clone());
            rest = tail;
        }
    }
    kept
}

/// Pairs of constant and error code: those that the match arms of one variant name.
fn codes_in(tokens: &[Token], constants: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut refused: Vec<(&str, &str)> = Vec::new();
    let mut coded: Vec<(&str, &str)> = Vec::new();
    let (mut pattern, mut variants) = (Vec::new(), Vec::new());
    for (index, token) in tokens.iter().enumerate() {
        let rest = tokens.get(index..).unwrap_or_default();
        if token.text == "fn" {
            pattern.clear();
            variants.clear();
        } else if after(rest, &["=", ">"]).is_some() {
            variants = std::mem::take(&mut pattern);
        } else if let Some([variant, ..]) = after(rest, &["Self", ":", ":"]) {
            pattern.push(variant.text.as_str());
        } else if constants.contains(&token.text) {
            refused.extend(variants.iter().map(|variant| (*variant, token.text.as_str())));
        } else if let Some(code) = code_in(&token.text) {
            coded.extend(variants.iter().map(|variant| (*variant, code)));
        }
    }
    let codes_of = |variant| coded.iter().filter(move |(of, _)| *of == variant).map(|(_, code)| *code);
    refused
        .iter()
        .flat_map(|(variant, constant)| {
            codes_of(*variant).map(|code| ((*constant).to_owned(), code.to_owned()))
        })
        .collect()
}

/// `order.no_lines` out of its literal.
fn code_in(literal: &str) -> Option<&str> {
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    let (aggregate, reason) = text.split_once('.')?;
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (word(aggregate) && word(reason)).then_some(text)
}

/// Every invariant of the code.
fn invariants() -> impl Iterator<Item = &'static Invariant> {
    [marketplace::invariants::ALL, devportal::invariants::ALL].into_iter().flatten()
}

fn registry() -> Vec<Entry> {
    sarai_fixtures::invariants::all().expect("fixtures/invariants.toml is a registry")
}

fn trace(sources: &[Source]) -> Trace {
    let ids: Vec<_> = invariants().map(|invariant| invariant.id).collect();
    Trace::of(sources, &ids)
}

/// The trace as Markdown.
fn render(trace: &Trace, entries: &[Entry]) -> String {
    let mut text =
        "# Where each invariant is kept\n\n| invariant | guards | tests | codes |\n|---|---|---|---|\n"
            .to_owned();
    let none = Vec::new();
    let nothing = BTreeSet::new();
    for entry in entries {
        let constant = constant(&entry.id);
        let guards = trace.guards.get(&constant).unwrap_or(&none).join("<br>");
        let tests = trace.tests_that(&entry.id, &[REJECTS, ALLOWS].concat());
        let tests: Vec<_> = tests.iter().map(|test| format!("{} ({})", test.name, test.place)).collect();
        let codes: Vec<_> = trace.codes.get(&constant).unwrap_or(&nothing).iter().cloned().collect();
        let row =
            [format!("**{}** {}", entry.id, entry.text), guards, tests.join("<br>"), codes.join("<br>")];
        let _ = writeln!(text, "| {} |", row.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
    text
}

/// Differences between the registry of the sources and that of the code.
fn registry_violations(entries: &[&str], constants: &[&str]) -> Vec<String> {
    let missing = |from: &[&str], of: &[&str], place: &str| -> Vec<String> {
        of.iter().filter(|id| !from.contains(id)).map(|id| format!("{id} is missing in {place}")).collect()
    };
    let mut violations = missing(entries, constants, "fixtures/invariants.toml");
    violations.extend(missing(constants, entries, "invariants.rs"));
    if violations.is_empty() && entries != constants {
        violations.push("invariants.toml and invariants.rs differ in order or repeat an id".to_owned());
    }
    violations
}

#[test]
fn the_code_knows_the_invariants_of_its_sources_and_no_others() {
    let entries = registry();
    let theirs: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let ours: Vec<_> = invariants().map(|invariant| invariant.id).collect();
    assert_none(&registry_violations(&theirs, &ours));
    for (theirs, ours) in [(["A", "B"], ["A", "C"]), (["A", "B"], ["B", "A"]), (["A", "A"], ["A", "B"])] {
        assert!(!registry_violations(&theirs, &ours).is_empty(), "{theirs:?} {ours:?}");
    }
}

/// Also writes the trace, where `SARAI_TRACE` names a file: `cargo xtask trace`.
#[test]
fn every_invariant_has_a_guard_and_tests_on_both_sides() {
    let (trace, entries) = (trace(source::all()), registry());
    if let Some(file) = env::var_os("SARAI_TRACE") {
        fs::write(file, render(&trace, &entries)).expect("writable");
    }
    assert_none(&entries.iter().flat_map(|entry| trace.gaps(entry)).collect::<Vec<_>>());
}

/// The ledger says what is uncovered, and it says nothing. Named golden, so that `cargo xtask golden` runs
/// it and shows that an update leaves it alone.
#[test]
fn golden_ledger_of_uncovered_invariants_is_true_and_empty() {
    let trace = trace(source::all());
    let entries = registry();
    let uncovered = entries.iter().filter(|entry| !trace.gaps(entry).is_empty());
    let rendered: String = uncovered.flat_map(|entry| [entry.id.as_str(), "\n"]).collect();
    let name = "uncovered_invariants.txt";
    golden::check(name, &rendered).expect("the ledger is true");
    let ledger = fs::read_to_string(root().join("fixtures/golden").join(name)).expect("the ledger exists");
    assert_eq!(ledger, "", "an invariant is uncovered: write its guard and its tests");
}

const GUARDED: &str = r#"//! A guard.
use crate::marketplace::invariants::LI_INV_2;
pub const TRANSITIONS: &[Edge<State, Action>] = { use State::A; &[Edge::new(A, B, C, &[LI_INV_3])] };
const SEATED: &[Invariant] = &[LI_INV_3];
impl Coded for LicenseError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSeats | Self::Full { .. } => "license.no_seats_remaining",
            Self::NotActive => { "license.not_active" }
        }
    }
    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::Full { .. } => Some(LI_INV_2),
            Self::NotActive => None,
        }
    }
}
#[cfg(test)]
mod tests { fn a() { assert_violates(LI_INV_3); } }
"#;
const TESTED: &str = "//! Tests.
#[test]
fn li_inv_2_rejects_assignment_when_no_seat_remains() { assert_violates(LI_INV_2, result); }
#[tokio::test(start_paused = true)]
async fn li_inv_2_allows_the_last_seat() {}
fn li_inv_3_rejects_nothing_since_it_is_no_test() {}
proptest! { #[test] fn li_inv_3_allows(seats in 1..9) {} }
";

fn sample(guards: &str, tests: &str) -> Trace {
    let files = [
        ("domain/src/marketplace/license/error.rs", guards),
        ("domain/src/marketplace/license/tests.rs", tests),
    ];
    Trace::of(&files.map(|(path, text)| Source::new(path, text).expect("lexes")), &["LI-INV-2", "LI-INV-3"])
}

fn entry(id: &str) -> Entry {
    registry().into_iter().find(|entry| entry.id == id).expect("in the registry")
}

#[test]
fn a_traced_invariant_leads_to_guard_tests_and_code() {
    let trace = sample(GUARDED, TESTED);
    assert_none(&trace.gaps(&entry("LI-INV-2")));
    let text = render(&trace, &[entry("LI-INV-2")]);
    for expected in [
        "domain/src/marketplace/license/error.rs:14",
        "li_inv_2_rejects_assignment_when_no_seat_remains (domain/src/marketplace/license/tests.rs:3)",
        "li_inv_2_allows_the_last_seat (domain/src/marketplace/license/tests.rs:5)",
        "| license.no_seats_remaining |",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn an_untraced_invariant_is_found() {
    let trace = sample(GUARDED, TESTED);
    // Named by an import, a table, a list of guards and a test only; and one test is none.
    let gaps = trace.gaps(&entry("LI-INV-3"));
    assert!(gaps.contains(&"LI-INV-3 has no test `li_inv_3_rejects_…`".to_owned()), "{gaps:?}");
    assert!(gaps.contains(&"LI-INV-3 is named by no guard".to_owned()), "{gaps:?}");
    let renamed = TESTED.replace("li_inv_2_allows", "li_inv_20_allows");
    assert_eq!(
        sample(GUARDED, &renamed).gaps(&entry("LI-INV-2")),
        ["LI-INV-2 has no test `li_inv_2_allows_…`"]
    );
    let unguarded = GUARDED.replace("Some(LI_INV_2)", "None");
    assert_eq!(sample(&unguarded, TESTED).gaps(&entry("LI-INV-2")), ["LI-INV-2 is named by no guard"]);
    let vague = TESTED.replace("LI_INV_2", "LI_INV_3");
    let gap = "LI-INV-2 is what no test `li_inv_2_rejects_…` asserts: name LI_INV_2";
    assert_eq!(sample(GUARDED, &vague).gaps(&entry("LI-INV-2")), [gap]);
}
