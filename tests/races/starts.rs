//! Of starts to one number at once the first begins, and the others find it: no window stands before that.

use std::{collections::BTreeMap, sync::Arc};

use sarai_application::devportal::verify::StartRequest;
use sarai_domain::{
    devportal::{values::Purpose, verify::OnExisting},
    kernel::{Aggregate, VerificationId},
};
use sarai_testkit::harness::at_once;

use crate::{
    races::{
        runs,
        verify::{call, caller, to, verify},
    },
    world::World,
};

/// How many start at once.
const STARTS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_starts_to_one_number_one_begins_and_the_others_go_on_with_it() {
    for (how, others) in [(OnExisting::Reuse, "reused"), (OnExisting::Reject, "verification.in_progress")] {
        for round in 0..runs(5) {
            let world = Arc::new(World::new(4).await);
            let phone = format!("+9370{:07}", 1_000_000 + round);
            let answers = at_once(STARTS, |number| {
                let world = Arc::clone(&world);
                let request = StartRequest { on_existing: how, ..to(&phone, Purpose::SignIn) };
                async move {
                    let shown = verify(&world, number).start(&call("start"), &caller(), &request).await;
                    shown.map(|shown| (shown.session.id(), shown.reused)).map_err(|error| error.code)
                }
            })
            .await;
            let mut told: BTreeMap<&str, usize> = BTreeMap::new();
            let mut ids: Vec<VerificationId> = Vec::new();
            for answer in answers {
                let what = match answer {
                    Ok((id, reused)) => {
                        ids.push(id);
                        if reused { "reused" } else { "begun" }
                    }
                    Err(code) => code,
                };
                *told.entry(what).or_default() += 1;
            }
            assert_eq!(told, BTreeMap::from([("begun", 1), (others, STARTS - 1)]));
            assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        }
    }
}
