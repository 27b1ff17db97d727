//! The three catalogues against each other, and against the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::*;

/// Sentences of a catalogue with the values they name.
fn sentences(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (mut all, mut id) = (BTreeMap::<String, BTreeSet<String>>::new(), String::new());
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            name.clone_into(&mut id);
            assert!(all.insert(id.clone(), BTreeSet::new()).is_none(), "{id} is there twice");
        }
        let values = line
            .split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(|character| character.is_alphanumeric()).collect::<String>());
        all.entry(id.clone()).or_default().extend(values);
    }
    all.remove("");
    all
}

#[test]
fn every_language_has_every_sentence_with_the_same_values() {
    let english = sentences(SOURCES[0].2);
    assert!(english.len() > 200);
    for (locale, tag, source) in SOURCES {
        FluentResource::try_new(source.to_owned()).unwrap_or_else(|(_, errors)| panic!("{tag}: {errors:?}"));
        let own = sentences(source);
        for (id, values) in &english {
            assert_eq!(own.get(id), Some(values), "{tag}: {id}");
        }
        assert_eq!(own.len(), english.len(), "{tag} has sentences that English lacks");
        let catalogue = Catalogue::new();
        let words = catalogue.of(locale, Digits::Native).unwrap();
        assert!(own.keys().all(|id| words.has(id) && !words.say(id, &[("n", "1")]).is_empty()), "{tag}");
    }
}

#[test]
fn pashto_and_dari_are_written_in_their_script() {
    // Names, and what is the same everywhere.
    let latin = ["product", "filter-day-hint"];
    for (_, tag, source) in &SOURCES[1..] {
        let catalogue = Catalogue::new();
        let words = catalogue.0.iter().find(|words| *tag == crate::shell::tag(words.locale)).unwrap();
        for id in sentences(source).keys().filter(|id| !latin.contains(&id.as_str())) {
            let text = words.say(id, &[("n", "1")]);
            assert!(text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c)), "{tag}: {id} = {text}");
        }
    }
}

/// Every file of code that says sentences.
fn code(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            code(&entry, text);
        } else if entry.extension().is_some_and(|ending| ending == "rs") && !entry.ends_with("words_tests.rs")
        {
            text.push_str(&fs::read_to_string(entry).unwrap());
        }
    }
}

#[test]
fn every_sentence_is_said_somewhere() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    code(&here.join("src"), &mut text);
    code(&here.join("../../application/src/customer_portal"), &mut text);
    // Put together from a status, a code, a choice.
    let made = [
        "status-",
        "scope-",
        "trouble-",
        "fault-",
        "cal-",
        "digits-",
        "theme-",
        "key-overlap-",
        "range-",
        "way-",
        "event-",
        "reason-",
        "outcome-",
        "events-",
        "channel-",
        "purpose-",
        "failure-",
        "entry-",
        "action-",
        "scenario-",
        "clock-",
        "life-",
        "section-",
        "doctor-step-",
        "doctor-finding-",
        "replay-days-",
    ];
    let unused: Vec<String> = sentences(SOURCES[0].2)
        .into_keys()
        .filter(|id| !text.contains(&format!("\"{id}\"")) && !made.iter().any(|start| id.starts_with(start)))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn plurals_choose_by_number_and_show_what_was_formatted() {
    let catalogue = Catalogue::new();
    let say = |locale, n, count| {
        let words = catalogue.of(locale, Digits::Native).unwrap();
        words.say("keys-revoked", &[("n", n), ("count", count)])
    };
    assert!(say(Locale::En, "1", "1").contains("key") && !say(Locale::En, "1", "1").contains("keys"));
    assert!(say(Locale::En, "2", "2").contains("keys"));
    assert!(say(Locale::Fa, "2", "۲").contains('۲'));
}

#[test]
fn whoever_chose_latin_digits_reads_them_in_every_sentence() {
    let catalogue = Catalogue::new();
    let native = |text: &str| text.contains(|c| matches!(c, '\u{660}'..='\u{66c}' | '\u{6f0}'..='\u{6f9}'));
    for (locale, tag, source) in SOURCES {
        let words = catalogue.of(locale, Digits::Latin).unwrap();
        for id in sentences(source).keys() {
            let text = words.say(id, &[("n", "2"), ("count", "2")]);
            assert!(!native(&text), "{tag}: {id} = {text}");
        }
        let shown = native(&catalogue.of(locale, Digits::Native).unwrap().say("sms-body-hint", &[]));
        assert_eq!(shown, locale != Locale::En, "{tag}");
    }
    let seed = |digits| catalogue.of(Locale::Fa, digits).unwrap().say("error-sandbox-seed", &[]);
    assert!(seed(Digits::Native).contains("۰ تا ۱۸۴۴۶۷۴۴۰۷۳۷۰۹۵۵۱۶۱۵"));
    assert!(seed(Digits::Latin).contains("0 تا 18446744073709551615"));
}
