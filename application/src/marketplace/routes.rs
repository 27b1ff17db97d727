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
