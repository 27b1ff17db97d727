//! Every code a refusal can carry, once: its status, its title and what it means.
//!
//! The rows are sorted by code within transport and domain; a test keeps operations and rows in step.

use poem::http::StatusCode;

/// A code of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code: `<aggregate>.<reason>`, or bare when the transport refused.
    pub name: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// A few words.
    pub title: &'static str,
    /// What it means and what to do.
    pub explanation: &'static str,
}

impl Code {
    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    }
}

/// Codes below 503 that are worth asking again at once.
pub(crate) const RETRY_SOON: &[&str] = &["conflict.retry", "idempotency_in_progress", "rate_limited"];

/// The row of a code.
pub fn find(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.name == name)
}

const fn code(status: u16, name: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { name, status, title, explanation }
}

/// The table.
#[rustfmt::skip]
pub const CODES: &[Code] = &[
    // Transport: refused before a rule of the domain was asked.
    code(400, "idempotency_key_required", "Idempotency key required", "Send an Idempotency-Key header of 1 to 255 visible ASCII characters."),
    code(400, "invalid_cursor", "Invalid cursor", "The cursor is not one this list gave to this caller with these filters. Start again without it."),
    code(400, "malformed_request", "Malformed request", "The request cannot be read: broken JSON, JSON nested deeper than 64, or a name given twice."),
    code(401, "bad_signature", "Bad signature", "The Standard Webhooks signature is missing, wrong, or more than five minutes off."),
    code(401, "invalid_credentials", "Invalid credentials", "The e-mail address or the password is wrong."),
    code(401, "invalid_token", "Invalid token", "Send a valid access token as Authorization: Bearer."),
    code(401, "otp_required", "One-time password required", "The account signs in with a one-time password: send it as otp."),
    code(403, "forbidden", "Forbidden", "The caller's roles do not allow this."),
    code(404, "not_found", "Not found", "There is no such thing for this caller."),
    code(405, "method_not_allowed", "Method not allowed", "The path exists, but not with this method: see the Allow header."),
    code(408, "request_timeout", "Request timeout", "The request did not arrive completely within ten seconds."),
    code(409, "conflict.retry", "Changed meanwhile", "Others changed the same thing at the same time, too often. Try again."),
    code(409, "conflict.taken", "Already taken", "Something with this key exists already."),
    code(409, "idempotency_in_progress", "Still in progress", "The first request under this Idempotency-Key is still being worked on. Ask again in a second."),
    code(409, "upstream_refused", "Refused by another service", "A service this operation depends on refused for good."),
    code(412, "precondition_failed", "Precondition failed", "The thing is no longer at the version the request names. Read it again and decide again."),
    code(413, "payload_too_large", "Payload too large", "A request body is at most 256 KiB."),
    code(415, "unsupported_media_type", "Unsupported media type", "A request body is JSON: send Content-Type: application/json."),
    code(422, "idempotency_key_reused", "Idempotency key reused", "This Idempotency-Key was used for another request. Use a new key."),
    code(422, "validation_failed", "Validation failed", "Members of the request are missing, unknown or not acceptable: see errors."),
    code(428, "precondition_required", "Precondition required", "Send the entity tag of the version that was reviewed as If-Match."),
    code(429, "rate_limited", "Rate limited", "Too many requests: wait as long as Retry-After says."),
    code(503, "overload", "Overloaded", "Too many requests are being worked on. Ask again."),
    code(503, "timeout", "Timed out", "The answer took too long. Ask again under the same Idempotency-Key."),
    code(503, "unavailable", "Unavailable", "Something needed is out of reach. Ask again."),

    // Domain: a rule refused.
    code(409, "clock.not_movable", "Clock not movable", "Only a test clock can be moved, by the platform's staff."),
    code(409, "coupon.code_taken", "Coupon code taken", "The owner has a coupon with this code already."),
    code(409, "coupon.exhausted", "Coupon exhausted", "Every use of the coupon is taken. An order placed with it is stored as failed: see orderId."),
    code(409, "coupon.frozen", "Coupon frozen", "Discount, scope and code of a used coupon cannot change."),
    code(409, "coupon.user_cap_reached", "Coupon used up by this user", "The user has every use of the coupon one user may have."),
    code(409, "license.not_active", "Licence not active", "The licence has expired or was revoked."),
    code(409, "license.no_seats_remaining", "No seats remaining", "Every seat of the licence is taken."),
    code(409, "license.already_claimed", "Gift already claimed", "The claim code has been used."),
    code(409, "listing.invalid_transition", "Not possible in this state", "The listing's state does not allow this."),
    code(409, "listing.not_live", "Listing not live", "The listing cannot be bought now."),
    code(409, "listing.plan_frozen", "Plan frozen", "The plan's terms cannot change any more: replace the plan."),
    code(409, "order.already_licensed", "Already licensed", "The buyer holds a licence of the course."),
    code(409, "order.not_cancellable", "Order not cancellable", "The order has gone too far to be cancelled."),
    code(409, "order.not_payable", "Order not payable", "The order does not wait for a payment."),
    code(409, "order.plan_inactive", "Plan inactive", "The pricing plan is not sold any more."),
    code(409, "quote.expired", "Quote expired", "A quote lives 15 minutes. Ask for a new one."),
    code(409, "quote.used", "Quote used", "The quote was used by another user of the tenant."),
    code(409, "refund.already_refunded", "Already refunded", "The money has been returned."),
    code(409, "refund.attempts_exceeded", "Attempts exceeded", "The learner has tried the course more often than the refund policy allows."),
    code(409, "refund.deadline_passed", "Refund deadline passed", "The refund policy's days are over."),
    code(409, "refund.in_progress", "Refund in progress", "A refund of the order is pending."),
    code(409, "refund.not_refundable", "Not refundable", "The order holds no captured money to return."),
    code(409, "refund.not_self_refundable", "Not self-refundable", "The refund policy gives the buyer no refund; the platform's staff can."),
    code(409, "refund.partial_before_fulfilment", "Not partially refundable yet", "Before fulfilment an order is refunded as a whole."),
    code(403, "listing.revenue_share_forbidden", "Revenue share not yours to set", "Only the platform's staff set a revenue share."),
    code(422, "coupon.currency_mismatch", "Coupon in another currency", "A fixed coupon discounts carts of its own currency only."),
    code(422, "coupon.expired", "Coupon expired", "The coupon's time is over."),
    code(422, "coupon.inactive", "Coupon inactive", "The coupon was deactivated."),
    code(422, "coupon.not_applicable", "Coupon not applicable", "No line of the cart is one the coupon discounts."),
    code(422, "coupon.not_found", "Coupon not found", "No coupon has this code."),
    code(422, "coupon.not_stackable", "Coupons not stackable", "At most one unscoped coupon and one per provider go together."),
    code(422, "coupon.not_yet_valid", "Coupon not yet valid", "The coupon's time has not come."),
    code(422, "coupon.too_many", "Too many coupons", "At most five coupons go together."),
    code(422, "order.currency_mismatch", "Order in several currencies", "Every line of an order is in the order's currency."),
    code(422, "order.duplicate_line", "Duplicate line", "A listing's plan appears in one line only."),
    code(422, "order.no_lines", "No lines", "An order has at least one line."),
    code(422, "order.quantity_must_be_one", "Quantity must be one", "Only seat packs are bought in numbers."),
    code(422, "order.quantity_not_multiple", "Quantity not a multiple", "Seats are bought in whole packs: nearest has the numbers below and above."),
    code(422, "order.too_many_lines", "Too many lines", "An order has at most 50 lines."),
    code(422, "payment.token_refused", "Payment token refused", "Billing does not know the payment token."),
    code(503, "refund.indeterminate", "Refund not decidable now", "Whether the course was consumed cannot be asked now. Ask again."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_has_two_rows() {
        let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CODES.len());
    }

    #[test]
    fn every_row_has_a_status_that_exists_and_never_500() {
        for code in CODES {
            assert!((400..=499).contains(&code.status) || code.status == 503, "{}", code.name);
        }
    }
}
