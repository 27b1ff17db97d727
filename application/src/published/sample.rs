//! An example of every payload, made from the table alone: for documents, mocks and pages.

use serde_json::{Map, Value, json};

use super::shape::{Field, Form, Shape};

/// A payload of these members, each with a value.
pub fn payload(fields: impl Iterator<Item = &'static Field>) -> Value {
    Value::Object(members(fields))
}

fn members(fields: impl Iterator<Item = &'static Field>) -> Map<String, Value> {
    fields.map(|field| (field.name.to_owned(), of(&field.shape))).collect()
}

/// A value of a shape.
pub(super) fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Named(_, _, form) => of_form(form),
        Shape::Text => json!("text"),
        Shape::Whole(least, _) => json!(least.max(&1)),
        Shape::Flag => json!(false),
        Shape::Word(word) => json!(word),
        Shape::Record(fields) => payload(fields.iter()),
        Shape::List(item) | Shape::NonEmpty(item) => json!([of(item)]),
        Shape::Map(key, value) => {
            let name = of(key).as_str().unwrap_or_default().to_owned();
            Value::Object(Map::from_iter([(name, of(value))]))
        }
    }
}

fn of_form(form: &Form) -> Value {
    match form {
        Form::Id(prefix) => json!(format!("{prefix}_01JS970JG0000000000000000A")),
        Form::External => json!("opaque_1"),
        Form::Pattern(_, text) => json!(text),
        Form::Instant => json!("2026-04-20T09:32:00Z"),
        Form::Currency => json!("USD"),
        Form::Money => json!({"amount": "19.99", "currency": "USD"}),
        Form::Words(words) => json!(words.first().map_or("", |(word, _)| word)),
        Form::Record(fields) => payload(fields.iter()),
        Form::OneOf(shapes) => shapes.first().map_or(Value::Null, of),
    }
}
