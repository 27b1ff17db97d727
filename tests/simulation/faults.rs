//! What goes wrong, how often, and how often it did.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// One kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A delivery is handed over twice.
    Duplicated,
    /// A delivery gets lost; its claim lapses and it is delivered again.
    Dropped,
    /// A later delivery starts before an earlier one.
    Reordered,
    /// A task stops in the middle, for up to 48 virtual hours, and then goes on as if nothing had happened.
    Frozen,
    /// A process dies just before it commits.
    CrashedBeforeCommit,
    /// A process dies between the commit and what follows from it.
    CrashedAfterCommit,
    /// A commit is written and its answer lost.
    CommitUnknown,
    /// Somebody else saved first, says the store.
    Conflict,
    /// The store is out of reach for one call.
    StoreDown,
    /// Billing is out of reach for a while.
    BillingDown,
    /// Billing does what it is asked and its answer is lost.
    BillingAnswerLost,
    /// A payment is decided later, by a callback; perhaps after the void.
    PaymentLate,
    /// A payment is declined.
    PaymentFailed,
    /// A buyer's bank takes the payment back: a dispute.
    PaymentReversed,
    /// Another amount is captured.
    AmountMismatch,
    /// Money is captured twice.
    CapturedTwice,
    /// Billing decides a refund later, or cannot return the money.
    RefundTrouble,
    /// A callback is told twice.
    CallbackDuplicated,
    /// A callback is told hours later, after others.
    CallbackDelayed,
    /// Enrollment is out of reach for a while.
    EnrollmentDown,
    /// Enrollment does what it is asked and its answer is lost.
    EnrollmentAnswerLost,
    /// Enrollment refuses a learner for good.
    EnrollmentRefused,
}

/// Every fault with its name and its highest rate in basis points.
#[rustfmt::skip]
pub const FAULTS: &[(Fault, &str, u32)] = &[
    (Fault::Duplicated,           "delivery duplicated",         5_000),
    (Fault::Dropped,              "delivery dropped",            3_000),
    (Fault::Reordered,            "delivery reordered",          5_000),
    (Fault::Frozen,               "task frozen",                   100),
    (Fault::CrashedBeforeCommit,  "crash before commit",           250),
    (Fault::CrashedAfterCommit,   "crash after commit",            250),
    (Fault::CommitUnknown,        "commit unknown",                200),
    (Fault::Conflict,             "conflict",                    2_000),
    (Fault::StoreDown,            "store unavailable",              50),
    (Fault::BillingDown,          "billing unavailable",           300),
    (Fault::BillingAnswerLost,    "billing answer lost",           500),
    (Fault::PaymentLate,          "payment late",                3_000),
    (Fault::PaymentFailed,        "payment failed",              2_000),
    (Fault::PaymentReversed,      "payment reversed",            1_000),
    (Fault::AmountMismatch,       "amount mismatch",               500),
    (Fault::CapturedTwice,        "captured twice",                500),
    (Fault::RefundTrouble,        "refund pending or failed",    3_000),
    (Fault::CallbackDuplicated,   "callback duplicated",         5_000),
    (Fault::CallbackDelayed,      "callback delayed",            3_000),
    (Fault::EnrollmentDown,       "enrollment unavailable",        300),
    (Fault::EnrollmentAnswerLost, "enrollment answer lost",        500),
    (Fault::EnrollmentRefused,    "enrollment refused",            100),
];

/// Which faults a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaultMode {
    /// None.
    None,
    /// Each seed switches each fault on or off, and draws how often it strikes.
    #[default]
    Swarm,
    /// All of them at their highest rate.
    All,
}

impl FaultMode {
    /// Every mode with its name on the command line.
    pub const ALL: &[(FaultMode, &str)] =
        &[(FaultMode::None, "none"), (FaultMode::Swarm, "swarm"), (FaultMode::All, "all")];

    /// The mode of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(mode, _)| *mode)
    }
}

/// The dice of one seed.
#[derive(Debug)]
pub(super) struct Dice(Mutex<ChaCha8Rng>);

impl Dice {
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Self(Mutex::new(random))
    }

    fn random(&self) -> MutexGuard<'_, ChaCha8Rng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number below this; 0 of nothing.
    pub(super) fn below(&self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.random().next_u64() % limit }
    }

    /// An index into something of this length.
    pub(super) fn index(&self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// True so many times in 10,000.
    pub(super) fn chance(&self, basis_points: u32) -> bool {
        self.below(10_000) < u64::from(basis_points)
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&self, of: &[T]) -> T {
        of[self.index(of.len())]
    }
}

/// The faults of one run: rates, and counts of what struck.
#[derive(Debug)]
pub(super) struct Weather {
    dice: Dice,
    rates: Vec<u32>,
    calm: std::sync::atomic::AtomicBool,
    fired: Mutex<Vec<u64>>,
}

impl Weather {
    pub(super) fn new(seed: u64, mode: FaultMode) -> Self {
        let dice = Dice::new(seed, 1);
        let rate = |highest: u32| match mode {
            FaultMode::None => 0,
            FaultMode::All => highest,
            FaultMode::Swarm if dice.chance(3_000) => 0,
            FaultMode::Swarm => 1 + u32::try_from(dice.below(u64::from(highest))).unwrap_or_default(),
        };
        let rates = FAULTS.iter().map(|(_, _, highest)| rate(*highest)).collect();
        Self {
            dice,
            rates,
            calm: std::sync::atomic::AtomicBool::new(true),
            fired: Mutex::new(vec![0; FAULTS.len()]),
        }
    }

    pub(super) fn dice(&self) -> &Dice {
        &self.dice
    }

    /// Faults strike from now on, or no more.
    pub(super) fn set_calm(&self, calm: bool) {
        self.calm.store(calm, std::sync::atomic::Ordering::Relaxed);
    }

    pub(super) fn is_calm(&self) -> bool {
        self.calm.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Whether this fault strikes now; counts it if so.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        if self.is_calm() {
            return false;
        }
        let place = fault as usize;
        let struck = self.rates[place] > 0 && self.dice.chance(self.rates[place]);
        if struck {
            self.fired()[place] += 1;
        }
        struck
    }

    fn fired(&self) -> MutexGuard<'_, Vec<u64>> {
        self.fired.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often each fault struck, in the order of [`FAULTS`].
    pub(super) fn counts(&self) -> Vec<u64> {
        self.fired().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_every_fault_at_its_place() {
        for (place, (fault, ..)) in FAULTS.iter().enumerate() {
            assert_eq!(*fault as usize, place);
        }
        assert_eq!(FAULTS.len(), Fault::EnrollmentRefused as usize + 1);
    }

    #[test]
    fn a_seed_draws_the_same_weather_again_and_another_seed_another() {
        let rates = |seed| Weather::new(seed, FaultMode::Swarm).rates;
        assert_eq!(rates(7), rates(7));
        assert_ne!(rates(7), rates(8));
    }

    #[test]
    fn nothing_strikes_in_calm_weather() {
        let weather = Weather::new(1, FaultMode::All);
        assert!((0..10_000).all(|_| !weather.strikes(Fault::Conflict)));
        weather.set_calm(false);
        assert!((0..10_000).any(|_| weather.strikes(Fault::Conflict)));
        assert!(weather.counts()[Fault::Conflict as usize] > 0);
    }
}
