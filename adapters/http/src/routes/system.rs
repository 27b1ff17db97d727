//! `GET /me`: who am I; `GET /.well-known/jwks.json`: with which keys that can be checked.

use poem_openapi::{
    Object, OpenApi,
    payload::{Json, Response},
    types::Any,
};
use sarai_domain::kernel::external_id::kinds;
use serde_json::Value;

use super::Tag;
use crate::{
    caller::{Caller, PublishedKeys},
    problem::Problem,
    scalars::ApiExternalId,
};

/// Routes about the caller.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRoutes;

/// The signed-in caller.
#[derive(Debug, Object)]
#[oai(rename = "Me", rename_all = "camelCase")]
pub struct MeBody {
    /// The user, or the service's own id.
    user_id: ApiExternalId<kinds::User>,
    /// The tenant it acts for.
    tenant_id: ApiExternalId<kinds::Tenant>,
    /// The address, when the token names one.
    email: Option<String>,
    /// What it may act as.
    roles: Vec<String>,
}

#[allow(clippy::unused_async, reason = "the library wants every handler async")]
#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SystemRoutes {
    /// Who the access token says is calling.
    #[oai(path = "/me", method = "get", operation_id = "me.get")]
    async fn me(&self, caller: Caller) -> Result<Json<MeBody>, Problem> {
        let principal = caller.0.principal;
        Ok(Json(MeBody {
            user_id: principal.user_id.into(),
            tenant_id: principal.tenant_id.into(),
            email: principal.email,
            roles: principal.roles.iter().map(|role| role.name().to_owned()).collect(),
        }))
    }

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
        testing::{Keys, ManualClock, gate_parts, health, jwks, token},
    };
    use poem::{Endpoint, Request};
    use serde_json::json;

    async fn get(path: &str, token: &str) -> poem::Response {
        let keys = std::sync::Arc::<Keys>::default();
        let api = Api::assemble(SystemRoutes, gate_parts(&ManualClock::new(), &keys), health());
        let request = Request::builder().uri(path.parse().unwrap());
        api.call(request.header("authorization", format!("Bearer {token}")).finish()).await.unwrap()
    }

    async fn json_of(response: poem::Response) -> Value {
        serde_json::from_str(&response.into_body().into_string().await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_caller_is_who_its_token_says() {
        let me = json_of(get("/v1/me", &token("usr_9", &["provider"])).await).await;
        let wanted = json!({
            "userId": "usr_9", "tenantId": "acc_1", "email": "a@b.test", "roles": ["provider"],
        });
        assert_eq!(me, wanted);
    }

    #[tokio::test]
    async fn anybody_may_have_the_keys_and_keep_them_a_while() {
        let response = get("/v1/.well-known/jwks.json", "").await;
        assert_eq!(response.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(json_of(response).await, serde_json::from_str::<Value>(&jwks()).unwrap());
    }
}
