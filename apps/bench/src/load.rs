//! Load: clients in a closed loop, or arrivals at a rate whose delays are counted from when they were due.

use std::{
    cell::{Cell, RefCell},
    fmt,
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::http::Client;

/// How a step ended that did not do what it was for.
#[derive(Debug)]
pub(crate) enum Missed {
    /// The server refused to take it on: too much to do.
    Shed,
    /// Anything else.
    Failed(String),
}

impl From<std::io::Error> for Missed {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl std::error::Error for Missed {}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shed => f.write_str("the server had too much to do"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

/// How hard, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Connections.
    pub(crate) clients: u64,
    /// For how long something is started.
    pub(crate) length: Duration,
    /// Arrivals a second; each client starts again at once where there is none.
    pub(crate) rate: Option<f64>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Steps done.
    pub(crate) done: u64,
    /// Steps the server refused to take on.
    pub(crate) shed: u64,
    /// Steps that failed.
    pub(crate) failed: u64,
    /// Why the first of them did.
    pub(crate) first_failure: Option<String>,
    /// From the first start to the last end.
    pub(crate) seconds: f64,
    /// Steps done before the last start was due.
    pub(crate) in_time: u64,
    micros: Vec<u32>,
}

impl Outcome {
    /// Steps done a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.done as f64 / self.seconds.max(1e-9)
    }

    /// Milliseconds within which this share of the steps was done; sorts at the first call.
    pub(crate) fn within(&mut self, share: f64) -> f64 {
        self.micros.sort_unstable();
        let place = (self.micros.len() as f64 * share) as usize;
        let last = self.micros.len().saturating_sub(1);
        self.micros.get(place.min(last)).map_or(0.0, |micros| f64::from(*micros) / 1e3)
    }

    fn add(&mut self, ended: Result<(), Missed>, took: Duration, in_time: bool) {
        match ended {
            Ok(()) => {
                self.done += 1;
                self.in_time += u64::from(in_time);
                self.micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
            }
            Err(Missed::Shed) => self.shed += 1,
            Err(Missed::Failed(why)) => {
                self.failed += 1;
                self.first_failure.get_or_insert(why);
            }
        }
    }
}

/// Runs `step` with the number of each start. Needs a `LocalSet`.
///
/// Each client keeps its connection. With a rate, a start that finds every client busy waits for one, and its delay
/// counts from when it was due.
pub(crate) async fn run<F>(address: SocketAddr, load: Load, step: F) -> Outcome
where
    F: AsyncFn(&mut Client, u64) -> Result<(), Missed> + 'static,
{
    let (step, next) = (Rc::new(step), Rc::new(Cell::new(0_u64)));
    let outcome = Rc::new(RefCell::new(Outcome::default()));
    let from = Instant::now();
    let until = from + load.length;
    let mut clients = JoinSet::new();
    for _ in 0..load.clients {
        let (step, next, outcome) = (Rc::clone(&step), Rc::clone(&next), Rc::clone(&outcome));
        clients.spawn_local(async move {
            let mut client = Client::new(address);
            loop {
                let number = next.replace(next.get() + 1);
                let due = load
                    .rate
                    .map_or_else(Instant::now, |rate| from + Duration::from_secs_f64(number as f64 / rate));
                if due >= until {
                    return;
                }
                sleep_until(due).await;
                let ended = step(&mut client, number).await;
                let now = Instant::now();
                outcome.borrow_mut().add(ended, now - due, now <= until);
            }
        });
    }
    while clients.join_next().await.is_some() {}
    let mut outcome = outcome.take();
    outcome.seconds = from.elapsed().as_secs_f64();
    outcome
}
