//! The order's stored document, and what a new one is made of.

use serde::{Deserialize, Serialize};

use super::{
    FailureReason, OrderAction, OrderLine, OrderStatus, PaymentError, PaymentState, RefundProgress,
    StrayCapture,
};
use crate::{
    kernel::{
        CouponId, Currency, LastTransition, Money, OrderId, PaymentId, PaymentIntentId, QuoteId, SagaId,
        TenantId, Timestamp, UserId,
    },
    marketplace::services::{AppliedDiscount, PricedCart},
};

/// The order's document. Refunds are rows of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderData {
    /// Its key.
    pub id: OrderId,
    /// The buying tenant.
    pub buyer_tenant_id: TenantId,
    /// The buying user.
    pub buyer_user_id: UserId,
    /// The quote it was placed with.
    pub quote_id: Option<QuoteId>,
    /// The one currency of all its amounts (O-INV-1).
    pub currency: Currency,
    /// What is bought, 1 to 50 lines (O-INV-5).
    pub lines: Vec<OrderLine>,
    /// The sum of the lines' subtotals (O-INV-2).
    pub subtotal: Money,
    /// The sum of the discounts.
    pub discount_total: Money,
    /// The tax; none before billing answered.
    pub tax_total: Option<Money>,
    /// `subtotal - discountTotal + taxTotal`; none before billing answered.
    pub totals: Option<Money>,
    /// The coupons as they were applied.
    pub discounts: Vec<AppliedDiscount>,
    /// Billing's opaque intent; none when nothing is due (AC-2).
    pub payment_intent_id: Option<PaymentIntentId>,
    /// The payment that paid for it.
    pub payment_id: Option<PaymentId>,
    /// Where it stands.
    pub status: OrderStatus,
    /// What led there; none for a new order.
    pub last_transition: Option<LastTransition<OrderAction>>,
    /// Why it failed.
    pub failure_reason: Option<FailureReason>,
    /// Where the money is; derived.
    pub payment_state: PaymentState,
    /// How much was returned, by lines; derived.
    pub refund_state: RefundProgress,
    /// The sum of the refunds that succeeded (O-INV-8).
    pub refunded_total: Money,
    /// Money that arrived and cannot be its payment.
    pub stray_captures: Vec<StrayCapture>,
    /// The last decline.
    pub last_payment_error: Option<PaymentError>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it was fulfilled.
    pub fulfilled_at: Option<Timestamp>,
    /// When it became refunded, or failed after its money went back.
    pub refunded_at: Option<Timestamp>,
    /// When the buyer asked to cancel.
    pub cancel_requested_at: Option<Timestamp>,
    /// The earliest of the lines' deadlines; set once, when it is paid (O-INV-3).
    pub refund_deadline: Option<Timestamp>,
    /// Its saga, for ever (O-INV-7).
    pub saga_id: SagaId,
}

impl OrderData {
    /// The coupons that were applied.
    pub fn applied_coupons(&self) -> impl Iterator<Item = CouponId> {
        self.discounts.iter().map(|discount| discount.coupon_id)
    }
}

/// What a new order is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// Its key.
    pub id: OrderId,
    /// Its saga.
    pub saga_id: SagaId,
    /// The buying tenant.
    pub buyer_tenant_id: TenantId,
    /// The buying user.
    pub buyer_user_id: UserId,
    /// The quote it is placed with.
    pub quote_id: Option<QuoteId>,
    /// What is bought, priced.
    pub cart: PricedCart,
}
