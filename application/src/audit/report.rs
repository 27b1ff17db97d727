//! What an audit found.

use std::collections::BTreeMap;

use sarai_domain::{
    kernel::{Currency, TenantId, Timestamp},
    marketplace::services::MoneyTally,
};

use super::checks::{self, Check, Counted, repair};

/// How many offenders of a check are kept; all are counted.
pub const KEPT: usize = 100;

/// An audit of everything stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Real time at its start.
    pub started_at: Timestamp,
    /// Real time at its end.
    pub finished_at: Timestamp,
    /// Aggregates read.
    pub aggregates: u64,
    /// One row a check, in the table's order.
    pub checks: Vec<Checked>,
    /// The money oracle's sums.
    pub money: Vec<(Currency, MoneyTally)>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The check.
    pub check: &'static Check,
    /// How many rows were checked; zero when the rule is audited by code.
    pub checked: u64,
    /// How many of them break it.
    pub violations: u64,
    /// At most [`KEPT`] of these.
    pub offenders: Vec<Offender>,
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

/// What breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offender {
    /// The aggregate's name.
    pub aggregate: &'static str,
    /// Its key.
    pub id: String,
    /// The tenant whose row it is.
    pub tenant_id: TenantId,
    /// What is wrong.
    pub detail: String,
    /// What repairs it.
    pub repair: String,
}

impl AuditReport {
    /// How many breaches there are in all.
    pub fn violations(&self) -> u64 {
        self.checks.iter().map(|checked| checked.violations).sum()
    }

    /// The row of a check.
    pub fn of(&self, id: &str) -> Option<&Checked> {
        self.checks.iter().find(|checked| checked.check.id == id)
    }
}

/// What is found while reading.
#[derive(Debug, Default)]
pub(super) struct Findings {
    counts: BTreeMap<Counted, u64>,
    found: BTreeMap<&'static str, (u64, Vec<Offender>)>,
}

impl Findings {
    /// Counts what was checked.
    pub(super) fn count(&mut self, what: Counted, number: usize) {
        let count = self.counts.entry(what).or_default();
        *count = count.saturating_add(u64::try_from(number).unwrap_or(u64::MAX));
    }

    /// Notes an offender.
    pub(super) fn note(
        &mut self,
        check: &'static str,
        aggregate: &'static str,
        id: String,
        tenant_id: TenantId,
        detail: String,
    ) {
        let Some(row) = checks::all().find(|row| row.id == check) else { return };
        let (count, offenders) = self.found.entry(row.id).or_default();
        *count = count.saturating_add(1);
        if offenders.len() < KEPT {
            let repair = repair(row, &id);
            offenders.push(Offender { aggregate, id, tenant_id, detail, repair });
        }
    }

    /// How many aggregates were read.
    pub(super) fn aggregates(&self) -> u64 {
        self.counts.get(&Counted::Everything).copied().unwrap_or_default()
    }

    /// One row a check.
    pub(super) fn into_checks(mut self) -> Vec<Checked> {
        let row = |check: &'static Check| {
            let (violations, offenders) = self.found.remove(check.id).unwrap_or_default();
            let checked = self.counts.get(&check.counted).copied().unwrap_or_default();
            Checked { check, checked, violations, offenders }
        };
        checks::all().map(row).collect()
    }
}
