//! The document as committed: whoever changes the API sees the change in the diff of `openapi.json`.

use std::path::Path;

use sarai_fixtures::golden::{self, Mode, check_file};

#[test]
fn the_committed_document_is_current() {
    let document = sarai_http::openapi::document();
    golden::check("openapi.json", &document).expect("fixtures/golden/openapi.json is current");
}

#[test]
fn the_committed_golden_article_of_codes_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apps/sarai/docs/en/errors.md");
    let mode = Mode::from_env();
    check_file(&file, &sarai_http::codes::page(), mode).expect("the article lists every code");
}

#[test]
fn a_changed_document_is_drift() {
    let file = std::env::temp_dir().join(format!("sarai-openapi-{}.json", std::process::id()));
    let document = sarai_http::openapi::document();
    std::fs::write(&file, &document).expect("writable");
    assert!(check_file(&file, &document, Mode::Compare).is_ok());
    let other = document.replacen("\"refund.in_progress\"", "\"refund.on_its_way\"", 1);
    assert_ne!(other, document);
    assert!(check_file(&file, &other, Mode::Compare).is_err(), "a renamed code");
    std::fs::remove_file(&file).expect("removable");
}
