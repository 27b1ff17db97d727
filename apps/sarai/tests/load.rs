//! The load of the crash tests against a server that nothing happens to: it finds no defect, and finds those
//! that are there.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use sarai_services::{
    SaraiProcess,
    load::{Load, Outcome},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_undisturbed_load_ends_as_it_was_answered() {
    let mut server = SaraiProcess::new(env!("CARGO_BIN_EXE_sarai")).unwrap().unlimited();
    server.start().unwrap();
    let log = server.dir().join("history.jsonl");
    let load = Load::open(&[server.url()], &log).await.unwrap();
    let count = load.run(20, Duration::from_secs(3)).await;
    let report = load.check(Duration::from_secs(20)).await.unwrap();
    assert!(count >= 20 && (report.unknown, report.refused) == (0, 0), "{report}");
    let statuses: Vec<&str> = report.ended.keys().map(String::as_str).collect();
    assert_eq!(statuses, ["failed", "fulfilled", "refunded"]);
    assert_eq!(report.ended.values().sum::<usize>() as u64, count);
    let lines = std::fs::read_to_string(&log).unwrap();
    assert!(lines.lines().count() >= 2 * report.done, "each is asked and answered");

    // An answer for an order that is not there: lost.
    let key = load.history().key(1_000, "place");
    load.history().note(&key, Outcome::Ok, Some("ord_lost"), "");
    let lost = load.check(Duration::from_secs(20)).await.unwrap_err();
    assert!(lost.contains("ord_lost is lost"), "{lost}");
    // An order nobody was answered: doubled.
    let key = load.history().key(0, "place");
    load.history().note(&key, Outcome::Fail, None, "forged");
    let doubled = load.check(Duration::from_secs(20)).await.unwrap_err();
    assert!(doubled.contains("0 placings are unknown, and there are"), "{doubled}");
}
