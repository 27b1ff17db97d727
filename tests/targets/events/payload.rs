//! From an event to its payload and back, and a payload against its schema.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use sarai_application::{
    envelope::Envelope,
    published::{self, schema},
};
use sarai_domain::kernel::{EventId, TenantId, Timestamp, Ulid};
use sarai_ports::{Event, events::EventRecord, marketplace::platform};
use serde_json::{Map, Value};

/// Where the golden payloads and schemas are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/events")
}

/// Whose the aggregate is, as the outbox would have it.
fn owner(event: &Event) -> TenantId {
    let data = serde_json::to_value(event).unwrap();
    let named = ["buyerTenantId", "tenantId", "providerTenantId"].iter().find_map(|name| data[name].as_str());
    let named = named.or_else(|| data.pointer("/owner/provider")?.as_str());
    named.map_or_else(platform, |tenant| tenant.parse().unwrap())
}

/// The event as the outbox would keep it.
pub(crate) fn record(event: Event) -> EventRecord {
    let recorded_at: Timestamp = "2026-04-20T09:32:00.004217Z".parse().unwrap();
    EventRecord {
        id: EventId::new(Ulid::from(99_u128)),
        tenant_id: owner(&event),
        aggregate: "order",
        subject: "ord_01JS9714G0000000000000000A".to_owned(),
        aggregate_seq: 3,
        time: recorded_at,
        recorded_at,
        correlation_id: "ord_01JS9714G0000000000000000A".to_owned(),
        causation_id: None,
        event,
    }
}

/// An event's payload, cut as everything that leaves the process.
pub(crate) fn data(event: &Event) -> Value {
    Value::Object(Envelope::of(&record(event.clone())).unwrap().data)
}

/// Types whose stored events are tagged otherwise than they are called.
#[rustfmt::skip]
const TAGS: &[(&str, &str, &str)] = &[
    // A period announces how far its statement was signed.
    ("marketplace.statement.anchored.v1",        "earnings",      "anchored"),
    ("devportal.verify.blocked.v1",              "blocked_start", "blocked"),
    ("devportal.verify.policy_changed.v1",       "verify_policy", "changed"),
    ("devportal.verify.spend_policy_changed.v1", "spend_policy",  "changed"),
    ("devportal.verify.spend_cap_hit.v1",        "spend",         "cap_hit"),
    ("devportal.verify.spend_threshold.v1",      "spend",         "threshold"),
];

/// The event that a stored payload of a type is.
pub(crate) fn load(topic: &str, data: &Value) -> Result<Event, String> {
    let parts: Vec<_> = topic.split('.').collect();
    let [context, aggregate, event, "v1"] = parts[..] else {
        return Err(format!("{topic} is no topic"));
    };
    let (aggregate, event) = TAGS
        .iter()
        .find(|(known, _, _)| *known == topic)
        .map_or((aggregate, event), |(_, aggregate, event)| (*aggregate, *event));
    let mut stored: Map<String, Value> = data.as_object().cloned().ok_or("a payload is an object")?;
    stored.insert("aggregate".to_owned(), aggregate.into());
    stored.insert("event".to_owned(), event.into());
    let stored = Value::Object(stored);
    let read = match context {
        "marketplace" => serde_json::from_value(stored).map(Event::Marketplace),
        _ => serde_json::from_value(stored).map(Event::Devportal),
    };
    read.map_err(|error| error.to_string())
}

/// A type's schema as it is published.
pub(crate) fn published_schema(topic: &str) -> Value {
    schema::of_event(published::announced().find(|event| event.topic == topic).unwrap())
}

/// The same without tolerance: every member is there, and no other.
pub(crate) fn strict(schema: &Value) -> Value {
    let mut strict = schema.clone();
    tighten(&mut strict);
    strict
}

fn tighten(schema: &mut Value) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        schema["required"] = properties.keys().cloned().collect();
        schema["additionalProperties"] = false.into();
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(tighten),
        Value::Array(items) => items.iter_mut().for_each(tighten),
        _ => {}
    }
}

/// A validator of a schema that is one of draft 2020-12.
pub(crate) fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::draft202012::new(schema).unwrap()
}

/// What a payload does wrong, with the place.
pub(crate) fn errors(validator: &Validator, data: &Value) -> Vec<String> {
    validator.iter_errors(data).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
