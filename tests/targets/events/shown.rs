//! Every golden as each of its audiences is shown it: it fits the published schema, and no seller reads a user's id.

use std::collections::BTreeSet;

use sarai_application::{
    marketplace::view::{Reader, shown},
    published::{
        announced,
        shape::{Field, Form, Shape},
    },
};
use sarai_domain::kernel::TenantId;
use sarai_ports::{
    audience::{Audience, audiences_of},
    feed::FeedId,
};
use serde_json::Value;

use crate::{
    examples,
    payload::{data, errors, published_schema, record, validator},
};

/// A golden as one reader is shown it.
struct Copy {
    name: String,
    topic: &'static str,
    owns: bool,
    reader: Reader,
    whole: Value,
    data: Value,
}

/// Every golden for every reader it has.
fn copies() -> Vec<Copy> {
    let mut copies = Vec::new();
    for example in examples::all() {
        let record = record(example.event.clone());
        for FeedId { tenant_id, .. } in audiences_of(&record.tenant_id, &record.event) {
            for knows_users in [false, true] {
                let reader = Reader { tenant_id: tenant_id.clone(), knows_users };
                copies.push(Copy {
                    name: example.name.clone(),
                    topic: example.event.topic(),
                    owns: tenant_id == record.tenant_id,
                    data: Value::Object(shown(&record, &reader).unwrap().data),
                    reader,
                    whole: data(&example.event),
                });
            }
        }
    }
    copies
}

/// The ids of users in a value, told by the table: every member of that shape, however deep.
fn users(shape: &Shape, value: &Value, found: &mut BTreeSet<String>) {
    match shape {
        Shape::Named("UserId", ..) => found.extend(value.as_str().map(str::to_owned)),
        Shape::Record(fields) | Shape::Named(_, _, Form::Record(fields)) => {
            for field in *fields {
                users(&field.shape, value.get(field.name).unwrap_or(&Value::Null), found);
            }
        }
        Shape::Named(_, _, Form::OneOf(shapes)) => shapes.iter().for_each(|one| users(one, value, found)),
        Shape::List(item) => value.as_array().into_iter().flatten().for_each(|one| users(item, one, found)),
        _ => {}
    }
}

/// The users that a whole golden names.
fn people(topic: &str, whole: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for field in announced().find(|event| event.topic == topic).unwrap().fields() {
        users(&field.shape, whole.get(field.name).unwrap_or(&Value::Null), &mut found);
    }
    found
}

/// The names of the members that a copy is without, the outermost of each.
fn missing(whole: &Value, copy: &Value, found: &mut BTreeSet<String>) {
    match (whole, copy) {
        (Value::Object(whole), Value::Object(copy)) => {
            for (name, value) in whole {
                match copy.get(name) {
                    Some(shown) => missing(value, shown, found),
                    None => drop(found.insert(name.clone())),
                }
            }
        }
        (Value::Array(whole), Value::Array(copy)) => {
            assert_eq!(whole.len(), copy.len(), "one provider sells all lines of the goldens");
            whole.iter().zip(copy).for_each(|(whole, copy)| missing(whole, copy, found));
        }
        _ => {}
    }
}

/// The names of the members that are marked as not for every reader, however deep.
fn marked(field: &Field, cut: &mut BTreeSet<String>) {
    if field.cut {
        cut.insert(field.name.to_owned());
    }
    let mut shape = &field.shape;
    while let Shape::List(item) = shape {
        shape = item;
    }
    if let Shape::Record(fields) | Shape::Named(_, _, Form::Record(fields)) = shape {
        fields.iter().for_each(|field| marked(field, cut));
    }
}

#[test]
fn every_declared_audience_is_shown_a_golden() {
    let copies = copies();
    for event in announced() {
        let of = |owns| copies.iter().any(|copy| copy.topic == event.topic && copy.owns == owns);
        assert_eq!(of(true), event.audiences().contains(&Audience::Owner), "{}", event.topic);
        assert_eq!(of(false), event.audiences().contains(&Audience::Sellers), "{}", event.topic);
    }
}

#[test]
fn what_a_reader_is_shown_fits_the_published_schema() {
    for Copy { name, topic, reader, data, .. } in copies() {
        let schema = validator(&published_schema(topic));
        assert_eq!(errors(&schema, &data), [""; 0], "{name} for {reader:?}: {data}");
    }
}

#[test]
fn nobody_but_the_owner_reads_who_the_people_are() {
    let mut named = 0;
    for Copy { name, topic, owns, reader, whole, data } in copies() {
        let text = data.to_string();
        for person in people(topic, &whole) {
            named += 1;
            // Whoever uses a provider's coupon is not of its tenant; what a tenant has in the developer portal is
            // everybody's there (ruling R75).
            let everybody = topic.starts_with("devportal.");
            let knows =
                owns && (everybody || reader.knows_users) && !topic.starts_with("marketplace.coupon.");
            assert_eq!(text.contains(&person), knows, "{name} for {reader:?}: {text}");
        }
    }
    assert!(named > 80, "{named} times somebody was looked for");
    let paid =
        examples::all().into_iter().find(|example| example.name == "marketplace.order.paid.v1").unwrap();
    assert_eq!(people(paid.event.topic(), &data(&paid.event)), ["usr_zahra".to_owned()].into());
}

#[test]
fn the_table_marks_as_cut_exactly_what_somebody_is_not_shown() {
    let (mut cut, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for event in announced().filter(|event| !event.audiences().is_empty()) {
        event.fields().for_each(|field| marked(field, &mut cut));
    }
    for Copy { whole, data, .. } in copies() {
        missing(&whole, &data, &mut gone);
    }
    let (kept_from_nobody, unmarked) = (cut.difference(&gone), gone.difference(&cut));
    assert_eq!(
        (kept_from_nobody.collect(), unmarked.collect()),
        (Vec::<&String>::new(), Vec::<&String>::new())
    );
}

#[test]
fn a_stranger_to_an_order_would_be_shown_no_line_of_it() {
    let placed = examples::all().into_iter().find(|example| example.name == "marketplace.order.placed.v1");
    let reader = Reader { tenant_id: TenantId::from_static("org_stranger"), knows_users: true };
    let data = shown(&record(placed.unwrap().event), &reader).unwrap().data;
    assert_eq!(data["lines"], Value::Array(Vec::new()));
}
