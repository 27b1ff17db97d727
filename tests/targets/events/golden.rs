//! The committed payloads and schemas: whoever changes an event sees it in the diff.

use std::{collections::BTreeSet, fs};

use sarai_application::published::{self, INBOUND, asyncapi, list, schema};
use sarai_fixtures::golden::{self, Mode, check_file};
use sarai_ports::Event;
use serde_json::Value;

use crate::{
    examples, inbound,
    payload::{data, errors, folder, load, published_schema, strict, validator},
};

/// Every file there is to be, and what is in it.
fn files() -> Vec<(String, String)> {
    let payloads =
        examples::all().into_iter().map(|example| (format!("{}.json", example.name), data(&example.event)));
    let taken = inbound::all().into_iter().map(|(topic, event)| (format!("inbound/{topic}.json"), event));
    let announced = published::announced().map(|event| (event.topic, schema::of_event(event)));
    let schemas = announced.chain(INBOUND.iter().map(|event| (event.topic, schema::of_inbound(event))));
    let schemas = schemas.map(|(topic, schema)| (format!("schemas/{topic}.json"), schema));
    let mut files: Vec<_> =
        payloads.chain(taken).chain(schemas).map(|(name, value)| (name, schema::text(&value))).collect();
    files.push(("README.md".to_owned(), list::markdown()));
    files
}

#[test]
fn golden_payloads_and_schemas_are_current() {
    for (name, text) in files() {
        check_file(&folder().join(&name), &text, Mode::from_env()).unwrap();
    }
}

#[test]
fn golden_asyncapi_document_is_current() {
    golden::check("asyncapi.json", &asyncapi::document()).unwrap();
}

#[test]
fn no_golden_is_left_over() {
    let known: BTreeSet<_> = files().into_iter().map(|(name, _)| name).collect();
    for part in ["", "schemas/", "inbound/"] {
        for entry in fs::read_dir(folder().join(part)).unwrap().map(Result::unwrap) {
            let name = format!("{part}{}", entry.file_name().to_string_lossy());
            assert!(entry.path().is_dir() || known.contains(&name), "nothing renders fixtures/events/{name}");
        }
    }
}

#[test]
fn every_topic_has_a_golden_payload() {
    let examples: Vec<_> = examples::all();
    let names: BTreeSet<_> = examples.iter().map(|example| example.name.as_str()).collect();
    assert_eq!(names.len(), examples.len(), "two examples share a file");
    for topic in Event::topics() {
        assert!(names.contains(topic), "{topic} has no golden payload");
    }
}

#[test]
fn golden_payloads_keep_loading() {
    for example in examples::all() {
        let file = folder().join(format!("{}.json", example.name));
        let stored: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(load(example.event.topic(), &stored).as_ref(), Ok(&example.event), "{}", example.name);
    }
}

#[test]
fn a_golden_payload_fits_its_schema_and_a_member_more_fits_only_the_published_one() {
    for example in examples::all() {
        let published = published_schema(example.event.topic());
        let (published, strict) = (validator(&published), validator(&strict(&published)));
        let mut data = data(&example.event);
        assert_eq!(errors(&strict, &data), [""; 0], "{}", example.name);
        assert!(published.is_valid(&data));
        data["addedLater"] = true.into();
        assert!(!strict.is_valid(&data), "{}: an undocumented member passes", example.name);
        assert!(published.is_valid(&data), "{}: members can be added within v1", example.name);
    }
}

#[test]
fn no_payload_is_large_or_holds_a_secret_or_a_card() {
    const SECRETS: [&str; 9] = ["secret", "password", "token", "hash", "card", "pan", "cvc", "iban", "email"];
    const PUBLIC: &[(&str, &str)] = &[
        // The head of a chain of lines.
        ("marketplace.statement.anchored.v1", "hash"),
        // Under a key that is not in the database.
        ("devportal.verify.requested.v1", "destinationhash"),
        ("devportal.verify.blocked.v1", "destinationhash"),
    ];
    for (name, text) in files() {
        assert!(text.len() < 256 * 1024, "{name} has {} bytes", text.len());
    }
    for example in examples::all() {
        visit(&data(&example.event), &mut |name, value| {
            let name = name.to_lowercase();
            let secret = SECRETS.iter().any(|secret| name.contains(secret));
            let public = PUBLIC.contains(&(example.event.topic(), name.as_str()));
            assert!(!secret || public, "{}: {name}", example.name);
            let digits = value.as_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(digits.is_none_or(|digits| digits.len() < 12), "{}: {name} may be a card", example.name);
        });
    }
}

/// Every member of every object.
fn visit(value: &Value, seen: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            seen(name, value);
            visit(value, seen);
        }),
        Value::Array(items) => items.iter().for_each(|item| visit(item, seen)),
        _ => {}
    }
}
