//! Why a saga does not get on, as a code and in words.

use sarai_domain::{
    kernel::Timestamp,
    marketplace::{
        order::Order,
        saga::{SagaCommand, SagaData, SagaState, SagaStep, StepRecord},
    },
};
use sarai_ports::events::WaitingDelivery;

/// What kind of thing a saga waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
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

/// What a saga waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitsFor {
    /// What.
    pub code: Wait,
    /// The same for a person.
    pub words: String,
    /// Until when at most.
    pub until: Option<Timestamp>,
    /// Which step waits.
    pub step: Option<SagaStep>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed last.
    pub error_code: Option<String>,
}

/// What this saga waits for.
pub(super) fn of(saga: &SagaData, order: &Order, deliveries: &[WaitingDelivery]) -> WaitsFor {
    if saga.state.is_terminal() {
        return told(Wait::Nothing, None, None, "nothing: it is over".to_owned());
    }
    let blocks = |one: &&WaitingDelivery| one.dead && one.consumer.starts_with("saga");
    if let Some(letter) = deliveries.iter().find(blocks) {
        let error = letter.last_error.as_deref().unwrap_or("no reason is known");
        let (topic, consumer, attempts) = (letter.topic(), letter.consumer, letter.attempts);
        let words =
            format!("{topic} could not be delivered to {consumer}, {attempts} times ({error}): retry");
        return WaitsFor { attempts, ..told(Wait::DeadLetter, None, None, words) };
    }
    let waiting = saga.outstanding();
    let records = || waiting.iter().filter_map(|step| saga.record(*step));
    let Some(record) = records().max_by_key(|record| (record.error_code.is_some(), record.attempts)) else {
        return told(Wait::Answer, None, saga.next_attempt_at, "its next step".to_owned());
    };
    let (attempts, until) = (record.attempts, saga.next_attempt_at);
    let step = record.step;
    if let Some(code) = &record.error_code {
        let words = format!("a pause after {attempts} attempts of {step}, which failed with {code}");
        return told(Wait::BackOff, Some(record), until, words);
    }
    match step {
        // That the order was told is heard of with its payment.
        SagaStep::ReceivePayment | SagaStep::MarkPendingPayment
            if saga.state == SagaState::AwaitingPayment
                && saga.waits_for(SagaStep::ReceivePayment)
                && (step == SagaStep::ReceivePayment || attempts <= 1) =>
        {
            let until = saga.awaiting_payment_timeout_at.or(until);
            told(Wait::Buyer, Some(record), until, "the buyer, who may pay".to_owned())
        }
        SagaStep::RefundPayment if order.pending_refund().is_some() => {
            let words = "billing, which has not said yet that the money is back".to_owned();
            told(Wait::Billing, Some(record), until, words)
        }
        _ => told(Wait::Answer, Some(record), until, format!("the answer to attempt {attempts} of {step}")),
    }
}

fn told(code: Wait, record: Option<&StepRecord>, until: Option<Timestamp>, words: String) -> WaitsFor {
    WaitsFor {
        code,
        words,
        until,
        step: record.map(|record| record.step),
        attempts: record.map_or(0, |record| record.attempts),
        error_code: record.and_then(|record| record.error_code.clone()),
    }
}

/// What a command does, for a person.
pub fn words(command: &SagaCommand) -> &'static str {
    match command {
        SagaCommand::ReserveCoupons { .. } => "hold the coupons",
        SagaCommand::RequestPayment => "ask billing for taxes and an intent",
        SagaCommand::MarkPendingPayment { .. } => "tell the order its taxes and its intent",
        SagaCommand::RecordFree => "record that nothing is to be paid",
        SagaCommand::PollPayment => "ask billing how the payment stands",
        SagaCommand::VoidIntent => "void the intent at billing",
        SagaCommand::ConfirmCoupons { .. } => "count the coupons as used",
        SagaCommand::GrantLicense { .. } => "grant a licence",
        SagaCommand::Enroll { .. } => "enroll a learner",
        SagaCommand::MarkFulfilled { .. } => "tell the order that it is fulfilled",
        SagaCommand::CancelEnrollment { .. } => "cancel an enrollment",
        SagaCommand::RevokeLicense { .. } => "revoke a licence",
        SagaCommand::RefundPayment { .. } => "return the payment through billing",
        SagaCommand::SettleRefund { .. } => "settle the refund that was made by hand",
        SagaCommand::ReleaseCoupons { .. } => "give the coupons back",
        SagaCommand::MarkOrderFailed { .. } => "mark the order failed",
        SagaCommand::MarkOrderRefunded => "mark the order refunded",
    }
}
