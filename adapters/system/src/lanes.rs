//! Fair keyed locks: one command at a time on an aggregate (ruling R70).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use rand::Rng;
use sarai_ports::system::{Lanes, Turn};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

type Locks = Arc<Mutex<HashMap<String, Arc<AsyncMutex<()>>>>>;

/// A lock per key that exists while somebody holds it or waits for it.
#[derive(Debug, Default)]
pub struct KeyedLanes {
    locks: Locks,
}

struct KeyedTurn {
    locks: Locks,
    key: String,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turn for KeyedTurn {}

impl Drop for KeyedTurn {
    fn drop(&mut self) {
        self.guard.take();
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        // One reference is the map's own: nobody else holds or awaits the lock.
        if locks.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.key);
        }
    }
}

#[async_trait]
impl Lanes for KeyedLanes {
    async fn enter(&self, aggregate: &str) -> Box<dyn Turn> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(aggregate.to_owned()).or_default())
        };
        let guard = lock.lock_owned().await;
        Box::new(KeyedTurn { locks: Arc::clone(&self.locks), key: aggregate.to_owned(), guard: Some(guard) })
    }

    async fn pause(&self, attempt: u32) {
        let ceiling = 5_u64.saturating_mul(1 << attempt.min(6));
        let millis = rand::rng().random_range(1..=ceiling);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_key_is_held_by_one_at_a_time_and_forgotten_after() {
        let lanes = Arc::new(KeyedLanes::default());
        let inside = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (lanes, inside) = (Arc::clone(&lanes), Arc::clone(&inside));
                tokio::spawn(async move {
                    let _turn = lanes.enter("ord_1").await;
                    assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert!(lanes.locks.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn two_keys_do_not_wait_for_each_other() {
        let lanes = KeyedLanes::default();
        let _first = lanes.enter("a").await;
        let _second = lanes.enter("b").await;
    }
}
