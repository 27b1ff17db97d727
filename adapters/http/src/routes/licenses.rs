//! Licences: reading them, and claiming a gift.

use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::ToJSON,
};
use sarai_application::marketplace::licenses::Licenses;
use sarai_domain::{
    kernel::{Aggregate, id::kinds},
    marketplace::license::License,
};

use super::{
    Tag,
    license_body::{ApiLicenseState, LicenseBody},
};
use crate::{
    answers::Tagged,
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiId,
};

/// Routes of licences.
#[derive(Clone)]
pub struct LicenseRoutes {
    licenses: Licenses,
    cursors: Cursors,
}

/// A gift's code.
#[derive(Object)]
#[oai(rename = "ClaimRequest", rename_all = "camelCase")]
pub struct ClaimRequestBody {
    code: String,
}

impl LicenseRoutes {
    /// Over this use case.
    pub fn new(licenses: Licenses, cursors: Cursors) -> Self {
        Self { licenses, cursors }
    }
}

/// A licence with its entity tag.
pub(super) fn tagged(license: &License) -> Tagged<200, LicenseBody> {
    Tagged { version: license.version(), body: license.into() }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Licenses")]
impl LicenseRoutes {
    /// The caller's licences, or the tenant's for its administrators; newest first.
    #[oai(path = "/licenses", method = "get", operation_id = "licenses.list")]
    async fn list(
        &self,
        caller: Caller,
        state: Query<Option<ApiLicenseState>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<LicenseBody>>, Problem> {
        let list = self.cursors.list("licenses.list", caller.tenant()).filter("state", state.0.to_json());
        let request = list.request(*limit, cursor.as_deref())?;
        let page = self.licenses.list(&caller.0, state.0.map(Into::into), &request).await?;
        Ok(Json(list.answer(page, |license| LicenseBody::from(&license))))
    }

    /// One licence.
    #[oai(path = "/licenses/:id", method = "get", operation_id = "licenses.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
    ) -> Result<Tagged<200, LicenseBody>, Problem> {
        Ok(tagged(&self.licenses.get(&caller.0, id.0.0).await?))
    }

    /// The licences the caller sold, newest first, without users.
    #[oai(path = "/provider/licenses", method = "get", operation_id = "provider.licenses.list")]
    async fn sold(
        &self,
        caller: Caller,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<LicenseBody>>, Problem> {
        let list = self.cursors.list("provider.licenses.list", caller.tenant());
        let request = list.request(*limit, cursor.as_deref())?;
        let page = self.licenses.sold(&caller.0, &request).await?;
        Ok(Json(list.answer(page, |license| LicenseBody::from(&license))))
    }

    /// Takes the gift of a code: once, within 90 days.
    #[oai(path = "/licenses/claim", method = "post", operation_id = "licenses.claim")]
    async fn claim(
        &self,
        caller: Caller,
        body: Json<ClaimRequestBody>,
    ) -> Result<Tagged<200, LicenseBody>, Problem> {
        Ok(tagged(&self.licenses.claim(&caller.0, &body.code).await?))
    }
}
