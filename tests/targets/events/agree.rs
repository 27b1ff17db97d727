//! A schema takes exactly what its type takes: every value of every golden payload is replaced by everything that
//! could stand there by mistake, and both have to judge alike.

use std::{collections::BTreeSet, sync::LazyLock};

use sarai_domain::{
    devportal::{
        account::SuspendedBy,
        api_key::{KeyCreator, RevokedReason},
        docs_article::Audience,
        policy::PeriodKind,
        sdk_release::SdkLanguage,
        values::{Assurance, Channel, Environment, Locale, Purpose, ReleaseChannel, Scope},
        verify::{self, AdvanceOn, ResendPolicy},
        webhook::DisabledReason,
    },
    marketplace::{
        earnings::LineKind,
        event::MarketplaceEvent,
        license::{LicenseScope, RevokeReason, Source},
        order::{FailureReason, OrderStatus, RefundSource},
        saga::{CompensationReason, SagaCommand, SagaState, SagaStep},
        values::{Discount, Owner, PlanKind},
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    examples::{self, Example},
    payload::{data, errors, load, published_schema, strict, validator},
};

/// Every word that an enum knows, as its own error message lists them.
fn words<T: DeserializeOwned + std::fmt::Debug>(unknown: Value) -> Vec<String> {
    let error = serde_json::from_value::<T>(unknown).unwrap_err().to_string();
    let (_, listed) = error.split_once("expected ").unwrap_or_else(|| panic!("{error}"));
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every word of every enum that a payload has.
fn vocabulary() -> Vec<String> {
    [
        words::<PlanKind>(json!("?")),
        words::<OrderStatus>(json!("?")),
        words::<FailureReason>(json!("?")),
        words::<RefundSource>(json!("?")),
        words::<LicenseScope>(json!("?")),
        words::<Source>(json!("?")),
        words::<RevokeReason>(json!("?")),
        words::<LineKind>(json!("?")),
        words::<CompensationReason>(json!("?")),
        words::<SagaState>(json!("?")),
        words::<Owner>(json!("?")),
        words::<Discount>(json!({"kind": "?"})),
        words::<SagaCommand>(json!({"command": "?"})),
        words::<SagaStep>(json!({"step": "?"})),
        words::<AdvanceOn>(json!("?")),
        words::<Assurance>(json!("?")),
        words::<Audience>(json!("?")),
        words::<Channel>(json!("?")),
        words::<DisabledReason>(json!("?")),
        words::<Environment>(json!("?")),
        words::<KeyCreator>(json!("?")),
        words::<Locale>(json!("?")),
        words::<PeriodKind>(json!("?")),
        words::<Purpose>(json!("?")),
        words::<ReleaseChannel>(json!("?")),
        words::<ResendPolicy>(json!("?")),
        words::<RevokedReason>(json!("?")),
        words::<SdkLanguage>(json!("?")),
        words::<SuspendedBy>(json!("?")),
        words::<verify::FailureReason>(json!("?")),
        Scope::ALL.iter().map(|scope| scope.as_str().to_owned()).collect(),
    ]
    .concat()
}

/// What could stand in a payload by mistake. Nothing that a schema cannot know to be wrong: 31 February, or a
/// discount of nothing.
static CANDIDATES: LazyLock<Vec<Value>> = LazyLock::new(candidates);

fn candidates() -> Vec<Value> {
    let ids = [
        "lst", "pln", "ord", "oln", "lic", "sal", "cpn", "red", "rfd", "sga", "quo", "ern", "evt", "wle",
        "lse", "dev", "key", "sbx", "ver", "dat", "vtp", "sdk", "art", "doc", "whe",
    ];
    let texts = [
        "", " ", "x", "a b", "naïve", "ord_x", "TENTH", "tenth", "AB", "A.B", "2026-04", "2026-13", "2026-4",
        "USD",
    ]
    .into_iter()
    .chain(["JPY", "usd", "19.99", "19.9", "-1.00", "1e2", "007.00", ".50", "19.999"])
    .chain([
        "2026-04-20T09:30:00Z",
        "2026-04-20T09:30:00+02:00",
        "2026-04-20",
        "2026-04-20T09:30:00.1234567Z",
    ])
    .chain(["2026-04-20T09:30:00.12Z", "lst_01arz3ndektsv4rrffq69g5fav", "lst_8ZZZZZZZZZZZZZZZZZZZZZZZZZ"])
    .map(str::to_owned)
    .chain(ids.iter().map(|prefix| format!("{prefix}_01ARZ3NDEKTSV4RRFFQ69G5FAV")))
    .chain(["x".repeat(128), "x".repeat(129), "a".repeat(63), "a".repeat(64), "A".repeat(64)])
    .chain(["0f".repeat(64), "0F".repeat(64), "0g".repeat(64), "0f".repeat(65)])
    .chain(BTreeSet::from_iter(vocabulary()));
    let others = [
        Value::Null,
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(100),
        json!(101),
        json!(u32::MAX),
        json!(u64::from(u32::MAX) + 1),
        json!(u64::MAX),
        json!([]),
        json!({}),
        json!(["oln_01ARZ3NDEKTSV4RRFFQ69G5FAV"]),
        json!(["cpn_01ARZ3NDEKTSV4RRFFQ69G5FAV"]),
        json!([null]),
        json!({"amount": "19.99", "currency": "USD"}),
        json!({"amount": "19.99", "currency": "JPY"}),
        json!({"amount": "19.99"}),
        json!({"amount": "19.99", "currency": "USD", "minor": 1}),
        json!([{"providerTenantId": "acme", "orderLineIds": []}]),
        json!([{"providerTenantId": "acme"}]),
        json!({"by": "usr_1", "evidence": ""}),
        json!({"by": "usr_1"}),
        json!({"provider": "acme"}),
        json!({"provider": null}),
        json!({"kind": "percent", "value": 7}),
        json!({"x": "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV"}),
        json!({"oln_01ARZ3NDEKTSV4RRFFQ69G5FAV": "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV"}),
    ];
    texts.map(Value::String).chain(others).collect()
}

/// The pointers of every value in a payload.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, part) in parts {
        let pointer = format!("{at}/{name}");
        pointers(part, &pointer, found);
        found.push(pointer);
    }
}

/// Whether a type takes a payload, and would write it as it is.
fn takes(topic: &str, payload: &Value) -> bool {
    load(topic, payload).is_ok_and(|event| data(&event) == *payload)
}

/// Where schema and type judge differently.
fn disagreements(Example { name, event }: &Example, schema: &Value) -> Vec<String> {
    let (topic, golden, schema) = (event.topic(), data(event), validator(&strict(schema)));
    let (mut places, mut found) = (Vec::new(), Vec::new());
    pointers(&golden, "", &mut places);
    let mut judge = |changed: &Value, what: &str| {
        let (fits, taken) = (schema.is_valid(changed), takes(topic, changed));
        if fits != taken {
            found.push(format!(
                "{name}: {what}: schema {:?}, type {:?}",
                errors(&schema, changed),
                load(topic, changed)
            ));
        }
    };
    for place in &places {
        for candidate in CANDIDATES.iter() {
            let mut changed = golden.clone();
            *changed.pointer_mut(place).unwrap() = candidate.clone();
            judge(&changed, &format!("{place} = {candidate}"));
        }
        let (parent, last) = place.rsplit_once('/').unwrap();
        let mut changed = golden.clone();
        if let Some(Value::Object(members)) = changed.pointer_mut(parent) {
            members.remove(last);
            judge(&changed, &format!("no {place}"));
        }
    }
    found
}

#[test]
fn a_schema_takes_exactly_what_its_type_takes() {
    let found: Vec<_> = examples::all()
        .iter()
        .flat_map(|example| disagreements(example, &published_schema(example.event.topic())))
        .collect();
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found[..found.len().min(20)].join("\n"));
}

#[test]
fn a_wrong_schema_is_found() {
    let wrong = |topic: &str, change: &dyn Fn(&mut Value)| {
        let mut schema = published_schema(topic);
        change(&mut schema);
        let examples = examples::all();
        let example = examples.iter().find(|example| example.name == topic).unwrap();
        !disagreements(example, &schema).is_empty()
    };
    let paid = "marketplace.order.paid.v1";
    assert!(!wrong(paid, &|_| {}));
    assert!(wrong(paid, &|schema| schema["$defs"]["OrderId"]["pattern"] = json!("^ord_.*$")));
    assert!(
        wrong(paid, &|schema| schema["properties"]["paymentId"] = json!({"type": "string"})),
        "never null"
    );
    assert!(wrong(paid, &|schema| schema["properties"]["paidAt"] =
        json!({"anyOf": [{"$ref": "#/$defs/Timestamp"}, {"type": "null"}]})));
    let failed = "marketplace.order.failed.v1";
    assert!(wrong(failed, &|schema| {
        schema["$defs"]["FailureReason"]["enum"].as_array_mut().unwrap().pop();
    }));
}

#[test]
fn every_command_and_every_step_has_an_example() {
    let shown: Vec<Value> = examples::all().iter().map(|example| data(&example.event)).collect();
    let all = |pointer: &str| -> Vec<&str> {
        let mut found: Vec<_> = shown.iter().filter_map(|data| data.pointer(pointer)?.as_str()).collect();
        found.sort_unstable();
        found
    };
    let mut commands = words::<SagaCommand>(json!({"command": "?"}));
    commands.sort_unstable();
    assert_eq!(all("/command/command"), commands);
    let steps = words::<SagaStep>(json!({"step": "?"}));
    let waiting = shown.iter().find_map(|data| data.pointer("/waiting")?.as_array()).unwrap();
    assert_eq!(waiting.iter().map(|step| step["step"].as_str().unwrap()).collect::<Vec<_>>(), steps);
}

#[test]
fn the_enum_of_all_events_knows_the_aggregates_of_the_topics() {
    let mut aggregates = words::<MarketplaceEvent>(json!({"aggregate": "?"}));
    // What a period announces of its statement.
    aggregates.push("statement".to_owned());
    for topic in MarketplaceEvent::topics() {
        assert!(
            aggregates.iter().any(|aggregate| topic.starts_with(&format!("marketplace.{aggregate}."))),
            "{topic}"
        );
    }
}
