//! What an order announces. Payloads are self-contained and hold no payment method (AC-2).

use serde::{Deserialize, Serialize};

use super::{
    line::RefundedLine,
    refund::RefundSource,
    status::{FailureReason, OrderStatus},
};
use crate::{
    kernel::{
        CouponId, CourseId, CourseVersionId, Currency, LicenseId, ListingId, Money, OrderId, OrderLineId,
        PaymentId, PaymentIntentId, PricingPlanId, QuoteId, RefundId, SagaId, TenantId, Timestamp, UserId,
        topics,
    },
    marketplace::values::{PlanKind, SeatCount},
};

/// Whose order an event is about; flattened into every payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRef {
    /// The order.
    pub order_id: OrderId,
    /// Its saga.
    pub saga_id: SagaId,
    /// The buying tenant.
    pub buyer_tenant_id: TenantId,
    /// The buying user.
    pub buyer_user_id: UserId,
    /// Who sells which of its lines: each may hear of the order, and of own lines only (ruling R42).
    #[serde(default)]
    pub sellers: Vec<OrderSeller>,
}

/// What one provider sells in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderSeller {
    /// The provider.
    pub provider_tenant_id: TenantId,
    /// Its lines, in the order's order.
    pub order_line_ids: Vec<OrderLineId>,
}

/// A line as it was placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedLine {
    /// The line.
    pub order_line_id: OrderLineId,
    /// The listing.
    pub listing_id: ListingId,
    /// The plan.
    pub pricing_plan_id: PricingPlanId,
    /// Who sells it.
    pub provider_tenant_id: TenantId,
    /// How the plan sells.
    pub plan_kind: PlanKind,
    /// The course.
    pub course_id: CourseId,
    /// The exact version.
    pub course_version_id: CourseVersionId,
    /// Seats.
    pub quantity: SeatCount,
    /// Before tax, after discounts.
    pub net: Money,
}

/// A line as it was fulfilled: everything earnings accrue from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfilledLine {
    /// The line.
    pub order_line_id: OrderLineId,
    /// Its licence.
    pub license_id: LicenseId,
    /// The listing.
    pub listing_id: ListingId,
    /// Who earns.
    pub provider_tenant_id: TenantId,
    /// Before tax, after discounts.
    pub net: Money,
    /// The platform's share of `net`.
    pub fee_amount: Money,
    /// The provider's share of `net`.
    pub provider_amount: Money,
    /// The platform's basis points, frozen with the line.
    pub platform_bps: u32,
    /// The last instant at which the buyer may return the line.
    pub refund_deadline: Timestamp,
}

/// Everything an order announces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum OrderEvent {
    /// It was placed; its saga starts.
    Placed {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The quote it came from.
        quote_id: Option<QuoteId>,
        /// The one currency.
        currency: Currency,
        /// What is bought.
        lines: Vec<PlacedLine>,
        /// The coupons to reserve.
        coupons: Vec<CouponId>,
        /// Before discounts and tax.
        subtotal: Money,
        /// What the coupons take off.
        discount_total: Money,
        /// Whether nothing is left to pay, so that billing is not asked.
        free: bool,
        /// When.
        placed_at: Timestamp,
    },
    /// Billing answered; the money is awaited.
    PaymentRequested {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// Billing's intent; none when nothing is due.
        payment_intent_id: Option<PaymentIntentId>,
        /// The tax.
        tax_total: Money,
        /// What is due.
        totals: Money,
        /// When.
        requested_at: Timestamp,
    },
    /// The money arrived, or nothing was due.
    Paid {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// Billing's intent; none when nothing was due.
        payment_intent_id: Option<PaymentIntentId>,
        /// Billing's payment; none when nothing was due.
        payment_id: Option<PaymentId>,
        /// What was paid.
        totals: Money,
        /// The lines to license; what a licence needs is on the order.
        lines: Vec<OrderLineId>,
        /// The coupons to confirm.
        coupons: Vec<CouponId>,
        /// The last instant at which the buyer may return all of it.
        refund_deadline: Timestamp,
        /// Whether the buyer had asked to cancel: then all of it goes back as a buyer's refund (R47).
        cancel_requested: bool,
        /// When.
        paid_at: Timestamp,
    },
    /// A payment was declined; the buyer may try again unless it is final.
    PaymentFailed {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The intent.
        payment_intent_id: PaymentIntentId,
        /// Billing's code, or `other`.
        code: String,
        /// Whether the intent is dead.
        is_final: bool,
        /// When.
        failed_at: Timestamp,
    },
    /// Another amount, another intent, or too early: it cannot pay for this order.
    PaymentMismatched {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The intent it came by.
        payment_intent_id: PaymentIntentId,
        /// The payment.
        payment_id: PaymentId,
        /// What was captured.
        amount: Money,
        /// What had been asked for.
        expected: Option<Money>,
        /// Whether it is to be returned as a stray capture. False when billing told another amount of a
        /// payment that is known already: a contradiction to look into, and nothing to return.
        stray: bool,
    },
    /// Money for an order that is over; it is to be returned.
    PaymentAfterClose {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The intent it came by.
        payment_intent_id: PaymentIntentId,
        /// The payment.
        payment_id: PaymentId,
        /// What was captured.
        amount: Money,
        /// How the order had ended.
        status: OrderStatus,
    },
    /// Money for an order that is paid; it is to be returned.
    PaymentDuplicate {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The intent it came by.
        payment_intent_id: PaymentIntentId,
        /// The payment.
        payment_id: PaymentId,
        /// What was captured.
        amount: Money,
    },
    /// A stray capture went back.
    StrayReturned {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The payment.
        payment_id: PaymentId,
        /// How much.
        amount: Money,
        /// When.
        returned_at: Timestamp,
    },
    /// The buyer wants out; the saga decides.
    CancelRequested {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// When.
        requested_at: Timestamp,
    },
    /// Every line is licensed.
    Fulfilled {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// What is earned with it.
        lines: Vec<FulfilledLine>,
        /// A refund that was asked for before and now runs as one after fulfilment (R46).
        pending_refund: Option<RefundId>,
        /// When; its month is the earnings period.
        fulfilled_at: Timestamp,
    },
    /// Money is to go back.
    RefundRequested {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The refund; billing's key is `rf:{refundId}`.
        refund_id: RefundId,
        /// Who wants it.
        source: RefundSource,
        /// How much. Nothing at all needs no call to billing.
        amount: Money,
        /// The payment it comes out of; none when nothing was paid.
        payment_id: Option<PaymentId>,
        /// The lines.
        lines: Vec<OrderLineId>,
        /// Whether no line is left after it.
        full: bool,
        /// Whether the order was fulfilled: then the refund runs at once, else the saga compensates first.
        fulfilled: bool,
        /// When.
        requested_at: Timestamp,
    },
    /// Billing could not return the money; the order is as it was.
    RefundFailed {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The refund.
        refund_id: RefundId,
        /// Who wanted it.
        source: RefundSource,
        /// How much.
        amount: Money,
        /// Whether the order is fulfilled.
        fulfilled: bool,
        /// When.
        failed_at: Timestamp,
    },
    /// Money went back.
    Refunded {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// The refund.
        refund_id: RefundId,
        /// Who wanted it.
        source: RefundSource,
        /// How much.
        amount: Money,
        /// What each line gives back.
        lines: Vec<RefundedLine>,
        /// Whether no line is left.
        full: bool,
        /// When the order was fulfilled: the period of its earnings. None: it never earned.
        fulfilled_at: Option<Timestamp>,
        /// When.
        refunded_at: Timestamp,
    },
    /// The purchase was undone before it was fulfilled; the order is refunded.
    Returned {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// What went back in all.
        refunded_total: Money,
        /// When.
        returned_at: Timestamp,
    },
    /// The purchase was given up.
    Failed {
        /// Whose.
        #[serde(flatten)]
        order: OrderRef,
        /// Why.
        reason: FailureReason,
        /// What had been paid and went back before.
        refunded_total: Money,
        /// When.
        failed_at: Timestamp,
    },
}

impl OrderEvent {
    /// Whose order it is about.
    #[rustfmt::skip]
    pub fn order(&self) -> &OrderRef {
        match self {
            Self::Placed { order, .. } | Self::PaymentRequested { order, .. } | Self::Paid { order, .. }
            | Self::PaymentFailed { order, .. } | Self::PaymentMismatched { order, .. }
            | Self::PaymentAfterClose { order, .. } | Self::PaymentDuplicate { order, .. }
            | Self::StrayReturned { order, .. } | Self::CancelRequested { order, .. }
            | Self::Fulfilled { order, .. } | Self::RefundRequested { order, .. }
            | Self::RefundFailed { order, .. } | Self::Refunded { order, .. }
            | Self::Returned { order, .. } | Self::Failed { order, .. } => order,
        }
    }

    /// The lines it is about; none when it is about the whole order.
    #[rustfmt::skip]
    pub fn line_ids(&self) -> Option<Vec<OrderLineId>> {
        match self {
            Self::Placed { lines, .. } => Some(lines.iter().map(|line| line.order_line_id).collect()),
            Self::Fulfilled { lines, .. } => Some(lines.iter().map(|line| line.order_line_id).collect()),
            Self::Refunded { lines, .. } => Some(lines.iter().map(|line| line.order_line_id).collect()),
            Self::Paid { lines, .. } | Self::RefundRequested { lines, .. } => Some(lines.clone()),
            Self::PaymentRequested { .. } | Self::PaymentFailed { .. } | Self::PaymentMismatched { .. }
            | Self::PaymentAfterClose { .. } | Self::PaymentDuplicate { .. } | Self::StrayReturned { .. }
            | Self::CancelRequested { .. } | Self::RefundFailed { .. } | Self::Returned { .. }
            | Self::Failed { .. } => None,
        }
    }
}

topics!(OrderEvent {
    Placed            => "marketplace.order.placed.v1",
    PaymentRequested  => "marketplace.order.payment_requested.v1",
    Paid              => "marketplace.order.paid.v1",
    PaymentFailed     => "marketplace.order.payment_failed.v1",
    PaymentMismatched => "marketplace.order.payment_mismatched.v1",
    PaymentAfterClose => "marketplace.order.payment_after_close.v1",
    PaymentDuplicate  => "marketplace.order.payment_duplicate.v1",
    StrayReturned     => "marketplace.order.stray_returned.v1",
    CancelRequested   => "marketplace.order.cancel_requested.v1",
    Fulfilled         => "marketplace.order.fulfilled.v1",
    RefundRequested   => "marketplace.order.refund_requested.v1",
    RefundFailed      => "marketplace.order.refund_failed.v1",
    Refunded          => "marketplace.order.refunded.v1",
    Returned          => "marketplace.order.returned.v1",
    Failed            => "marketplace.order.failed.v1",
});
