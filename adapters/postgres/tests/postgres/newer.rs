//! What a newer program wrote: an older one leaves it where it is, and whatever else there is goes on (T53).

use std::time::Duration;

use sarai_domain::kernel::Aggregate;
use sarai_ports::{
    Scope, StoreError,
    events::{Backlog, Delivery, Partitions, Wanted},
};
use sarai_testkit::{SuitePorts, make};

use crate::world::World;

const LEASE: Duration = Duration::from_secs(15);
/// Longer than any pause between two tries.
const LATER: Duration = Duration::from_hours(1);
/// Failures after which a delivery is a dead letter.
const TRIES: u32 = 20;

async fn ports(world: &World) -> SuitePorts {
    SuitePorts::of(std::sync::Arc::new(world.store("older").await), world.clock.clone())
}

/// Commits an order, and lets its delivery lapse.
async fn left_behind(ports: &SuitePorts, buyer: &str) -> Delivery {
    let order = make::order(ports, buyer, "ana");
    let delivery = ports.put(&*ports.orders, order).await.deliveries.remove(0);
    ports.advance(LATER);
    delivery
}

async fn claim(ports: &SuitePorts) -> Vec<String> {
    let wanted = Wanted {
        consumers: &["alpha", "beta"],
        partitions: Partitions::ALL,
        limit: 100,
        run: 1,
        lease: LEASE,
    };
    let claimed = ports.outbox.claim_due(&wanted).await.expect("what can be read");
    ports.advance(LATER);
    claimed.iter().map(|delivery| delivery.event.subject.clone()).collect()
}

#[tokio::test]
async fn an_event_of_an_unknown_type_is_parked_until_a_newer_program_takes_it() {
    let world = World::new();
    let ports = ports(&world).await;
    let (unknown, known) = (left_behind(&ports, "acme").await, left_behind(&ports, "binary").await);
    let (unknown, known) = (unknown.event.subject.clone(), known.event.subject.clone());
    let newer = format!(
        "update events set topic = 'marketplace.order.wrapped.v2',
             payload = '{{\"aggregate\":\"order\",\"type\":\"wrapped\",\"paper\":\"red\"}}' where subject = '{unknown}'"
    );
    let before = world.database().psql(&["select payload from events"]).unwrap();
    let payload = before.lines().next().expect("a payload").to_owned();
    world.database().psql(&[&newer]).unwrap();
    for _ in 0..TRIES {
        assert_eq!(claim(&ports).await, [known.as_str()], "what is of others goes on");
    }
    assert_eq!(claim(&ports).await, [known.as_str()]);
    assert_eq!(ports.outbox.backlog().await.unwrap(), Backlog { open: 2, dead_letters: 1 });
    let letters = ports.inventory.dead_letters(10).await.expect("it can be listed");
    let [letter] = letters.as_slice() else { panic!("{letters:?}") };
    assert_eq!((letter.topic.as_str(), letter.attempts), ("marketplace.order.wrapped.v2", TRIES));
    assert_eq!(letter.subject, unknown);
    // The newer program's driver redrives, and reads what it wrote.
    let readable = format!("update events set payload = '{payload}' where subject = '{unknown}'");
    world.database().psql(&[&readable]).unwrap();
    assert_eq!(ports.outbox.redrive_all().await, Ok(1));
    let mut claimed = claim(&ports).await;
    claimed.sort();
    let mut both = [unknown, known];
    both.sort();
    assert_eq!(claimed, both);
}

/// Whoever looks at an aggregate whose events cannot all be read is told which, and sees the others.
#[tokio::test]
async fn an_event_of_an_unknown_type_hides_no_other() {
    let world = World::new();
    let ports = ports(&world).await;
    let unknown = left_behind(&ports, "acme").await.event;
    let mut order = ports.load(&*ports.orders, &unknown.subject.parse().unwrap()).await;
    assert!(order.request_cancel(ports.now()).is_ok());
    ports.put(&*ports.orders, order).await;
    let (topic, correlation) = ("marketplace.order.wrapped.v2", "both");
    let newer = format!(
        "update events set correlation_id = '{correlation}';
         update events set topic = '{topic}', payload = '[\"another form\"]' where id = '{}'",
        unknown.id
    );
    world.database().psql(&[&newer]).unwrap();
    let waiting = ports.outbox.waiting(&unknown.subject, 10).await.expect("what waits");
    let [first, second] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((first.topic(), second.topic()), (topic, "marketplace.order.cancel_requested.v1"));
    let logged = ports.events.by_correlation(&Scope::System, correlation, 10).await.unwrap();
    let [Err(unreadable), Ok(read)] = logged.as_slice() else { panic!("{logged:?}") };
    assert_eq!(
        (unreadable.id, unreadable.topic.as_str(), unreadable.time),
        (unknown.id, topic, unknown.time)
    );
    assert!(unreadable.to_string().contains(&unknown.subject), "{unreadable}");
    assert_eq!(read.id, second.event.as_ref().unwrap().id);
}

#[tokio::test]
async fn a_document_of_an_unknown_version_is_refused_and_left_as_it_is() {
    let world = World::new();
    let ports = ports(&world).await;
    let (order, other) = (make::order(&ports, "acme", "ana"), make::order(&ports, "acme", "ana"));
    let (id, other_id) = (order.id(), other.id());
    ports.put(&*ports.orders, order).await;
    ports.put(&*ports.orders, other).await;
    let newer = format!(
        "update orders set doc = (doc::jsonb || '{{\"status\": \"wrapped\", \"paper\": \"red\"}}')::json where id = '{id}'"
    );
    world.database().psql(&[&newer]).unwrap();
    let stored = format!("select md5(doc::text), version from orders where id = '{id}'");
    let before = world.database().psql(&[&stored]).unwrap();
    for scope in [Scope::System, Scope::Tenant(make::tenant("acme"))] {
        let found = ports.orders.find(&scope, &id).await;
        assert!(matches!(found, Err(StoreError::Corrupt { aggregate: "order", .. })), "{found:?}");
        assert!(ports.orders.find(&scope, &other_id).await.unwrap().is_some());
    }
    assert_eq!(world.database().psql(&[&stored]).unwrap(), before);
}

/// A member that a newer program added is no reason to refuse: within a version members are only added.
#[tokio::test]
async fn a_member_that_a_newer_program_added_is_passed_over() {
    let world = World::new();
    let ports = ports(&world).await;
    let order = make::order(&ports, "acme", "ana");
    let id = order.id();
    ports.put(&*ports.orders, order).await;
    world.database().psql(&["update orders set doc = (doc::jsonb || '{\"paper\": \"red\"}')::json"]).unwrap();
    assert!(ports.orders.find(&Scope::System, &id).await.unwrap().is_some());
}
