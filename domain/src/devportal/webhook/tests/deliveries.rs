//! The delivery: attempts, schedule, replay, the table.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{delivery::TRANSITIONS, *};

fn id(n: u128) -> WebhookDeliveryId {
    WebhookDeliveryId::new(Ulid(n))
}

fn begun() -> WebhookDelivery {
    begun_with(0)
}

fn begun_with(pretended_failures: u8) -> WebhookDelivery {
    let new = NewDelivery {
        id: id(1),
        endpoint_id: WebhookEndpointId::new(Ulid(1)),
        tenant_id: TenantId::from_static("acme"),
        environment: Environment::Production,
        sandbox_id: None,
        event_id: EventId::new(Ulid(5)),
        event_type: "devportal.key.revoked.v1".to_owned(),
        payload: WebhookPayload::try_new(r#"{"aggregateVersion":3}"#.to_owned()).unwrap(),
        pretended_failures,
    };
    WebhookDelivery::begin(new, at(0))
}

/// Ruling R10: a scenario's receiver fails as often as it is said to, then attempts leave; a replay leaves at once.
#[test]
fn a_pretended_receiver_fails_so_often_first() {
    let mut delivery = begun_with(2);
    for no in 1..=2 {
        let outcome = delivery.pretended().unwrap();
        let attempt = WebhookAttempt::new(no, at(0), 0, outcome);
        assert_eq!((attempt.http_status, attempt.fault), (Some(503), Some(DeliveryFault::HttpStatus)));
        assert_eq!(delivery.record(attempt, at(0)), Ok(Outcome::Applied));
        assert_eq!(
            delivery.data().next_at,
            Some(at(0).plus(Duration::seconds(1))),
            "it is well again in a second"
        );
    }
    assert_eq!(delivery.pretended(), None);
    let taken = AttemptOutcome::Answered { status: 204, text: None };
    assert_eq!(delivery.record(WebhookAttempt::new(3, at(0), 0, taken), at(0)), Ok(Outcome::Applied));
    assert_eq!(delivery.replay(id(2), at(1)).unwrap().pretended(), None);
}

fn stored(delivery: WebhookDelivery) -> WebhookDelivery {
    let changes = delivery.into_changes();
    let json = serde_json::to_string(&changes.data).unwrap();
    let data: WebhookDeliveryData = serde_json::from_str(&json).unwrap();
    assert_eq!(data, changes.data);
    assert!(changes.events.is_empty(), "its endpoint speaks for it");
    WebhookDelivery::rehydrate(data, vec![], changes.expected_version + 1).unwrap()
}

fn delivery_in(status: DeliveryStatus) -> WebhookDelivery {
    let mut delivery = begun();
    let _ = match status {
        DeliveryStatus::Pending => Ok(Outcome::Applied),
        DeliveryStatus::Delivered => delivery.record(attempt(1, 1, Ok(200)), at(1)),
        DeliveryStatus::Failed => delivery.abandon(at(1)),
    }
    .unwrap();
    stored(delivery)
}

/// Fails so many times.
fn failed_times(count: u32) -> WebhookDelivery {
    let mut delivery = begun();
    for no in 1..=count {
        let _ = delivery.record(attempt(no, i64::from(no), Ok(500)), at(i64::from(no))).unwrap();
    }
    stored(delivery)
}

#[test]
fn every_pair_of_status_and_action_agrees_with_the_table() {
    for status in DeliveryStatus::ALL {
        for action in DeliveryAction::ALL {
            let mut delivery = match (status, action) {
                (DeliveryStatus::Pending, DeliveryAction::Exhaust) => failed_times(9),
                _ => delivery_in(*status),
            };
            let before = WebhookDeliveryData { last_transition: None, ..delivery.data().clone() };
            delivery = WebhookDelivery::rehydrate(before.clone(), vec![], 1).unwrap();
            let no = delivery.next_no();
            let result = match action {
                DeliveryAction::Succeed => delivery.record(attempt(no, 20, Ok(299)), at(20)),
                DeliveryAction::Retry | DeliveryAction::Exhaust => {
                    delivery.record(attempt(no, 20, Ok(503)), at(20))
                }
                DeliveryAction::Refuse => {
                    delivery.record(attempt(no, 20, Err(DeliveryFault::TargetForbidden)), at(20))
                }
                DeliveryAction::Abandon => delivery.abandon(at(20)),
            };
            let edge = TRANSITIONS.iter().find(|edge| edge.from == *status && edge.action == *action);
            if let Some(edge) = edge {
                assert_eq!(
                    (result, delivery.data().status),
                    (Ok(Outcome::Applied), edge.to),
                    "{status:?} {action:?}"
                );
                assert_eq!(delivery.data().last_transition.as_ref().map(|last| last.action), Some(*action));
                stored(delivery);
            } else {
                assert_eq!(result.unwrap_err().code(), "webhook.invalid_transition", "{status:?} {action:?}");
                assert_eq!(*delivery.data(), before);
            }
        }
    }
    let pairs: BTreeSet<_> = TRANSITIONS.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(pairs.len(), TRANSITIONS.len());
    let dead = DeliveryStatus::ALL.iter().filter(|one| TRANSITIONS.iter().all(|edge| edge.from != **one));
    assert_eq!(dead.copied().collect::<Vec<_>>(), DeliveryStatus::TERMINAL);
}

#[test]
fn an_attempt_is_repeated_by_the_schedule_and_then_no_more() {
    let mut delivery = begun();
    assert_eq!(delivery.data().next_at, Some(at(0)), "the first is due at once");
    let mut now = at(0);
    let mut waits = Vec::new();
    while let Some(due) = delivery.data().next_at {
        waits.push(due.since(now).whole_seconds());
        now = due;
        let no = delivery.next_no();
        let outcome = AttemptOutcome::Failed(DeliveryFault::Connection);
        assert_eq!(delivery.record(WebhookAttempt::new(no, now, 5, outcome), now), Ok(Outcome::Applied));
        delivery = stored(delivery);
    }
    assert_eq!(waits, [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    assert_eq!((delivery.data().status, delivery.data().ended_at), (DeliveryStatus::Failed, Some(now)));
}

/// customer-portal.md 2: whoever asks for it again gets one attempt, whatever the first delivery still has before it.
#[test]
fn a_replay_is_one_attempt_and_says_nothing_of_its_endpoint() {
    let mut delivery = failed_times(2);
    assert_eq!(delivery.data().status, DeliveryStatus::Pending);
    assert!(delivery.data().is_failing());
    let mut replay = delivery.replay(id(2), at(3)).unwrap();
    assert_eq!(replay.data().next_at, Some(at(3)));
    assert_eq!(replay.replay(id(3), at(3)).unwrap_err(), WebhookError::StillPending);
    assert_eq!(replay.record(attempt(1, 4, Ok(503)), at(4)), Ok(Outcome::Applied));
    let replay = stored(replay);
    assert_eq!((replay.data().status, replay.data().next_at), (DeliveryStatus::Failed, None));
    assert!(!replay.data().is_failing());
    assert!(delivery.data().next_at.is_some(), "the first goes on by its schedule");
    let _ = delivery.record(attempt(3, 5, Ok(200)), at(5)).unwrap();
    assert!(!delivery.data().is_failing());
}

#[test]
fn w_inv_3_allows_the_same_webhook_id_over_retries_and_replays() {
    let mut delivery = failed_times(3);
    assert_eq!(delivery.data().webhook_id, id(1));
    let _ = delivery.record(attempt(4, 9, Ok(200)), at(9)).unwrap();
    let replay = stored(delivery.replay(id(2), at(10)).unwrap());
    let mut again = replay.clone();
    let _ = again.abandon(at(11)).unwrap();
    let again = stored(again.replay(id(3), at(12)).unwrap());
    for (one, of) in [(&replay, id(1)), (&again, id(2))] {
        assert_eq!((one.data().webhook_id, one.data().replay_of), (id(1), Some(of)));
        assert_eq!(one.data().payload, delivery.data().payload, "the same bytes");
        assert_eq!((one.data().attempts.len(), one.next_no()), (0, 1));
    }
}

#[test]
fn w_inv_3_rejects_an_id_of_its_own_for_what_is_no_first_delivery_and_attempts_out_of_turn() {
    let breach = |change: fn(&mut WebhookDeliveryData)| {
        let mut data = failed_times(2).data().clone();
        change(&mut data);
        WebhookDelivery::rehydrate(data, vec![], 1).unwrap_err().invariant()
    };
    assert_eq!(breach(|data| data.webhook_id = id(7)), Some(W_INV_3));
    assert_eq!(breach(|data| data.attempts[1].no = 3), Some(W_INV_3));
    let mut delivery = failed_times(2);
    let error = delivery.record(attempt(4, 9, Ok(200)), at(9)).unwrap_err();
    assert_eq!(error.invariant(), Some(W_INV_3));
    assert_eq!(
        delivery.record(attempt(2, 9, Ok(200)), at(9)),
        Ok(Outcome::AlreadyApplied),
        "the first counts"
    );
    assert_eq!(begun().replay(id(2), at(1)).unwrap_err(), WebhookError::StillPending);
}

#[test]
fn w_inv_6_rejects_another_attempt_after_a_forbidden_target_or_a_failed_certificate() {
    assert_eq!(W_INV_6.id, "W-INV-6");
    for fault in [DeliveryFault::TargetForbidden, DeliveryFault::Certificate, DeliveryFault::Gone] {
        let mut delivery = begun();
        let outcome = if fault == DeliveryFault::Gone { Ok(410) } else { Err(fault) };
        let _ = delivery.record(attempt(1, 1, outcome), at(1)).unwrap();
        let data = delivery.data();
        assert_eq!(
            (data.status, data.next_at, data.attempts[0].fault),
            (DeliveryStatus::Failed, None, Some(fault))
        );
        assert!(delivery.replay(id(2), at(2)).is_ok(), "another set of attempts is another matter");
    }
}

#[test]
fn w_inv_6_allows_what_may_pass_to_be_tried_again() {
    for outcome in [
        Ok(301),
        Ok(400),
        Ok(429),
        Ok(503),
        Err(DeliveryFault::Timeout),
        Err(DeliveryFault::NameUnknown),
        Err(DeliveryFault::Connection),
    ] {
        let mut delivery = begun();
        let _ = delivery.record(attempt(1, 1, outcome), at(1)).unwrap();
        assert_eq!(delivery.data().next_at, Some(at(1).plus(Duration::seconds(5))), "{outcome:?}");
    }
}

#[test]
fn of_an_answer_the_beginning_is_kept() {
    let kept = |text: &str| {
        let outcome = AttemptOutcome::Answered { status: 500, text: Some(text.to_owned()) };
        WebhookAttempt::new(1, at(0), 1, outcome).text_prefix
    };
    assert_eq!(kept("no\u{0}pe\n"), Some("nope".to_owned()));
    assert_eq!(kept(""), None);
    assert_eq!(kept(&"\u{6a9}".repeat(200)), Some("\u{6a9}".repeat(128)), "whole characters");
    let json = serde_json::to_value(attempt(1, 0, Err(DeliveryFault::NameUnknown))).unwrap();
    assert_eq!(json["error"], "NAME_UNKNOWN");
}

proptest! {
    #[test]
    fn every_walk_ends_and_keeps_the_rules(outcomes in prop::collection::vec(0_usize..12, 0..20), abandon: bool) {
        let mut delivery = begun();
        for (minute, outcome) in (1..).zip(outcomes) {
            let outcome = match outcome {
                0 => Ok(200),
                1 => Err(DeliveryFault::Certificate),
                _ => Ok(500),
            };
            let before = delivery.data().clone();
            let no = delivery.next_no();
            let result = delivery.record(attempt(no, minute, outcome), at(minute));
            prop_assert_eq!(result.is_ok(), before.status == DeliveryStatus::Pending);
            if result.is_err() {
                prop_assert_eq!(delivery.data(), &before);
            }
            prop_assert!(delivery.data().attempts.len() <= 10);
            delivery = stored(delivery);
        }
        if abandon {
            prop_assert_eq!(delivery.abandon(at(99)).is_ok(), delivery.data().ended_at.is_none() || delivery.data().ended_at == Some(at(99)));
        }
    }
}
