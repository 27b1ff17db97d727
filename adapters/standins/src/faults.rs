//! Faults on request: a service that is out of reach, and answers that get lost after the work was done.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use sarai_ports::GatewayError;

/// The faults of one stand-in.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    outage: AtomicBool,
    lost_answers: AtomicU32,
}

impl Faults {
    /// From now on every call fails before it does anything, or none.
    pub(crate) fn set_outage(&self, outage: bool) {
        self.outage.store(outage, Ordering::SeqCst);
    }

    /// The next calls do their work, but the caller does not learn of it.
    pub(crate) fn lose_answers(&self, calls: u32) {
        self.lost_answers.store(calls, Ordering::SeqCst);
    }

    /// Runs a call under the faults.
    pub(crate) fn call<T>(&self, work: impl FnOnce() -> Result<T, GatewayError>) -> Result<T, GatewayError> {
        if self.outage.load(Ordering::SeqCst) {
            return Err(GatewayError::Unavailable("outage".to_owned()));
        }
        let answer = work();
        let lost =
            self.lost_answers.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match lost {
            Ok(_) => Err(GatewayError::Unavailable("the answer was lost".to_owned())),
            Err(_) => answer,
        }
    }
}
