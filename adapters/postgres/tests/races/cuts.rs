//! T29: connections end at every point of a check. Whoever was answered was counted before.

use std::{sync::Arc, time::Duration};

use sarai_application::devportal::verify::StartRequest;
use sarai_domain::{
    devportal::{
        values::Purpose,
        verify::{Entry, VerifySession},
    },
    kernel::{Aggregate as _, VerificationId},
};
use sarai_ports::Scope;
use sarai_testkit::seed::{Seed, setting};

use crate::{
    databases,
    races::verify::{call, caller, to, verify},
    world::World,
};

/// Ends every connection of the application.
const CUT: &str = "select pg_terminate_backend(pid) from pg_stat_activity \
    where datname = current_database() and pid <> pg_backend_pid()";

/// A session as it is stored, once the pools have connections again.
async fn stored(world: &World, id: VerificationId) -> VerifySession {
    for _ in 0..200 {
        if let Ok(session) = verify(world, 0).find(&Scope::System, id).await {
            return session;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the database does not come back");
}

/// A session; what is begun over a connection that has ended is begun again.
async fn begun(world: &World, new: &StartRequest) -> VerificationId {
    for _ in 0..20 {
        match verify(world, 0).start(&call("start"), &caller(), new).await {
            Ok(started) => return started.session.id(),
            Err(error) => assert_eq!(error.code, "unavailable", "{error:?}"),
        }
    }
    panic!("no connection is good");
}

/// How many checks are counted, and those of a request.
fn counted(session: &VerifySession, request: &str) -> (u32, usize) {
    let checks = session.data().timeline.iter().filter(|entry| matches!(entry.entry, Entry::Checked { .. }));
    (session.data().attempts, checks.filter(|entry| entry.request_id.as_deref() == Some(request)).count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_check_that_was_answered_is_counted_wherever_connections_end() {
    let database = Arc::new(databases::World::alone());
    let world = World::over(crate::processes_of(&database), 4);
    let mut numbers = Seed::of("cuts").numbers();
    let (mut answered, mut lost) = (0, 0);
    let mut live: Option<(VerificationId, u32)> = None;
    for cut in 0..setting("SARAI_CUTS", 20) {
        let (id, before) = match live.take() {
            Some((id, attempts)) if attempts < 5 => (id, attempts),
            _ => {
                let phone = format!("+937{:04}{:04}", 1_000 + cut, cut);
                (begun(&world, &to(&phone, Purpose::SignIn)).await, 0)
            }
        };
        let (ending, wait) = (Arc::clone(&database), Duration::from_micros(numbers.below(60_000)));
        let end = tokio::task::spawn_blocking(move || ending.database().psql(&[CUT]));
        tokio::time::sleep(wait).await;
        let request = format!("cut{cut}");
        let process = usize::try_from(cut).unwrap();
        let outcome = verify(&world, process).check(&call(&request), id, "000000").await;
        end.await.unwrap().expect("connections end");
        let (attempts, own) = counted(&stored(&world, id).await, &request);
        assert!(attempts <= 5 && attempts >= before, "{attempts} after {before}");
        assert!(own <= 1, "a request counts once");
        match outcome {
            Ok(checked) => {
                answered += 1;
                assert_eq!(own, 1, "it was answered and not counted: {:?}", checked.outcome);
            }
            Err(error) => {
                lost += 1;
                assert!(
                    ["unavailable", "conflict.retry", "verification.failed"].contains(&error.code),
                    "{error:?}"
                );
            }
        }
        live = Some((id, attempts));
    }
    assert!(answered + lost > 0, "nothing was tried");
}
