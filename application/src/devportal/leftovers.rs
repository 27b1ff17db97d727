//! What real time leaves behind in the developer portal: sandboxes that are over, receipts that nothing came for. Under one
//! lease; what two processes do at once is harmless.

use std::sync::{Arc, Mutex, PoisonError};

use sarai_domain::kernel::Timestamp;
use time::Duration;

use super::{sandboxes::Sandboxes, verify::Verify};
use crate::{
    AppError, Ports,
    shifts::{Shifts, Turn},
};

/// The lease's name.
const JOB: &str = "portal_leftovers";
/// How often somebody looks.
const EVERY: Duration = Duration::seconds(5);

/// Clears away. Every process has one.
#[derive(Clone)]
pub struct Leftovers {
    ports: Arc<Ports>,
    shifts: Arc<Shifts>,
    sandboxes: Sandboxes,
    verify: Verify,
    last: Arc<Mutex<Option<Timestamp>>>,
}

impl Leftovers {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self {
            shifts: Arc::new(Shifts::new(Arc::clone(&ports))),
            sandboxes: Sandboxes::new(Arc::clone(&ports)),
            verify: Verify::new(Arc::clone(&ports)),
            last: Arc::default(),
            ports,
        }
    }

    /// Clears away now and then, when it is this process's turn.
    pub async fn tick(&self) {
        if !self.is_time() || !Turn::of(JOB, Some(&*self.shifts)).goes_on().await {
            return;
        }
        if let Err(error) = self.clear().await {
            tracing::warn!(job = JOB, code = error.code, "a job could not read its work");
        }
    }

    /// Clears away now; gives how many sandboxes were ended or emptied.
    ///
    /// # Errors
    /// The store's.
    pub async fn clear(&self) -> Result<usize, AppError> {
        let done = self.sandboxes.sweep().await?;
        self.verify.forget_receipts().await?;
        Ok(done)
    }

    /// Leaves it to others.
    pub async fn hand_over(&self) {
        self.shifts.hand_over().await;
    }

    fn is_time(&self) -> bool {
        let real = self.ports.clock.real();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| real.since(last) >= EVERY);
        if due {
            *last = Some(real);
        }
        due
    }
}
