//! What a quote announces.

use serde::{Deserialize, Serialize};

use crate::kernel::{CouponId, Money, OrderId, QuoteId, TenantId, Timestamp, UserId, topics};

/// What every event of a quote says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuoteFacts {
    /// The quote.
    pub quote_id: QuoteId,
    /// The order it becomes; its coupons are held for it.
    pub order_id: OrderId,
    /// The buyer's tenant.
    pub buyer_tenant_id: TenantId,
    /// The buyer.
    pub buyer_user_id: UserId,
    /// The coupons held.
    pub coupon_ids: Vec<CouponId>,
    /// What is to be paid.
    pub totals: Money,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// When it happened, in business time.
    pub at: Timestamp,
}

/// A fact about a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum QuoteEvent {
    /// It was given.
    Opened {
        /// Which and when.
        #[serde(flatten)]
        quote: QuoteFacts,
    },
    /// Its order was placed; the holds are the order's now.
    Used {
        /// Which and when.
        #[serde(flatten)]
        quote: QuoteFacts,
    },
    /// Its time ran out; the holds are to be released.
    Expired {
        /// Which and when.
        #[serde(flatten)]
        quote: QuoteFacts,
    },
}

topics!(QuoteEvent {
    Opened  => "marketplace.quote.opened.v1",
    Used    => "marketplace.quote.used.v1",
    Expired => "marketplace.quote.expired.v1",
});
