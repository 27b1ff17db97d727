//! Schemas as types.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    docs, members,
    names::{pascal, snake},
};

/// Writes a named schema.
pub(crate) fn write(text: &mut String, name: &str, schema: &Value) {
    text.push('\n');
    docs(text, 0, schema["description"].as_str(), &format!("`{name}` of the document."));
    let named = pascal(name);
    if let Some(variants) = schema["enum"].as_array() {
        return choice(text, &named, variants);
    }
    if schema
        .get("properties")
        .is_some_and(|properties| properties.as_object().is_some_and(|all| !all.is_empty()))
    {
        return structure(text, &named, schema);
    }
    let of = if one_of_many(schema) { "serde_json::Value".to_owned() } else { typed(schema).0 };
    let _ = writeln!(text, "pub type {named} = {of};");
}

fn one_of_many(schema: &Value) -> bool {
    ["anyOf", "oneOf", "allOf"].iter().any(|many| schema.get(many).is_some())
}

fn choice(text: &mut String, name: &str, variants: &[Value]) {
    let _ = writeln!(
        text,
        "#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]\n#[non_exhaustive]\npub enum {name} {{"
    );
    for variant in variants.iter().filter_map(Value::as_str) {
        let _ = writeln!(
            text,
            "    /// `{variant}`.\n    #[serde(rename = \"{variant}\")]\n    {},",
            pascal(variant)
        );
    }
    text.push_str("    /// Something that this version of the SDK does not know.\n    #[serde(other)]\n    Unrecognised,\n}\n");
}

fn structure(text: &mut String, name: &str, schema: &Value) {
    let _ =
        writeln!(text, "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\npub struct {name} {{");
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (property, schema) in members(schema, "properties") {
        docs(text, 1, schema["description"].as_str(), &format!("`{property}`."));
        let (of, nullable) = typed(schema);
        let of = if nullable || !required.contains(&property.as_str()) {
            let _ = writeln!(
                text,
                "    #[serde(rename = \"{property}\", default, skip_serializing_if = \"Option::is_none\")]"
            );
            format!("Option<{of}>")
        } else {
            let _ = writeln!(text, "    #[serde(rename = \"{property}\")]");
            of
        };
        let _ = writeln!(text, "    pub {}: {of},", snake(property));
    }
    text.push_str("}\n");
}

/// The type of a schema within the types, and whether it may be null.
pub(crate) fn typed(schema: &Value) -> (String, bool) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return (pascal(name), false);
    }
    if let Some(parts) = schema["anyOf"].as_array() {
        let (nulls, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part["type"] == "null");
        return match others.as_slice() {
            [one] => (typed(one).0, !nulls.is_empty()),
            _ => ("serde_json::Value".to_owned(), !nulls.is_empty()),
        };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let nullable = kinds.contains(&"null");
    let of = match kinds.iter().find(|kind| **kind != "null") {
        Some(&"string") => "String".to_owned(),
        Some(&"boolean") => "bool".to_owned(),
        Some(&"integer") => integer(schema["format"].as_str()).to_owned(),
        Some(&"array") => format!("Vec<{}>", typed(&schema["items"]).0),
        _ => "serde_json::Value".to_owned(),
    };
    (of, nullable)
}

fn integer(format: Option<&str>) -> &'static str {
    match format {
        Some("uint8") => "u8",
        Some("uint16") => "u16",
        Some("uint32") => "u32",
        Some("uint64") => "u64",
        _ => "i64",
    }
}
