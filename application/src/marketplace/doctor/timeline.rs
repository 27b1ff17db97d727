//! What happened to a purchase: its events, the ends of the saga's steps, and what operators did.

use sarai_domain::{
    kernel::{Timestamp, UserId},
    marketplace::{
        event::MarketplaceEvent,
        saga::{OperatorAction, SagaData, SagaMessage, SagaStep, StepOutcome, StepRecord},
    },
};
use sarai_ports::events::{EventRecord, Logged, UnreadableEvent};

use super::wait::words;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The saga, its order, a licence or a coupon announced something.
    Event,
    /// The saga asked for something.
    Command,
    /// A step ended.
    Result,
    /// An operator did something.
    Operator,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Business time.
    pub at: Timestamp,
    /// What kind.
    pub kind: EntryKind,
    /// What, for a program: a topic, a command, an outcome or an operator's action.
    pub code: String,
    /// What, for a person.
    pub words: String,
    /// The step it is about.
    pub step: Option<SagaStep>,
    /// The person who did it.
    pub actor: Option<UserId>,
}

/// Everything that happened, in order.
pub(super) fn of(saga: &SagaData, events: &[Logged]) -> Vec<Entry> {
    let entry = |logged: &Logged| logged.as_ref().map_or_else(unread, |event| announced(event));
    let mut entries: Vec<Entry> = events.iter().map(entry).collect();
    entries.extend(saga.step_history.iter().filter_map(ended));
    for done in &saga.interventions {
        let (code, did) = match done.action {
            OperatorAction::Retry => ("retry", "had it tried again"),
            OperatorAction::Compensate => ("compensate", "ended the purchase"),
            OperatorAction::Resolve => ("resolve", "did it by hand"),
        };
        entries.push(Entry {
            at: done.at,
            kind: EntryKind::Operator,
            code: code.to_owned(),
            words: format!("{} {did}: {}", done.operator.id, done.operator.reason),
            step: done.steps.first().copied(),
            actor: Some(done.operator.id.clone()),
        });
    }
    // Of one instant: what operators did led to the commands, and results follow what was announced.
    entries.sort_by_key(|entry| (entry.at, rank(entry.kind)));
    entries
}

fn rank(kind: EntryKind) -> u8 {
    match kind {
        EntryKind::Operator => 0,
        EntryKind::Event | EntryKind::Command => 1,
        EntryKind::Result => 2,
    }
}

fn announced(record: &EventRecord) -> Entry {
    let topic = record.event.topic();
    let (kind, code, words, step) = match record.event.marketplace() {
        Some(MarketplaceEvent::Saga(SagaMessage::CommandIssued { command, .. })) => {
            (EntryKind::Command, command.name(), words(command).to_owned(), Some(command.step()))
        }
        _ => (EntryKind::Event, topic, plain(topic), None),
    };
    Entry { at: record.time, kind, code: code.to_owned(), words, step, actor: None }
}

/// What cannot be read happened all the same.
fn unread(event: &UnreadableEvent) -> Entry {
    let (at, code, words) = (event.time, event.topic.clone(), event.to_string());
    Entry { at, kind: EntryKind::Event, code, words, step: None, actor: None }
}

fn ended(record: &StepRecord) -> Option<Entry> {
    let (at, outcome) = (record.exited_at?, record.outcome?);
    let code = match outcome {
        StepOutcome::Advanced => "advanced",
        StepOutcome::Compensated => "compensated",
        StepOutcome::Failed => "failed",
    };
    let why = record.error_code.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
    let by = record.by_hand.as_ref();
    let by_hand = by.map(|done| format!(", by hand: {}", done.evidence)).unwrap_or_default();
    Some(Entry {
        at,
        kind: EntryKind::Result,
        code: code.to_owned(),
        words: format!("{} {code} at attempt {}{why}{by_hand}", record.step, record.all_attempts()),
        step: Some(record.step),
        actor: by.map(|done| done.by.clone()),
    })
}

/// `marketplace.order.payment_failed.v1` as `order payment failed`.
fn plain(topic: &str) -> String {
    let parts = topic.split('.').filter(|part| *part != "marketplace" && !is_version(part));
    parts.collect::<Vec<_>>().join(" ").replace('_', " ")
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn topics_are_read_as_words() {
        assert_eq!(plain("marketplace.order.payment_failed.v1"), "order payment failed");
        assert_eq!(plain("marketplace.license.seat_assigned.v12"), "license seat assigned");
    }
}
