//! Which invariant a code names: what a client is told of the rule it met.

/// Codes of rules that are invariants.
#[rustfmt::skip]
const NAMED: &[(&str, &str)] = &[
    ("coupon.cap_below_usage",          "C-INV-2"),
    ("coupon.code_taken",               "C-INV-1"),
    ("coupon.currency_mismatch",        "C-INV-4"),
    ("coupon.exhausted",                "C-INV-2"),
    ("coupon.expired",                  "C-INV-5"),
    ("coupon.inactive",                 "C-INV-5"),
    ("coupon.not_yet_valid",            "C-INV-5"),
    ("coupon.percent_out_of_range",     "C-INV-3"),
    ("docs.broken_links",               "D-INV-5"),
    ("docs.revision_not_found",         "D-INV-1"),
    ("docs.slug_taken",                 "D-INV-4"),
    ("docs.source_missing",             "D-INV-2"),
    ("docs.translation_source",         "D-INV-3"),
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
    ("sdk.artifact_too_large",          "R-INV-6"),
    ("sdk.bad_signature",               "R-INV-7"),
    ("sdk.digest_mismatch",             "R-INV-6"),
    ("sdk.immutable",                   "R-INV-3"),
    ("sdk.unknown_key",                 "R-INV-7"),
    ("sdk.version_exists",              "R-INV-1"),
];

/// The invariant a code names.
pub(crate) fn of(code: &str) -> Option<&'static str> {
    NAMED.iter().find(|(named, _)| *named == code).map(|(_, invariant)| *invariant)
}
