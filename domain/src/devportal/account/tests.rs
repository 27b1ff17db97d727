//! Tests of the account: each invariant on both sides, the table against the aggregate, random walks.

use proptest::prelude::*;
use ulid::Ulid;

use super::*;
use crate::{
    devportal::invariants::{A_INV_1, A_INV_2, A_INV_3, A_INV_4, A_INV_5, A_INV_6},
    kernel::{Coded, DomainEvent, Edge, Invariant, Kind},
};

const TERMS: &str = "2026-01";

fn at(minute: i64) -> Timestamp {
    "2026-04-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(time::Duration::minutes(minute))
}

fn registered() -> DeveloperAccount {
    let new = NewAccount {
        id: DeveloperAccountId::new(Ulid(1)),
        auth_account_id: "acc-1".parse().unwrap(),
        tenant_id: "acme".parse().unwrap(),
        display_name: "Amina".parse().unwrap(),
        locale: crate::devportal::values::Locale::Fa,
        mirror: Mirror { seq: 1, contact_email: Some("amina@example.com".to_owned()), ..Mirror::default() },
    };
    DeveloperAccount::register(new, at(0)).unwrap()
}

/// As a store hands it back.
fn saved(account: DeveloperAccount) -> DeveloperAccount {
    let changes = account.into_changes();
    let json = serde_json::to_string(&changes.data).unwrap();
    let data: DeveloperAccountData = serde_json::from_str(&json).unwrap();
    assert_eq!(data, changes.data);
    DeveloperAccount::rehydrate(data, vec![], changes.expected_version + 1).unwrap()
}

fn keys(count: u32) -> ActiveKeys {
    ActiveKeys { account_id: DeveloperAccountId::new(Ulid(1)), count }
}

fn account_in(state: AccountState) -> DeveloperAccount {
    let mut account = saved(registered());
    let _ = match state {
        AccountState::Active => Ok(Outcome::Applied),
        AccountState::Suspended => account.suspend("fraud", at(1)),
        AccountState::Closed => account.close(keys(0), at(1)),
    }
    .unwrap();
    saved(account)
}

fn drive(account: &mut DeveloperAccount, action: AccountAction) -> Result<Outcome, AccountError> {
    match action {
        AccountAction::Suspend => account.suspend("chargebacks", at(5)),
        AccountAction::Reinstate => account.reinstate(at(5)),
        AccountAction::Close => account.close(keys(0), at(5)),
    }
}

/// Everything production needs.
fn ready() -> DeveloperAccount {
    let mut account = registered();
    let seen = Mirror { seq: 2, email_verified: Some(true), mfa_enrolled: Some(true), ..Mirror::default() };
    let _ = account.mirror(&seen, at(1)).unwrap();
    let _ = account.accept_terms(TERMS, TERMS, at(2)).unwrap();
    account
}

fn refused(result: Result<(), AccountError>) -> (&'static str, Kind, Option<Invariant>) {
    let error = result.unwrap_err();
    (error.code(), error.kind(), error.invariant())
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for state in AccountState::ALL {
        for action in AccountAction::ALL {
            let mut account = account_in(*state);
            account.root.data.last_transition = None;
            let before = account.data().clone();
            let result = drive(&mut account, *action);
            let edge = TRANSITIONS.iter().find(|edge| edge.from == *state && edge.action == *action);
            if let Some(Edge { to, .. }) = edge {
                assert_eq!((result, account.data().state), (Ok(Outcome::Applied), *to));
                assert_eq!(account.root.pending().len(), 1);
                assert_eq!(drive(&mut account, *action), Ok(Outcome::AlreadyApplied));
                assert_eq!(account.root.pending().len(), 1);
            } else {
                assert_eq!(result.unwrap_err().code(), "account.invalid_transition", "{state:?} {action:?}");
                assert_eq!(*account.data(), before);
                assert!(account.root.pending().is_empty());
            }
        }
    }
}

#[test]
fn a_inv_1_rejects_a_second_account_of_an_identity() {
    let error = AccountError::AlreadyRegistered;
    assert_eq!((error.kind(), error.invariant()), (Kind::Conflict, Some(A_INV_1)));
}

#[test]
fn a_inv_1_allows_no_command_to_reassign_it() {
    let mut account = ready();
    let identity = account.data().auth_account_id.clone();
    for action in AccountAction::ALL {
        let _ = drive(&mut account, *action);
        assert_eq!(account.data().auth_account_id, identity);
    }
}

#[test]
fn a_inv_2_rejects_every_field_that_could_hold_a_secret() {
    assert_eq!(A_INV_2.id, "A-INV-2");
    let json = serde_json::to_value(ready().data()).unwrap();
    for name in json.as_object().unwrap().keys() {
        let name = name.to_lowercase();
        for secret in ["password", "secret", "token", "totp", "hash", "recovery", "credential"] {
            assert!(!name.contains(secret), "{name}");
        }
    }
}

#[test]
fn a_inv_2_allows_whether_a_second_factor_is_there_and_which_is_preferred() {
    let json = serde_json::to_value(ready().data()).unwrap();
    assert_eq!((&json["mfaEnrolled"], &json["mfaPreference"]), (&true.into(), &"NONE".into()));
}

#[test]
fn a_inv_3_rejects_closing_with_active_keys_and_any_way_back() {
    let mut account = registered();
    let error = account.close(keys(1), at(1)).unwrap_err();
    assert_eq!((error.code(), error.invariant()), ("account.keys_active", Some(A_INV_3)));
    let foreign = ActiveKeys { account_id: DeveloperAccountId::new(Ulid(2)), count: 0 };
    assert_eq!(account.close(foreign, at(1)).unwrap_err().invariant(), Some(A_INV_3));

    let mut closed = account_in(AccountState::Closed);
    let edit = ProfileEdit::from(closed.data());
    assert_eq!(closed.edit(edit, at(2)).unwrap_err().invariant(), Some(A_INV_3));
    assert_eq!(closed.accept_terms(TERMS, TERMS, at(2)), Err(AccountError::Closed));
    let enabled = Mirror { seq: 9, disabled: Some(false), ..Mirror::default() };
    assert_eq!(closed.mirror(&enabled, at(2)), Ok(Outcome::AlreadyApplied));

    let data = DeveloperAccountData { keys_when_closed: Some(1), ..closed.data().clone() };
    assert_eq!(DeveloperAccount::rehydrate(data, vec![], 1).unwrap_err().invariant(), Some(A_INV_3));
}

#[test]
fn a_inv_3_allows_closing_without_keys_also_while_suspended() {
    for state in [AccountState::Active, AccountState::Suspended] {
        let mut account = account_in(state);
        assert_eq!(account.close(keys(0), at(3)), Ok(Outcome::Applied));
        assert_eq!(account.close(keys(7), at(4)), Ok(Outcome::AlreadyApplied));
        let account = saved(account);
        assert_eq!(
            (account.data().state, account.data().suspended_reason.as_ref()),
            (AccountState::Closed, None)
        );
    }
}

#[test]
fn a_inv_4_rejects_creating_for_a_suspended_account() {
    let account = account_in(AccountState::Suspended);
    let standing = account.standing(TERMS, at(2));
    assert_eq!(refused(standing.require_active()), ("account.suspended", Kind::Forbidden, Some(A_INV_4)));
    let closed = account_in(AccountState::Closed).standing(TERMS, at(2));
    assert_eq!(closed.require_active(), Err(AccountError::Closed));
}

#[test]
fn a_inv_4_allows_an_active_account_and_reading_for_a_suspended_one() {
    assert_eq!(registered().standing(TERMS, at(2)).require_active(), Ok(()));
    let mut account = account_in(AccountState::Suspended);
    let edit = ProfileEdit { company_name: "Acme".parse().ok(), ..ProfileEdit::from(account.data()) };
    assert_eq!(account.edit(edit.clone(), at(2)), Ok(Outcome::Applied), "its own data stay its own");
    assert_eq!(account.edit(edit, at(2)), Ok(Outcome::AlreadyApplied));
}

#[test]
fn a_inv_5_rejects_production_without_each_of_its_four_needs() {
    let good = ready().standing(TERMS, at(3));
    for (standing, code) in [
        (AccountStanding { email_verified: false, ..good.clone() }, "account.email_not_verified"),
        (AccountStanding { mfa_enrolled: false, ..good.clone() }, "account.mfa_required"),
        (AccountStanding { terms_version: None, ..good.clone() }, "account.terms_required"),
        (AccountStanding { current_terms: "2026-02".to_owned(), ..good.clone() }, "account.terms_required"),
    ] {
        assert_eq!(refused(standing.require_production()), (code, Kind::Forbidden, Some(A_INV_5)));
    }
    let suspended = AccountStanding { state: AccountState::Suspended, ..good };
    assert_eq!(suspended.require_production(), Err(AccountError::Suspended));
}

#[test]
fn a_inv_5_allows_production_with_all_four() {
    assert_eq!(ready().standing(TERMS, at(3)).require_production(), Ok(()));
    let mut account = ready();
    let outdated = account.accept_terms("2025-01", TERMS, at(3)).unwrap_err();
    assert_eq!((outdated.code(), outdated.kind()), ("account.terms_version_outdated", Kind::Conflict));
    assert_eq!(account.accept_terms(TERMS, TERMS, at(3)), Ok(Outcome::AlreadyApplied));
}

#[test]
fn a_inv_6_rejects_an_event_that_is_not_later_than_the_last() {
    assert_eq!(A_INV_6.id, "A-INV-6");
    let mut account = ready();
    let before = account.data().clone();
    for seq in [0, 1, 2] {
        let late = Mirror { seq, email_verified: Some(false), disabled: Some(true), ..Mirror::default() };
        assert_eq!(account.mirror(&late, at(9)), Ok(Outcome::AlreadyApplied));
        assert_eq!(*account.data(), before);
    }
}

#[test]
fn a_inv_6_allows_a_later_event_to_change_what_it_names() {
    let mut account = ready();
    let seen = Mirror { seq: 7, mfa_enrolled: Some(false), ..Mirror::default() };
    assert_eq!(account.mirror(&seen, at(9)), Ok(Outcome::Applied));
    let data = account.data();
    assert_eq!((data.mfa_enrolled, data.email_verified, data.mirrored_seq), (false, true, 7));
    assert_eq!(data.contact_email, "amina@example.com");
}

#[test]
fn the_auth_service_takes_back_its_own_suspension_and_no_other() {
    let disabled = |seq, disabled| Mirror { seq, disabled: Some(disabled), ..Mirror::default() };
    let mut account = registered();
    assert_eq!(account.mirror(&disabled(2, true), at(1)), Ok(Outcome::Applied));
    assert_eq!(account.data().suspended_reason.as_deref(), Some("identity_disabled"));
    assert_eq!(account.mirror(&disabled(3, false), at(2)), Ok(Outcome::Applied));
    assert_eq!(account.data().state, AccountState::Active);

    let mut account = account_in(AccountState::Suspended);
    assert_eq!(account.mirror(&disabled(2, true), at(2)), Ok(Outcome::Applied));
    assert_eq!(account.mirror(&disabled(3, false), at(3)), Ok(Outcome::Applied));
    assert_eq!(account.data().state, AccountState::Suspended, "staff suspended it");
}

#[test]
fn bad_texts_are_refused() {
    let mut account = registered();
    for bad in ["", "a\nb", &"x".repeat(501)] {
        assert_eq!(account.suspend(bad, at(1)), Err(AccountError::Reason));
    }
    for bad in ["", "amina", "@example.com", "amina@", "a@b@c", "a b@c", &format!("{}@b", "x".repeat(254))] {
        let seen = Mirror { seq: 5, contact_email: Some(bad.to_owned()), ..Mirror::default() };
        assert_eq!(account.mirror(&seen, at(1)), Err(AccountError::Email), "{bad}");
    }
}

#[test]
fn events_carry_their_topics() {
    let mut account = registered();
    let _ = account.suspend("fraud", at(1)).unwrap();
    let _ = account.reinstate(at(2)).unwrap();
    let _ = account.close(keys(0), at(3)).unwrap();
    let topics: Vec<_> = account.root.pending().iter().map(DomainEvent::topic).collect();
    assert_eq!(topics, AccountEvent::TOPICS);
    for event in account.root.pending() {
        let json = serde_json::to_string(event).unwrap();
        assert!(!json.contains("amina"), "no address and no name of a person");
        assert_eq!(&serde_json::from_str::<AccountEvent>(&json).unwrap(), event);
    }
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules(
        steps in prop::collection::vec((0_usize..6, 0_u64..12, any::<bool>(), 0_u32..2), 1..50),
    ) {
        let mut account = registered();
        for (minute, (choice, seq, flag, count)) in (1..).zip(steps) {
            let before = account.data().clone();
            let result = match choice {
                0 => account.suspend(if flag { "a" } else { "b" }, at(minute)),
                1 => account.reinstate(at(minute)),
                2 => account.close(keys(count), at(minute)),
                3 => account.accept_terms(TERMS, if flag { TERMS } else { "other" }, at(minute)),
                _ => account.mirror(
                    &Mirror { seq, disabled: Some(flag), mfa_enrolled: Some(flag), ..Mirror::default() },
                    at(minute),
                ),
            };
            let after = account.data();
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(after, &before);
            }
            prop_assert_eq!(require::<DeveloperAccount>(after, &[]), Ok(()));
            prop_assert!(after.mirrored_seq >= before.mirrored_seq);
            prop_assert!(before.state != AccountState::Closed || after == &before);
            if flag {
                account = saved(account);
            }
        }
    }
}
