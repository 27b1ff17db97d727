//! T27 and T28: no number of guesses, sessions and further sends is more than the guesses that were allowed.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use sarai_domain::{
    devportal::{
        policy::{A_DAY, LOCKED_FROM},
        values::Purpose,
        verify::{CheckOutcome, Entry, VerifyState},
    },
    kernel::{Aggregate, VerificationId},
};
use sarai_ports::Scope;
use sarai_testkit::{harness::at_once, seed::Seed};

use crate::{
    races::{
        runs,
        verify::{call, caller, to, verify},
    },
    world::World,
};

/// How many guess at once.
const GUESSES: usize = 1_000;

/// T27: in each round the right code is at another place among a thousand, over four processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_guesses_five_are_counted_and_the_right_one_wins_if_it_is_among_them() {
    for round in 0..runs(10) {
        let world = Arc::new(World::new(4).await);
        let phone = format!("+9370{:07}", 1_000_000 + round);
        let started = verify(&world, 0).start(&call("start"), &caller(), &to(&phone, Purpose::SignIn)).await;
        let id = started.unwrap().session.id();
        assert_eq!(verify(&world, 1).run_due().await.unwrap(), 1, "the code leaves");
        let code = world.network.code(&phone);
        let place = usize::try_from(round).unwrap() * 3 % 20;
        let outcomes = at_once(GUESSES, |number| {
            let (world, code) = (world.clone(), code.clone());
            let typed = if number == place { code } else { format!("{:06}", number + 1) };
            async move {
                let checked = verify(&world, number).check(&call(&format!("g{number}")), id, &typed).await;
                checked.map(|checked| checked.outcome).map_err(|error| error.code)
            }
        })
        .await;
        let session = verify(&world, 2).find(&Scope::System, id).await.unwrap();
        let data = session.data();
        let counted: BTreeSet<&str> = data
            .timeline
            .iter()
            .filter(|entry| matches!(entry.entry, Entry::Checked { .. }))
            .filter_map(|entry| entry.request_id.as_deref())
            .collect();
        let counts: Vec<u32> = data
            .timeline
            .iter()
            .filter_map(
                |entry| if let Entry::Checked { attempts } = entry.entry { Some(attempts) } else { None },
            )
            .collect();
        assert!(counts.iter().zip(1..).all(|(count, place)| *count == place), "{counts:?} only rises");
        assert!(data.attempts <= 5 && counted.len() <= 5, "{counted:?} were compared");
        for (number, outcome) in outcomes.iter().enumerate() {
            if outcome.is_ok() {
                assert!(
                    counted.contains(format!("g{number}").as_str()),
                    "g{number} was compared and not counted"
                );
            }
        }
        let approved = outcomes.iter().filter(|one| matches!(one, Ok(CheckOutcome::Approved { .. }))).count();
        // Whoever makes the same guess as the code by chance is right, too.
        let right =
            code.parse::<usize>().ok().filter(|code| (1..=GUESSES).contains(code)).map(|code| code - 1);
        let among = [Some(place), right]
            .into_iter()
            .flatten()
            .any(|one| counted.contains(format!("g{one}").as_str()));
        assert_eq!(approved, usize::from(among), "right iff among the first five");
        let wanted = if among { VerifyState::Approved } else { VerifyState::Failed };
        assert_eq!(data.state, wanted);
        let again = verify(&world, 3).check(&call("again"), id, &code).await.unwrap_err();
        let refused = if among { "verification.already_approved" } else { "verification.failed" };
        assert_eq!(again.code, refused, "terminal is terminal");
    }
}

/// T28: an attacker who starts anew, sends again and guesses for a whole day gets 25 guesses of it, and one code at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_day_of_new_sessions_and_further_sends_is_twenty_five_guesses() {
    let steps = runs(1_000);
    let world = Arc::new(World::new(4).await);
    // Fewer steps are a part of a day: sessions live for minutes.
    let pause = Duration::from_hours(24) / 1_000;
    let phone = "+93701234567";
    let seed = Seed::of("guesses");
    let mut numbers = seed.numbers();
    let (mut live, mut counted, mut limited) = (None, 0_u32, 0_u32);
    for step in 0..steps {
        let process = usize::try_from(step).unwrap();
        let verify = verify(&world, process);
        match numbers.below(3) {
            0 => match verify.start(&call("start"), &caller(), &to(phone, Purpose::SignIn)).await {
                // Some guesses at once, so that the attack does not end when chance prefers sends for long.
                Ok(shown) => {
                    let id = shown.session.id();
                    live = Some(id);
                    counted += guessed(&world, id, 4).await;
                }
                Err(error) => {
                    assert!(error.code.starts_with("verification."), "{error:?}");
                    limited += 1;
                }
            },
            1 => {
                if let Some(id) = live {
                    let before = verify.find(&Scope::System, id).await.unwrap().data().attempts;
                    let _ = verify.resend(&call("resend"), id).await;
                    let after = verify.find(&Scope::System, id).await.unwrap().data().attempts;
                    assert_eq!(before, after, "a further send resets nothing");
                }
            }
            _ => {
                if let Some(id) = live {
                    counted += guessed(&world, id, 8).await;
                }
            }
        }
        if let Some(id) = live {
            let session = verify.find(&Scope::System, id).await.unwrap();
            let slots = session.live_slots();
            let lives = world.suite.sessions().find_live(&Scope::System, &slots).await.unwrap();
            assert!(lives.len() <= 1, "one live code only");
            let failures = world.suite.sessions().failures(&Scope::System, &session.failure_keys()).await;
            assert!(failures.unwrap().iter().all(|ledger| ledger.consecutive <= LOCKED_FROM));
        }
        world.suite.advance(pause);
    }
    assert!(counted <= A_DAY, "{counted} guesses were compared in a day");
    assert!(counted > 5 && limited > 0, "{counted} guesses, {limited} starts held back: the attack went on");
}

/// How many of so many wrong guesses at once were compared.
async fn guessed(world: &Arc<World>, id: VerificationId, guesses: usize) -> u32 {
    let outcomes = at_once(guesses, |number| {
        let (world, typed) = (world.clone(), format!("{:06}", 900_000 + number));
        async move {
            verify(&world, number).check(&call("guess"), id, &typed).await.map(|checked| checked.outcome)
        }
    })
    .await;
    u32::try_from(outcomes.iter().filter(|outcome| outcome.is_ok()).count()).unwrap()
}
