//! Senders: what is due is taken and tried, so many at once, and so many to one endpoint.
//!
//! They have no part in the outbox: a slow endpoint holds up its own deliveries, and nothing of ours.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sarai_domain::{
    devportal::webhook::WebhookDelivery,
    kernel::{Aggregate as _, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_ports::devportal::WebhookWork;
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

/// How often what is due is asked for.
const POLL: Duration = Duration::from_millis(200);
/// How many attempts run at once.
const CONCURRENCY: usize = 64;
/// How many of them go to one endpoint.
const PER_ENDPOINT: usize = 4;

/// The senders of one process.
#[derive(Clone)]
pub struct Senders {
    work: Arc<dyn WebhookWork>,
}

/// What is under way.
#[derive(Default)]
struct UnderWay {
    attempts: JoinSet<WebhookEndpointId>,
    to: HashMap<WebhookEndpointId, usize>,
}

impl Senders {
    /// Senders that do this work.
    pub fn new(work: Arc<dyn WebhookWork>) -> Self {
        Self { work }
    }

    /// Sends what is due until told to stop; then what is under way ends.
    pub async fn run(&self, stop: CancellationToken) {
        let mut under_way = UnderWay::default();
        while !stop.is_cancelled() {
            if self.take_up(&mut under_way).await == 0 {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(POLL) => under_way.reap(),
                    Some(done) = under_way.attempts.join_next() => under_way.done(done.ok()),
                }
            }
        }
        // An attempt ends within seconds, and one that is cut off would be made twice.
        while let Some(done) = under_way.attempts.join_next().await {
            under_way.done(done.ok());
        }
    }

    /// Begins what is due and has a place; gives how many.
    async fn take_up(&self, under_way: &mut UnderWay) -> usize {
        under_way.reap();
        let free = CONCURRENCY.saturating_sub(under_way.attempts.len());
        if free == 0 {
            return 0;
        }
        let taken = match self.work.take(&under_way.busy(), free).await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(%error, "deliveries to endpoints could not be taken");
                return 0;
            }
        };
        let (begun, surplus) = under_way.admit(taken);
        let count = begun.len();
        for delivery in begun {
            let (work, endpoint) = (Arc::clone(&self.work), delivery.data().endpoint_id);
            under_way.attempts.spawn(async move {
                let id = delivery.id();
                work.attempt(delivery).await;
                // The next attempt is due before the claim of this one lapses.
                if let Err(error) = work.give_back(&[id]).await {
                    tracing::warn!(%error, "a delivery to an endpoint could not be given back");
                }
                endpoint
            });
        }
        if !surplus.is_empty()
            && let Err(error) = self.work.give_back(&surplus).await
        {
            tracing::warn!(%error, "deliveries to endpoints could not be given back");
        }
        count
    }
}

impl UnderWay {
    /// Endpoints that have no place left.
    fn busy(&self) -> Vec<WebhookEndpointId> {
        self.to.iter().filter(|(_, count)| **count >= PER_ENDPOINT).map(|(id, _)| *id).collect()
    }

    /// Those that have a place, and those that have none.
    fn admit(&mut self, taken: Vec<WebhookDelivery>) -> (Vec<WebhookDelivery>, Vec<WebhookDeliveryId>) {
        let (mut begun, mut surplus) = (Vec::new(), Vec::new());
        for delivery in taken {
            let count = self.to.entry(delivery.data().endpoint_id).or_default();
            if *count < PER_ENDPOINT {
                *count = count.saturating_add(1);
                begun.push(delivery);
            } else {
                surplus.push(delivery.id());
            }
        }
        (begun, surplus)
    }

    fn reap(&mut self) {
        while let Some(done) = self.attempts.try_join_next() {
            self.done(done.ok());
        }
    }

    /// A place is free. An attempt that panicked is told by nobody: its endpoint's places are counted anew.
    fn done(&mut self, endpoint: Option<WebhookEndpointId>) {
        match endpoint {
            Some(id) => {
                let left = self.to.remove(&id).unwrap_or_default().saturating_sub(1);
                if left > 0 {
                    self.to.insert(id, left);
                }
            }
            None if self.attempts.is_empty() => self.to.clear(),
            None => {}
        }
    }
}
