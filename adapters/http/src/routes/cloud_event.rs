//! What another service tells us as structured `CloudEvents` 1.0 JSON (ruling R44).
//!
//! A type is taken with or without its sender's name before and `.v1` after it. Members we do not know are
//! ignored: the envelope and the data are the sender's to extend.

use std::fmt::Display;

use sarai_domain::kernel::Timestamp;
use sarai_ports::inbound::{AuthAccount, InboundEvent, InboundRecord, MessageReport, Source};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::{FieldError, Problem};

/// The most characters an event's id has.
const MAX_ID_LEN: usize = 255;

/// Reads an event that `source` has sent.
///
/// # Errors
/// `validation_failed` with the pointer of the member that is wrong; for a type we do not take the member's
/// code is `unknown_type`.
pub fn read(source: Source, body: &Value) -> Result<InboundRecord, Problem> {
    let envelope = Members { members: body, pointer: "" };
    let version: String = envelope.get("specversion")?;
    if version != "1.0" {
        return Err(Problem::field("/specversion", "this is not CloudEvents 1.0"));
    }
    let id: String = envelope.get("id")?;
    if id.is_empty() || id.chars().count() > MAX_ID_LEN {
        return Err(Problem::field("/id", "an id is 1 to 255 characters"));
    }
    let _: String = envelope.get("source")?;
    let kind: String = envelope.get("type")?;
    let data = Members { members: body.get("data").unwrap_or(&Value::Null), pointer: "/data" };
    let event = match source {
        Source::Auth => auth(short_name(source, &kind), &data),
        Source::Billing => billing(short_name(source, &kind), &data),
        Source::Catalog => catalog(short_name(source, &kind), &data),
        Source::Content => content(short_name(source, &kind), &data),
        Source::Messaging => messaging(short_name(source, &kind), &data),
        Source::Tenant => tenant(short_name(source, &kind), &data, &envelope),
    }?;
    let event = event.ok_or_else(|| {
        let detail = format!("{} sends no such event", source.name());
        Problem::invalid(vec![FieldError::new("/type", "unknown_type", detail)])
    })?;
    Ok(InboundRecord { id, source, event })
}

/// `payment.succeeded` of `billing.payment.succeeded.v1`.
fn short_name(source: Source, kind: &str) -> &str {
    let name = kind.strip_prefix(source.name()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(kind);
    name.strip_suffix(".v1").unwrap_or(name)
}

/// An event, or none for a name that is not one of the sender's.
type Read = Result<Option<InboundEvent>, Problem>;

fn billing(name: &str, data: &Members<'_>) -> Read {
    match name.split_once('.') {
        Some(("payment", what)) => payment(what, data),
        Some(("refund", what)) => refund(what, data),
        Some(("payout", what)) => payout(what, data),
        Some(("dispute", what)) => dispute(what, data),
        Some(("subscription", "renewed")) => Ok(Some(InboundEvent::SubscriptionRenewed {
            order_line_id: data.get("orderLineId")?,
            invoice_id: data.get("invoiceId")?,
            period_index: data.get("periodIndex")?,
            amount: data.get("amount")?,
            tax: data.get("tax")?,
        })),
        _ => Ok(None),
    }
}

fn payment(what: &str, data: &Members<'_>) -> Read {
    Ok(Some(match what {
        "succeeded" => InboundEvent::PaymentSucceeded {
            order_id: data.get("orderId")?,
            payment_intent_id: data.get("paymentIntentId")?,
            payment_id: data.get("paymentId")?,
            amount: data.get("amount")?,
        },
        "declined" => InboundEvent::PaymentDeclined {
            order_id: data.get("orderId")?,
            payment_intent_id: data.get("paymentIntentId")?,
            code: data.get("code")?,
        },
        "failed" => InboundEvent::PaymentFailed {
            order_id: data.get("orderId")?,
            payment_intent_id: data.get("paymentIntentId")?,
            code: data.get("code")?,
        },
        "voided" => InboundEvent::PaymentVoided {
            order_id: data.get("orderId")?,
            payment_intent_id: data.get("paymentIntentId")?,
        },
        _ => return Ok(None),
    }))
}

fn refund(what: &str, data: &Members<'_>) -> Read {
    Ok(Some(match what {
        "succeeded" => {
            InboundEvent::RefundSucceeded { order_id: data.get("orderId")?, key: data.get("key")? }
        }
        "failed" => InboundEvent::RefundFailed {
            order_id: data.get("orderId")?,
            key: data.get("key")?,
            code: data.get("code")?,
        },
        _ => return Ok(None),
    }))
}

fn payout(what: &str, data: &Members<'_>) -> Read {
    Ok(Some(match what {
        "paid" => InboundEvent::PayoutPaid { key: data.get("key")?, payout_id: data.get("payoutId")? },
        "failed" => InboundEvent::PayoutFailed { key: data.get("key")?, code: data.get("code")? },
        _ => return Ok(None),
    }))
}

fn dispute(what: &str, data: &Members<'_>) -> Read {
    let ids = || Ok::<_, Problem>((data.get("orderId")?, data.get("disputeId")?));
    Ok(Some(match what {
        "opened" => {
            let (order_id, dispute_id) = ids()?;
            InboundEvent::DisputeOpened { order_id, dispute_id }
        }
        "won" => {
            let (order_id, dispute_id) = ids()?;
            InboundEvent::DisputeWon { order_id, dispute_id }
        }
        "lost" => {
            let (order_id, dispute_id) = ids()?;
            InboundEvent::DisputeLost { order_id, dispute_id }
        }
        _ => return Ok(None),
    }))
}

fn catalog(name: &str, data: &Members<'_>) -> Read {
    Ok(match name {
        "course_version.published" => Some(InboundEvent::CourseVersionPublished {
            course_id: data.get("courseId")?,
            course_version_id: data.get("courseVersionId")?,
        }),
        _ => None,
    })
}

fn content(name: &str, data: &Members<'_>) -> Read {
    Ok(match name {
        "play_package.built" => {
            Some(InboundEvent::PlayPackageBuilt { course_version_id: data.get("courseVersionId")? })
        }
        _ => None,
    })
}

/// Data without `at` happened at the envelope's `time`.
fn tenant(name: &str, data: &Members<'_>, envelope: &Members<'_>) -> Read {
    let at = || -> Result<Timestamp, Problem> {
        if data.has("at") || !envelope.has("time") { data.get("at") } else { envelope.get("time") }
    };
    Ok(match name {
        "kyc_verified" => Some(InboundEvent::KycVerified { tenant_id: data.get("tenantId")?, at: at()? }),
        "kyc_revoked" => Some(InboundEvent::KycRevoked { tenant_id: data.get("tenantId")?, at: at()? }),
        _ => None,
    })
}

fn auth(name: &str, data: &Members<'_>) -> Read {
    let told = match name {
        "account.created" => InboundEvent::AccountCreated,
        "account.email_verified" => InboundEvent::EmailVerified,
        "account.mfa_enrolled" => InboundEvent::MfaEnrolled,
        "account.suspended" => InboundEvent::AccountSuspended,
        "account.reinstated" => InboundEvent::AccountReinstated,
        "account.closed" => InboundEvent::AccountClosed,
        _ => return Ok(None),
    };
    Ok(Some(told(AuthAccount {
        account_id: data.get("accountId")?,
        tenant_id: data.get("tenantId")?,
        sequence: data.get("sequence")?,
        email: data.get("email")?,
        email_verified: data.get("emailVerified")?,
        mfa_enrolled: data.get("mfaEnrolled")?,
        disabled: data.get("disabled")?,
    })))
}

fn messaging(name: &str, data: &Members<'_>) -> Read {
    let told = match name {
        "message.sent" => InboundEvent::MessageSent,
        "message.delivered" => InboundEvent::MessageDelivered,
        "message.failed" => InboundEvent::MessageFailed,
        _ => return Ok(None),
    };
    Ok(Some(told(MessageReport {
        message_id: data.get("messageId")?,
        tenant_id: data.get("tenantId")?,
        environment: data.get("environment")?,
        key_id: data.get("keyId")?,
        to: data.get("to")?,
        operator_name: data.get("operatorName")?,
        error_code: data.get("errorCode")?,
        at: data.get("at")?,
    })))
}

/// The members of an object of the body.
struct Members<'a> {
    members: &'a Value,
    pointer: &'static str,
}

impl Members<'_> {
    fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, Problem> {
        let refused = |code, detail: &dyn Display| {
            let pointer = format!("{}/{name}", self.pointer);
            Problem::invalid(vec![FieldError::new(pointer, code, detail.to_string())])
        };
        let value = self.members.get(name).ok_or_else(|| refused("required", &"is required"))?;
        serde_json::from_value(value.clone()).map_err(|error| refused("invalid", &error))
    }
}

#[cfg(test)]
#[path = "cloud_event_tests.rs"]
mod tests;
