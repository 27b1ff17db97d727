//! Which partitions are this process's business: leases that processes share fairly.
//!
//! A lease says only who looks for what was left. Who may run a delivery is for its own claim to say.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sarai_ports::{
    StoreError,
    events::{Partitions, partition_of},
    leases::{Fence, Leases},
    partition::PARTITIONS,
};
use tokio_util::sync::CancellationToken;

use crate::LEASE;

/// How often leases are prolonged, taken and given back.
const TURN: Duration = Duration::from_secs(3);
/// What the names of our leases begin with.
const PREFIX: &str = "relay.";

/// This process's share.
pub(crate) struct Share {
    leases: Arc<dyn Leases>,
    member: String,
    /// Where this process begins to look for free partitions.
    first: i16,
    /// The partitions held, each until when at least.
    held: Mutex<BTreeMap<i16, (Fence, Instant)>>,
}

fn name_of(partition: i16) -> String {
    format!("{PREFIX}{partition}")
}

impl Share {
    pub(crate) fn new(leases: Arc<dyn Leases>, name: &str) -> Self {
        let member = format!("{PREFIX}member.{name}");
        Self { leases, first: partition_of(name), member, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<i16, (Fence, Instant)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partitions that are surely ours.
    pub(crate) fn partitions(&self) -> Partitions {
        let now = Instant::now();
        self.held().iter().filter(|(_, (_, until))| *until > now).map(|(partition, _)| *partition).collect()
    }

    /// Keeps the share until told to stop, then gives it back.
    pub(crate) async fn keep(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.turn().await {
                tracing::warn!(%error, "the relay's partitions could not be shared");
            }
            let count = u32::try_from(self.partitions().iter().count()).unwrap_or_default();
            metrics::gauge!("relay_partitions").set(count);
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TURN) => {}
            }
        }
        if let Err(error) = self.give_all_back().await {
            tracing::warn!(%error, "partitions were not given back: they lapse");
        }
    }

    /// Prolongs what is ours, gives back what is beyond the fair share, takes what is free up to it.
    pub(crate) async fn turn(&self) -> Result<(), StoreError> {
        self.leases.take(&self.member, LEASE).await?;
        let listed = self.leases.held(PREFIX).await?;
        let member_prefix = format!("{PREFIX}member.");
        let members = listed.iter().filter(|lease| lease.name.starts_with(&member_prefix)).count();
        let fair = usize::from(PARTITIONS.unsigned_abs()).div_ceil(members.max(1));
        let us = listed.iter().find(|lease| lease.name == self.member).map(|lease| lease.holder.as_str());
        let holder = |partition: i16| {
            let name = name_of(partition);
            listed.iter().find(|lease| lease.name == name).map(|lease| lease.holder.as_str())
        };
        let order = (0..PARTITIONS).map(|place| (self.first + place) % PARTITIONS);
        let (ours, others): (Vec<_>, Vec<_>) =
            order.partition(|partition| us.is_some() && holder(*partition) == us);
        let (kept, surplus) = ours.split_at(ours.len().min(fair));
        for partition in surplus {
            self.give_back(*partition).await?;
        }
        for partition in kept {
            self.take(*partition).await?;
        }
        let wanted = fair - kept.len();
        for partition in others.into_iter().filter(|partition| holder(*partition).is_none()).take(wanted) {
            self.take(partition).await?;
        }
        Ok(())
    }

    async fn take(&self, partition: i16) -> Result<(), StoreError> {
        let until = Instant::now() + LEASE;
        let taken = self.leases.take(&name_of(partition), LEASE).await?;
        let mut held = self.held();
        match taken {
            Some(fence) => held.insert(partition, (fence, until)),
            None => held.remove(&partition),
        };
        Ok(())
    }

    async fn give_back(&self, partition: i16) -> Result<(), StoreError> {
        let held = self.held().remove(&partition);
        // One that was taken by an answer that was lost has no fence here: it lapses.
        match held {
            Some((fence, _)) => self.leases.give_back(&name_of(partition), fence).await,
            None => Ok(()),
        }
    }

    async fn give_all_back(&self) -> Result<(), StoreError> {
        for partition in self.partitions().iter() {
            self.give_back(partition).await?;
        }
        if let Some(fence) = self.leases.take(&self.member, LEASE).await? {
            self.leases.give_back(&self.member, fence).await?;
        }
        Ok(())
    }
}
