//! The services the marketplace calls. Every call that changes something carries a key that is stable over
//! retries; the same key again has the same effect once and the same answer.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::kernel::{
    CourseId, CourseVersionId, Currency, Money, OrderId, OrderLineId, PaymentId, PaymentIntentId, PayoutId,
    TenantId, UserId,
};

use crate::GatewayError;

/// A line to be taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxLine {
    /// The line.
    pub id: OrderLineId,
    /// Its amount after discounts, before tax.
    pub net: Money,
}

/// What is to be taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRequest {
    /// The buyer.
    pub buyer_tenant_id: TenantId,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The lines.
    pub lines: Vec<TaxLine>,
}

/// The tax billing asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaxAnswer {
    /// Per line.
    PerLine(Vec<(OrderLineId, Money)>),
    /// In all; allocated over the net amounts.
    Total(Money),
}

/// What is to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRequest {
    /// Our order, given back with every callback.
    pub order_id: OrderId,
    /// What is taxed and paid.
    pub tax: TaxRequest,
    /// The tax a quote froze; none asks billing for it.
    pub frozen_tax: Option<Vec<(OrderLineId, Money)>>,
}

/// An intent that waits to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentCreated {
    /// Billing's id.
    pub payment_intent_id: PaymentIntentId,
    /// The tax of the lines.
    pub tax: TaxAnswer,
}

/// What became of an attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentAnswer {
    /// Captured.
    Succeeded {
        /// The capture.
        payment_id: PaymentId,
        /// What was captured.
        amount: Money,
    },
    /// Refused.
    Declined {
        /// Why.
        code: String,
        /// Whether the intent is lost with it.
        is_final: bool,
    },
    /// Not decided: a callback will say.
    Processing,
}

/// What became of a void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoidAnswer {
    /// No capture will be started under this key any more.
    Voided,
    /// It had been captured before.
    AlreadySucceeded,
}

/// How an intent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentStatus {
    /// Waiting to be paid.
    Open,
    /// Captured.
    Succeeded {
        /// The capture.
        payment_id: PaymentId,
        /// What was captured.
        amount: Money,
    },
    /// Lost.
    Failed {
        /// Why.
        code: String,
    },
    /// Voided.
    Voided,
    /// There is none under this key.
    Unknown,
}

/// How a refund stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundStatus {
    /// Under way: a callback will say.
    Pending,
    /// The money is back.
    Succeeded,
    /// It could not be returned.
    Failed {
        /// Why.
        code: String,
    },
}

/// How a payout stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutStatus {
    /// Under way: a callback will say.
    Pending,
    /// Paid.
    Paid(PayoutId),
    /// Not paid; asking again with the same key tries again.
    Failed {
        /// Why.
        code: String,
    },
}

/// billing-service. The marketplace never talks to a payment provider (AC-4).
#[async_trait]
pub trait BillingGateway: Send + Sync {
    /// Computes tax without promising anything to anybody.
    async fn tax(&self, request: &TaxRequest) -> Result<TaxAnswer, GatewayError>;
    /// Creates the intent of this key. Refused for good when the key was voided before.
    async fn create_intent(&self, key: &str, request: &IntentRequest) -> Result<IntentCreated, GatewayError>;
    /// Tries to pay an intent with a token of the buyer's, which is passed on and kept nowhere (AC-2).
    async fn pay(
        &self,
        key: &str,
        intent: &PaymentIntentId,
        token: &str,
    ) -> Result<PaymentAnswer, GatewayError>;
    /// Voids the intent of this key, also one that does not exist yet.
    async fn void_intent(&self, key: &str) -> Result<VoidAnswer, GatewayError>;
    /// How the intent of this key stands.
    async fn intent(&self, key: &str) -> Result<IntentStatus, GatewayError>;
    /// Returns money of a payment.
    async fn refund(
        &self,
        key: &str,
        order: &OrderId,
        payment: &PaymentId,
        amount: Money,
    ) -> Result<RefundStatus, GatewayError>;
    /// How the refund of this key stands; none when billing never heard of it.
    async fn refund_status(&self, key: &str) -> Result<Option<RefundStatus>, GatewayError>;
    /// Pays a provider.
    async fn pay_out(
        &self,
        key: &str,
        provider: &TenantId,
        amount: Money,
    ) -> Result<PayoutStatus, GatewayError>;
}

/// Somebody to be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Whose licence it is.
    pub tenant_id: TenantId,
    /// The learner.
    pub user_id: UserId,
    /// The course.
    pub course_id: CourseId,
    /// The version the licence is for. Its end is not told: access is checked against the licence, and
    /// cancelled when it ends.
    pub course_version_id: CourseVersionId,
}

/// What a learner did in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LearnerActivity {
    /// How often the learner tried it.
    pub attempts: u32,
}

/// enrollment-service. It keeps the learners' progress; we never do (AC-3).
#[async_trait]
pub trait EnrollmentGateway: Send + Sync {
    /// Enrolls a learner.
    async fn enroll(&self, key: &str, enrolment: &Enrolment) -> Result<(), GatewayError>;
    /// Ends an enrollment; ending one that does not exist is done.
    async fn cancel(
        &self,
        key: &str,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<(), GatewayError>;
    /// Which of a tenant's learners have consumed the course.
    async fn consumed(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        users: &BTreeSet<UserId>,
    ) -> Result<BTreeSet<UserId>, GatewayError>;
    /// What a learner did in a course.
    async fn activity(
        &self,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<LearnerActivity, GatewayError>;
}
