//! The order's states, what moves it between them, and the table of both (marketplace.md 2).

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Edge, Invariant},
    marketplace::invariants::{O_INV_2, O_INV_3, O_INV_4, O_INV_6, O_INV_8},
};

/// Where an order stands, declared in the order it may only move along (O-INV-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Placed; billing has not answered yet.
    Created,
    /// Priced with tax; the money is awaited.
    PendingPayment,
    /// The money is here; licences and enrolments are under way.
    Paid,
    /// Every line is licensed and enrolled.
    Fulfilled,
    /// Every line was returned.
    Refunded,
    /// Given up; whatever had been paid was returned before.
    Failed,
}

/// What moves an order to another status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderAction {
    /// Billing answered with the tax and, unless the order is free, an intent.
    RequestPayment,
    /// The money arrived, or nothing was due.
    Pay,
    /// Every line was licensed.
    Fulfill,
    /// The last line was returned.
    Refund,
    /// The purchase was given up.
    Fail,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: &[Self] =
        &[Self::Created, Self::PendingPayment, Self::Paid, Self::Fulfilled, Self::Refunded, Self::Failed];
}

impl OrderAction {
    /// Every action.
    pub const ALL: &[Self] = &[Self::RequestPayment, Self::Pay, Self::Fulfill, Self::Refund, Self::Fail];
}

/// The statuses nothing leads out of.
pub const TERMINAL: &[OrderStatus] = &[OrderStatus::Refunded, OrderStatus::Failed];

/// Every way an order's status can change. `fail` on a paid order and `refund` demand that the money is back.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<OrderStatus, OrderAction>] = {
    use OrderAction::{Fail, Fulfill, Pay, Refund, RequestPayment};
    use OrderStatus::{Created, Failed, Fulfilled, Paid, PendingPayment, Refunded};
    &[
        //   from            action          to              guards
        edge(Created,        RequestPayment, PendingPayment, &[O_INV_2, O_INV_4]),
        edge(Created,        Fail,           Failed,         &[O_INV_4]),
        edge(PendingPayment, Pay,            Paid,           &[O_INV_2, O_INV_3, O_INV_4]),
        edge(PendingPayment, Fail,           Failed,         &[O_INV_4]),
        edge(Paid,           Fulfill,        Fulfilled,      &[O_INV_4, O_INV_6]),
        edge(Paid,           Refund,         Refunded,       &[O_INV_4, O_INV_8]),
        edge(Paid,           Fail,           Failed,         &[O_INV_4, O_INV_8]),
        edge(Fulfilled,      Refund,         Refunded,       &[O_INV_4, O_INV_8]),
    ]
};

const fn edge(
    from: OrderStatus,
    action: OrderAction,
    to: OrderStatus,
    guards: &'static [Invariant],
) -> Edge<OrderStatus, OrderAction> {
    Edge::new(from, action, to, guards)
}

/// Why an order failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// Nobody paid in time.
    PaymentTimeout,
    /// The payment was declined for good.
    PaymentDeclined,
    /// A coupon had no use left.
    CouponExhausted,
    /// The buyer cancelled, or the platform's staff ended it.
    Cancelled,
    /// Another amount than asked for was paid; it is returned.
    AmountMismatch,
    /// Billing would not take the order.
    BillingRefused,
    /// A line could not be licensed or enrolled.
    FulfilmentFailed,
}

/// Where the buyer's money is; derived from everything else and shown to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// With the buyer; nothing was due or nothing was asked for.
    None,
    /// With the buyer; it was asked for.
    Pending,
    /// With us, in part or in whole.
    Captured,
    /// On its way back: a refund or a stray capture.
    RefundPending,
    /// Back with the buyer.
    Refunded,
}

/// How many of the lines were returned; derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundProgress {
    /// No line.
    None,
    /// Some lines.
    Partial,
    /// Every line.
    Full,
}
