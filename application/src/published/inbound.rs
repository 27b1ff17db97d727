//! What other services tell us (ruling R44).

use sarai_ports::inbound::Source;

use super::{
    InboundType,
    shape::{Field, Shape, maybe, one},
    terms::{
        ACCOUNT_ID, API_KEY_ID, COURSE_ID, ENVIRONMENT, INSTANT, INTENT_ID, LINE_ID, MESSAGE_ID, MONEY,
        ORDER_ID, PAYMENT_ID, PAYOUT_ID, SOME, TENANT_ID, VERSION_ID,
    },
};

const ORDER: Field = one("orderId", ORDER_ID, "Our order.");
const INTENT: Field = one("paymentIntentId", INTENT_ID, "The intent.");
const CODE: Field = one("code", Shape::Text, "Why, as the sender's code.");
const DISPUTE: Field = one("disputeId", Shape::Text, "Billing's id of the dispute.");
const REFUND_KEY: Field =
    one("key", Shape::Text, "The key we asked with: `rf:` and the refund, or `stray:` and the payment.");
const PERIOD: Field = one("key", Shape::Text, "The key we asked with: provider, currency and month.");
const COURSE_VERSION: Field = one("courseVersionId", VERSION_ID, "The version.");
const TENANT: Field = one("tenantId", TENANT_ID, "The tenant.");
const AT: Field = one("at", INSTANT, "When, by the sender; may be left to the envelope's `time`.");

const fn from(
    source: Source,
    topic: &'static str,
    when: &'static str,
    data: &'static [Field],
) -> InboundType {
    InboundType { source, topic, when, data }
}

/// An account after the change: a later `sequence` knows all of it.
const ACCOUNT: &[Field] = &[
    one("accountId", ACCOUNT_ID, "The account."),
    one("tenantId", TENANT_ID, "Its default tenant."),
    one("sequence", Shape::Whole(0, u64::MAX), "The number of the change, each one higher."),
    one("email", Shape::Text, "Its address."),
    one("emailVerified", Shape::Flag, "Whether that address is verified."),
    one("mfaEnrolled", Shape::Flag, "Whether a second factor is enrolled."),
    one("disabled", Shape::Flag, "Whether it is suspended or closed."),
];
const REPORT: &[Field] = &[
    one("messageId", MESSAGE_ID, "The message."),
    one("tenantId", TENANT_ID, "Whose it is."),
    one("environment", ENVIRONMENT, "In which world."),
    maybe("keyId", API_KEY_ID, "The key it was sent with."),
    one("to", Shape::Text, "The number, masked."),
    maybe("operatorName", Shape::Text, "The operator, when it is known."),
    maybe("errorCode", Shape::Text, "Why it came to nothing."),
    one("at", INSTANT, "When, by the sender."),
];

/// Every type, by sender.
pub const INBOUND: &[InboundType] = {
    use Source::{Auth, Billing, Catalog, Content, Messaging, Tenant};
    &[
        from(
            Billing,
            "billing.payment.succeeded.v1",
            "An intent was captured.",
            &[
                ORDER,
                INTENT,
                one("paymentId", PAYMENT_ID, "The capture."),
                one("amount", MONEY, "What was captured."),
            ],
        ),
        from(
            Billing,
            "billing.payment.declined.v1",
            "An attempt was declined; the intent can be tried again.",
            &[ORDER, INTENT, CODE],
        ),
        from(Billing, "billing.payment.failed.v1", "An intent failed for good.", &[ORDER, INTENT, CODE]),
        from(Billing, "billing.payment.voided.v1", "An intent was voided.", &[ORDER, INTENT]),
        from(Billing, "billing.refund.succeeded.v1", "Money was returned.", &[ORDER, REFUND_KEY]),
        from(Billing, "billing.refund.failed.v1", "Money could not be returned.", &[ORDER, REFUND_KEY, CODE]),
        from(
            Billing,
            "billing.payout.paid.v1",
            "A provider was paid.",
            &[PERIOD, one("payoutId", PAYOUT_ID, "The payout.")],
        ),
        from(Billing, "billing.payout.failed.v1", "A provider could not be paid.", &[PERIOD, CODE]),
        from(
            Billing,
            "billing.dispute.opened.v1",
            "A buyer disputes a payment: earnings are held.",
            &[ORDER, DISPUTE],
        ),
        from(Billing, "billing.dispute.won.v1", "A dispute was won: the sale stands.", &[ORDER, DISPUTE]),
        from(Billing, "billing.dispute.lost.v1", "A dispute was lost: the money is gone.", &[ORDER, DISPUTE]),
        from(
            Billing,
            "billing.subscription.renewed.v1",
            "A subscription's next period was paid.",
            &[
                one("orderLineId", LINE_ID, "The line that began it."),
                one("invoiceId", Shape::Text, "Billing's invoice."),
                one("periodIndex", SOME, "The period, 1 for the first after the purchase."),
                one("amount", MONEY, "What was paid before tax."),
                one("tax", MONEY, "The tax."),
            ],
        ),
        from(Tenant, "tenant.kyc_verified.v1", "A tenant was verified as a seller.", &[TENANT, AT]),
        from(Tenant, "tenant.kyc_revoked.v1", "A tenant is no longer verified.", &[TENANT, AT]),
        from(
            Catalog,
            "catalog.course_version.published.v1",
            "A course version was published.",
            &[one("courseId", COURSE_ID, "The course."), COURSE_VERSION],
        ),
        from(Content, "content.play_package.built.v1", "A play package was built.", &[COURSE_VERSION]),
        from(Auth, "auth.account.created.v1", "An account was opened.", ACCOUNT),
        from(Auth, "auth.account.email_verified.v1", "The address of an account was verified.", ACCOUNT),
        from(Auth, "auth.account.mfa_enrolled.v1", "A second factor was enrolled.", ACCOUNT),
        from(Auth, "auth.account.suspended.v1", "An account was disabled.", ACCOUNT),
        from(Auth, "auth.account.reinstated.v1", "An account that was disabled is enabled again.", ACCOUNT),
        from(Auth, "auth.account.closed.v1", "An account is no more.", ACCOUNT),
        from(Messaging, "messaging.message.sent.v1", "A message was handed to an operator.", REPORT),
        from(Messaging, "messaging.message.delivered.v1", "A message was received.", REPORT),
        from(Messaging, "messaging.message.failed.v1", "A message came to nothing.", REPORT),
    ]
};
