//! Enrollment's bodies.

use std::collections::BTreeSet;

use sarai_domain::kernel::{CourseId, CourseVersionId, TenantId, UserId};
use sarai_ports::marketplace::{Enrolment, LearnerActivity};
use serde::{Deserialize, Serialize};

use super::define;

/// A learner in a course.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Whose licence it is.
    pub tenant_id: TenantId,
    /// The learner.
    pub user_id: UserId,
    /// The course.
    pub course_id: CourseId,
}

/// Learners of a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learners {
    /// Whose learners they are.
    pub tenant_id: TenantId,
    /// The course.
    pub course_id: CourseId,
    /// The learners.
    pub user_ids: BTreeSet<UserId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Enrolment", rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "they are the port's")]
struct EnrolmentDef {
    tenant_id: TenantId,
    user_id: UserId,
    course_id: CourseId,
    course_version_id: CourseVersionId,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LearnerActivity", rename_all = "camelCase")]
struct LearnerActivityDef {
    attempts: u32,
}

define! {
    Place = Place,
    Enrolment = EnrolmentDef,
    LearnerActivity = LearnerActivityDef,
}
