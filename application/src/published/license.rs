//! What a licence announces.

use super::{
    EventType, event,
    shape::{Field, Shape, cut, maybe, one, perhaps, who},
    terms::{
        COUNT, COURSE_ID, DEVICE_ID, INSTANT, LEASE_ID, LICENSE_ID, LICENSE_SCOPE, LICENSE_SOURCE, LINE_ID,
        LISTING_ID, ORDER_ID, REVOKE_REASON, SEAT_ID, TENANT_ID, VERSION_ID, WAITLIST_ENTRY_ID,
    },
};

const WHOSE: &str = "the tenant whose people learn";

const FACTS: &[Field] = &[
    one("licenseId", LICENSE_ID, "The licence."),
    one("tenantId", TENANT_ID, "Whose people learn."),
    one("providerTenantId", TENANT_ID, "Who sold it."),
    one("listingId", LISTING_ID, "The listing."),
    one("courseId", COURSE_ID, "The course."),
    one("courseVersionId", VERSION_ID, "The exact version."),
    one("scope", LICENSE_SCOPE, "Whom it is for."),
    one("source", LICENSE_SOURCE, "Where it came from."),
    maybe("orderId", ORDER_ID, "The order, of a purchase."),
    maybe("orderLineId", LINE_ID, "The order line, of a purchase."),
    one("validFrom", INSTANT, "The first instant it is valid."),
    maybe("validUntil", INSTANT, "The first instant it is not valid any more; null: no end."),
];

pub(super) const EVENTS: &[EventType] = &[
    event(
        "marketplace.license.granted.v1",
        "A licence exists.",
        WHOSE,
        &[
            FACTS,
            &[
                maybe("seats", COUNT, "Its seats; null: no limit."),
                one("periodIndex", COUNT, "Which period of the order line it covers first."),
                perhaps("userId", "Who has the first seat."),
                maybe("seatId", SEAT_ID, "That seat."),
                one("grantedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.license.seat_assigned.v1",
        "A user sits. Not for the learner of a purchase's first period.",
        WHOSE,
        &[
            FACTS,
            &[
                one("seatId", SEAT_ID, "The seat."),
                who("userId", "Who sits."),
                one("assignedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.license.seat_released.v1",
        "A user gave a seat back.",
        WHOSE,
        &[
            FACTS,
            &[
                one("seatId", SEAT_ID, "The seat."),
                who("userId", "Who sat."),
                one("releasedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.license.waitlist_filled.v1",
        "Somebody who waited sits now; the seat's own event is announced too.",
        WHOSE,
        &[
            FACTS,
            &[
                one("entryId", WAITLIST_ENTRY_ID, "The place in line."),
                one("seatId", SEAT_ID, "The seat."),
                who("userId", "Who sits."),
                one("waitingSince", INSTANT, "Since when they waited."),
                one("filledAt", INSTANT, "When they sat down."),
            ],
        ],
    ),
    event(
        "marketplace.license.lease_issued.v1",
        "A learner may go offline for a while; what proves it is in no event.",
        WHOSE,
        &[
            FACTS,
            &[
                one("leaseId", LEASE_ID, "The lease."),
                one("seatId", SEAT_ID, "The seat it is for."),
                who("userId", "Who may learn by it."),
                cut(maybe("deviceId", DEVICE_ID, "On which device, when that was said.")),
                one("issuedAt", INSTANT, "When."),
                one("expiresAt", INSTANT, "From this instant on it is worth nothing."),
            ],
        ],
    ),
    event(
        "marketplace.license.expired.v1",
        "A licence's time is over.",
        WHOSE,
        &[
            FACTS,
            &[
                perhaps("userId", "Who held it, if it was individual."),
                one("activeSeats", COUNT, "Seats in use at the end."),
                one("expiredAt", INSTANT, "When that was noted."),
            ],
        ],
    ),
    event(
        "marketplace.license.revoked.v1",
        "A licence was taken back; no seat is active any more.",
        WHOSE,
        &[
            FACTS,
            &[
                perhaps("userId", "Who held it, if it was individual."),
                one("reason", REVOKE_REASON, "Why."),
                one("releasedSeats", COUNT, "Seats released by this."),
                one("consumedSeats", COUNT, "Seats whose users had begun to learn."),
                one("grandfathered", Shape::Flag, "Whether those users keep their access."),
                one("revokedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.license.renewed.v1",
        "Another period of a licence was paid.",
        WHOSE,
        &[
            FACTS,
            &[
                perhaps("userId", "Who holds it, if it is individual."),
                one("periodIndex", COUNT, "The last period paid."),
                one("renewedAt", INSTANT, "When."),
            ],
        ],
    ),
];
