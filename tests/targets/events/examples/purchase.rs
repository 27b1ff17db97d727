//! From a listing to licences.

use sarai_domain::{
    kernel::DeviceId,
    marketplace::{
        license::{LicenseEvent, LicenseFacts, LicenseScope, RevokeReason, Source},
        listing::{ListingEvent, ListingFacts},
        order::{
            FailureReason, FulfilledLine, OrderEvent, OrderRef, OrderSeller, OrderStatus, PlacedLine,
            RefundSource, RefundedLine,
        },
        quote::{QuoteEvent, QuoteFacts},
        values::{PlanKind, SeatCount},
    },
};

use super::{Example, also, at, buyer, course, id, intent, learner, payment, provider, usd, usual, version};

pub(super) fn listings() -> Vec<Example> {
    let listing = || ListingFacts {
        listing_id: id(1),
        provider_tenant_id: provider(),
        course_id: course(),
        course_version_id: version(),
        at: at("2026-04-20T09:30:00Z"),
    };
    vec![
        usual(ListingEvent::Submitted { listing: listing() }),
        usual(ListingEvent::Withdrawn { listing: listing() }),
        usual(ListingEvent::Rejected { listing: listing(), reason: "the cover is blurred".to_owned() }),
        usual(ListingEvent::Approved { listing: listing(), reviewed_version: 4 }),
        usual(ListingEvent::Live { listing: listing() }),
        usual(ListingEvent::Suspended { listing: listing(), reason: "kyc_lapsed".to_owned() }),
        usual(ListingEvent::Reinstated { listing: listing() }),
        usual(ListingEvent::RevisionProposed { listing: listing() }),
        usual(ListingEvent::RevisionWithdrawn { listing: listing() }),
        usual(ListingEvent::RevisionApproved { listing: listing(), reviewed_version: 7 }),
        usual(ListingEvent::RevisionRejected {
            listing: listing(),
            reason: "the new title promises a certificate".to_owned(),
        }),
        usual(ListingEvent::Retired { listing: listing() }),
    ]
}

pub(super) fn orders() -> Vec<Example> {
    [placing(), paying(), strays(), ending(), refunding()].into_iter().flatten().collect()
}

fn order() -> OrderRef {
    OrderRef {
        order_id: id(10),
        saga_id: id(11),
        buyer_tenant_id: buyer(),
        buyer_user_id: learner(),
        sellers: vec![OrderSeller { provider_tenant_id: provider(), order_line_ids: vec![id(12), id(13)] }],
    }
}

fn placing() -> Vec<Example> {
    let placed_at = at("2026-04-20T09:31:07.250001Z");
    let line = |n, plan_kind, quantity, net| PlacedLine {
        order_line_id: id(n),
        listing_id: id(1),
        pricing_plan_id: id(2),
        provider_tenant_id: provider(),
        plan_kind,
        course_id: course(),
        course_version_id: version(),
        quantity: SeatCount::try_new(quantity).unwrap(),
        net: usd(net),
    };
    let lines = vec![line(12, PlanKind::OneTime, 1, "90.00"), line(13, PlanKind::SeatPack, 10, "180.00")];
    vec![
        usual(OrderEvent::Placed {
            order: order(),
            quote_id: Some(id(20)),
            currency: usd("1").currency(),
            lines: lines.clone(),
            coupons: vec![id(30)],
            subtotal: usd("300.00"),
            discount_total: usd("30.00"),
            free: false,
            placed_at,
        }),
        also(
            "free",
            OrderEvent::Placed {
                order: order(),
                quote_id: None,
                currency: usd("1").currency(),
                lines: lines.into_iter().map(|line| PlacedLine { net: usd("0"), ..line }).collect(),
                coupons: vec![id(31)],
                subtotal: usd("300.00"),
                discount_total: usd("300.00"),
                free: true,
                placed_at,
            },
        ),
    ]
}

fn paying() -> Vec<Example> {
    let paid = |due: bool| OrderEvent::Paid {
        order: order(),
        payment_intent_id: due.then(intent),
        payment_id: due.then(payment),
        totals: usd(if due { "297.00" } else { "0" }),
        lines: vec![id(12), id(13)],
        coupons: vec![id(30)],
        refund_deadline: at("2026-05-04T09:32:00Z"),
        cancel_requested: false,
        paid_at: at("2026-04-20T09:32:00Z"),
    };
    let requested = |due: bool| OrderEvent::PaymentRequested {
        order: order(),
        payment_intent_id: due.then(intent),
        tax_total: usd(if due { "27.00" } else { "0" }),
        totals: usd(if due { "297.00" } else { "0" }),
        requested_at: at("2026-04-20T09:31:08Z"),
    };
    vec![
        usual(requested(true)),
        also("free", requested(false)),
        usual(paid(true)),
        also("free", paid(false)),
        usual(OrderEvent::PaymentFailed {
            order: order(),
            payment_intent_id: intent(),
            code: "insufficient_funds".to_owned(),
            is_final: false,
            failed_at: at("2026-04-20T09:31:40Z"),
        }),
    ]
}

fn strays() -> Vec<Example> {
    let mismatched = |expected: Option<&str>| OrderEvent::PaymentMismatched {
        order: order(),
        payment_intent_id: intent(),
        payment_id: payment(),
        amount: usd("270.00"),
        expected: expected.map(usd),
        stray: true,
    };
    vec![
        usual(mismatched(Some("297.00"))),
        also("early", mismatched(None)),
        usual(OrderEvent::PaymentAfterClose {
            order: order(),
            payment_intent_id: intent(),
            payment_id: payment(),
            amount: usd("297.00"),
            status: OrderStatus::Failed,
        }),
        usual(OrderEvent::PaymentDuplicate {
            order: order(),
            payment_intent_id: intent(),
            payment_id: payment(),
            amount: usd("297.00"),
        }),
        usual(OrderEvent::StrayReturned {
            order: order(),
            payment_id: payment(),
            amount: usd("297.00"),
            returned_at: at("2026-04-20T10:05:00Z"),
        }),
    ]
}

fn ending() -> Vec<Example> {
    let line = |n, license, [net, fee, provider_amount]: [&str; 3]| FulfilledLine {
        order_line_id: id(n),
        license_id: id(license),
        listing_id: id(1),
        provider_tenant_id: provider(),
        net: usd(net),
        fee_amount: usd(fee),
        provider_amount: usd(provider_amount),
        platform_bps: 1_500,
        refund_deadline: at("2026-05-04T09:32:00Z"),
    };
    let fulfilled = |pending_refund| OrderEvent::Fulfilled {
        order: order(),
        lines: vec![line(12, 14, ["90.00", "13.50", "76.50"]), line(13, 15, ["180.00", "27.00", "153.00"])],
        pending_refund,
        fulfilled_at: at("2026-04-20T09:32:01Z"),
    };
    vec![
        usual(OrderEvent::CancelRequested { order: order(), requested_at: at("2026-04-20T09:31:50Z") }),
        usual(fulfilled(None)),
        also("refund_waits", fulfilled(Some(id(40)))),
        usual(OrderEvent::Returned {
            order: order(),
            refunded_total: usd("297.00"),
            returned_at: at("2026-04-20T09:40:00Z"),
        }),
        usual(OrderEvent::Failed {
            order: order(),
            reason: FailureReason::PaymentTimeout,
            refunded_total: usd("0"),
            failed_at: at("2026-04-20T10:01:07Z"),
        }),
    ]
}

fn refunding() -> Vec<Example> {
    let requested = |source, payment_id, fulfilled| OrderEvent::RefundRequested {
        order: order(),
        refund_id: id(40),
        source,
        amount: usd(if fulfilled { "99.00" } else { "0" }),
        payment_id,
        lines: vec![id(12)],
        full: false,
        fulfilled,
        requested_at: at("2026-04-22T08:00:00Z"),
    };
    let refunded = |source, license_id, fulfilled_at| OrderEvent::Refunded {
        order: order(),
        refund_id: id(40),
        source,
        amount: usd("99.00"),
        lines: vec![RefundedLine {
            order_line_id: id(12),
            license_id,
            provider_tenant_id: provider(),
            amount: usd("99.00"),
            net: usd("90.00"),
            tax_total: usd("9.00"),
            fee_amount: usd("13.50"),
            provider_amount: usd("76.50"),
            platform_bps: 1_500,
        }],
        full: false,
        fulfilled_at,
        refunded_at: at("2026-04-22T08:00:02Z"),
    };
    vec![
        usual(requested(RefundSource::Buyer, Some(payment()), true)),
        also("nothing_paid", requested(RefundSource::Compensation, None, false)),
        usual(OrderEvent::RefundFailed {
            order: order(),
            refund_id: id(40),
            source: RefundSource::Admin,
            amount: usd("99.00"),
            fulfilled: true,
            failed_at: at("2026-04-22T08:00:02Z"),
        }),
        usual(refunded(RefundSource::Buyer, Some(id(14)), Some(at("2026-04-20T09:32:01Z")))),
        also("before_fulfilment", refunded(RefundSource::Compensation, None, None)),
    ]
}

pub(super) fn licenses() -> Vec<Example> {
    let org = || LicenseFacts {
        license_id: id(15),
        tenant_id: buyer(),
        provider_tenant_id: provider(),
        listing_id: id(1),
        course_id: course(),
        course_version_id: version(),
        scope: LicenseScope::Org,
        source: Source::Purchase,
        order_id: Some(id(10)),
        order_line_id: Some(id(13)),
        valid_from: at("2026-04-20T09:32:01Z"),
        valid_until: None,
    };
    let gift = || LicenseFacts {
        scope: LicenseScope::Individual,
        source: Source::Gift,
        order_id: None,
        order_line_id: None,
        valid_until: Some(at("2027-04-20T09:32:01Z")),
        ..org()
    };
    let granted = |license, seats, user_id: Option<_>| LicenseEvent::Granted {
        license,
        seats,
        period_index: 0,
        seat_id: user_id.as_ref().map(|_| id(16)),
        user_id,
        granted_at: at("2026-04-20T09:32:01Z"),
    };
    let lease = |device_id| LicenseEvent::LeaseIssued {
        license: org(),
        lease_id: id(18),
        seat_id: id(16),
        user_id: learner(),
        device_id,
        issued_at: at("2026-04-21T08:00:00Z"),
        expires_at: at("2026-05-05T08:00:00Z"),
    };
    let ended = at("2026-05-20T09:32:01Z");
    let revoked = |license, user_id, reason| LicenseEvent::Revoked {
        license,
        user_id,
        reason,
        released_seats: 3,
        consumed_seats: 2,
        grandfathered: false,
        revoked_at: ended,
    };
    let expired =
        |license, user_id| LicenseEvent::Expired { license, user_id, active_seats: 1, expired_at: ended };
    let renewed =
        |license, user_id| LicenseEvent::Renewed { license, user_id, period_index: 1, renewed_at: ended };
    vec![
        usual(granted(org(), Some(10), None)),
        also("gift", granted(gift(), Some(1), Some(learner()))),
        also("unlimited", granted(org(), None, None)),
        usual(LicenseEvent::SeatAssigned {
            license: org(),
            seat_id: id(16),
            user_id: learner(),
            assigned_at: at("2026-04-21T07:00:00Z"),
        }),
        usual(LicenseEvent::SeatReleased {
            license: org(),
            seat_id: id(16),
            user_id: learner(),
            released_at: at("2026-04-21T07:30:00Z"),
        }),
        usual(LicenseEvent::WaitlistFilled {
            license: org(),
            entry_id: id(17),
            seat_id: id(16),
            user_id: learner(),
            waiting_since: at("2026-04-20T18:00:00Z"),
            filled_at: at("2026-04-21T07:00:00Z"),
        }),
        usual(lease(Some(DeviceId::from_static("tablet_7")))),
        also("any_device", lease(None)),
        usual(expired(gift(), Some(learner()))),
        also("org", expired(org(), None)),
        usual(revoked(org(), None, RevokeReason::Refund)),
        also("gift", revoked(gift(), Some(learner()), RevokeReason::Admin)),
        usual(renewed(gift(), Some(learner()))),
        also("org", renewed(org(), None)),
    ]
}

pub(super) fn quotes() -> Vec<Example> {
    let quote = |coupon_ids| QuoteFacts {
        quote_id: id(20),
        order_id: id(10),
        buyer_tenant_id: buyer(),
        buyer_user_id: learner(),
        coupon_ids,
        totals: usd("270.00"),
        expires_at: at("2026-04-20T09:46:00Z"),
        at: at("2026-04-20T09:31:00Z"),
    };
    vec![
        usual(QuoteEvent::Opened { quote: quote(vec![id(30)]) }),
        usual(QuoteEvent::Used { quote: quote(vec![id(30)]) }),
        usual(QuoteEvent::Expired { quote: quote(Vec::new()) }),
    ]
}
