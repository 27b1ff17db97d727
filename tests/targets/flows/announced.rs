//! Every event of every flow fits its schema member by member, and is the same event when it is read again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use jsonschema::Validator;
use sarai_domain::{devportal::event::DevportalEvent, marketplace::event::MarketplaceEvent};
use sarai_ports::events::EventRecord;

use crate::{
    payload::{data, errors, load, published_schema, strict, validator},
    world::{World, one_time},
};

static SCHEMAS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let strict = |topic| validator(&strict(&published_schema(topic)));
    MarketplaceEvent::topics().chain(DevportalEvent::topics()).map(|topic| (topic, strict(topic))).collect()
});

/// Holds what was announced against what is published.
pub(crate) fn check(events: &[Arc<EventRecord>]) {
    for record in events {
        let (topic, data) = (record.event.topic(), data(&record.event));
        assert_eq!(errors(&SCHEMAS[topic], &data), [""; 0], "{topic}: {data}");
        assert_eq!(load(topic, &data).as_ref(), Ok(&record.event));
    }
}

#[tokio::test]
async fn a_purchase_announces_listing_order_saga_licence_and_earnings() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    world.buy(&[(course, 1)], &[]).await;
    let recorded = world.store.recorded();
    let topics: BTreeSet<_> = recorded.iter().map(|record| record.event.topic()).collect();
    for topic in [
        "marketplace.listing.live.v1",
        "marketplace.order.fulfilled.v1",
        "marketplace.saga.finished.v1",
        "marketplace.license.granted.v1",
        "marketplace.earnings.accrued.v1",
    ] {
        assert!(topics.contains(topic), "{topic} was not announced");
    }
}
