//! Tests of the key: each invariant on both sides, the table against the aggregate, rotation, notices, walks.

mod rotation;
mod table;

use ulid::Ulid;

use super::*;
use crate::{
    devportal::{
        account::{AccountStanding, AccountState},
        invariants::{
            A_INV_4, A_INV_5, K_INV_2, K_INV_3, K_INV_4, K_INV_5, K_INV_6, K_INV_7, K_INV_8, K_INV_9,
            K_INV_10, K_INV_11, K_INV_12, K_INV_13,
        },
        values::{Environment, KeyTrace, RawKey, Scope, ScopeSet},
    },
    kernel::{Coded, DeveloperAccountId, DomainEvent, Invariant, Kind, SandboxId},
};

fn at(minute: i64) -> Timestamp {
    "2026-04-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(Duration::minutes(minute))
}

fn days(days: i64) -> Timestamp {
    at(0).plus(Duration::days(days))
}

fn key_id(n: u128) -> ApiKeyId {
    ApiKeyId::new(Ulid(n))
}

fn account() -> DeveloperAccountId {
    DeveloperAccountId::new(Ulid(1))
}

fn scopes(texts: &[&str]) -> ScopeSet {
    ScopeSet::parse(texts).unwrap()
}

fn standing() -> AccountStanding {
    AccountStanding {
        account_id: account(),
        tenant_id: "acme".parse().unwrap(),
        state: AccountState::Active,
        email_verified: true,
        mfa_enrolled: true,
        terms_version: Some("2026-01".to_owned()),
        current_terms: "2026-01".to_owned(),
        at: at(0),
    }
}

fn admission(environment: Environment) -> KeyAdmission {
    KeyAdmission {
        standing: standing(),
        grantable: Scope::grantable(false),
        caller: KeyCaller::User { user_id: "amina".parse().unwrap() },
        in_effect: KeysInEffect { account_id: account(), environment, count: 3, same_label: vec![] },
    }
}

fn new_key(n: u128) -> NewApiKey {
    NewApiKey {
        id: key_id(n),
        environment: Environment::Production,
        sandbox_id: None,
        label: "CI".parse().unwrap(),
        scopes: scopes(&["verify:send", "verify:read"]),
        ip_allow_list: vec!["203.0.113.0/24".parse().unwrap()],
        expires_at: Some(days(100)),
    }
}

fn trace(environment: Environment) -> KeyTrace {
    KeyTrace::of(RawKey::from_random(environment, &[42; 32]).expose()).unwrap()
}

/// As a store hands it back.
fn saved(key: ApiKey) -> ApiKey {
    let changes = key.into_changes();
    let json = serde_json::to_string(&changes.data).unwrap();
    let data: ApiKeyData = serde_json::from_str(&json).unwrap();
    assert_eq!(data, changes.data);
    ApiKey::rehydrate(data, vec![], changes.expected_version + 1).unwrap()
}

fn requested(new: NewApiKey) -> ApiKey {
    let admission = admission(new.environment);
    ApiKey::request(new, admission, at(0)).unwrap()
}

fn issued(new: NewApiKey) -> ApiKey {
    let environment = new.environment;
    let mut key = saved(requested(new));
    assert_eq!(key.confirm_issued(trace(environment), at(1)), Ok(Outcome::Applied));
    saved(key)
}

fn active() -> ApiKey {
    issued(new_key(1))
}

fn topics(key: &ApiKey) -> Vec<&'static str> {
    key.root.pending().iter().map(DomainEvent::topic).collect()
}

/// The facts of a refused request.
fn refused(new: NewApiKey, admission: KeyAdmission) -> (&'static str, Kind, Option<Invariant>) {
    let error = ApiKey::request(new, admission, at(0)).unwrap_err();
    (error.code(), error.kind(), error.invariant())
}

fn by_key(texts: &[&str], environment: Environment) -> KeyAdmission {
    let caller = KeyCaller::Key { key_id: key_id(9), scopes: scopes(texts), environment };
    KeyAdmission { caller, ..admission(Environment::Production) }
}

/// The invariant by which a changed document is refused.
fn breach(change: fn(&mut ApiKeyData)) -> Option<Invariant> {
    let mut data = active().data().clone();
    change(&mut data);
    ApiKey::rehydrate(data, vec![], 1).unwrap_err().invariant()
}

#[test]
fn a_key_announces_what_everybody_may_know_and_nothing_else() {
    let raw = RawKey::from_random(Environment::Production, &[42; 32]);
    let mut key = requested(new_key(1));
    assert!(topics(&key).is_empty() && !key.data().is_visible(), "hidden until it is issued");
    let _ = key.confirm_issued(trace(Environment::Production), at(1)).unwrap();
    assert_eq!(topics(&key), ["devportal.key.created.v1"]);
    let said =
        serde_json::to_string(key.root.pending()).unwrap() + &serde_json::to_string(key.data()).unwrap();
    assert!(said.contains(&raw.expose()[..13]) && !said.contains(&raw.expose()[9..18]));
    let event: Vec<KeyEvent> =
        serde_json::from_str(&serde_json::to_string(key.root.pending()).unwrap()).unwrap();
    assert_eq!(event, key.root.pending());
}

#[test]
fn k_inv_2_rejects_a_secret_of_the_other_environment() {
    let mut key = requested(new_key(1));
    let error = key.confirm_issued(trace(Environment::Sandbox), at(1)).unwrap_err();
    assert_eq!((error.code(), error.invariant()), ("key.wrong_prefix", Some(K_INV_2)));
    assert_eq!(breach(|data| data.trace = Some(trace(Environment::Sandbox))), Some(K_INV_2));
}

#[test]
fn k_inv_3_rejects_scopes_the_account_cannot_be_given() {
    let new = NewApiKey { scopes: scopes(&["verify:send", "docs:write"]), ..new_key(1) };
    let expected = ("key.scope_not_grantable", Kind::Invalid, Some(K_INV_3));
    assert_eq!(refused(new, admission(Environment::Production)), expected);
    assert_eq!(
        breach(|data| data.admission.grantable = Scope::grantable(true).into_iter().skip(4).collect()),
        Some(K_INV_3)
    );
}

#[test]
fn k_inv_3_allows_staff_scopes_to_staff() {
    let new = NewApiKey { scopes: scopes(&["docs:write"]), ..new_key(1) };
    let staff = KeyAdmission { grantable: Scope::grantable(true), ..admission(Environment::Production) };
    assert!(ApiKey::request(new, staff, at(0)).is_ok());
}

#[test]
fn k_inv_4_rejects_every_way_to_change_environment_account_or_scopes() {
    assert_eq!(K_INV_4.id, "K-INV-4");
    let mut key = active();
    let fixed = |key: &ApiKey| {
        let data = key.data().clone();
        (data.environment, data.account_id, data.scopes)
    };
    let before = fixed(&key);
    let _ = key.edit("other".parse().unwrap(), vec![], &[], at(2)).unwrap();
    let _ = key.record_use(at(3), None);
    let _ = key.revoke(RevokedReason::User, at(4)).unwrap();
    assert_eq!(fixed(&key), before);
}

#[test]
fn k_inv_4_allows_label_and_addresses_to_change() {
    let mut key = active();
    let blocks = vec!["2001:db8::/32".parse().unwrap()];
    assert_eq!(key.edit("other".parse().unwrap(), blocks.clone(), &[], at(2)), Ok(Outcome::Applied));
    assert_eq!(key.edit("other".parse().unwrap(), blocks, &[], at(3)), Ok(Outcome::AlreadyApplied));
    assert!(key.admits("2001:db8::1".parse().unwrap()) && !key.admits("203.0.113.1".parse().unwrap()));
}

#[test]
fn k_inv_5_rejects_an_expiry_too_near_or_too_far() {
    for expires_at in [at(-1), at(5), at(0).plus_months(24).plus(Duration::microseconds(1))] {
        let new = NewApiKey { expires_at: Some(expires_at), ..new_key(1) };
        let expected = ("key.expiry_out_of_range", Kind::Invalid, Some(K_INV_5));
        assert_eq!(refused(new, admission(Environment::Production)), expected);
    }
    assert_eq!(breach(|data| data.expires_at = Some(data.created_at)), Some(K_INV_5));
}

#[test]
fn k_inv_5_allows_both_ends_and_no_end_with_a_warning() {
    let ends = [at(5).plus(Duration::microseconds(1)), at(0).plus_months(24)];
    for expires_at in ends.map(Some).into_iter().chain([None]) {
        let key = requested(NewApiKey { expires_at, ..new_key(1) });
        let warned = key.data().warnings(at(0)).contains(&KeyWarning::NoExpiry);
        assert_eq!(warned, expires_at.is_none());
    }
}

#[test]
fn k_inv_6_rejects_every_command_on_a_revoked_key() {
    let mut key = active();
    let _ = key.revoke(RevokedReason::User, at(2)).unwrap();
    let mut key = saved(key);
    let before = key.data().clone();
    let results = [
        key.revoke(RevokedReason::Admin, at(3)),
        key.lapse(days(200)),
        key.expose(None, at(3)),
        key.edit("x".parse().unwrap(), vec![], &[], at(3)),
        key.confirm_issued(trace(Environment::Production), at(3)),
        key.discard(at(3)),
    ];
    for result in results {
        let error = result.unwrap_err();
        assert_eq!(
            (error.code(), error.kind(), error.invariant()),
            ("key.revoked", Kind::Conflict, Some(K_INV_6))
        );
    }
    assert_eq!(*key.data(), before);
}

#[test]
fn k_inv_6_allows_the_same_revocation_again() {
    let mut key = active();
    assert_eq!(key.revoke(RevokedReason::User, at(2)), Ok(Outcome::Applied));
    assert_eq!(key.revoke(RevokedReason::User, at(3)), Ok(Outcome::AlreadyApplied));
    assert_eq!(key.effective_by(), Some(at(2).plus(Duration::seconds(3))));
    assert_eq!(topics(&key), ["devportal.key.revoked.v1"]);
}

#[test]
fn k_inv_9_rejects_the_twenty_first_key() {
    for (count, environment, of) in
        [(20, Environment::Production, 1), (0, Environment::Sandbox, 1), (0, Environment::Production, 2)]
    {
        let account_id = DeveloperAccountId::new(Ulid(of));
        let in_effect = KeysInEffect { account_id, environment, count, same_label: vec![] };
        let full = KeyAdmission { in_effect, ..admission(Environment::Production) };
        assert_eq!(refused(new_key(1), full), ("key.limit_reached", Kind::Conflict, Some(K_INV_9)));
    }
    assert_eq!(breach(|data| data.admission.in_effect.count = 20), Some(K_INV_9));
}

#[test]
fn k_inv_9_allows_the_twentieth() {
    let mut nineteen = admission(Environment::Production);
    nineteen.in_effect.count = 19;
    assert!(ApiKey::request(new_key(1), nineteen, at(0)).is_ok());
}

#[test]
fn k_inv_10_rejects_a_production_key_without_what_production_needs() {
    let without = |standing| KeyAdmission { standing, ..admission(Environment::Production) };
    let no_mfa = AccountStanding { mfa_enrolled: false, ..standing() };
    let expected = ("account.mfa_required", Kind::Forbidden, Some(K_INV_10));
    assert_eq!(refused(new_key(1), without(no_mfa)), expected);
    let suspended = AccountStanding { state: AccountState::Suspended, ..standing() };
    let expected = ("account.suspended", Kind::Forbidden, Some(A_INV_4));
    assert_eq!(refused(new_key(1), without(suspended)), expected);
    assert_eq!(breach(|data| data.admission.standing.email_verified = false), Some(A_INV_5));
    let foreign = |data: &mut ApiKeyData| data.account_id = DeveloperAccountId::new(Ulid(2));
    assert_eq!(breach(foreign), Some(K_INV_10));
    assert_eq!(breach(|data| data.admission.standing.state = AccountState::Suspended), Some(A_INV_4));
}

#[test]
fn k_inv_10_allows_a_sandbox_key_without() {
    let new = NewApiKey {
        environment: Environment::Sandbox,
        sandbox_id: Some(SandboxId::new(Ulid(4))),
        ..new_key(1)
    };
    let bare =
        AccountStanding { email_verified: false, mfa_enrolled: false, terms_version: None, ..standing() };
    let admission = KeyAdmission { standing: bare, ..admission(Environment::Sandbox) };
    assert!(ApiKey::request(new, admission, at(0)).is_ok());
}

#[test]
fn k_inv_11_rejects_an_earlier_use_and_what_is_finer_than_a_minute() {
    assert_eq!(K_INV_11.id, "K-INV-11");
    let mut key = active();
    assert_eq!(key.record_use(at(10).plus(Duration::seconds(59)), None), Outcome::Applied);
    assert_eq!(key.data().last_used_at, Some(at(10)));
    for earlier in [at(10), at(10).plus(Duration::seconds(59)), at(9), at(-90)] {
        assert_eq!(key.record_use(earlier, None), Outcome::AlreadyApplied);
        assert_eq!(key.data().last_used_at, Some(at(10)));
    }
}

#[test]
fn k_inv_11_allows_the_next_minute_with_the_neighbourhood_only() {
    let mut key = active();
    assert_eq!(key.record_use(at(10), "203.0.113.77".parse().ok()), Outcome::Applied);
    assert_eq!(key.record_use(at(11), None), Outcome::Applied);
    assert_eq!(key.data().last_used_from, "203.0.113.0/24".parse().ok());
    assert_eq!((key.data().updated_at, topics(&key).len()), (at(1), 0), "a use is no change");
}

#[test]
fn k_inv_12_rejects_more_than_the_creating_key_and_its_other_environment() {
    let wide = by_key(&["keys:write", "verify:send"], Environment::Production);
    let expected = ("key.scope_beyond_caller", Kind::Forbidden, Some(K_INV_12));
    assert_eq!(refused(new_key(1), wide), expected);
    let other = by_key(&["keys:write", "verify:send", "verify:read"], Environment::Sandbox);
    let expected = ("key.environment_mismatch", Kind::Forbidden, Some(K_INV_12));
    assert_eq!(refused(new_key(1), other), expected);
    let foreign = |data: &mut ApiKeyData| {
        data.admission.caller = by_key(&["keys:write"], Environment::Production).caller;
    };
    assert_eq!(breach(foreign), Some(K_INV_12));
}

#[test]
fn k_inv_12_allows_a_key_to_create_what_it_is_itself() {
    let same = by_key(&["keys:write", "verify:send", "verify:read"], Environment::Production);
    let key = ApiKey::request(new_key(1), same, at(0)).unwrap();
    assert_eq!(key.data().created_by, KeyCreator::Key(key_id(9)));
}

#[test]
fn k_inv_13_rejects_a_revoked_key_of_which_the_auth_service_need_not_know() {
    let told_too_early = active().acknowledge_revocation(at(2)).unwrap_err();
    assert_eq!(told_too_early, KeyError::NotDue);
    assert_eq!(breach(|data| data.auth_revocation = Some(AuthRevocation::Acked)), Some(K_INV_13));
    let mut key = active();
    let _ = key.revoke(RevokedReason::User, at(2)).unwrap();
    let data = ApiKeyData { auth_revocation: None, ..key.data().clone() };
    assert_eq!(ApiKey::rehydrate(data, vec![], 1).unwrap_err().invariant(), Some(K_INV_13));
}

#[test]
fn k_inv_13_allows_telling_it_until_it_knows() {
    let mut discarded = requested(new_key(2));
    let _ = discarded.discard(at(2)).unwrap();
    let mut revoked = active();
    let _ = revoked.revoke(RevokedReason::User, at(2)).unwrap();
    for mut key in [revoked, discarded] {
        assert_eq!(key.data().auth_revocation, Some(AuthRevocation::Pending));
        assert!(!key.data().revocation_overdue(at(2)) && key.data().revocation_overdue(at(3)));
        assert_eq!(key.acknowledge_revocation(at(3)), Ok(Outcome::Applied));
        assert!(!key.data().revocation_overdue(at(9)));
        assert_eq!(key.acknowledge_revocation(at(4)), Ok(Outcome::AlreadyApplied));
        assert_eq!(saved(key).data().auth_revocation, Some(AuthRevocation::Acked));
    }
}

#[test]
fn a_label_is_one_active_key_s() {
    let mut taken = admission(Environment::Production);
    taken.in_effect.same_label = vec![key_id(7)];
    assert_eq!(refused(new_key(1), taken), ("key.label_taken", Kind::Conflict, None));
    let mut key = active();
    let other: Label = "other".parse().unwrap();
    assert_eq!(key.edit(other.clone(), vec![], &[key_id(7)], at(2)), Err(KeyError::LabelTaken));
    assert_eq!(key.edit(other, vec![], &[key_id(1)], at(2)), Ok(Outcome::Applied));
    assert!(key.data().label_slot().is_some_and(|slot| slot.ends_with(":PRODUCTION::other")));
    let _ = key.revoke(RevokedReason::User, at(3)).unwrap();
    assert_eq!(key.data().label_slot(), None, "a revoked key gives it back");
}

#[test]
fn a_sandbox_belongs_to_a_sandbox_key_and_blocks_are_counted() {
    let new = NewApiKey { sandbox_id: Some(SandboxId::new(Ulid(1))), ..new_key(1) };
    assert_eq!(refused(new, admission(Environment::Production)).0, "key.sandbox_misplaced");
    let block: CidrBlock = "10.0.0.0/8".parse().unwrap();
    let new = NewApiKey { ip_allow_list: vec![block; 51], ..new_key(1) };
    assert_eq!(refused(new, admission(Environment::Production)).0, "key.too_many_blocks");
    let error = active().edit("x".parse().unwrap(), vec![block; 51], &[], at(2)).unwrap_err();
    assert_eq!(error, KeyError::TooManyBlocks);
    assert!(issued(NewApiKey { ip_allow_list: vec![], ..new_key(1) }).admits("8.8.8.8".parse().unwrap()));
}

#[test]
fn a_breach_is_reported_under_its_own_invariant_and_no_other() {
    let of = |change: fn(&mut ApiKeyData)| {
        let mut data = active().data().clone();
        change(&mut data);
        crate::kernel::breaches::<ApiKey>(&data, &[])
            .into_iter()
            .map(|breach| breach.invariant)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(|_| ()), []);
    assert_eq!(of(|data| data.admission.standing.mfa_enrolled = false), [Some(A_INV_5)]);
    assert_eq!(of(|data| data.admission.standing.state = AccountState::Suspended), [Some(A_INV_4)]);
    assert_eq!(of(|data| data.admission.in_effect.count = 20), [Some(K_INV_9)]);
    assert_eq!(of(|data| data.retire_at = data.expires_at), [Some(K_INV_7)]);
    assert_eq!(of(|data| data.expires_at = Some(at(3))), [Some(K_INV_5)]);
    assert_eq!(of(|data| data.auth_revocation = Some(AuthRevocation::Acked)), [Some(K_INV_13)]);
    assert_eq!(of(|data| data.trace = Some(trace(Environment::Sandbox))), [Some(K_INV_2)]);
    assert_eq!(of(|data| data.admission.grantable.clear()), [Some(K_INV_3)]);
    let beyond = |data: &mut ApiKeyData| {
        data.admission.caller = by_key(&["keys:write"], Environment::Production).caller;
    };
    let foreign = |data: &mut ApiKeyData| data.account_id = DeveloperAccountId::new(Ulid(2));
    assert_eq!(of(foreign), [Some(K_INV_10)]);
    assert_eq!(of(beyond), [Some(K_INV_12)]);
}
