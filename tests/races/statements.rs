//! Two processes sell and seal side by side: one chain a period, without a fork or a gap (T69).

use sarai_application::marketplace::scheduler::Scheduler;
use sarai_domain::{
    kernel::Aggregate,
    marketplace::earnings::statement::{LinesPart, StatementFile, verify},
};
use sarai_ports::{PageRequest, Scope, system::DueWork};
use sarai_testkit::{harness::at_once, make};

use super::runs;
use crate::world::World;

const WRITERS: usize = 4;
const COMMITS: usize = 25;

async fn race() {
    let world = std::sync::Arc::new(World::new(2).await);
    let key = make::period("studio", "2026-04");
    at_once(WRITERS + 4, |number| {
        let (world, key) = (world.clone(), key.clone());
        async move {
            let process = world.process(number);
            let scheduler = Scheduler::new(process.ports.clone());
            for _ in 0..COMMITS {
                if number >= WRITERS {
                    scheduler.run_due().await.unwrap();
                } else {
                    let lines = vec![make::sale(&world.suite, world.suite.id())];
                    let context = process.ports.worker_context("race", &number);
                    let routes = sarai_testkit::harness::to_nobody;
                    while process
                        .ports
                        .earnings
                        .accrue(&key, lines.clone(), context.clone(), &*process.ports.ids, routes)
                        .await
                        .is_err()
                    {
                        tokio::task::yield_now().await;
                    }
                }
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let ports = &world.process(0).ports;
    Scheduler::new(ports.clone()).run_due().await.unwrap();
    let page = PageRequest::first(10 * WRITERS * COMMITS);
    let lines = ports.statements.sealed(&Scope::System, &key, &page).await.unwrap().items;
    let head = ports.statements.head(&key).await.unwrap();
    let period = world.suite.load(&*ports.earnings, &key).await;
    assert_eq!((lines.len(), head.totals), (WRITERS * COMMITS, *period.totals()));
    let file = StatementFile {
        key,
        totals: Some(head.totals),
        lines: LinesPart { data: lines },
        head: Some(head.chain),
        anchor: period.data().anchor.clone(),
    };
    let verified = verify(&file, &ports.signer.public_key()).unwrap();
    assert!(verified.anchored.is_some_and(|count| count > 0), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_seal_at_once_make_one_chain() {
    for _ in 0..runs(5) {
        race().await;
    }
}
