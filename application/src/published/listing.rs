//! What a listing announces.

use super::{
    EventType, event,
    shape::{Field, Shape, one},
    terms::{COURSE_ID, INSTANT, LISTING_ID, TENANT_ID, VERSION_ID},
};

const READERS: &str = "its provider";

const FACTS: &[Field] = &[
    one("listingId", LISTING_ID, "The listing."),
    one("providerTenantId", TENANT_ID, "Who sells."),
    one("courseId", COURSE_ID, "The course."),
    one("courseVersionId", VERSION_ID, "The version on offer."),
    one("at", INSTANT, "When it happened, in business time."),
];

pub(super) const EVENTS: &[EventType] = &[
    event("marketplace.listing.submitted.v1", "A listing waits for a review.", READERS, &[FACTS]),
    event(
        "marketplace.listing.withdrawn.v1",
        "Its provider took a listing back from review.",
        READERS,
        &[FACTS],
    ),
    event(
        "marketplace.listing.rejected.v1",
        "A moderator returned a listing.",
        READERS,
        &[FACTS, &[one("reason", Shape::Text, "Why, in the moderator's words.")]],
    ),
    event(
        "marketplace.listing.approved.v1",
        "A moderator accepted a listing.",
        READERS,
        &[FACTS, &[one("reviewedVersion", Shape::Whole(0, u64::MAX), "The version that was reviewed.")]],
    ),
    event("marketplace.listing.live.v1", "A listing is on sale.", READERS, &[FACTS]),
    event(
        "marketplace.listing.suspended.v1",
        "A listing is off sale; licences are untouched.",
        READERS,
        &[FACTS, &[one("reason", Shape::Text, "Why; `kyc_lapsed` when the provider lost its verification.")]],
    ),
    event("marketplace.listing.reinstated.v1", "A suspended listing is on sale again.", READERS, &[FACTS]),
    event("marketplace.listing.retired.v1", "A listing is off sale for ever.", READERS, &[FACTS]),
];
