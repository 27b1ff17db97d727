//! Both tables against the real session, for every pair.

use std::collections::BTreeSet;

use super::*;
use crate::kernel::Edge;

fn assert_well_formed<S, A>(table: &[Edge<S, A>], initial: S, all: &[S], terminal: &[S])
where
    S: Copy + Ord + std::fmt::Debug,
    A: Copy + Ord,
{
    let keys: BTreeSet<_> = table.iter().map(|edge| (edge.from, edge.action)).collect();
    assert_eq!(keys.len(), table.len());
    let mut reached = BTreeSet::from([initial]);
    for _ in all {
        let next: Vec<_> =
            table.iter().filter(|edge| reached.contains(&edge.from)).map(|edge| edge.to).collect();
        reached.extend(next);
    }
    assert_eq!(reached, all.iter().copied().collect());
    let dead_ends = all.iter().filter(|state| table.iter().all(|edge| edge.from != **state));
    assert_eq!(dead_ends.copied().collect::<Vec<_>>(), terminal);
}

#[test]
fn both_tables_are_well_formed() {
    assert_well_formed(status::TRANSITIONS, VerifyState::Pending, VerifyState::ALL, status::TERMINAL);
    assert_well_formed(attempt::TRANSITIONS, SendStatus::Queued, SendStatus::ALL, attempt::TERMINAL);
    for state in VerifyState::ALL {
        assert_eq!(state.is_terminal(), status::TERMINAL.contains(state));
    }
    for edge in attempt::TRANSITIONS {
        let back = edge.action == SendAction::Defer;
        assert_eq!(edge.to.rank() < edge.from.rank(), back, "{edge:?}");
    }
}

fn in_state(state: VerifyState) -> VerifySession {
    match state {
        VerifyState::Pending => session(),
        VerifyState::Delivered => {
            let mut session = sent();
            let _ = report(&mut session, 101, delivered(), 2).unwrap();
            session
        }
        VerifyState::Approved => approved(),
        VerifyState::Failed => {
            let mut session = sent();
            let _ = session.fail(VerifyAction::RefuseSend, FailureReason::FraudBlocked, &after(5)).unwrap();
            session
        }
        VerifyState::Expired => expired(),
    }
}

/// Drives an action through the command that stands for it; the session may have to be brought to where it applies.
fn act(session: &mut VerifySession, action: VerifyAction) -> Result<(), VerifyError> {
    let max = session.data().policy.terms.max_attempts;
    match action {
        VerifyAction::Deliver => session.deliver(id(101), &after(6)),
        VerifyAction::Approve => {
            let code = code_or_zero(session);
            check(session, &code, 6).map(drop)
        }
        VerifyAction::Miss => check(session, &other_code(session), 6).map(drop),
        VerifyAction::SpendAttempts => {
            let missed = other_code(session);
            (0..max).try_for_each(|_| check(session, &missed, 6).map(drop))
        }
        VerifyAction::Resend => session.resend(send(150), &ring(), &after(200)).map(drop),
        VerifyAction::Advance => session.advance(send(150), Trigger::Manual, &ring(), &after(200)).map(drop),
        VerifyAction::ExhaustChannels => {
            session.fail(action, FailureReason::ChannelsExhausted, &after(6)).map(drop)
        }
        VerifyAction::RefuseSend => session.fail(action, FailureReason::SpendCap, &after(6)).map(drop),
        VerifyAction::Cancel => session.cancel(&after(6)).map(drop),
        VerifyAction::Supersede => session.supersede(&after(6)).map(drop),
        VerifyAction::LoseKey => session.lose_key(&after(6)).map(drop),
        VerifyAction::Expire => match session.expire(&after(600))? {
            Outcome::Applied => Ok(()),
            Outcome::AlreadyApplied => Err(VerifyError::Expired { at: now() }),
        },
    }
}

fn code_or_zero(session: &VerifySession) -> String {
    session.code(&ring()).map_or_else(|_| "000000".to_owned(), |code| code.expose().to_owned())
}

fn other_code(session: &VerifySession) -> String {
    if code_or_zero(session) == "000000" { "000001".to_owned() } else { "000000".to_owned() }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for from in VerifyState::ALL {
        for action in VerifyAction::ALL {
            let mut session = in_state(*from);
            assert_eq!(session.data().state, *from);
            let before = session.data().clone();
            let result = act(&mut session, *action);
            let edge = status::TRANSITIONS.iter().find(|edge| edge.from == *from && edge.action == *action);
            let last = before.last_transition.is_some_and(|last| last.action == *action);
            match edge {
                Some(edge) => {
                    assert_eq!((result, session.data().state), (Ok(()), edge.to), "{from:?} {action:?}");
                }
                None if last => assert_eq!(session.data().state, *from, "{from:?} {action:?}"),
                None => {
                    assert!(result.is_err(), "{from:?} {action:?}");
                    assert_eq!(session.data().state, *from, "{from:?} {action:?}");
                }
            }
            assert_eq!(session.check_invariants(), Ok(()), "{from:?} {action:?}");
        }
    }
}

fn send_in(status: SendStatus) -> VerifySession {
    let mut session = session();
    let path: Vec<SendReport> = match status {
        SendStatus::Queued => vec![],
        SendStatus::Sending => vec![dispatched()],
        SendStatus::Sent => vec![dispatched(), accepted()],
        SendStatus::Delivered => vec![dispatched(), delivered()],
        SendStatus::Undelivered => vec![dispatched(), undelivered()],
        SendStatus::Failed => vec![dispatched(), refused_send()],
        SendStatus::Lost => vec![dispatched(), lost()],
        SendStatus::Suppressed => {
            session.drop_queued(SendStatus::Suppressed, &after(0)).unwrap();
            vec![]
        }
    };
    for step in path {
        assert_eq!(report(&mut session, 101, step, 1), Ok(Outcome::Applied));
    }
    assert_eq!(session.send(id(101)).unwrap().status, status);
    session
}

#[test]
fn every_pair_of_send_status_and_report_agrees_with_the_table() {
    for from in SendStatus::ALL {
        for step in [dispatched(), deferred(), accepted(), delivered(), undelivered(), refused_send(), lost()]
        {
            let mut session = send_in(*from);
            let action = step.action();
            let result = report(&mut session, 101, step, 2);
            let after = session.send(id(101)).unwrap().status;
            let edge = attempt::TRANSITIONS.iter().find(|edge| edge.from == *from && edge.action == action);
            if let Some(edge) = edge {
                assert_eq!((result, after), (Ok(Outcome::Applied), edge.to), "{from:?} {action:?}");
            } else {
                assert!(result != Ok(Outcome::Applied), "{from:?} {action:?}");
                assert_eq!(after, *from, "{from:?} {action:?}");
            }
            assert_eq!(session.check_invariants(), Ok(()));
        }
    }
}
