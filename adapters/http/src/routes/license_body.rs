//! A licence, as it is shown: without users, seats, and what a grant's code and reason were.

use poem_openapi::{Enum, Object};
use sarai_domain::{
    kernel::{Aggregate, external_id, id::kinds},
    marketplace::{
        license::{License, LicenseScope, LicenseState, Source},
        values::Capacity,
    },
};

use super::plan_kind::ApiPlanKind;
use crate::scalars::{ApiExternalId, ApiId, ApiTimestamp};

/// Where a licence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "LicenseState", rename_all = "snake_case", remote = "LicenseState")]
pub enum ApiLicenseState {
    /// Seats may be assigned.
    Active,
    /// Its time is over.
    Expired,
    /// Taken back, for ever.
    Revoked,
}

/// For whom a licence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "LicenseScope", rename_all = "snake_case", remote = "LicenseScope")]
pub enum ApiLicenseScope {
    /// One person.
    Individual,
    /// The people a tenant assigns seats to.
    Org,
}

/// Where a licence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "LicenseSource", rename_all = "snake_case", remote = "Source")]
pub enum ApiLicenseSource {
    /// An order line.
    Purchase,
    /// An administrator's gift, claimed by a code.
    Gift,
    /// An administrator's grant.
    Manual,
}

/// The right of a tenant to use one version of a course.
#[derive(Debug, Clone, Object)]
#[oai(rename = "License", rename_all = "camelCase")]
pub struct LicenseBody {
    id: ApiId<kinds::License>,
    tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    provider_tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    listing_id: ApiId<kinds::Listing>,
    course_id: ApiExternalId<external_id::kinds::Course>,
    course_version_id: ApiExternalId<external_id::kinds::CourseVersion>,
    pricing_plan_kind: ApiPlanKind,
    scope: ApiLicenseScope,
    /// How many seats there are; null when unlimited.
    seats: Option<u32>,
    /// Seats nobody has; null when unlimited.
    remaining_seats: Option<u32>,
    unlimited: bool,
    /// Seats that stayed allocated when the licence was taken back.
    consumed_seats: u32,
    valid_from: ApiTimestamp,
    /// The first instant after it; null for ever.
    valid_until: Option<ApiTimestamp>,
    state: ApiLicenseState,
    source: ApiLicenseSource,
    order_id: Option<ApiId<kinds::Order>>,
    order_line_id: Option<ApiId<kinds::OrderLine>>,
    /// The first period it covers.
    period_index: u32,
    refund_deadline: Option<ApiTimestamp>,
    perpetual_offline_access: bool,
    created_at: ApiTimestamp,
    updated_at: ApiTimestamp,
    version: u64,
}

impl From<&License> for LicenseBody {
    fn from(license: &License) -> Self {
        let data = license.data();
        Self {
            id: data.id.into(),
            tenant_id: data.tenant_id.clone().into(),
            provider_tenant_id: data.provider_tenant_id.clone().into(),
            listing_id: data.listing_id.into(),
            course_id: data.course_id.clone().into(),
            course_version_id: data.course_version_id.clone().into(),
            pricing_plan_kind: data.pricing_plan_kind.into(),
            scope: data.scope.into(),
            seats: data.capacity.seats(),
            remaining_seats: license.remaining(),
            unlimited: data.capacity == Capacity::Unlimited,
            consumed_seats: data.consumed_seats,
            valid_from: data.validity.valid_from().into(),
            valid_until: data.validity.valid_until().map(Into::into),
            state: data.state.into(),
            source: data.source.into(),
            order_id: data.order_id.map(Into::into),
            order_line_id: data.order_line_id.map(Into::into),
            period_index: data.period_index,
            refund_deadline: data.refund_deadline.map(Into::into),
            perpetual_offline_access: data.perpetual_offline_access,
            created_at: data.created_at.into(),
            updated_at: data.updated_at.into(),
            version: license.version(),
        }
    }
}

#[cfg(test)]
#[path = "license_body_tests.rs"]
mod tests;
