//! Walks the document: each code of each operation is provoked, and the answer is what the document says.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    alerts, carts, coupons, general, invariants, licenses, listings, messages, orders, portal, publishing,
    requests::Operation,
    sagas, sandboxes, seat_desk,
    server::{Answer, Who},
    services, templates, verify, webhooks,
    world::World,
};

/// A code an operation documents, with its status.
type Documented = (Operation, u16, String);

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, described)| Operation {
            id: described["operationId"].as_str().expect("an id").to_owned(),
            method: method.to_ascii_uppercase().parse().unwrap_or(Method::GET),
            path: path.clone(),
            described: described.clone(),
        })
    });
    all.collect()
}

fn documented(document: &Value) -> Vec<Documented> {
    let mut found = Vec::new();
    for operation in operations(document) {
        let responses = operation.described["responses"].as_object().cloned().unwrap_or_else(Map::new);
        for (status, response) in responses {
            for code in response["x-codes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                found.push((operation.clone(), status.parse().expect("a status"), code.to_owned()));
            }
        }
    }
    found
}

/// The answer that the operation's own provocation of a code gets, or the general one.
async fn provoke(world: &World, operation: &Operation, code: &str) -> Option<Answer> {
    let id = operation.id.as_str();
    let areas = [
        Box::pin(listings::provoke(world, id, code)) as Provocation<'_>,
        Box::pin(alerts::provoke(world, id, code)),
        Box::pin(carts::provoke(world, id, code)),
        Box::pin(orders::provoke(world, id, code)),
        Box::pin(licenses::provoke(world, id, code)),
        Box::pin(seat_desk::provoke(world, id, code)),
        Box::pin(coupons::provoke(world, id, code)),
        Box::pin(sagas::provoke(world, id, code)),
        Box::pin(services::provoke(world, id, code)),
        Box::pin(portal::provoke(world, id, code)),
        Box::pin(verify::provoke(world, id, code)),
        Box::pin(messages::provoke(world, id, code)),
        Box::pin(templates::provoke(world, id, code)),
        Box::pin(sandboxes::provoke(world, id, code)),
        Box::pin(webhooks::provoke(world, id, code)),
        Box::pin(publishing::provoke(world, id, code)),
        Box::pin(general::provoke(world, operation, code)),
    ];
    for area in areas {
        if let Some(answer) = area.await {
            return Some(answer);
        }
    }
    None
}

type Provocation<'w> = std::pin::Pin<Box<dyn Future<Output = Option<Answer>> + 'w>>;

/// What is wrong with the answer to a provocation.
fn fault(status: u16, code: &str, answer: Option<&Answer>) -> Option<String> {
    let Some(answer) = answer else { return Some("has no provocation".to_owned()) };
    let wanted = json!({
        "status": status, "code": code, "contentType": "application/problem+json",
        "type": format!("/problems/{code}"), "invariant": invariants::of(code),
    });
    let found = json!({
        "status": answer.status, "code": answer.json["code"], "contentType": answer.content_type,
        "type": answer.json["type"], "invariant": answer.json["invariant"],
    });
    (wanted != found).then(|| format!("answered {} {}", answer.status, answer.json))
}

/// Whether a code is one of an operation's own rules. Their scenarios move the clock on, and the stock of the
/// general provocations is of today: each kind has a world of its own, and a thread.
fn is_particular(code: &str) -> bool {
    code.contains('.') && code != "conflict.retry"
}

/// Provokes every code that `wanted` picks, and how many there are. `SARAI_CODE` picks some by their names.
async fn provoke_all(wanted: fn(&str) -> bool) -> usize {
    let world = Box::pin(World::new()).await;
    let document = world.ok(Who::Nobody.get("/openapi.json")).await;
    let picked = std::env::var("SARAI_CODE").unwrap_or_default();
    let (mut faults, mut pairs) = (Vec::new(), 0);
    for (operation, status, code) in documented(&document) {
        if wanted(&code) && format!("{} {code}", operation.id).contains(&picked) {
            pairs += 1;
            let answer = provoke(&world, &operation, &code).await;
            let fault = fault(status, &code, answer.as_ref());
            faults.extend(fault.map(|fault| format!("{} {code}: {fault}", operation.id)));
        }
    }
    assert!(faults.is_empty(), "{} of {pairs} pairs:\n{}", faults.len(), faults.join("\n"));
    if picked.is_empty() { pairs } else { usize::MAX }
}

#[tokio::test]
async fn every_documented_code_of_a_shape_can_be_provoked() {
    let pairs = Box::pin(provoke_all(|code| !is_particular(code))).await;
    assert!(pairs > 600, "{pairs} pairs");
}

#[tokio::test]
async fn every_documented_code_of_a_rule_can_be_provoked() {
    let pairs = Box::pin(provoke_all(is_particular)).await;
    assert!(pairs > 150, "{pairs} pairs");
}

#[tokio::test]
async fn every_documented_code_has_a_page() {
    let world = Box::pin(World::new()).await;
    let document = world.ok(Who::Nobody.get("/openapi.json")).await;
    let known: BTreeSet<(u16, String)> =
        documented(&document).into_iter().map(|(_, status, code)| (status, code)).collect();
    for (status, code) in known {
        let page = world.ok(Who::Nobody.get(format!("/problems/{code}"))).await;
        assert_eq!((&page["code"], &page["status"]), (&json!(code), &json!(status)));
    }
    for code in sarai_http::codes::all() {
        world.ok(Who::Nobody.get(format!("/problems/{}", code.name))).await;
    }
    assert_eq!(world.send(Who::Nobody.get("/problems/no.such_code")).await.status, 404);
}

#[test]
fn a_code_nobody_provokes_and_a_wrong_answer_are_found() {
    let right = Answer {
        status: 409,
        content_type: "application/problem+json".to_owned(),
        json: json!({"code": "listing.in_use", "type": "/problems/listing.in_use", "invariant": "L-INV-7"}),
    };
    assert_eq!(fault(409, "listing.in_use", Some(&right)), None);
    assert!(fault(409, "listing.in_use", None).is_some(), "no provocation");
    assert!(fault(412, "listing.in_use", Some(&right)).is_some(), "another status");
    assert!(fault(409, "listing.not_live", Some(&right)).is_some(), "another code");
    let html = Answer { content_type: "text/html".to_owned(), ..right.clone() };
    assert!(fault(409, "listing.in_use", Some(&html)).is_some(), "another type");
    let mut bare = right;
    bare.json["invariant"] = Value::Null;
    assert!(fault(409, "listing.in_use", Some(&bare)).is_some(), "no invariant");
}

#[test]
fn the_pairs_of_a_document_are_found() {
    let document = json!({"paths": {"/v1/a": {"get": {
        "operationId": "a.get",
        "responses": {"200": {}, "404": {"x-codes": ["not_found"]}, "409": {"x-codes": ["a.b", "a.c"]}},
    }}}});
    let pairs: Vec<_> =
        documented(&document).into_iter().map(|(row, status, code)| (row.id, status, code)).collect();
    let wanted = [(404, "not_found"), (409, "a.b"), (409, "a.c")];
    assert_eq!(pairs, wanted.map(|(status, code)| ("a.get".to_owned(), status, code.to_owned())));
}
