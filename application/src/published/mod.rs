//! The published language: every type of event that leaves the process or is taken from others, as one table.
//!
//! From it come the JSON Schemas ([`schema`]), the `AsyncAPI` document ([`asyncapi`]) and the list for people
//! ([`list`]). Tests hold it against the domain's types: golden payloads, their mutations, and every event that
//! real purchases emit. Within `v1` members are only added; another meaning is another version.

pub mod asyncapi;
mod coupon;
mod earnings;
mod inbound;
mod license;
pub mod list;
mod listing;
mod order;
mod quote;
mod saga;
pub mod sample;
pub mod schema;
pub mod shape;
mod terms;

pub use inbound::INBOUND;
use sarai_ports::inbound::Source;
use shape::Field;

/// A type of event that is announced.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// Its name, such as `marketplace.order.paid.v1`.
    pub topic: &'static str,
    /// When it is announced.
    pub when: &'static str,
    /// In whose feeds it appears, in words.
    pub readers: &'static str,
    /// The members of its payload, in groups.
    pub data: &'static [&'static [Field]],
}

/// A type of event that is taken from another service.
#[derive(Debug, Clone, Copy)]
pub struct InboundType {
    /// Who sends it.
    pub source: Source,
    /// Its name, such as `billing.payment.succeeded.v1`.
    pub topic: &'static str,
    /// When it is sent.
    pub when: &'static str,
    /// The members of its payload.
    pub data: &'static [Field],
}

/// An event in one of the tables.
const fn event(
    topic: &'static str,
    when: &'static str,
    readers: &'static str,
    data: &'static [&'static [Field]],
) -> EventType {
    EventType { topic, when, readers, data }
}

/// Every type that is announced, by aggregate.
pub fn announced() -> impl Iterator<Item = &'static EventType> {
    [
        listing::EVENTS,
        order::EVENTS,
        license::EVENTS,
        coupon::EVENTS,
        saga::EVENTS,
        earnings::EVENTS,
        quote::EVENTS,
    ]
    .into_iter()
    .flatten()
}

impl EventType {
    /// The members of its payload.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        self.data.iter().copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use sarai_domain::marketplace::event::MarketplaceEvent;

    use super::*;

    #[test]
    fn every_topic_of_the_domain_is_described_in_its_order() {
        let described: Vec<_> = announced().map(|event| event.topic).collect();
        assert_eq!(described, MarketplaceEvent::topics().collect::<Vec<_>>());
    }

    #[test]
    fn no_payload_has_two_members_of_one_name() {
        for event in announced() {
            let mut names: Vec<_> = event.fields().map(|field| field.name).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{}", event.topic);
        }
    }

    #[test]
    fn an_inbound_type_is_named_after_its_sender() {
        for inbound in INBOUND {
            assert!(inbound.topic.starts_with(&format!("{}.", inbound.source.name())), "{}", inbound.topic);
            assert!(inbound.topic.strip_suffix(".v1").is_some(), "{}", inbound.topic);
        }
    }
}
