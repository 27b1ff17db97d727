//! Checks: counted first, compared in memory, decided last.

use super::*;

#[test]
fn v_inv_4_rejects_a_check_beyond_the_last_attempt() {
    let mut session = sent();
    let guesses: Vec<Guess> = (0..5).map(|_| session.begin_check(&after(2)).unwrap()).collect();
    let error = refused(&mut session, |session| session.begin_check(&after(2)));
    assert_eq!((error.invariant(), error.kind()), (Some(V_INV_4), Kind::Conflict));
    assert_eq!(error.code(), "verification.attempts_spent");
    let missed = SubmittedCode::parse(&wrong(&session), CodeLength::default()).unwrap();
    for (number, guess) in guesses.iter().enumerate() {
        let outcome = session.conclude_check(guess.compare(&missed, &ring()).unwrap(), &after(3)).unwrap();
        assert_eq!(outcome, CheckOutcome::Incorrect { attempts_remaining: 0, failed: number == 4 });
    }
    assert_eq!(session.data().failure_reason, Some(FailureReason::MaxAttempts));
    let stored = |change: fn(&mut VerifySessionData)| {
        let mut data = sent().data().clone();
        change(&mut data);
        VerifySession::rehydrate(data, Vec::new(), 1).unwrap_err().invariant()
    };
    assert_eq!(stored(|data| data.attempts = 6), Some(V_INV_4));
    assert_eq!(stored(|data| data.concluded = 1), Some(V_INV_4));
    assert_eq!(stored(|data| data.attempts = 1), Some(V_INV_4));
}

#[test]
fn v_inv_4_allows_the_right_code_among_the_last_racing_guesses() {
    let mut session = sent();
    let (right, missed) = (code(&session), wrong(&session));
    let guesses: Vec<Guess> = (0..5).map(|_| session.begin_check(&after(2)).unwrap()).collect();
    let compare = |guess: &Guess, text: &str| {
        guess.compare(&SubmittedCode::parse(text, CodeLength::default()).unwrap(), &ring()).unwrap()
    };
    for guess in guesses.iter().skip(1) {
        let outcome = session.conclude_check(compare(guess, &missed), &after(3));
        assert!(matches!(outcome, Ok(CheckOutcome::Incorrect { failed: false, .. })), "{V_INV_4}");
    }
    let outcome = session.conclude_check(compare(&guesses[0], &right), &after(3));
    assert_eq!(outcome, Ok(CheckOutcome::Approved { at: after(3).at }));
}

#[test]
fn v_inv_5_rejects_a_reset_of_the_attempts_by_further_sends() {
    let mut session = with_terms(|terms| terms.resend_policy = ResendPolicy::NewCode);
    let missed = wrong(&session);
    assert!(check(&mut session, &missed, 1).is_ok());
    assert_eq!(session.resend(send(102), &ring(), &after(40)), Ok(Outcome::Applied));
    assert_eq!(session.advance(send(103), Trigger::Manual, &ring(), &after(80)), Ok(Outcome::Applied));
    assert_eq!((session.data().generation, session.data().attempts), (3, 1), "{V_INV_5}");
    assert_eq!(session.attempts_remaining(), 4);
}

#[test]
fn v_inv_5_allows_the_remaining_attempts_after_a_further_send() {
    let mut session = sent();
    let (right, missed) = (code(&session), wrong(&session));
    assert!(check(&mut session, &missed, 1).is_ok());
    assert_eq!(session.resend(send(102), &ring(), &after(40)), Ok(Outcome::Applied));
    assert_eq!(code(&session), right, "the same code for the whole session, {V_INV_5}");
    assert!(matches!(check(&mut session, &right, 41), Ok(CheckOutcome::Approved { .. })));
}

#[test]
fn v_inv_7_rejects_a_second_approval() {
    let mut session = sent();
    let right = SubmittedCode::parse(&code(&session), CodeLength::default()).unwrap();
    let (one, two) = (session.begin_check(&after(2)).unwrap(), session.begin_check(&after(2)).unwrap());
    let verdicts = [one, two].map(|guess| guess.compare(&right, &ring()).unwrap());
    assert!(session.conclude_check(verdicts[0], &after(3)).is_ok());
    let error = refused(&mut session, |session| session.conclude_check(verdicts[1], &after(3)));
    assert_eq!((error.invariant(), error.code()), (Some(V_INV_7), "verification.already_approved"));
    assert_eq!(topics(&session).iter().filter(|topic| **topic == "approved").count(), 1);
    let rows: Vec<_> = session.rows.values().cloned().collect();
    let stored = VerifySessionData { approved_at: None, ..session.data().clone() };
    assert_eq!(VerifySession::rehydrate(stored, rows, 1).unwrap_err().invariant(), Some(V_INV_7));
}

#[test]
fn v_inv_7_allows_one_approval_from_pending_and_from_delivered() {
    let session = approved();
    let approval = session.approval().unwrap();
    assert_eq!(
        (approval.channel, session.data().approved_at),
        (Channel::Sms, Some(after(5).at)),
        "{V_INV_7}"
    );
    assert_eq!(session.assurance(), Some(Assurance::PossessionRestricted));
    assert!(sent().approval().is_none());
    let mut session = sent();
    assert_eq!(report(&mut session, 101, delivered(), 3), Ok(Outcome::Applied));
    let right = code(&session);
    assert!(matches!(check(&mut session, &right, 5), Ok(CheckOutcome::Approved { .. })));
    assert_eq!(topics(&session), ["requested", "sent", "send_settled", "delivered", "approved"]);
}

#[test]
fn v_inv_15_rejects_an_older_generation() {
    let mut session = with_terms(|terms| terms.resend_policy = ResendPolicy::NewCode);
    let old = code(&session);
    let guess = session.begin_check(&after(29)).unwrap();
    assert_eq!(session.resend(send(102), &ring(), &after(30)), Ok(Outcome::Applied));
    assert_eq!(session.send(id(101)).unwrap().status, SendStatus::Suppressed, "it waited with a dead code");
    assert_ne!(code(&session), old);
    // Right when it was compared, outdated when it is decided.
    let verdict =
        guess.compare(&SubmittedCode::parse(&old, CodeLength::default()).unwrap(), &ring()).unwrap();
    assert!(verdict.is_right());
    let outcome = session.conclude_check(verdict, &after(31));
    assert_eq!(outcome, Ok(CheckOutcome::Incorrect { attempts_remaining: 4, failed: false }), "{V_INV_15}");
    assert!(matches!(check(&mut session, &old, 32), Ok(CheckOutcome::Incorrect { .. })));
    assert_eq!(session.data().attempts, 2);
}

#[test]
fn v_inv_15_allows_the_newest_generation() {
    let mut session = with_terms(|terms| terms.resend_policy = ResendPolicy::NewCode);
    assert_eq!(session.resend(send(102), &ring(), &after(30)), Ok(Outcome::Applied));
    let new = code(&session);
    assert!(matches!(check(&mut session, &new, 31), Ok(CheckOutcome::Approved { .. })), "{V_INV_15}");
}

#[test]
fn a_check_that_no_process_decided_fails_the_session_after_half_a_minute() {
    let mut session = sent();
    for _ in 0..5 {
        let _ = session.begin_check(&after(2)).unwrap();
    }
    assert_eq!(session.fail_undecided(&after(31)), Ok(Outcome::AlreadyApplied));
    assert_eq!(session.fail_undecided(&after(32)), Ok(Outcome::Applied));
    assert_eq!(session.data().failure_reason, Some(FailureReason::MaxAttempts));
    assert_eq!(session.fail_undecided(&after(99)), Ok(Outcome::AlreadyApplied));
    assert_eq!(sent().fail_undecided(&after(99)), Ok(Outcome::AlreadyApplied));
}

#[test]
fn a_check_that_began_in_time_is_decided_after_the_end() {
    let mut session = sent();
    let right = SubmittedCode::parse(&code(&session), CodeLength::default()).unwrap();
    let guess = session.begin_check(&after(599)).unwrap();
    let verdict = guess.compare(&right, &ring()).unwrap();
    assert!(matches!(session.conclude_check(verdict, &after(601)), Ok(CheckOutcome::Approved { .. })));
}

#[test]
fn a_code_whose_pepper_is_gone_fails_the_session() {
    let mut session = sent();
    let kid = || "k2".parse().unwrap();
    let other = PepperRing::try_new(kid(), &[(kid(), Zeroizing::new(vec![8; 32]))], true).unwrap();
    let guess = session.begin_check(&after(2)).unwrap();
    assert!(guess.compare(&SubmittedCode::parse("123456", CodeLength::default()).unwrap(), &other).is_err());
    let error = session.code(&other).err().unwrap();
    assert_eq!((error.code(), error.kind()), ("verification.key_unavailable", Kind::Unavailable));
    assert_eq!(session.lose_key(&after(3)), Ok(Outcome::Applied));
    assert_eq!(session.data().failure_reason, Some(FailureReason::KeyUnavailable));
    assert_eq!(session.lose_key(&after(3)), Ok(Outcome::AlreadyApplied));
}

#[test]
fn a_check_whose_answer_was_lost_is_compared_again_and_not_counted() {
    let mut session = sent();
    let _ = session.begin_check(&after(2)).unwrap();
    let right = SubmittedCode::parse(&code(&session), CodeLength::default()).unwrap();
    let verdict = session.repeat_check().unwrap().compare(&right, &ring()).unwrap();
    assert_eq!(session.data().attempts, 1);
    assert!(matches!(session.conclude_check(verdict, &after(3)), Ok(CheckOutcome::Approved { .. })));
    assert_eq!(session.repeat_check().err(), Some(VerifyError::AlreadyApproved));
}

#[test]
fn a_right_code_clears_the_address_it_proved_and_no_other() {
    use crate::devportal::values::DestinationKind::{Email, Phone};
    let kinds = |session: &VerifySession| {
        let (cleared, kept) = session.cleared_keys();
        let kinds = |keys: Vec<FailureKey>| keys.into_iter().map(|key| key.kind).collect::<Vec<_>>();
        (kinds(cleared), kinds(kept))
    };
    assert_eq!(kinds(&approved()), (vec![Phone], vec![Email]), "{V_INV_16}");
    let mut by_email = started(NewSession { channel_order: Some(order(&[Channel::Email])), ..new_session() });
    let right = code(&by_email);
    assert!(check(&mut by_email, &right, 3).is_ok());
    assert_eq!(by_email.data().state, VerifyState::Approved);
    assert_eq!(kinds(&by_email), (vec![Email], vec![Phone]), "{V_INV_16}");
}
