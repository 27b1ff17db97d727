//! What a provider writes of a listing: at first, and later.

use super::marketing::{ListingMarketing, Visibility};
use crate::{
    kernel::{CourseId, CourseVersionId, ListingId, TenantId},
    marketplace::values::{RefundPolicy, RevenueShare},
};

/// What a new listing is made of.
#[derive(Debug, Clone)]
pub struct NewListing {
    /// Its id.
    pub id: ListingId,
    /// Who sells.
    pub provider_tenant_id: TenantId,
    /// The course; it never changes.
    pub course_id: CourseId,
    /// The version shipped.
    pub course_version_id: CourseVersionId,
    /// Who finds it.
    pub visibility: Visibility,
    /// What a buyer sees.
    pub marketing: ListingMarketing,
    /// How a sale can be returned.
    pub refund_policy: RefundPolicy,
    /// Nothing, or the default: another share is the platform's to set.
    pub revenue_share: Option<RevenueShare>,
    /// Where it is filed.
    pub category: Option<String>,
    /// At most 10 words.
    pub tags: Vec<String>,
}

/// A change of a listing: what is named changes.
#[derive(Debug, Clone, Default)]
pub struct ListingEdit {
    /// The version shipped.
    pub course_version_id: Option<CourseVersionId>,
    /// Who finds it.
    pub visibility: Option<Visibility>,
    /// What a buyer sees.
    pub marketing: Option<ListingMarketing>,
    /// How a sale can be returned.
    pub refund_policy: Option<RefundPolicy>,
    /// Nothing, or the current one: another share is the platform's to set.
    pub revenue_share: Option<RevenueShare>,
    /// Where it is filed.
    pub category: Patch<String>,
    /// All its tags.
    pub tags: Option<Vec<String>>,
}

/// A change of a field that may be absent, as a JSON merge patch says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not named: it stays.
    #[default]
    Keep,
    /// `null`: it goes.
    Clear,
    /// A new value.
    Set(T),
}

impl<T> Patch<T> {
    /// The field's value after the change.
    pub fn over(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}
