//! An operation of the document, completed from its row of the table: who, how often, how safely, refused how.

use std::collections::{BTreeMap, BTreeSet};

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    codes,
    operations::{Access, Body, Idempotency, Needs, OPERATIONS, Operation},
    problem::MEDIA_TYPE,
};

/// Completes what the library wrote about an operation. Without a row it stays as it is; a test finds it.
pub(super) fn complete(path: &str, method: &str, described: &mut Value) {
    let row =
        OPERATIONS.iter().find(|row| row.path == path && row.method.as_str().eq_ignore_ascii_case(method));
    let Some(row) = row else { return };
    describe_access(row, described);
    describe_key(row, described);
    let also = match (method, row.who) {
        ("patch", _) => Some("application/merge-patch+json"),
        (_, Access::Signed) => Some("application/cloudevents+json"),
        _ => None,
    };
    if let Some(also) = also
        && let Some(Value::Object(media)) = described.pointer_mut("/requestBody/content")
        && let Some(json) = media.get("application/json").cloned()
    {
        media.insert(also.to_owned(), json);
    }
    for (status, answer) in super::objects(&mut described["responses"]) {
        if answer["description"] == "" {
            let status: Option<StatusCode> = status.parse().ok();
            answer["description"] = json!(status.and_then(|status| status.canonical_reason()).unwrap_or(""));
        }
    }
    for (status, names) in refusals(row, described) {
        described["responses"][status.to_string()] = refusal(status, &names);
    }
}

fn describe_access(row: &Operation, described: &mut Value) {
    let roles: Vec<&str> = match row.who {
        Access::SignedIn(roles) => roles.iter().map(|role| role.name()).collect(),
        Access::Public | Access::Anybody | Access::Signed => Vec::new(),
    };
    described["security"] = match row.who {
        Access::Public => json!([]),
        Access::Anybody => json!([{}, {"bearer": []}]),
        Access::SignedIn(_) if row.scope.is_some() => json!([{"bearer": []}, {"apiKey": []}]),
        Access::SignedIn(_) => json!([{"bearer": []}]),
        Access::Signed => json!([{"webhook": []}]),
    };
    described["x-roles"] = json!(roles);
    if let Some(scope) = row.scope {
        described["x-scope"] = json!(scope.as_str());
    }
    if let Some(role) = row.key_acts_as {
        described["x-key-acts-as"] = json!(role.name());
    }
    described["x-rate-class"] = json!(row.rate.name());
    described["x-idempotency"] = json!(match row.idempotency {
        Idempotency::None => "none",
        Idempotency::Optional => "optional",
        Idempotency::Required => "required",
    });
}

fn describe_key(row: &Operation, described: &mut Value) {
    if row.idempotency == Idempotency::None {
        return;
    }
    let key = json!({
        "name": "Idempotency-Key", "in": "header",
        "required": row.idempotency == Idempotency::Required,
        "description": "The same key with the same request has one effect and one answer for 72 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    });
    match described.get_mut("parameters").and_then(Value::as_array_mut) {
        Some(parameters) => parameters.push(key),
        None => described["parameters"] = json!([key]),
    }
}

/// The codes an operation refuses with, by status: the general ones that its shape brings, and its own.
fn refusals(row: &Operation, described: &Value) -> BTreeMap<u16, BTreeSet<&'static str>> {
    let parameters: Vec<(&str, &str)> = described["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|parameter| Some((parameter["in"].as_str()?, parameter["name"].as_str()?)))
        .collect();
    let place = |place| parameters.iter().any(|(found, _)| *found == place);
    let name = |name| parameters.iter().any(|(_, found)| *found == name);
    let signed_in = matches!(row.who, Access::SignedIn(_));
    let takes_key = row.idempotency != Idempotency::None;
    let general: &[(bool, &[&str])] = &[
        (
            true,
            &[
                "overload",
                "rate_limited",
                // An operation without a body or a query refuses both.
                "validation_failed",
            ],
        ),
        // What is streamed is read by its handler.
        (
            row.body == Body::Whole,
            &["malformed_request", "payload_too_large", "request_timeout", "unsupported_media_type"],
        ),
        (signed_in, &["forbidden", "invalid_token"]),
        (row.who == Access::Anybody, &["invalid_token"]),
        (row.scope.is_some(), &["insufficient_scope", "invalid_api_key"]),
        (row.key_acts_as.is_some(), &["key.environment_mismatch"]),
        (row.who == Access::Signed, &["bad_signature"]),
        (place("path"), &["not_found"]),
        (row.needs != Needs::Nothing || takes_key, &["unavailable"]),
        (row.needs == Needs::Writing, &["conflict.retry"]),
        (row.needs != Needs::Nothing && !row.slow, &["timeout"]),
        (name("cursor"), &["invalid_cursor"]),
        (name("If-Match"), &["precondition_failed", "precondition_required"]),
        (takes_key, &["idempotency_in_progress", "idempotency_key_required", "idempotency_key_reused"]),
    ];
    let general = general.iter().filter(|(applies, _)| *applies).flat_map(|(_, names)| names.iter());
    let mut by_status: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
    for name in general.chain(row.errors) {
        if let Some(code) = codes::find(name) {
            by_status.entry(code.status).or_default().insert(code.name);
        }
    }
    by_status
}

fn refusal(status: u16, names: &BTreeSet<&str>) -> Value {
    let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let mut answer = json!({
        "description": list.join(", "),
        "x-codes": names,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    if names.iter().any(|name| codes::RETRY_SOON.contains(name)) || status == 503 {
        answer["headers"]["Retry-After"] = json!({
            "description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0},
        });
    }
    answer
}

/// The schema of every refusal.
pub(super) fn problem_schema() -> Value {
    let text = json!({"type": "string"});
    let names: Vec<&str> = codes::all().map(|code| code.name).collect();
    json!({
        "type": "object",
        "title": "Problem",
        "description": "RFC 9457. A code may bring further members, which its operation describes. `title` and `detail` are in the language that `Accept-Language` prefers of en, ps and fa, and `Content-Language` says in which: in ps and fa `detail` explains the code, and `detailEn` is the sentence in English, which names what this refusal is about.",
        "required": ["type", "title", "status", "detail", "instance", "code", "requestId"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text,
            "detailEn": text,
            "instance": text,
            "code": {"type": "string", "examples": names},
            "invariant": text,
            "requestId": text,
            "errors": {"type": "array", "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {"pointer": text, "code": text, "detail": text},
            }},
            "state": text,
            "allowedActions": {"type": "array", "items": text},
            "retryAfterSeconds": {"type": "integer", "minimum": 0},
        },
    })
}
