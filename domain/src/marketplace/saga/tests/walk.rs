//! Random walks: any events in any order, and a world in which messages are lost, repeated and reordered.

use proptest::prelude::*;

use super::{
    table::samples,
    world::{World, failure, step_of},
    *,
};

/// Answers a command as if everything worked.
fn yes(command: &SagaCommand) -> SagaEvent {
    match command {
        SagaCommand::ReserveCoupons { .. } => SagaEvent::CouponsReserved,
        SagaCommand::RequestPayment => requested(),
        SagaCommand::MarkPendingPayment { .. } => SagaEvent::PaymentPending,
        SagaCommand::RecordFree => SagaEvent::OrderPaid,
        SagaCommand::PollPayment => SagaEvent::PollAnswered,
        SagaCommand::VoidIntent => SagaEvent::IntentVoided,
        SagaCommand::ConfirmCoupons { .. } => SagaEvent::CouponsConfirmed,
        SagaCommand::GrantLicense { line } => SagaEvent::LicenseGranted { line: *line, license_id: id(101) },
        SagaCommand::Enroll { line, .. } => SagaEvent::EnrollmentCompleted { line: *line },
        undo => undone(step_of(undo)),
    }
}

/// One turn of the world; the argument chooses among what is there.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// The next command is executed; its result may be lost or told twice.
    Execute(u8),
    /// The next command is lost, or fails before or after its effect.
    Break(u8),
    /// The next command is executed twice.
    Repeat,
    /// Any message arrives, out of order.
    Hear(usize),
    /// Any message arrives, and will arrive again.
    HearTwice(usize),
    /// The next timer fires.
    Wake,
    /// The buyer or billing does something.
    Act(u8),
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        6 => any::<u8>().prop_map(Turn::Execute),
        2 => any::<u8>().prop_map(Turn::Break),
        1 => Just(Turn::Repeat),
        6 => any::<usize>().prop_map(Turn::Hear),
        2 => any::<usize>().prop_map(Turn::HearTwice),
        2 => Just(Turn::Wake),
        2 => any::<u8>().prop_map(Turn::Act),
    ]
}

/// Facts of the order are never lost: the outbox repeats them. Results of commands may be.
fn is_fact(event: &SagaEvent) -> bool {
    matches!(event, SagaEvent::OrderPaid | SagaEvent::AmountMismatch)
}

fn play(world: &mut World, turn: Turn) {
    match turn {
        Turn::Execute(luck) => {
            if let Some(command) = world.queue.pop_front() {
                let result = world.execute(&command);
                let copies = if luck < 32 { 0 } else { 1 + usize::from(luck > 200) };
                let heard = result.as_ref().map_or(0, |event| copies.max(usize::from(is_fact(event))));
                world.inbox.extend(std::iter::repeat_n(result, heard).flatten());
            }
        }
        Turn::Break(how) => {
            if let Some(command) = world.queue.pop_front() {
                match how % 3 {
                    0 => world.undelivered(command),
                    1 => {
                        world.inbox.push_back(failure(&command, true));
                        world.undelivered(command);
                    }
                    _ => {
                        let fact = world.execute(&command).filter(is_fact);
                        world.inbox.extend(fact);
                        world.inbox.push_back(failure(&command, true));
                    }
                }
            }
        }
        Turn::Repeat => {
            if let Some(command) = world.queue.pop_front() {
                let results = [world.execute(&command), world.execute(&command)];
                world.inbox.extend(results.into_iter().flatten());
            }
        }
        Turn::Hear(at) => {
            if let Some(at) = at.checked_rem(world.inbox.len())
                && let Some(event) = world.inbox.remove(at)
            {
                world.tell(&event);
            }
        }
        Turn::HearTwice(at) => {
            if let Some(at) = at.checked_rem(world.inbox.len()) {
                let event = world.inbox[at].clone();
                world.tell(&event);
            }
        }
        Turn::Wake if world.saga.data().state.is_terminal() => {}
        Turn::Wake => world.wake(),
        Turn::Act(what) => match what % 9 {
            0 | 1 => world.pay(),
            2 => world.pay_wrong(),
            3 => world.decline(what > 200),
            4 => world.cancel(),
            5 => world.ask_refund(),
            6 => world.retry(),
            7 if what > 127 => world.force(),
            7 => {}
            _ => world.resolve(),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_events_keep_the_invariants_and_a_willing_executor_ends_the_saga(
        free: bool,
        events in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..400, 0_u8..8), 0..60),
    ) {
        let mut saga = started(free);
        let mut now = start_time();
        for (index, seconds, timer) in events {
            now = now.plus(Duration::seconds(seconds));
            let current = saga.data().current_step();
            let samples = samples(current.unwrap_or(SagaStep::CloseOrder));
            // A timer now and then: most events are results.
            let event = if timer == 0 { SagaEvent::RetryDue } else { index.get(&samples).1.clone() };
            let before = saga.data().clone();
            let outcome = saga.handle(&event, None, now)?;
            saga.check_invariants()?;
            prop_assert_eq!(outcome == Outcome::AlreadyApplied, saga.data() == &before);
            let moved = before.state != saga.data().state;
            let edge = |edge: &Edge<_, _>| edge.from == before.state && edge.to == saga.data().state;
            prop_assert!(!moved || TRANSITIONS.iter().any(edge));
        }
        let mut heard = 0;
        for _ in 0..64 {
            let issued = commands(&saga);
            for (_, command) in &issued[heard..] {
                let _ = saga.handle(&yes(command), None, now)?;
            }
            if saga.data().state.is_terminal() {
                return Ok(());
            }
            if heard == issued.len() {
                let data = saga.data();
                now = now.max(data.next_attempt_at.unwrap());
                for timer in [SagaEvent::TimeoutFired, SagaEvent::StartDeadline, SagaEvent::RetryDue] {
                    let _ = saga.handle(&timer, None, now)?;
                }
            }
            heard = issued.len();
        }
        prop_assert!(false, "does not end: {:?}", saga.data());
    }

    #[test]
    fn a_faulty_world_ends_fulfilled_or_fully_undone_once_the_faults_stop(
        free: bool,
        turns in prop::collection::vec(turn(), 0..120),
    ) {
        let mut world = World::new(free);
        for turn in turns {
            play(&mut world, turn);
        }
        let calm_since = world.now;
        for _ in 0..400 {
            if let Some(command) = world.queue.pop_front() {
                let result = world.execute(&command);
                world.inbox.extend(result);
            } else if let Some(event) = world.inbox.pop_front() {
                world.tell(&event);
            } else if world.saga.data().state.is_terminal() {
                break;
            } else {
                world.wake();
            }
        }
        world.check_end();
        prop_assert!(world.now.since(calm_since) <= Duration::minutes(36), "{}", world.now.since(calm_since));
    }
}
