//! The endpoint: secrets, failures, the table.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn endpoint_in(status: EndpointStatus) -> WebhookEndpoint {
    let mut endpoint = endpoint();
    let _ = match status {
        EndpointStatus::Active => Ok(Outcome::Applied),
        EndpointStatus::Disabled => endpoint.disable(at(1)),
        EndpointStatus::Deleted => endpoint.delete(at(1)),
    }
    .unwrap();
    saved(endpoint)
}

fn drive(endpoint: &mut WebhookEndpoint, action: EndpointAction) -> Result<Outcome, WebhookError> {
    match action {
        EndpointAction::Disable => endpoint.disable(at(9)),
        EndpointAction::Enable => endpoint.enable(at(9)),
        EndpointAction::Delete => endpoint.delete(at(9)),
        // What an attempt does to an endpoint that is not active is nothing; the table says so by having no edge.
        EndpointAction::Gone => endpoint.stop(EndpointAction::Gone, DisabledReason::Gone, at(9)),
        EndpointAction::GiveUp => endpoint.stop(EndpointAction::GiveUp, DisabledReason::Failing, at(9)),
    }
}

#[test]
fn every_pair_of_status_and_action_agrees_with_the_table() {
    for status in EndpointStatus::ALL {
        for action in EndpointAction::ALL {
            let mut endpoint = endpoint_in(*status);
            endpoint.root.data.last_transition = None;
            let before = endpoint.data().clone();
            let result = drive(&mut endpoint, *action);
            let edge = TRANSITIONS.iter().find(|edge| edge.from == *status && edge.action == *action);
            if let Some(edge) = edge {
                assert_eq!((result, endpoint.data().status), (Ok(Outcome::Applied), edge.to));
                let told = endpoint.root.pending().len();
                assert_eq!(told, usize::from(edge.to == EndpointStatus::Disabled));
                assert_eq!(drive(&mut endpoint, *action), Ok(Outcome::AlreadyApplied));
                assert_eq!(endpoint.root.pending().len(), told);
                saved(endpoint);
            } else {
                assert_eq!(result.unwrap_err().code(), "webhook.invalid_transition", "{status:?} {action:?}");
                assert_eq!(*endpoint.data(), before);
            }
        }
    }
}

#[test]
fn the_table_is_sound() {
    let pairs: BTreeSet<_> = TRANSITIONS.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(pairs.len(), TRANSITIONS.len());
    let dead = EndpointStatus::ALL.iter().filter(|one| TRANSITIONS.iter().all(|edge| edge.from != **one));
    assert_eq!(dead.copied().collect::<Vec<_>>(), EndpointStatus::TERMINAL);
}

#[test]
fn w_inv_2_rejects_an_overlap_of_more_than_7_days() {
    for bad in [MAX_OVERLAP + Duration::SECOND, Duration::seconds(-1)] {
        let error = endpoint().rotate_secret(sealed("two"), bad, at(1)).unwrap_err();
        assert_eq!(facts(&error), ("webhook.overlap_out_of_range", Kind::Invalid, Some(W_INV_2)));
    }
    let mut rotated = endpoint();
    let _ = rotated.rotate_secret(sealed("two"), MAX_OVERLAP, at(1)).unwrap();
    let mut data = rotated.data().clone();
    data.previous.as_mut().unwrap().until = at(2).plus(MAX_OVERLAP);
    assert_eq!(WebhookEndpoint::rehydrate(data.clone(), vec![], 1).unwrap_err().invariant(), Some(W_INV_2));
    let without = WebhookEndpointData { secret: None, previous: None, ..data };
    assert_eq!(WebhookEndpoint::rehydrate(without, vec![], 1).unwrap_err().invariant(), Some(W_INV_2));
}

#[test]
fn w_inv_2_allows_both_secrets_until_the_end_of_the_overlap() {
    let mut endpoint = endpoint();
    assert_eq!(endpoint.rotate_secret(sealed("two"), MAX_OVERLAP, at(1)), Ok(Outcome::Applied));
    assert_eq!(endpoint.rotate_secret(sealed("two"), MAX_OVERLAP, at(2)), Ok(Outcome::AlreadyApplied));
    let endpoint = saved(endpoint);
    let signing = |now| endpoint.data().secrets(now).map(|one| one.sealed.clone()).collect::<Vec<_>>();
    let end = at(1).plus(MAX_OVERLAP);
    assert_eq!(signing(end.plus(Duration::microseconds(-1))), ["two", "one"]);
    assert_eq!(signing(end), ["two"]);
    let mut endpoint = endpoint;
    let _ = endpoint.rotate_secret(sealed("three"), Duration::ZERO, at(3)).unwrap();
    assert_eq!(endpoint.data().secrets(at(3)).count(), 1, "at once: the old one may be known to others");
    assert!(!format!("{:?}", endpoint.data()).contains("three"), "not even sealed");
    let _ = endpoint.delete(at(4)).unwrap();
    assert_eq!(saved(endpoint).data().secrets(at(4)).count(), 0);
}

#[test]
fn w_inv_5_rejects_more_events_to_an_endpoint_that_is_gone_or_failed_for_5_days() {
    assert_eq!(W_INV_5.id, "W-INV-5");
    let mut gone = endpoint();
    assert_eq!(gone.follow(&attempt(1, 5, Ok(410)), at(5)), Ok(Outcome::Applied));
    assert_eq!(gone.data().disabled_reason, Some(DisabledReason::Gone));

    let mut failing = endpoint();
    let days = |days: i64| days * 24 * 60;
    assert_eq!(failing.follow(&attempt(1, 0, Ok(500)), at(0)), Ok(Outcome::Applied));
    let late = attempt(9, days(5) - 1, Err(DeliveryFault::Timeout));
    assert_eq!(failing.follow(&late, at(days(5))), Ok(Outcome::AlreadyApplied));
    let mut failing = saved(failing);
    assert_eq!(failing.follow(&attempt(9, days(5), Ok(404)), at(days(5))), Ok(Outcome::Applied));
    assert_eq!(failing.data().disabled_reason, Some(DisabledReason::Failing));
    for endpoint in [gone, failing] {
        assert!(!endpoint.data().wants("devportal.key.revoked.v1"));
        let topics: Vec<_> = endpoint.root.pending().iter().map(DomainEvent::topic).collect();
        assert_eq!(topics, WebhookEvent::TOPICS);
        let json = serde_json::to_string(endpoint.root.pending()).unwrap();
        let events: Vec<WebhookEvent> = serde_json::from_str(&json).unwrap();
        assert_eq!(events, endpoint.root.pending());
    }
}

#[test]
fn w_inv_5_allows_an_endpoint_that_succeeds_in_between_and_one_that_is_enabled_again() {
    let mut endpoint = endpoint();
    assert_eq!(
        endpoint.follow(&attempt(1, 1, Ok(204)), at(1)),
        Ok(Outcome::AlreadyApplied),
        "nothing to save"
    );
    let _ = endpoint.follow(&attempt(1, 2, Ok(500)), at(2)).unwrap();
    let early = endpoint.follow(&attempt(1, 1, Ok(200)), at(3)).unwrap();
    assert_eq!(early, Outcome::AlreadyApplied, "it succeeded before it failed");
    let _ = endpoint.follow(&attempt(2, 4, Ok(200)), at(4)).unwrap();
    assert_eq!(endpoint.data().failing_since, None);
    let _ = endpoint.follow(&attempt(1, 5, Ok(410)), at(5)).unwrap();
    assert_eq!(endpoint.follow(&attempt(1, 6, Ok(410)), at(6)), Ok(Outcome::AlreadyApplied));
    assert_eq!(endpoint.enable(at(7)), Ok(Outcome::Applied));
    assert!(saved(endpoint).data().wants("devportal.key.revoked.v1"));
}

#[test]
fn w_inv_7_rejects_the_twenty_first_endpoint() {
    let foreign = EndpointsInUse { tenant_id: TenantId::from_static("rival"), ..in_use(0) };
    for seen in [in_use(20), foreign] {
        let error = WebhookEndpoint::create(new_endpoint(), seen, at(0)).unwrap_err();
        assert_eq!(facts(&error), ("webhook.limit_reached", Kind::Conflict, Some(W_INV_7)));
    }
    let data = WebhookEndpointData { in_use: in_use(20), ..endpoint().data().clone() };
    assert_eq!(WebhookEndpoint::rehydrate(data, vec![], 1).unwrap_err().invariant(), Some(W_INV_7));
}

#[test]
fn w_inv_7_allows_the_twentieth() {
    assert!(WebhookEndpoint::create(new_endpoint(), in_use(19), at(0)).is_ok());
}

#[test]
fn only_an_endpoint_of_sandboxes_is_bound_to_one() {
    let bound = |environment| {
        let sandbox_id = Some(SandboxId::new(Ulid(9)));
        let in_use = EndpointsInUse { environment, ..in_use(0) };
        WebhookEndpoint::create(NewEndpoint { environment, sandbox_id, ..new_endpoint() }, in_use, at(0))
    };
    let error = bound(Environment::Production).unwrap_err();
    assert_eq!(facts(&error), ("webhook.sandbox_misplaced", Kind::Invalid, None));
    assert!(bound(Environment::Sandbox).is_ok());
}

#[test]
fn an_edit_changes_what_its_owner_can_and_another_url_begins_anew() {
    let mut endpoint = endpoint();
    let _ = endpoint.follow(&attempt(1, 2, Ok(500)), at(2)).unwrap();
    let edit = EndpointEdit { events: EventFilter::All, ..EndpointEdit::from(endpoint.data()) };
    assert_eq!(endpoint.edit(edit.clone(), at(3)), Ok(Outcome::Applied));
    assert_eq!(endpoint.edit(edit.clone(), at(4)), Ok(Outcome::AlreadyApplied));
    assert!(endpoint.data().failing_since.is_some());
    let moved = EndpointEdit { url: "https://other.example".parse().unwrap(), ..edit.clone() };
    assert_eq!(endpoint.edit(moved, at(5)), Ok(Outcome::Applied));
    assert_eq!(endpoint.data().failing_since, None);
    let long = EndpointEdit { description: "x".repeat(201), ..edit.clone() };
    assert_eq!(endpoint.edit(long, at(6)), Err(WebhookError::Description));
    let _ = endpoint.delete(at(7)).unwrap();
    assert_eq!(endpoint.edit(edit, at(8)), Err(WebhookError::NotFound));
    assert_eq!(endpoint.rotate_secret(sealed("x"), Duration::ZERO, at(8)), Err(WebhookError::NotFound));
}

#[test]
fn an_ed25519_endpoint_and_no_other_has_a_public_key() {
    let keyed = SealedSecret { public_key: Some(Hex([7; 32])), ..sealed("key") };
    for (scheme, secret, good) in [
        (SignatureScheme::Ed25519, keyed.clone(), true),
        (SignatureScheme::Ed25519, sealed("key"), false),
        (SignatureScheme::Hmac, keyed, false),
    ] {
        let new = NewEndpoint { scheme, secret, ..new_endpoint() };
        assert_eq!(WebhookEndpoint::create(new, in_use(0), at(0)).is_ok(), good);
    }
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules_and_a_refusal_changes_nothing(
        steps in prop::collection::vec((0_usize..8, 0_i64..3_000, any::<bool>()), 1..40),
    ) {
        let mut endpoint = endpoint();
        let mut minute = 0;
        for (choice, minutes, flag) in steps {
            minute += minutes;
            let now = at(minute);
            let before = endpoint.data().clone();
            let result = match choice {
                0 => endpoint.follow(&attempt(1, minute, Ok(200)), now),
                1 | 2 => endpoint.follow(&attempt(1, minute, Err(DeliveryFault::Timeout)), now),
                3 => endpoint.rotate_secret(sealed(&minute.to_string()), Duration::minutes(minutes * 5), now),
                4 => endpoint.disable(now),
                5 => endpoint.enable(now),
                6 if minutes > 2_500 => endpoint.delete(now),
                _ => endpoint.edit(EndpointEdit { keep_answers: flag, ..EndpointEdit::from(&before) }, now),
            };
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(endpoint.data(), &before);
            }
            prop_assert_eq!(require::<WebhookEndpoint>(endpoint.data(), &[]), Ok(()));
            prop_assert!(endpoint.data().secrets(now).count() <= 2);
            if flag {
                endpoint = saved(endpoint);
            }
        }
    }
}
