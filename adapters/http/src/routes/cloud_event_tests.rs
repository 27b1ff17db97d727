//! The table of events as they are read from a message.

use sarai_domain::{
    devportal::values::Environment,
    kernel::{Currency, Money, OrderId, Ulid},
};
use serde_json::json;

use super::*;

const ORDER: &str = "ord_00000000000000000000000007";

fn order_id() -> OrderId {
    OrderId::new(Ulid::from(7_u128))
}

fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::parse("USD").unwrap()).unwrap()
}

fn at() -> Timestamp {
    "2026-04-20T12:00:00Z".parse().unwrap()
}

/// Data with every member that any event has.
fn data() -> Value {
    json!({
        "orderId": ORDER,
        "paymentIntentId": "pi_1",
        "paymentId": "pay_1",
        "amount": {"amount": "19.9", "currency": "USD"},
        "tax": {"amount": "1.1", "currency": "USD"},
        "code": "no",
        "key": "rf:1",
        "payoutId": "po_1",
        "disputeId": "dp_1",
        "orderLineId": "oln_00000000000000000000000008",
        "invoiceId": "inv_1",
        "periodIndex": 1,
        "tenantId": "acme",
        "at": "2026-04-20T12:00:00Z",
        "courseId": "crs_1",
        "courseVersionId": "cv_1",
        "accountId": "acc_1",
        "sequence": 2,
        "email": "a@b.test",
        "emailVerified": true,
        "mfaEnrolled": false,
        "disabled": false,
        "messageId": "msg_1",
        "environment": "PRODUCTION",
        "keyId": null,
        "to": "+93•••••1234",
        "operatorName": "Roshan",
        "errorCode": null,
    })
}

const ACCOUNT: &[&str] =
    &["accountId", "tenantId", "sequence", "email", "emailVerified", "mfaEnrolled", "disabled"];
const REPORT: &[&str] =
    &["messageId", "tenantId", "environment", "keyId", "to", "operatorName", "errorCode", "at"];

fn event(kind: &str) -> Value {
    json!({"specversion": "1.0", "id": "e1", "source": "/x", "type": kind, "data": data(), "traceparent": "00-1"})
}

/// A type with its sender, what it means and the members it cannot be without.
type Row = (Source, &'static str, InboundEvent, &'static [&'static str]);

/// Every type.
fn table() -> Vec<Row> {
    use InboundEvent as E;
    use Source::{Billing, Catalog, Content, Tenant};
    let order_id = order_id();
    let intent = || "pi_1".parse().unwrap();
    let (code, key, dispute_id) = (|| "no".to_owned(), || "rf:1".to_owned(), || "dp_1".to_owned());
    let (tenant_id, version) = (|| "acme".parse().unwrap(), || "cv_1".parse().unwrap());
    let succeeded = E::PaymentSucceeded {
        order_id,
        payment_intent_id: intent(),
        payment_id: "pay_1".parse().unwrap(),
        amount: usd("19.90"),
    };
    let renewed = E::SubscriptionRenewed {
        order_line_id: "oln_00000000000000000000000008".parse().unwrap(),
        invoice_id: "inv_1".to_owned(),
        period_index: 1,
        amount: usd("19.90"),
        tax: usd("1.10"),
    };
    let declined = E::PaymentDeclined { order_id, payment_intent_id: intent(), code: code() };
    let failed = E::PaymentFailed { order_id, payment_intent_id: intent(), code: code() };
    let published =
        E::CourseVersionPublished { course_id: "crs_1".parse().unwrap(), course_version_id: version() };
    let mut rows: Vec<Row> = vec![
        (Billing, "payment.succeeded", succeeded, &["orderId", "paymentIntentId", "paymentId", "amount"]),
        (Billing, "payment.declined", declined, &["orderId", "paymentIntentId", "code"]),
        (Billing, "payment.failed", failed, &["orderId", "paymentIntentId", "code"]),
        (
            Billing,
            "payment.voided",
            E::PaymentVoided { order_id, payment_intent_id: intent() },
            &["orderId", "paymentIntentId"],
        ),
        (Billing, "refund.succeeded", E::RefundSucceeded { order_id, key: key() }, &["orderId", "key"]),
        (
            Billing,
            "refund.failed",
            E::RefundFailed { order_id, key: key(), code: code() },
            &["orderId", "key", "code"],
        ),
        (
            Billing,
            "payout.paid",
            E::PayoutPaid { key: key(), payout_id: "po_1".parse().unwrap() },
            &["key", "payoutId"],
        ),
        (Billing, "payout.failed", E::PayoutFailed { key: key(), code: code() }, &["key", "code"]),
        (
            Billing,
            "dispute.opened",
            E::DisputeOpened { order_id, dispute_id: dispute_id() },
            &["orderId", "disputeId"],
        ),
        (
            Billing,
            "dispute.won",
            E::DisputeWon { order_id, dispute_id: dispute_id() },
            &["orderId", "disputeId"],
        ),
        (
            Billing,
            "dispute.lost",
            E::DisputeLost { order_id, dispute_id: dispute_id() },
            &["orderId", "disputeId"],
        ),
        (
            Billing,
            "subscription.renewed",
            renewed,
            &["orderLineId", "invoiceId", "periodIndex", "amount", "tax"],
        ),
        (Tenant, "kyc_verified", E::KycVerified { tenant_id: tenant_id(), at: at() }, &["tenantId", "at"]),
        (Tenant, "kyc_revoked", E::KycRevoked { tenant_id: tenant_id(), at: at() }, &["tenantId", "at"]),
        (Catalog, "course_version.published", published, &["courseId", "courseVersionId"]),
        (
            Content,
            "play_package.built",
            E::PlayPackageBuilt { course_version_id: version() },
            &["courseVersionId"],
        ),
    ];
    rows.extend(portals());
    rows
}

/// What auth and messaging tell.
fn portals() -> Vec<Row> {
    use InboundEvent as E;
    use Source::{Auth, Messaging};
    let tenant_id = || "acme".parse().unwrap();
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
        at: at(),
    };
    vec![
        (Auth, "account.created", E::AccountCreated(account()), ACCOUNT),
        (Auth, "account.email_verified", E::EmailVerified(account()), ACCOUNT),
        (Auth, "account.mfa_enrolled", E::MfaEnrolled(account()), ACCOUNT),
        (Auth, "account.suspended", E::AccountSuspended(account()), ACCOUNT),
        (Auth, "account.reinstated", E::AccountReinstated(account()), ACCOUNT),
        (Auth, "account.closed", E::AccountClosed(account()), ACCOUNT),
        (Messaging, "message.sent", E::MessageSent(report()), REPORT),
        (Messaging, "message.delivered", E::MessageDelivered(report()), REPORT),
        (Messaging, "message.failed", E::MessageFailed(report()), REPORT),
    ]
}

fn pointer_and_code(problem: &Problem) -> (String, String) {
    let document = problem.document("", "");
    assert_eq!((&document["status"], &document["code"]), (&json!(422), &json!("validation_failed")));
    let error = &document["errors"][0];
    (error["pointer"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned())
}

#[test]
fn every_type_is_read_with_and_without_its_sender_and_version() {
    for (source, name, meant, _) in table() {
        let sender = source.name();
        for kind in
            [name.to_owned(), format!("{name}.v1"), format!("{sender}.{name}"), format!("{sender}.{name}.v1")]
        {
            let record = read(source, &event(&kind)).unwrap();
            let expected = InboundRecord { id: "e1".to_owned(), source, event: meant.clone() };
            assert_eq!(record, expected, "{kind}");
        }
    }
}

#[test]
fn a_member_that_is_missing_or_wrong_is_named() {
    for (source, name, _, members) in table() {
        for member in members {
            let mut body = event(name);
            body["data"][member] = json!([]);
            let problem = read(source, &body).unwrap_err();
            assert_eq!(
                pointer_and_code(&problem),
                (format!("/data/{member}"), "invalid".to_owned()),
                "{name}"
            );
            body["data"].as_object_mut().unwrap().remove(*member);
            let problem = read(source, &body).unwrap_err();
            assert_eq!(
                pointer_and_code(&problem),
                (format!("/data/{member}"), "required".to_owned()),
                "{name}"
            );
        }
    }
}

#[test]
fn a_type_of_another_sender_or_of_nobody_is_unknown() {
    for (source, name, _, _) in table() {
        for (other, _) in Source::ALL.iter().filter(|(other, _)| *other != source) {
            let problem = read(*other, &event(&format!("{}.{name}.v1", source.name()))).unwrap_err();
            assert_eq!(pointer_and_code(&problem), ("/type".to_owned(), "unknown_type".to_owned()), "{name}");
        }
    }
    for kind in
        ["", "payment", "payment.", "payment.succeeded.v2", "payment.lost", "invoice.paid", "billing."]
    {
        let problem = read(Source::Billing, &event(kind)).unwrap_err();
        assert_eq!(pointer_and_code(&problem).1, "unknown_type", "{kind}");
    }
}

#[test]
fn an_envelope_that_is_not_one_is_refused() {
    for (member, wrong) in [
        ("specversion", json!("0.3")),
        ("specversion", Value::Null),
        ("id", json!("")),
        ("id", json!("x".repeat(256))),
        ("id", json!(1)),
        ("source", Value::Null),
        ("type", json!(1)),
    ] {
        let mut body = event("payment.voided");
        body[member] = wrong;
        let problem = read(Source::Billing, &body).unwrap_err();
        assert_eq!(pointer_and_code(&problem), (format!("/{member}"), "invalid".to_owned()));
    }
    for body in [json!([]), json!("x"), Value::Null, json!({})] {
        assert!(read(Source::Billing, &body).is_err(), "{body}");
    }
}

#[test]
fn money_is_strict() {
    for amount in [
        json!({"amount": 19.9, "currency": "USD"}),
        json!({"amount": "19.999", "currency": "USD"}),
        json!({"amount": "-1", "currency": "USD"}),
        json!({"amount": "1", "currency": "XXX"}),
    ] {
        let mut body = event("payment.succeeded");
        body["data"]["amount"] = amount;
        let problem = read(Source::Billing, &body).unwrap_err();
        assert_eq!(pointer_and_code(&problem).0, "/data/amount");
    }
}

#[test]
fn the_envelope_s_time_stands_in_for_the_data_s() {
    let mut body = event("kyc_verified");
    body["data"].as_object_mut().unwrap().remove("at");
    body["time"] = json!("2026-04-20T12:00:00Z");
    let record = read(Source::Tenant, &body).unwrap();
    let tenant_id = "acme".parse().unwrap();
    assert_eq!(record.event, InboundEvent::KycVerified { tenant_id, at: at() });
}
