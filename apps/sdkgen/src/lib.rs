//! Writes the generated half of the Rust SDK, `apps/sdk/src/{types,operations}.rs`, from `fixtures/golden/openapi.json`.
//!
//! No generator at hand reads a document of version 3.1; this one reads what ours consists of and nothing else. What it
//! has no type for (a choice of several schemas, an object of any members) becomes a `serde_json::Value`.
//! `cargo xtask golden` rewrites the files; a test fails when they are not current.

mod names;
mod operations;
mod types;

use serde_json::{Map, Value};

/// What every generated file begins with.
const HEAD: &str =
    "// Written by sarai-sdkgen from the OpenAPI document: `cargo xtask golden` writes it anew.\n";

/// The types of the document.
pub fn types(document: &Value) -> String {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let mut text =
        format!("//! The bodies of requests and answers.\n{HEAD}\nuse serde::{{Deserialize, Serialize}};\n");
    for (name, schema) in schemas.into_iter().flatten() {
        types::write(&mut text, name, schema);
    }
    text
}

/// The operations of the document.
pub fn operations(document: &Value) -> String {
    let mut text = format!(
        "//! A method for each operation.\n{HEAD}\nuse crate::{{Client, Error, Request, Response, types}};\n"
    );
    let mut methods = String::new();
    let paths = document["paths"].as_object();
    for (path, operations) in paths.into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            operations::write(&mut text, &mut methods, path, method, operation);
        }
    }
    text + "\nimpl Client {" + &methods + "}\n"
}

/// Lines of documentation, at this depth; a sentence where there are none.
fn docs(text: &mut String, depth: usize, said: Option<&str>, otherwise: &str) {
    let indent = "    ".repeat(depth);
    let said = said.map(str::trim).filter(|said| !said.is_empty()).unwrap_or(otherwise);
    for line in said.lines() {
        text.push_str(format!("{indent}/// {}", line.trim()).trim_end());
        text.push('\n');
    }
}

fn members<'a>(schema: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    schema.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sarai_fixtures::golden::{Mode, check_file};

    use super::*;

    #[test]
    fn golden_sdk_is_current() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let document = std::fs::read_to_string(root.join("fixtures/golden/openapi.json")).unwrap();
        let document: Value = serde_json::from_str(&document).unwrap();
        for (file, text) in [("types.rs", types(&document)), ("operations.rs", operations(&document))] {
            let file = root.join("apps/sdk/src").join(file);
            check_file(&file, &text, Mode::from_env()).expect("the SDK is what the document says");
        }
    }
}
