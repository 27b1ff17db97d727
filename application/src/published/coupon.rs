//! What a coupon announces.

use super::{
    EventType, event,
    shape::{Field, Shape, one, who},
    terms::{CODE, COUNT, COUPON_FIELDS, COUPON_ID, MONEY, ORDER_ID, OWNER, REDEMPTION_ID},
};

const WHOSE: &str = "who issued it";

const COUPON: &[Field] = &[one("couponId", COUPON_ID, "The coupon."), one("owner", OWNER, "Who issued it.")];

const USE: &[Field] = &[
    one("code", CODE, "Its code."),
    one("redemptionId", REDEMPTION_ID, "The use."),
    one("orderId", ORDER_ID, "The order."),
    who("userId", "Who buys."),
    one("amount", MONEY, "What it takes off."),
    one("overCap", Shape::Flag, "Whether it was taken beyond a cap, after a capture."),
    one("usageCount", COUNT, "Uses of the coupon after this."),
];

pub(super) const EVENTS: &[EventType] = &[
    event(
        "marketplace.coupon.created.v1",
        "A coupon exists.",
        WHOSE,
        &[COUPON, &[one("fields", COUPON_FIELDS, "What its owner set.")]],
    ),
    event(
        "marketplace.coupon.edited.v1",
        "Its owner changed a coupon.",
        WHOSE,
        &[COUPON, &[one("fields", COUPON_FIELDS, "What holds now.")]],
    ),
    event("marketplace.coupon.deactivated.v1", "A coupon takes no new orders.", WHOSE, &[COUPON]),
    event("marketplace.coupon.reserved.v1", "An order holds a use of a coupon.", WHOSE, &[COUPON, USE]),
    event(
        "marketplace.coupon.confirmed.v1",
        "A paid order keeps its use of a coupon.",
        WHOSE,
        &[COUPON, USE],
    ),
    event("marketplace.coupon.released.v1", "An order gave its use of a coupon back.", WHOSE, &[COUPON, USE]),
];
