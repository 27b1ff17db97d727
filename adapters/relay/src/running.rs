//! One lane, from its first delivery to its last.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use sarai_ports::{
    events::{Consumer, Delivery, Retry},
    failpoint::{self, Place},
};

use crate::{
    Inner, LIMIT, MARGIN,
    groups::Group,
    lanes::{Lane, lane_of},
};

/// How a delivery went.
enum Went {
    /// It was handled.
    Well,
    /// Not now, and that is nobody's fault: the claim is given back.
    NotNow,
    /// It failed.
    Wrong(String),
}

impl Inner {
    /// Puts deliveries into their lanes and starts those that are not running. A consumer that can take nothing
    /// gets nothing: the claims lapse.
    pub(crate) fn hand_over(self: &Arc<Self>, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let lane = lane_of(&delivery);
            let known = self.groups.get().and_then(|groups| groups.find(delivery.consumer));
            let mut in_flight = self.in_flight();
            let Some((_, group)) = known.filter(|(consumer, _)| consumer.ready()) else {
                in_flight.close(&lane);
                continue;
            };
            let entered = in_flight.enter(&lane, delivery, group.awaited);
            drop(in_flight);
            if let Some(start) = entered {
                group.under_way.fetch_add(1, Ordering::Relaxed);
                if start {
                    let inner = Arc::clone(self);
                    tokio::spawn(async move { inner.drain(lane).await });
                }
            }
        }
    }

    /// Runs a lane's deliveries one after the other until none is left. Behind one that was not handled none is.
    async fn drain(self: Arc<Self>, lane: Lane) {
        let mut blocked = false;
        loop {
            let Some(delivery) = self.in_flight().next(&lane) else { return };
            let Some((consumer, group)) = self.groups.get().and_then(|groups| groups.find(lane.0)) else {
                return;
            };
            let went = if blocked { Went::NotNow } else { Self::run(&delivery, consumer, group).await };
            if !blocked && !matches!(went, Went::Well) {
                blocked = true;
                // Also what was committed before and is handed over only now stays behind it.
                self.in_flight().close(&lane);
            }
            let told = match went {
                Went::Well => {
                    self.settle(delivery.clone());
                    Ok(())
                }
                Went::NotNow => self.outbox.release(&delivery).await,
                Went::Wrong(reason) => {
                    self.outbox.failed(&delivery, &reason).await.map(|retry| tell(&delivery, &reason, retry))
                }
            };
            if let Err(error) = told {
                // The claim lapses; the delivery is taken up again and its effects are idempotent.
                tracing::warn!(%error, consumer = delivery.consumer, "a delivery was not given back");
            }
            group.under_way.fetch_sub(1, Ordering::Relaxed);
            self.in_flight().leave(&delivery, group.awaited);
            self.finished.notify_waiters();
        }
    }

    async fn run(delivery: &Delivery, consumer: &Arc<dyn Consumer>, group: &Group) -> Went {
        // Closed where the process ends: somebody else runs it.
        let Ok(_permit) = group.permits.acquire().await else { return Went::NotNow };
        // Whoever waited or was frozen for too long may not be the only one to run it.
        if delivery.until < Instant::now() + MARGIN || !consumer.ready() {
            return Went::NotNow;
        }
        let (handler, event) = (Arc::clone(consumer), Arc::clone(&delivery.event));
        // A handler that panics must not take its lane with it.
        failpoint::reached(Place::Received);
        let mut handling = tokio::spawn(async move { handler.handle(&event).await });
        // Nor may one that hangs: its lane would stand still for ever.
        let reason = match tokio::time::timeout(LIMIT, &mut handling).await {
            Ok(Ok(Ok(()))) => {
                failpoint::reached(Place::Handled);
                return Went::Well;
            }
            Ok(Ok(Err(error))) => error.reason,
            Ok(Err(panic)) => format!("the consumer failed: {panic}"),
            Err(_) => {
                handling.abort();
                "the consumer did not finish in time".to_owned()
            }
        };
        if consumer.ready() {
            return Went::Wrong(reason);
        }
        tracing::warn!(consumer = consumer.name(), reason, "a consumer can take nothing for now");
        Went::NotNow
    }
}

fn tell(delivery: &Delivery, reason: &str, retry: Retry) {
    let (consumer, attempts) = (delivery.consumer, delivery.attempts + 1);
    let topic = delivery.event.event.topic();
    metrics::counter!("deliveries_failed_total", "consumer" => consumer).increment(1);
    match retry {
        Retry::Later if attempts < 5 => {
            tracing::warn!(consumer, topic, attempts, reason, "a delivery failed");
        }
        Retry::Later => tracing::error!(consumer, topic, attempts, reason, "a delivery keeps failing"),
        Retry::DeadLetter => {
            tracing::error!(consumer, topic, attempts, reason, "a delivery is a dead letter");
        }
    }
}
