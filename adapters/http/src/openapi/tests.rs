//! The document against the table, and the corrections one by one.

use std::collections::BTreeSet;

use poem_openapi::{
    Enum, Object, OpenApi, Union,
    param::{Path, Query},
    payload::Json,
};

use super::*;
use crate::{
    operations::{OPERATIONS, Operation},
    problem::Problem,
    scalars::ApiMoney,
};

/// Operations whose routes are still to be written. It only gets shorter: an id with a route fails.
const NOT_YET: &[&str] = &include!("not_yet.in");

fn described() -> Vec<(String, String, Value)> {
    let document = document_json();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push((path.clone(), method.to_uppercase(), operation.clone()));
        }
    }
    found
}

fn row_of(path: &str, method: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|row| row.path == path && row.method.as_str() == method)
}

#[test]
fn every_route_has_a_row_under_its_own_id() {
    for (path, method, operation) in described() {
        let row = row_of(&path, &method).unwrap_or_else(|| panic!("{method} {path} has no row"));
        assert_eq!(operation["operationId"], row.id, "{method} {path}");
        assert!(operation["summary"].is_string(), "{} has no summary", row.id);
    }
}

#[test]
fn every_row_has_a_route() {
    let routes: BTreeSet<_> = described().into_iter().map(|(path, method, _)| (path, method)).collect();
    for row in OPERATIONS {
        let has_route = routes.contains(&(row.path.to_owned(), row.method.to_string()));
        assert_eq!(has_route, !NOT_YET.contains(&row.id), "{}", row.id);
    }
}

#[test]
fn a_path_s_parameters_are_described_by_their_names() {
    for (path, method, operation) in described() {
        let named: BTreeSet<_> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| format!("{{{}}}", parameter["name"].as_str().unwrap()))
            .collect();
        let row = row_of(&path, &method).unwrap();
        let wanted: BTreeSet<_> = row.parameters(row.path).map(|(name, _)| name.to_owned()).collect();
        assert_eq!(named, wanted, "{}: name each Path argument with #[oai(name = \"…\")]", row.id);
    }
}

#[test]
fn every_operation_says_who_how_often_how_safely_and_how_it_refuses() {
    for (path, method, operation) in described() {
        let row = row_of(&path, &method).unwrap();
        for name in ["x-roles", "x-rate-class", "x-idempotency", "security"] {
            assert!(!operation[name].is_null(), "{} without {name}", row.id);
        }
        let documented: Vec<_> = operation["responses"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|answer| answer["x-codes"].as_array().cloned().unwrap_or_default())
            .collect();
        for code in row.errors {
            assert!(documented.contains(&json!(code)), "{} does not document {code}", row.id);
        }
        assert!(operation["responses"].get("500").is_none());
    }
}

struct Sample;

#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct Asked {
    amount: ApiMoney,
    seats: Option<u32>,
    shade: Option<Shade>,
    discount: Discount,
    #[oai(default)]
    tags: Vec<String>,
}

#[derive(Object)]
struct Waited {
    position: Option<u32>,
}

#[derive(Object)]
struct Told {
    note: Option<String>,
    amount: Option<ApiMoney>,
}

#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Shade {
    Light,
    Dark,
}

#[derive(Union)]
#[oai(discriminator_name = "kind", one_of)]
enum Discount {
    #[oai(mapping = "percent")]
    Percent(Percent),
    #[oai(mapping = "fixed")]
    Fixed(Fixed),
}

#[derive(Object)]
struct Percent {
    value: u8,
}

#[derive(Object)]
struct Fixed {
    amount: ApiMoney,
}

#[allow(clippy::unused_async, reason = "the library wants every handler async")]
#[OpenApi(prefix_path = "/v1")]
impl Sample {
    /// Asks.
    #[oai(path = "/coupons", method = "post", operation_id = "coupons.create")]
    async fn ask(&self, body: Json<Asked>) -> Result<Json<Told>, Problem> {
        Ok(Json(Told { note: body.0.tags.first().cloned(), amount: Some(body.0.amount) }))
    }

    /// Waits.
    #[oai(path = "/licenses/:id/waitlist", method = "post", operation_id = "waitlist.join")]
    async fn wait(&self, id: Path<String>, body: Json<Waited>) -> Json<bool> {
        Json(id.is_empty() || body.position.is_some())
    }

    /// Changes.
    #[oai(path = "/coupons/:id", method = "patch", operation_id = "coupons.edit")]
    async fn change(&self, id: Path<String>, body: Json<Waited>) -> Json<bool> {
        Json(id.is_empty() || body.position.is_some())
    }

    /// Reads.
    #[oai(path = "/coupons", method = "get", operation_id = "coupons.list")]
    async fn read(&self, limit: Query<crate::page::Limit>, cursor: Query<Option<String>>) -> Json<bool> {
        Json(limit.0 == crate::page::Limit::default() && cursor.is_none())
    }
}

pub(crate) fn sample() -> Value {
    describe::<Sample>()
}

#[test]
fn a_request_takes_no_other_members_and_an_optional_one_may_be_null() {
    let schemas = &sample()["components"]["schemas"];
    let asked = &schemas["Asked"];
    assert_eq!(asked["additionalProperties"], false);
    assert_eq!(asked["required"], json!(["amount", "discount"]));
    assert_eq!(asked["properties"]["seats"]["type"], json!(["integer", "null"]));
    assert_eq!(asked["properties"]["seats"]["minimum"], 0);
    assert_eq!(asked["properties"]["amount"]["$ref"], "#/components/schemas/Money");
    assert_eq!(asked["properties"]["shade"]["anyOf"][1], json!({"type": "null"}));
    assert_eq!(schemas["Money"]["additionalProperties"], false);
    assert_eq!(schemas["Percent"].get("additionalProperties"), None, "its union adds the kind");
    assert_eq!(schemas["Discount_Percent"]["unevaluatedProperties"], false);
}

#[test]
fn a_post_whose_body_has_nothing_it_must_have_needs_none() {
    let document = sample();
    let needs = |path: &str, method: &str| document["paths"][path][method]["requestBody"]["required"].clone();
    assert_eq!(needs("/v1/licenses/{id}/waitlist", "post"), false);
    assert_eq!(needs("/v1/coupons/{id}", "patch"), true, "a change says what it changes");
    assert_eq!(needs("/v1/coupons", "post"), true);
}

#[test]
fn an_answer_has_all_its_members() {
    let told = &sample()["components"]["schemas"]["Told"];
    assert_eq!(told["required"], json!(["amount", "note"]));
    assert_eq!(told["properties"]["note"]["type"], json!(["string", "null"]));
    assert_eq!(told.get("additionalProperties"), None);
}

#[test]
fn an_operation_is_completed_from_its_row() {
    let document = sample();
    assert_eq!(document["openapi"], "3.1.0");
    let ask = &document["paths"]["/v1/coupons"]["post"];
    assert_eq!(ask["x-roles"], json!(["provider", "platform-admin"]));
    assert_eq!(ask["x-idempotency"], "required");
    assert_eq!(ask["parameters"][0]["name"], "Idempotency-Key");
    assert!(ask["requestBody"]["content"]["application/json"].is_object());
    let codes = ask["responses"]["409"]["x-codes"].as_array().unwrap();
    assert!(codes.contains(&json!("coupon.code_taken")) && codes.contains(&json!("idempotency_in_progress")));
    assert_eq!(ask["responses"]["200"]["description"], "OK");
    let read = &document["paths"]["/v1/coupons"]["get"];
    assert_eq!(read["responses"]["400"]["x-codes"], json!(["invalid_cursor", "malformed_request"]));
    assert_eq!(read["parameters"][0]["schema"]["maximum"], 100);
}

#[test]
fn nothing_of_the_old_version_is_left() {
    for document in [sample(), document_json()] {
        let text = document.to_string();
        for old in ["\"nullable\"", "charset=utf-8", "\"3.0.0\"", "\"exclusiveMinimum\":true"] {
            assert!(!text.contains(old), "{old}");
        }
    }
    assert_eq!(document(), document());
}

#[test]
fn the_page_runs_its_own_script_and_nothing_else() {
    let (page, policy) = docs_page(&json!({"x": "</script><script>alert(1)"}));
    assert!(policy.starts_with("sandbox allow-scripts; default-src 'none'; script-src 'sha256-"));
    assert!(page.contains("\\u003c/script>\\u003cscript>alert(1)"));
}
