//! Everything stored, as it is: what the auditor reads.

use std::collections::BTreeSet;
use std::slice::from_ref;

use sarai_domain::kernel::{Aggregate, EarningsLineId, OrderId};
use sarai_ports::{
    Scope,
    inventory::{DeadLetter, Raw, Scan},
};

use crate::{
    SuitePorts,
    harness::committed,
    make,
    subject::{Earnings, Licenses, Orders, Subject},
};

/// Every aggregate of a kind, read in parts of two.
async fn read<A: Aggregate>(inventory: &(impl Scan<A> + ?Sized)) -> Vec<Raw<A>> {
    let mut all: Vec<Raw<A>> = Vec::new();
    loop {
        let after = all.last().map(|raw| raw.id.clone());
        let part = inventory.scan(after.as_ref(), 2).await.expect("a part");
        assert!(part.len() <= 2, "no more than asked for");
        if part.is_empty() {
            return all;
        }
        all.extend(part);
    }
}

/// Every tenant's aggregates come once, in the order of their keys, whatever the size of the parts.
pub async fn everything_is_read_in_parts(ports: &SuitePorts) {
    let mut stored = BTreeSet::new();
    for buyer in ["acme", "globex", "acme", "initech", "acme"] {
        let order = make::order(ports, buyer, "ana");
        stored.insert((order.id(), make::tenant(buyer)));
        ports.put(&*ports.orders, order).await;
    }
    ports.put(&*ports.licenses, Licenses::fresh(ports)).await;
    let found = read::<<Orders as Subject>::Aggregate>(&*ports.inventory).await;
    let found: Vec<_> = found.into_iter().map(|raw| (raw.id, raw.tenant_id)).collect();
    assert_eq!(found, stored.into_iter().collect::<Vec<_>>());
}

/// A key of three parts sorts like its parts.
pub async fn periods_are_read_in_parts(ports: &SuitePorts) {
    let mut stored = Vec::new();
    for _ in 0..5 {
        stored.push(ports.stored(&*ports.earnings, Earnings::fresh(ports)).await.id());
    }
    stored.sort();
    let found = read::<<Earnings as Subject>::Aggregate>(&*ports.inventory).await;
    assert_eq!(found.into_iter().map(|raw| raw.id).collect::<Vec<_>>(), stored);
}

/// An aggregate comes as it was saved last, with all its rows; one that is not there does not come.
pub async fn one_is_looked_up_with_its_rows(ports: &SuitePorts) {
    let mut license = Licenses::stored(ports).await;
    for _ in 0..3 {
        Licenses::change(&mut license, ports);
    }
    let expected = license.clone();
    ports.put(&*ports.licenses, license).await;
    let found: Option<Raw<<Licenses as Subject>::Aggregate>> =
        ports.inventory.look(&expected.id()).await.expect("an answer");
    let found = found.expect("the licence");
    assert_eq!((found.id, found.tenant_id, found.version), (expected.id(), make::tenant("acme"), 2));
    let content = found.content.expect("it can be read");
    assert_eq!(&content.data, expected.data());
    assert_eq!(content.rows, expected.rows().collect::<Vec<_>>());

    let unknown: OrderId = ports.id();
    let found: Option<Raw<<Orders as Subject>::Aggregate>> =
        ports.inventory.look(&unknown).await.expect("an answer");
    assert!(found.is_none());
}

/// What breaks a rule is given out, or said to be unreadable; it stops nothing.
pub async fn what_is_broken_is_read_all_the_same(ports: &SuitePorts) {
    let mut unit = ports.unit(Orders::fresh(ports), ports.context());
    Orders::corrupt(&mut unit.changes.data);
    let (id, broken) = (unit.changes.id, unit.changes.data.clone());
    if ports.orders.save(&Scope::System, unit).await.is_err() {
        // A store may refuse to write it in the first place.
        return;
    }
    let well = Orders::stored(ports).await;
    let found = read::<<Orders as Subject>::Aggregate>(&*ports.inventory).await;
    assert_eq!(found.iter().map(|raw| raw.id).collect::<Vec<_>>(), [id, well.id()]);
    if let Ok(content) = &found[0].content {
        assert_eq!(content.data, broken);
    }
    assert!(found[1].content.is_ok());
}

/// The lines of the order lines asked for come, of every period, and no others.
pub async fn postings_are_found_by_order_line(ports: &SuitePorts) {
    let (first, second, third) = (ports.id(), ports.id(), ports.id());
    let mut expected: Vec<EarningsLineId> = Vec::new();
    for line in [first, second, third] {
        let mut earnings = Earnings::fresh(ports);
        let sale = make::sale(ports, line);
        if line != third {
            expected.push(sale.id);
        }
        make::applied(earnings.accrue(sale));
        ports.put(&*ports.earnings, earnings).await;
    }
    let mut found: Vec<_> = ports
        .inventory
        .postings(&[first, second])
        .await
        .expect("lines")
        .into_iter()
        .map(|row| row.id)
        .collect();
    found.sort();
    assert_eq!(found, expected);
    assert!(ports.inventory.postings(&[ports.id()]).await.expect("lines").is_empty());
}

/// An order is under way to a consumer until its last event is done.
pub async fn what_is_under_way_is_known(ports: &SuitePorts) {
    let order = Orders::fresh(ports);
    let (id, unit) = (order.id(), ports.unit(order, ports.context()));
    let deliveries = committed(ports.orders.save(&Scope::System, unit).await).deliveries;
    let quiet: OrderId = ports.id();
    let under_way = async |consumer| ports.inventory.under_way(consumer, &[id, quiet]).await.expect("orders");
    assert_eq!(under_way("alpha").await, BTreeSet::from([id]));
    assert_eq!(under_way("beta").await, BTreeSet::new());
    ports.outbox.done(from_ref(&deliveries[0])).await.expect("done");
    assert_eq!(under_way("alpha").await, BTreeSet::new());
}

/// What was given up is listed with its consumer; what is only late is not.
pub async fn dead_letters_are_listed(ports: &SuitePorts) {
    let poison = ports.put(&*ports.orders, Orders::fresh(ports)).await.deliveries.remove(0);
    let late = ports.put(&*ports.orders, Orders::fresh(ports)).await.deliveries.remove(0);
    ports.outbox.failed(&late, "later").await.expect("noted");
    let event = poison.event.clone();
    crate::outbox::kill(ports, poison).await;
    let letter = DeadLetter {
        event_id: event.id,
        tenant_id: event.tenant_id.clone(),
        aggregate: event.aggregate.to_owned(),
        subject: event.subject.clone(),
        topic: event.event.topic().to_owned(),
        consumer: "alpha".to_owned(),
        attempts: 20,
    };
    assert_eq!(ports.inventory.dead_letters(10).await.expect("letters"), [letter]);
    assert!(ports.inventory.dead_letters(0).await.expect("letters").is_empty());
}
