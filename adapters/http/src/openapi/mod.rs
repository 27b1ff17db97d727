//! The document of the API: what the library writes, corrected in one place and completed from the table of
//! operations.
//!
//! The library writes version 3.0 and cannot say that a member is null, that no other member is accepted, or
//! which problems an operation answers with; this module can.

mod operation;
mod page;
mod schema;

use std::marker::PhantomData;

use poem_openapi::{
    OpenApi, OpenApiService,
    registry::{MetaApi, Registry},
};
use serde_json::{Map, Value, json};

#[cfg(test)]
pub(crate) use self::tests::sample;
pub(crate) use self::{page::docs_page, schema::component};
use crate::routes::Routes;

/// The routes as the library describes them, without being able to run them.
struct Described<T>(PhantomData<fn() -> T>);

impl<T: OpenApi> OpenApi for Described<T> {
    fn meta() -> Vec<MetaApi> {
        T::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, _table: &mut RouteTable) {}
}

type RouteTable = std::collections::HashMap<
    String,
    std::collections::HashMap<poem::http::Method, poem::endpoint::BoxEndpoint<'static>>,
>;

/// The document: pretty JSON with sorted names, the same for the same routes.
pub fn document() -> String {
    format!("{:#}\n", document_json())
}

/// The document as a value.
pub(crate) fn document_json() -> Value {
    describe::<Routes>()
}

/// The document of these routes.
pub(crate) fn describe<T: OpenApi>() -> Value {
    let service = OpenApiService::new(Described::<T>(PhantomData), "Sarai", env!("CARGO_PKG_VERSION"));
    let mut document: Value = serde_json::from_str(&service.spec()).unwrap_or_default();
    complete(&mut document);
    sorted(document)
}

/// Corrects and completes what the library wrote.
fn complete(document: &mut Value) {
    document["openapi"] = json!("3.1.0");
    document["info"]["description"] =
        json!("The marketplace of learning content. Refusals are RFC 9457 problems; see /problems/{code}.");
    document["servers"] = json!([{"url": "/"}]);
    schema::correct(document);
    for (path, methods) in objects(&mut document["paths"]) {
        for (method, described) in objects(methods) {
            operation::complete(path, method, described);
        }
    }
    document["components"]["schemas"]["Problem"] = operation::problem_schema();
    if let Some(event) = document.pointer_mut("/components/schemas/Event") {
        *event = crate::routes::event_schema();
    }
    document["components"]["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "apiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "srk_(live|sbx)_[0-9A-Za-z]{49}"},
        "webhook": {
            "type": "apiKey", "in": "header", "name": "webhook-signature",
            "description": "Standard Webhooks: with webhook-id and webhook-timestamp.",
        },
    });
}

/// The members of an object; none of anything else.
fn objects(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}

/// The same value with every object's names in order, however `serde_json` was built.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            members.into_iter().map(|(name, value)| (name, sorted(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests;
