//! What is left undone, as figures: how much for each consumer, and for how long.

use std::{collections::BTreeMap, time::Duration};

use sarai_ports::{StoreError, events::Backlog, system::Clock};
use tokio_util::sync::CancellationToken;

use crate::{Inner, groups::Groups};

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(5);

impl Inner {
    /// Measures until told to stop.
    pub(crate) async fn measure_until(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Some((_, clock)) = self.share.get()
                && let Err(error) = self.measure(&**clock).await
            {
                tracing::warn!(%error, "the outbox could not be measured");
            }
        }
    }

    async fn measure(&self, clock: &dyn Clock) -> Result<(), StoreError> {
        let now = clock.real();
        let names = self.groups.get().into_iter().flat_map(Groups::names);
        let mut figures: BTreeMap<String, (Backlog, f64)> =
            names.map(|name| (name.to_owned(), (Backlog::default(), 0.0))).collect();
        for told in self.outbox.backlogs().await? {
            let lag = now.since(told.oldest).as_seconds_f64().max(0.0);
            figures.insert(told.consumer, (told.backlog, lag));
        }
        let count = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        for (consumer, (backlog, lag)) in figures {
            metrics::gauge!("outbox_open", "consumer" => consumer.clone()).set(count(backlog.open));
            metrics::gauge!("outbox_dead_letters", "consumer" => consumer.clone())
                .set(count(backlog.dead_letters));
            metrics::gauge!("outbox_lag_seconds", "consumer" => consumer).set(lag);
        }
        Ok(())
    }
}
