//! Secrets are compared in constant time (T31): no type of one has `==`, and a comparison takes the same time wherever
//! two hashes differ. None is shown by `{:?}` (T68): what holds one in clear says `[redacted]`, or nothing of it.

#![allow(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "a statistic of times, which is shown"
)]

use std::{hint::black_box, time::Instant};

use sarai_domain::{
    devportal::values::{
        CodeBinding, CodeHash, CodeLength, CodeSeed, Environment, PepperRing, SubmittedCode,
    },
    kernel::{Ulid, VerificationId},
};
use sarai_testkit::seed::setting;
use serde_json::json;

use crate::{
    assert_none,
    source::{self, Source, Token},
};

/// Types that hold a secret, or what a secret is compared with.
const SECRETS: &[&str] = &[
    "PlainCode",
    "SubmittedCode",
    "CodeSeed",
    "CodeHash",
    "PepperKeys",
    "PepperRing",
    "DestinationKey",
    "RawKey",
    "SecretKey",
    "KeyedHash",
    "SessionSecrets",
];
/// Looked at: what it consists of hides itself, and is compared in constant time, for the comparison of documents.
const LOOKED_AT: &[&str] = &["SessionSecrets"];

/// Derived and written comparisons of secrets.
fn comparisons(source: &Source) -> Vec<String> {
    let tokens: Vec<&Token> = source.tokens.iter().collect();
    let mut found = Vec::new();
    let mut derives: Vec<&str> = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let text = |ahead: usize| tokens.get(place + ahead).map_or("", |token| token.text.as_str());
        match token.text.as_str() {
            "derive" if place > 0 && tokens[place - 1].text == "[" => {
                let list = tokens[place + 1..].iter().map(|token| token.text.as_str());
                derives.extend(list.take_while(|text| *text != ")"));
            }
            "struct" | "enum" => {
                if SECRETS.contains(&text(1)) && derives.contains(&"PartialEq") {
                    found.push(format!("{}:{}: {} derives PartialEq", source.path, token.line, text(1)));
                }
                derives.clear();
            }
            "PartialEq" if text(1) == "for" => {
                let name = text(2);
                if SECRETS.contains(&name) && !LOOKED_AT.contains(&name) {
                    found.push(format!("{}:{}: {name} has ==", source.path, token.line));
                }
            }
            "fn" | "impl" | "mod" | "const" => derives.clear(),
            _ => {}
        }
    }
    found
}

/// Members that hold a secret in clear, when their type is a text.
const IN_CLEAR: &[&str] = &[
    "password",
    "secret",
    "raw_key",
    "access_token",
    "refresh_token",
    "signing_secret",
    "verification_token",
    "token",
];
/// What has a member of such a name that is no secret, and what belongs to others: what the SDK hands to its caller is the
/// caller's.
const NO_SECRETS: &[&str] = &[
    // Attestations, which are made to be handed on.
    "LeaseBody",
    "Leased",
    "Quoted",
    "SignedReceipt",
    "DeliveryReceipt",
    // Names of payments that do nothing.
    "TestToken",
];
const OTHERS: &[&str] = &["apps/sdk", "apps/bench", "tests"];

/// Types whose `{:?}` would show a secret: derived for one of [`SECRETS`], or for a type with a text of [`IN_CLEAR`]; written
/// without hiding anything.
fn shown(source: &Source) -> Vec<String> {
    let tokens = source.shipped_tokens();
    let mut found = Vec::new();
    let mut derived = false;
    for (place, token) in tokens.iter().enumerate() {
        let rest = &tokens[place..];
        let text = |ahead: usize| rest.get(ahead).map_or("", |token| token.text.as_str());
        match token.text.as_str() {
            "derive" => {
                let list = rest.iter().take_while(|token| token.text != ")");
                derived |= list.into_iter().any(|token| token.text == "Debug");
            }
            "struct" | "enum" => {
                let name = text(1);
                let item = &rest[..source::item_length(rest).min(rest.len())];
                let in_clear = (0..item.len()).any(|at| is_text_in_clear(&item[at..]));
                if derived
                    && (SECRETS.contains(&name) && !LOOKED_AT.contains(&name)
                        || in_clear && !NO_SECRETS.contains(&name))
                {
                    found.push(format!("{}:{}: {name} derives Debug", source.path, token.line));
                }
                derived = false;
            }
            "Debug" if text(1) == "for" && SECRETS.contains(&text(2)) => {
                let item = &rest[..source::item_length(rest).min(rest.len())];
                let hides =
                    |token: &Token| token.text.contains("redacted") || token.text == "finish_non_exhaustive";
                if !item.iter().any(hides) {
                    found.push(format!(
                        "{}:{}: the Debug of {} hides nothing",
                        source.path,
                        token.line,
                        text(2)
                    ));
                }
            }
            "fn" | "mod" | "const" | "impl" => derived = false,
            _ => {}
        }
    }
    found
}

/// Whether a member begins here that is a secret in clear.
fn is_text_in_clear(tokens: &[Token]) -> bool {
    let text = |ahead: usize| tokens.get(ahead).map_or("", |token| token.text.as_str());
    let of = |from: usize| match text(from) {
        // `&str`, `&'a str`.
        "&" => text(from + 1) == "str" || text(from + 1) == "'" && text(from + 3) == "str",
        other => other == "String",
    };
    IN_CLEAR.contains(&text(0)) && text(1) == ":" && (of(2) || text(2) == "Option" && text(3) == "<" && of(4))
}

#[test]
fn no_secret_is_shown_by_debug() {
    let ours = source::all().iter().filter(|source| !OTHERS.iter().any(|folder| source.is_in(folder)));
    let violations: Vec<String> = ours.filter(|source| !source.is_test_file()).flat_map(shown).collect();
    assert_none(&violations);
}

#[test]
fn a_debug_that_shows_a_secret_is_found() {
    let found = |text: &str| shown(&Source::new("a.rs", text).expect("lexes")).len();
    assert_eq!(found("#[derive(Debug)] pub struct PlainCode(String);"), 1);
    assert_eq!(found("#[derive(Clone, Debug)] struct A { b: u8, pub password: String }"), 1);
    assert_eq!(found("#[derive(Debug)] struct A { raw_key: Option<String> }"), 1);
    assert_eq!(found("#[derive(Debug)] struct A<'a> { token: &'a str }"), 1);
    assert_eq!(
        found(
            "#[derive(Debug)] struct A { password: SecretText } #[derive(Clone)] struct B { token: String }"
        ),
        0
    );
    assert_eq!(found("impl Debug for RawKey { fn fmt() { self.0.fmt(f) } }"), 1);
    assert_eq!(found("impl fmt::Debug for RawKey { fn fmt() { f.write_str(\"[redacted]\") } }"), 0);
}

#[test]
fn no_secret_is_compared_with_equals() {
    let violations: Vec<String> = source::all().iter().flat_map(comparisons).collect();
    assert_none(&violations);
}

#[test]
fn a_comparison_of_secrets_is_found() {
    let found = |text: &str| comparisons(&Source::new("a.rs", text).expect("lexes")).len();
    assert_eq!(found("#[derive(Clone, PartialEq)] pub struct PlainCode(String);"), 1);
    assert_eq!(found("impl PartialEq for CodeHash { }"), 1);
    assert_eq!(found("#[derive(Clone)] pub struct CodeHash; #[derive(PartialEq)] struct Other;"), 0);
}

/// Welch's t of two samples of times.
fn welch(one: &[f64], other: &[f64]) -> f64 {
    let mean = |sample: &[f64]| sample.iter().sum::<f64>() / sample.len() as f64;
    let spread = |sample: &[f64], mean: f64| {
        sample.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (sample.len() as f64 - 1.0)
    };
    let (first, second) = (mean(one), mean(other));
    let error = spread(one, first) / one.len() as f64 + spread(other, second) / other.len() as f64;
    (first - second) / error.sqrt()
}

/// The times of a comparison, without the slowest tenth: whatever else the machine did then.
fn trimmed(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times.truncate(times.len() * 9 / 10);
    times
}

/// T31. On a machine that others share the figure is advice; `SARAI_TIMING=1000000` measures it in full and holds it
/// below 4.5.
#[test]
fn a_hash_that_differs_early_or_late_takes_the_same_time() {
    let samples = setting("SARAI_TIMING", 20_000);
    let kid: sarai_domain::devportal::values::Kid = "k1".parse().expect("a name");
    let ring = PepperRing::try_new(kid.clone(), &[(kid.clone(), vec![7; 32].into())], true).expect("a ring");
    let binding = CodeBinding {
        environment: Environment::Production,
        verification_id: VerificationId::new(Ulid::from(7)),
        generation: 1,
    };
    let length = CodeLength::default();
    let plain = CodeSeed::new([1; 16]).code(&ring, &kid, 1, length).expect("a code");
    let typed = SubmittedCode::parse(plain.expose(), length).expect("its digits");
    let stored =
        serde_json::to_value(CodeHash::of(&plain, &ring, &kid, &binding).expect("a hash")).expect("JSON");
    // The hash with another first, or another last byte.
    let differing = |last: bool| -> CodeHash {
        let mut stored = stored.clone();
        let member = stored.as_object_mut().expect("an object").get_mut("hash").expect("a hash");
        let mut hex = member.as_str().expect("a text").to_owned();
        let place = if last { hex.len() - 2 } else { 0 };
        let byte = u8::from_str_radix(&hex[place..place + 2], 16).expect("hexadecimal") ^ 0xff;
        hex.replace_range(place..place + 2, &format!("{byte:02x}"));
        *member = json!(hex);
        serde_json::from_value(stored).expect("a hash")
    };
    let (early, late) = (differing(false), differing(true));
    let time = |hash: &CodeHash| {
        let begun = Instant::now();
        let right = black_box(hash.verify(&typed, &ring, &binding).expect("a key"));
        let took = begun.elapsed().as_nanos() as f64;
        assert!(!right);
        took
    };
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for _ in 0..samples {
        first.push(time(&early));
        last.push(time(&late));
    }
    let t = welch(&trimmed(first), &trimmed(last));
    println!("Welch's t of {samples} comparisons: {t:.2}");
    assert!(samples < 1_000_000 || t.abs() < 4.5, "t is {t:.2}");
}
