//! `GET /me`: who am I.

use poem_openapi::{Object, OpenApi, payload::Json};

use super::Tag;
use crate::{caller::Caller, problem::Problem, scalars::ApiExternalId};
use sarai_domain::kernel::external_id::kinds;

/// Routes about the caller.
#[derive(Debug, Clone, Copy)]
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
}
