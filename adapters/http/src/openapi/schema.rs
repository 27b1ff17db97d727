//! Schemas as version 3.1 writes them and as what is really read and written.
//!
//! - An answer has all its members, absent values as null: each is required, the optional ones nullable.
//! - A request has no other members than the schema's; an optional one may also be null.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::objects;

/// Corrects every schema, media type and header of a document.
pub(super) fn correct(document: &mut Value) {
    walk(document, &mut modernise);
    let requested = reached(document, &["requestBody"]);
    let parts = parts(document, &requested);
    for (name, schema) in objects(&mut document["components"]["schemas"]) {
        close(schema, requested.contains(name), parts.contains(name));
    }
    release(document);
}

/// Lets a POST come without a body that has no member it must have. A change without one would say nothing, and what is
/// set anew would be emptied.
fn release(document: &mut Value) {
    let free: BTreeSet<String> = objects(&mut document["components"]["schemas"])
        .filter(|(_, schema)| schema["type"] == "object" && schema.get("required").is_none())
        .map(|(name, _)| name.clone())
        .collect();
    for (_, methods) in objects(&mut document["paths"]) {
        let Some(body) = methods.pointer_mut("/post/requestBody") else { continue };
        let schema = body.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
        if schema.and_then(component).is_some_and(|name| free.contains(name)) {
            body["required"] = json!(false);
        }
    }
}

/// Calls `change` on every object, the inner ones first.
fn walk(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            for (_, member) in members.iter_mut() {
                walk(member, change);
            }
            change(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
        _ => {}
    }
}

/// What 3.0 wrote otherwise.
fn modernise(object: &mut Map<String, Value>) {
    if let Some(json) = object.remove("application/json; charset=utf-8") {
        object.insert("application/json".to_owned(), json);
    }
    for (old, new) in [("ETAG", "ETag"), ("LOCATION", "Location")] {
        if let Some(header) = object.remove(old) {
            object.insert(new.to_owned(), header);
        }
    }
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        whole(object.get_mut(bound));
        if object.get(exclusive) == Some(&Value::Bool(true)) {
            if let Some(value) = object.remove(bound) {
                object.insert(exclusive.to_owned(), value);
            }
        } else if object.get(exclusive) == Some(&Value::Bool(false)) {
            object.remove(exclusive);
        }
    }
    let unsigned =
        object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint"));
    if unsigned && object.get("type") == Some(&json!("integer")) {
        object.entry("minimum").or_insert(json!(0));
    }
    describe_reference(object);
    if object.remove("nullable") == Some(Value::Bool(true)) {
        let schema = std::mem::take(object);
        if let Value::Object(nullable) = nullable(Value::Object(schema)) {
            *object = nullable;
        }
    }
}

/// `1.0` is `1`.
fn whole(number: Option<&mut Value>) {
    if let Some(number) = number
        && let Some(text) = number.as_f64().map(|value| value.to_string())
        && let Ok(integer) = text.parse::<i64>()
    {
        *number = json!(integer);
    }
}

/// `allOf: [reference, annotations]` is the reference with annotations beside it, which 3.1 allows.
fn describe_reference(object: &mut Map<String, Value>) {
    let Some([reference, annotations]) = object.get("allOf").and_then(Value::as_array).map(Vec::as_slice)
    else {
        return;
    };
    let (Some(target), Some(annotations)) = (reference.get("$ref").cloned(), annotations.as_object()) else {
        return;
    };
    let annotates = |name: &String| {
        matches!(
            name.as_str(),
            "description" | "default" | "example" | "deprecated" | "readOnly" | "writeOnly"
        )
    };
    if annotations.keys().all(annotates) {
        object.remove("allOf");
        object.insert("$ref".to_owned(), target);
    }
}

/// The components a document names under these members of its operations, and those they name.
fn reached(document: &Value, members: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let operations = document["paths"].as_object().into_iter().flat_map(Map::values);
    for operation in operations.filter_map(Value::as_object).flat_map(Map::values) {
        for member in members {
            references(&operation[*member], &mut found);
        }
    }
    let mut open: Vec<String> = found.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let mut inner = BTreeSet::new();
        references(&document["components"]["schemas"][&name], &mut inner);
        open.extend(inner.iter().filter(|name| found.insert((*name).clone())).cloned());
    }
    found
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str).and_then(component) {
                found.insert(name.to_owned());
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The component a reference names.
pub(crate) fn component(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// The components that are a part of another one, whose members are not all: variants of a union.
fn parts(document: &Value, requested: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in requested {
        references(&document["components"]["schemas"][name]["allOf"], &mut found);
    }
    found
}

/// Makes a component say which members there are.
fn close(schema: &mut Value, requested: bool, part: bool) {
    if let Some(members) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        for member in members {
            say_null(member, requested);
        }
        if requested {
            schema["unevaluatedProperties"] = json!(false);
        }
        return;
    }
    say_null(schema, requested);
    let is_plain_object = schema["type"] == "object" && schema.get("oneOf").or(schema.get("anyOf")).is_none();
    if requested && !part && is_plain_object && schema.get("additionalProperties").is_none() {
        schema["additionalProperties"] = json!(false);
    }
}

/// Optional members may be null; in an answer they are there all the same.
fn say_null(schema: &mut Value, requested: bool) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required: BTreeSet<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let corrected: Map<String, Value> = properties
        .iter()
        .map(|(name, property)| {
            let property = property.clone();
            (name.clone(), if required.contains(name) { property } else { nullable(property) })
        })
        .collect();
    if !requested {
        schema["required"] = corrected.keys().cloned().collect();
    }
    schema["properties"] = Value::Object(corrected);
}

/// The same schema, or null.
fn nullable(schema: Value) -> Value {
    let Value::Object(mut members) = schema else { return schema };
    match members.get("type") {
        Some(Value::String(name)) if name != "null" && !members.contains_key("oneOf") => {
            let types = json!([name, "null"]);
            members.insert("type".to_owned(), types);
            if let Some(Value::Array(values)) = members.get_mut("enum") {
                values.push(Value::Null);
            }
            Value::Object(members)
        }
        Some(Value::Array(_)) => Value::Object(members),
        _ if members.is_empty() => Value::Object(members),
        _ => {
            let description = members.remove("description");
            let mut either = json!({"anyOf": [members, {"type": "null"}]});
            if let Some(description) = description {
                either["description"] = description;
            }
            either
        }
    }
}
