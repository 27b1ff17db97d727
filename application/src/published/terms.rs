//! What payloads share: ids, times, money, and the words of the domain's enums.

use sarai_domain::kernel::id::kinds;

use super::shape::{Form, Shape, external, id, maybe, one, one_of, record, words};

pub(super) const LISTING_ID: Shape = id::<kinds::Listing>("ListingId", "A listing's id.");
pub(super) const PLAN_ID: Shape = id::<kinds::PricingPlan>("PricingPlanId", "A pricing plan's id.");
pub(super) const ORDER_ID: Shape = id::<kinds::Order>("OrderId", "An order's id.");
pub(super) const LINE_ID: Shape = id::<kinds::OrderLine>("OrderLineId", "An order line's id.");
pub(super) const LICENSE_ID: Shape = id::<kinds::License>("LicenseId", "A licence's id.");
pub(super) const SEAT_ID: Shape = id::<kinds::Seat>("SeatId", "A seat allocation's id.");
pub(super) const COUPON_ID: Shape = id::<kinds::Coupon>("CouponId", "A coupon's id.");
pub(super) const REDEMPTION_ID: Shape = id::<kinds::Redemption>("RedemptionId", "A coupon redemption's id.");
pub(super) const REFUND_ID: Shape = id::<kinds::Refund>("RefundId", "A refund's id.");
pub(super) const SAGA_ID: Shape = id::<kinds::Saga>("SagaId", "A purchase saga's id.");
pub(super) const QUOTE_ID: Shape = id::<kinds::Quote>("QuoteId", "A quote's id.");
pub(super) const EARNINGS_LINE_ID: Shape =
    id::<kinds::EarningsLine>("EarningsLineId", "An earnings line's id.");
pub(super) const EVENT_ID: Shape = id::<kinds::Event>("EventId", "An event's id.");

pub(super) const WAITLIST_ENTRY_ID: Shape =
    id::<kinds::WaitlistEntry>("WaitlistEntryId", "A waitlist entry's id.");
pub(super) const LEASE_ID: Shape = id::<kinds::Lease>("LeaseId", "An offline lease's id.");

pub(super) const TENANT_ID: Shape = external("TenantId", "A tenant's id, opaque.");
pub(super) const ACCOUNT_ID: Shape = external("AccountId", "An account's id at auth-service, opaque.");
pub(super) const MESSAGE_ID: Shape = external("MessageId", "A message's id at messaging-service, opaque.");
pub(super) const API_KEY_ID: Shape = id::<kinds::ApiKey>("ApiKeyId", "An API key.");
pub(super) const ENVIRONMENT: Shape = words(
    "Environment",
    "Which world a row belongs to.",
    &[("SANDBOX", "Nothing reaches a real network."), ("PRODUCTION", "The real one.")],
);
pub(super) const USER_ID: Shape = external("UserId", "A user's id, opaque.");
pub(super) const COURSE_ID: Shape = external("CourseId", "A course's id in the catalogue, opaque.");
pub(super) const VERSION_ID: Shape = external("CourseVersionId", "A course version's id, opaque.");
pub(super) const INTENT_ID: Shape = external("PaymentIntentId", "Billing's id of a payment intent, opaque.");
pub(super) const PAYMENT_ID: Shape = external("PaymentId", "Billing's id of a capture, opaque.");
pub(super) const PAYOUT_ID: Shape = external("PayoutId", "Billing's id of a payout, opaque.");
pub(super) const DEVICE_ID: Shape = external("DeviceId", "A device's id, opaque.");

pub(super) const INSTANT: Shape =
    Shape::Named("Timestamp", "An instant: RFC 3339 in UTC, at most microseconds.", Form::Instant);
pub(super) const MONTH: Shape = Shape::Named(
    "PeriodMonth",
    "A calendar month in UTC.",
    Form::Pattern("^[0-9]{4}-(0[1-9]|1[0-2])$", "2026-04"),
);
pub(super) const CURRENCY: Shape =
    Shape::Named("Currency", "The ISO 4217 code of a currency that is traded.", Form::Currency);
pub(super) const MONEY: Shape = Shape::Named(
    "Money",
    "An amount that is never negative, as decimal text with exactly the digits of its currency.",
    Form::Money,
);
pub(super) const CODE: Shape = Shape::Named(
    "CouponCode",
    "What a buyer types, normalised to upper case.",
    Form::Pattern("^[A-Z0-9_-]{3,32}$", "SPRING"),
);

pub(super) const SHA256: Shape = Shape::Named(
    "Sha256",
    "A SHA-256 in lower-case hexadecimal digits.",
    Form::Pattern("^[0-9a-f]{64}$", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
);
pub(super) const SIGNATURE: Shape = Shape::Named(
    "Ed25519Signature",
    "An Ed25519 signature in lower-case hexadecimal digits.",
    Form::Pattern(
        "^[0-9a-f]{128}$",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
);

/// A count that can be nothing.
pub(super) const COUNT: Shape = Shape::Whole(0, u32::MAX as u64);
/// A count of at least one.
pub(super) const SOME: Shape = Shape::Whole(1, u32::MAX as u64);
/// Basis points of a whole.
pub(super) const BPS: Shape = Shape::Whole(0, u32::MAX as u64);

pub(super) const PLAN_KIND: Shape = words(
    "PlanKind",
    "How a plan sells.",
    &[
        ("one_time", "once, for one person, for ever"),
        ("subscription", "for one person, some months at a time"),
        ("seat_pack", "a pack of seats for a tenant"),
        ("site_license", "for a whole tenant"),
    ],
);
pub(super) const ORDER_STATUS: Shape = words(
    "OrderStatus",
    "Where an order stands.",
    &[
        ("created", "placed; billing has not answered"),
        ("pending_payment", "the money is awaited"),
        ("paid", "the money is here"),
        ("fulfilled", "every line is licensed"),
        ("refunded", "every line was returned"),
        ("failed", "given up"),
    ],
);
pub(super) const FAILURE: Shape = words(
    "FailureReason",
    "Why a purchase was given up.",
    &[
        ("payment_timeout", "nobody paid in time"),
        ("payment_declined", "the payment was declined for good"),
        ("coupon_exhausted", "a coupon had no use left"),
        ("cancelled", "the buyer cancelled"),
        ("amount_mismatch", "another amount than asked for was paid; it is returned"),
        ("billing_refused", "billing would not take the order"),
        ("fulfilment_failed", "a line could not be licensed or enrolled"),
    ],
);
pub(super) const REFUND_SOURCE: Shape = words(
    "RefundSource",
    "Who wants the money back.",
    &[
        ("buyer", "the buyer, within the refund policy"),
        ("admin", "an administrator"),
        ("dispute", "a lost dispute"),
        ("compensation", "the saga, because the purchase cannot be completed"),
    ],
);
pub(super) const LICENSE_SCOPE: Shape = words(
    "LicenseScope",
    "Whom a licence is for.",
    &[("individual", "one person"), ("org", "the people a tenant assigns seats to")],
);
pub(super) const LICENSE_SOURCE: Shape = words(
    "LicenseSource",
    "Where a licence came from.",
    &[
        ("purchase", "an order line"),
        ("gift", "a gift that was claimed"),
        ("manual", "an administrator's grant"),
    ],
);
pub(super) const REVOKE_REASON: Shape = words(
    "RevokeReason",
    "Why a licence was taken back.",
    &[
        ("refund", "its order line was refunded"),
        ("admin", "an administrator decided so"),
        ("dispute", "a dispute was lost"),
    ],
);
pub(super) const LINE_KIND: Shape = words(
    "EarningsLineKind",
    "What an earnings line is.",
    &[
        ("sale", "plus: a line was fulfilled, or a subscription renewed"),
        ("refund", "minus: the line was given back"),
        ("fee_reversal", "plus: the platform returns its fee of a line given back"),
        ("tax", "minus: tax withheld"),
        ("carry", "minus: the closing deficit of the month before"),
    ],
);
pub(super) const COMPENSATION: Shape = words(
    "CompensationReason",
    "Why a purchase is undone.",
    &[
        ("payment_timeout", "not paid in time"),
        ("payment_declined", "billing declined finally"),
        ("coupon_exhausted", "a coupon could not be held"),
        ("cancelled", "the buyer cancelled before paying"),
        ("amount_mismatch", "another amount than the order's was captured"),
        ("billing_refused", "billing refused the request, or voided the intent unasked"),
        ("fulfilment_failed", "a licence or an enrolment failed finally"),
        ("buyer_refund", "a refund before fulfilment, or a cancel that lost to the payment"),
        ("operator", "an operator ended it"),
    ],
);
pub(super) const SAGA_STATE: Shape = words(
    "SagaState",
    "How far a purchase is.",
    &[
        ("started", "coupons are being reserved, billing is being asked"),
        ("awaiting_payment", "the buyer may pay"),
        ("licensing", "paid; licences are being granted"),
        ("enrolling", "licensed; learners are being enrolled"),
        ("fulfilled", "done"),
        ("compensating", "being undone"),
        ("failed", "undone"),
    ],
);

pub(super) const OWNER: Shape = one_of(
    "CouponOwner",
    "Who issued a coupon.",
    &[Shape::Word("platform"), Shape::Record(&[one("provider", TENANT_ID, "The provider.")])],
);
pub(super) const DISCOUNT: Shape = one_of(
    "Discount",
    "What a coupon takes off.",
    &[
        Shape::Record(&[
            one("kind", Shape::Word("percent"), "A part of the price."),
            one("value", Shape::Whole(1, 100), "The percentage."),
        ]),
        Shape::Record(&[
            one("kind", Shape::Word("fixed"), "An amount."),
            one("amount", MONEY, "The amount, more than zero."),
        ]),
    ],
);
pub(super) const COUPON_FIELDS: Shape = record(
    "CouponFields",
    "What a coupon's owner has set.",
    &[
        one("code", CODE, "What the buyer types."),
        one("discount", DISCOUNT, "What it takes off."),
        maybe("tenantScope", TENANT_ID, "The one buyer tenant it is for; null: every tenant."),
        maybe("providerScope", TENANT_ID, "The provider whose lines it applies to; null: all lines."),
        one("validFrom", INSTANT, "The first instant at which it can be redeemed."),
        maybe("validUntil", INSTANT, "The last instant at which it can be redeemed; null: no end."),
        maybe("usageCap", COUNT, "Uses in all; null: unlimited."),
        maybe("perUserCap", COUNT, "Uses per user; null: unlimited."),
    ],
);
