//! Who may depend on whom, and what every file and manifest owes the house.

use std::{fs, str::FromStr};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::{
    assert_none,
    source::{self, Source, lines_of, root},
};

/// What a package may name under `[dependencies]` and `[build-dependencies]`. A new dependency is a new
/// word in this table, so that somebody looks at it.
struct Allowed {
    package: &'static str,
    ours: &'static [&'static str],
    others: &'static [&'static str],
}

const fn allow(
    package: &'static str,
    ours: &'static [&'static str],
    others: &'static [&'static str],
) -> Allowed {
    Allowed { package, ours, others }
}

#[rustfmt::skip]
const ALLOWED: &[Allowed] = &[
    allow("sarai-domain", &[], &[
        // base64 and serde_json read the token of a lease, ed25519-dalek checks its signature; a statement's
        // chain hashes canonical JSON.
        "base64", "ed25519-dalek", "hkdf", "hmac", "idna", "iso_currency", "rust_decimal", "semver", "serde",
        "serde_json", "serde_json_canonicalizer", "sha2", "subtle", "thiserror", "time", "ulid",
        "unicode-normalization", "unicode-segmentation", "zeroize",
    ]),
    // zeroize: a secret that a page shows once is wiped with it.
    allow("sarai-ports", &["sarai-domain"], &["async-trait", "serde", "thiserror", "zeroize"]),
    allow("sarai-ports-mocks", &["sarai-domain", "sarai-ports"], &["async-trait", "mockall"]),
    // serde_json: the envelope's `data` is JSON, cut to its reader member by member.
    allow("sarai-application", &["sarai-domain", "sarai-ports"], &[
        "async-trait", "icu_calendar", "jiff", "metrics", "serde", "serde_json", "thiserror", "time", "tracing",
        "unicode-segmentation",
    ]),
    allow("sarai-memory", &["sarai-domain", "sarai-ports"], &["async-trait", "time"]),
    allow("sarai-sql", &["sarai-domain", "sarai-ports"], &[
        "async-trait", "serde", "serde_json", "time", "tokio", "tracing",
    ]),
    allow("sarai-postgres", &["sarai-domain", "sarai-ports", "sarai-sql"], &[
        "async-trait", "serde", "serde_json", "sqlx", "thiserror", "time", "tokio", "tracing",
    ]),
    allow("sarai-sqlite", &["sarai-domain", "sarai-ports", "sarai-sql"], &[
        "async-trait", "serde_json", "sqlx", "thiserror", "tokio", "tracing",
    ]),
    // hmac and sha2: answers about keys are remembered by the MAC of the key.
    allow("sarai-gateways", &["sarai-domain", "sarai-ports"], &[
        // hyper and tokio-rustls: calls of services on other machines, and the portal's of an API there.
        "async-trait", "hmac", "http-body-util", "hyper", "hyper-util", "rustls", "serde", "serde_json",
        "sha2", "thiserror", "tokio", "tokio-rustls", "url", "webpki-roots", "zeroize",
    ]),
    // hyper and tokio-rustls: a connection of our own, because what failed on it decides whether a code was sent.
    allow("sarai-senders", &["sarai-domain", "sarai-ports"], &[
        "async-trait", "hmac", "http-body-util", "hyper", "hyper-util", "lettre", "rusmpp", "rustls", "serde",
        "serde_json", "sha2", "thiserror", "tokio", "tokio-rustls", "tokio-stream", "tokio-util", "tracing",
        "url", "webpki-roots", "zeroize",
    ]),
    allow("sarai-services", &[], &["rcgen", "reqwest", "serde_json", "tokio", "tokio-rustls"]),
    allow("sarai-relay", &["sarai-domain", "sarai-ports"], &[
        "async-nats", "async-trait", "metrics", "tokio", "tokio-stream", "tokio-util", "tracing",
        // Webhooks: a connection that is looked at before it is made, which no client that makes its own would be.
        "bytes", "http-body-util", "hyper", "hyper-util", "thiserror", "tokio-rustls", "webpki-roots",
    ]),
    // Bodies on the wire are the clients'; sqlx keeps what they know. data-encoding and sha1: authenticators want
    // base 32 and HMAC-SHA-1; pdf-writer: invoices.
    allow("sarai-standins", &["sarai-domain", "sarai-gateways", "sarai-ports"], &[
        "argon2", "async-trait", "base64", "data-encoding", "ed25519-dalek", "hmac", "jsonwebtoken", "pdf-writer",
        "poem", "reqwest", "serde", "serde_json", "sha1", "sha2",
        "sqlx", "thiserror", "time", "tokio", "tokio-util", "tracing", "zeroize",
    ]),
    allow("sarai-system", &["sarai-domain", "sarai-ports"], &[
        // The vault: the AEAD of the web pages' cookie, too.
        "async-trait", "base64", "chacha20poly1305", "ed25519-dalek", "rand", "serde_json", "sha2", "thiserror", "time",
        "tokio", "ulid", "zeroize",
    ]),
    // pulldown-cmark reads the Markdown, ammonia is the second wall behind it.
    allow("sarai-markdown", &["sarai-ports"], &["ammonia", "pulldown-cmark"]),
    // hyper and rustls: requests to a service that speaks S3, over the TLS that the senders have.
    allow("sarai-artifacts", &["sarai-domain", "sarai-ports"], &[
        "async-trait", "http-body-util", "hyper", "hyper-util", "object_store", "rustls", "sha2", "tokio",
        "tokio-rustls", "tokio-stream", "webpki-roots",
    ]),
    allow("sarai-http", &["sarai-domain", "sarai-ports", "sarai-application"], &[
        "async-trait", "base64", "csv", "governor", "hmac", "jsonwebtoken", "metrics",
        "metrics-exporter-prometheus", "poem", "poem-openapi", "rust_decimal", "serde", "serde_json", "sha2",
        "subtle", "thiserror", "time", "tokio", "tokio-util", "tracing", "ulid",
    ]),
    // chacha20poly1305 seals cookies; brotli and flate2 compress; fluent-bundle and unic-langid are the catalogues; maud the pages.
    allow("sarai-web", &["sarai-domain", "sarai-ports", "sarai-application"], &[
        "base64", "brotli", "chacha20poly1305", "flate2", "fluent-bundle", "form_urlencoded", "maud", "poem", "serde",
        "serde_json", "sha2", "time", "tokio", "tracing", "unic-langid", "zeroize",
    ]),
    // The composition root.
    allow("sarai", &[
        "sarai-application", "sarai-artifacts", "sarai-domain", "sarai-gateways", "sarai-http", "sarai-markdown",
        "sarai-memory", "sarai-ports",
        "sarai-postgres", "sarai-relay", "sarai-sql", "sarai-sqlite",
        "sarai-application", "sarai-domain", "sarai-gateways", "sarai-http", "sarai-memory", "sarai-ports",
        "sarai-postgres", "sarai-relay", "sarai-senders", "sarai-sql", "sarai-sqlite",
        "sarai-standins", "sarai-system",
        "sarai-standins", "sarai-system", "sarai-web",
        // `sarai simulate` runs the simulation.
        "sarai-testkit",
    ], &[
        // sha2: the digest that the release key signs.
        "async-trait", "base64", "clap", "figment", "indicatif", "metrics", "metrics-exporter-prometheus",
        "mimalloc", "plotters", "reqwest", "serde", "serde_json", "sha2", "thiserror", "time", "tokio", "tokio-util", "toml", "tracing",
        "tracing-subscriber",
    ]),
    allow("sarai-bench", &["sarai-ports", "sarai-postgres", "sarai-relay", "sarai-services"], &[
        "async-trait", "base64", "ed25519-dalek", "serde_json", "tokio", "tokio-util",
    ]),
    // The SDK stands on its own: nothing of ours is in what we hand out.
    allow("sarai-sdk", &[], &["reqwest", "serde", "serde_json", "thiserror"]),
    allow("sarai-sdkgen", &[], &["serde_json"]),
    allow("xtask", &[], &[]),
    allow("sarai-fixtures", &[], &["serde", "toml"]),
    // The conformance suite runs over any adapter, so it knows none; test targets see adapters as
    // dev-dependencies.
    allow("sarai-testkit", &["sarai-application", "sarai-domain", "sarai-fixtures", "sarai-ports"], &[
        "async-trait", "ed25519-dalek", "proptest", "rand_chacha", "serde_json", "sha2", "time", "tokio",
    ]),
];

fn dependency_violations(packages: &[Package]) -> Vec<String> {
    let mut violations = Vec::new();
    for package in packages {
        let Some(allowed) = ALLOWED.iter().find(|allowed| package.name.as_str() == allowed.package) else {
            violations.push(format!("{} is not in the table of allowed dependencies", package.name));
            continue;
        };
        violations.extend(
            package
                .dependencies
                .iter()
                .filter(|dependency| {
                    matches!(dependency.kind, DependencyKind::Normal | DependencyKind::Build)
                })
                .filter(|dependency| {
                    let table = if dependency.path.is_some() { allowed.ours } else { allowed.others };
                    !table.contains(&dependency.name.as_str())
                })
                .map(|dependency| format!("{} may not depend on {}", package.name, dependency.name)),
        );
    }
    violations
}

fn feature_violations(packages: &[Package]) -> Vec<String> {
    let with_features = packages.iter().filter(|package| !package.features.is_empty());
    with_features
        .map(|package| format!("{} has cargo features: make a crate instead", package.name))
        .collect()
}

fn lint_violation(manifest: &str, text: &str) -> Option<String> {
    let inherits =
        toml::Table::from_str(text).ok().and_then(|table| table.get("lints")?.get("workspace")?.as_bool());
    (inherits != Some(true)).then(|| format!("{manifest} lacks `[lints] workspace = true`"))
}

/// The bounded contexts; what they share is in the kernel.
const CONTEXTS: [&str; 2] = ["marketplace", "devportal"];

fn context_violations(source: &Source) -> Vec<String> {
    let home = |context: &str| source.path.split('/').any(|part| part.trim_end_matches(".rs") == context);
    let foreign: Vec<&str> = if source.is_in("domain/src/kernel") {
        CONTEXTS.to_vec()
    } else if CONTEXTS.iter().any(|context| home(context)) {
        CONTEXTS.into_iter().filter(|context| !home(context)).collect()
    } else {
        return Vec::new();
    };
    let uses = foreign.iter().flat_map(|context| {
        lines_of(&source.tokens, &[context]).into_iter().map(move |line| (*context, line))
    });
    uses.map(|(context, line)| format!("{}:{line}: uses the context {context}", source.path)).collect()
}

fn opening_violation(source: &Source) -> Option<String> {
    (!source.text.starts_with("//! ")).then(|| format!("{} does not begin with `//! `", source.path))
}

fn float_violations(source: &Source) -> Vec<String> {
    let exact = ["domain", "application"].iter().any(|folder| source.is_in(folder));
    let floats = source.tokens.iter().filter(|token| {
        let number = token.text.starts_with(|first: char| first.is_ascii_digit());
        matches!(token.text.as_str(), "f32" | "f64")
            || number && (token.text.ends_with("f32") || token.text.ends_with("f64"))
    });
    let found = floats.map(|token| format!("{}:{}: floating point", source.path, token.line));
    if exact { found.collect() } else { Vec::new() }
}

/// Calls that clippy cannot forbid by type, the files where they are right all the same, and why not elsewhere.
const FORBIDDEN_CALLS: &[(&[&str], &[&str], &str)] = &[
    (&["Decimal", ":", ":", "from_str", "("], &[], "rounds silently: from_str_exact"),
    (&["parse", ":", ":", "<", "Decimal", ">"], &[], "rounds silently: from_str_exact"),
    (
        &["Ulid", ":", ":", "from_string"],
        // Both compare the text with the ULID's own spelling.
        &["domain/src/kernel/id.rs", "adapters/http/src/shape.rs"],
        "takes many spellings: parse an Id",
    ),
];

fn call_violations(source: &Source) -> Vec<String> {
    let forbidden = FORBIDDEN_CALLS.iter().filter(|(_, homes, _)| !homes.contains(&source.path.as_str()));
    forbidden
        .flat_map(|(words, _, reason)| {
            let lines = lines_of(&source.tokens, words).into_iter();
            lines.map(move |line| format!("{}:{line}: {} {reason}", source.path, words.concat()))
        })
        .collect()
}

/// The folders at the top, as ARCHITECTURE.md maps them.
const FOLDERS: [&str; 7] = ["adapters", "application", "apps", "domain", "fixtures", "ports", "tests"];

fn folder_violations(folders: &[String], ignored: &str) -> Vec<String> {
    let stray = folders.iter().filter(|name| {
        let untracked = ignored.lines().any(|line| line.trim_matches('/') == name.as_str());
        !name.starts_with('.') && !untracked && !FOLDERS.contains(&name.as_str())
    });
    stray.map(|name| format!("{name}/ is not a room of the house")).collect()
}

fn metadata() -> Metadata {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--locked".to_owned(), "--offline".to_owned()])
        .exec()
        .expect("cargo metadata runs");
    assert!(metadata.packages.len() >= FOLDERS.len(), "cargo metadata lists the workspace");
    metadata
}

fn source(path: &str, text: &str) -> Source {
    Source::new(path, text).expect("lexes")
}

/// The violations of `rule` over all Rust files.
fn everywhere<V: IntoIterator<Item = String>>(rule: impl Fn(&Source) -> V) -> Vec<String> {
    source::all().iter().flat_map(rule).collect()
}

#[test]
fn packages_depend_on_what_the_table_allows() {
    assert_none(&dependency_violations(&metadata().packages));
}

#[test]
fn a_forbidden_dependency_is_found() {
    let with = |name: &str, kind: DependencyKind, path: bool| {
        let mut packages = metadata().packages;
        let domain = packages.iter_mut().find(|package| package.name.as_str() == "sarai-domain");
        let dependencies = &mut domain.expect("the domain is a package").dependencies;
        let mut dependency = dependencies.first().expect("the domain has dependencies").clone();
        dependency.name = name.to_owned();
        dependency.kind = kind;
        dependency.path = path.then(|| "../ports".into());
        dependencies.push(dependency);
        dependency_violations(&packages).contains(&format!("sarai-domain may not depend on {name}"))
    };
    assert!(with("sqlx", DependencyKind::Normal, false));
    assert!(with("sqlx", DependencyKind::Build, false));
    assert!(with("sarai-ports", DependencyKind::Normal, true));
    assert!(
        with("serde", DependencyKind::Normal, true),
        "a crate of ours does not pass under another's name"
    );
    assert!(!with("sqlx", DependencyKind::Development, false));
    assert!(!with("serde", DependencyKind::Normal, false));
}

#[test]
fn a_package_missing_from_the_table_is_found() {
    let mut packages = metadata().packages;
    let known = packages.first().expect("a package");
    let json = serde_json::to_string(known).expect("serialises");
    let unknown = json.replace(known.name.as_str(), "sarai-new");
    packages.push(serde_json::from_str(&unknown).expect("deserialises"));
    let violation = "sarai-new is not in the table of allowed dependencies".to_owned();
    assert!(dependency_violations(&packages).contains(&violation));
}

#[test]
fn every_row_of_the_table_is_a_package() {
    let packages = metadata().packages;
    let gone =
        ALLOWED.iter().filter(|row| packages.iter().all(|package| package.name.as_str() != row.package));
    assert_none(&gone.map(|row| format!("{} is gone", row.package)).collect::<Vec<_>>());
}

#[test]
fn no_package_has_cargo_features() {
    let mut packages = metadata().packages;
    assert_none(&feature_violations(&packages));
    packages.first_mut().expect("a package").features.insert("extra".to_owned(), Vec::new());
    assert_eq!(feature_violations(&packages).len(), 1);
}

#[test]
fn every_manifest_inherits_the_lints() {
    let packages = metadata().packages;
    let violations = packages.iter().filter_map(|package| {
        let text = fs::read_to_string(&package.manifest_path).expect("readable");
        lint_violation(package.manifest_path.as_str(), &text)
    });
    assert_none(&violations.collect::<Vec<_>>());
    assert!(lint_violation("m", "[lints]\nworkspace = false").is_some());
    assert!(lint_violation("m", "[lints.rust]\nunsafe_code = \"deny\"").is_some());
    assert!(lint_violation("m", "[lints]\nworkspace = true").is_none());
}

#[test]
fn contexts_know_the_kernel_but_not_each_other() {
    assert_none(&everywhere(context_violations));
    for (path, text, count) in [
        ("domain/src/marketplace/order/mod.rs", "use crate::devportal::account::Account;", 1),
        ("domain/src/devportal/account/mod.rs", "use crate::{kernel::Id, marketplace::order};", 1),
        ("ports/src/devportal.rs", "fn a(b: sarai_domain::marketplace::Order) {}", 1),
        ("domain/src/kernel/id.rs", "use crate::marketplace::values;", 1),
        ("domain/src/marketplace/order/mod.rs", "// devportal\nuse crate::marketplace::values;", 0),
        ("application/src/app.rs", "use sarai_domain::{devportal, marketplace};", 0),
    ] {
        assert_eq!(context_violations(&source(path, text)).len(), count, "{path}");
    }
}

#[test]
fn every_rust_file_says_what_it_is() {
    assert_none(&everywhere(opening_violation));
    assert!(opening_violation(&source("a.rs", "use std::fmt;\n//! late")).is_some());
    assert!(opening_violation(&source("a.rs", "//! Early.\nuse std::fmt;")).is_none());
}

#[test]
fn domain_and_application_are_free_of_floats() {
    assert_none(&everywhere(float_violations));
    for (path, text, count) in [
        ("domain/src/a.rs", "fn a(b: f64) {}\nlet c = 1f32;", 2),
        ("application/src/a.rs", "let a = 2.5_f64 as u8;", 1),
        ("domain/src/a.rs", "// f64\nlet a = \"f32\"; let b = 0xf64u32;", 0),
        ("adapters/http/src/a.rs", "let a: f64 = 1.0;", 0),
    ] {
        assert_eq!(float_violations(&source(path, text)).len(), count, "{text}");
    }
}

#[test]
fn numbers_and_ids_are_parsed_exactly() {
    assert_none(&everywhere(call_violations));
    let text = "Decimal::from_str(a); b.parse::<Decimal>(); Ulid::from_string(c); Decimal::from_str_exact(d)";
    assert_eq!(call_violations(&source("adapters/http/src/a.rs", text)).len(), 3);
    assert_eq!(call_violations(&source("domain/src/kernel/id.rs", text)).len(), 2);
}

#[test]
fn the_top_has_the_mapped_folders_only() {
    let entries = fs::read_dir(root()).expect("readable").map(|entry| entry.expect("readable"));
    let folders: Vec<_> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let ignored = fs::read_to_string(root().join(".gitignore")).expect("readable");
    assert_none(&folder_violations(&folders, &ignored));
    let folders = ["domain", "target", "utils", ".git"].map(str::to_owned);
    assert_eq!(folder_violations(&folders, "/target\n"), ["utils/ is not a room of the house"]);
}
