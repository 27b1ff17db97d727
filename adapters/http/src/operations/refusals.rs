//! Codes that several operations refuse with.

/// What a listing's text and values are refused with.
pub(super) const MARKETING: &[&str] = &[
    "listing.category_malformed",
    "listing.description_malformed",
    "listing.invalid_transition",
    "listing.refund_days_out_of_range",
    "listing.revenue_share_forbidden",
    "listing.revenue_share_not_whole",
    "listing.tagline_malformed",
    "listing.tags_malformed",
    "listing.too_many_screenshots",
    "listing.url_malformed",
];
/// What a plan's terms are refused with.
pub(super) const PLAN: &[&str] = &[
    "listing.foreign_money",
    "listing.interval_missing",
    "listing.interval_not_allowed",
    "listing.invalid_transition",
    "listing.plan_currency_mismatch",
    "listing.plan_frozen",
    "listing.plan_not_found",
    "listing.seats_missing",
    "listing.seats_not_allowed",
    "money.too_many_digits",
];
/// What a step of a listing's life is refused with.
pub(super) const LIFE: &[&str] = &[
    "listing.in_use",
    "listing.invalid_transition",
    "listing.kyc_required",
    "listing.no_active_plan",
    "listing.not_shippable",
];
/// What a decision on a listing is refused with.
pub(super) const REVIEW: &[&str] = &[
    "listing.invalid_transition",
    "listing.kyc_required",
    "listing.no_active_plan",
    "listing.not_shippable",
    "listing.reason_malformed",
    "listing.stale_review",
];
/// What a cart is refused with.
pub(super) const CART: &[&str] = &[
    "coupon.code_malformed",
    "coupon.currency_mismatch",
    "coupon.exhausted",
    "coupon.expired",
    "coupon.inactive",
    "coupon.not_applicable",
    "coupon.not_found",
    "coupon.not_stackable",
    "coupon.not_yet_valid",
    "coupon.too_many",
    "coupon.user_cap_reached",
    "listing.not_live",
    "listing.plan_not_found",
    "order.already_licensed",
    "order.billing_refused",
    "order.currency_mismatch",
    "order.duplicate_line",
    "order.no_lines",
    "order.plan_inactive",
    "order.quantity_must_be_one",
    "order.quantity_not_multiple",
    "order.too_many_lines",
    "quote.expired",
    "quote.token_invalid",
    "quote.used",
    "upstream_refused",
];
/// What a refund is refused with.
pub(super) const REFUND: &[&str] = &[
    "refund.already_refunded",
    "refund.attempts_exceeded",
    "refund.deadline_passed",
    "refund.in_progress",
    "refund.indeterminate",
    "refund.no_lines",
    "refund.not_refundable",
    "refund.not_self_refundable",
    "refund.partial_before_fulfilment",
    "refund.unknown_line",
];
/// What a seat is refused with.
pub(super) const SEAT: &[&str] = &[
    "license.no_seats_remaining",
    "license.not_active",
    "license.not_org",
    "license.seat_consumed",
    "license.seat_not_found",
];
/// What a grant is refused with.
pub(super) const GRANT: &[&str] = &[
    "license.gift_not_individual",
    "license.learner_required",
    "license.reason_required",
    "listing.plan_not_found",
    "upstream_refused",
];
/// What a gift's claim is refused with.
pub(super) const CLAIM: &[&str] = &[
    "license.already_claimed",
    "license.claim_expired",
    "license.claim_unknown",
    "license.not_a_gift",
    "license.not_active",
];
/// What a coupon's terms are refused with.
pub(super) const COUPON: &[&str] = &[
    "coupon.cap_below_usage",
    "coupon.code_malformed",
    "coupon.code_taken",
    "coupon.empty_window",
    "coupon.foreign_provider_scope",
    "coupon.frozen",
    "coupon.invalid_transition",
    "coupon.percent_out_of_range",
    "coupon.zero_cap",
    "coupon.zero_discount",
    "money.too_many_digits",
];
