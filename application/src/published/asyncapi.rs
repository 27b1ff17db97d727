//! The table as an `AsyncAPI` 3 document: what is sent, what is received, under which names.

use std::collections::BTreeMap;

use sarai_ports::inbound::Source;
use serde_json::{Map, Value, json};

use super::{
    EventType, INBOUND, InboundType, announced, sample,
    schema::{self, Definitions},
    shape::{Field, Shape, one, words},
    terms::{ENVIRONMENT, EVENT_ID, INSTANT, TENANT_ID},
};
use crate::envelope::{DATA_CONTENT_TYPE, MEDIA_TYPE, SPEC_VERSION, schema_of};

const SCHEMAS: &str = "#/components/schemas/";
/// The channel that is the feed.
const FEED: &str = "feed";

const INFO: &str = "Every event is one CloudEvents 1.0 envelope in structured JSON, the same on \
every way out. Today there is one: the feed of each tenant it concerns, `GET /v1/events`, in numbered order without \
gaps. The other channels are the subjects under which a broker will carry it; neither the broker nor webhooks to \
subscribers are there yet. They will deliver at least once, in order for one `subject`: `id` tells repetitions \
apart, `aggregateseq` tells the order.\n\n\
Within `v1` members are only added: let members through that you do not know. A copy in a feed is \
cut to its reader: what is not for everyone is absent there, and no schema requires it. The schema of each `data` is served at its `dataschema`.\n\n\
What other services tell Sarai is described as `receive`: signed webhooks (Standard Webhooks), taken once per `id`, \
in any order.";

/// The contexts, as envelopes name them (ruling R43).
const CONTEXT: Shape = words(
    "Context",
    "The part of Sarai that an event comes from.",
    &[
        ("/sarai/marketplace", "listings, orders, licences, earnings"),
        ("/sarai/devportal", "accounts, keys, verifications"),
    ],
);

/// What every envelope says beside `type`, `dataschema` and `data`.
const ENVELOPE: &[Field] = &[
    one("specversion", Shape::Word(SPEC_VERSION), "The version of CloudEvents."),
    one("id", EVENT_ID, "The event's id: the same event again has the same."),
    one("source", CONTEXT, "Where it comes from."),
    one("type", Shape::Text, "What happened."),
    one("subject", Shape::Text, "The id of the aggregate it happened to."),
    one("time", INSTANT, "When it was recorded, in real time."),
    one("datacontenttype", Shape::Word(DATA_CONTENT_TYPE), "The media type of `data`."),
    one("dataschema", Shape::Text, "Where the schema of `data` is served."),
    one("tenantid", TENANT_ID, "The tenant of the aggregate."),
    one("aggregateseq", Shape::Whole(1, u64::MAX), "Its place among the aggregate's events, without gaps."),
    one("correlationid", Shape::Text, "Ties together everything one purchase set off."),
];

/// The members that are there only when they have a value.
const ENVELOPE_OPTIONAL: &[Field] = &[
    one("causationid", Shape::Text, "The event whose handling caused this one."),
    one("environment", ENVIRONMENT, "In which world it happened, where there are two."),
];

/// What the envelope of an integration event has to say.
const INBOUND_ENVELOPE: &[Field] = &[
    one("specversion", Shape::Word(SPEC_VERSION), "The version of CloudEvents."),
    one("id", Shape::Text, "1 to 255 characters; taken once per sender."),
    one("source", Shape::Text, "The sender, for the log."),
    one("type", Shape::Text, "What happened; the sender's name before and `.v1` after it may be left out."),
];

const INBOUND_OPTIONAL: &[Field] = &[one("time", INSTANT, "When it happened.")];

/// The document as it is served and printed.
pub fn document() -> String {
    schema::text(&document_json())
}

/// The document as a value.
pub fn document_json() -> Value {
    let mut definitions = Definitions::new(SCHEMAS);
    let mut schemas = BTreeMap::new();
    schemas.insert("CloudEvent".to_owned(), envelope(&mut definitions, ENVELOPE, ENVELOPE_OPTIONAL));
    schemas.insert(
        "IntegrationEvent".to_owned(),
        envelope(&mut definitions, INBOUND_ENVELOPE, INBOUND_OPTIONAL),
    );
    for event in announced() {
        schemas.insert(event.topic.to_owned(), described(&mut definitions, event.when, event.fields()));
    }
    for event in INBOUND {
        schemas.insert(event.topic.to_owned(), described(&mut definitions, event.when, event.data.iter()));
    }
    schemas.extend(definitions.into_named());
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sarai events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INFO,
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "defaultContentType": MEDIA_TYPE,
        "servers": servers(),
        "channels": channels(),
        "operations": operations(),
        "components": {
            "schemas": schemas,
            "messages": messages(),
            "messageTraits": traits(),
            "parameters": {"tenant": {
                "description": "The tenant of the aggregate; in base32 (RFC 4648, no padding) when its id is not \
                    letters, digits, `_` and `-` alone.",
            }},
            "correlationIds": {"purchase": {
                "description": "Ties together everything one purchase set off.",
                "location": "$message.payload#/correlationid",
            }},
            "securitySchemes": {"webhook": {
                "type": "httpApiKey", "in": "header", "name": "webhook-signature",
                "description": "Standard Webhooks: with webhook-id and webhook-timestamp.",
            }},
        },
    })
}

fn envelope(definitions: &mut Definitions, fields: &'static [Field], optional: &'static [Field]) -> Value {
    let mut schema = definitions.record(fields.iter().chain(optional));
    schema["required"] = fields.iter().map(|field| field.name).collect();
    schema
}

fn described(
    definitions: &mut Definitions,
    when: &str,
    fields: impl Iterator<Item = &'static Field>,
) -> Value {
    let mut schema = definitions.record(fields);
    schema["description"] = json!(when);
    schema
}

fn servers() -> Value {
    json!({
        "broker": {
            "host": "{host}", "protocol": "nats",
            "description": "Not there yet. NATS JetStream; `Nats-Msg-Id` is the event's id.",
            "variables": {"host": {"default": "localhost:4222", "description": "As configured."}},
        },
        "api": {
            "host": "{host}", "protocol": "https",
            "description": "Sarai itself.",
            "variables": {"host": {"default": "localhost:8080", "description": "As configured."}},
        },
    })
}

fn at(pointer: &str) -> Value {
    json!({"$ref": pointer})
}

/// The feed; one channel a type that is sent; one a sender of what is received.
fn channels() -> Map<String, Value> {
    let sent = announced().map(|EventType { topic, when, .. }| {
        let channel = json!({
            "address": format!("{topic}.{{tenant}}"),
            "description": when,
            "messages": {"event": at(&format!("#/components/messages/{topic}"))},
            "parameters": {"tenant": at("#/components/parameters/tenant")},
            "servers": [at("#/servers/broker")],
        });
        ((*topic).to_owned(), channel)
    });
    let feed = json!({
        "address": "/v1/events",
        "description": "The reader's tenant's feed, each event cut to the reader: `event` in the items of a part, or \
            `data` of a server-sent event.",
        "messages": in_feeds()
            .map(|event| (event.topic.to_owned(), at(&format!("#/components/messages/{}", event.topic))))
            .collect::<Map<_, _>>(),
        "servers": [at("#/servers/api")],
    });
    let received = Source::ALL.iter().map(|(source, name)| {
        let messages: Map<_, _> = INBOUND
            .iter()
            .filter(|event| event.source == *source)
            .map(|event| (event.topic.to_owned(), at(&format!("#/components/messages/{}", event.topic))))
            .collect();
        let channel = json!({
            "address": format!("/v1/integrations/{name}/events"),
            "description": format!("What the {name} service tells."),
            "messages": messages,
            "servers": [at("#/servers/api")],
        });
        (received_channel(*source), channel)
    });
    [(FEED.to_owned(), feed)].into_iter().chain(sent).chain(received).collect()
}

/// What somebody outside hears of.
fn in_feeds() -> impl Iterator<Item = &'static EventType> {
    announced().filter(|event| !event.audiences().is_empty())
}

fn received_channel(source: Source) -> String {
    format!("integrations.{}", source.name())
}

fn operations() -> Map<String, Value> {
    let sent = announced().map(|EventType { topic, when, .. }| {
        let operation = json!({
            "action": "send",
            "channel": at(&format!("#/channels/{topic}")),
            "summary": when,
            "messages": [at(&format!("#/channels/{topic}/messages/event"))],
        });
        (format!("send.{topic}"), operation)
    });
    let received = INBOUND.iter().map(|InboundType { source, topic, when, .. }| {
        let channel = received_channel(*source);
        let operation = json!({
            "action": "receive",
            "channel": at(&format!("#/channels/{channel}")),
            "summary": when,
            "messages": [at(&format!("#/channels/{channel}/messages/{topic}"))],
            "security": [at("#/components/securitySchemes/webhook")],
            "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
        });
        (format!("receive.{topic}"), operation)
    });
    let feed = json!({
        "action": "send",
        "channel": at(&format!("#/channels/{FEED}")),
        "summary": "Read in parts, by waiting, or as a stream of server-sent events.",
        "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
    });
    [(format!("send.{FEED}"), feed)].into_iter().chain(sent).chain(received).collect()
}

fn messages() -> Map<String, Value> {
    let message = |topic: &str, when: &str, over: &str, kind: Value, example: Value| {
        let mut said = json!({"type": {"const": topic}, "data": at(&format!("{SCHEMAS}{topic}"))});
        if let (Some(said), Value::Object(more)) = (said.as_object_mut(), kind) {
            said.extend(more);
        }
        json!({
            "name": topic,
            "title": topic,
            "summary": when,
            "traits": [at(&format!("#/components/messageTraits/{over}"))],
            "payload": {"allOf": [
                at(&format!("{SCHEMAS}{over}")),
                {"type": "object", "properties": said, "required": ["data"]},
            ]},
            "examples": [{"payload": example}],
        })
    };
    let sent = announced().map(|event| {
        let schema = json!({"dataschema": {"const": schema_of(event.topic)}});
        (event.topic.to_owned(), message(event.topic, event.when, "CloudEvent", schema, example(event)))
    });
    let received = INBOUND.iter().map(|event| {
        (
            event.topic.to_owned(),
            message(event.topic, event.when, "IntegrationEvent", Value::Null, inbound_example(event)),
        )
    });
    sent.chain(received).collect()
}

/// An event in its envelope.
pub fn example(event: &EventType) -> Value {
    let mut envelope = sample::payload(ENVELOPE.iter());
    envelope["type"] = json!(event.topic);
    envelope["dataschema"] = json!(schema_of(event.topic));
    envelope["data"] = sample::payload(event.fields());
    envelope
}

fn inbound_example(event: &InboundType) -> Value {
    let mut envelope = sample::payload(INBOUND_ENVELOPE.iter());
    envelope["type"] = json!(event.topic);
    envelope["source"] = json!(format!("/{}", event.source.name()));
    envelope["data"] = sample::payload(event.data.iter());
    envelope
}

fn traits() -> Value {
    json!({
        "CloudEvent": {
            "contentType": MEDIA_TYPE,
            "correlationId": at("#/components/correlationIds/purchase"),
            "headers": {"type": "object", "properties": {
                "Nats-Msg-Id": {"type": "string", "description": "The event's id, by which the broker drops repetitions."},
            }},
        },
        "IntegrationEvent": {
            "contentType": "application/json",
            "headers": {
                "type": "object",
                "properties": {
                    "webhook-id": {"type": "string", "description": "The message's id, part of what is signed."},
                    "webhook-timestamp": {"type": "string", "description": "Seconds since 1970, at most five minutes off."},
                    "webhook-signature": {"type": "string", "description": "`v1,` and the HMAC-SHA-256 in base64."},
                },
                "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
            },
        },
    })
}
