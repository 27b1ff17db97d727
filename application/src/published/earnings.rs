//! What a provider's month of earnings announces.

use super::{
    EventType, event,
    shape::{Field, Shape, maybe, one, record},
    terms::{
        BPS, CURRENCY, EARNINGS_LINE_ID, INSTANT, LINE_ID, LINE_KIND, LISTING_ID, MONEY, MONTH, ORDER_ID,
        PAYOUT_ID, SHA256, SIGNATURE, TENANT_ID,
    },
};

const WHOSE: &str = "its provider";

const KEY: &[Field] = &[
    one("providerTenantId", TENANT_ID, "Who earns."),
    one("currency", CURRENCY, "In which currency."),
    one("periodMonth", MONTH, "The month in which the orders were fulfilled."),
];

const LINE: Shape = record(
    "EarningsLine",
    "Which amount of which sale came or went, and why.",
    &[
        one("id", EARNINGS_LINE_ID, "The line."),
        one("kind", LINE_KIND, "What it is; it gives `net` its sign."),
        maybe("orderId", ORDER_ID, "The order; null for a carry."),
        maybe("orderLineId", LINE_ID, "The order line; null for a carry."),
        maybe("listingId", LISTING_ID, "What was sold; null for a carry."),
        one(
            "sourceEventId",
            Shape::Text,
            "The event that caused it; `carry:2026-03` for the carry of that month.",
        ),
        one("gross", MONEY, "The base before tax: what was sold, given back, withheld or carried."),
        one("fee", MONEY, "The platform's part; zero except for a sale and a fee reversal."),
        one("net", MONEY, "By how much the line moves what is payable."),
        one("bps", BPS, "The platform's frozen share in basis points; 0 where no share is involved."),
        one("occurredAt", INSTANT, "When it happened."),
        maybe("holdUntil", INSTANT, "A sale's refund deadline: the period is not closed before."),
    ],
);

const ANCHOR: Shape = record(
    "StatementAnchor",
    "A signed head of a period's chain of lines.",
    &[
        one("count", Shape::Whole(0, u64::MAX), "How many lines."),
        one("hash", SHA256, "The hash of the last of them."),
        one("at", INSTANT, "When it was signed, in real time."),
        one("keyId", Shape::Text, "The key that signed it, as the key set names it."),
        one(
            "signature",
            SIGNATURE,
            "Over the canonical JSON of the period, the count, the hash and the time.",
        ),
    ],
);

pub(super) const EVENTS: &[EventType] = &[
    event(
        "marketplace.earnings.accrued.v1",
        "A line was entered in a period.",
        WHOSE,
        &[KEY, &[one("line", LINE, "The line.")]],
    ),
    event(
        "marketplace.earnings.ready.v1",
        "A period was closed; billing is asked for the payout.",
        WHOSE,
        &[
            KEY,
            &[
                one("grossRevenue", MONEY, "Sales net of discount, before tax."),
                one("platformFee", MONEY, "The platform's fees of the sales."),
                one("feeReversed", MONEY, "Fees the platform returned with refunds."),
                one("refunds", MONEY, "Sales given back, before tax."),
                one("taxesWithheld", MONEY, "Tax withheld."),
                one("openingDeficit", MONEY, "The closing deficit of the month before."),
                one("netPayable", MONEY, "What the platform pays; zero when nothing is due."),
                one("closingDeficit", MONEY, "What the next month opens with."),
                one("readyAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.earnings.paid.v1",
        "A period was paid out, or nothing was due.",
        WHOSE,
        &[
            KEY,
            &[
                one("netPayable", MONEY, "How much."),
                maybe("payoutId", PAYOUT_ID, "By which payout; null when nothing was due."),
                one("paidAt", INSTANT, "When."),
            ],
        ],
    ),
    event(
        "marketplace.statement.anchored.v1",
        "How far a period's statement goes was signed: none of these lines can be changed, removed or added any more.",
        WHOSE,
        &[KEY, &[one("anchor", ANCHOR, "The signed head.")]],
    ),
];
