//! Where a resource is: the headers of an answer to a POST that may have created one.

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

/// An answer with the `Location` of what it created, and its `ETag` where it has a version.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// The resource's path.
    pub path: String,
    /// Its version, if it has one.
    pub version: Option<u64>,
    /// The answer.
    pub answer: T,
}

impl<T: IntoResponse> IntoResponse for Located<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        let created = response.status() == StatusCode::CREATED;
        let location = created.then_some(self.path).map(HeaderValue::try_from);
        let tag = self.version.map(|version| HeaderValue::try_from(format!("\"v{version}\"")));
        for (name, value) in [(header::LOCATION, location), (header::ETAG, tag)] {
            if let Some(Ok(value)) = value {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl<T: ApiResponse> ApiResponse for Located<T> {
    fn meta() -> MetaResponses {
        let mut meta = T::meta();
        for response in &mut meta.responses {
            if response.status == Some(201) {
                response.headers.push(described("Location", "The path of what was created."));
            }
            response.headers.push(described("ETag", "The version, of what has one."));
        }
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

fn described(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::CreatedOrFound;

    #[test]
    fn only_what_is_new_has_a_location_and_both_have_a_version() {
        let located = |answer| Located { path: "/v1/x/1".to_owned(), version: Some(3), answer };
        let created = located(CreatedOrFound::Created(String::new())).into_response();
        assert_eq!(created.header("location"), Some("/v1/x/1"));
        assert_eq!(created.header("etag"), Some("\"v3\""));
        let found = located(CreatedOrFound::Found(String::new())).into_response();
        assert_eq!((found.header("location"), found.header("etag")), (None, Some("\"v3\"")));
    }

    #[test]
    fn the_document_names_both_headers() {
        let meta = <Located<CreatedOrFound<String>> as ApiResponse>::meta();
        let names = |status| -> Vec<_> {
            let answers = meta.responses.iter().filter(|answer| answer.status == Some(status));
            answers.flat_map(|answer| &answer.headers).map(|header| header.name.clone()).collect()
        };
        assert_eq!((names(201), names(200)), (vec!["Location".into(), "ETag".into()], vec!["ETag".into()]));
    }
}
