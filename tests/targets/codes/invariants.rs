//! Which invariant a code names: what a client is told of the rule it met.

/// Codes of rules that are invariants.
#[rustfmt::skip]
const NAMED: &[(&str, &str)] = &[
    ("account.closed",                  "A-INV-3"),
    ("account.email_not_verified",      "K-INV-10"),
    ("account.keys_active",             "A-INV-3"),
    ("account.mfa_required",            "K-INV-10"),
    ("account.suspended",               "A-INV-4"),
    ("account.terms_required",          "K-INV-10"),
    ("coupon.cap_below_usage",          "C-INV-2"),
    ("coupon.code_taken",               "C-INV-1"),
    ("coupon.currency_mismatch",        "C-INV-4"),
    ("coupon.exhausted",                "C-INV-2"),
    ("coupon.expired",                  "C-INV-5"),
    ("coupon.inactive",                 "C-INV-5"),
    ("coupon.not_yet_valid",            "C-INV-5"),
    ("coupon.percent_out_of_range",     "C-INV-3"),
    ("webhook.limit_reached",           "W-INV-7"),
    ("webhook.overlap_out_of_range",    "W-INV-2"),
    ("webhook.target_forbidden",        "W-INV-1"),
    ("webhook.url_malformed",           "W-INV-1"),
    ("key.environment_mismatch",        "K-INV-12"),
    ("key.expiry_out_of_range",         "K-INV-5"),
    ("key.limit_reached",               "K-INV-9"),
    ("key.not_rotatable",               "K-INV-8"),
    ("key.revoked",                     "K-INV-6"),
    ("key.scope_beyond_caller",         "K-INV-12"),
    ("key.scope_not_grantable",         "K-INV-3"),
    ("key.scope_unknown",               "K-INV-3"),
    ("key.scopes_out_of_range",         "K-INV-3"),
    ("license.invalid_transition",      "LI-INV-5"),
    ("license.no_seats_remaining",      "LI-INV-2"),
    ("license.not_active",              "LI-INV-3"),
    ("license.seat_consumed",           "LI-INV-7"),
    ("listing.in_use",                  "L-INV-7"),
    ("listing.interval_missing",        "L-INV-4"),
    ("listing.kyc_required",            "L-INV-3"),
    ("listing.no_active_plan",          "L-INV-1"),
    ("listing.not_live",                "L-INV-8"),
    ("listing.not_shippable",           "L-INV-2"),
    ("listing.plan_currency_mismatch",  "L-INV-10"),
    ("listing.plan_frozen",             "L-INV-9"),
    ("listing.revenue_share_not_whole", "L-INV-6"),
    ("listing.seats_missing",           "L-INV-5"),
    ("order.currency_mismatch",         "O-INV-1"),
    ("order.too_many_lines",            "O-INV-5"),
    ("refund.already_refunded",         "O-INV-8"),
    ("refund.in_progress",              "O-INV-8"),
];

/// The invariant a code names.
pub(crate) fn of(code: &str) -> Option<&'static str> {
    NAMED.iter().find(|(named, _)| *named == code).map(|(_, invariant)| *invariant)
}
