//! The test clock: moves business time and does everything that falls due on the way (ruling R69).

use std::{sync::Arc, time::Duration};

use sarai_domain::kernel::{Kind, Timestamp};
use sarai_ports::{
    events::FollowUp,
    system::{Clock, DueWork, MovableClock},
};

use crate::{AppError, Call};

/// How long one instant's follow-up may take before the clock moves on.
const SETTLE: Duration = Duration::from_secs(30);
/// Instants visited in one advance, against work that makes itself due again for ever.
const MOST_STOPS: usize = 100_000;
/// Rounds at one instant, for the same reason.
const MOST_ROUNDS: usize = 10_000;

/// The use cases of the test clock.
#[derive(Clone)]
pub struct TestClock {
    clock: Arc<dyn Clock>,
    movable: Arc<dyn MovableClock>,
    work: Vec<Arc<dyn DueWork>>,
    follow_up: Arc<dyn FollowUp>,
}

impl TestClock {
    /// Over a clock, everything that waits for it, and what runs the consequences.
    pub fn new(
        clock: Arc<dyn Clock>,
        movable: Arc<dyn MovableClock>,
        work: Vec<Arc<dyn DueWork>>,
        follow_up: Arc<dyn FollowUp>,
    ) -> Self {
        Self { clock, movable, work, follow_up }
    }

    /// Business time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves business time forward, stopping at every instant at which something is due; answers when all
    /// of it has run, with how many things did.
    ///
    /// # Errors
    /// `clock.not_movable` for a tenant whose clock is the real one.
    pub async fn advance(&self, call: &Call, seconds: u32) -> Result<(Timestamp, usize), AppError> {
        call.platform_scope()?;
        if !self.movable.movable(&call.principal) {
            let message = "only the clock of demo and sandbox tenants can be moved";
            return Err(AppError::new(Kind::Conflict, "clock.not_movable", message));
        }
        let target = self.clock.now().plus(time::Duration::seconds(i64::from(seconds)));
        let mut ran = self.run_due().await?;
        for _ in 0..MOST_STOPS {
            let Some(next) = self.next_due(self.clock.now()).await?.filter(|next| *next <= target) else {
                break;
            };
            self.movable.advance_to(next).await?;
            ran = ran.saturating_add(self.run_due().await?);
        }
        self.movable.advance_to(target).await?;
        ran = ran.saturating_add(self.run_due().await?);
        Ok((self.clock.now(), ran))
    }

    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, AppError> {
        let mut earliest = None;
        for work in &self.work {
            let next = work.next_due(after).await?;
            earliest = [earliest, next].into_iter().flatten().min();
        }
        Ok(earliest)
    }

    /// Runs what is due until nothing is.
    async fn run_due(&self) -> Result<usize, AppError> {
        let mut ran: usize = 0;
        for _ in 0..MOST_ROUNDS {
            self.follow_up.idle(SETTLE).await;
            let mut round: usize = 0;
            for work in &self.work {
                round = round.saturating_add(work.run_due().await?);
                self.follow_up.idle(SETTLE).await;
            }
            if round == 0 {
                return Ok(ran);
            }
            ran = ran.saturating_add(round);
        }
        Ok(ran)
    }
}
