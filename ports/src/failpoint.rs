//! Places at which a crash test ends the process, as a power cut would: nothing is flushed, nobody is told.
//!
//! A place that nobody armed costs one load of an atomic. The binary arms at most one, from its configuration, and
//! never in production.

use std::{
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// A place in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A unit is complete and not handed to the store yet; what was asked of other services is done.
    CommitBefore,
    /// A unit is committed, and nobody knows.
    CommitAfter,
    /// Deliveries left by others are claimed, and none is run.
    Claimed,
    /// A consumer got a delivery and did nothing yet.
    Received,
    /// A consumer has handled a delivery that is not marked done.
    Handled,
    /// A delivery is marked done.
    Done,
    /// Timers that are due were read, and none has fired.
    Timer,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CommitBefore,
        Self::CommitAfter,
        Self::Claimed,
        Self::Received,
        Self::Handled,
        Self::Done,
        Self::Timer,
    ];

    /// Its name in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommitBefore => "commit-before",
            Self::CommitAfter => "commit-after",
            Self::Claimed => "claimed",
            Self::Received => "received",
            Self::Handled => "handled",
            Self::Done => "done",
            Self::Timer => "timer",
        }
    }
}

/// The one place where the process ends, when it is reached for the `nth` time: `commit-after:3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failpoint {
    /// Where.
    pub place: Place,
    /// The how manieth time, from 1.
    pub nth: u64,
}

/// A text that names no failpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is a place and how often it is reached, such as `commit-after:3`, not `{0}`")]
pub struct NoFailpoint(String);

impl FromStr for Failpoint {
    type Err = NoFailpoint;

    fn from_str(text: &str) -> Result<Self, NoFailpoint> {
        let wrong = || NoFailpoint(text.to_owned());
        let (name, nth) = text.split_once(':').ok_or_else(wrong)?;
        let place = Place::ALL.into_iter().find(|place| place.name() == name).ok_or_else(wrong)?;
        let nth = nth.parse().ok().filter(|nth| *nth > 0).ok_or_else(wrong)?;
        Ok(Self { place, nth })
    }
}

static ARMED: OnceLock<(Place, AtomicU64)> = OnceLock::new();

/// Arms a failpoint, once in the life of a process.
pub fn arm(failpoint: Failpoint) {
    // A second one is none: whoever tests arms one.
    let _ = ARMED.set((failpoint.place, AtomicU64::new(failpoint.nth)));
}

/// Says that a place is reached; does not return when it is the end.
pub fn reached(place: Place) {
    if let Some((armed, left)) = ARMED.get()
        && *armed == place
        && left.fetch_sub(1, Ordering::Relaxed) == 1
    {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failpoint_is_a_place_and_a_count() {
        for place in Place::ALL {
            let text = format!("{}:3", place.name());
            assert_eq!(text.parse(), Ok(Failpoint { place, nth: 3 }), "{text}");
        }
        for wrong in ["", "done", "done:", "done:0", "done:-1", "nowhere:1", "done:1:1"] {
            assert!(wrong.parse::<Failpoint>().is_err(), "{wrong}");
        }
    }
}
