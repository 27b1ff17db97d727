//! Which consumers get an event, of whichever context: the contexts do not know each other.

use std::sync::Arc;

use sarai_ports::{Event, events::Consumer};

use crate::{Ports, devportal, marketplace};

pub use crate::marketplace::routes::BROKER;

/// The consumers of an event.
pub fn consumers_of(event: &Event) -> Vec<&'static str> {
    match event {
        Event::Marketplace(_) => marketplace::routes::consumers_of(event),
        Event::Devportal(_) => devportal::routes::consumers_of(event.topic()),
    }
}

/// The consumers of an event where there is a broker.
pub fn consumers_and_broker(event: &Event) -> Vec<&'static str> {
    let mut consumers = consumers_of(event);
    consumers.push(BROKER);
    consumers
}

/// Every consumer, for the relay.
pub fn consumers(ports: &Arc<Ports>) -> Vec<Arc<dyn Consumer>> {
    let mut all = marketplace::consumers::all(ports);
    all.extend(devportal::routes::all(ports));
    all
}
