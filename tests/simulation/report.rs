//! What a simulation says when it is over.

use std::{collections::BTreeMap, time::Duration};

use sarai_domain::kernel::Timestamp;

use super::{checks::Breach, faults::FAULTS};

/// One seed's run.
#[derive(Debug, Clone)]
pub struct SeedReport {
    /// The seed.
    pub seed: u64,
    /// Purchases tried.
    pub purchases: u64,
    /// Orders placed.
    pub orders: u64,
    /// Orders by their last status.
    pub statuses: BTreeMap<&'static str, u64>,
    /// Events committed.
    pub events: u64,
    /// Commits checked.
    pub commits: u64,
    /// Commits checked, by the aggregate's name.
    pub checked: BTreeMap<&'static str, u64>,
    /// Turns given to tasks.
    pub turns: u64,
    /// Virtual time passed.
    pub virtual_seconds: i64,
    /// How often each fault struck, in the order of [`FAULTS`].
    pub faults: Vec<u64>,
    /// SHA-256 of the trace, hex.
    pub trace: String,
    /// From placed to fulfilled, virtual milliseconds, one an order.
    pub latencies_ms: Vec<i64>,
    /// Sagas by state (started, awaiting payment, licensing, enrolling, fulfilled, compensating, failed) at
    /// virtual seconds; of the first seed of a simulation only.
    pub states: Vec<(i64, [u32; 7])>,
    /// Real time taken.
    pub wall: Duration,
    /// The rule that did not hold, when one did not.
    pub failure: Option<Failure>,
}

impl SeedReport {
    /// A seed that failed before anything was sold.
    pub(super) fn stillborn(seed: u64, purchases: u64, at: Timestamp, breach: Breach) -> Self {
        Self {
            seed,
            purchases,
            orders: 0,
            statuses: BTreeMap::new(),
            events: 0,
            commits: 0,
            checked: BTreeMap::new(),
            turns: 0,
            virtual_seconds: 0,
            faults: vec![0; FAULTS.len()],
            trace: String::new(),
            latencies_ms: Vec::new(),
            states: Vec::new(),
            wall: Duration::ZERO,
            failure: Some(Failure { breach, turn: 0, at, log: Vec::new(), prefix: None }),
        }
    }
}

/// A rule that did not hold, and how to see it again.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The rule.
    pub breach: Breach,
    /// The turn after which it was found.
    pub turn: u64,
    /// Virtual time.
    pub at: Timestamp,
    /// Every commit up to it, a line of JSON each; of the shortest prefix found, when the failure was replayed.
    pub log: Vec<String>,
    /// The fewest purchases found with which the seed fails by the same rule.
    pub prefix: Option<u64>,
}

/// All seeds together.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Each seed, in order.
    pub seeds: Vec<SeedReport>,
    /// Real time taken by all.
    pub wall: Duration,
}

impl Report {
    /// The seeds that failed.
    pub fn failures(&self) -> impl Iterator<Item = &SeedReport> {
        self.seeds.iter().filter(|seed| seed.failure.is_some())
    }

    /// A sum over the seeds.
    pub fn total(&self, part: impl Fn(&SeedReport) -> u64) -> u64 {
        self.seeds.iter().map(part).sum()
    }

    /// How often each fault struck in all, with its name.
    pub fn faults(&self) -> Vec<(&'static str, u64)> {
        let count = |place: usize| self.total(|seed| seed.faults.get(place).copied().unwrap_or(0));
        FAULTS.iter().enumerate().map(|(place, (_, name, _))| (*name, count(place))).collect()
    }

    /// How often each rule was checked.
    pub fn checked(&self) -> Vec<(&'static str, u64)> {
        let of = |name| self.total(|seed| seed.checked.get(name).copied().unwrap_or(0));
        let rules = super::checks::RULES.iter();
        rules.flat_map(|(name, rules)| rules.iter().map(move |rule| (*rule, of(name)))).collect()
    }

    /// Orders by their last status, over all seeds.
    pub fn statuses(&self) -> BTreeMap<&'static str, u64> {
        let mut all = BTreeMap::new();
        for (status, count) in self.seeds.iter().flat_map(|seed| &seed.statuses) {
            *all.entry(*status).or_default() += count;
        }
        all
    }
}
