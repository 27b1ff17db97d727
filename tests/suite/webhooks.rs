//! Webhooks: endpoints and their worlds, deliveries, who has taken them, what was lost.

use std::{collections::BTreeSet, time::Duration};

use sarai_domain::{
    devportal::{
        values::Environment,
        webhook::{
            AttemptOutcome, DeliveryFault, DeliveryStatus, WebhookAttempt, WebhookDelivery,
            WebhookDeliveryData, WebhookEndpoint,
        },
    },
    kernel::{Aggregate, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_ports::{
    PageRequest, Scope, StoreError, UniqueKey,
    devportal::{DeliveryFilter, DueDeliveries, EndpointHealth},
};

use crate::{
    SuitePorts,
    harness::{after, at_once},
    make::{self, portal},
    paging::{assert_pages, newest_first},
};

use Environment::{Production, Sandbox};

const LEASE: Duration = Duration::from_secs(20);

fn acme() -> Scope {
    Scope::Tenant(make::tenant("acme"))
}

async fn endpoint(ports: &SuitePorts, owner: &str, environment: Environment) -> WebhookEndpoint {
    ports.stored(ports.webhooks(), portal::endpoint(ports, owner, environment)).await
}

async fn delivery(ports: &SuitePorts, to: &WebhookEndpoint) -> WebhookDelivery {
    ports.stored(ports.deliveries(), portal::delivery(ports, to)).await
}

/// Notes an attempt and saves it.
async fn tried(
    ports: &SuitePorts,
    mut delivery: WebhookDelivery,
    outcome: AttemptOutcome,
) -> WebhookDelivery {
    let attempt = WebhookAttempt::new(delivery.next_no(), ports.now(), 5, outcome);
    make::applied(delivery.record(attempt, ports.now()));
    ports.stored(ports.deliveries(), delivery).await
}

fn answered(status: u16) -> AttemptOutcome {
    AttemptOutcome::Answered { status, text: None }
}

/// What fails for good.
fn refused() -> AttemptOutcome {
    AttemptOutcome::Failed(DeliveryFault::TargetForbidden)
}

async fn take(ports: &SuitePorts, busy: &[WebhookEndpointId], limit: usize) -> Vec<WebhookDeliveryId> {
    let wanted = DueDeliveries { now: ports.now(), busy, limit, lease: LEASE };
    ports.deliveries().take_due_deliveries(&wanted).await.unwrap().iter().map(Aggregate::id).collect()
}

/// A tenant's list is of one environment and in one world; nobody else sees it.
pub async fn endpoints_are_found_in_their_world(ports: &SuitePorts) {
    let mut expected = Vec::new();
    for _ in 0..5 {
        let found = endpoint(ports, "acme", Sandbox).await;
        expected.push((found.data().created_at.unix_micros(), found.id().to_string()));
        ports.advance(Duration::from_micros(ports.number() % 2));
    }
    let other = endpoint(ports, "acme", Production).await;
    endpoint(ports, "other", Sandbox).await;
    let list = async |scope: &Scope, environment, page: PageRequest| {
        let tenant = make::tenant("acme");
        let found = ports.webhooks().find_endpoints(scope, &tenant, environment, None, &page).await?;
        Ok::<_, StoreError>(found.map(|found| found.id().to_string()))
    };
    assert_pages(&newest_first(&expected), async |page| list(&acme(), Sandbox, page).await).await;
    let first = || PageRequest::first(10);
    assert_eq!(list(&acme(), Production, first()).await.unwrap().items, [other.id().to_string()]);
    let world = Scope::World(make::tenant("acme"), Sandbox);
    assert_eq!(list(&world, Sandbox, first()).await.unwrap().items.len(), 5);
    assert!(list(&world, Production, first()).await.unwrap().items.is_empty());
    assert!(list(&Scope::Tenant(make::tenant("other")), Sandbox, first()).await.unwrap().items.is_empty());
    assert!(ports.webhooks().find(&world, &other.id()).await.unwrap().is_none());
    for (environment, count) in [(Sandbox, 5), (Production, 1)] {
        let in_use = ports.webhooks().endpoints_in_use(&acme(), &make::tenant("acme"), environment).await;
        assert_eq!(in_use.unwrap(), count);
    }
}

/// Who deleted it, and everybody else, finds it no more; it takes no place.
pub async fn a_deleted_endpoint_is_nobody_s(ports: &SuitePorts) {
    let mut gone = endpoint(ports, "acme", Sandbox).await;
    let id = gone.id();
    make::applied(gone.delete(ports.now()));
    ports.put(ports.webhooks(), gone).await;
    for scope in [acme(), Scope::System, Scope::Within(make::tenant("acme")), Scope::PlatformAdmin] {
        assert!(ports.webhooks().find(&scope, &id).await.unwrap().is_none(), "{scope:?}");
    }
    let tenant = make::tenant("acme");
    assert_eq!(ports.webhooks().endpoints_in_use(&acme(), &tenant, Sandbox).await.unwrap(), 0);
    assert!(ports.webhooks().find_listening(Some(&tenant), Sandbox, None, 10).await.unwrap().is_empty());
}

/// Active and disabled ones, of a tenant or of all, in the order of their ids; deleted ones not.
pub async fn endpoints_that_listen_are_found_in_parts(ports: &SuitePorts) {
    let mut ids = Vec::new();
    for owner in ["acme", "other", "acme"] {
        ids.push(endpoint(ports, owner, Production).await.id());
    }
    let mut stopped = endpoint(ports, "acme", Production).await;
    make::applied(stopped.disable(ports.now()));
    ids.push(stopped.id());
    ports.put(ports.webhooks(), stopped).await;
    let mut gone = endpoint(ports, "acme", Production).await;
    make::applied(gone.delete(ports.now()));
    ports.put(ports.webhooks(), gone).await;
    endpoint(ports, "acme", Sandbox).await;
    let find = async |tenant, after, limit| {
        let found = ports.webhooks().find_listening(tenant, Production, after, limit).await.unwrap();
        found.iter().map(Aggregate::id).collect::<Vec<_>>()
    };
    ids.sort_unstable();
    assert_eq!(find(None, None, 10).await, ids);
    assert_eq!(find(None, None, 2).await, ids[..2]);
    assert_eq!(find(None, Some(ids[1]), 2).await, ids[2..]);
    assert_eq!(find(Some(&make::tenant("acme")), None, 10).await.len(), 3);
}

/// Newest first, in its world only.
pub async fn the_list_of_deliveries_turns_its_pages(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Sandbox).await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        let found = delivery(ports, &to).await;
        expected.push((found.data().created_at.unix_micros(), found.id().to_string()));
        ports.advance(Duration::from_micros(ports.number() % 2));
    }
    delivery(ports, &endpoint(ports, "acme", Sandbox).await).await;
    let list = async |scope: &Scope, page: PageRequest| {
        let filter = DeliveryFilter::default();
        let found = ports.deliveries().find_deliveries(scope, to.id(), &filter, &page).await?;
        Ok::<_, StoreError>(found.map(|found| found.id().to_string()))
    };
    assert_pages(&newest_first(&expected), async |page| list(&acme(), page).await).await;
    for scope in [Scope::Tenant(make::tenant("other")), Scope::World(make::tenant("acme"), Production)] {
        assert!(list(&scope, PageRequest::first(10)).await.unwrap().items.is_empty());
    }
}

/// Each part of a filter, and the count that stops at its cap.
pub async fn deliveries_are_filtered_and_counted(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Production).await;
    let start = ports.now();
    let taken = tried(ports, delivery(ports, &to).await, answered(204)).await.id();
    ports.advance(Duration::from_secs(1));
    let failing = tried(ports, delivery(ports, &to).await, answered(503)).await.id();
    ports.advance(Duration::from_secs(1));
    let lost = tried(ports, delivery(ports, &to).await, refused()).await.id();
    let later = after(start, Duration::from_secs(1));
    let none = DeliveryFilter::default();
    let event = |event: &str| DeliveryFilter { event: Some(event.to_owned()), ..none.clone() };
    let outcome = |outcome| DeliveryFilter { outcome: Some(outcome), ..none.clone() };
    for (filter, expected) in [
        (none.clone(), vec![lost, failing, taken]),
        (outcome(DeliveryStatus::Delivered), vec![taken]),
        (outcome(DeliveryStatus::Pending), vec![failing]),
        (outcome(DeliveryStatus::Failed), vec![lost]),
        (DeliveryFilter { code: Some(503), ..none.clone() }, vec![failing]),
        (DeliveryFilter { code: Some(500), ..none.clone() }, vec![]),
        (event("devportal.key.created.v1"), vec![lost, failing, taken]),
        (event("devportal.key.revoked.v1"), vec![]),
        (DeliveryFilter { after: Some(later), ..none.clone() }, vec![lost, failing]),
        (DeliveryFilter { before: Some(later), ..none.clone() }, vec![taken]),
        (DeliveryFilter { before: Some(later), ..outcome(DeliveryStatus::Failed) }, vec![]),
    ] {
        let page = PageRequest::first(10);
        let found = ports.deliveries().find_deliveries(&acme(), to.id(), &filter, &page).await.unwrap();
        assert_eq!(found.items.iter().map(Aggregate::id).collect::<Vec<_>>(), expected, "{filter:?}");
        let count = ports.deliveries().count_deliveries(&acme(), to.id(), &filter, 2).await.unwrap();
        assert_eq!(count, u64::try_from(expected.len()).unwrap().min(2), "{filter:?}");
    }
    let other = Scope::Tenant(make::tenant("other"));
    assert_eq!(ports.deliveries().count_deliveries(&other, to.id(), &none, 9).await.unwrap(), 0);
}

/// The same event again is refused; a replay is another delivery.
pub async fn an_event_is_delivered_to_an_endpoint_once(ports: &SuitePorts) {
    let (to, other) = (endpoint(ports, "acme", Sandbox).await, endpoint(ports, "acme", Sandbox).await);
    let first = tried(ports, delivery(ports, &to).await, refused()).await;
    let twin = |data| WebhookDelivery::rehydrate(data, Vec::new(), 0).unwrap();
    let again = ports.save(ports.deliveries(), twin(anew(&first, ports.id()))).await;
    assert_eq!(again.unwrap_err(), StoreError::Taken(UniqueKey::DeliveryPerEvent));
    let mut elsewhere = anew(&first, ports.id());
    elsewhere.endpoint_id = other.id();
    ports.put(ports.deliveries(), twin(elsewhere)).await;
    let replay = first.replay(ports.id(), ports.now()).unwrap();
    let replay = ports.stored(ports.deliveries(), replay).await;
    assert_eq!(replay.data().webhook_id, first.id());
}

/// The document of a delivery of the same event under another id, not tried yet.
fn anew(of: &WebhookDelivery, id: WebhookDeliveryId) -> WebhookDeliveryData {
    WebhookDeliveryData {
        id,
        webhook_id: id,
        status: DeliveryStatus::Pending,
        attempts: Vec::new(),
        next_at: Some(of.data().created_at),
        ended_at: None,
        last_transition: None,
        ..of.data().clone()
    }
}

/// What is due, the longest first, to whom there is room, once.
pub async fn what_is_due_is_taken_once(ports: &SuitePorts) {
    let (to, other) = (endpoint(ports, "acme", Production).await, endpoint(ports, "other", Sandbox).await);
    let mut due = Vec::new();
    for to in [&to, &other, &to] {
        due.push(delivery(ports, to).await.id());
        ports.advance(Duration::from_millis(1));
    }
    let waits = tried(ports, delivery(ports, &to).await, answered(500)).await;
    tried(ports, delivery(ports, &to).await, answered(200)).await;
    assert_eq!(take(ports, &[to.id()], 10).await, [due[1]]);
    assert_eq!(take(ports, &[], 1).await, [due[0]]);
    assert_eq!(take(ports, &[], 10).await, [due[2]]);
    assert_eq!(take(ports, &[], 10).await, []);
    ports.advance(Duration::from_secs(5));
    assert_eq!(take(ports, &[], 10).await, [waits.id()]);
}

/// None is taken twice.
pub async fn of_racing_senders_each_takes_its_own(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Production).await;
    let mut due = BTreeSet::new();
    for _ in 0..24 {
        due.insert(delivery(ports, &to).await.id());
    }
    let taken = at_once(8, |number| {
        let ports = if number % 2 == 0 { ports.clone() } else { ports.second().clone() };
        async move { take(&ports, &[], 5).await }
    })
    .await;
    let mut all: Vec<_> = taken.into_iter().flatten().collect();
    // Whoever met the locks of others took less.
    while let left = take(ports, &[], 5).await
        && !left.is_empty()
    {
        all.extend(left);
    }
    assert_eq!(all.len(), due.len());
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), due);
}

/// A sender that dies leaves its deliveries to others; one that gives them back does so at once.
pub async fn a_claim_lapses_and_is_given_back(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Production).await;
    let id = delivery(ports, &to).await.id();
    assert_eq!(take(ports, &[], 10).await, [id]);
    ports.advance(LEASE.saturating_sub(Duration::from_micros(1)));
    assert_eq!(take(ports, &[], 10).await, []);
    ports.advance(Duration::from_micros(1));
    assert_eq!(take(ports, &[], 10).await, [id]);
    ports.deliveries().give_deliveries_back(&[id]).await.unwrap();
    ports.deliveries().give_deliveries_back(&[]).await.unwrap();
    assert_eq!(take(ports, &[], 10).await, [id]);
}

/// Noting an attempt gives nothing back.
pub async fn a_save_leaves_the_claim(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Production).await;
    let found = delivery(ports, &to).await;
    take(ports, &[], 10).await;
    tried(ports, found, answered(500)).await;
    ports.advance(Duration::from_secs(6));
    assert_eq!(take(ports, &[], 10).await, []);
    ports.advance(LEASE);
    assert_eq!(take(ports, &[], 10).await.len(), 1);
}

/// The latest delivery, and how many failed and were not taken since.
pub async fn an_endpoint_tells_how_it_fares(ports: &SuitePorts) {
    let (to, idle) = (endpoint(ports, "acme", Production).await, endpoint(ports, "acme", Production).await);
    tried(ports, delivery(ports, &to).await, refused()).await;
    ports.advance(Duration::from_hours(24));
    let since = ports.now();
    tried(ports, delivery(ports, &to).await, refused()).await;
    tried(ports, delivery(ports, &to).await, answered(500)).await;
    let healed = tried(ports, delivery(ports, &to).await, answered(500)).await;
    let replay = ports.stored(ports.deliveries(), healed.replay(ports.id(), ports.now()).unwrap()).await;
    tried(ports, healed, answered(200)).await;
    // What was asked for again, or never left, says nothing of the endpoint.
    tried(ports, replay, answered(500)).await;
    let mut missed = delivery(ports, &to).await;
    make::applied(missed.abandon(ports.now()));
    ports.put(ports.deliveries(), missed).await;
    ports.advance(Duration::from_secs(1));
    let last = delivery(ports, &to).await.data().created_at;
    let mut health = ports.deliveries().endpoint_health(&acme(), &[to.id(), idle.id()], since).await.unwrap();
    health.retain(|of| of.last_delivery_at.is_some());
    assert_eq!(health, [EndpointHealth { id: to.id(), last_delivery_at: Some(last), failures: 2 }]);
    let other = Scope::Tenant(make::tenant("other"));
    let theirs = ports.deliveries().endpoint_health(&other, &[to.id()], since).await.unwrap();
    assert!(theirs.iter().all(|of| of.last_delivery_at.is_none() && of.failures == 0));
}

/// What waits for a later attempt, unless it is being sent again; what was over as it began.
pub async fn what_waits_for_a_later_attempt_is_lost_too(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Production).await;
    let start = ports.now();
    let waiting = tried(ports, delivery(ports, &to).await, answered(503)).await;
    ports.advance(Duration::from_secs(1));
    let mut missed = delivery(ports, &to).await;
    make::applied(missed.abandon(ports.now()));
    let missed = ports.stored(ports.deliveries(), missed).await;
    let end = after(ports.now(), Duration::from_secs(1));
    let lost = async || {
        let found = ports.deliveries().find_lost_deliveries(&acme(), to.id(), start, end, 10).await.unwrap();
        found.iter().map(Aggregate::id).collect::<Vec<_>>()
    };
    assert_eq!(lost().await, [waiting.id(), missed.id()]);
    let replay = ports.stored(ports.deliveries(), waiting.replay(ports.id(), ports.now()).unwrap()).await;
    assert_eq!(lost().await, [missed.id()]);
    let replay = tried(ports, replay, answered(503)).await;
    assert_eq!(replay.data().status, DeliveryStatus::Failed);
    assert_eq!(lost().await.len(), 3, "{:?} has failed too", replay.id());
    tried(ports, waiting, answered(204)).await;
    assert_eq!(lost().await, [missed.id()]);
}

/// What failed for good, unless it is on its way again or came through.
pub async fn what_was_lost_is_found_until_it_is_sent_again(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Production).await;
    let start = ports.now();
    let first = tried(ports, delivery(ports, &to).await, refused()).await;
    ports.advance(Duration::from_secs(1));
    let second = tried(ports, delivery(ports, &to).await, refused()).await;
    delivery(ports, &to).await;
    tried(ports, delivery(ports, &to).await, answered(200)).await;
    let end = after(ports.now(), Duration::from_secs(1));
    let lost = async |since, until, limit| {
        let found =
            ports.deliveries().find_lost_deliveries(&acme(), to.id(), since, until, limit).await.unwrap();
        found.iter().map(Aggregate::id).collect::<Vec<_>>()
    };
    assert_eq!(lost(start, end, 10).await, [first.id(), second.id()]);
    assert_eq!(lost(start, end, 1).await, [first.id()]);
    assert_eq!(lost(start, second.data().created_at, 10).await, [first.id()]);
    assert_eq!(lost(second.data().created_at, end, 10).await, [second.id()]);
    let replay = ports.stored(ports.deliveries(), first.replay(ports.id(), ports.now()).unwrap()).await;
    assert_eq!(lost(start, end, 10).await, [second.id()]);
    let replay = tried(ports, replay, refused()).await;
    assert_eq!(lost(start, end, 10).await, [first.id(), second.id(), replay.id()]);
    let replay = ports.stored(ports.deliveries(), replay.replay(ports.id(), ports.now()).unwrap()).await;
    tried(ports, replay, answered(200)).await;
    assert_eq!(lost(start, end, 10).await, [second.id()]);
    let other = Scope::Tenant(make::tenant("other"));
    assert!(
        ports.deliveries().find_lost_deliveries(&other, to.id(), start, end, 9).await.unwrap().is_empty()
    );
}

/// What ended long ago goes; what is pending stays.
pub async fn what_has_ended_is_forgotten(ports: &SuitePorts) {
    let to = endpoint(ports, "acme", Production).await;
    let old = tried(ports, delivery(ports, &to).await, refused()).await.id();
    let pending = delivery(ports, &to).await.id();
    ports.advance(Duration::from_secs(1));
    let now = ports.now();
    let new = tried(ports, delivery(ports, &to).await, answered(200)).await.id();
    assert_eq!(ports.deliveries().forget_deliveries(now).await.unwrap(), 1);
    assert_eq!(ports.deliveries().forget_deliveries(now).await.unwrap(), 0);
    for (id, there) in [(old, false), (pending, true), (new, true)] {
        assert_eq!(ports.deliveries().find(&acme(), &id).await.unwrap().is_some(), there);
    }
}
