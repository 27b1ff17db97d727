//! A query against the document: no parameter the operation does not have, and none twice but lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::{
    operations::Operation,
    problem::{FieldError, Problem},
};

/// The query parameters of a document's operations, and which of them are lists: given several times.
pub(super) struct Queries(BTreeMap<String, BTreeMap<String, bool>>);

impl Queries {
    /// Takes the parameters of a document.
    pub(super) fn of(document: &Value) -> Self {
        let operations = document["paths"].as_object().into_iter().flat_map(Map::values);
        let parameters = |operation: &Value| {
            let all = operation["parameters"].as_array().into_iter().flatten();
            all.filter(|parameter| parameter["in"] == "query")
                .filter_map(|parameter| {
                    Some((parameter["name"].as_str()?.to_owned(), parameter["schema"]["type"] == "array"))
                })
                .collect()
        };
        let names = operations.filter_map(Value::as_object).flat_map(Map::values).filter_map(|operation| {
            Some((operation["operationId"].as_str()?.to_owned(), parameters(operation)))
        });
        Self(names.collect())
    }

    /// Checks a query; its values are the handler's business.
    pub(super) fn check(&self, operation: &Operation, query: Option<&str>) -> Result<(), Problem> {
        let query = query.unwrap_or_default();
        if query.contains("%00") {
            return Err(Problem::new("malformed_request", "the query holds U+0000"));
        }
        let mut seen = BTreeSet::new();
        let names = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| match pair.split_once('=') {
            Some((name, _)) => name,
            None => pair,
        });
        let errors: Vec<FieldError> = names
            .filter_map(|name| match self.0.get(operation.id).and_then(|known| known.get(name)) {
                None => Some(FieldError::new(name, "unknown", "is not a parameter of this operation")),
                Some(false) if !seen.insert(name) => {
                    Some(FieldError::new(name, "repeated", "is given twice"))
                }
                Some(_) => None,
            })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
    }
}

#[cfg(test)]
mod tests {
    use poem::http::Method;

    use super::*;
    use crate::{openapi::sample, operations};

    #[test]
    fn only_parameters_of_the_operation_and_each_once() {
        let queries = Queries::of(&sample());
        let row = operations::find(&Method::GET, "/v1/coupons").unwrap();
        let outcome = |query| queries.check(row, Some(query)).map_err(|problem| problem.code());
        assert_eq!(queries.check(row, None), Ok(()));
        assert_eq!(outcome("limit=5&cursor=abc"), Ok(()));
        assert_eq!(outcome("limt=5"), Err("validation_failed"));
        assert_eq!(outcome("limit=5&limit=6"), Err("validation_failed"));
        assert_eq!(outcome("cursor=a%00"), Err("malformed_request"));
    }
}
