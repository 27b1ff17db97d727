//! `POST /entitlements/check`: may this user learn this course now?

use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use sarai_application::marketplace::licenses::Licenses;
use sarai_domain::{
    kernel::{external_id, id},
    marketplace::{license::Entitlement, services::entitlement::EntitlementAnswer},
};

use super::Tag;
use crate::{
    caller::Caller,
    problem::Problem,
    scalars::{ApiExternalId, ApiId, ApiTimestamp},
};

/// Routes of entitlement.
#[derive(Clone)]
pub struct EntitlementRoutes {
    licenses: Licenses,
}

/// Why a user may learn, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "EntitlementReason", rename_all = "snake_case", remote = "Entitlement")]
pub enum ApiEntitlement {
    /// Yes.
    Entitled,
    /// The licence is good, and the user has no seat on it.
    NoSeat,
    /// The user has a seat, and the licence has not begun.
    NotStarted,
    /// The licence has ended.
    Expired,
    /// The licence was taken back.
    Revoked,
    /// There is no licence this user has to do with.
    NoLicence,
}

/// The question, about the caller's tenant.
#[derive(Debug, Object)]
#[oai(rename = "EntitlementCheck", rename_all = "camelCase")]
pub struct EntitlementCheckBody {
    user_id: ApiExternalId<external_id::kinds::User>,
    course_id: ApiExternalId<external_id::kinds::Course>,
}

/// The answer, as of now.
#[derive(Debug, Object)]
#[oai(rename = "Entitlement", rename_all = "camelCase")]
pub struct EntitlementBody {
    entitled: bool,
    reason: ApiEntitlement,
    /// The licence that gave the answer.
    license_id: Option<ApiId<id::kinds::License>>,
    /// When that licence ends or ended; null for never.
    valid_until: Option<ApiTimestamp>,
}

impl From<&EntitlementAnswer> for EntitlementBody {
    fn from(answer: &EntitlementAnswer) -> Self {
        Self {
            entitled: answer.entitled,
            reason: answer.reason.into(),
            license_id: answer.license_id.map(Into::into),
            valid_until: answer.valid_until.map(Into::into),
        }
    }
}

impl EntitlementRoutes {
    /// Over this use case.
    pub fn new(licenses: Licenses) -> Self {
        Self { licenses }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Licenses")]
impl EntitlementRoutes {
    /// Whether a user of the caller's tenant may learn a course now, by any of its licences.
    #[oai(path = "/entitlements/check", method = "post", operation_id = "entitlements.check")]
    async fn check(
        &self,
        caller: Caller,
        body: Json<EntitlementCheckBody>,
    ) -> Result<Json<EntitlementBody>, Problem> {
        let answer = self.licenses.check(&caller.0, &body.user_id.0, &body.course_id.0).await?;
        Ok(Json(EntitlementBody::from(&answer)))
    }
}
