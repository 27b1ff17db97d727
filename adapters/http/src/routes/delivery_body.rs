//! Deliveries to endpoints as they are shown, and what went wrong with one.

use std::collections::BTreeMap;

use poem_openapi::{Enum, Object, types::Any};
use sarai_application::devportal::webhooks::{Diagnosis, Finding, Recovery, SeenRequest, Step};
use sarai_domain::{
    devportal::webhook::{DeliveryFault, DeliveryStatus, WebhookAttempt, WebhookDeliveryData},
    kernel::id::kinds,
};
use serde_json::Value;

use super::key_body::ApiEnvironment;
use crate::scalars::{ApiId, ApiTimestamp};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "DeliveryOutcome", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiOutcome {
    /// It is to be tried, or tried again.
    Pending,
    /// It was taken.
    Delivered,
    /// It is not tried any more.
    Failed,
}

impl From<ApiOutcome> for DeliveryStatus {
    fn from(outcome: ApiOutcome) -> Self {
        match outcome {
            ApiOutcome::Pending => Self::Pending,
            ApiOutcome::Delivered => Self::Delivered,
            ApiOutcome::Failed => Self::Failed,
        }
    }
}

impl From<DeliveryStatus> for ApiOutcome {
    fn from(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Pending => Self::Pending,
            DeliveryStatus::Delivered => Self::Delivered,
            DeliveryStatus::Failed => Self::Failed,
        }
    }
}

/// Turns an enum of the domain into its twin.
macro_rules! twin {
    ($(#[$about:meta])* $name:ident $shown:literal of $of:ident: $($(#[$variant_about:meta])* $variant:ident)*) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        #[oai(rename = $shown, rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name {
            $($(#[$variant_about])* $variant,)*
        }

        impl From<$of> for $name {
            fn from(of: $of) -> Self {
                match of {
                    $($of::$variant => Self::$variant,)*
                }
            }
        }
    };
}

twin! {
    /// Why an attempt failed.
    ApiFault "DeliveryFault" of DeliveryFault:
    /// Answered, but not 2xx; redirects are not followed.
    HttpStatus
    /// Answered 410: the endpoint is left alone.
    Gone
    /// No answer in 10 seconds.
    Timeout
    /// The host's name leads nowhere.
    NameUnknown
    /// No connection, or one that broke.
    Connection
    /// The host's certificate is not good for its name.
    Certificate
    /// The host's address may not be called.
    TargetForbidden
}

twin! {
    /// What is looked at of a request that was not taken.
    ApiStep "DiagnosisStep" of Step:
    /// The header `webhook-id`.
    Id
    /// The header `webhook-timestamp`.
    Timestamp
    /// The receiver's clock.
    Clock
    /// The body.
    Body
    /// The header `webhook-signature`.
    Signature
}

twin! {
    /// What was found.
    ApiFinding "DiagnosisFinding" of Finding:
    /// It is as it was sent.
    Good
    /// It is not there.
    Missing
    /// It is another delivery's.
    OtherDelivery
    /// It is no number of seconds.
    Malformed
    /// It is more than five minutes away from the receiver's time.
    TooFar
    /// It is the same JSON in other bytes: sign and check what came in, before it is parsed.
    Reserialized
    /// It is something else.
    Different
    /// It is a signature of the other scheme.
    OtherScheme
    /// It is good for the bytes that were sent, and not for those that were seen.
    OfOtherBytes
    /// It is by none of the secrets that are valid.
    OtherSecret
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "DeliveryTry", rename_all = "camelCase")]
pub struct AttemptBody {
    /// Its number, from 1.
    no: u32,
    /// When it began.
    at: ApiTimestamp,
    /// The answer's status; null: there was none.
    http_status: Option<u16>,
    /// How long it took.
    duration_ms: u64,
    /// Why it failed; null: it was taken.
    error: Option<ApiFault>,
    /// The first 256 bytes of a plain-text answer, where the endpoint keeps them.
    text_prefix: Option<String>,
}

impl From<&WebhookAttempt> for AttemptBody {
    fn from(attempt: &WebhookAttempt) -> Self {
        Self {
            no: attempt.no,
            at: attempt.at.into(),
            http_status: attempt.http_status,
            duration_ms: attempt.duration_ms,
            error: attempt.fault.map(ApiFault::from),
            text_prefix: attempt.text_prefix.clone(),
        }
    }
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WebhookDelivery", rename_all = "camelCase")]
pub struct DeliveryBody {
    /// Its id.
    id: ApiId<kinds::WebhookDelivery>,
    /// The header `webhook-id`: the same for retries and replays.
    webhook_id: ApiId<kinds::WebhookDelivery>,
    /// Where to.
    endpoint_id: ApiId<kinds::WebhookEndpoint>,
    /// Its environment.
    environment: ApiEnvironment,
    /// The event.
    event_id: String,
    /// The event's type.
    event_type: String,
    /// Where it stands.
    outcome: ApiOutcome,
    /// What was tried.
    attempts: Vec<AttemptBody>,
    /// The status of the last answer; null: there was none.
    last_code: Option<u16>,
    /// When it is tried next; null: it is not.
    next_attempt_at: Option<ApiTimestamp>,
    /// The delivery it repeats; null: none.
    replay_of: Option<ApiId<kinds::WebhookDelivery>>,
    /// The headers of each attempt but the signature and the time, which differ.
    request_headers: Any<Value>,
    /// The body of each attempt, byte for byte.
    payload: String,
    /// When it began.
    created_at: ApiTimestamp,
    /// When it ended; null: it has not.
    ended_at: Option<ApiTimestamp>,
}

impl From<&WebhookDeliveryData> for DeliveryBody {
    fn from(data: &WebhookDeliveryData) -> Self {
        let last = data.attempts.last();
        let headers = serde_json::json!({
            "content-type": "application/json",
            "webhook-id": data.webhook_id.to_string(),
        });
        Self {
            id: data.id.into(),
            webhook_id: data.webhook_id.into(),
            endpoint_id: data.endpoint_id.into(),
            environment: data.environment.into(),
            event_id: data.event_id.to_string(),
            event_type: data.event_type.clone(),
            outcome: data.status.into(),
            attempts: data.attempts.iter().map(AttemptBody::from).collect(),
            last_code: last.and_then(|last| last.http_status),
            next_attempt_at: data.next_at.map(ApiTimestamp),
            replay_of: data.replay_of.map(ApiId),
            request_headers: Any(headers),
            payload: data.payload.as_str().to_owned(),
            created_at: data.created_at.into(),
            ended_at: data.ended_at.map(ApiTimestamp),
        }
    }
}

/// How many deliveries there are.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "DeliveryCount", rename_all = "camelCase")]
pub struct DeliveryCountBody {
    /// As many; 50,001 stands for more than 50,000.
    pub(super) count: u64,
}

/// Whose losses are sent again.
#[derive(Debug, Object)]
#[oai(rename = "RecoveryRequest", rename_all = "camelCase")]
pub struct RecoverBody {
    /// What began then or later.
    pub(super) since: ApiTimestamp,
    /// And earlier than this; now when it is not said.
    pub(super) until: Option<ApiTimestamp>,
}

/// What is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Recovery", rename_all = "camelCase")]
pub struct RecoveryBody {
    /// How many deliveries.
    queued: u32,
    /// Whether there are more: ask again.
    more: bool,
}

impl From<Recovery> for RecoveryBody {
    fn from(recovery: Recovery) -> Self {
        Self { queued: u32::try_from(recovery.queued).unwrap_or(u32::MAX), more: recovery.more }
    }
}

/// What a receiver saw of a delivery that it did not take.
#[derive(Debug, Object)]
#[oai(rename = "SeenRequest", rename_all = "camelCase")]
pub struct SeenBody {
    /// The headers, names in any case.
    headers: BTreeMap<String, String>,
    /// The body, byte for byte.
    body: String,
    /// When the receiver's server read it, by its own clock.
    received_at: Option<ApiTimestamp>,
}

impl From<SeenBody> for SeenRequest {
    fn from(seen: SeenBody) -> Self {
        Self { headers: seen.headers, body: seen.body, at: seen.received_at.map(|at| at.0) }
    }
}

/// What was found at a step.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "DiagnosisResult", rename_all = "camelCase")]
pub struct StepBody {
    /// The step.
    step: ApiStep,
    /// What was found.
    finding: ApiFinding,
}

/// Why a receiver did not take a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Diagnosis", rename_all = "camelCase")]
pub struct DiagnosisBody {
    /// Whether a receiver that checks as it should takes what was seen.
    valid: bool,
    /// The first step at which something is wrong; null: none.
    culprit: Option<ApiStep>,
    /// Every step.
    steps: Vec<StepBody>,
    /// A command that sends the payload to a receiver on the same machine, unsigned.
    curl: String,
}

impl DiagnosisBody {
    pub(super) fn of(diagnosis: &Diagnosis, delivery: &WebhookDeliveryData) -> Self {
        let culprit = diagnosis.culprit().map(ApiStep::from);
        let steps = diagnosis.steps.iter();
        // A quote inside quotes ends them, stands for itself, and begins them again.
        let payload = delivery.payload.as_str().replace('\'', r"'\''");
        Self {
            valid: culprit.is_none(),
            culprit,
            steps: steps
                .map(|(step, finding)| StepBody { step: (*step).into(), finding: (*finding).into() })
                .collect(),
            curl: format!(
                "curl -X POST http://127.0.0.1:3000/ -H 'content-type: application/json' -H 'webhook-id: {}' -d '{payload}'",
                delivery.webhook_id
            ),
        }
    }
}
