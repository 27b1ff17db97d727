//! A callback as structured `CloudEvents` JSON: what a webhook or a broker carries (ruling R44).
//!
//! [`TYPES`] is the one table of names; whoever parses reads the same names. `data` has the event's fields
//! in camelCase, money as `{"amount":"19.99","currency":"USD"}`, times in RFC 3339.

use sarai_domain::{
    devportal::values::Environment,
    kernel::{
        AccountId, ApiKeyId, CourseId, CourseVersionId, MessageId, Money, OrderId, OrderLineId, PaymentId,
        PaymentIntentId, PayoutId, TenantId, Timestamp,
    },
};
use sarai_ports::inbound::{AuthAccount, InboundEvent, InboundRecord, MessageReport, Source};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The type names.
pub mod types {
    /// An intent was captured.
    pub const PAYMENT_SUCCEEDED: &str = "billing.payment.succeeded.v1";
    /// An attempt was declined; the intent can be tried again.
    pub const PAYMENT_DECLINED: &str = "billing.payment.declined.v1";
    /// The intent failed for good.
    pub const PAYMENT_FAILED: &str = "billing.payment.failed.v1";
    /// The intent was voided.
    pub const PAYMENT_VOIDED: &str = "billing.payment.voided.v1";
    /// Money was returned.
    pub const REFUND_SUCCEEDED: &str = "billing.refund.succeeded.v1";
    /// Money could not be returned.
    pub const REFUND_FAILED: &str = "billing.refund.failed.v1";
    /// A provider was paid.
    pub const PAYOUT_PAID: &str = "billing.payout.paid.v1";
    /// A provider could not be paid.
    pub const PAYOUT_FAILED: &str = "billing.payout.failed.v1";
    /// A buyer's bank took the side of the buyer, for now.
    pub const DISPUTE_OPENED: &str = "billing.dispute.opened.v1";
    /// The dispute was won.
    pub const DISPUTE_WON: &str = "billing.dispute.won.v1";
    /// The dispute was lost.
    pub const DISPUTE_LOST: &str = "billing.dispute.lost.v1";
    /// A subscription's next period was paid.
    pub const SUBSCRIPTION_RENEWED: &str = "billing.subscription.renewed.v1";
    /// A tenant was verified as a seller.
    pub const KYC_VERIFIED: &str = "tenant.kyc_verified.v1";
    /// A tenant is no longer verified.
    pub const KYC_REVOKED: &str = "tenant.kyc_revoked.v1";
    /// A course version was published.
    pub const COURSE_VERSION_PUBLISHED: &str = "catalog.course_version.published.v1";
    /// A play package was built.
    pub const PLAY_PACKAGE_BUILT: &str = "content.play_package.built.v1";
    /// An account was opened.
    pub const ACCOUNT_CREATED: &str = "auth.account.created.v1";
    /// The address of an account was verified.
    pub const EMAIL_VERIFIED: &str = "auth.account.email_verified.v1";
    /// A second factor was enrolled.
    pub const MFA_ENROLLED: &str = "auth.account.mfa_enrolled.v1";
    /// An account was disabled.
    pub const ACCOUNT_SUSPENDED: &str = "auth.account.suspended.v1";
    /// An account that was disabled is enabled again.
    pub const ACCOUNT_REINSTATED: &str = "auth.account.reinstated.v1";
    /// An account is no more.
    pub const ACCOUNT_CLOSED: &str = "auth.account.closed.v1";
    /// A message was handed to an operator.
    pub const MESSAGE_SENT: &str = "messaging.message.sent.v1";
    /// A message was received.
    pub const MESSAGE_DELIVERED: &str = "messaging.message.delivered.v1";
    /// A message came to nothing.
    pub const MESSAGE_FAILED: &str = "messaging.message.failed.v1";
}

const ACCOUNT: &[&str] =
    &["accountId", "tenantId", "sequence", "email", "emailVerified", "mfaEnrolled", "disabled"];
const REPORT: &[&str] =
    &["messageId", "tenantId", "environment", "keyId", "to", "operatorName", "errorCode", "at"];

/// Every type with its sender and the fields of its data.
#[rustfmt::skip]
pub const TYPES: &[(&str, Source, &[&str])] = {
    use Source::{Auth, Billing, Catalog, Content, Messaging, Tenant};
    &[
        (types::PAYMENT_SUCCEEDED,    Billing, &["orderId", "paymentIntentId", "paymentId", "amount"]),
        (types::PAYMENT_DECLINED,     Billing, &["orderId", "paymentIntentId", "code"]),
        (types::PAYMENT_FAILED,       Billing, &["orderId", "paymentIntentId", "code"]),
        (types::PAYMENT_VOIDED,       Billing, &["orderId", "paymentIntentId"]),
        (types::REFUND_SUCCEEDED,     Billing, &["orderId", "key"]),
        (types::REFUND_FAILED,        Billing, &["orderId", "key", "code"]),
        (types::PAYOUT_PAID,          Billing, &["key", "payoutId"]),
        (types::PAYOUT_FAILED,        Billing, &["key", "code"]),
        (types::DISPUTE_OPENED,       Billing, &["orderId", "disputeId"]),
        (types::DISPUTE_WON,          Billing, &["orderId", "disputeId"]),
        (types::DISPUTE_LOST,         Billing, &["orderId", "disputeId"]),
        (types::SUBSCRIPTION_RENEWED, Billing, &["orderLineId", "invoiceId", "periodIndex", "amount", "tax"]),
        (types::KYC_VERIFIED,         Tenant,  &["tenantId", "at"]),
        (types::KYC_REVOKED,          Tenant,  &["tenantId", "at"]),
        (types::COURSE_VERSION_PUBLISHED, Catalog, &["courseId", "courseVersionId"]),
        (types::PLAY_PACKAGE_BUILT,   Content, &["courseVersionId"]),
        (types::ACCOUNT_CREATED, Auth, ACCOUNT),
        (types::EMAIL_VERIFIED, Auth, ACCOUNT),
        (types::MFA_ENROLLED, Auth, ACCOUNT),
        (types::ACCOUNT_SUSPENDED, Auth, ACCOUNT),
        (types::ACCOUNT_REINSTATED, Auth, ACCOUNT),
        (types::ACCOUNT_CLOSED, Auth, ACCOUNT),
        (types::MESSAGE_SENT, Messaging, REPORT),
        (types::MESSAGE_DELIVERED, Messaging, REPORT),
        (types::MESSAGE_FAILED, Messaging, REPORT),
    ]
};

/// The callback as a `CloudEvents` 1.0 object.
pub fn cloud_event(record: &InboundRecord) -> Value {
    let (event_type, data) = typed(&record.event);
    json!({
        "specversion": "1.0",
        "id": record.id,
        "source": format!("/{}", record.source.name()),
        "type": event_type,
        "datacontenttype": "application/json",
        "data": data,
    })
}

/// The record that [`cloud_event`] made this of; none when it made it of none.
pub fn record_of(event: &Value) -> Option<InboundRecord> {
    let id = event.get("id")?.as_str()?.to_owned();
    let source = Source::parse(event.get("source")?.as_str()?.strip_prefix('/')?)?;
    let event = EventDef::deserialize(event).ok()?;
    Some(InboundRecord { id, source, event })
}

/// An event as [`cloud_event`] writes it.
#[derive(Deserialize)]
#[serde(remote = "InboundEvent", tag = "type", content = "data", rename_all_fields = "camelCase")]
#[rustfmt::skip]
enum EventDef {
    #[serde(rename = "billing.payment.succeeded.v1")]
    PaymentSucceeded {
        order_id: OrderId, payment_intent_id: PaymentIntentId, payment_id: PaymentId, amount: Money,
    },
    #[serde(rename = "billing.payment.declined.v1")]
    PaymentDeclined { order_id: OrderId, payment_intent_id: PaymentIntentId, code: String },
    #[serde(rename = "billing.payment.failed.v1")]
    PaymentFailed { order_id: OrderId, payment_intent_id: PaymentIntentId, code: String },
    #[serde(rename = "billing.payment.voided.v1")]
    PaymentVoided { order_id: OrderId, payment_intent_id: PaymentIntentId },
    #[serde(rename = "billing.refund.succeeded.v1")]
    RefundSucceeded { order_id: OrderId, key: String },
    #[serde(rename = "billing.refund.failed.v1")]
    RefundFailed { order_id: OrderId, key: String, code: String },
    #[serde(rename = "billing.payout.paid.v1")]
    PayoutPaid { key: String, payout_id: PayoutId },
    #[serde(rename = "billing.payout.failed.v1")]
    PayoutFailed { key: String, code: String },
    #[serde(rename = "billing.dispute.opened.v1")]
    DisputeOpened { order_id: OrderId, dispute_id: String },
    #[serde(rename = "billing.dispute.won.v1")]
    DisputeWon { order_id: OrderId, dispute_id: String },
    #[serde(rename = "billing.dispute.lost.v1")]
    DisputeLost { order_id: OrderId, dispute_id: String },
    #[serde(rename = "billing.subscription.renewed.v1")]
    SubscriptionRenewed {
        order_line_id: OrderLineId, invoice_id: String, period_index: u32, amount: Money, tax: Money,
    },
    #[serde(rename = "tenant.kyc_verified.v1")]
    KycVerified { tenant_id: TenantId, at: Timestamp },
    #[serde(rename = "tenant.kyc_revoked.v1")]
    KycRevoked { tenant_id: TenantId, at: Timestamp },
    #[serde(rename = "catalog.course_version.published.v1")]
    CourseVersionPublished { course_id: CourseId, course_version_id: CourseVersionId },
    #[serde(rename = "content.play_package.built.v1")]
    PlayPackageBuilt { course_version_id: CourseVersionId },
    #[serde(rename = "auth.account.created.v1", with = "AccountDef")]
    AccountCreated(AuthAccount),
    #[serde(rename = "auth.account.email_verified.v1", with = "AccountDef")]
    EmailVerified(AuthAccount),
    #[serde(rename = "auth.account.mfa_enrolled.v1", with = "AccountDef")]
    MfaEnrolled(AuthAccount),
    #[serde(rename = "auth.account.suspended.v1", with = "AccountDef")]
    AccountSuspended(AuthAccount),
    #[serde(rename = "auth.account.reinstated.v1", with = "AccountDef")]
    AccountReinstated(AuthAccount),
    #[serde(rename = "auth.account.closed.v1", with = "AccountDef")]
    AccountClosed(AuthAccount),
    #[serde(rename = "messaging.message.sent.v1", with = "ReportDef")]
    MessageSent(MessageReport),
    #[serde(rename = "messaging.message.delivered.v1", with = "ReportDef")]
    MessageDelivered(MessageReport),
    #[serde(rename = "messaging.message.failed.v1", with = "ReportDef")]
    MessageFailed(MessageReport),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AuthAccount", rename_all = "camelCase")]
struct AccountDef {
    account_id: AccountId,
    tenant_id: TenantId,
    sequence: u64,
    email: String,
    email_verified: bool,
    mfa_enrolled: bool,
    disabled: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MessageReport", rename_all = "camelCase")]
struct ReportDef {
    message_id: MessageId,
    tenant_id: TenantId,
    environment: Environment,
    key_id: Option<ApiKeyId>,
    to: String,
    operator_name: Option<String>,
    error_code: Option<String>,
    at: Timestamp,
}

/// Nothing is lost: the definitions hold text, numbers and nothing that cannot be written.
fn account(account: &AuthAccount) -> Value {
    AccountDef::serialize(account, serde_json::value::Serializer).unwrap_or_default()
}

fn report(report: &MessageReport) -> Value {
    ReportDef::serialize(report, serde_json::value::Serializer).unwrap_or_default()
}

/// The type's name and the data, one arm per type.
fn typed(event: &InboundEvent) -> (&'static str, Value) {
    use InboundEvent as E;
    match event {
        E::PaymentSucceeded { order_id, payment_intent_id, payment_id, amount } => (
            types::PAYMENT_SUCCEEDED,
            json!({
                "orderId": order_id,
                "paymentIntentId": payment_intent_id,
                "paymentId": payment_id,
                "amount": amount,
            }),
        ),
        E::PaymentDeclined { order_id, payment_intent_id, code } => {
            let data = json!({ "orderId": order_id, "paymentIntentId": payment_intent_id, "code": code });
            (types::PAYMENT_DECLINED, data)
        }
        E::PaymentFailed { order_id, payment_intent_id, code } => {
            let data = json!({ "orderId": order_id, "paymentIntentId": payment_intent_id, "code": code });
            (types::PAYMENT_FAILED, data)
        }
        E::PaymentVoided { order_id, payment_intent_id } => {
            (types::PAYMENT_VOIDED, json!({ "orderId": order_id, "paymentIntentId": payment_intent_id }))
        }
        E::RefundSucceeded { order_id, key } => {
            (types::REFUND_SUCCEEDED, json!({ "orderId": order_id, "key": key }))
        }
        E::RefundFailed { order_id, key, code } => {
            (types::REFUND_FAILED, json!({ "orderId": order_id, "key": key, "code": code }))
        }
        E::PayoutPaid { key, payout_id } => {
            (types::PAYOUT_PAID, json!({ "key": key, "payoutId": payout_id }))
        }
        E::PayoutFailed { key, code } => (types::PAYOUT_FAILED, json!({ "key": key, "code": code })),
        E::DisputeOpened { order_id, dispute_id } => {
            (types::DISPUTE_OPENED, json!({ "orderId": order_id, "disputeId": dispute_id }))
        }
        E::DisputeWon { order_id, dispute_id } => {
            (types::DISPUTE_WON, json!({ "orderId": order_id, "disputeId": dispute_id }))
        }
        E::DisputeLost { order_id, dispute_id } => {
            (types::DISPUTE_LOST, json!({ "orderId": order_id, "disputeId": dispute_id }))
        }
        E::SubscriptionRenewed { order_line_id, invoice_id, period_index, amount, tax } => (
            types::SUBSCRIPTION_RENEWED,
            json!({
                "orderLineId": order_line_id,
                "invoiceId": invoice_id,
                "periodIndex": period_index,
                "amount": amount,
                "tax": tax,
            }),
        ),
        E::KycVerified { tenant_id, at } => (types::KYC_VERIFIED, json!({ "tenantId": tenant_id, "at": at })),
        E::KycRevoked { tenant_id, at } => (types::KYC_REVOKED, json!({ "tenantId": tenant_id, "at": at })),
        E::CourseVersionPublished { course_id, course_version_id } => {
            let data = json!({ "courseId": course_id, "courseVersionId": course_version_id });
            (types::COURSE_VERSION_PUBLISHED, data)
        }
        E::PlayPackageBuilt { course_version_id } => {
            (types::PLAY_PACKAGE_BUILT, json!({ "courseVersionId": course_version_id }))
        }
        E::AccountCreated(told) => (types::ACCOUNT_CREATED, account(told)),
        E::EmailVerified(told) => (types::EMAIL_VERIFIED, account(told)),
        E::MfaEnrolled(told) => (types::MFA_ENROLLED, account(told)),
        E::AccountSuspended(told) => (types::ACCOUNT_SUSPENDED, account(told)),
        E::AccountReinstated(told) => (types::ACCOUNT_REINSTATED, account(told)),
        E::AccountClosed(told) => (types::ACCOUNT_CLOSED, account(told)),
        E::MessageSent(told) => (types::MESSAGE_SENT, report(told)),
        E::MessageDelivered(told) => (types::MESSAGE_DELIVERED, report(told)),
        E::MessageFailed(told) => (types::MESSAGE_FAILED, report(told)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sarai_domain::kernel::{Currency, Ulid};

    use super::*;

    fn every_event() -> Vec<InboundEvent> {
        let order_id = OrderId::new(Ulid::from(7_u128));
        let payment_intent_id = || "pi_1".parse().unwrap();
        let (code, key, dispute_id) = ("no".to_owned(), "rf:1".to_owned(), "dp_1".to_owned());
        let amount = Money::parse("19.9", Currency::parse("USD").unwrap()).unwrap();
        let at = "2026-04-20T12:00:00Z".parse().unwrap();
        let (tenant_id, course_version_id) = (|| "acme".parse().unwrap(), || "cv_1".parse().unwrap());
        let account = || AuthAccount {
            account_id: "acc_1".parse().unwrap(),
            tenant_id: tenant_id(),
            sequence: 2,
            email: "a@b.test".to_owned(),
            email_verified: true,
            mfa_enrolled: false,
            disabled: false,
        };
        let report = || MessageReport {
            message_id: "msg_1".parse().unwrap(),
            tenant_id: tenant_id(),
            environment: Environment::Production,
            key_id: None,
            to: "+93•••••1234".to_owned(),
            operator_name: Some("Roshan".to_owned()),
            error_code: None,
            at,
        };
        vec![
            InboundEvent::PaymentSucceeded {
                order_id,
                payment_intent_id: payment_intent_id(),
                payment_id: "pay_1".parse().unwrap(),
                amount,
            },
            InboundEvent::PaymentDeclined {
                order_id,
                payment_intent_id: payment_intent_id(),
                code: code.clone(),
            },
            InboundEvent::PaymentFailed {
                order_id,
                payment_intent_id: payment_intent_id(),
                code: code.clone(),
            },
            InboundEvent::PaymentVoided { order_id, payment_intent_id: payment_intent_id() },
            InboundEvent::RefundSucceeded { order_id, key: key.clone() },
            InboundEvent::RefundFailed { order_id, key: key.clone(), code: code.clone() },
            InboundEvent::PayoutPaid { key: key.clone(), payout_id: "po_1".parse().unwrap() },
            InboundEvent::PayoutFailed { key, code },
            InboundEvent::DisputeOpened { order_id, dispute_id: dispute_id.clone() },
            InboundEvent::DisputeWon { order_id, dispute_id: dispute_id.clone() },
            InboundEvent::DisputeLost { order_id, dispute_id },
            InboundEvent::SubscriptionRenewed {
                order_line_id: OrderLineId::new(Ulid::from(8_u128)),
                invoice_id: "inv_1".to_owned(),
                period_index: 1,
                amount,
                tax: amount,
            },
            InboundEvent::KycVerified { tenant_id: tenant_id(), at },
            InboundEvent::KycRevoked { tenant_id: tenant_id(), at },
            InboundEvent::CourseVersionPublished {
                course_id: "crs_1".parse().unwrap(),
                course_version_id: course_version_id(),
            },
            InboundEvent::PlayPackageBuilt { course_version_id: course_version_id() },
            InboundEvent::AccountCreated(account()),
            InboundEvent::EmailVerified(account()),
            InboundEvent::MfaEnrolled(account()),
            InboundEvent::AccountSuspended(account()),
            InboundEvent::AccountReinstated(account()),
            InboundEvent::AccountClosed(account()),
            InboundEvent::MessageSent(report()),
            InboundEvent::MessageDelivered(report()),
            InboundEvent::MessageFailed(report()),
        ]
    }

    #[test]
    fn every_event_is_shown_as_its_row_says() {
        let events = every_event();
        assert_eq!(events.len(), TYPES.len());
        for (event, (name, source, fields)) in events.into_iter().zip(TYPES) {
            let record = InboundRecord { id: "bil_1".to_owned(), source: *source, event };
            let shown = cloud_event(&record);
            assert_eq!(record_of(&shown), Some(record), "{name}");
            let shown_fields: BTreeSet<&str> =
                shown["data"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(shown["type"], *name);
            assert_eq!(shown_fields, fields.iter().copied().collect(), "{name}");
            assert!(name.starts_with(&format!("{}.", source.name())), "{name}");
        }
    }

    #[test]
    fn money_and_times_are_text() {
        let event = every_event().swap_remove(0);
        let record = InboundRecord { id: "bil_1".to_owned(), source: Source::Billing, event };
        assert_eq!(
            cloud_event(&record),
            json!({
                "specversion": "1.0",
                "id": "bil_1",
                "source": "/billing",
                "type": "billing.payment.succeeded.v1",
                "datacontenttype": "application/json",
                "data": {
                    "orderId": "ord_00000000000000000000000007",
                    "paymentIntentId": "pi_1",
                    "paymentId": "pay_1",
                    "amount": { "amount": "19.90", "currency": "USD" },
                },
            })
        );
    }
}
