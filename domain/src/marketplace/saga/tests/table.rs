//! T01: every state and sub-step x every event. What the table does not list is ignored.

use super::*;

/// One event of every kind; results are those of `current`, the step that waits.
pub(super) fn samples(current: SagaStep) -> Vec<(&'static str, SagaEvent)> {
    let code = || "gateway.down".to_owned();
    let at = current.line().unwrap_or(line(0));
    let events = vec![
        SagaEvent::CouponsReserved,
        SagaEvent::CouponReservationFailed { code: code() },
        requested(),
        SagaEvent::PaymentRejected { code: code() },
        SagaEvent::PaymentPending,
        SagaEvent::OrderPaid,
        SagaEvent::PaymentDeclined { intent: text("pi_1") },
        SagaEvent::PaymentFailed { intent: text("pi_1") },
        SagaEvent::AmountMismatch,
        SagaEvent::IntentVoided,
        SagaEvent::VoidRefused,
        SagaEvent::PollAnswered,
        SagaEvent::CancelRequested,
        SagaEvent::RefundRequested { refund_id: id(3) },
        SagaEvent::CouponsConfirmed,
        SagaEvent::LicenseGranted { line: at, license_id: id(101) },
        SagaEvent::EnrollmentCompleted { line: at },
        failed(current, true),
        failed(current, false),
        undone(current),
        SagaEvent::UndoFailed { step: current, code: code() },
        SagaEvent::RetryDue,
        SagaEvent::TimeoutFired,
        SagaEvent::StartDeadline,
        SagaEvent::RetryForced { operator: operator() },
        SagaEvent::CompensationForced { operator: operator() },
        by_hand(current),
    ];
    events.into_iter().map(|event| (kind(&event), event)).collect()
}

/// A new kind of event does not compile until it is named here, and fails until it is sampled above.
fn kind(event: &SagaEvent) -> &'static str {
    match event {
        SagaEvent::CouponsReserved => "CouponsReserved",
        SagaEvent::CouponReservationFailed { .. } => "CouponReservationFailed",
        SagaEvent::PaymentRequested { .. } => "PaymentRequested",
        SagaEvent::PaymentRejected { .. } => "PaymentRejected",
        SagaEvent::PaymentPending => "PaymentPending",
        SagaEvent::OrderPaid => "OrderPaid",
        SagaEvent::PaymentDeclined { .. } => "PaymentDeclined",
        SagaEvent::PaymentFailed { .. } => "PaymentFailed",
        SagaEvent::AmountMismatch => "AmountMismatch",
        SagaEvent::IntentVoided => "IntentVoided",
        SagaEvent::VoidRefused => "VoidRefused",
        SagaEvent::PollAnswered => "PollAnswered",
        SagaEvent::CancelRequested => "CancelRequested",
        SagaEvent::RefundRequested { .. } => "RefundRequested",
        SagaEvent::CouponsConfirmed => "CouponsConfirmed",
        SagaEvent::LicenseGranted { .. } => "LicenseGranted",
        SagaEvent::EnrollmentCompleted { .. } => "EnrollmentCompleted",
        SagaEvent::StepFailed { retryable: true, .. } => "StepFailed retryable",
        SagaEvent::StepFailed { retryable: false, .. } => "StepFailed finally",
        SagaEvent::UndoAcknowledged { .. } => "UndoAcknowledged",
        SagaEvent::UndoFailed { .. } => "UndoFailed",
        SagaEvent::RetryDue => "RetryDue",
        SagaEvent::TimeoutFired => "TimeoutFired",
        SagaEvent::StartDeadline => "StartDeadline",
        SagaEvent::RetryForced { .. } => "RetryForced",
        SagaEvent::CompensationForced { .. } => "CompensationForced",
        SagaEvent::DoneByHand { .. } => "DoneByHand",
    }
}

/// Every state, and in it every step at which a saga can wait, with the way there.
fn scenes() -> Vec<(&'static str, PurchaseSaga)> {
    let at_start = |free, events: &[SagaEvent]| after_events(free, events, start_time());
    let to = to_enrolling();
    let then = |events: &[SagaEvent], more: &[SagaEvent]| [events, more].concat();
    let enrolled = then(&to, &[SagaEvent::EnrollmentCompleted { line: line(0) }]);
    let refund = [SagaEvent::RefundRequested { refund_id: id(3) }];
    let revoking = then(&refund, &[undone(SagaStep::CancelEnrollment { line: line(0) })]);
    let revoke = |index| undone(SagaStep::RevokeLicense { line: line(index) });
    let refunding = then(&revoking, &[revoke(0), revoke(1)]);
    let stopping = then(&to[..3], &[SagaEvent::PaymentFailed { intent: text("pi_1") }]);
    let releasing = then(&stopping, &[SagaEvent::IntentVoided]);
    let closing = then(&releasing, &[undone(SagaStep::ReleaseCoupons)]);
    let mut voiding = awaiting();
    assert_eq!(voiding.handle(&SagaEvent::TimeoutFired, None, after(PAYMENT_WINDOW)), Ok(Outcome::Applied));
    let scenes = vec![
        ("started reserving", at_start(false, &[])),
        ("started asking", at_start(false, &to[..1])),
        ("awaiting recording", at_start(true, &to[..1])),
        ("awaiting pending", at_start(false, &to[..2])),
        ("awaiting payment", awaiting()),
        ("awaiting voiding", voiding),
        ("licensing", at_start(false, &to[..4])),
        ("licensing last", at_start(false, &to[..5])),
        ("enrolling", at_start(false, &to)),
        ("fulfilled", at_start(false, &enrolled)),
        ("compensating cancelling", at_start(false, &then(&to, &refund))),
        ("compensating revoking", at_start(false, &then(&to, &revoking))),
        ("compensating refunding", at_start(false, &then(&to, &refunding))),
        ("compensating voiding", at_start(false, &stopping)),
        ("compensating releasing", at_start(false, &releasing)),
        ("compensating closing", at_start(false, &closing)),
        ("failed", at_start(false, &then(&closing, &[undone(SagaStep::CloseOrder)]))),
    ];
    let once_more = STUCK.iter().map(|(scene, name)| {
        let known = scenes.iter().find(|(known, _)| known == scene).unwrap();
        (*name, stuck(known.1.clone()))
    });
    let once_more: Vec<_> = once_more.collect();
    scenes.into_iter().chain(once_more).collect()
}

/// Scenes that are entered once more after a human was called. They behave as before, but for an operator.
const STUCK: &[(&str, &str)] = &[
    ("awaiting voiding", "awaiting voiding, stuck"),
    ("licensing", "licensing, stuck"),
    ("enrolling", "enrolling, stuck"),
    ("compensating cancelling", "compensating cancelling, stuck"),
    ("compensating revoking", "compensating revoking, stuck"),
    ("compensating refunding", "compensating refunding, stuck"),
    ("compensating voiding", "compensating voiding, stuck"),
];

/// The row of a cell; a stuck scene has rows of its own only where it differs.
fn row_of(
    scene: &str,
    event: &str,
) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    let row = |scene: &str| TABLE.iter().find(|row| row.0 == scene && row.1 == event);
    let calm = STUCK.iter().find(|(_, name)| *name == scene).map(|(calm, _)| *calm);
    row(scene).or_else(|| row(calm?))
}

/// Scene, event, next state, commands. All timers are due.
#[rustfmt::skip]
const TABLE: &[(&str, &str, &str, &str)] = &[
    ("started reserving",       "CouponsReserved",         "started",          "pay"),
    ("started reserving",       "CouponReservationFailed", "compensating",     "release_coupons"),
    ("started reserving",       "CancelRequested",         "compensating",     "release_coupons"),
    ("started reserving",       "StepFailed retryable",    "started",          ""),
    ("started reserving",       "StepFailed finally",      "compensating",     "release_coupons"),
    ("started reserving",       "RetryDue",                "compensating",     "release_coupons"),
    ("started reserving",       "StartDeadline",           "compensating",     "release_coupons"),

    ("started asking",          "PaymentRequested",        "awaiting_payment", "mark_pending_payment"),
    ("started asking",          "PaymentRejected",         "compensating",     "release_coupons"),
    ("started asking",          "CancelRequested",         "compensating",     "void_intent"),
    ("started asking",          "StepFailed retryable",    "started",          ""),
    ("started asking",          "StepFailed finally",      "compensating",     "release_coupons"),
    ("started asking",          "RetryDue",                "compensating",     "void_intent"),
    ("started asking",          "StartDeadline",           "compensating",     "void_intent"),

    ("awaiting recording",      "OrderPaid",               "licensing",        "confirm_coupons grant_license grant_license"),
    ("awaiting recording",      "CancelRequested",         "compensating",     "release_coupons"),
    ("awaiting recording",      "StepFailed retryable",    "awaiting_payment", ""),
    ("awaiting recording",      "StepFailed finally",      "compensating",     "release_coupons"),
    ("awaiting recording",      "RetryDue",                "awaiting_payment", "record_free"),

    ("awaiting pending",        "PaymentPending",          "awaiting_payment", ""),
    ("awaiting pending",        "OrderPaid",               "licensing",        "confirm_coupons grant_license grant_license"),
    ("awaiting pending",        "PaymentFailed",           "compensating",     "void_intent"),
    ("awaiting pending",        "AmountMismatch",          "compensating",     "release_coupons"),
    ("awaiting pending",        "IntentVoided",            "compensating",     "release_coupons"),
    ("awaiting pending",        "CancelRequested",         "awaiting_payment", "void_intent"),
    ("awaiting pending",        "StepFailed retryable",    "awaiting_payment", ""),
    ("awaiting pending",        "StepFailed finally",      "awaiting_payment", ""),
    ("awaiting pending",        "PollAnswered",            "awaiting_payment", ""),
    ("awaiting pending",        "RetryDue",                "awaiting_payment", "mark_pending_payment poll_payment"),
    ("awaiting pending",        "TimeoutFired",            "awaiting_payment", "void_intent"),

    ("awaiting payment",        "OrderPaid",               "licensing",        "confirm_coupons grant_license grant_license"),
    ("awaiting payment",        "PaymentFailed",           "compensating",     "void_intent"),
    ("awaiting payment",        "AmountMismatch",          "compensating",     "release_coupons"),
    ("awaiting payment",        "IntentVoided",            "compensating",     "release_coupons"),
    ("awaiting payment",        "PollAnswered",            "awaiting_payment", ""),
    ("awaiting payment",        "CancelRequested",         "awaiting_payment", "void_intent"),
    ("awaiting payment",        "StepFailed retryable",    "awaiting_payment", ""),
    ("awaiting payment",        "StepFailed finally",      "awaiting_payment", ""),
    ("awaiting payment",        "RetryDue",                "awaiting_payment", "poll_payment"),
    ("awaiting payment",        "TimeoutFired",            "awaiting_payment", "void_intent"),

    ("awaiting voiding",        "OrderPaid",               "licensing",        "confirm_coupons grant_license grant_license"),
    ("awaiting voiding",        "PaymentFailed",           "compensating",     ""),
    ("awaiting voiding",        "AmountMismatch",          "compensating",     "release_coupons"),
    ("awaiting voiding",        "IntentVoided",            "compensating",     "release_coupons"),
    ("awaiting voiding",        "VoidRefused",             "awaiting_payment", "poll_payment"),
    ("awaiting voiding",        "CancelRequested",         "awaiting_payment", ""),
    ("awaiting voiding",        "StepFailed retryable",    "awaiting_payment", ""),
    ("awaiting voiding",        "StepFailed finally",      "awaiting_payment", ""),
    ("awaiting voiding",        "UndoAcknowledged",        "compensating",     "release_coupons"),
    ("awaiting voiding",        "UndoFailed",              "awaiting_payment", ""),
    ("awaiting voiding",        "RetryDue",                "awaiting_payment", "void_intent"),

    ("licensing",               "CancelRequested",         "compensating",     "revoke_license revoke_license"),
    ("licensing",               "RefundRequested",         "compensating",     "revoke_license revoke_license"),
    ("licensing",               "CouponsConfirmed",        "licensing",        ""),
    ("licensing",               "LicenseGranted",          "licensing",        ""),
    ("licensing",               "StepFailed retryable",    "licensing",        ""),
    ("licensing",               "StepFailed finally",      "compensating",     "revoke_license"),
    ("licensing",               "RetryDue",                "licensing",        "confirm_coupons grant_license grant_license"),

    ("licensing last",          "CancelRequested",         "compensating",     "revoke_license revoke_license"),
    ("licensing last",          "RefundRequested",         "compensating",     "revoke_license revoke_license"),
    ("licensing last",          "CouponsConfirmed",        "licensing",        ""),
    ("licensing last",          "LicenseGranted",          "enrolling",        "enroll"),
    ("licensing last",          "StepFailed retryable",    "licensing",        ""),
    ("licensing last",          "StepFailed finally",      "compensating",     "revoke_license"),
    ("licensing last",          "RetryDue",                "licensing",        "confirm_coupons grant_license"),

    ("enrolling",               "CancelRequested",         "compensating",     "cancel_enrollment"),
    ("enrolling",               "RefundRequested",         "compensating",     "cancel_enrollment"),
    ("enrolling",               "CouponsConfirmed",        "enrolling",        ""),
    ("enrolling",               "EnrollmentCompleted",     "fulfilled",        "mark_fulfilled"),
    ("enrolling",               "StepFailed retryable",    "enrolling",        ""),
    ("enrolling",               "StepFailed finally",      "compensating",     "revoke_license revoke_license"),
    ("enrolling",               "RetryDue",                "enrolling",        "confirm_coupons enroll"),

    ("compensating cancelling", "StepFailed retryable",    "compensating",     ""),
    ("compensating cancelling", "StepFailed finally",      "compensating",     ""),
    ("compensating cancelling", "UndoAcknowledged",        "compensating",     "revoke_license revoke_license"),
    ("compensating cancelling", "UndoFailed",              "compensating",     ""),
    ("compensating cancelling", "RetryDue",                "compensating",     "cancel_enrollment"),

    ("compensating revoking",   "StepFailed retryable",    "compensating",     ""),
    ("compensating revoking",   "StepFailed finally",      "compensating",     ""),
    ("compensating revoking",   "UndoAcknowledged",        "compensating",     ""),
    ("compensating revoking",   "UndoFailed",              "compensating",     ""),
    ("compensating revoking",   "RetryDue",                "compensating",     "revoke_license revoke_license"),

    ("compensating refunding",  "StepFailed retryable",    "compensating",     ""),
    ("compensating refunding",  "StepFailed finally",      "compensating",     ""),
    ("compensating refunding",  "UndoAcknowledged",        "compensating",     "mark_order_refunded"),
    ("compensating refunding",  "UndoFailed",              "compensating",     ""),
    ("compensating refunding",  "RetryDue",                "compensating",     "refund_payment"),

    ("compensating voiding",    "OrderPaid",               "compensating",     "refund_payment"),
    ("compensating voiding",    "AmountMismatch",          "compensating",     "release_coupons"),
    ("compensating voiding",    "IntentVoided",            "compensating",     "release_coupons"),
    ("compensating voiding",    "VoidRefused",             "compensating",     "poll_payment"),
    ("compensating voiding",    "StepFailed retryable",    "compensating",     ""),
    ("compensating voiding",    "StepFailed finally",      "compensating",     ""),
    ("compensating voiding",    "UndoAcknowledged",        "compensating",     "release_coupons"),
    ("compensating voiding",    "UndoFailed",              "compensating",     ""),
    ("compensating voiding",    "RetryDue",                "compensating",     "void_intent"),

    ("compensating releasing",  "OrderPaid",               "compensating",     "refund_payment"),
    ("compensating releasing",  "StepFailed retryable",    "compensating",     ""),
    ("compensating releasing",  "StepFailed finally",      "compensating",     ""),
    ("compensating releasing",  "UndoAcknowledged",        "compensating",     "mark_order_failed"),
    ("compensating releasing",  "UndoFailed",              "compensating",     ""),
    ("compensating releasing",  "RetryDue",                "compensating",     "release_coupons"),

    ("compensating closing",    "OrderPaid",               "compensating",     "refund_payment"),
    ("compensating closing",    "StepFailed retryable",    "compensating",     ""),
    ("compensating closing",    "StepFailed finally",      "compensating",     ""),
    ("compensating closing",    "UndoAcknowledged",        "failed",           ""),
    ("compensating closing",    "UndoFailed",              "compensating",     ""),
    ("compensating closing",    "RetryDue",                "compensating",     "mark_order_failed"),

    ("started reserving",       "RetryForced",             "started",          "reserve_coupons"),
    ("started asking",          "RetryForced",             "started",          "pay"),
    ("awaiting recording",      "RetryForced",             "awaiting_payment", "record_free"),
    ("awaiting pending",        "RetryForced",             "awaiting_payment", "mark_pending_payment poll_payment"),
    ("awaiting payment",        "RetryForced",             "awaiting_payment", "poll_payment"),
    ("awaiting voiding",        "RetryForced",             "awaiting_payment", "void_intent"),
    ("licensing",               "RetryForced",             "licensing",        "confirm_coupons grant_license grant_license"),
    ("licensing last",          "RetryForced",             "licensing",        "confirm_coupons grant_license"),
    ("enrolling",               "RetryForced",             "enrolling",        "confirm_coupons enroll"),
    ("compensating cancelling", "RetryForced",             "compensating",     "cancel_enrollment"),
    ("compensating revoking",   "RetryForced",             "compensating",     "revoke_license revoke_license"),
    ("compensating refunding",  "RetryForced",             "compensating",     "refund_payment"),
    ("compensating voiding",    "RetryForced",             "compensating",     "void_intent"),
    ("compensating releasing",  "RetryForced",             "compensating",     "release_coupons"),
    ("compensating closing",    "RetryForced",             "compensating",     "mark_order_failed"),

    ("started reserving",       "CompensationForced",      "compensating",     "release_coupons"),
    ("started asking",          "CompensationForced",      "compensating",     "void_intent"),
    ("awaiting recording",      "CompensationForced",      "compensating",     "release_coupons"),
    ("awaiting pending",        "CompensationForced",      "awaiting_payment", "void_intent"),
    ("awaiting payment",        "CompensationForced",      "awaiting_payment", "void_intent"),
    ("awaiting voiding",        "CompensationForced",      "awaiting_payment", ""),
    ("licensing",               "CompensationForced",      "compensating",     "revoke_license revoke_license"),
    ("licensing last",          "CompensationForced",      "compensating",     "revoke_license revoke_license"),
    ("enrolling",               "CompensationForced",      "compensating",     "cancel_enrollment"),

    ("awaiting voiding, stuck",        "DoneByHand",       "compensating",     "release_coupons"),
    ("enrolling, stuck",               "DoneByHand",       "fulfilled",        "mark_fulfilled"),
    ("compensating cancelling, stuck", "DoneByHand",       "compensating",     "revoke_license revoke_license"),
    ("compensating refunding, stuck",  "DoneByHand",       "compensating",     "settle_refund"),
    ("compensating voiding, stuck",    "DoneByHand",       "compensating",     "release_coupons"),

    // After many attempts of unknown outcome the step is undone too.
    ("licensing, stuck",        "StepFailed finally",      "compensating",     "revoke_license revoke_license"),
    ("enrolling, stuck",        "StepFailed finally",      "compensating",     "cancel_enrollment"),
];

fn state_name(state: SagaState) -> String {
    serde_json::to_value(state).unwrap().as_str().unwrap().to_owned()
}

/// The cell as the table writes it; none when the event is ignored.
fn cell(saga: &PurchaseSaga, event: &SagaEvent) -> Option<(String, String)> {
    let decision = SagaCoordinator::decide(saga.data(), event, after(PAYMENT_WINDOW + Duration::HOUR));
    let Some(next) = decision.next else {
        assert!(decision.commands.is_empty());
        return None;
    };
    next.check_invariants().unwrap();
    let names: Vec<_> = decision.commands.iter().map(world::name).collect();
    Some((state_name(next.state), names.join(" ")))
}

#[test]
fn every_state_and_event_has_its_documented_result() {
    let (mut seen, mut moves) = (BTreeSet::new(), BTreeSet::new());
    for (scene, saga) in scenes() {
        for (event, sample) in samples(saga.data().current_step().unwrap_or(SagaStep::CloseOrder)) {
            let row = row_of(scene, event);
            let documented = row.map(|row| (row.2.to_owned(), row.3.to_owned()));
            let got = cell(&saga, &sample);
            assert_eq!(got, documented, "{scene}, {event}");
            let state = state_name(saga.data().state);
            moves.extend(got.filter(|(next, _)| *next != state).map(|(next, _)| (state, next)));
            assert!(seen.insert((scene, event)), "{event} is sampled twice");
        }
    }
    assert_eq!(seen.len(), scenes().len() * 27, "every kind of event is sampled in every scene");
    assert!(TABLE.iter().all(|row| seen.contains(&(row.0, row.1))), "a row names no cell");

    let edges: BTreeSet<_> =
        TRANSITIONS.iter().map(|edge| (state_name(edge.from), state_name(edge.to))).collect();
    assert_eq!(moves, edges, "the saga moves along every edge of its table and along no other");
}

#[test]
fn terminal_states_absorb_and_a_timeout_acts_in_awaiting_payment_only() {
    let mut states = BTreeSet::new();
    for (scene, saga) in scenes() {
        let state = saga.data().state;
        states.insert(state);
        for (_, event) in samples(saga.data().current_step().unwrap_or(SagaStep::CloseOrder)) {
            let acted = cell(&saga, &event).is_some();
            assert!(!acted || !state.is_terminal(), "{scene} {event:?}");
            let timeout = event == SagaEvent::TimeoutFired;
            assert!(!acted || !timeout || state == SagaState::AwaitingPayment, "{scene}");
        }
    }
    assert_eq!(states.into_iter().collect::<Vec<_>>(), SagaState::ALL);
}

#[test]
fn timers_that_are_not_due_are_ignored_in_every_state() {
    for (scene, saga) in scenes() {
        for timer in [SagaEvent::RetryDue, SagaEvent::TimeoutFired, SagaEvent::StartDeadline] {
            let decision = SagaCoordinator::decide(saga.data(), &timer, start_time());
            assert_eq!(decision.next, None, "{scene} {timer:?}");
        }
    }
}

#[test]
fn every_result_told_twice_is_ignored_the_second_time() {
    for (scene, saga) in scenes() {
        for (event, sample) in samples(saga.data().current_step().unwrap_or(SagaStep::CloseOrder)) {
            let now = after(PAYMENT_WINDOW + Duration::HOUR);
            let mut saga = saga.clone();
            let _ = saga.handle(&sample, None, now).unwrap();
            let again = saga.handle(&sample, None, now);
            assert_eq!(again, Ok(Outcome::AlreadyApplied), "{scene}, {event}");
        }
    }
}
