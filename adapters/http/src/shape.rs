//! A body against the document: every member that is missing, unknown or of the wrong shape, at once.
//!
//! The library stops at the first error, names no member, and takes `12` for a text; the document knows
//! better. What a value means is the domain's business.

use std::{collections::BTreeMap, str::FromStr};

use poem_openapi::types::ParseFromJSON;
use sarai_domain::kernel::{PeriodMonth, Timestamp, Ulid};
use serde_json::{Map, Value};

use crate::{
    openapi::component,
    operations::Operation,
    problem::{FieldError, Problem},
    scalars::{AMOUNT_PATTERN, ApiMoney, EXTERNAL_ID_PATTERN, PERIOD_PATTERN},
};

/// More errors than this are not told.
const MAX_ERRORS: usize = 50;

/// The bodies of a document's operations.
pub(crate) struct Shapes {
    bodies: BTreeMap<String, Body>,
    components: Value,
}

struct Body {
    schema: Value,
    required: bool,
}

impl Shapes {
    /// Takes the bodies of a document.
    pub(crate) fn of(document: &Value) -> Self {
        let operations = document["paths"].as_object().into_iter().flat_map(Map::values);
        let bodies = operations
            .filter_map(Value::as_object)
            .flat_map(Map::values)
            .filter_map(|operation| {
                let body = operation.get("requestBody")?;
                let schema = body["content"]["application/json"]["schema"].clone();
                let required = body["required"] == true;
                Some((operation["operationId"].as_str()?.to_owned(), Body { schema, required }))
            })
            .collect();
        Self { bodies, components: document["components"]["schemas"].clone() }
    }

    /// Checks a body; null is none.
    ///
    /// # Errors
    /// `validation_failed` with every member that is wrong.
    pub(crate) fn check(&self, operation: &Operation, body: &Value) -> Result<(), Problem> {
        let mut errors = Errors::default();
        match self.bodies.get(operation.id) {
            None if body.is_null() || body.as_object().is_some_and(Map::is_empty) => {}
            None => errors.add("", "unknown", "the operation takes no body"),
            Some(known) if body.is_null() && !known.required => {}
            Some(_) if body.is_null() => errors.add("", "required", "the operation takes a body"),
            Some(known) => self.value(&known.schema, body, "", &mut errors),
        }
        if errors.0.is_empty() { Ok(()) } else { Err(Problem::invalid(errors.0)) }
    }

    fn value(&self, schema: &Value, value: &Value, at: &str, errors: &mut Errors) {
        if let Some(name) = schema["$ref"].as_str().and_then(component) {
            self.value(&self.components[name], value, at, errors);
            if name == "Money" {
                money(value, at, errors);
            }
        }
        for branches in ["anyOf", "oneOf"] {
            if let Some(branches) = schema[branches].as_array() {
                self.one_of(branches, value, at, errors);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            for part in parts {
                self.value(part, value, at, errors);
            }
            if schema["unevaluatedProperties"] == false {
                let known = |name: &str| parts.iter().any(|part| self.has_property(part, name));
                unknown(value, at, errors, known);
            }
        }
        if !has_type(&schema["type"], value) {
            let wanted = names(&schema["type"]);
            return errors.add(at, "type", format!("must be {wanted}"));
        }
        if let Some(allowed) = schema["enum"].as_array()
            && !allowed.contains(value)
        {
            let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            return errors.add(at, "enum", format!("must be one of {}", allowed.join(", ")));
        }
        match value {
            Value::String(text) => string(schema, text, at, errors),
            Value::Number(_) => number(schema, value, at, errors),
            Value::Array(items) => self.array(schema, items, at, errors),
            Value::Object(members) => self.object(schema, members, value, at, errors),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The branch that fits; when none does, the errors of the one that comes nearest.
    fn one_of(&self, branches: &[Value], value: &Value, at: &str, errors: &mut Errors) {
        let tried =
            branches.iter().filter(|branch| value.is_null() || branch["type"] != "null").map(|branch| {
                let mut errors = Errors::default();
                self.value(branch, value, at, &mut errors);
                errors
            });
        // Wrong by its kind is further away than wrong in its members.
        let distance = |tried: &Errors| (tried.has("enum"), tried.0.len());
        if let Some(nearest) = tried.min_by_key(distance) {
            nearest.0.into_iter().for_each(|error| errors.push(error));
        }
    }

    fn has_property(&self, schema: &Value, name: &str) -> bool {
        schema["properties"].get(name).is_some()
            || schema["$ref"]
                .as_str()
                .and_then(component)
                .is_some_and(|component| self.has_property(&self.components[component], name))
    }

    fn array(&self, schema: &Value, items: &[Value], at: &str, errors: &mut Errors) {
        let count = items.len() as u64;
        if schema["minItems"].as_u64().is_some_and(|least| count < least)
            || schema["maxItems"].as_u64().is_some_and(|most| count > most)
        {
            errors.add(at, "items", "too few or too many items");
        }
        for (index, item) in items.iter().enumerate() {
            self.value(&schema["items"], item, &format!("{at}/{index}"), errors);
        }
    }

    fn object(
        &self,
        schema: &Value,
        members: &Map<String, Value>,
        value: &Value,
        at: &str,
        errors: &mut Errors,
    ) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                errors.add(&pointer(at, name), "required", "is missing");
            }
        }
        for (name, member) in members {
            if let Some(property) = schema["properties"].get(name) {
                self.value(property, member, &pointer(at, name), errors);
            } else if schema["additionalProperties"].is_object() {
                self.value(&schema["additionalProperties"], member, &pointer(at, name), errors);
            }
        }
        if schema["additionalProperties"] == false {
            unknown(value, at, errors, |name| schema["properties"].get(name).is_some());
        }
    }
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, at: &str, code: &'static str, detail: impl Into<String>) {
        self.push(FieldError::new(at, code, detail));
    }

    fn push(&mut self, error: FieldError) {
        if self.0.len() < MAX_ERRORS && !self.0.contains(&error) {
            self.0.push(error);
        }
    }

    fn has(&self, code: &str) -> bool {
        self.0.iter().any(|error| error.code == code)
    }
}

fn pointer(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn unknown(value: &Value, at: &str, errors: &mut Errors, known: impl Fn(&str) -> bool) {
    for name in value.as_object().into_iter().flat_map(Map::keys).filter(|name| !known(name)) {
        errors.add(&pointer(at, name), "unknown", "is not a member of this request");
    }
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn names(wanted: &Value) -> String {
    let article = |name: &str| match name {
        "null" => "null".to_owned(),
        "integer" | "array" | "object" => format!("an {name}"),
        name => format!("a {name}"),
    };
    let names = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
    names.iter().filter_map(Value::as_str).map(article).collect::<Vec<_>>().join(" or ")
}

fn string(schema: &Value, text: &str, at: &str, errors: &mut Errors) {
    let count = text.chars().count() as u64;
    if schema["minLength"].as_u64().is_some_and(|least| count < least)
        || schema["maxLength"].as_u64().is_some_and(|most| count > most)
    {
        errors.add(at, "length", "too short or too long");
    }
    if schema["format"] == "date-time" && Timestamp::from_str(text).is_err() {
        errors.add(at, "format", "a time is RFC 3339, such as 2026-04-20T09:30:00Z");
    }
    if let Some(pattern) = schema["pattern"].as_str()
        && !fits(pattern, text)
    {
        errors.add(at, "pattern", format!("must match {pattern}"));
    }
}

/// Whether a text fits one of our own patterns; others are the handler's business.
fn fits(pattern: &str, text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match pattern {
        AMOUNT_PATTERN => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            digits(whole)
                && digits(fraction)
                && whole.len() <= 15
                && fraction.len() <= 4
                && (whole.len() == 1 || !whole.starts_with('0'))
        }
        PERIOD_PATTERN => PeriodMonth::from_str(text).is_ok(),
        EXTERNAL_ID_PATTERN => {
            (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        }
        _ => {
            match pattern.strip_suffix("[0-7][0-9A-HJKMNP-TV-Z]{25}$").and_then(|rest| rest.strip_prefix('^'))
            {
                Some(prefix) => text
                    .strip_prefix(prefix)
                    .is_some_and(|body| Ulid::from_string(body).is_ok_and(|ulid| ulid.to_string() == body)),
                None => true,
            }
        }
    }
}

fn number(schema: &Value, value: &Value, at: &str, errors: &mut Errors) {
    // Bounds and bounded values are small integers; what is not compares as a float, exactly enough.
    let number = value.as_f64().unwrap_or_default();
    let beyond = |name: &str, beyond: fn(f64, f64) -> bool| {
        schema[name].as_f64().is_some_and(|bound| beyond(number, bound))
    };
    if beyond("minimum", |number, bound| number < bound)
        || beyond("maximum", |number, bound| number > bound)
        || beyond("exclusiveMinimum", |number, bound| number <= bound)
        || beyond("exclusiveMaximum", |number, bound| number >= bound)
    {
        errors.add(at, "range", "too small or too large");
    }
}

/// What a schema cannot say about money: the digits of its currency.
fn money(value: &Value, at: &str, errors: &mut Errors) {
    let well_formed = errors.0.iter().all(|error| !error.pointer.starts_with(at));
    if well_formed && let Err(error) = ApiMoney::parse_from_json(Some(value.clone())) {
        let sentence = error.message().split_once(": ").map_or(error.message(), |(_, sentence)| sentence);
        errors.add(at, "money", sentence);
    }
}

#[cfg(test)]
mod tests {
    use poem::http::Method;
    use serde_json::json;

    use super::*;
    use crate::{openapi::sample, operations};

    fn errors_of(body: &Value) -> Vec<(String, String)> {
        let row = operations::find(&Method::POST, "/v1/coupons").unwrap();
        let Err(problem) = Shapes::of(&sample()).check(row, body) else { return Vec::new() };
        let document = problem.document("", "");
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        document["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (text(error, "pointer"), text(error, "code")))
            .collect()
    }

    fn good() -> Value {
        json!({
            "amount": {"amount": "1.50", "currency": "USD"},
            "discount": {"kind": "percent", "value": 10},
            "seats": null,
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut body = good();
        body[name] = value;
        body
    }

    #[test]
    fn a_good_body_passes() {
        assert_eq!(errors_of(&good()), []);
        assert_eq!(errors_of(&with("seats", json!(3))), []);
        assert_eq!(errors_of(&with("shade", json!("dark"))), []);
        assert_eq!(errors_of(&with("shade", Value::Null)), []);
        let fixed = json!({"kind": "fixed", "amount": {"amount": "1", "currency": "USD"}});
        assert_eq!(errors_of(&with("discount", fixed)), []);
    }

    #[test]
    fn every_wrong_member_is_named() {
        for (name, value, pointer, code) in [
            ("extra", json!(1), "/extra", "unknown"),
            ("seats", json!("3"), "/seats", "type"),
            ("seats", json!(-1), "/seats", "range"),
            ("seats", json!(1.5), "/seats", "type"),
            ("tags", json!([1]), "/tags/0", "type"),
            ("shade", json!("grey"), "/shade", "enum"),
            ("amount", json!({"amount": 1, "currency": "USD"}), "/amount/amount", "type"),
            ("amount", json!({"amount": "01", "currency": "USD"}), "/amount/amount", "pattern"),
            ("amount", json!({"amount": "1.505", "currency": "USD"}), "/amount", "money"),
            ("amount", json!({"amount": "1"}), "/amount/currency", "required"),
            ("amount", json!({"amount": "1", "currency": "USD", "x/y": 1}), "/amount/x~1y", "unknown"),
            ("discount", json!({"kind": "percent", "value": "10"}), "/discount/value", "type"),
            ("discount", json!({"kind": "percent", "value": 10, "x": 1}), "/discount/x", "unknown"),
            ("discount", json!({"kind": "free"}), "/discount/kind", "enum"),
        ] {
            let errors = errors_of(&with(name, value.clone()));
            assert!(errors.contains(&(pointer.to_owned(), code.to_owned())), "{name}={value}: {errors:?}");
        }
        let several = errors_of(&json!({"seats": "x", "extra": 1}));
        assert_eq!(several.len(), 4, "{several:?}");
        assert_eq!(errors_of(&Value::Null), [(String::new(), "required".to_owned())]);
        assert_eq!(errors_of(&json!([])), [(String::new(), "type".to_owned())]);
    }

    #[test]
    fn ids_are_checked_by_their_pattern() {
        let pattern = "^ord_[0-7][0-9A-HJKMNP-TV-Z]{25}$";
        assert!(fits(pattern, "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV"));
        for bad in [
            "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "ord_01arz3ndektsv4rrffq69g5fav",
            "ord_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        ] {
            assert!(!fits(pattern, bad), "{bad}");
        }
    }

    #[test]
    fn an_operation_without_a_body_takes_none() {
        let row = operations::find(&Method::GET, "/v1/coupons").unwrap();
        let shapes = Shapes::of(&sample());
        assert!(shapes.check(row, &Value::Null).is_ok());
        assert!(shapes.check(row, &json!({})).is_ok());
        assert!(shapes.check(row, &json!({"a": 1})).is_err());
    }
}
