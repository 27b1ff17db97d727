//! The one form in which an event leaves the process: `CloudEvents` 1.0, structured JSON (platform.md 3).

use std::fmt;

use sarai_domain::{
    devportal::{DevportalEvent, values::Environment},
    kernel::{EventId, TenantId, Timestamp},
};
use sarai_ports::{Event, events::EventRecord};
use serde::Serialize;
use serde_json::{Map, Value};

/// Where the marketplace's events come from (ruling R43).
pub const MARKETPLACE: &str = "/sarai/marketplace";
/// Where the developer portal's events come from.
pub const DEVPORTAL: &str = "/sarai/devportal";
/// The version of `CloudEvents` spoken.
pub const SPEC_VERSION: &str = "1.0";
/// The media type of every `data`.
pub const DATA_CONTENT_TYPE: &str = "application/json";
/// The media type of an envelope.
pub const MEDIA_TYPE: &str = "application/cloudevents+json";

/// The members by which a stored event is told apart; the envelope's `type` says the same.
const TAGS: [&str; 2] = ["aggregate", "event"];

/// An event as others see it. Members that have no value are absent: `CloudEvents` knows no null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Envelope {
    /// The event's id.
    pub id: EventId,
    /// The context it comes from: [`source_of`] the type.
    pub source: &'static str,
    /// [`SPEC_VERSION`].
    pub specversion: &'static str,
    /// What happened, such as `marketplace.order.paid.v1`.
    #[serde(rename = "type")]
    pub topic: &'static str,
    /// The aggregate's id.
    pub subject: String,
    /// Real time of the commit (ruling R69).
    pub time: Timestamp,
    /// [`DATA_CONTENT_TYPE`].
    pub datacontenttype: &'static str,
    /// Where the schema of `data` is: [`schema_of`] the type.
    pub dataschema: String,
    /// The tenant of the aggregate.
    pub tenantid: TenantId,
    /// The event's place among those of its aggregate, from 1 without gaps.
    pub aggregateseq: u64,
    /// Ties together everything one purchase set off.
    pub correlationid: String,
    /// The event whose handling caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causationid: Option<String>,
    /// In which world it happened, where there are two (ruling R11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<&'static str>,
    /// The payload.
    pub data: Map<String, Value>,
}

/// An event that has no JSON form, which is a defect of its type.
#[derive(Debug)]
pub struct EnvelopeError {
    topic: &'static str,
    reason: String,
}

impl fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no JSON form: {}", self.topic, self.reason)
    }
}

impl std::error::Error for EnvelopeError {}

/// Where events of this type come from.
pub fn source_of(topic: &str) -> &'static str {
    if Event::is_devportal(topic) { DEVPORTAL } else { MARKETPLACE }
}

/// Where the JSON Schema of a type's `data` is served.
pub fn schema_of(topic: &str) -> String {
    format!("/schemas/{topic}.json")
}

impl Envelope {
    /// An event in its envelope, its payload whole.
    ///
    /// # Errors
    /// When the event cannot be written as a JSON object.
    pub fn of(record: &EventRecord) -> Result<Self, EnvelopeError> {
        let topic = record.event.topic();
        let mut data = match serde_json::to_value(&record.event) {
            Ok(Value::Object(data)) => data,
            Ok(_) => return Err(EnvelopeError { topic, reason: "it is no object".to_owned() }),
            Err(error) => return Err(EnvelopeError { topic, reason: error.to_string() }),
        };
        for tag in TAGS {
            data.remove(tag);
        }
        Ok(Self {
            id: record.id,
            source: source_of(topic),
            specversion: SPEC_VERSION,
            topic,
            subject: record.subject.clone(),
            time: record.recorded_at,
            datacontenttype: DATA_CONTENT_TYPE,
            dataschema: schema_of(topic),
            tenantid: record.tenant_id.clone(),
            aggregateseq: record.aggregate_seq,
            correlationid: record.correlation_id.clone(),
            causationid: record.causation_id.clone(),
            environment: record
                .event
                .devportal()
                .and_then(DevportalEvent::environment)
                .map(Environment::as_str),
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use sarai_domain::{
        kernel::{Currency, ListingId, Money, OrderId, SagaId, UserId},
        marketplace::{
            listing::{ListingEvent, ListingFacts},
            order::{OrderEvent, OrderRef},
        },
    };
    use serde_json::json;

    use super::*;

    fn returned(causation_id: Option<String>) -> EventRecord {
        let order_id: OrderId = "ord_01J000000000000000000000AB".parse().unwrap();
        EventRecord {
            id: "evt_01J000000000000000000000EV".parse().unwrap(),
            tenant_id: TenantId::from_static("acc_buyer"),
            aggregate: "order",
            subject: order_id.to_string(),
            aggregate_seq: 7,
            time: "2026-05-01T10:00:00Z".parse().unwrap(),
            recorded_at: "2026-04-01T09:00:00.000001Z".parse().unwrap(),
            correlation_id: order_id.to_string(),
            causation_id,
            event: Event::from(OrderEvent::Returned {
                order: OrderRef {
                    order_id,
                    saga_id: "sga_01J000000000000000000000SA".parse::<SagaId>().unwrap(),
                    buyer_tenant_id: TenantId::from_static("acc_buyer"),
                    buyer_user_id: UserId::from_static("usr_ann"),
                    sellers: Vec::new(),
                },
                refunded_total: Money::parse("19.99", Currency::parse("USD").unwrap()).unwrap(),
                returned_at: "2026-05-01T10:00:00Z".parse().unwrap(),
            }),
        }
    }

    #[test]
    fn an_envelope_is_a_cloud_event_with_the_real_time_of_the_commit() {
        let envelope = Envelope::of(&returned(Some("evt_01J000000000000000000000EA".to_owned()))).unwrap();
        assert_eq!(
            serde_json::to_value(envelope).unwrap(),
            json!({
                "id": "evt_01J000000000000000000000EV",
                "source": "/sarai/marketplace",
                "specversion": "1.0",
                "type": "marketplace.order.returned.v1",
                "subject": "ord_01J000000000000000000000AB",
                "time": "2026-04-01T09:00:00.000001Z",
                "datacontenttype": "application/json",
                "dataschema": "/schemas/marketplace.order.returned.v1.json",
                "tenantid": "acc_buyer",
                "aggregateseq": 7,
                "correlationid": "ord_01J000000000000000000000AB",
                "causationid": "evt_01J000000000000000000000EA",
                "data": {
                    "orderId": "ord_01J000000000000000000000AB",
                    "sagaId": "sga_01J000000000000000000000SA",
                    "buyerTenantId": "acc_buyer",
                    "buyerUserId": "usr_ann",
                    "sellers": [],
                    "refundedTotal": {"amount": "19.99", "currency": "USD"},
                    "returnedAt": "2026-05-01T10:00:00Z",
                },
            })
        );
    }

    #[test]
    fn an_attribute_without_a_value_is_absent() {
        let envelope = serde_json::to_value(Envelope::of(&returned(None)).unwrap()).unwrap();
        assert!(envelope.get("causationid").is_none());
    }

    #[test]
    fn attributes_are_named_as_cloud_events_demands() {
        let envelope = serde_json::to_value(Envelope::of(&returned(None)).unwrap()).unwrap();
        for name in envelope.as_object().unwrap().keys() {
            let fine = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
            assert!(fine && name.len() <= 20, "{name}");
        }
    }

    #[test]
    fn the_tags_of_a_stored_event_stay_inside() {
        let record = EventRecord {
            event: Event::from(ListingEvent::Rejected {
                listing: ListingFacts {
                    listing_id: "lst_01J000000000000000000000AB".parse::<ListingId>().unwrap(),
                    provider_tenant_id: TenantId::from_static("acc_provider"),
                    course_id: sarai_domain::kernel::CourseId::from_static("crs_1"),
                    course_version_id: sarai_domain::kernel::CourseVersionId::from_static("cv_1"),
                    at: "2026-05-01T10:00:00Z".parse().unwrap(),
                },
                reason: "blurred".to_owned(),
            }),
            ..returned(None)
        };
        let names: Vec<String> =
            Envelope::of(&record).unwrap().data.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["at", "courseId", "courseVersionId", "listingId", "providerTenantId", "reason"]);
    }
}
