//! Sends, receipts, fallback and money.

use super::*;

#[test]
fn v_inv_8_rejects_a_send_of_a_session_that_is_over() {
    let mut session = session();
    assert_eq!(session.cancel(&after(1)), Ok(Outcome::Applied));
    assert_eq!(session.send(id(101)).unwrap().status, SendStatus::Suppressed);
    assert!(report(&mut session, 101, dispatched(), 2).is_err());
    // One whose sender had it already is not tried again.
    let mut under_way = super::session();
    assert_eq!(report(&mut under_way, 101, dispatched(), 1), Ok(Outcome::Applied));
    assert_eq!(under_way.cancel(&after(2)), Ok(Outcome::Applied));
    assert_eq!(report(&mut under_way, 101, deferred(), 3), Ok(Outcome::Applied));
    assert_eq!(under_way.send(id(101)).unwrap().status, SendStatus::Failed);
    let mut late = super::session();
    let error = refused(&mut late, |session| report(session, 101, dispatched(), 600));
    assert_eq!((error.invariant(), error.code()), (Some(V_INV_8), "verification.not_to_be_sent"));
}

#[test]
fn v_inv_8_allows_a_send_of_a_live_session() {
    let mut session = session();
    assert_eq!(report(&mut session, 101, dispatched(), 599), Ok(Outcome::Applied), "{V_INV_8}");
}

#[test]
fn v_inv_9_rejects_more_sends_and_more_channels_than_there_are() {
    let mut session = with_terms(|terms| terms.max_sends = 3);
    for number in [102, 103] {
        assert_eq!(
            session.resend(send(number), &ring(), &after(60 * i64::try_from(number - 101).unwrap())),
            Ok(Outcome::Applied)
        );
    }
    let error = refused(&mut session, |session| session.resend(send(104), &ring(), &after(300)));
    assert_eq!((error.invariant(), error.code()), (Some(V_INV_9), "verification.sends_exhausted"));
    let mut last = super::session();
    for (number, at) in [(102, 60), (103, 120)] {
        assert_eq!(last.advance(send(number), Trigger::Manual, &ring(), &after(at)), Ok(Outcome::Applied));
    }
    // During the cooldown, too: waiting would bring none.
    for at in [121, 300] {
        let error =
            refused(&mut last, |session| session.advance(send(104), Trigger::Manual, &ring(), &after(at)));
        assert_eq!((error.invariant(), error.code()), (Some(V_INV_9), "verification.no_more_channels"));
    }
    let stored = VerifySessionData { current_step: 3, ..sent().data().clone() };
    assert_eq!(VerifySession::rehydrate(stored, Vec::new(), 1).unwrap_err().invariant(), Some(V_INV_9));
    let stored = VerifySessionData { sends: 6, ..sent().data().clone() };
    assert_eq!(VerifySession::rehydrate(stored, Vec::new(), 1).unwrap_err().invariant(), Some(V_INV_9));
}

#[test]
fn v_inv_9_allows_sends_up_to_the_last_and_forward_only() {
    let mut session = with_terms(|terms| terms.max_sends = 2);
    let error = refused(&mut session, |session| session.resend(send(102), &ring(), &after(29)));
    assert_eq!(error, VerifyError::ResendTooSoon { available_at: after(30).at });
    assert_eq!(error.kind(), Kind::Limited);
    assert_eq!(session.resend(send(102), &ring(), &after(30)), Ok(Outcome::Applied), "{V_INV_9}");
    assert_eq!((session.sends_remaining(), session.resend_available_at()), (0, None));
}

#[test]
fn v_inv_13_rejects_a_send_with_less_held_than_quoted() {
    let short = NewSend { reserved: price("0.007899"), ..send(102) };
    let error = refused(&mut sent(), |session| session.resend(short, &ring(), &after(60)));
    assert_eq!((error.invariant(), error.code()), (Some(V_INV_13), "verification.reservation_too_small"));
    let new = NewSession { first: short, ..new_session() };
    assert_eq!(VerifySession::start(new, &ring(), &after(0)).unwrap_err().invariant(), Some(V_INV_13));
    let session = sent();
    let row = session.send(id(101)).unwrap().clone();
    let stored = DeliveryAttempt { reserved: price("0.001"), ..row };
    let error = VerifySession::rehydrate(session.data().clone(), vec![stored], 1).unwrap_err();
    assert_eq!(error.invariant(), Some(V_INV_13));
}

#[test]
fn v_inv_13_allows_a_send_with_exactly_as_much_held() {
    let exact = NewSend { reserved: price("0.0079"), ..send(102) };
    assert_eq!(sent().resend(exact, &ring(), &after(60)), Ok(Outcome::Applied), "{V_INV_13}");
}

#[test]
fn v_inv_14_rejects_a_status_that_falls() {
    let mut session = sent();
    assert_eq!(report(&mut session, 101, delivered(), 3), Ok(Outcome::Applied));
    for late in [accepted(), undelivered(), delivered(), refused_send(), lost()] {
        let before = session.clone();
        assert_eq!(report(&mut session, 101, late, 4), Ok(Outcome::AlreadyApplied), "{V_INV_14}");
        assert_eq!((session.data(), &session.rows), (before.data(), &before.rows));
    }
}

#[test]
fn v_inv_14_allows_a_lost_send_to_be_delivered_and_a_receipt_before_the_answer() {
    let mut session = session();
    assert_eq!(report(&mut session, 101, dispatched(), 1), Ok(Outcome::Applied));
    assert_eq!(report(&mut session, 101, lost(), 2), Ok(Outcome::Applied));
    assert_eq!(report(&mut session, 101, delivered(), 9), Ok(Outcome::Applied), "{V_INV_14}");
    assert_eq!(session.data().state, VerifyState::Delivered);
    assert_eq!(session.data().spend_settled, price("0.0079"), "paid once");
    let mut early = super::session();
    assert_eq!(report(&mut early, 101, dispatched(), 1), Ok(Outcome::Applied));
    assert_eq!(report(&mut early, 101, delivered(), 2), Ok(Outcome::Applied));
    assert_eq!(report(&mut early, 101, accepted(), 3), Ok(Outcome::AlreadyApplied));
    assert_eq!(
        topics(&early),
        ["requested", "sent", "send_settled", "delivered"],
        "a receipt proves the send"
    );
}

#[test]
fn v_inv_17_rejects_what_is_earlier_than_the_start() {
    let session = sent();
    let early = Some(after(-1).at);
    let row = DeliveryAttempt { sent_at: early, ..session.send(id(101)).unwrap().clone() };
    let error = VerifySession::rehydrate(session.data().clone(), vec![row], 1).unwrap_err();
    assert_eq!(error.invariant(), Some(V_INV_17));
    let stored = VerifySessionData { delivered_at: early, ..session.data().clone() };
    assert_eq!(VerifySession::rehydrate(stored, Vec::new(), 1).unwrap_err().invariant(), Some(V_INV_17));
}

#[test]
fn v_inv_17_allows_a_receipt_after_the_end() {
    let mut session = approved();
    assert_eq!(report(&mut session, 101, delivered(), 9_000), Ok(Outcome::Applied));
    assert_eq!(session.check_invariants(), Ok(()), "{V_INV_17}");
}

#[test]
fn what_was_certainly_not_sent_is_tried_again_until_the_wait_is_over() {
    let mut session = session();
    let mut at = 0;
    for pause in [1, 2, 4, 8, 16] {
        assert_eq!(report(&mut session, 101, dispatched(), at), Ok(Outcome::Applied));
        assert_eq!(report(&mut session, 101, deferred(), at), Ok(Outcome::Applied));
        let row = session.send(id(101)).unwrap();
        assert_eq!((row.status, row.next_try_at), (SendStatus::Queued, Some(after(at + pause).at)));
        assert!(report(&mut session.clone(), 101, dispatched(), at).is_err());
        at += pause;
    }
    assert_eq!(report(&mut session, 101, dispatched(), at), Ok(Outcome::Applied));
    assert_eq!(report(&mut session, 101, deferred(), at), Ok(Outcome::Applied));
    let row = session.send(id(101)).unwrap();
    assert_eq!((row.status, row.hold, row.tries), (SendStatus::Failed, Hold::Released, 6));
    assert_eq!(session.course(), Some(Course::Advance { at: after(at).at }));
}

#[test]
fn a_failed_step_is_left_at_once_and_an_unknown_one_when_its_wait_is_over() {
    let cases = [(refused_send(), 2), (lost(), 60)];
    for (fate, at) in cases {
        let mut session = session();
        assert_eq!(report(&mut session, 101, dispatched(), 1), Ok(Outcome::Applied));
        assert_eq!(report(&mut session, 101, fate, 2), Ok(Outcome::Applied));
        assert_eq!(session.data().course_due_at, Some(after(at).at));
        assert_eq!(
            session.advance(send(102), Trigger::Course, &ring(), &after(at - 1)),
            Ok(Outcome::AlreadyApplied)
        );
        assert_eq!(session.advance(send(102), Trigger::Course, &ring(), &after(at)), Ok(Outcome::Applied));
        assert_eq!(session.step().unwrap().channel(), Channel::Voice);
        assert!(matches!(
            session.root.pending().last(),
            Some(VerifyEvent::ChannelAdvanced { step: 1, manual: false, .. })
        ));
    }
}

#[test]
fn what_moves_a_session_on_is_its_policy() {
    let course = |advance_on, receipt: Option<SendReport>| {
        let mut session = with_terms(|terms| terms.advance_on = advance_on);
        let _ = report(&mut session, 101, dispatched(), 1).unwrap();
        let _ = report(&mut session, 101, accepted(), 1).unwrap();
        if let Some(receipt) = receipt {
            let _ = report(&mut session, 101, receipt, 2).unwrap();
        }
        session.course().map(Course::at)
    };
    let (wait, failure) = (Some(after(60).at), Some(after(2).at));
    assert_eq!(course(AdvanceOn::NotDelivered, None), wait);
    assert_eq!(course(AdvanceOn::NotDelivered, Some(delivered())), None);
    assert_eq!(course(AdvanceOn::NotDelivered, Some(undelivered())), failure);
    assert_eq!(course(AdvanceOn::NotApproved, Some(delivered())), wait);
    assert_eq!(course(AdvanceOn::NotApproved, Some(undelivered())), failure);
    assert_eq!(course(AdvanceOn::Manual, None), None);
    assert_eq!(course(AdvanceOn::Manual, Some(undelivered())), None);
}

#[test]
fn an_accepted_e_mail_waits_for_its_bounce() {
    let mut session =
        started(NewSession { channel_order: Some(order(&[Channel::Email, Channel::Sms])), ..new_session() });
    for step in [dispatched(), accepted()] {
        let _ = report(&mut session, 101, step, 1).unwrap();
    }
    assert_eq!(session.course(), None);
    assert_eq!(session.assurance(), Some(Assurance::ContactOwnership));
    assert_eq!(report(&mut session, 101, undelivered(), 90), Ok(Outcome::Applied));
    assert_eq!(session.course(), Some(Course::Advance { at: after(90).at }));
}

#[test]
fn a_session_gives_up_when_the_last_channel_failed_and_nothing_is_under_way() {
    let one = || started(NewSession { channel_order: Some(order(&[Channel::Sms])), ..new_session() });
    let mut session = one();
    let _ = report(&mut session, 101, dispatched(), 1).unwrap();
    assert_eq!(report(&mut session, 101, refused_send(), 2), Ok(Outcome::Applied));
    assert_eq!(session.data().failure_reason, Some(FailureReason::ChannelsExhausted));
    assert!(matches!(
        session.root.pending().last(),
        Some(VerifyEvent::Failed { last_error_code: Some(code), .. }) if code == "blocked"
    ));
    let mut session = one();
    let _ = report(&mut session, 101, dispatched(), 1).unwrap();
    let _ = report(&mut session, 101, lost(), 2).unwrap();
    assert_eq!(session.course(), Some(Course::GiveUp { at: after(60).at }));
    assert_eq!(session.give_up(&after(59)), Ok(Outcome::AlreadyApplied));
    assert_eq!(session.give_up(&after(60)), Ok(Outcome::Applied));
    let mut session = one();
    let _ = session.resend(send(102), &ring(), &after(30)).unwrap();
    let _ = report(&mut session, 101, dispatched(), 31).unwrap();
    assert_eq!(report(&mut session, 101, refused_send(), 32), Ok(Outcome::Applied));
    assert_eq!(session.data().state, VerifyState::Pending, "another send is under way");
}

#[test]
fn a_refused_send_fails_only_what_has_sent_nothing() {
    let mut fresh = session();
    let cap = |session: &mut VerifySession| {
        session.refuse_send(FailureReason::SpendCap, "spend.cap_reached", &after(61))
    };
    assert_eq!(cap(&mut fresh), Ok(Outcome::Applied));
    assert_eq!(fresh.data().failure_reason, Some(FailureReason::SpendCap));
    let mut under_way = sent();
    assert_eq!(cap(&mut under_way), Ok(Outcome::Applied));
    assert_eq!((under_way.data().state, under_way.data().course_due_at), (VerifyState::Pending, None));
    under_way.note_limited(
        "verification.rate_limited",
        "ip",
        None,
        &Moment::in_request(after(62).at, "req-1".into()),
    );
    let last = under_way.data().timeline.last().unwrap();
    assert_eq!(last.request_id.as_deref(), Some("req-1"));
    assert!(matches!(&last.entry, Entry::Refused { bucket: Some(bucket), .. } if bucket == "ip"));
}

#[test]
fn money_is_held_until_the_fate_of_a_send_is_known() {
    let mut session = sent();
    let dear = SendReport::Delivered { price: Some(price("0.5")) };
    assert_eq!(report(&mut session, 101, dear, 2), Ok(Outcome::Applied));
    assert_eq!(session.data().spend_settled, price("0.01"), "never more than was held");
    assert_eq!(session.data().spend_reserved, price("0"));
    let _ = session.resend(send(102), &ring(), &after(40)).unwrap();
    let right = code(&session);
    assert!(check(&mut session, &right, 41).is_ok());
    let settled = SpendMove::Settle { attempt_id: id(101), price: price("0.01") };
    let reserve = |number| SpendMove::Reserve { attempt_id: id(number), amount: price("0.01") };
    assert_eq!(
        session.moves(),
        [reserve(101), settled, reserve(102), SpendMove::Release { attempt_id: id(102) }]
    );
    assert_eq!(session.check_invariants(), Ok(()));
}

#[test]
fn refusals_that_repeat_are_one_entry_each_and_leave_room_for_sends_and_receipts() {
    let mut session = sent();
    let before = session.data().timeline.len();
    for second in 0..500 {
        let bucket = if second % 2 == 0 { "ip" } else { "tenant" };
        session.note_limited("verification.rate_limited", bucket, None, &after(10 + second));
        session.note(&after(10 + second), Entry::Reused);
    }
    let timeline = &session.data().timeline;
    let repeated: Vec<_> = timeline.iter().skip(before).map(|one| (one.times, one.at)).collect();
    assert_eq!(repeated, [(250, after(508).at), (250, after(509).at), (500, after(509).at)]);
    assert_eq!(report(&mut session, 101, delivered(), 510), Ok(Outcome::Applied));
    let last = session.data().timeline.last().unwrap();
    assert!(matches!(last.entry, Entry::Send { status: SendStatus::Delivered, .. }), "{last:?}");
    let once = serde_json::to_value(last).unwrap();
    assert_eq!(once.get("times"), None, "as before where nothing repeats");
    assert_eq!(serde_json::from_value::<TimelineEntry>(once).unwrap().times, 1);
}

#[test]
fn a_send_says_itself_when_it_was_last_taken() {
    let mut session = session();
    assert_eq!(session.send(id(101)).unwrap().taken_at, None);
    assert_eq!(report(&mut session, 101, dispatched(), 7), Ok(Outcome::Applied));
    assert_eq!(session.send(id(101)).unwrap().taken_at, Some(after(7).at));
}
