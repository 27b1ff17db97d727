//! Which consumer gets which event: one table, less what a consumer would pass over.

use sarai_domain::marketplace::{event::MarketplaceEvent, order::OrderEvent};
use sarai_ports::Event;

/// Consumers by the topics they want.
#[rustfmt::skip]
const ROUTES: &[(&str, &[&str])] = &[
    ("saga", &[
        "marketplace.order.placed.v1",
        "marketplace.order.paid.v1",
        "marketplace.order.payment_mismatched.v1",
        "marketplace.order.payment_failed.v1",
        "marketplace.order.cancel_requested.v1",
        "marketplace.order.refund_requested.v1",
        "marketplace.order.refunded.v1",
        "marketplace.order.refund_failed.v1",
    ]),
    ("saga-commands", &["marketplace.saga.command_issued.v1"]),
    ("refunds", &[
        "marketplace.order.paid.v1",
        "marketplace.order.refund_requested.v1",
        "marketplace.order.fulfilled.v1",
    ]),
    ("stray-captures", &[
        "marketplace.order.payment_mismatched.v1",
        "marketplace.order.payment_after_close.v1",
        "marketplace.order.payment_duplicate.v1",
    ]),
    ("revocations", &["marketplace.order.refunded.v1"]),
    ("earnings", &["marketplace.order.fulfilled.v1", "marketplace.order.refunded.v1"]),
    ("carry", &["marketplace.earnings.ready.v1"]),
    ("payouts", &["marketplace.earnings.ready.v1"]),
    ("enrolments", &[
        "marketplace.license.seat_assigned.v1",
        "marketplace.license.seat_released.v1",
        "marketplace.license.expired.v1",
        "marketplace.license.revoked.v1",
    ]),
];

/// The consumers of an event: a delivery is a row that is written, claimed and deleted, so who has nothing to do gets
/// none.
pub fn consumers_of(event: &Event) -> Vec<&'static str> {
    let wants = |(consumer, topics): &&(&'static str, &[&str])| {
        topics.contains(&event.topic()) && !passes_over(consumer, event)
    };
    ROUTES.iter().filter(wants).map(|(consumer, _)| *consumer).collect()
}

/// Whether a consumer has nothing to do for an event of a topic it wants, as the event itself says.
fn passes_over(consumer: &str, event: &Event) -> bool {
    let Event::Marketplace(event) = event else { return false };
    match (consumer, event) {
        ("refunds", MarketplaceEvent::Order(OrderEvent::Paid { cancel_requested, .. })) => !cancel_requested,
        ("refunds", MarketplaceEvent::Order(OrderEvent::Fulfilled { pending_refund, .. })) => {
            pending_refund.is_none()
        }
        ("refunds", MarketplaceEvent::Order(OrderEvent::RefundRequested { fulfilled, .. })) => !fulfilled,
        ("saga", MarketplaceEvent::Order(OrderEvent::RefundRequested { fulfilled, .. })) => *fulfilled,
        ("saga", MarketplaceEvent::Order(OrderEvent::Refunded { fulfilled_at, .. })) => {
            fulfilled_at.is_some()
        }
        _ => false,
    }
}

/// The consumer that publishes: it gets every event.
pub const BROKER: &str = "broker";

/// The consumers of an event where there is a broker.
pub fn consumers_and_broker(event: &Event) -> Vec<&'static str> {
    let mut consumers = consumers_of(event);
    consumers.push(BROKER);
    consumers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::consumers::HANDLERS;

    #[test]
    fn every_route_has_its_consumer_and_every_consumer_its_route() {
        let mut routed: Vec<&str> = ROUTES.iter().map(|(consumer, _)| *consumer).collect();
        let mut known: Vec<&str> = HANDLERS.iter().copied().chain(["saga", "saga-commands"]).collect();
        routed.sort_unstable();
        known.sort_unstable();
        assert_eq!(routed, known);
    }

    #[test]
    fn every_topic_of_a_route_is_one_that_the_domain_announces() {
        let announced: Vec<_> = MarketplaceEvent::topics().collect();
        for topic in ROUTES.iter().flat_map(|(_, topics)| *topics) {
            assert!(announced.contains(topic), "nobody announces {topic}");
        }
    }
}
