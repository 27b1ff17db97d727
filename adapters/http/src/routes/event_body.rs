//! An event on the wire, and the whole numbers a feed is asked with.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use sarai_application::envelope::Envelope;
use serde_json::{Value, json};

/// The component of the document.
pub(crate) const COMPONENT: &str = "Event";

/// An event as its reader is shown it: a `CloudEvents` 1.0 envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct EventBody(pub(crate) Value);

impl From<&Envelope> for EventBody {
    fn from(envelope: &Envelope) -> Self {
        // An envelope is made of texts, numbers and JSON.
        Self(serde_json::to_value(envelope).unwrap_or_default())
    }
}

/// The component's schema. `CloudEvents` has no null: what has no value is absent, unlike elsewhere in this API.
pub(crate) fn schema() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "title": COMPONENT,
        "description": "A CloudEvents 1.0 event in structured JSON. Members without a value are absent.",
        "required": [
            "id", "source", "specversion", "type", "subject", "time", "datacontenttype", "dataschema",
            "tenantid", "aggregateseq", "correlationid", "data",
        ],
        "properties": {
            "id": text("The event's id: the same in every feed."),
            "source": text("Where it comes from: `/sarai/marketplace`."),
            "specversion": {"type": "string", "enum": ["1.0"]},
            "type": text("What happened, such as `marketplace.order.paid.v1`."),
            "subject": text("The id of what it happened to."),
            "time": {"type": "string", "format": "date-time", "description": "When it was recorded."},
            "datacontenttype": {"type": "string", "enum": ["application/json"]},
            "dataschema": {"type": "string", "format": "uri-reference", "description": "The schema of `data`."},
            "tenantid": text("The tenant of what it happened to."),
            "aggregateseq": {
                "type": "integer", "minimum": 1, "description": "Its place among the events of its subject.",
            },
            "correlationid": text("Ties together everything one purchase set off."),
            "causationid": text("The event whose handling caused it."),
            "environment": {
                "type": "string", "enum": ["SANDBOX", "PRODUCTION"],
                "description": "In which world it happened, where there are two.",
            },
            "data": {
                "type": "object",
                "description": "What happened in detail, cut to what the reader's tenant may know.",
            },
        },
    })
}

impl Type for EventBody {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        COMPONENT.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(COMPONENT.to_owned())
    }

    fn register(registry: &mut Registry) {
        // The document's last step puts `schema` in its place.
        registry.create_schema::<Self, _>(COMPONENT.to_owned(), |_| MetaSchema::new("object"));
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for EventBody {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}

impl ParseFromJSON for EventBody {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        value.map(Self).ok_or_else(ParseError::expected_input)
    }
}

/// A whole number from 0 to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const MAX: u64>(pub u64);

impl<const MAX: u64> Type for Whole<MAX> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "integer".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            minimum: Some(0.0),
            #[allow(clippy::cast_precision_loss, reason = "at most 2^53 - 1")]
            maximum: Some(MAX as f64),
            ..MetaSchema::new("integer")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<const MAX: u64> ParseFromParameter for Whole<MAX> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        match text.parse() {
            Ok(number) if number <= MAX && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Self(number)),
            _ => Err(ParseError::custom(format!("a whole number from 0 to {MAX}"))),
        }
    }
}

impl<const MAX: u64> ToJSON for Whole<MAX> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.into())
    }
}

impl<const MAX: u64> ParseFromJSON for Whole<MAX> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let number = value.as_ref().and_then(Value::as_u64).filter(|number| *number <= MAX);
        number.map(Self).ok_or_else(|| ParseError::custom(format!("a whole number from 0 to {MAX}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_has_its_bounds() {
        for (text, wanted) in [("0", Some(0)), ("25", Some(25)), ("007", Some(7))] {
            assert_eq!(Whole::<25>::parse_from_parameter(text).ok().map(|whole| whole.0), wanted);
        }
        for bad in ["26", "-1", "+1", "1.0", "", "a", "99999999999999999999999"] {
            assert!(Whole::<25>::parse_from_parameter(bad).is_err(), "{bad}");
        }
    }
}
