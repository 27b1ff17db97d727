//! Which consumer of the developer portal gets which event: one table.

use std::sync::Arc;

use sarai_ports::events::Consumer;

use super::{
    key_course::KeySecrets,
    release_log,
    usage_course::UsageCounters,
    webhooks::{self, FanOut},
};
use crate::Ports;

/// The consumer that tells the auth-service what becomes of keys.
pub(super) const KEY_SECRETS: &str = "key-secrets";
/// The consumer that counts what is used.
pub(super) const USAGE: &str = "usage";

/// Consumers by the topics they want; what endpoints can ask for goes to [`webhooks::CONSUMER`] too.
const ROUTES: &[(&str, &[&str])] = &[
    (KEY_SECRETS, &["devportal.key.revoked.v1", "devportal.key.discarded.v1", "devportal.key.rotated.v1"]),
    (
        release_log::NAME,
        &["devportal.sdk.released.v1", "devportal.sdk.deprecated.v1", "devportal.sdk.yanked.v1"],
    ),
    (
        USAGE,
        &[
            "devportal.verify.requested.v1",
            "devportal.verify.blocked.v1",
            "devportal.verify.sent.v1",
            "devportal.verify.send_settled.v1",
            "devportal.verify.approved.v1",
            "devportal.verify.failed.v1",
            "devportal.verify.expired.v1",
        ],
    ),
];

/// The consumers of an event of this topic.
pub fn consumers_of(topic: &str) -> Vec<&'static str> {
    let wants = |(_, topics): &&(&'static str, &[&str])| topics.contains(&topic);
    let fan_out = FanOut::wants(topic).then_some(webhooks::CONSUMER);
    ROUTES.iter().filter(wants).map(|(consumer, _)| *consumer).chain(fan_out).collect()
}

/// Every consumer of this context that needs nothing but the common ports, for the relay; whoever wires the artifact store
/// adds the release log.
pub fn all(ports: &Arc<Ports>) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(KeySecrets::new(Arc::clone(ports))),
        Arc::new(UsageCounters::new(Arc::clone(ports))),
        Arc::new(FanOut::new(Arc::clone(ports))),
    ]
}

#[cfg(test)]
mod tests {
    use sarai_domain::devportal::event::DevportalEvent;

    use super::*;

    #[test]
    fn every_topic_of_a_route_is_one_that_the_domain_announces() {
        let announced: Vec<_> = DevportalEvent::topics().collect();
        for topic in ROUTES.iter().flat_map(|(_, topics)| *topics) {
            assert!(announced.contains(topic), "nobody announces {topic}");
        }
    }
}
