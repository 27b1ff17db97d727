//! What a store gives back: documents, rows, events, and what is refused of them.

use std::collections::BTreeMap;

use super::*;
use crate::kernel::breaches;

#[test]
fn documents_rows_and_events_survive_their_json() {
    let mut session = sent();
    let missed = wrong(&session);
    assert!(check(&mut session, &missed, 3).is_ok());
    let _ = session.advance(send(102), Trigger::Manual, &ring(), &after(40)).unwrap();
    let right = code(&session);
    assert!(check(&mut session, &right, 41).is_ok());
    for one in [sent(), session] {
        let json = serde_json::to_string(one.data()).unwrap();
        assert_eq!(&serde_json::from_str::<VerifySessionData>(&json).unwrap(), one.data());
        for row in one.rows.values() {
            let json = serde_json::to_string(row).unwrap();
            assert_eq!(&serde_json::from_str::<DeliveryAttempt>(&json).unwrap(), row);
        }
        for event in one.root.pending() {
            let json = serde_json::to_string(event).unwrap();
            assert_eq!(&serde_json::from_str::<VerifyEvent>(&json).unwrap(), event);
            assert!(event.topic().starts_with("devportal.verify."));
        }
        let rows: Vec<_> = one.rows.values().cloned().collect();
        assert!(breaches::<VerifySession>(one.data(), &rows).is_empty());
        let loaded = VerifySession::rehydrate(one.data().clone(), rows, 4).unwrap();
        assert_eq!((loaded.version(), loaded.moves().len()), (4, 0));
    }
}

#[test]
fn a_save_writes_the_document_the_changed_rows_and_the_facts() {
    let session = sent();
    let rows = session.rows.values().cloned().collect();
    let mut session = VerifySession::rehydrate(session.data().clone(), rows, 3).unwrap();
    let _ = session.resend(send(102), &ring(), &after(40)).unwrap();
    let changes = session.into_changes();
    assert_eq!((changes.expected_version, changes.rows.len(), changes.events.len()), (3, 1, 0));
}

#[test]
fn rows_that_do_not_belong_are_refused() {
    let session = sent();
    let row = session.send(id(101)).unwrap().clone();
    let cases = [
        DeliveryAttempt { verification_id: id(9), ..row.clone() },
        DeliveryAttempt { channel: Channel::Email, ..row.clone() },
        DeliveryAttempt { step: 1, channel: Channel::Voice, ..row.clone() },
        DeliveryAttempt { generation: 2, ..row.clone() },
    ];
    for bad in cases {
        let error = VerifySession::rehydrate(session.data().clone(), vec![bad], 1).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("verification.inconsistent", Kind::Unavailable));
    }
    assert!(VerifySession::rehydrate(session.data().clone(), vec![row.clone(), row.clone()], 1).is_err());
    assert!(!breaches::<VerifySession>(session.data(), &[]).is_empty(), "all rows are asked for");
    let stored = VerifySessionData { generation: 2, ..session.data().clone() };
    assert!(VerifySession::rehydrate(stored, vec![row], 1).is_err());
}

#[test]
fn notes_have_bounds() {
    let pairs = |count: usize, key: usize, value: usize| {
        (0..count).map(|n| (format!("{n:0key$}"), "x".repeat(value))).collect::<BTreeMap<_, _>>()
    };
    assert!(Metadata::try_new(pairs(10, 40, 200)).is_ok());
    for bad in
        [pairs(11, 2, 1), pairs(1, 41, 1), pairs(1, 1, 201), BTreeMap::from([(String::new(), String::new())])]
    {
        let error = Metadata::try_new(bad).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("verification.invalid_metadata", Kind::Invalid));
    }
    assert!(serde_json::from_str::<Metadata>(r#"{"":"x"}"#).is_err());
}

#[test]
fn v_inv_16_rejects_a_session_that_began_while_its_destination_had_to_wait() {
    let failures = FailureEvidence {
        consecutive: 10,
        last_failure_at: Some(after(-29).at),
        recent: 10,
        by_token: false,
    };
    let error =
        VerifySession::start(NewSession { failures, ..new_session() }, &ring(), &after(0)).unwrap_err();
    assert_eq!(error.invariant(), Some(V_INV_16));
    let locked = FailureEvidence { consecutive: 100, recent: 0, ..failures };
    let stored = VerifySessionData { failures: locked, ..sent().data().clone() };
    assert_eq!(VerifySession::rehydrate(stored, Vec::new(), 1).unwrap_err().invariant(), Some(V_INV_16));
}

#[test]
fn v_inv_16_allows_a_session_that_waited_or_was_challenged() {
    let waited = FailureEvidence {
        consecutive: 10,
        last_failure_at: Some(after(-30).at),
        recent: 10,
        by_token: false,
    };
    let challenged = FailureEvidence { last_failure_at: Some(after(-1).at), by_token: true, ..waited };
    for failures in [waited, challenged, FailureEvidence::default()] {
        assert!(
            VerifySession::start(NewSession { failures, ..new_session() }, &ring(), &after(0)).is_ok(),
            "{V_INV_16}"
        );
    }
}
