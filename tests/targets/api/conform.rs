//! The document the server serves, and whether an answer is one it promises.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value};

use crate::world::Answer;

/// `/openapi.json`.
pub(crate) struct Document(pub(crate) Value);

/// One operation of it.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) described: &'a Value,
}

impl<'a> Operation<'a> {
    pub(crate) fn id(&self) -> &'a str {
        self.described["operationId"].as_str().expect("an id")
    }

    pub(crate) fn method(&self) -> Method {
        self.method.to_ascii_uppercase().parse().expect("a method")
    }

    /// The roles that may call it; none: everybody.
    pub(crate) fn roles(&self) -> Vec<&'a str> {
        self.described["x-roles"].as_array().expect("roles").iter().filter_map(Value::as_str).collect()
    }

    fn matches(&self, path: &str) -> bool {
        let wanted: Vec<&str> = self.path.split('/').collect();
        let parts: Vec<&str> = path.split('/').collect();
        wanted.len() == parts.len()
            && wanted.iter().zip(parts).all(|(wanted, part)| *wanted == part || wanted.starts_with('{'))
    }
}

impl Document {
    pub(crate) fn new(document: Value) -> Self {
        Self(document)
    }

    /// Every operation.
    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.0["paths"].as_object().expect("paths");
        paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, described)| Operation { method, path, described })
        })
    }

    /// The operation of a request; a path without parameters wins.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Operation<'_>> {
        let path = path.split('?').next().unwrap_or_default();
        let all = self.operations().filter(|operation| {
            operation.method.eq_ignore_ascii_case(method.as_str()) && operation.matches(path)
        });
        all.min_by_key(|operation| operation.path.matches('{').count())
    }

    /// Fails the test when the document does not promise this answer.
    pub(crate) fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let at = format!("{} answers {}: {}", answer.asked, answer.status, answer.text);
        assert_ne!(answer.status, 500, "{at}");
        if path == "/readyz" {
            return;
        }
        let operation = self.find(method, path);
        if answer.status < 400 {
            if let Some(operation) = operation {
                self.check_success(operation, answer, &at);
            }
            return;
        }
        assert_eq!(answer.header("content-type"), "application/problem+json", "{at}");
        let problem = &answer.json;
        assert_eq!(problem["status"], answer.status, "{at}");
        assert_eq!(problem["instance"], path.split('?').next().unwrap_or_default(), "{at}");
        if answer.header("idempotent-replayed").is_empty() {
            assert_eq!(problem["requestId"], answer.header("x-request-id"), "{at}");
        }
        let code = problem["code"].as_str().unwrap_or_default();
        assert_eq!(problem["type"], format!("/problems/{code}"), "{at}");
        match operation {
            Some(operation) => {
                let codes = &operation.described["responses"][answer.status.to_string()]["x-codes"];
                let listed = codes.as_array().is_some_and(|codes| codes.contains(&problem["code"]));
                assert!(listed, "not in the document: {at}; documented are {codes}");
            }
            None => assert!(
                ["not_found", "method_not_allowed"].contains(&code)
                    || answer.status == 413
                    || answer.status == 400
                    || answer.status == 415,
                "{at}"
            ),
        }
    }

    fn check_success(&self, operation: Operation<'_>, answer: &Answer, at: &str) {
        let described = &operation.described["responses"][answer.status.to_string()];
        assert!(described.is_object(), "the document has no such status: {at}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{at}");
        let schema = &described["content"]["application/json"]["schema"];
        if schema.is_null() {
            return;
        }
        let media = answer.header("content-type");
        if media != "application/json" && described["content"][media].is_object() {
            return;
        }
        assert_eq!(media, "application/json", "{at}");
        let mut errors = Vec::new();
        self.validate(schema, &answer.json, "", &mut errors);
        assert!(errors.is_empty(), "{at}\nis not what the document promises: {errors:?}");
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
            Some(name) => self.resolve(&self.0["components"]["schemas"][name]),
            None => schema,
        }
    }

    /// What of a value is not as a schema says: types, missing, unknown and not listed.
    fn validate(&self, schema: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
        let schema = self.resolve(schema);
        for word in ["anyOf", "oneOf"] {
            let Some(branches) = schema[word].as_array() else { continue };
            let fits = |branch: &&Value| {
                let mut errors = Vec::new();
                self.validate(branch, value, at, &mut errors);
                errors.is_empty()
            };
            if !branches.iter().any(|branch| fits(&branch)) {
                errors.push(format!("{at}: no branch of {word} fits {value}"));
            }
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !types.is_empty() && !types.iter().any(|name| is_a(name, value)) {
            errors.push(format!("{at}: {value} is no {types:?}"));
        }
        if let Some(listed) = schema["enum"].as_array()
            && !listed.contains(value)
        {
            errors.push(format!("{at}: {value} is not listed"));
        }
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.validate(&schema["items"], item, &format!("{at}/{index}"), errors);
                }
            }
            Value::Object(members) => self.validate_object(schema, members, at, errors),
            _ => {}
        }
    }

    fn validate_object(
        &self,
        schema: &Value,
        members: &Map<String, Value>,
        at: &str,
        errors: &mut Vec<String>,
    ) {
        let (mut known, mut required) = (Map::new(), BTreeSet::new());
        self.members(schema, &mut known, &mut required);
        for name in &required {
            if !members.contains_key(*name) {
                errors.push(format!("{at}/{name} is missing"));
            }
        }
        for (name, member) in members {
            match known.get(name) {
                Some(schema) => self.validate(schema, member, &format!("{at}/{name}"), errors),
                None if known.is_empty() => {}
                None => errors.push(format!("{at}/{name} is not in the document")),
            }
        }
    }

    /// The properties of an object's schema and of the parts it is made of.
    fn members<'a>(
        &'a self,
        schema: &'a Value,
        known: &mut Map<String, Value>,
        required: &mut BTreeSet<&'a str>,
    ) {
        let schema = self.resolve(schema);
        known.extend(schema["properties"].as_object().cloned().unwrap_or_default());
        required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.members(part, known, required);
        }
        // Which branch fits is checked apart; here any of them explains a member's name.
        for branch in ["anyOf", "oneOf"].iter().filter_map(|word| schema[word].as_array()).flatten() {
            let mut names = Map::new();
            self.members(branch, &mut names, &mut BTreeSet::new());
            for name in names.into_iter().map(|(name, _)| name) {
                known.entry(name).or_insert(Value::Null);
            }
        }
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
