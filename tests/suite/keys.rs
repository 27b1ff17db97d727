//! API keys: labels and successors, worlds, what is due of them, their use.

use std::time::Duration;

use sarai_domain::{
    devportal::{
        api_key::{ApiKey, EffectiveStatus, NewApiKey, RevokedReason, minute_of},
        values::{CidrBlock, Environment},
    },
    kernel::{Aggregate, DeveloperAccountId, Outcome, Timestamp},
};
use sarai_ports::{
    Scope, StoreError, UniqueKey,
    devportal::{KeyFilter, KeyUse, LabelSlot},
};

use crate::{
    SuitePorts,
    harness::{after, at_once, before, committed, has_committed},
    make::{self, portal},
    paging::{assert_pages, newest_first},
};

use Environment::{Production, Sandbox};

fn acme() -> Scope {
    Scope::Tenant(make::tenant("acme"))
}

fn world(environment: Environment) -> Scope {
    Scope::World(make::tenant("acme"), environment)
}

async fn active(
    ports: &SuitePorts,
    account: DeveloperAccountId,
    environment: Environment,
    label: &str,
) -> ApiKey {
    let key = portal::active(ports, account, portal::new_key(ports, environment, label));
    ports.stored(ports.keys(), key).await
}

async fn refused(ports: &SuitePorts, key: ApiKey) -> StoreError {
    ports.save(ports.keys(), key).await.expect_err("a key that is taken")
}

/// A label belongs to one key to be issued or active, of its account and environment; a revoked one gives it back.
pub async fn a_label_is_unique_among_open_keys(ports: &SuitePorts) {
    let account = ports.id();
    let mut first = active(ports, account, Sandbox, "CI").await;
    let again = || portal::requested(ports, "acme", account, portal::new_key(ports, Sandbox, "CI"));
    assert_eq!(refused(ports, again()).await, StoreError::Taken(UniqueKey::KeyLabel));
    active(ports, account, Production, "CI").await;
    active(ports, ports.id(), Sandbox, "CI").await;
    active(ports, account, Sandbox, "ci").await;
    make::applied(first.revoke(RevokedReason::User, ports.now()));
    ports.put(ports.keys(), first).await;
    ports.put(ports.keys(), again()).await;
}

/// A rotation's two keys have one label.
pub async fn a_successor_shares_its_label(ports: &SuitePorts) {
    let first = active(ports, ports.id(), Sandbox, "CI").await;
    let second = portal::successor(ports, &first, ports.id());
    let second = ports.stored(ports.keys(), second).await;
    assert_eq!(second.data().label, first.data().label);
    let found = ports.keys().find_successor(&acme(), first.id()).await.unwrap().unwrap();
    assert_eq!(found.data(), second.data());
    assert!(ports.keys().find_successor(&acme(), second.id()).await.unwrap().is_none());
    assert!(ports.keys().find_successor(&Scope::Public, first.id()).await.unwrap().is_none());
}

/// A key gets one successor at most (K-INV-7).
pub async fn a_key_has_one_successor(ports: &SuitePorts) {
    let first = active(ports, ports.id(), Sandbox, "CI").await;
    ports.put(ports.keys(), portal::successor(ports, &first, ports.id())).await;
    let other = portal::successor(ports, &first, ports.id());
    assert_eq!(refused(ports, other).await, StoreError::Taken(UniqueKey::KeySuccessor));
}

/// Of requests for one label at once, one is stored.
pub async fn of_racing_labels_one_is_stored(ports: &SuitePorts) {
    let account = ports.id();
    let saves = at_once(8, |_| {
        let ports = ports.clone();
        let new = portal::new_key(&ports, Sandbox, "CI");
        let key = portal::requested(&ports, "acme", account, new);
        async move { ports.save(ports.keys(), key).await }
    })
    .await;
    assert_eq!(saves.iter().filter(|saved| has_committed(saved)).count(), 1);
}

/// A successor that was never issued leaves room for another, and its label for nobody else.
pub async fn a_discarded_successor_gives_its_place_back(ports: &SuitePorts) {
    let first = active(ports, ports.id(), Sandbox, "CI").await;
    let data = first.data();
    let admission = portal::admission(ports, "acme", data.account_id, Sandbox);
    let overlap = time::Duration::ZERO;
    let mut second = first.request_successor(ports.id(), overlap, admission, ports.now()).unwrap();
    make::applied(second.discard(ports.now()));
    ports.put(ports.keys(), second).await;
    assert!(ports.keys().find_successor(&acme(), first.id()).await.unwrap().is_none());
    ports.put(ports.keys(), portal::successor(ports, &first, ports.id())).await;
}

/// In one world, the keys of the other do not exist; whoever names none sees both (ruling R6).
pub async fn a_world_hides_the_other_one(ports: &SuitePorts) {
    let key = active(ports, ports.id(), Sandbox, "CI").await;
    for (scope, found) in [(acme(), true), (world(Sandbox), true), (world(Production), false)] {
        assert_eq!(ports.keys().find(&scope, &key.id()).await.unwrap().is_some(), found, "{scope:?}");
    }
    let other = Scope::World(make::tenant("globex"), Sandbox);
    assert!(ports.keys().find(&other, &key.id()).await.unwrap().is_none());
}

/// Nor are they saved from there.
pub async fn a_world_s_key_is_not_saved_from_the_other_one(ports: &SuitePorts) {
    let mut key = active(ports, ports.id(), Sandbox, "CI").await;
    make::applied(key.revoke(RevokedReason::User, ports.now()));
    let unit = ports.unit(key.clone(), ports.context());
    assert_eq!(ports.keys().save(&world(Production), unit).await.unwrap_err(), StoreError::NotFound);
    let unit = ports.unit(key, ports.context());
    let saved = ports.keys().save(&world(Sandbox), unit).await;
    assert_eq!(committed(saved).version, 2);
}

fn filter(ports: &SuitePorts, status: Option<EffectiveStatus>) -> KeyFilter {
    KeyFilter { environment: Sandbox, status, now: ports.now(), sandbox_id: None }
}

/// The ids of acme's sandbox keys.
async fn listed(ports: &SuitePorts, scope: &Scope, filter: KeyFilter) -> Vec<String> {
    let page = sarai_ports::PageRequest::first(100);
    let found = ports.keys().find_by_tenant(scope, &make::tenant("acme"), &filter, &page).await.unwrap();
    found.items.iter().map(|key| key.id().to_string()).collect()
}

/// The list comes in pages, newest first, forth and back.
pub async fn the_list_turns_its_pages(ports: &SuitePorts) {
    let account = ports.id();
    let mut rows = Vec::new();
    for number in 0..6 {
        let key = active(ports, account, Sandbox, &format!("key {number}")).await;
        rows.push((key.data().created_at, key.id().to_string()));
        if number % 2 == 0 {
            ports.advance(Duration::from_secs(1));
        }
    }
    let (tenant, filter) = (make::tenant("acme"), filter(ports, None));
    assert_pages(&newest_first(&rows), async |page| {
        let found = ports.keys().find_by_tenant(&acme(), &tenant, &filter, &page).await?;
        Ok(found.map(|key| key.id().to_string()))
    })
    .await;
}

/// A list is of one world and one tenant; what its owner must not see yet is not on it.
pub async fn the_list_is_of_one_world(ports: &SuitePorts) {
    let account = ports.id();
    let key = active(ports, account, Sandbox, "one").await;
    active(ports, account, Production, "two").await;
    let hidden = portal::new_key(ports, Sandbox, "three");
    ports.put(ports.keys(), portal::requested(ports, "acme", account, hidden)).await;
    let all = filter(ports, None);
    for scope in [acme(), world(Sandbox), Scope::System] {
        assert_eq!(listed(ports, &scope, all).await, [key.id().to_string()], "{scope:?}");
    }
    for scope in [world(Production), Scope::Tenant(make::tenant("globex")), Scope::Public] {
        assert_eq!(listed(ports, &scope, all).await, [""; 0], "{scope:?}");
    }
    let sandbox = ports.id();
    let new = NewApiKey { sandbox_id: Some(sandbox), ..portal::new_key(ports, Sandbox, "bound") };
    let bound = ports.stored(ports.keys(), portal::active(ports, account, new)).await;
    let of = |sandbox| KeyFilter { sandbox_id: Some(sandbox), ..all };
    assert_eq!(listed(ports, &acme(), of(sandbox)).await, [bound.id().to_string()]);
    assert_eq!(listed(ports, &acme(), of(ports.id())).await, [""; 0]);
}

/// A list by status shows what a key is now: one whose end has come is revoked, swept or not.
pub async fn the_list_follows_the_status(ports: &SuitePorts) {
    let account = ports.id();
    let lasting = active(ports, account, Sandbox, "lasting").await;
    let end = ports.now().plus_days(1);
    let new = portal::new_key(ports, Sandbox, "short");
    let new = NewApiKey { expires_at: Some(end), ..new };
    let short = ports.stored(ports.keys(), portal::active(ports, account, new)).await;
    let mut revoked = active(ports, account, Sandbox, "revoked").await;
    make::applied(revoked.revoke(RevokedReason::User, ports.now()));
    ports.put(ports.keys(), revoked.clone()).await;
    let ids = |keys: &[&ApiKey]| {
        let mut ids: Vec<String> = keys.iter().map(|key| key.id().to_string()).collect();
        ids.sort();
        ids
    };
    for (now, works, over) in [
        (before(end, Duration::from_micros(1)), ids(&[&lasting, &short]), ids(&[&revoked])),
        (end, ids(&[&lasting]), ids(&[&short, &revoked])),
    ] {
        for (status, expected) in [(EffectiveStatus::Active, works), (EffectiveStatus::Revoked, over)] {
            let mut found = listed(ports, &acme(), KeyFilter { now, ..filter(ports, Some(status)) }).await;
            found.sort();
            assert_eq!(found, expected, "{status:?}");
        }
    }
}

/// What a new key is admitted on: those in effect of its account and environment, and those with its label.
pub async fn keys_in_effect_are_counted(ports: &SuitePorts) {
    let account = ports.id();
    let first = active(ports, account, Sandbox, "CI").await;
    active(ports, account, Sandbox, "other").await;
    active(ports, account, Production, "CI").await;
    active(ports, ports.id(), Sandbox, "CI").await;
    let waiting = portal::new_key(ports, Sandbox, "waiting");
    ports.put(ports.keys(), portal::requested(ports, "acme", account, waiting)).await;
    let mut over = active(ports, account, Sandbox, "over").await;
    make::applied(over.revoke(RevokedReason::User, ports.now()));
    ports.put(ports.keys(), over).await;
    let end = ports.now().plus_days(1);
    let new = portal::new_key(ports, Sandbox, "short");
    let new = NewApiKey { expires_at: Some(end), ..new };
    ports.put(ports.keys(), portal::active(ports, account, new)).await;
    let slot = LabelSlot {
        account_id: account,
        environment: Sandbox,
        sandbox_id: None,
        label: "CI".parse().unwrap(),
    };
    let found = ports.keys().in_effect(&acme(), &slot, ports.now()).await.unwrap();
    assert_eq!((found.account_id, found.environment, found.count), (account, Sandbox, 4));
    assert_eq!(found.same_label, [first.id()]);
    let later = ports.keys().in_effect(&world(Sandbox), &slot, end).await.unwrap();
    assert_eq!(later.count, 3, "one has ended");
    let bound = LabelSlot { sandbox_id: Some(ports.id()), ..slot };
    assert_eq!(ports.keys().in_effect(&acme(), &bound, end).await.unwrap().same_label, []);
}

/// What keeps an account from being closed is found in both worlds.
pub async fn open_ones_of_both_worlds_are_found(ports: &SuitePorts) {
    let account = ports.id();
    let mut open = vec![
        active(ports, account, Sandbox, "one").await.id(),
        active(ports, account, Production, "two").await.id(),
    ];
    let waiting = portal::requested(ports, "acme", account, portal::new_key(ports, Sandbox, "three"));
    open.push(waiting.id());
    ports.put(ports.keys(), waiting).await;
    let mut over = active(ports, account, Sandbox, "over").await;
    make::applied(over.revoke(RevokedReason::User, ports.now()));
    ports.put(ports.keys(), over).await;
    active(ports, ports.id(), Sandbox, "another's").await;
    open.sort();
    assert_eq!(ports.keys().find_open(&acme(), account, 10).await.unwrap(), open);
    assert_eq!(ports.keys().find_open(&acme(), account, 2).await.unwrap(), open[..2]);
    assert_eq!(ports.keys().find_open(&Scope::Public, account, 2).await.unwrap(), []);
}

/// A key that ends in so many days.
async fn ending(ports: &SuitePorts, label: &str, days: u32) -> ApiKey {
    let new = portal::new_key(ports, Sandbox, label);
    let expires_at = Some(ports.now().plus_days(days));
    let new = NewApiKey { expires_at, ..new };
    ports.stored(ports.keys(), portal::active(ports, ports.id(), new)).await
}

/// An end is due from its instant on, and no more once it is swept.
pub async fn an_end_is_due_from_its_instant_on(ports: &SuitePorts) {
    let mut key = ending(ports, "short", 1).await;
    active(ports, ports.id(), Sandbox, "lasting").await;
    let end = key.data().ends_at().unwrap();
    let early = before(end, Duration::from_micros(1));
    assert_eq!(ports.keys().find_ended(early, 10).await.unwrap(), []);
    assert_eq!(ports.keys().find_ended(end, 10).await.unwrap(), [key.id()]);
    assert_eq!(ports.keys().next_due(early).await.unwrap(), Some(end));
    assert_eq!(ports.keys().next_due(end).await.unwrap(), None);
    make::applied(key.lapse(end));
    ports.put(ports.keys(), key).await;
    assert_eq!(ports.keys().find_ended(end, 10).await.unwrap(), []);
}

/// The earliest come first, and no more than asked for.
pub async fn the_earliest_end_first(ports: &SuitePorts) {
    let mut ids = Vec::new();
    for days in 1..=4 {
        ids.push(ending(ports, &format!("key {days}"), days).await.id());
    }
    let late = ports.now().plus_days(10);
    assert_eq!(ports.keys().find_ended(late, 2).await.unwrap(), ids[..2]);
    assert_eq!(ports.keys().find_ended(late, 10).await.unwrap(), ids);
}

/// Notices of an expiry come one after the other.
pub async fn notices_are_due_one_after_the_other(ports: &SuitePorts) {
    let mut key = ending(ports, "long", 30).await;
    let expires = key.data().expires_at.unwrap();
    for days in [14_u32, 3, 1] {
        let due = before(expires, Duration::from_hours(24 * u64::from(days)));
        let early = before(due, Duration::from_micros(1));
        assert_eq!(ports.keys().find_noticeable(early, 10).await.unwrap(), [], "{days}");
        assert_eq!(ports.keys().next_due(early).await.unwrap(), Some(due), "{days}");
        assert_eq!(ports.keys().find_noticeable(due, 10).await.unwrap(), [key.id()], "{days}");
        assert_eq!(key.announce_expiry(due), Outcome::Applied);
        key = ports.stored(ports.keys(), key).await;
    }
    assert_eq!(ports.keys().find_noticeable(expires, 10).await.unwrap(), []);
}

/// What waits for its secret for too long is found.
pub async fn one_that_is_not_issued_is_found(ports: &SuitePorts) {
    let mut key = portal::requested(ports, "acme", ports.id(), portal::new_key(ports, Sandbox, "waiting"));
    active(ports, ports.id(), Sandbox, "issued").await;
    key = ports.stored(ports.keys(), key).await;
    let asked = key.data().created_at;
    let early = before(asked, Duration::from_micros(1));
    assert_eq!(ports.keys().find_unissued(early, 10).await.unwrap(), []);
    assert_eq!(ports.keys().find_unissued(asked, 10).await.unwrap(), [key.id()]);
    make::applied(key.discard(ports.now()));
    ports.put(ports.keys(), key).await;
    assert_eq!(ports.keys().find_unissued(asked, 10).await.unwrap(), []);
}

/// A successor in use whose predecessor does not know it yet is found.
pub async fn a_rotation_that_stopped_is_found(ports: &SuitePorts) {
    let mut first = active(ports, ports.id(), Sandbox, "CI").await;
    let second = ports.stored(ports.keys(), portal::successor(ports, &first, ports.id())).await;
    assert_eq!(ports.keys().find_unreplaced(10).await.unwrap(), [second.id()]);
    make::applied(first.replace(second.data(), ports.now()));
    ports.put(ports.keys(), first).await;
    assert_eq!(ports.keys().find_unreplaced(10).await.unwrap(), []);
}

/// What the auth-service does not know to be over is found until it does.
pub async fn untold_revocations_are_found(ports: &SuitePorts) {
    let mut key = active(ports, ports.id(), Sandbox, "CI").await;
    assert_eq!(ports.keys().find_untold(10).await.unwrap(), []);
    make::applied(key.revoke(RevokedReason::User, ports.now()));
    key = ports.stored(ports.keys(), key).await;
    assert_eq!(ports.keys().find_untold(10).await.unwrap(), [key.id()]);
    make::applied(key.acknowledge_revocation(ports.now()));
    ports.put(ports.keys(), key).await;
    assert_eq!(ports.keys().find_untold(10).await.unwrap(), []);
}

fn used(key: &ApiKey, at: Timestamp, from: &str) -> KeyUse {
    KeyUse {
        tenant_id: key.data().tenant_id.clone(),
        key_id: key.id(),
        at: minute_of(at),
        from: Some(CidrBlock::around(from.parse().unwrap())),
    }
}

/// A use is noted where it is later than the one known (K-INV-11); of many at once, each its own.
pub async fn a_use_is_noted_forward_only(ports: &SuitePorts) {
    let keys = [
        active(ports, ports.id(), Sandbox, "one").await,
        active(ports, ports.id(), Production, "two").await,
        active(ports, ports.id(), Sandbox, "three").await,
    ];
    let (early, late) = (ports.now(), after(ports.now(), Duration::from_mins(10)));
    let known = async |key: &ApiKey| {
        let found = ports.load(ports.keys(), &key.id()).await;
        (found.data().last_used_at, found.data().last_used_from)
    };
    let block = |from: &str| Some(CidrBlock::around(from.parse().unwrap()));
    let uses = [used(&keys[0], late, "203.0.113.9"), used(&keys[1], early, "2001:db8::1")];
    ports.keys().touch(&uses).await.unwrap();
    assert_eq!(known(&keys[0]).await, (Some(minute_of(late)), block("203.0.113.9")));
    assert_eq!(known(&keys[1]).await, (Some(minute_of(early)), block("2001:db8::1")));
    assert_eq!(known(&keys[2]).await, (None, None));
    let uses = [used(&keys[0], early, "198.51.100.1"), used(&keys[1], late, "198.51.100.1")];
    ports.keys().touch(&uses).await.unwrap();
    assert_eq!(known(&keys[0]).await, (Some(minute_of(late)), block("203.0.113.9")), "not backwards");
    assert_eq!(known(&keys[1]).await, (Some(minute_of(late)), block("198.51.100.1")));
    let foreign = KeyUse { tenant_id: make::tenant("globex"), ..used(&keys[2], late, "198.51.100.1") };
    ports.keys().touch(&[foreign]).await.unwrap();
    ports.keys().touch(&[]).await.unwrap();
    assert_eq!(known(&keys[2]).await, (None, None));
}

/// A save of a copy from before a use leaves the use.
pub async fn a_save_leaves_the_use(ports: &SuitePorts) {
    let mut key = active(ports, ports.id(), Sandbox, "one").await;
    ports.keys().touch(&[used(&key, ports.now(), "203.0.113.9")]).await.unwrap();
    make::applied(key.edit("two".parse().unwrap(), vec![], &[], ports.now()));
    let found = ports.stored(ports.keys(), key).await;
    assert_eq!(found.data().label.to_string(), "two");
    assert_eq!(found.data().last_used_at, Some(minute_of(ports.now())));
}

/// Nobody's edit fails because the key was used.
pub async fn a_use_leaves_the_version(ports: &SuitePorts) {
    let key = active(ports, ports.id(), Sandbox, "one").await;
    let traces = ports.traces().await;
    ports.keys().touch(&[used(&key, ports.now(), "203.0.113.9")]).await.unwrap();
    assert_eq!(ports.load(ports.keys(), &key.id()).await.version(), key.version());
    assert_eq!(ports.traces().await, traces);
}

/// A key that was never issued takes the idempotency key that led to it with it, and no other (ruling R24).
pub async fn a_discarded_key_gives_its_claim_back(ports: &SuitePorts) {
    let (claim, other) = (ports.claim("once"), ports.claim("another"));
    let key =
        |label: &str| portal::requested(ports, "acme", ports.id(), portal::new_key(ports, Sandbox, label));
    let (key, kept) = (key("one"), key("two"));
    let id = key.id();
    for (key, claim) in [(key, &claim), (kept, &other)] {
        let unit = ports.unit(key, ports.claiming(claim));
        committed(ports.keys().save(&Scope::System, unit).await);
    }
    let held = async |claim: &sarai_ports::idempotency::Claim| {
        ports.idempotency.find(&claim.key).await.unwrap().is_some()
    };
    assert!(held(&claim).await && held(&other).await);
    let mut key = ports.load(ports.keys(), &id).await;
    make::applied(key.discard(ports.now()));
    ports.put(ports.keys(), key).await;
    assert!(!held(&claim).await, "it is free again");
    assert!(held(&other).await);
}
