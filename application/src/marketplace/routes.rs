//! Which consumer gets which event: one table.

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

/// The consumers of a topic.
pub fn consumers_of(topic: &str) -> Vec<&'static str> {
    ROUTES.iter().filter(|(_, topics)| topics.contains(&topic)).map(|(consumer, _)| *consumer).collect()
}

/// The consumer that publishes: it gets every event.
pub const BROKER: &str = "broker";

/// The consumers of a topic where there is a broker.
pub fn consumers_and_broker(topic: &str) -> Vec<&'static str> {
    let mut consumers = consumers_of(topic);
    consumers.push(BROKER);
    consumers
}

#[cfg(test)]
mod tests {
    use sarai_domain::marketplace::event::MarketplaceEvent;

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
        assert!(consumers_of("marketplace.order.nothing.v1").is_empty());
    }
}
