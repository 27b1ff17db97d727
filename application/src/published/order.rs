//! What an order announces. No payment method, no card: billing keeps those (AC-2).

use super::{
    EventType, event,
    shape::{Field, Shape, cut, maybe, one, record, who},
    terms::{
        BPS, COUPON_ID, COURSE_ID, CURRENCY, FAILURE, INSTANT, INTENT_ID, LICENSE_ID, LINE_ID, LISTING_ID,
        MONEY, ORDER_ID, ORDER_STATUS, PAYMENT_ID, PLAN_ID, PLAN_KIND, QUOTE_ID, REFUND_ID, REFUND_SOURCE,
        SAGA_ID, SOME, TENANT_ID, VERSION_ID,
    },
};

const WHOSE: &str = "its buyer";

const ORDER: &[Field] = &[
    one("orderId", ORDER_ID, "The order."),
    cut(one("sagaId", SAGA_ID, "Its saga.")),
    one("buyerTenantId", TENANT_ID, "The buying tenant."),
    who("buyerUserId", "The buying user."),
    cut(one("sellers", Shape::List(&SELLER), "Who sells which of its lines.")),
];

const SELLER: Shape = record(
    "OrderSeller",
    "What one provider sells in an order.",
    &[
        one("providerTenantId", TENANT_ID, "The provider."),
        one("orderLineIds", LINES, "Its lines, in the order's order."),
    ],
);

const PLACED_LINE: Shape = record(
    "PlacedLine",
    "A line as it was placed.",
    &[
        one("orderLineId", LINE_ID, "The line."),
        one("listingId", LISTING_ID, "The listing."),
        one("pricingPlanId", PLAN_ID, "The plan."),
        one("providerTenantId", TENANT_ID, "Who sells it."),
        one("planKind", PLAN_KIND, "How the plan sells."),
        one("courseId", COURSE_ID, "The course."),
        one("courseVersionId", VERSION_ID, "The exact version."),
        one("quantity", SOME, "Seats."),
        one("net", MONEY, "Before tax, after discounts."),
    ],
);

const FULFILLED_LINE: Shape = record(
    "FulfilledLine",
    "A line as it was fulfilled; earnings accrue from it.",
    &[
        one("orderLineId", LINE_ID, "The line."),
        one("licenseId", LICENSE_ID, "Its licence."),
        one("listingId", LISTING_ID, "The listing."),
        one("providerTenantId", TENANT_ID, "Who earns."),
        one("net", MONEY, "Before tax, after discounts."),
        cut(one("feeAmount", MONEY, "The platform's share of `net`.")),
        cut(one("providerAmount", MONEY, "The provider's share of `net`; both sum to it.")),
        cut(one("platformBps", BPS, "The platform's share in basis points, frozen with the line.")),
        one("refundDeadline", INSTANT, "The last instant at which the buyer may return the line."),
    ],
);

const REFUNDED_LINE: Shape = record(
    "RefundedLine",
    "What goes back for a line: its frozen amounts.",
    &[
        one("orderLineId", LINE_ID, "The line."),
        maybe("licenseId", LICENSE_ID, "Its licence, which ends; null before fulfilment."),
        one("providerTenantId", TENANT_ID, "Who sold it."),
        one("amount", MONEY, "What the buyer gets: `net` and `taxTotal`."),
        one("net", MONEY, "The part before tax."),
        one("taxTotal", MONEY, "The tax."),
        cut(one("feeAmount", MONEY, "The platform's share that is reversed.")),
        cut(one("providerAmount", MONEY, "The provider's share that is reversed.")),
        cut(one("platformBps", BPS, "The platform's share in basis points, as frozen.")),
    ],
);

const LINES: Shape = Shape::List(&LINE_ID);
const COUPONS: Shape = Shape::List(&COUPON_ID);

/// What every stray capture says.
const CAPTURE: &[Field] = &[
    one("paymentIntentId", INTENT_ID, "The intent it came by."),
    one("paymentId", PAYMENT_ID, "The payment."),
    one("amount", MONEY, "What was captured."),
];

pub(super) const EVENTS: &[EventType] = &[
    event(
        "marketplace.order.placed.v1",
        "An order was placed; its saga starts.",
        WHOSE,
        &[
            ORDER,
            &[
                cut(maybe("quoteId", QUOTE_ID, "The quote it came from.")),
                one("currency", CURRENCY, "The one currency of all amounts."),
                one("lines", Shape::List(&PLACED_LINE), "What is bought."),
                cut(one("coupons", COUPONS, "The coupons to reserve.")),
                cut(one("subtotal", MONEY, "Before discounts and tax.")),
                cut(one("discountTotal", MONEY, "What the coupons take off.")),
                cut(one(
                    "free",
                    Shape::Flag,
                    "Whether nothing is left to pay, so that billing is not asked.",
                )),
                one("placedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.payment_requested.v1",
        "Billing has an intent; the money is awaited.",
        WHOSE,
        &[
            ORDER,
            &[
                maybe("paymentIntentId", INTENT_ID, "Billing's intent; null when nothing is due."),
                one("taxTotal", MONEY, "The tax."),
                one("totals", MONEY, "What is due."),
                one("requestedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.paid.v1",
        "The money arrived, or nothing was due.",
        WHOSE,
        &[
            ORDER,
            &[
                cut(maybe("paymentIntentId", INTENT_ID, "Billing's intent; null when nothing was due.")),
                cut(maybe("paymentId", PAYMENT_ID, "Billing's payment; null when nothing was due.")),
                cut(one("totals", MONEY, "What was paid.")),
                one("lines", LINES, "The lines to license."),
                cut(one("coupons", COUPONS, "The coupons to confirm.")),
                one("refundDeadline", INSTANT, "The last instant at which the buyer may return all of it."),
                cut(one(
                    "cancelRequested",
                    Shape::Flag,
                    "Whether the buyer had asked to cancel: then all of it goes back.",
                )),
                one("paidAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.payment_failed.v1",
        "A payment was declined.",
        WHOSE,
        &[
            ORDER,
            &[
                one("paymentIntentId", INTENT_ID, "The intent."),
                one("code", Shape::Text, "Billing's code, or `other`."),
                one("isFinal", Shape::Flag, "Whether the intent is dead; else the buyer may try again."),
                one("failedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.payment_mismatched.v1",
        "A capture cannot pay for the order: another amount, another intent, or too early.",
        WHOSE,
        &[
            ORDER,
            CAPTURE,
            &[
                maybe("expected", MONEY, "What had been asked for; null before billing answered."),
                one(
                    "stray",
                    Shape::Flag,
                    "Whether it is returned; false for a contradiction about a known payment.",
                ),
            ],
        ],
    ),
    event(
        "marketplace.order.payment_after_close.v1",
        "Money came for an order that is over; it is returned.",
        WHOSE,
        &[ORDER, CAPTURE, &[one("status", ORDER_STATUS, "How the order had ended.")]],
    ),
    event(
        "marketplace.order.payment_duplicate.v1",
        "Money came for an order that is paid; it is returned.",
        WHOSE,
        &[ORDER, CAPTURE],
    ),
    event(
        "marketplace.order.stray_returned.v1",
        "A capture that could not pay for the order went back.",
        WHOSE,
        &[
            ORDER,
            &[
                one("paymentId", PAYMENT_ID, "The payment."),
                one("amount", MONEY, "How much."),
                one("returnedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.cancel_requested.v1",
        "The buyer wants out; the saga decides.",
        WHOSE,
        &[ORDER, &[one("requestedAt", INSTANT, "When.")]],
    ),
    event(
        "marketplace.order.fulfilled.v1",
        "Every line is licensed.",
        WHOSE,
        &[
            ORDER,
            &[
                one("lines", Shape::List(&FULFILLED_LINE), "What is earned with it."),
                cut(maybe("pendingRefund", REFUND_ID, "A refund that was asked for before and runs now.")),
                one("fulfilledAt", INSTANT, "When; its month is the earnings period."),
            ],
        ],
    ),
    event(
        "marketplace.order.refund_requested.v1",
        "Money is to go back.",
        WHOSE,
        &[
            ORDER,
            &[
                one("refundId", REFUND_ID, "The refund."),
                one("source", REFUND_SOURCE, "Who wants it."),
                one("amount", MONEY, "How much."),
                maybe("paymentId", PAYMENT_ID, "The payment it comes out of; null when nothing was paid."),
                one("lines", LINES, "The lines."),
                one("full", Shape::Flag, "Whether no line is left after it."),
                one(
                    "fulfilled",
                    Shape::Flag,
                    "Whether the order was fulfilled; else the saga undoes it first.",
                ),
                one("requestedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.refund_failed.v1",
        "Billing could not return the money; the order is as it was.",
        WHOSE,
        &[
            ORDER,
            &[
                one("refundId", REFUND_ID, "The refund."),
                one("source", REFUND_SOURCE, "Who wanted it."),
                one("amount", MONEY, "How much."),
                one("fulfilled", Shape::Flag, "Whether the order is fulfilled."),
                one("failedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.refunded.v1",
        "Money went back.",
        WHOSE,
        &[
            ORDER,
            &[
                one("refundId", REFUND_ID, "The refund."),
                one("source", REFUND_SOURCE, "Who wanted it."),
                cut(one("amount", MONEY, "How much.")),
                one("lines", Shape::List(&REFUNDED_LINE), "What each line gives back."),
                cut(one("full", Shape::Flag, "Whether no line is left.")),
                maybe("fulfilledAt", INSTANT, "When the order was fulfilled; null: it never earned."),
                one("refundedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.returned.v1",
        "A purchase was undone for a refund before it was fulfilled.",
        WHOSE,
        &[
            ORDER,
            &[
                cut(one("refundedTotal", MONEY, "What went back in all.")),
                one("returnedAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.order.failed.v1",
        "A purchase was given up.",
        WHOSE,
        &[
            ORDER,
            &[
                cut(one("reason", FAILURE, "Why.")),
                cut(one("refundedTotal", MONEY, "What had been paid and went back before.")),
                one("failedAt", INSTANT, "When."),
            ],
        ],
    ),
];
