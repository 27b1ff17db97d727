//! What other services tell us: integration events, by signed HTTP or by the broker (ruling R44).

use async_trait::async_trait;
use sarai_domain::{
    devportal::values::Environment,
    kernel::{
        AccountId, ApiKeyId, CourseId, CourseVersionId, MessageId, Money, OrderId, OrderLineId, PaymentId,
        PaymentIntentId, PayoutId, TenantId, Timestamp,
    },
};

use crate::StoreError;

/// A message from another service; its order among others is never trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundRecord {
    /// The sender's id of it: the inbox key.
    pub id: String,
    /// The sender.
    pub source: Source,
    /// What it says.
    pub event: InboundEvent,
}

/// A service that tells us things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Accounts.
    Auth,
    /// Payments, refunds, payouts, disputes, renewals.
    Billing,
    /// Published course versions.
    Catalog,
    /// Built play packages.
    Content,
    /// Messages on their way.
    Messaging,
    /// Tenants' verification.
    Tenant,
}

impl Source {
    /// Every source with its name in paths and types.
    pub const ALL: &[(Source, &str)] = &[
        (Source::Auth, "auth"),
        (Source::Billing, "billing"),
        (Source::Catalog, "catalog"),
        (Source::Content, "content"),
        (Source::Messaging, "messaging"),
        (Source::Tenant, "tenant"),
    ];

    /// The source of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(source, _)| *source)
    }

    /// Its name in paths and types.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(source, _)| *source == self).map_or("", |(_, name)| name)
    }
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundEvent {
    /// An intent was captured.
    PaymentSucceeded {
        /// Our order, which billing keeps with the intent.
        order_id: OrderId,
        /// The intent.
        payment_intent_id: PaymentIntentId,
        /// The capture.
        payment_id: PaymentId,
        /// What was captured.
        amount: Money,
    },
    /// An attempt was declined; the intent can be tried again.
    PaymentDeclined {
        /// Our order.
        order_id: OrderId,
        /// The intent.
        payment_intent_id: PaymentIntentId,
        /// Why.
        code: String,
    },
    /// The intent failed for good.
    PaymentFailed {
        /// Our order.
        order_id: OrderId,
        /// The intent.
        payment_intent_id: PaymentIntentId,
        /// Why.
        code: String,
    },
    /// The intent was voided.
    PaymentVoided {
        /// Our order.
        order_id: OrderId,
        /// The intent.
        payment_intent_id: PaymentIntentId,
    },
    /// Money was returned, under the key we asked with (`rf:…` or `stray:…`).
    RefundSucceeded {
        /// Our order.
        order_id: OrderId,
        /// Our key.
        key: String,
    },
    /// Money could not be returned.
    RefundFailed {
        /// Our order.
        order_id: OrderId,
        /// Our key.
        key: String,
        /// Why.
        code: String,
    },
    /// A provider was paid, under the key we asked with.
    PayoutPaid {
        /// Our key: the earnings period.
        key: String,
        /// Billing's id.
        payout_id: PayoutId,
    },
    /// A provider could not be paid.
    PayoutFailed {
        /// Our key: the earnings period.
        key: String,
        /// Why.
        code: String,
    },
    /// A buyer's bank took the side of the buyer, for now.
    DisputeOpened {
        /// Our order.
        order_id: OrderId,
        /// Billing's id.
        dispute_id: String,
    },
    /// The dispute was won: the sale stands.
    DisputeWon {
        /// Our order.
        order_id: OrderId,
        /// Billing's id.
        dispute_id: String,
    },
    /// The dispute was lost: the money is gone.
    DisputeLost {
        /// Our order.
        order_id: OrderId,
        /// Billing's id.
        dispute_id: String,
    },
    /// A subscription's next period was paid.
    SubscriptionRenewed {
        /// The line that began it.
        order_line_id: OrderLineId,
        /// Billing's invoice.
        invoice_id: String,
        /// The period, 1 for the first after the purchase.
        period_index: u32,
        /// What was paid before tax.
        amount: Money,
        /// The tax.
        tax: Money,
    },
    /// A tenant was verified as a seller.
    KycVerified {
        /// The tenant.
        tenant_id: TenantId,
        /// When, by the sender.
        at: Timestamp,
    },
    /// A tenant is no longer verified.
    KycRevoked {
        /// The tenant.
        tenant_id: TenantId,
        /// When, by the sender.
        at: Timestamp,
    },
    /// A course version was published.
    CourseVersionPublished {
        /// The course.
        course_id: CourseId,
        /// The version.
        course_version_id: CourseVersionId,
    },
    /// A play package was built.
    PlayPackageBuilt {
        /// The version it is of.
        course_version_id: CourseVersionId,
    },
    /// An account was opened.
    AccountCreated(AuthAccount),
    /// The address of an account was verified.
    EmailVerified(AuthAccount),
    /// A second factor was enrolled.
    MfaEnrolled(AuthAccount),
    /// An account was disabled.
    AccountSuspended(AuthAccount),
    /// An account that was disabled is enabled again.
    AccountReinstated(AuthAccount),
    /// An account is no more.
    AccountClosed(AuthAccount),
    /// A message was handed to an operator.
    MessageSent(MessageReport),
    /// A message was received.
    MessageDelivered(MessageReport),
    /// A message came to nothing.
    MessageFailed(MessageReport),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageReport {
    /// The message.
    pub message_id: MessageId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// In which world.
    pub environment: Environment,
    /// The key it was sent with.
    pub key_id: Option<ApiKeyId>,
    /// The number, masked.
    pub to: String,
    /// The operator, when it is known.
    pub operator_name: Option<String>,
    /// Why it came to nothing.
    pub error_code: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An account as auth-service has it after a change: whoever has seen a later number knows all this (A-INV-6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthAccount {
    /// The account.
    pub account_id: AccountId,
    /// Its default tenant.
    pub tenant_id: TenantId,
    /// The number of the change, from 1, each one higher.
    pub sequence: u64,
    /// Its address.
    pub email: String,
    /// Whether that address is verified.
    pub email_verified: bool,
    /// Whether a second factor is enrolled.
    pub mfa_enrolled: bool,
    /// Whether it is suspended or closed.
    pub disabled: bool,
}

/// Takes integration events; taking one twice changes nothing.
#[async_trait]
pub trait InboundSink: Send + Sync {
    /// Handles a message. An error asks the sender to send it again.
    async fn receive(&self, record: InboundRecord) -> Result<(), StoreError>;
}
