//! An order, as it is shown.

use poem_openapi::{Enum, Object};
use sarai_domain::{
    kernel::{Aggregate, external_id, id::kinds},
    marketplace::order::{
        FailureReason, Order, OrderStatus, PaymentError, PaymentState, Refund, RefundProgress, RefundSource,
        RefundState, StrayCapture, StrayKind,
    },
};
use sarai_ports::auth::Role;

use super::line_body::{DiscountBody, ShownLineBody};
use crate::{
    caller::Caller,
    scalars::{ApiCurrency, ApiExternalId, ApiId, ApiMoney, ApiTimestamp},
};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "OrderStatus", rename_all = "snake_case", remote = "OrderStatus")]
pub enum ApiOrderStatus {
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

/// Why an order failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "FailureReason", rename_all = "snake_case", remote = "FailureReason")]
pub enum ApiFailureReason {
    /// Nobody paid in time.
    PaymentTimeout,
    /// The payment was declined for good.
    PaymentDeclined,
    /// A coupon had no use left.
    CouponExhausted,
    /// The buyer cancelled.
    Cancelled,
    /// Another amount than asked for was paid; it is returned.
    AmountMismatch,
    /// Billing would not take the order.
    BillingRefused,
    /// A line could not be licensed or enrolled.
    FulfilmentFailed,
}

/// Where the buyer's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "PaymentState", rename_all = "snake_case", remote = "PaymentState")]
pub enum ApiPaymentState {
    /// With the buyer; nothing was due or nothing was asked for.
    None,
    /// With the buyer; it was asked for.
    Pending,
    /// With us, in part or in whole.
    Captured,
    /// On its way back.
    RefundPending,
    /// Back with the buyer.
    Refunded,
}

/// How many of the lines were returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "RefundProgress", rename_all = "snake_case", remote = "RefundProgress")]
pub enum ApiRefundProgress {
    /// No line.
    None,
    /// Some lines.
    Partial,
    /// Every line.
    Full,
}

/// Who wanted the money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "RefundSource", rename_all = "snake_case", remote = "RefundSource")]
pub enum ApiRefundSource {
    /// The buyer, within the refund policy.
    Buyer,
    /// An administrator, whatever the policy says.
    Admin,
    /// A lost dispute.
    Dispute,
    /// The platform, because the purchase could not be completed.
    Compensation,
}

/// How a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "RefundState", rename_all = "snake_case", remote = "RefundState")]
pub enum ApiRefundState {
    /// Billing has not answered.
    Pending,
    /// The money went back.
    Succeeded,
    /// It did not; the lines can be refunded again, by a new refund.
    Failed,
}

/// Why a capture cannot be the order's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "StrayKind", rename_all = "snake_case", remote = "StrayKind")]
pub enum ApiStrayKind {
    /// Another amount or intent than the order's.
    Mismatched,
    /// The order was over.
    AfterClose,
    /// The order was paid already.
    Duplicate,
}

/// An order.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Order", rename_all = "camelCase")]
pub struct OrderBody {
    id: ApiId<kinds::Order>,
    buyer_tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    buyer_user_id: ApiExternalId<external_id::kinds::User>,
    /// The quote it was placed with.
    quote_id: Option<ApiId<kinds::Quote>>,
    currency: ApiCurrency,
    lines: Vec<ShownLineBody>,
    subtotal: ApiMoney,
    discount_total: ApiMoney,
    /// The tax; null before billing has answered.
    tax_total: Option<ApiMoney>,
    /// `subtotal - discountTotal + taxTotal`; null before billing has answered.
    totals: Option<ApiMoney>,
    applied_coupons: Vec<ApiId<kinds::Coupon>>,
    discounts: Vec<DiscountBody>,
    /// Billing's opaque intent; null when nothing is due.
    payment_intent_id: Option<ApiExternalId<external_id::kinds::PaymentIntent>>,
    status: ApiOrderStatus,
    failure_reason: Option<ApiFailureReason>,
    payment_state: ApiPaymentState,
    refund_state: ApiRefundProgress,
    /// The sum of the refunds that succeeded.
    refunded_total: ApiMoney,
    refunds: Vec<RefundBody>,
    /// Money that arrived and cannot be the order's payment.
    stray_captures: Vec<StrayCaptureBody>,
    /// The last decline.
    last_payment_error: Option<PaymentErrorBody>,
    placed_at: ApiTimestamp,
    paid_at: Option<ApiTimestamp>,
    fulfilled_at: Option<ApiTimestamp>,
    refunded_at: Option<ApiTimestamp>,
    cancel_requested_at: Option<ApiTimestamp>,
    /// The earliest of the lines' deadlines; null before it is paid.
    refund_deadline: Option<ApiTimestamp>,
    saga_id: ApiId<kinds::Saga>,
    version: u64,
}

/// One return of money.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Refund", rename_all = "camelCase")]
pub struct RefundBody {
    id: ApiId<kinds::Refund>,
    lines: Vec<ApiId<kinds::OrderLine>>,
    /// How much goes back, tax included.
    amount: ApiMoney,
    source: ApiRefundSource,
    reason: String,
    state: ApiRefundState,
    requested_at: ApiTimestamp,
    settled_at: Option<ApiTimestamp>,
}

/// Money that cannot be the order's payment.
#[derive(Debug, Clone, Object)]
#[oai(rename = "StrayCapture", rename_all = "camelCase")]
pub struct StrayCaptureBody {
    payment_id: ApiExternalId<external_id::kinds::Payment>,
    amount: ApiMoney,
    kind: ApiStrayKind,
    /// When it went back; null while it is on its way.
    refunded_at: Option<ApiTimestamp>,
}

/// A decline.
#[derive(Debug, Clone, Object)]
#[oai(rename = "PaymentError", rename_all = "camelCase")]
pub struct PaymentErrorBody {
    /// Billing's code, or `other`.
    code: String,
    at: ApiTimestamp,
}

impl From<&Order> for OrderBody {
    fn from(order: &Order) -> Self {
        let data = order.data();
        Self {
            id: data.id.into(),
            buyer_tenant_id: data.buyer_tenant_id.clone().into(),
            buyer_user_id: data.buyer_user_id.clone().into(),
            quote_id: data.quote_id.map(Into::into),
            currency: data.currency.into(),
            lines: data.lines.iter().map(|line| ShownLineBody::Plain(line.into())).collect(),
            subtotal: data.subtotal.into(),
            discount_total: data.discount_total.into(),
            tax_total: data.tax_total.map(Into::into),
            totals: data.totals.map(Into::into),
            applied_coupons: data.applied_coupons().map(Into::into).collect(),
            discounts: data.discounts.iter().map(DiscountBody::from).collect(),
            payment_intent_id: data.payment_intent_id.clone().map(Into::into),
            status: data.status.into(),
            failure_reason: data.failure_reason.map(Into::into),
            payment_state: data.payment_state.into(),
            refund_state: data.refund_state.into(),
            refunded_total: data.refunded_total.into(),
            refunds: order.refunds().map(RefundBody::from).collect(),
            stray_captures: data.stray_captures.iter().map(StrayCaptureBody::from).collect(),
            last_payment_error: data.last_payment_error.as_ref().map(PaymentErrorBody::from),
            placed_at: data.placed_at.into(),
            paid_at: data.paid_at.map(Into::into),
            fulfilled_at: data.fulfilled_at.map(Into::into),
            refunded_at: data.refunded_at.map(Into::into),
            cancel_requested_at: data.cancel_requested_at.map(Into::into),
            refund_deadline: data.refund_deadline.map(Into::into),
            saga_id: data.saga_id.into(),
            version: order.version(),
        }
    }
}

impl OrderBody {
    /// The order as this caller sees it: the platform's staff see who gets how much of each line.
    pub fn shown_to(caller: &Caller, order: &Order) -> Self {
        let body = Self::from(order);
        if caller.0.principal.has(Role::PlatformAdmin) {
            let lines = order.data().lines.iter().map(|line| ShownLineBody::Shared(line.into()));
            Self { lines: lines.collect(), ..body }
        } else {
            body
        }
    }
}

impl From<&Refund> for RefundBody {
    fn from(refund: &Refund) -> Self {
        Self {
            id: refund.id.into(),
            lines: refund.lines.iter().copied().map(Into::into).collect(),
            amount: refund.amount.into(),
            source: refund.source.into(),
            reason: refund.reason.clone(),
            state: refund.state.into(),
            requested_at: refund.requested_at.into(),
            settled_at: refund.settled_at.map(Into::into),
        }
    }
}

impl From<&StrayCapture> for StrayCaptureBody {
    fn from(capture: &StrayCapture) -> Self {
        Self {
            payment_id: capture.payment_id.clone().into(),
            amount: capture.amount.into(),
            kind: capture.kind.into(),
            refunded_at: capture.refunded_at.map(Into::into),
        }
    }
}

impl From<&PaymentError> for PaymentErrorBody {
    fn from(error: &PaymentError) -> Self {
        Self { code: error.code.clone(), at: error.at.into() }
    }
}
