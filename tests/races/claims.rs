//! T23: one idempotency key, many requests at once; crashes leave no key that is stuck (ruling R71).

use std::{sync::Arc, time::Duration};

use sarai_domain::kernel::Aggregate;
use sarai_ports::{Saved, Scope, StoreError, idempotency::StoredResponse};
use sarai_testkit::{
    Harness, SuitePorts,
    harness::{at_once, has_committed},
    make,
    seed::Seed,
};

use crate::{Under, races::runs};

fn answer(order: &str) -> StoredResponse {
    let body = format!("{{\"id\":\"{order}\"}}").into_bytes();
    StoredResponse { status: 201, headers: vec![], body }
}

/// What a request under the key does: its effect with the claim, then its answer; or what it finds.
async fn request(ports: &SuitePorts, crash: bool) -> Result<Option<StoredResponse>, StoreError> {
    let claim = ports.claim("key");
    let unit = ports.unit(make::order(ports, "acme", "ana"), ports.claiming(&claim));
    let id = unit.changes.id.to_string();
    match ports.orders.save(&Scope::System, unit).await {
        Ok(Saved::Committed(_)) if crash => Ok(None),
        Ok(Saved::Committed(_)) => {
            tokio::task::yield_now().await;
            ports.idempotency.complete(&claim, &answer(&id)).await?;
            Ok(Some(answer(&id)))
        }
        Ok(Saved::AlreadyConsumed) => panic!("nothing was consumed"),
        Err(StoreError::ClaimHeld) => {
            let held = ports.idempotency.find(&claim.key).await?.expect("somebody holds it");
            Ok(held.response)
        }
        Err(error) => Err(error),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_requests_have_one_effect() {
    for _ in 0..runs(20) {
        let ports = Under::fresh().await;
        let answers = at_once(50, |_| {
            let ports = ports.clone();
            async move { request(&ports, false).await.unwrap() }
        })
        .await;
        assert_eq!(ports.audit_rows().await.len(), 1, "one effect");
        let first = request(&ports, false).await.unwrap().expect("an answer to replay");
        let replayed: Vec<_> = answers.into_iter().flatten().collect();
        assert!(!replayed.is_empty());
        assert!(replayed.iter().all(|answer| *answer == first), "byte for byte");
    }
}

/// A process that dies after the effect: the retry resumes by what was written, at once, and nobody
/// repeats the effect.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crash_after_the_effect_is_resumed() {
    let ports = Under::fresh().await;
    assert_eq!(request(&ports, true).await, Ok(None));
    let retries = at_once(20, |_| {
        let ports = ports.clone();
        async move {
            let claim = ports.claim("key");
            assert_eq!(
                request(&ports, false).await.map(|found| found.is_some_and(|a| a.status != 201)),
                Ok(false)
            );
            let held = ports.idempotency.find(&claim.key).await.unwrap().unwrap();
            let id = held.resource_id.expect("the effect names what it wrote");
            let order = ports.load(&*ports.orders, &id.parse().unwrap()).await;
            let rendered = answer(&order.id().to_string());
            ports.idempotency.complete(&claim, &rendered).await.unwrap();
            rendered
        }
    })
    .await;
    assert!(retries.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(ports.audit_rows().await.len(), 1);
}

/// A process that dies between the claim and the effect: once the lease is over, one retry has the effect.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crash_before_the_effect_is_repeated() {
    for _ in 0..runs(20) {
        let ports = Under::fresh().await;
        ports.idempotency.claim(&ports.claim("key")).await.unwrap();
        assert_eq!(request(&ports, false).await, Ok(None), "in progress");
        ports.advance(Duration::from_secs(21));
        let answers = at_once(50, |_| {
            let ports = ports.clone();
            async move { request(&ports, false).await.unwrap() }
        })
        .await;
        assert!(answers.iter().any(Option::is_some));
        assert_eq!(ports.audit_rows().await.len(), 1);
    }
}

/// Claims, effects, answers and crashes of many processes in random order never make two effects.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_crashes_never_double_the_effect() {
    let mut numbers = Seed::of("claims").numbers();
    for _ in 0..runs(20) {
        let ports = Arc::new(Under::fresh().await);
        let plans: Vec<u64> = (0..30).map(|_| numbers.below(5)).collect();
        let effects = at_once(30, |number| {
            let (ports, plan) = (ports.clone(), plans[number]);
            async move {
                let claim = ports.claim("key");
                match plan {
                    0 => ports.idempotency.claim(&claim).await.is_err_and(|_| false),
                    1 => ports.idempotency.abandon(&claim.key).await.is_err(),
                    2 => {
                        ports.advance(Duration::from_secs(30));
                        false
                    }
                    _ => {
                        let unit = ports.unit(make::order(&ports, "acme", "ana"), ports.claiming(&claim));
                        has_committed(&ports.orders.save(&Scope::System, unit).await)
                    }
                }
            }
        })
        .await;
        assert!(effects.iter().filter(|effect| **effect).count() <= 1);
        ports.advance(Duration::from_secs(30));
        let _ = request(&ports, false).await.unwrap();
        assert_eq!(ports.audit_rows().await.len(), 1, "the key is not stuck");
    }
}
