//! The table as JSON Schema, draft 2020-12.
//!
//! A published schema lets members through that it does not know, because within `v1` members are added.

use std::collections::BTreeMap;

use sarai_domain::kernel::Currency;
use serde_json::{Map, Value, json};

use super::{
    EventType, INBOUND, InboundType, announced, sample,
    shape::{Field, Form, Shape},
};
use crate::envelope::schema_of;

/// The dialect of every schema.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a type's payload as it is served, when there is such a type.
pub fn find(topic: &str) -> Option<String> {
    let announced = announced().find(|event| event.topic == topic).map(of_event);
    let schema = announced.or_else(|| INBOUND.iter().find(|event| event.topic == topic).map(of_inbound));
    schema.as_ref().map(text)
}

/// The schema of an announced payload.
pub fn of_event(event: &EventType) -> Value {
    document(event.topic, event.when, event.fields())
}

/// The schema of a payload that is taken.
pub fn of_inbound(event: &InboundType) -> Value {
    document(event.topic, event.when, event.data.iter())
}

/// A document of its own.
fn document(topic: &str, when: &str, fields: impl Iterator<Item = &'static Field> + Clone) -> Value {
    let mut definitions = Definitions::new("#/$defs/");
    let example = sample::payload(fields.clone());
    let mut schema = definitions.record(fields);
    schema["examples"] = json!([example]);
    schema["$schema"] = json!(DIALECT);
    schema["$id"] = json!(schema_of(topic));
    schema["title"] = json!(topic);
    schema["description"] = json!(when);
    schema["$defs"] = definitions.named.into_iter().collect::<Map<_, _>>().into();
    schema
}

/// The definitions that schemas of one document share.
pub(super) struct Definitions {
    root: &'static str,
    named: BTreeMap<String, Value>,
}

impl Definitions {
    /// None yet; they will stand at this place.
    pub(super) fn new(root: &'static str) -> Self {
        Self { root, named: BTreeMap::new() }
    }

    /// What was defined.
    pub(super) fn into_named(self) -> BTreeMap<String, Value> {
        self.named
    }

    /// An object of these members.
    pub(super) fn record(&mut self, fields: impl Iterator<Item = &'static Field>) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in fields {
            properties.insert(field.name.to_owned(), self.member(field));
            if !field.cut {
                required.push(field.name);
            }
        }
        json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": true,
        })
    }

    fn member(&mut self, field: &Field) -> Value {
        let about = if field.cut {
            format!("{} Absent in a copy for a reader whom it does not concern.", field.about)
        } else {
            field.about.to_owned()
        };
        let shape = self.shape(&field.shape);
        let mut member = match (field.nullable, shape) {
            (true, shape) => json!({"anyOf": [shape, {"type": "null"}]}),
            // Beside a reference, older dialects see nothing.
            (false, shape) if shape.get("$ref").is_some() => json!({"allOf": [shape]}),
            (false, shape) => shape,
        };
        member["description"] = json!(about);
        member
    }

    fn shape(&mut self, shape: &Shape) -> Value {
        match *shape {
            Shape::Named(name, about, form) => {
                if !self.named.contains_key(name) {
                    let mut defined = self.form(form);
                    defined["description"] = json!(meaning(about, form));
                    self.named.insert(name.to_owned(), defined);
                }
                json!({"$ref": format!("{}{name}", self.root)})
            }
            Shape::Text => json!({"type": "string"}),
            Shape::Whole(least, u64::MAX) => json!({"type": "integer", "minimum": least}),
            Shape::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            Shape::Flag => json!({"type": "boolean"}),
            Shape::Word(word) => json!({"const": word}),
            Shape::Record(fields) => self.record(fields.iter()),
            Shape::List(item) => json!({"type": "array", "items": self.shape(item)}),
            Shape::NonEmpty(item) => json!({"type": "array", "items": self.shape(item), "minItems": 1}),
            Shape::Map(key, value) => json!({
                "type": "object", "propertyNames": self.shape(key), "additionalProperties": self.shape(value),
            }),
        }
    }

    fn form(&mut self, form: Form) -> Value {
        match form {
            Form::Id(prefix) => {
                json!({"type": "string", "pattern": format!("^{prefix}_[0-7][0-9A-HJKMNP-TV-Z]{{25}}$")})
            }
            Form::External => {
                json!({"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"})
            }
            Form::Pattern(pattern, _) => json!({"type": "string", "pattern": pattern}),
            Form::Instant => json!({
                "type": "string", "format": "date-time",
                "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$",
            }),
            Form::Currency => json!({"type": "string", "enum": currencies()}),
            // A third member would make it another amount: nobody may ignore one.
            Form::Money => json!({
                "type": "object",
                "properties": {
                    "amount": {
                        "type": "string", "pattern": format!("^(0|[1-9][0-9]*){}$", fraction()),
                        "description": "Such as `19.99`.",
                    },
                    "currency": {"type": "string", "enum": currencies(), "description": "Its ISO 4217 code."},
                },
                "required": ["amount", "currency"],
                "additionalProperties": false,
            }),
            Form::Words(words) => {
                json!({"type": "string", "enum": words.iter().map(|(word, _)| word).collect::<Vec<_>>()})
            }
            Form::Record(fields) => self.record(fields.iter()),
            Form::OneOf(shapes) => {
                json!({"oneOf": shapes.iter().map(|shape| self.shape(shape)).collect::<Vec<_>>()})
            }
        }
    }
}

/// A name's description, with the meaning of each word.
fn meaning(about: &str, form: Form) -> String {
    let Form::Words(words) = form else { return about.to_owned() };
    let words: Vec<_> = words.iter().map(|(word, meaning)| format!("`{word}`: {meaning}")).collect();
    format!("{about} {}.", words.join("; "))
}

fn currencies() -> Vec<&'static str> {
    Currency::all().map(|currency| currency.code()).collect()
}

/// The pattern of the digits after the point, in whatever is traded.
fn fraction() -> String {
    let most = Currency::all().map(|currency| currency.digits()).max().unwrap_or_default();
    let least = Currency::all().map(|currency| currency.digits()).min().unwrap_or_default();
    match least {
        0 => format!(r"(\.[0-9]{{1,{most}}})?"),
        least if least == most => format!(r"\.[0-9]{{{most}}}"),
        least => format!(r"\.[0-9]{{{least},{most}}}"),
    }
}

/// A document as text: names in order however `serde_json` was built, so that it can be compared.
pub fn text(document: &Value) -> String {
    format!("{:#}\n", sorted(document))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
