//! The relay over a sink that does nothing: what claiming, handing over and settling cost by themselves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai_ports::events::{Consumer, ConsumerError, EventRecord, FollowUp as _};
use sarai_postgres::{Options, Postgres, PostgresStore, roles::Roles};
use sarai_relay::Relay;
use tokio_util::sync::CancellationToken;

/// The consumer's name.
pub(crate) const NAME: &str = "sink";
/// How long a backlog may take.
const LIMIT: Duration = Duration::from_mins(10);

struct Sink(AtomicU64);

#[async_trait]
impl Consumer for Sink {
    fn name(&self) -> &'static str {
        NAME
    }

    fn group(&self) -> &'static str {
        NAME
    }

    async fn handle(&self, _: &EventRecord) -> Result<(), ConsumerError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Drains a backlog of this many deliveries from a database; gives the seconds it took.
///
/// It runs on threads of its own, as many as a server has.
///
/// # Errors
/// When the database cannot be used, or the time is up.
pub(crate) fn drain(admin: &str, password: &str, count: u64) -> Result<f64, String> {
    let work = async {
        let urls = Roles::default().set_up(admin, password).await.map_err(|error| error.to_string())?;
        let database =
            Postgres::connect(&urls, Options::default()).await.map_err(|error| error.to_string())?;
        let relay = Relay::new(Arc::new(PostgresStore::new(Arc::new(database))));
        let sink = Arc::new(Sink(AtomicU64::new(0)));
        relay.connect(vec![Arc::clone(&sink) as _]);
        let (from, stop) = (Instant::now(), CancellationToken::new());
        let running = tokio::spawn({
            let (relay, stop) = (relay.clone(), stop.clone());
            async move { relay.run(stop).await }
        });
        while sink.0.load(Ordering::Relaxed) < count && from.elapsed() < LIMIT {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        relay.idle(LIMIT).await;
        let seconds = from.elapsed().as_secs_f64();
        stop.cancel();
        let _ = running.await;
        let drained = sink.0.load(Ordering::Relaxed);
        if drained < count { Err(format!("{drained} of {count} were drained")) } else { Ok(seconds) }
    };
    let threads = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    thread::scope(|scope| {
        let drained = scope.spawn(|| threads().map_err(|error| error.to_string())?.block_on(work));
        drained.join().unwrap_or_else(|_| Err("the relay failed".to_owned()))
    })
}
