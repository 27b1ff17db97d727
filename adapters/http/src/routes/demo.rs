//! `POST /demo/enrollment`: makes the embedded enrollment service misbehave, in the demo only.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};
use sarai_domain::kernel::{CourseId, UserId, external_id::kinds};

use super::Tag;
use crate::{caller::Caller, problem::Problem, scalars::ApiExternalId};

/// What the demo can set of its embedded enrollment service.
pub trait DemoEnrollment: Send + Sync {
    /// Whether every call fails as unavailable.
    fn set_outage(&self, outage: bool);
    /// What a learner did in a course: how often it was tried, and whether it counts as consumed.
    fn set_activity(&self, user: UserId, course: CourseId, attempts: u32, consumed: bool);
}

/// Routes of the demo.
#[derive(Clone)]
pub struct DemoRoutes {
    enrollment: Option<Arc<dyn DemoEnrollment>>,
}

/// What the enrollment service is to do; what is left out stays as it is.
#[derive(Debug, Object)]
#[oai(rename = "DemoEnrollment", rename_all = "camelCase")]
pub struct DemoEnrollmentBody {
    /// Whether it is out of reach.
    outage: Option<bool>,
    /// Who learned what.
    consumed: Option<Vec<ActivityBody>>,
}

/// What one learner did.
#[derive(Debug, Object)]
#[oai(rename = "DemoActivity", rename_all = "camelCase")]
pub struct ActivityBody {
    user_id: ApiExternalId<kinds::User>,
    course_id: ApiExternalId<kinds::Course>,
    attempts: u32,
}

impl DemoRoutes {
    /// Over the demo's embedded service; none outside the demo, where the routes do not exist.
    pub fn new(enrollment: Option<Arc<dyn DemoEnrollment>>) -> Self {
        Self { enrollment }
    }
}

#[allow(clippy::unused_async, reason = "the library wants every handler async")]
#[OpenApi(prefix_path = "/v1", tag = "Tag::Admin")]
impl DemoRoutes {
    /// Sets what the demo's enrollment service does; answers with what was set.
    #[oai(path = "/demo/enrollment", method = "post", operation_id = "demo.enrollment")]
    async fn enrollment(
        &self,
        _caller: Caller,
        body: Json<DemoEnrollmentBody>,
    ) -> Result<Json<DemoEnrollmentBody>, Problem> {
        let enrollment = self.enrollment.as_ref().ok_or_else(|| Problem::not_found("resource"))?;
        for activity in body.consumed.iter().flatten() {
            let (user, course) = (activity.user_id.0.clone(), activity.course_id.0.clone());
            enrollment.set_activity(user, course, activity.attempts, true);
        }
        if let Some(outage) = body.outage {
            enrollment.set_outage(outage);
        }
        Ok(body)
    }
}
