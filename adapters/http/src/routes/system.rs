//! `GET /.well-known/jwks.json`: with which keys access tokens can be checked.

use poem_openapi::{
    OpenApi,
    payload::{Json, Response},
    types::Any,
};
use serde_json::Value;

use super::Tag;
use crate::caller::PublishedKeys;

/// Routes about the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRoutes;

#[allow(clippy::unused_async, reason = "the library wants every handler async")]
#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SystemRoutes {
    /// The public keys that verify access tokens and offline leases, as a JWKS document.
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "jwks.get")]
    async fn jwks(&self, keys: PublishedKeys) -> Response<Json<Any<Value>>> {
        let set = (*keys.0).clone();
        Response::new(Json(Any(set))).header("cache-control", "public, max-age=300")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::Api,
        testing::{Keys, ManualClock, gate_parts, health, jwks},
    };
    use poem::{Endpoint, Request};

    async fn get(path: &str) -> poem::Response {
        let keys = std::sync::Arc::<Keys>::default();
        let api = Api::assemble(SystemRoutes, gate_parts(&ManualClock::new(), &keys), health());
        api.call(Request::builder().uri(path.parse().unwrap()).finish()).await.unwrap()
    }

    async fn json_of(response: poem::Response) -> Value {
        serde_json::from_str(&response.into_body().into_string().await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn anybody_may_have_the_keys_and_keep_them_a_while() {
        let response = get("/v1/.well-known/jwks.json").await;
        assert_eq!(response.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(json_of(response).await, serde_json::from_str::<Value>(&jwks()).unwrap());
    }
}
