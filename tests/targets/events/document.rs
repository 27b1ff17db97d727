//! The `AsyncAPI` document: whole in itself, and true of the envelopes that leave the process.

use std::collections::BTreeSet;

use sarai_application::{
    envelope::Envelope,
    published::{INBOUND, announced, asyncapi},
};
use sarai_ports::audience::AUDIENCES;
use serde_json::{Value, json};

use crate::{
    examples, inbound,
    payload::{data, errors, load, record, validator},
};

/// Every reference in a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = asyncapi::document_json();
    let mut found = Vec::new();
    references(&document, &mut found);
    let pointer =
        |reference: &str| reference.strip_prefix('#').map(|pointer| document.pointer(pointer).is_some());
    for reference in &found {
        assert_eq!(pointer(reference), Some(true), "{reference}");
    }
    assert_eq!(pointer("#/components/schemas/Nothing"), Some(false));
    let used: BTreeSet<_> = found.into_iter().collect();
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            assert!(
                used.contains(format!("#/components/{kind}/{name}").as_str()),
                "{kind}/{name} is not used"
            );
        }
    }
}

/// The schema of a message, with the components it refers to.
fn message(document: &Value, topic: &str) -> Value {
    json!({"$ref": format!("#/components/messages/{topic}/payload"), "components": document["components"]})
}

#[test]
fn every_envelope_fits_its_message_and_no_other() {
    let document = asyncapi::document_json();
    for example in examples::all() {
        let topic = example.event.topic();
        let envelope = serde_json::to_value(Envelope::of(&record(example.event.clone())).unwrap()).unwrap();
        let own = validator(&message(&document, topic));
        assert_eq!(errors(&own, &envelope), [""; 0], "{}", example.name);
        let caused = json!({"causationid": "evt_01JS9714G0000000000000001R"});
        let mut with_cause = envelope.clone();
        with_cause.as_object_mut().unwrap().extend(caused.as_object().unwrap().clone());
        assert!(own.is_valid(&with_cause));
        for missing in ["id", "type", "data", "tenantid", "aggregateseq"] {
            let mut less = envelope.clone();
            less.as_object_mut().unwrap().remove(missing);
            assert!(!own.is_valid(&less), "{topic} without {missing}");
        }
    }
    let placed =
        examples::all().into_iter().find(|example| example.name.ends_with("order.placed.v1")).unwrap();
    let placed = serde_json::to_value(Envelope::of(&record(placed.event)).unwrap()).unwrap();
    assert!(!validator(&message(&document, "marketplace.order.paid.v1")).is_valid(&placed));
}

#[test]
fn every_integration_event_fits_its_message() {
    let document = asyncapi::document_json();
    for (topic, event) in inbound::all() {
        assert_eq!(errors(&validator(&message(&document, topic)), &event), [""; 0], "{topic}");
    }
}

#[test]
fn every_type_is_sent_or_received_over_a_channel_of_its_name() {
    let document = asyncapi::document_json();
    let operations = document["operations"].as_object().unwrap();
    assert_eq!(operations.len(), 1 + announced().count() + INBOUND.len(), "the feed is the one more");
    for event in announced() {
        let operation = &operations[&format!("send.{}", event.topic)];
        assert_eq!(operation["action"], "send");
        let channel = &document["channels"][event.topic];
        assert_eq!(channel["address"], format!("{}.{{tenant}}", event.topic));
        assert_eq!(operation["channel"]["$ref"], format!("#/channels/{}", event.topic));
    }
    for event in INBOUND {
        let operation = &operations[&format!("receive.{}", event.topic)];
        assert_eq!(operation["action"], "receive");
        let channel = &document["channels"][&format!("integrations.{}", event.source.name())];
        assert_eq!(channel["address"], format!("/v1/integrations/{}/events", event.source.name()));
        assert!(channel["messages"].get(event.topic).is_some(), "{}", event.topic);
    }
}

#[test]
fn the_feed_carries_what_has_an_audience_and_no_more() {
    let document = asyncapi::document_json();
    let carried = document["channels"]["feed"]["messages"].as_object().unwrap();
    let heard = AUDIENCES.iter().filter(|(_, audiences)| !audiences.is_empty()).map(|(topic, _)| *topic);
    assert_eq!(carried.keys().map(String::as_str).collect::<BTreeSet<_>>(), heard.collect());
    assert_eq!(document["operations"]["send.feed"]["channel"]["$ref"], "#/channels/feed");
}

#[test]
fn every_example_of_the_document_is_one() {
    let document = asyncapi::document_json();
    for (topic, described) in document["components"]["messages"].as_object().unwrap() {
        let example = &described["examples"][0]["payload"];
        assert_eq!(errors(&validator(&message(&document, topic)), example), [""; 0], "{topic}");
        if announced().any(|event| event.topic == topic) {
            let loaded = load(topic, &example["data"]).unwrap();
            assert_eq!(data(&loaded), example["data"], "{topic}");
        }
    }
}
