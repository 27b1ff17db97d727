//! Random walks that keep the rules.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, Copy)]
enum Move {
    Report(u128, u8),
    Resend,
    Advance(bool),
    Right,
    Wrong,
    Begin,
    GiveUp,
    Refuse,
    Cancel,
    Expire,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        8 => (0_u128..4, 0_u8..7).prop_map(|(send, report)| Move::Report(send, report)),
        3 => Just(Move::Resend),
        3 => any::<bool>().prop_map(Move::Advance),
        1 => Just(Move::Right),
        3 => Just(Move::Wrong),
        1 => Just(Move::Begin),
        1 => Just(Move::GiveUp),
        1 => Just(Move::Refuse),
        1 => Just(Move::Cancel),
        1 => Just(Move::Expire),
    ]
}

fn make(session: &mut VerifySession, step: Move, next: u128, at: i64) -> Result<(), VerifyError> {
    let moment = after(at);
    match step {
        Move::Report(number, kind) => {
            let what =
                [dispatched(), deferred(), accepted(), delivered(), undelivered(), refused_send(), lost()];
            session.report(id(101 + number), what[usize::from(kind)].clone(), &moment).map(drop)
        }
        Move::Resend => session.resend(send(next), &ring(), &moment).map(drop),
        Move::Advance(manual) => {
            let trigger = if manual { Trigger::Manual } else { Trigger::Course };
            session.advance(send(next), trigger, &ring(), &moment).map(drop)
        }
        Move::Right => check(session, &code_of(session), at).map(drop),
        Move::Wrong => {
            let missed = if code_of(session) == "000000" { "000001" } else { "000000" };
            check(session, missed, at).map(drop)
        }
        Move::Begin => session.begin_check(&moment).map(drop),
        Move::GiveUp => session.give_up(&moment).map(drop),
        Move::Refuse => session.refuse_send(FailureReason::SpendCap, "spend.cap_reached", &moment).map(drop),
        Move::Cancel => session.cancel(&moment).map(drop),
        Move::Expire => session.expire(&moment).map(drop),
    }
}

fn code_of(session: &VerifySession) -> String {
    session.code(&ring()).map_or_else(|_| "111111".to_owned(), |code| code.expose().to_owned())
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules(
        new_code in any::<bool>(),
        advance_on in prop::sample::select(vec![AdvanceOn::NotDelivered, AdvanceOn::NotApproved, AdvanceOn::Manual]),
        walk in prop::collection::vec((moves(), 0_i64..40), 1..50),
    ) {
        let mut session = with_terms(|terms| {
            terms.advance_on = advance_on;
            terms.resend_policy = if new_code { ResendPolicy::NewCode } else { ResendPolicy::SameCode };
        });
        let mut at = 0;
        for (step, pause) in walk {
            at += pause;
            let before = session.clone();
            let next = 101 + u128::from(session.data().sends);
            let result = make(&mut session, step, next, at);
            prop_assert_eq!(session.check_invariants(), Ok(()));
            let (old, new) = (before.data(), session.data());
            prop_assert!(new.attempts >= old.attempts && new.concluded >= old.concluded && new.sends >= old.sends);
            prop_assert!(new.current_step >= old.current_step && new.expires_at == old.expires_at);
            if old.state.is_terminal() {
                prop_assert_eq!((new.state, new.failure_reason, new.approved_at), (old.state, old.failure_reason, old.approved_at));
                prop_assert_eq!(new.sends, old.sends);
            }
            for (key, row) in &before.rows {
                let now = &session.rows[key];
                prop_assert!((now.tries, now.status.rank()) >= (row.tries, row.status.rank()) || now.status == SendStatus::Queued);
            }
            // A check that is refused after it was counted stays counted.
            if result.is_err() && !matches!(step, Move::Right | Move::Wrong) {
                prop_assert_eq!(new, old);
                prop_assert_eq!(&session.rows, &before.rows);
            }
            let rows = session.rows.values().cloned().collect::<Vec<_>>();
            prop_assert_eq!(crate::kernel::breaches::<VerifySession>(new, &rows), vec![]);
        }
        let approvals = topics(&session).iter().filter(|topic| **topic == "approved").count();
        prop_assert!(approvals <= 1);
    }
}
