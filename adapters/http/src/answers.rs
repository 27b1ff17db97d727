//! Successful answers that are not a plain 200: other statuses, entity tags.

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    payload::{Json, Payload},
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};

/// 201: something new.
#[derive(Debug, Clone)]
pub struct Created<T>(pub T);

/// 202: taken; the answer says how far it has come.
#[derive(Debug, Clone)]
pub struct Accepted<T>(pub T);

/// 207: many things were asked, and the body says what became of each.
#[derive(Debug, Clone)]
pub struct MultiStatus<T>(pub T);

/// 204: done, and there is nothing to say.
#[derive(Debug, Clone, Copy)]
pub struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        Response::builder().status(StatusCode::NO_CONTENT).finish()
    }
}

impl ApiResponse for Done {
    fn meta() -> MetaResponses {
        let answer = MetaResponse {
            description: "",
            status: Some(204),
            status_range: None,
            content: Vec::new(),
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![answer] }
    }

    fn register(_registry: &mut Registry) {}
}

/// A body with the entity tag `"v<version>"`.
#[derive(Debug, Clone)]
pub struct Tagged<const STATUS: u16, T> {
    /// The version.
    pub version: u64,
    /// The body.
    pub body: T,
}

/// 201 for something new, 200 for what was there already.
#[derive(Debug, Clone)]
pub enum CreatedOrFound<T> {
    /// New.
    Created(T),
    /// There already.
    Found(T),
}

fn answer<T: ToJSON>(status: u16, body: T) -> Response {
    let mut response = Json(body).into_response();
    response.set_status(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
    response
}

fn described<T: Type>(status: u16, headers: Vec<MetaHeader>) -> MetaResponse {
    MetaResponse {
        description: "",
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType { content_type: Json::<T>::CONTENT_TYPE, schema: T::schema_ref() }],
        headers,
    }
}

/// The library's traits for a body with one status.
macro_rules! with_status {
    ($($name:ident $status:literal;)*) => {$(
        impl<T: ToJSON> IntoResponse for $name<T> {
            fn into_response(self) -> Response {
                answer($status, self.0)
            }
        }

        impl<T: ToJSON> ApiResponse for $name<T> {
            fn meta() -> MetaResponses {
                MetaResponses { responses: vec![described::<T>($status, Vec::new())] }
            }

            fn register(registry: &mut Registry) {
                T::register(registry);
            }
        }
    )*};
}

with_status! {
    Created 201;
    Accepted 202;
    MultiStatus 207;
}

impl<const STATUS: u16, T: ToJSON> IntoResponse for Tagged<STATUS, T> {
    fn into_response(self) -> Response {
        let mut response = answer(STATUS, self.body);
        if let Ok(tag) = HeaderValue::try_from(format!("\"v{}\"", self.version)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

impl<const STATUS: u16, T: ToJSON> ApiResponse for Tagged<STATUS, T> {
    fn meta() -> MetaResponses {
        let tag = MetaHeader {
            name: "ETag".to_owned(),
            description: Some("The version, for If-Match.".to_owned()),
            required: true,
            deprecated: false,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                pattern: Some("^\"v[0-9]+\"$".to_owned()),
                ..MetaSchema::new("string")
            })),
        };
        MetaResponses { responses: vec![described::<T>(STATUS, vec![tag])] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ToJSON> IntoResponse for CreatedOrFound<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Created(body) => answer(201, body),
            Self::Found(body) => answer(200, body),
        }
    }
}

impl<T: ToJSON> ApiResponse for CreatedOrFound<T> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![described::<T>(200, Vec::new()), described::<T>(201, Vec::new())] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_carries_its_status_and_its_tag() {
        let response = Tagged::<201, String> { version: 3, body: "x".to_owned() }.into_response();
        assert_eq!(response.status(), 201);
        assert_eq!(response.header("etag"), Some("\"v3\""));
        assert_eq!(response.into_body().into_string().await.unwrap(), "\"x\"");
        assert_eq!(Accepted(String::new()).into_response().status(), 202);
        assert_eq!(CreatedOrFound::Found(String::new()).into_response().status(), 200);
    }
}
