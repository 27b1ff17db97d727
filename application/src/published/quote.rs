//! What a quote announces.

use super::{
    EventType, event,
    shape::{Field, Shape, one, who},
    terms::{COUPON_ID, INSTANT, MONEY, ORDER_ID, QUOTE_ID, TENANT_ID},
};

const WHOSE: &str = "its buyer";

const FACTS: &[Field] = &[
    one("quoteId", QUOTE_ID, "The quote."),
    one("orderId", ORDER_ID, "The order it becomes; its coupons are held for it."),
    one("buyerTenantId", TENANT_ID, "The buyer's tenant."),
    who("buyerUserId", "The buyer."),
    one("couponIds", Shape::List(&COUPON_ID), "The coupons held."),
    one("totals", MONEY, "What is to be paid, before tax."),
    one("expiresAt", INSTANT, "Until when it holds."),
    one("at", INSTANT, "When it happened, in business time."),
];

pub(super) const EVENTS: &[EventType] = &[
    event("marketplace.quote.opened.v1", "A quote was given; its coupons are held.", WHOSE, &[FACTS]),
    event(
        "marketplace.quote.used.v1",
        "A quote's order was placed; the holds are the order's now.",
        WHOSE,
        &[FACTS],
    ),
    event("marketplace.quote.expired.v1", "A quote's time ran out; its holds are released.", WHOSE, &[FACTS]),
];
