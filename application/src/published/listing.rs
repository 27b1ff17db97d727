//! What a listing announces.

use super::{
    EventType, event,
    shape::{Field, Shape, one},
    terms::{COURSE_ID, INSTANT, LISTING_ID, TENANT_ID, VERSION_ID},
};

const WHOSE: &str = "its provider";

const FACTS: &[Field] = &[
    one("listingId", LISTING_ID, "The listing."),
    one("providerTenantId", TENANT_ID, "Who sells."),
    one("courseId", COURSE_ID, "The course."),
    one("courseVersionId", VERSION_ID, "The version on offer."),
    one("at", INSTANT, "When it happened, in business time."),
];

pub(super) const EVENTS: &[EventType] = &[
    event("marketplace.listing.submitted.v1", "A listing waits for a review.", WHOSE, &[FACTS]),
    event(
        "marketplace.listing.withdrawn.v1",
        "Its provider took a listing back from review.",
        WHOSE,
        &[FACTS],
    ),
    event(
        "marketplace.listing.rejected.v1",
        "A moderator returned a listing.",
        WHOSE,
        &[FACTS, &[one("reason", Shape::Text, "Why, in the moderator's words.")]],
    ),
    event(
        "marketplace.listing.approved.v1",
        "A moderator accepted a listing.",
        WHOSE,
        &[FACTS, &[one("reviewedVersion", Shape::Whole(0, u64::MAX), "The version that was reviewed.")]],
    ),
    event("marketplace.listing.live.v1", "A listing is on sale.", WHOSE, &[FACTS]),
    event(
        "marketplace.listing.suspended.v1",
        "A listing is off sale; licences are untouched.",
        WHOSE,
        &[FACTS, &[one("reason", Shape::Text, "Why; `kyc_lapsed` when the provider lost its verification.")]],
    ),
    event("marketplace.listing.reinstated.v1", "A suspended listing is on sale again.", WHOSE, &[FACTS]),
    event(
        "marketplace.listing.revision_proposed.v1",
        "A revision of a listing on sale waits for a review; what is on sale stays as it is.",
        WHOSE,
        &[FACTS],
    ),
    event(
        "marketplace.listing.revision_withdrawn.v1",
        "Its provider took a revision back from review.",
        WHOSE,
        &[FACTS],
    ),
    event(
        "marketplace.listing.revision_approved.v1",
        "A moderator accepted a revision; it is on sale now.",
        WHOSE,
        &[FACTS, &[one("reviewedVersion", Shape::Whole(0, u64::MAX), "The version that was reviewed.")]],
    ),
    event(
        "marketplace.listing.revision_rejected.v1",
        "A moderator dropped a revision.",
        WHOSE,
        &[FACTS, &[one("reason", Shape::Text, "Why, in the moderator's words.")]],
    ),
    event("marketplace.listing.retired.v1", "A listing is off sale for ever.", WHOSE, &[FACTS]),
];
