//! What other services may send: every golden is taken by the real consumer, and what breaks its schema is not.

use sarai_application::published::{INBOUND, schema};
use sarai_domain::{devportal::values::Environment, kernel::RefundId};
use sarai_ports::inbound::{AuthAccount, InboundEvent, InboundRecord, MessageReport};
use sarai_standins::cloud_event::{TYPES, cloud_event};
use serde_json::{Value, json};

use crate::{
    examples::{at, id, usd},
    payload::{errors, strict, validator},
    served::Server,
};

/// Every type with an example, as its sender would send it.
pub(crate) fn all() -> Vec<(&'static str, Value)> {
    let events = events();
    assert_eq!(events.len(), TYPES.len());
    let shown = TYPES.iter().zip(events).zip(1..).map(|(((topic, source, _), event), n)| {
        let record = InboundRecord { id: format!("{}_{n:02}", source.name()), source: *source, event };
        (*topic, cloud_event(&record))
    });
    shown.collect()
}

/// In the order of [`TYPES`].
fn events() -> Vec<InboundEvent> {
    let (order_id, dispute_id) = (id(10), || "dsp_01".to_owned());
    let payment_intent_id = || "pi_01".parse().unwrap();
    let refund_id: RefundId = id(40);
    let (refund, period) = (|| format!("rf:{refund_id}"), || "org_welders:USD:2026-04".to_owned());
    let (tenant_id, at) = (|| "org_welders".parse().unwrap(), at("2026-04-20T09:00:00Z"));
    let course_version_id = || "cv_welding_3".parse().unwrap();
    let account = || AuthAccount {
        account_id: "acc_amina".parse().unwrap(),
        tenant_id: tenant_id(),
        sequence: 2,
        email: "amina@example.com".to_owned(),
        email_verified: true,
        mfa_enrolled: false,
        disabled: false,
    };
    let report = |error: Option<&str>| MessageReport {
        message_id: "msg_01".parse().unwrap(),
        tenant_id: tenant_id(),
        environment: Environment::Production,
        key_id: Some(id(60)),
        to: "+93•••••1234".to_owned(),
        operator_name: Some("Roshan".to_owned()),
        error_code: error.map(str::to_owned),
        at,
    };
    vec![
        InboundEvent::PaymentSucceeded {
            order_id,
            payment_intent_id: payment_intent_id(),
            payment_id: "pay_01".parse().unwrap(),
            amount: usd("297.00"),
        },
        InboundEvent::PaymentDeclined {
            order_id,
            payment_intent_id: payment_intent_id(),
            code: "insufficient_funds".to_owned(),
        },
        InboundEvent::PaymentFailed {
            order_id,
            payment_intent_id: payment_intent_id(),
            code: "card_expired".to_owned(),
        },
        InboundEvent::PaymentVoided { order_id, payment_intent_id: payment_intent_id() },
        InboundEvent::RefundSucceeded { order_id, key: refund() },
        InboundEvent::RefundFailed { order_id, key: refund(), code: "account_closed".to_owned() },
        InboundEvent::PayoutPaid { key: period(), payout_id: "po_01".parse().unwrap() },
        InboundEvent::PayoutFailed { key: period(), code: "account_closed".to_owned() },
        InboundEvent::DisputeOpened { order_id, dispute_id: dispute_id() },
        InboundEvent::DisputeWon { order_id, dispute_id: dispute_id() },
        InboundEvent::DisputeLost { order_id, dispute_id: dispute_id() },
        InboundEvent::SubscriptionRenewed {
            order_line_id: id(12),
            invoice_id: "inv_01".to_owned(),
            period_index: 1,
            amount: usd("90.00"),
            tax: usd("9.00"),
        },
        InboundEvent::KycVerified { tenant_id: tenant_id(), at },
        InboundEvent::KycRevoked { tenant_id: tenant_id(), at },
        InboundEvent::CourseVersionPublished {
            course_id: "crs_welding".parse().unwrap(),
            course_version_id: course_version_id(),
        },
        InboundEvent::PlayPackageBuilt { course_version_id: course_version_id() },
        InboundEvent::AccountCreated(account()),
        InboundEvent::EmailVerified(account()),
        InboundEvent::MfaEnrolled(account()),
        InboundEvent::AccountSuspended(account()),
        InboundEvent::AccountReinstated(account()),
        InboundEvent::AccountClosed(account()),
        InboundEvent::MessageSent(report(None)),
        InboundEvent::MessageDelivered(report(None)),
        InboundEvent::MessageFailed(report(Some("absent_subscriber"))),
    ]
}

#[test]
fn what_is_described_is_what_is_sent() {
    let described: Vec<_> = INBOUND.iter().map(|event| (event.topic, event.source)).collect();
    assert_eq!(described, TYPES.iter().map(|(topic, source, _)| (*topic, *source)).collect::<Vec<_>>());
    for ((topic, event), described) in all().iter().zip(INBOUND) {
        let schema = validator(&strict(&schema::of_inbound(described)));
        assert_eq!(errors(&schema, &event["data"]), [""; 0], "{topic}");
    }
}

#[tokio::test]
async fn every_golden_is_taken_and_what_breaks_its_schema_is_refused() {
    let server = Server::start().await;
    for ((topic, event), described) in all().into_iter().zip(INBOUND) {
        let source = described.source.name();
        assert_eq!(server.tell(source, &event).await, 202, "{topic}");
        let schema = validator(&schema::of_inbound(described));
        for (name, wrong) in wrong(&event["data"]) {
            let mut broken = event.clone();
            broken["id"] = json!(format!("{topic}-{name}"));
            broken["data"] = wrong;
            let fits = schema.is_valid(&broken["data"]);
            let status = server.tell(source, &broken).await;
            assert_eq!(status == 202, fits, "{topic} with {name}: {status}, and the schema says {fits}");
        }
    }
}

/// The same data with one member away, null, of another kind, or one more.
fn wrong(data: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for name in data.as_object().unwrap().keys() {
        let mut less = data.clone();
        less.as_object_mut().unwrap().remove(name);
        all.push((format!("no-{name}"), less));
        for (what, value) in [("null", Value::Null), ("list", json!([])), ("flag", json!(true))] {
            let mut other = data.clone();
            other[name] = value;
            all.push((format!("{what}-{name}"), other));
        }
    }
    let mut more = data.clone();
    more["addedLater"] = json!(1);
    all.push(("more".to_owned(), more));
    all
}
