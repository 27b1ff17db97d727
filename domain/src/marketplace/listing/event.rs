//! What a listing announces.

use serde::{Deserialize, Serialize};

use crate::kernel::{CourseId, CourseVersionId, ListingId, TenantId, Timestamp, topics};

/// What every event of a listing says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListingFacts {
    /// The listing.
    pub listing_id: ListingId,
    /// Who sells.
    pub provider_tenant_id: TenantId,
    /// The course.
    pub course_id: CourseId,
    /// The version on offer.
    pub course_version_id: CourseVersionId,
    /// When it happened, in business time.
    pub at: Timestamp,
}

/// A fact about a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ListingEvent {
    /// It waits for a review.
    Submitted {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
    },
    /// Its provider took it back.
    Withdrawn {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
    },
    /// A moderator returned it.
    Rejected {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
        /// Why.
        reason: String,
    },
    /// A moderator accepted it.
    Approved {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
        /// The version reviewed.
        reviewed_version: u64,
    },
    /// It is on sale.
    Live {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
    },
    /// It is off sale; no licence is touched (L-INV-8).
    Suspended {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
        /// Why; `kyc_lapsed` when the provider lost its verification.
        reason: String,
    },
    /// It is on sale again.
    Reinstated {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
    },
    /// Its provider proposes what it is to look like; what is on sale stays as it is.
    RevisionProposed {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
    },
    /// Its provider took the revision back.
    RevisionWithdrawn {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
    },
    /// A moderator applied the revision.
    RevisionApproved {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
        /// The version reviewed.
        reviewed_version: u64,
    },
    /// A moderator dropped the revision.
    RevisionRejected {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
        /// Why.
        reason: String,
    },
    /// It is off sale for ever.
    Retired {
        /// Which and when.
        #[serde(flatten)]
        listing: ListingFacts,
    },
}

topics!(ListingEvent {
    Submitted         => "marketplace.listing.submitted.v1",
    Withdrawn         => "marketplace.listing.withdrawn.v1",
    Rejected          => "marketplace.listing.rejected.v1",
    Approved          => "marketplace.listing.approved.v1",
    Live              => "marketplace.listing.live.v1",
    Suspended         => "marketplace.listing.suspended.v1",
    Reinstated        => "marketplace.listing.reinstated.v1",
    RevisionProposed  => "marketplace.listing.revision_proposed.v1",
    RevisionWithdrawn => "marketplace.listing.revision_withdrawn.v1",
    RevisionApproved  => "marketplace.listing.revision_approved.v1",
    RevisionRejected  => "marketplace.listing.revision_rejected.v1",
    Retired           => "marketplace.listing.retired.v1",
});
