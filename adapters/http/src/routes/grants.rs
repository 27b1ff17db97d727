//! What the platform's staff do with licences: give, grant, take back.

use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use sarai_application::marketplace::licenses::{Grant, Granted, Licenses};
use sarai_domain::kernel::{Aggregate, external_id, id::kinds};

use super::{Tag, license_body::LicenseBody, licenses::tagged, located::Located, reason};
use crate::{
    answers::{Created, Tagged},
    caller::Caller,
    problem::Problem,
    scalars::{ApiExternalId, ApiId},
};

/// Routes of grants.
#[derive(Clone)]
pub struct GrantRoutes {
    licenses: Licenses,
}

/// What is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "GrantSource", rename_all = "snake_case")]
pub enum ApiGrantSource {
    /// A gift that waits for its code.
    Gift,
    /// A licence at once.
    Manual,
}

/// A grant without a sale.
#[derive(Debug, Object)]
#[oai(rename = "GrantRequest", rename_all = "camelCase")]
pub struct GrantRequestBody {
    source: ApiGrantSource,
    tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    /// The learner of a manual individual licence.
    user_id: Option<ApiExternalId<external_id::kinds::User>>,
    listing_id: ApiId<kinds::Listing>,
    pricing_plan_id: ApiId<kinds::PricingPlan>,
    reason: String,
}

/// Why a licence is taken back.
#[derive(Debug, Object)]
#[oai(rename = "RevokeRequest", rename_all = "camelCase")]
pub struct RevokeRequestBody {
    reason: String,
}

/// A granted licence.
#[derive(Debug, Object)]
#[oai(rename = "GrantedLicense", rename_all = "camelCase")]
pub struct GrantedBody {
    #[oai(flatten)]
    license: LicenseBody,
    /// The gift's code, shown this once; null for a manual grant.
    claim_code: Option<String>,
}

impl From<GrantRequestBody> for Grant {
    fn from(body: GrantRequestBody) -> Self {
        Self {
            gift: body.source == ApiGrantSource::Gift,
            tenant_id: body.tenant_id.0,
            user_id: body.user_id.map(|user| user.0),
            listing_id: body.listing_id.0,
            pricing_plan_id: body.pricing_plan_id.0,
            reason: body.reason,
        }
    }
}

impl From<&Granted> for GrantedBody {
    fn from(granted: &Granted) -> Self {
        Self { license: (&granted.license).into(), claim_code: granted.claim_code.clone() }
    }
}

impl GrantRoutes {
    /// Over this use case.
    pub fn new(licenses: Licenses) -> Self {
        Self { licenses }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Admin")]
impl GrantRoutes {
    /// Grants a licence without a sale.
    #[oai(path = "/admin/licenses", method = "post", operation_id = "admin.licenses.grant")]
    async fn grant(
        &self,
        caller: Caller,
        body: Json<GrantRequestBody>,
    ) -> Result<Located<Created<GrantedBody>>, Problem> {
        let call = caller.because(body.reason.clone());
        let granted = self.licenses.grant(&call, body.0.into()).await?;
        Ok(Located {
            path: format!("/v1/licenses/{}", granted.license.id()),
            version: Some(granted.license.version()),
            answer: Created(GrantedBody::from(&granted)),
        })
    }

    /// Takes a licence back, for ever.
    #[oai(path = "/admin/licenses/:id/revoke", method = "post", operation_id = "admin.licenses.revoke")]
    async fn revoke(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        body: Json<RevokeRequestBody>,
    ) -> Result<Tagged<200, LicenseBody>, Problem> {
        let call = caller.because(reason::given(&body.reason)?);
        Ok(tagged(&self.licenses.revoke(&call, id.0.0).await?))
    }
}
