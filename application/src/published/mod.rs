//! The published language: every type of event that leaves the process or is taken from others, as one table.
//!
//! From it come the JSON Schemas ([`schema`]), the `AsyncAPI` document ([`asyncapi`]) and the list for people
//! ([`list`]). Tests hold it against the domain's types: golden payloads, their mutations, and every event that
//! real purchases emit. Within `v1` members are only added; another meaning is another version.

pub mod asyncapi;
mod coupon;
mod devportal;
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
use sarai_ports::{
    audience::{AUDIENCES, Audience},
    inbound::Source,
};
use shape::Field;

/// A type of event that is announced.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// Its name, such as `marketplace.order.paid.v1`.
    pub topic: &'static str,
    /// When it is announced.
    pub when: &'static str,
    /// Whose the aggregate is, in words.
    pub owner: &'static str,
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
    owner: &'static str,
    data: &'static [&'static [Field]],
) -> EventType {
    EventType { topic, when, owner, data }
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
    .chain(devportal::EVENTS.iter().copied())
    .flatten()
}

impl EventType {
    /// The members of its payload.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        self.data.iter().copied().flatten()
    }

    /// Whom it is for.
    pub fn audiences(&self) -> &'static [Audience] {
        let row = AUDIENCES.iter().find(|(topic, _)| *topic == self.topic);
        row.map(|(_, audiences)| *audiences).unwrap_or_default()
    }

    /// In whose feeds it appears, in words.
    pub fn readers(&self) -> String {
        let words = self.audiences().iter().map(|audience| match audience {
            Audience::Owner => self.owner,
            Audience::Sellers => "whoever sells it",
        });
        let words: Vec<_> = words.collect();
        if words.is_empty() { "nobody outside".to_owned() } else { words.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use sarai_ports::Event;

    use super::*;

    #[test]
    fn every_topic_of_the_domain_is_described_in_its_order() {
        let described: Vec<_> = announced().map(|event| event.topic).collect();
        assert_eq!(described, Event::topics().collect::<Vec<_>>());
    }

    #[test]
    fn whoever_is_named_as_a_reader_has_it_in_a_feed() {
        let mut known: Vec<_> = AUDIENCES.iter().map(|(topic, _)| *topic).collect();
        let mut described: Vec<_> = announced().map(|event| event.topic).collect();
        known.sort_unstable();
        described.sort_unstable();
        assert_eq!(described, known);
        let readers = |topic| announced().find(|event| event.topic == topic).unwrap().readers();
        assert_eq!(readers("marketplace.order.placed.v1"), "its buyer, whoever sells it");
        assert_eq!(readers("marketplace.order.payment_failed.v1"), "its buyer");
        assert_eq!(readers("marketplace.license.lease_issued.v1"), "the tenant whose people learn");
        assert_eq!(readers("marketplace.quote.used.v1"), "nobody outside");
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
