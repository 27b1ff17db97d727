//! A verification as it is shown: where it stands, its sends, and what happened (ruling R21).

use std::collections::BTreeMap;

use poem_openapi::Object;
use sarai_application::devportal::verify::{Checked, Preview, Shown, StepPreview};
use sarai_domain::{
    devportal::{
        values::{ChannelStep, Environment},
        verify::{CheckOutcome, DeliveryAttempt, Entry, TimelineEntry, VerifySession},
    },
    kernel::{Aggregate as _, Timestamp, id::kinds},
};

use super::{
    account_body::ApiLocale,
    key_body::ApiEnvironment,
    verify_words::{
        ApiAdvanceOn, ApiAssurance, ApiChannel, ApiFailureReason, ApiPurpose, ApiResendPolicy, ApiSendStatus,
        ApiVerifyState,
    },
};
use crate::scalars::{ApiId, ApiPrice, ApiTimestamp};

/// A channel and how long it is waited for.
#[derive(Debug, Clone, Copy, Object)]
#[oai(rename = "ChannelStep", rename_all = "camelCase")]
pub struct StepBody {
    /// The channel.
    channel: ApiChannel,
    /// How long it is waited for, in seconds.
    wait_seconds: u16,
}

/// What only a sandbox tells.
#[derive(Clone, Object)]
#[oai(rename = "SandboxCode", rename_all = "camelCase")]
pub struct SandboxCodeBody {
    /// The sandbox.
    sandbox_id: ApiId<kinds::Sandbox>,
    /// The code; null but in the answer to what sent it.
    code: Option<String>,
}

/// A verification in a list.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerificationSummary", rename_all = "camelCase")]
pub struct SummaryBody {
    /// Its id.
    verification_id: ApiId<kinds::Verification>,
    /// In which world.
    environment: ApiEnvironment,
    /// Where it stands.
    state: ApiVerifyState,
    /// Why it failed.
    failure_reason: Option<ApiFailureReason>,
    /// What for.
    purpose: ApiPurpose,
    /// The channel it is at.
    current_channel: Option<ApiChannel>,
    /// The channels it tries.
    channel_order: Vec<StepBody>,
    /// How many checks were counted.
    attempts: u32,
    /// How many are left.
    attempts_remaining: u32,
    /// How many sends are left.
    sends_remaining: u32,
    /// From when on the code can be asked for again.
    resend_available_at: Option<ApiTimestamp>,
    /// When its time is over.
    expires_at: ApiTimestamp,
    /// The language of its messages.
    locale_used: ApiLocale,
    /// Where the code goes, as far as it may be shown.
    destination_masked: Option<String>,
    /// The phone's country.
    country_code: Option<String>,
    /// What the proof would be worth.
    assurance: Option<ApiAssurance>,
    /// The key that began it.
    api_key_id: ApiId<kinds::ApiKey>,
    /// When it began.
    started_at: ApiTimestamp,
    /// When the first receipt of delivery came.
    delivered_at: Option<ApiTimestamp>,
    /// When the right code was given.
    approved_at: Option<ApiTimestamp>,
    /// When it was over.
    ended_at: Option<ApiTimestamp>,
    /// What its sends cost so far.
    cost: ApiPrice,
    /// What is held for sends that are not settled.
    reserved: ApiPrice,
}

/// A verification.
#[derive(Clone, Object)]
#[oai(rename = "Verification", rename_all = "camelCase")]
pub struct VerificationBody {
    /// Where it stands.
    #[oai(flatten)]
    summary: SummaryBody,
    /// Whether a live one went on instead of a new one.
    reused: bool,
    /// Which code a further send carries.
    resend_policy: ApiResendPolicy,
    /// What moves it to the next channel.
    advance_on: ApiAdvanceOn,
    /// How many digits its code has.
    code_length: u8,
    /// Who sends.
    brand: String,
    /// The developer's notes.
    metadata: BTreeMap<String, String>,
    /// What can be asked of it now.
    allowed_actions: Vec<String>,
    /// What only a sandbox tells.
    sandbox: Option<SandboxCodeBody>,
    /// Its sends, in order.
    sends: Vec<SendBody>,
    /// What happened, in order.
    timeline: Vec<TimelineBody>,
}

/// One send of a code.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerificationSend", rename_all = "camelCase")]
pub struct SendBody {
    /// Its id.
    attempt_id: ApiId<kinds::DeliveryAttempt>,
    /// For which step of the order, from 0.
    step: u8,
    /// Over which channel.
    channel: ApiChannel,
    /// Which code it carries, from 1.
    generation: u32,
    /// Who sends it.
    provider: Option<String>,
    /// Where it stands.
    status: ApiSendStatus,
    /// What went wrong.
    error_code: Option<String>,
    /// How many messages it was.
    segments: Option<u8>,
    /// What it was quoted at.
    quote: ApiPrice,
    /// What it cost.
    price: Option<ApiPrice>,
    /// When it was asked for.
    queued_at: ApiTimestamp,
    /// When the provider took it.
    sent_at: Option<ApiTimestamp>,
    /// When it was settled.
    final_at: Option<ApiTimestamp>,
}

/// Something that happened to a verification.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerificationEntry", rename_all = "camelCase")]
pub struct TimelineBody {
    /// When.
    at: ApiTimestamp,
    /// In which request, where one asked for it.
    request_id: Option<String>,
    /// What: `started`, `reused`, `queued`, `send`, `refused`, `checked`, `incorrect`, `approved`, `failed`, `expired`.
    kind: String,
    /// Which send.
    attempt_id: Option<ApiId<kinds::DeliveryAttempt>>,
    /// Over which channel.
    channel: Option<ApiChannel>,
    /// Which code.
    generation: Option<u32>,
    /// Where the send stands.
    status: Option<ApiSendStatus>,
    /// What went wrong with it, or why something was refused or failed.
    reason: Option<String>,
    /// Which limit refused.
    bucket: Option<String>,
    /// How many checks are counted, or found wrong; of a refusal that repeated, how often.
    count: Option<u32>,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename = "CheckOutcome", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiCheckOutcome {
    /// The right code.
    Approved,
    /// A wrong one.
    Incorrect,
}

/// What a check came to.
#[derive(Clone, Object)]
#[oai(rename = "CheckResult", rename_all = "camelCase")]
pub struct CheckedBody {
    /// Whether the code was right.
    outcome: ApiCheckOutcome,
    /// The verification.
    verification_id: ApiId<kinds::Verification>,
    /// Where it stands.
    state: ApiVerifyState,
    /// Why it failed.
    failure_reason: Option<ApiFailureReason>,
    /// How many checks are left.
    attempts_remaining: u32,
    /// When the right code was given.
    approved_at: Option<ApiTimestamp>,
    /// Proves the approval to others for 300 seconds (a JWT); null when the answer is given again.
    verification_token: Option<String>,
}

/// What one step of a start would meet.
#[derive(Debug, Clone, Object)]
#[oai(rename = "PreviewStep", rename_all = "camelCase")]
pub struct StepPreviewBody {
    /// The channel.
    channel: ApiChannel,
    /// How long it is waited for, in seconds.
    wait_seconds: u16,
    /// Who would send; null where nobody does.
    provider: Option<String>,
    /// How many messages it would be.
    segments: Option<u8>,
    /// What it would cost.
    price: ApiPrice,
    /// Whether nothing speaks against it.
    allowed: bool,
    /// Codes of what does.
    reasons: Vec<String>,
    /// Which window of sends is full: `destination`, `prefix4`, `tenant`.
    bucket: Option<String>,
    /// When it has room again.
    until: Option<ApiTimestamp>,
}

/// What a start would meet.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerificationPreview", rename_all = "camelCase")]
pub struct PreviewBody {
    /// Whether it would begin.
    allowed: bool,
    /// Codes of what speaks against it.
    reasons: Vec<String>,
    /// Until when it would have to wait.
    until: Option<ApiTimestamp>,
    /// What its first send would cost.
    quote: Option<ApiPrice>,
    /// How many messages that would be.
    segments: Option<u8>,
    /// Every step.
    route_by_step: Vec<StepPreviewBody>,
}

impl From<&ChannelStep> for StepBody {
    fn from(step: &ChannelStep) -> Self {
        Self { channel: step.channel().into(), wait_seconds: step.wait_seconds() }
    }
}

impl From<&VerifySession> for SummaryBody {
    fn from(session: &VerifySession) -> Self {
        let data = session.data();
        Self {
            verification_id: data.id.into(),
            environment: data.environment.into(),
            state: data.state.into(),
            failure_reason: data.failure_reason.map(Into::into),
            purpose: data.purpose.into(),
            current_channel: session.step().map(|step| step.channel().into()),
            channel_order: data.channel_order.steps().iter().map(StepBody::from).collect(),
            attempts: data.attempts,
            attempts_remaining: session.attempts_remaining(),
            sends_remaining: session.sends_remaining(),
            resend_available_at: session.resend_available_at().map(ApiTimestamp),
            expires_at: data.expires_at.into(),
            locale_used: data.locale_used.into(),
            destination_masked: session.destination().map(|one| one.masked.clone()),
            country_code: data.country_code.map(|country| country.to_string()),
            assurance: session.assurance().map(Into::into),
            api_key_id: data.api_key_id.into(),
            started_at: data.started_at.into(),
            delivered_at: data.delivered_at.map(ApiTimestamp),
            approved_at: data.approved_at.map(ApiTimestamp),
            ended_at: data.ended_at.map(ApiTimestamp),
            cost: data.spend_settled.into(),
            reserved: data.spend_reserved.into(),
        }
    }
}

impl From<&Shown> for VerificationBody {
    fn from(shown: &Shown) -> Self {
        let data = shown.session.data();
        let sandbox = data.sandbox_id.filter(|_| data.environment == Environment::Sandbox);
        Self {
            summary: SummaryBody::from(&shown.session),
            reused: shown.reused,
            resend_policy: data.policy.terms.resend_policy.into(),
            advance_on: data.policy.terms.advance_on.into(),
            code_length: data.policy.terms.code_length.digits(),
            brand: data.brand.as_str().to_owned(),
            metadata: data.metadata.pairs().clone(),
            allowed_actions: actions(&shown.session, shown.now),
            sandbox: sandbox
                .map(|id| SandboxCodeBody { sandbox_id: id.into(), code: shown.sandbox_code.clone() }),
            sends: shown.session.sends().into_iter().map(SendBody::from).collect(),
            timeline: data.timeline.iter().map(TimelineBody::from).collect(),
        }
    }
}

fn actions(session: &VerifySession, now: Timestamp) -> Vec<String> {
    session.allowed_actions(now).into_iter().map(str::to_owned).collect()
}

impl From<&DeliveryAttempt> for SendBody {
    fn from(send: &DeliveryAttempt) -> Self {
        Self {
            attempt_id: send.id.into(),
            step: send.step,
            channel: send.channel.into(),
            generation: send.generation,
            provider: send.provider.clone(),
            status: send.status.into(),
            error_code: send.error_code.clone(),
            segments: send.segments,
            quote: send.quote.into(),
            price: send.price.map(ApiPrice),
            queued_at: send.queued_at.into(),
            sent_at: send.sent_at.map(ApiTimestamp),
            final_at: send.final_at.map(ApiTimestamp),
        }
    }
}

impl From<&TimelineEntry> for TimelineBody {
    fn from(entry: &TimelineEntry) -> Self {
        let of = |kind: &str| Self {
            at: entry.at.into(),
            request_id: entry.request_id.clone(),
            kind: kind.to_owned(),
            attempt_id: None,
            channel: None,
            generation: None,
            status: None,
            reason: None,
            bucket: None,
            count: (entry.times > 1).then_some(entry.times),
        };
        match &entry.entry {
            Entry::Started => of("started"),
            Entry::Reused => of("reused"),
            Entry::Queued { attempt_id, channel, generation } => Self {
                attempt_id: Some((*attempt_id).into()),
                channel: Some((*channel).into()),
                generation: Some(*generation),
                ..of("queued")
            },
            Entry::Send { attempt_id, status, error_code } => Self {
                attempt_id: Some((*attempt_id).into()),
                status: Some((*status).into()),
                reason: error_code.clone(),
                ..of("send")
            },
            Entry::Refused { reason, bucket } => {
                Self { reason: Some(reason.clone()), bucket: bucket.clone(), ..of("refused") }
            }
            Entry::Checked { attempts } => Self { count: Some(*attempts), ..of("checked") },
            Entry::Incorrect { concluded } => Self { count: Some(*concluded), ..of("incorrect") },
            Entry::Approved => of("approved"),
            Entry::Failed { reason } => Self { reason: Some(reason.as_str().to_owned()), ..of("failed") },
            Entry::Expired => of("expired"),
        }
    }
}

impl From<&Checked> for CheckedBody {
    fn from(checked: &Checked) -> Self {
        let data = checked.session.data();
        let (outcome, attempts_remaining) = match checked.outcome {
            CheckOutcome::Approved { .. } => {
                (ApiCheckOutcome::Approved, checked.session.attempts_remaining())
            }
            CheckOutcome::Incorrect { attempts_remaining, .. } => {
                (ApiCheckOutcome::Incorrect, attempts_remaining)
            }
        };
        Self {
            outcome,
            verification_id: data.id.into(),
            state: data.state.into(),
            failure_reason: data.failure_reason.map(Into::into),
            attempts_remaining,
            approved_at: data.approved_at.map(ApiTimestamp),
            verification_token: checked.token.clone(),
        }
    }
}

fn texts(codes: &[&'static str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

impl From<&StepPreview> for StepPreviewBody {
    fn from(preview: &StepPreview) -> Self {
        Self {
            channel: preview.step.channel().into(),
            wait_seconds: preview.step.wait_seconds(),
            provider: preview.provider.clone(),
            segments: preview.segments,
            price: preview.price.into(),
            allowed: preview.reasons.is_empty(),
            reasons: texts(&preview.reasons),
            bucket: preview.bucket.clone(),
            until: preview.until.map(ApiTimestamp),
        }
    }
}

impl From<&Preview> for PreviewBody {
    fn from(preview: &Preview) -> Self {
        let first = preview.steps.first();
        Self {
            allowed: preview.allowed(),
            reasons: texts(&preview.reasons),
            until: preview.until.map(ApiTimestamp),
            quote: first.map(|step| step.price.into()),
            segments: first.and_then(|step| step.segments),
            route_by_step: preview.steps.iter().map(StepPreviewBody::from).collect(),
        }
    }
}
