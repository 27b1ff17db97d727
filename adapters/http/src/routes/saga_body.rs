//! A saga on the wire, as its doctor sees it.

use poem_openapi::{Enum, Object};
use sarai_application::marketplace::doctor::{Diagnosis, Entry, EntryKind, Examined, Wait, WaitsFor, words};
use sarai_domain::{
    kernel::{Aggregate, Timestamp, external_id, id::kinds},
    marketplace::saga::{
        CompensationReason, Forecast, OperatorAction, SagaState, SagaStep, StepOutcome, StepRecord,
    },
};
use sarai_ports::events::WaitingDelivery;

use crate::scalars::{ApiExternalId, ApiId, ApiTimestamp};

/// How far a purchase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SagaState", rename_all = "snake_case", remote = "SagaState")]
pub enum ApiSagaState {
    /// Coupons are being reserved, billing is being asked for a payment.
    Started,
    /// The buyer may pay.
    AwaitingPayment,
    /// Paid: licences are being granted.
    Licensing,
    /// Licensed: learners are being enrolled.
    Enrolling,
    /// Done.
    Fulfilled,
    /// What was done is being undone.
    Compensating,
    /// Undone.
    Failed,
}

/// Why a purchase is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "CompensationReason", rename_all = "snake_case", remote = "CompensationReason")]
pub enum ApiCompensationReason {
    /// Not paid in time.
    PaymentTimeout,
    /// Billing declined finally.
    PaymentDeclined,
    /// A coupon could not be held.
    CouponExhausted,
    /// The buyer cancelled before paying.
    Cancelled,
    /// Another amount than the order's was captured.
    AmountMismatch,
    /// Billing refused the payment request, or voided the intent unasked.
    BillingRefused,
    /// A licence or an enrollment failed finally.
    FulfilmentFailed,
    /// A refund was asked for before fulfilment.
    BuyerRefund,
    /// An operator ended it.
    Operator,
}

/// What an operator can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "OperatorAction", rename_all = "snake_case", remote = "OperatorAction")]
pub enum ApiOperatorAction {
    /// Try what waits now.
    Retry,
    /// End the purchase.
    Compensate,
    /// State that a step was done by hand.
    Resolve,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "StepOutcome", rename_all = "snake_case", remote = "StepOutcome")]
pub enum ApiStepOutcome {
    /// A forward step is done.
    Advanced,
    /// An undo step is done.
    Compensated,
    /// It ended without its effect.
    Failed,
}

/// What kind of thing a saga waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SagaWait", rename_all = "snake_case", remote = "Wait")]
pub enum ApiWait {
    /// Nothing: it is over.
    Nothing,
    /// The buyer, who may pay.
    Buyer,
    /// Billing, which has not said how a refund ended.
    Billing,
    /// The end of a pause after failures.
    BackOff,
    /// The answer to a command that is on its way.
    Answer,
    /// Somebody who redrives a dead letter.
    DeadLetter,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SagaEntryKind", rename_all = "snake_case", remote = "EntryKind")]
pub enum ApiEntryKind {
    /// Something was announced.
    Event,
    /// The saga asked for something.
    Command,
    /// A step ended.
    Result,
    /// An operator did something.
    Operator,
}

/// What a saga waits for.
#[derive(Debug, Object)]
#[oai(rename = "SagaWaitsFor", rename_all = "camelCase")]
pub struct WaitsForBody {
    code: ApiWait,
    /// The same for a person.
    words: String,
    /// Until when at most.
    until: Option<ApiTimestamp>,
    /// Which step waits.
    step: Option<String>,
    line: Option<ApiId<kinds::OrderLine>>,
    /// How often it was tried.
    attempts: u32,
    /// Why it failed last.
    error_code: Option<String>,
}

/// What a saga will do when nobody answers before.
#[derive(Debug, Object)]
#[oai(rename = "SagaNextAction", rename_all = "camelCase")]
pub struct NextActionBody {
    /// `compensate`, `wait`, or the first command.
    code: String,
    /// The same for a person.
    words: String,
    at: ApiTimestamp,
    /// Every command that is issued then.
    commands: Vec<String>,
    /// The state then.
    state: ApiSagaState,
}

/// One step's record.
#[derive(Debug, Object)]
#[oai(rename = "SagaStepRecord", rename_all = "camelCase")]
pub struct StepBody {
    step: String,
    line: Option<ApiId<kinds::OrderLine>>,
    entered_at: ApiTimestamp,
    /// Null while its outcome is unknown.
    exited_at: Option<ApiTimestamp>,
    outcome: Option<ApiStepOutcome>,
    /// How often its command was issued.
    attempts: u32,
    /// Why the last attempt failed; null while it is unanswered.
    error_code: Option<String>,
    /// When an operator last had it tried.
    restarted_at: Option<ApiTimestamp>,
    /// Who did it by hand.
    by_hand: Option<ByHandBody>,
    /// Whether an operator may state now that it was done by hand.
    resolvable: bool,
}

/// Who did a step by hand, and the proof.
#[derive(Debug, Object)]
#[oai(rename = "SagaByHand", rename_all = "camelCase")]
pub struct ByHandBody {
    by: ApiExternalId<external_id::kinds::User>,
    evidence: String,
}

/// A delivery that is not done.
#[derive(Debug, Object)]
#[oai(rename = "SagaDelivery", rename_all = "camelCase")]
pub struct DeliveryBody {
    topic: String,
    consumer: String,
    attempts: u32,
    /// Whether it waits for a redrive.
    dead: bool,
    last_error: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Object)]
#[oai(rename = "SagaEntry", rename_all = "camelCase")]
pub struct EntryBody {
    at: ApiTimestamp,
    kind: ApiEntryKind,
    /// A topic, a command, an outcome or an operator's action.
    code: String,
    /// The same for a person.
    words: String,
    step: Option<String>,
    line: Option<ApiId<kinds::OrderLine>>,
    /// The operator who did it.
    actor: Option<ApiExternalId<external_id::kinds::User>>,
}

/// A saga at a glance.
#[derive(Debug, Object)]
#[oai(rename = "SagaSummary", rename_all = "camelCase")]
pub struct SagaBody {
    id: ApiId<kinds::Saga>,
    order_id: ApiId<kinds::Order>,
    buyer_tenant_id: ApiExternalId<external_id::kinds::Tenant>,
    state: ApiSagaState,
    compensation_reason: Option<ApiCompensationReason>,
    needs_attention: bool,
    /// The step that waits.
    current_step: Option<String>,
    waits_for: WaitsForBody,
    next_action: Option<NextActionBody>,
    /// When the scheduler looks at it again; null when it is over.
    next_attempt_at: Option<ApiTimestamp>,
    /// What an operator can do now.
    allowed_actions: Vec<ApiOperatorAction>,
    placed_at: ApiTimestamp,
    /// When it last got on.
    updated_at: ApiTimestamp,
}

/// A saga with its history.
#[derive(Debug, Object)]
#[oai(rename = "SagaDiagnosis", rename_all = "camelCase")]
pub struct DiagnosisBody {
    saga: SagaBody,
    order_status: super::order_body::ApiOrderStatus,
    /// The steps begun so far, in order.
    steps: Vec<StepBody>,
    /// Deliveries of its events and its order's that are not done.
    deliveries: Vec<DeliveryBody>,
    /// What happened, in order.
    timeline: Vec<EntryBody>,
    /// Whether later events were left out of the timeline.
    truncated: bool,
}

fn named(step: Option<SagaStep>) -> (Option<String>, Option<ApiId<kinds::OrderLine>>) {
    let line = step.and_then(SagaStep::line).map(Into::into);
    (step.map(|step| step.name().to_owned()), line)
}

fn at(time: Option<Timestamp>) -> Option<ApiTimestamp> {
    time.map(Into::into)
}

impl From<&WaitsFor> for WaitsForBody {
    fn from(waits: &WaitsFor) -> Self {
        let (step, line) = named(waits.step);
        Self {
            code: waits.code.into(),
            words: waits.words.clone(),
            until: at(waits.until),
            step,
            line,
            attempts: waits.attempts,
            error_code: waits.error_code.clone(),
        }
    }
}

impl NextActionBody {
    fn of(state: SagaState, next: &Forecast) -> Self {
        let first = next.commands.first();
        let doing = first.map_or("look again", words);
        let (code, words) = if next.state == SagaState::Compensating && state != SagaState::Compensating {
            ("compensate", format!("give the purchase up: {doing}"))
        } else {
            (first.map_or("wait", |command| command.name()), doing.to_owned())
        };
        Self {
            code: code.to_owned(),
            words,
            at: next.at.into(),
            commands: next.commands.iter().map(|command| command.name().to_owned()).collect(),
            state: next.state.into(),
        }
    }
}

impl StepBody {
    fn of(record: &StepRecord, resolvable: bool) -> Self {
        let by_hand = record.by_hand.as_ref();
        Self {
            step: record.step.name().to_owned(),
            line: record.step.line().map(Into::into),
            entered_at: record.entered_at.into(),
            exited_at: at(record.exited_at),
            outcome: record.outcome.map(Into::into),
            attempts: record.all_attempts(),
            error_code: record.error_code.clone(),
            restarted_at: at(record.restarted_at),
            by_hand: by_hand
                .map(|done| ByHandBody { by: done.by.clone().into(), evidence: done.evidence.clone() }),
            resolvable,
        }
    }
}

impl From<&WaitingDelivery> for DeliveryBody {
    fn from(waiting: &WaitingDelivery) -> Self {
        Self {
            topic: waiting.topic().to_owned(),
            consumer: waiting.consumer.to_owned(),
            attempts: waiting.attempts,
            dead: waiting.dead,
            last_error: waiting.last_error.clone(),
        }
    }
}

impl From<&Entry> for EntryBody {
    fn from(entry: &Entry) -> Self {
        let (step, line) = named(entry.step);
        Self {
            at: entry.at.into(),
            kind: entry.kind.into(),
            code: entry.code.clone(),
            words: entry.words.clone(),
            step,
            line,
            actor: entry.actor.clone().map(Into::into),
        }
    }
}

impl From<&Examined> for SagaBody {
    fn from(examined: &Examined) -> Self {
        let data = examined.saga.data();
        Self {
            id: data.id.into(),
            order_id: data.order_id.into(),
            buyer_tenant_id: data.buyer_tenant_id.clone().into(),
            state: data.state.into(),
            compensation_reason: data.compensation_reason.map(Into::into),
            needs_attention: data.needs_attention,
            current_step: named(data.current_step()).0,
            waits_for: (&examined.waits_for).into(),
            next_action: examined.next.as_ref().map(|next| NextActionBody::of(data.state, next)),
            next_attempt_at: at(data.next_attempt_at),
            allowed_actions: examined.allowed.iter().map(|action| (*action).into()).collect(),
            placed_at: data.placed_at.into(),
            updated_at: data.updated_at.into(),
        }
    }
}

impl From<&Diagnosis> for DiagnosisBody {
    fn from(diagnosis: &Diagnosis) -> Self {
        let Diagnosis { examined, timeline, truncated } = diagnosis;
        let data = examined.saga.data();
        let resolvable = data.resolvable();
        let steps = data.step_history.iter();
        Self {
            saga: examined.into(),
            order_status: examined.order.data().status.into(),
            steps: steps.map(|record| StepBody::of(record, resolvable.contains(&record.step))).collect(),
            deliveries: examined.deliveries.iter().map(Into::into).collect(),
            timeline: timeline.iter().map(Into::into).collect(),
            truncated: *truncated,
        }
    }
}
