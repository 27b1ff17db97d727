//! Runs deliveries: at once after the commit, and again what was left undone (ruling R41).
//!
//! Deliveries of one consumer and one aggregate run one after the other; others run side by side. The
//! outbox is the truth: a process that dies leaves claims that lapse, and [`Relay::run`] of any process
//! takes them up.
//!
//! - `lanes`: what is under way, in order; `running`: one lane from its first delivery to its last
//! - `groups`: which consumers share their capacity, and what each group takes up
//! - `settling`: what is done is told to the outbox, many deliveries at once
//! - `share`: whose business which partition is
//! - [`jetstream`]: the broker as a consumer, and as a sender
//! - `sequencer`: numbers the feeds
//! - [`webhooks`]: the way out to endpoints

mod groups;
pub mod jetstream;
mod lanes;
mod measure;
mod running;
mod sequencer;
mod settling;
mod share;
pub mod webhooks;

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_ports::{
    events::{Consumer, Delivery, FollowUp, Outbox, Partitions},
    leases::Leases,
    system::Clock,
};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{groups::Groups, lanes::InFlight, settling::Settling, share::Share};

pub use sequencer::Sequencer;

/// How long a claim holds, and a lease of a partition.
const LEASE: Duration = Duration::from_secs(15);
/// What has to be left of a claim for its delivery to be begun.
const MARGIN: Duration = Duration::from_secs(5);
/// How long giving back what is queued may take.
const GIVING_BACK: Duration = Duration::from_secs(3);
/// How long a handler may take: less than a claim holds, more than a call it makes may take.
const LIMIT: Duration = Duration::from_secs(14);

/// The relay of one process.
#[derive(Clone)]
pub struct Relay {
    inner: Arc<Inner>,
}

struct Inner {
    outbox: Arc<dyn Outbox>,
    groups: OnceLock<Groups>,
    sequencer: OnceLock<Sequencer>,
    share: OnceLock<(Share, Arc<dyn Clock>)>,
    in_flight: Mutex<InFlight>,
    settling: Settling,
    /// Something was handled or settled.
    finished: Notify,
    /// Nothing more is taken up.
    resting: CancellationToken,
}

impl Relay {
    /// A relay over an outbox; consumers come with [`Relay::connect`].
    pub fn new(outbox: Arc<dyn Outbox>) -> Self {
        Self {
            inner: Arc::new(Inner {
                outbox,
                groups: OnceLock::new(),
                sequencer: OnceLock::new(),
                share: OnceLock::new(),
                in_flight: Mutex::default(),
                settling: Settling::default(),
                finished: Notify::new(),
                resting: CancellationToken::new(),
            }),
        }
    }

    /// Connects the consumers, once: they need the ports, and the ports need the relay.
    pub fn connect(&self, consumers: Vec<Arc<dyn Consumer>>) {
        if self.inner.groups.set(Groups::of(consumers)).is_err() {
            tracing::error!("the relay was connected before; the second set of consumers is ignored");
        }
    }

    /// Connects the sequencer, once: it is woken by every commit.
    pub fn announce_to(&self, sequencer: Sequencer) {
        if self.inner.sequencer.set(sequencer).is_err() {
            tracing::error!("the relay had a sequencer before; the second one is not woken");
        }
    }

    /// Shares what was left with other processes, as the member of this name; without it every partition is ours.
    pub fn share(&self, leases: Arc<dyn Leases>, clock: Arc<dyn Clock>, name: &str) {
        if self.inner.share.set((Share::new(leases, name), clock)).is_err() {
            tracing::error!("the relay shares already; the second name is ignored");
        }
    }

    /// Takes up what was left, until told to stop or to rest.
    pub async fn run(&self, stop: CancellationToken) {
        let stop = stop.child_token();
        let mut loops = JoinSet::new();
        let (resting, stopped) = (self.inner.resting.clone(), stop.clone());
        loops.spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = resting.cancelled() => stopped.cancel(),
            }
        });
        for number in 0..self.inner.groups.get().map_or(0, Groups::count) {
            let (inner, stop) = (Arc::clone(&self.inner), stop.clone());
            loops.spawn(async move { inner.take_up_until(number, &stop).await });
        }
        if self.inner.share.get().is_some() {
            let (inner, stopped) = (Arc::clone(&self.inner), stop.clone());
            loops.spawn(async move {
                if let Some((share, _)) = inner.share.get() {
                    share.keep(&stopped).await;
                }
            });
            let (inner, stopped) = (Arc::clone(&self.inner), stop.clone());
            loops.spawn(async move { inner.measure_until(&stopped).await });
        }
        while loops.join_next().await.is_some() {}
    }

    /// Takes up nothing more, for good: what is left is another process's business from now on. What is in hand goes on.
    pub fn rest(&self) {
        self.inner.resting.cancel();
    }

    /// Rests; waits until what is in hand is done, but no longer than until then, and gives back what is still queued, so
    /// that another process need not wait for claims to lapse. What runs by then goes on.
    pub async fn drain(&self, until: Instant) {
        self.rest();
        self.idle(until.saturating_duration_since(Instant::now())).await;
        if let Some(groups) = self.inner.groups.get() {
            groups.close();
        }
        self.idle(GIVING_BACK).await;
    }

    /// Takes up what is due now; gives how many deliveries.
    pub async fn take_up(&self) -> usize {
        let mut taken = 0;
        for number in 0..self.inner.groups.get().map_or(0, Groups::count) {
            taken += self.inner.take_up(number).await;
        }
        taken
    }

    /// The partitions that are this process's business now.
    pub fn partitions(&self) -> Partitions {
        self.inner.partitions()
    }
}

#[async_trait]
impl FollowUp for Relay {
    fn committed(&self, deliveries: Vec<Delivery>) {
        if let Some(sequencer) = self.inner.sequencer.get() {
            sequencer.wake();
        }
        self.inner.hand_over(deliveries);
    }

    async fn settled(&self, correlation_id: &str, limit: Duration) {
        self.inner.wait(limit, |inner| !inner.in_flight().is_under_way(correlation_id)).await;
    }

    async fn idle(&self, limit: Duration) {
        self.inner.wait(limit, |inner| inner.in_flight().is_idle() && inner.settling.is_idle()).await;
    }
}

impl Inner {
    fn in_flight(&self) -> MutexGuard<'_, InFlight> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn partitions(&self) -> Partitions {
        self.share.get().map_or(Partitions::ALL, |(share, _)| share.partitions())
    }

    /// Waits until something is so that changes when something finishes.
    async fn wait(&self, limit: Duration, so: impl Fn(&Self) -> bool) {
        let wait = async {
            loop {
                let finished = self.finished.notified();
                tokio::pin!(finished);
                finished.as_mut().enable();
                if so(self) {
                    return;
                }
                finished.await;
            }
        };
        // What is not so by then is answered as it stands.
        let _ = tokio::time::timeout(limit, wait).await;
    }
}
