//! Runs deliveries: at once after the commit, and again what was left undone (ruling R41).
//!
//! Deliveries of one consumer and one aggregate run one after the other; others run side by side. The
//! outbox is the truth: a process that dies leaves claims that lapse, and [`Relay::run`] of any process
//! takes them up.

mod sequencer;

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_ports::events::{Consumer, Delivery, FollowUp, Outbox, Retry};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

pub use sequencer::Sequencer;

/// How long a claim holds.
const LEASE: Duration = Duration::from_secs(15);
/// How often the outbox is asked for what was left.
const POLL: Duration = Duration::from_millis(250);
/// How many deliveries are taken at a time.
const BATCH: usize = 64;
/// How many lanes are remembered before those whose claims have lapsed are forgotten.
const HANDED: usize = 4_096;
/// How many run side by side.
const CONCURRENCY: usize = 64;

/// The relay of one process.
#[derive(Clone)]
pub struct Relay {
    inner: Arc<Inner>,
}

type Lane = (&'static str, String);

struct Inner {
    outbox: Arc<dyn Outbox>,
    consumers: OnceLock<HashMap<&'static str, Arc<dyn Consumer>>>,
    sequencer: OnceLock<Sequencer>,
    in_flight: Mutex<InFlight>,
    finished: Notify,
    permits: Semaphore,
}

#[derive(Default)]
struct InFlight {
    lanes: HashMap<Lane, VecDeque<Delivery>>,
    by_correlation: HashMap<String, usize>,
    /// Lanes of which a failure could not be settled, until its claim has lapsed: nothing may overtake it.
    closed: HashMap<Lane, Instant>,
    /// The last fence handed over of each lane, and when.
    handed: HashMap<Lane, (u64, Instant)>,
}

impl InFlight {
    /// Whether this process was handed what comes before a delivery: if not, the answer of the commit that
    /// left it was lost, and nothing may overtake it.
    fn follows(&mut self, lane: &Lane, delivery: &Delivery) -> bool {
        let now = Instant::now();
        if self.handed.len() > HANDED {
            self.handed.retain(|_, (_, at)| now.duration_since(*at) < LEASE);
        }
        let follows = delivery
            .after
            .is_none_or(|before| self.handed.get(lane).is_some_and(|(fence, _)| *fence >= before));
        if follows {
            self.handed.insert(lane.clone(), (delivery.fence, now));
        }
        follows
    }
}

impl Relay {
    /// A relay over an outbox; consumers come with [`Relay::connect`].
    pub fn new(outbox: Arc<dyn Outbox>) -> Self {
        Self {
            inner: Arc::new(Inner {
                outbox,
                consumers: OnceLock::new(),
                sequencer: OnceLock::new(),
                in_flight: Mutex::default(),
                finished: Notify::new(),
                permits: Semaphore::new(CONCURRENCY),
            }),
        }
    }

    /// Connects the consumers, once: they need the ports, and the ports need the relay.
    pub fn connect(&self, consumers: Vec<Arc<dyn Consumer>>) {
        let by_name = consumers.into_iter().map(|consumer| (consumer.name(), consumer)).collect();
        if self.inner.consumers.set(by_name).is_err() {
            tracing::error!("the relay was connected before; the second set of consumers is ignored");
        }
    }

    /// Connects the sequencer, once: it is woken by every commit.
    pub fn announce_to(&self, sequencer: Sequencer) {
        if self.inner.sequencer.set(sequencer).is_err() {
            tracing::error!("the relay had a sequencer before; the second one is not woken");
        }
    }

    /// Takes up what was left, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(POLL) => {}
            }
            self.take_up().await;
        }
    }

    /// Takes up what is due now; gives how many deliveries.
    pub async fn take_up(&self) -> usize {
        match self.inner.outbox.claim_due(BATCH, LEASE).await {
            Ok(deliveries) => {
                let count = deliveries.len();
                self.committed(deliveries);
                count
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox could not be read");
                0
            }
        }
    }
}

#[async_trait]
impl FollowUp for Relay {
    fn committed(&self, deliveries: Vec<Delivery>) {
        if let Some(sequencer) = self.inner.sequencer.get() {
            sequencer.wake();
        }
        for delivery in deliveries {
            let lane = (delivery.consumer, delivery.event.subject.clone());
            let mut in_flight = self.inner.in_flight();
            if !in_flight.follows(&lane, &delivery) {
                // Its claim lapses, and it is taken up in order.
                continue;
            }
            *in_flight.by_correlation.entry(delivery.event.correlation_id.clone()).or_default() += 1;
            match in_flight.lanes.entry(lane.clone()) {
                Entry::Occupied(mut queue) => queue.get_mut().push_back(delivery),
                Entry::Vacant(free) => {
                    free.insert(VecDeque::from([delivery]));
                    let inner = Arc::clone(&self.inner);
                    tokio::spawn(async move { inner.drain(lane).await });
                }
            }
        }
    }

    async fn settled(&self, correlation_id: &str, limit: Duration) {
        self.inner.wait(limit, |in_flight| !in_flight.by_correlation.contains_key(correlation_id)).await;
    }

    async fn idle(&self, limit: Duration) {
        self.inner.wait(limit, |in_flight| in_flight.by_correlation.is_empty()).await;
    }
}

impl Inner {
    fn in_flight(&self) -> MutexGuard<'_, InFlight> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, limit: Duration, done: impl Fn(&InFlight) -> bool) {
        let wait = async {
            loop {
                let finished = self.finished.notified();
                tokio::pin!(finished);
                finished.as_mut().enable();
                if done(&self.in_flight()) {
                    return;
                }
                finished.await;
            }
        };
        // What is not done by then is answered as it stands.
        let _ = tokio::time::timeout(limit, wait).await;
    }

    /// Runs a lane's deliveries one after the other until none is left.
    async fn drain(&self, lane: Lane) {
        let mut blocked = self.is_closed(&lane);
        loop {
            let delivery = {
                let mut in_flight = self.in_flight();
                if let Some(delivery) = in_flight.lanes.get_mut(&lane).and_then(VecDeque::pop_front) {
                    delivery
                } else {
                    in_flight.lanes.remove(&lane);
                    return;
                }
            };
            let settled = if blocked {
                self.outbox.release(&delivery).await
            } else {
                self.run(&delivery, &mut blocked).await
            };
            if let Err(error) = settled {
                // The claim lapses; the delivery is taken up again and its effects are idempotent.
                tracing::warn!(%error, consumer = delivery.consumer, "a delivery was not settled");
                if blocked {
                    self.in_flight().closed.insert(lane.clone(), Instant::now() + LEASE);
                }
            }
            let mut in_flight = self.in_flight();
            if let Entry::Occupied(mut open) =
                in_flight.by_correlation.entry(delivery.event.correlation_id.clone())
            {
                *open.get_mut() -= 1;
                if *open.get() == 0 {
                    open.remove();
                }
            }
            drop(in_flight);
            self.finished.notify_waiters();
        }
    }

    fn is_closed(&self, lane: &Lane) -> bool {
        let mut in_flight = self.in_flight();
        let now = Instant::now();
        in_flight.closed.retain(|_, until| *until > now);
        in_flight.closed.contains_key(lane)
    }

    async fn run(&self, delivery: &Delivery, blocked: &mut bool) -> Result<(), sarai_ports::StoreError> {
        let Some(consumer) = self.consumers.get().and_then(|known| known.get(delivery.consumer)) else {
            *blocked = true;
            return self.outbox.release(delivery).await;
        };
        let result = match self.permits.acquire().await {
            // A handler that panics must not take its lane with it.
            Ok(_permit) => {
                let (consumer, event) = (Arc::clone(consumer), Arc::clone(&delivery.event));
                match tokio::spawn(async move { consumer.handle(&event).await }).await {
                    Ok(result) => result.map_err(|error| error.reason),
                    Err(panic) => Err(format!("the consumer failed: {panic}")),
                }
            }
            Err(closed) => Err(closed.to_string()),
        };
        let topic = delivery.event.event.topic();
        match result {
            Ok(()) => self.outbox.done(std::slice::from_ref(delivery)).await,
            Err(reason) => {
                *blocked = true;
                let retry = self.outbox.failed(delivery, &reason).await?;
                metrics::counter!("deliveries_failed_total", "consumer" => delivery.consumer).increment(1);
                let (consumer, attempts) = (delivery.consumer, delivery.attempts + 1);
                match retry {
                    Retry::Later if attempts < 5 => {
                        tracing::warn!(consumer, topic, attempts, reason, "a delivery failed");
                    }
                    Retry::Later => {
                        tracing::error!(consumer, topic, attempts, reason, "a delivery keeps failing");
                    }
                    Retry::DeadLetter => {
                        tracing::error!(consumer, topic, attempts, reason, "a delivery is a dead letter");
                    }
                }
                Ok(())
            }
        }
    }
}
