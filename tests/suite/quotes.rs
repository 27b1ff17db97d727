//! Quotes: when they end and which order they become.

use std::time::Duration;

use sarai_domain::{kernel::Aggregate, marketplace::quote::LIFETIME};

use crate::{
    SuitePorts,
    harness::{after, before},
    make,
};

fn lifetime() -> Duration {
    LIFETIME.try_into().expect("a positive time")
}

/// A quote is due from the instant of its end, not before.
pub async fn one_is_due_from_its_end_on(ports: &SuitePorts) {
    let quote = ports.stored(&*ports.quotes, make::quote(ports, "acme", "ana")).await;
    let end = quote.data().expires_at;
    assert_eq!(end, after(quote.data().created_at, lifetime()));
    let early = before(end, Duration::from_micros(1));
    assert_eq!(ports.quotes.find_expiring(early, 10).await.unwrap(), []);
    assert_eq!(ports.quotes.find_expiring(end, 10).await.unwrap(), [quote.id()]);
    assert_eq!(ports.quotes.find_expiring(end.plus_days(1), 10).await.unwrap(), [quote.id()]);
}

/// A used or expired quote is due no more.
pub async fn one_that_is_over_is_not_due(ports: &SuitePorts) {
    let mut used = ports.stored(&*ports.quotes, make::quote(ports, "acme", "ana")).await;
    let mut expired = ports.stored(&*ports.quotes, make::quote(ports, "acme", "ana")).await;
    let end = used.data().expires_at;
    make::applied(used.use_by(&make::user("ana"), ports.now()));
    make::applied(expired.expire(end));
    ports.put(&*ports.quotes, used).await;
    ports.put(&*ports.quotes, expired).await;
    assert_eq!(ports.quotes.find_expiring(end, 10).await.unwrap(), []);
    assert_eq!(ports.quotes.next_expiry(ports.now()).await.unwrap(), None);
}

/// The earliest come first, and no more than asked for.
pub async fn the_earliest_are_due_first(ports: &SuitePorts) {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(ports.stored(&*ports.quotes, make::quote(ports, "acme", "ana")).await.id());
        ports.advance(Duration::from_secs(1));
    }
    let late = ports.now().plus_days(1);
    assert_eq!(ports.quotes.find_expiring(late, 2).await.unwrap(), ids[..2]);
    assert_eq!(ports.quotes.find_expiring(late, 10).await.unwrap(), ids);
}

/// The next end is strictly after the time asked about.
pub async fn the_next_end_is_after(ports: &SuitePorts) {
    assert_eq!(ports.quotes.next_expiry(ports.now()).await.unwrap(), None);
    let first = ports.stored(&*ports.quotes, make::quote(ports, "acme", "ana")).await.data().expires_at;
    ports.advance(Duration::from_secs(1));
    let second = ports.stored(&*ports.quotes, make::quote(ports, "acme", "ana")).await.data().expires_at;
    let early = before(first, Duration::from_micros(1));
    assert_eq!(ports.quotes.next_expiry(early).await.unwrap(), Some(first));
    assert_eq!(ports.quotes.next_expiry(first).await.unwrap(), Some(second));
    assert_eq!(ports.quotes.next_expiry(second).await.unwrap(), None);
}

/// The order's id leads to the quote that set it aside.
pub async fn its_order_leads_to_it(ports: &SuitePorts) {
    let quote = ports.stored(&*ports.quotes, make::quote(ports, "acme", "ana")).await;
    ports.put(&*ports.quotes, make::quote(ports, "acme", "ana")).await;
    let found = ports.quotes.find_by_order(quote.data().order_id).await.unwrap().unwrap();
    assert_eq!((found.data(), found.version()), (quote.data(), 1));
    assert!(ports.quotes.find_by_order(ports.id()).await.unwrap().is_none());
}

/// Taxes and discounts come back per line.
pub async fn its_parts_round_trip(ports: &SuitePorts) {
    let quote = make::quote(ports, "acme", "ana");
    let taxes: Vec<_> = quote.line_taxes().collect();
    let stored = ports.stored(&*ports.quotes, quote).await;
    assert_eq!(stored.line_taxes().collect::<Vec<_>>(), taxes);
    assert_eq!(stored.data().totals, make::usd("28.06"));
}
