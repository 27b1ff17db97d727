//! The auditor: every invariant has a check over stored data, run on demand and on a schedule (marketplace.md
//! 10.4).
//!
//! - [`CHECKS`]: the table, one row an invariant of the marketplace, and those of ours; [`PORTAL`]: the developer portal's
//! - `sweep`: reads every aggregate page by page; the rules of one aggregate are its table
//!   [`Audited::RULES`](sarai_domain::kernel::Audited), those between aggregates are `sweep`'s
//! - [`AuditReport`]: what was found, each offender with its repair
//!
//! It reads while others write. So what two aggregates say of each other is read again before it is reported.

mod checks;
mod report;
mod statements;
mod sweep;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sarai_domain::kernel::Kind as Refusal;
use sarai_ports::inventory::Inventory;

pub use self::{
    checks::{CHECKS, Check, Kind, PORTAL, all as checks},
    report::{AuditReport, Checked, KEPT, Offender},
};
use crate::{
    AppError, Call, Ports,
    shifts::{Shifts, Turn},
};

/// The name of the lease of audits that nobody asks for.
const JOB: &str = "audit";

/// How far an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being read.
    pub aggregate: &'static str,
    /// How many aggregates were read in all.
    pub read: u64,
}

/// Audits a store, one audit at a time in a process, and remembers the last report.
#[derive(Clone)]
pub struct Auditor {
    ports: Arc<Ports>,
    shifts: Arc<Shifts>,
    inventory: Arc<dyn Inventory>,
    memory: Arc<Memory>,
}

#[derive(Default)]
struct Memory {
    running: AtomicBool,
    last: Mutex<Option<Arc<AuditReport>>>,
}

/// An audit under way; whoever drops it, by finishing or by giving up, makes room for the next.
struct Running<'a>(&'a AtomicBool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Auditor {
    /// Over these ports and everything stored behind them.
    pub fn new(ports: Arc<Ports>, inventory: Arc<dyn Inventory>) -> Self {
        let shifts = Arc::new(Shifts::new(Arc::clone(&ports)));
        Self { ports, shifts, inventory, memory: Arc::default() }
    }

    /// Whether the audits that nobody asks for are this process's: they are under a lease as a job of the scheduler is,
    /// which lapses when this is not asked for a while.
    pub async fn is_its_turn(&self) -> bool {
        Turn::of(JOB, Some(&self.shifts)).goes_on().await
    }

    /// Leaves those audits to others.
    pub async fn hand_over(&self) {
        self.shifts.hand_over().await;
    }

    /// The last report of this process.
    ///
    /// # Errors
    /// `forbidden` for anybody but the platform's staff.
    pub fn last(&self, call: &Call) -> Result<Option<Arc<AuditReport>>, AppError> {
        call.platform_scope()?;
        Ok(self.memory.last.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Audits now, for the platform's staff.
    ///
    /// # Errors
    /// `forbidden` for everybody else, and those of [`Auditor::run`].
    pub async fn run_for(&self, call: &Call) -> Result<Arc<AuditReport>, AppError> {
        call.platform_scope()?;
        let (actor, reason) = (call.principal.user_id.as_str(), call.reason.as_deref().unwrap_or_default());
        tracing::info!(actor, reason, "an audit was asked for");
        self.run(&|_| {}).await
    }

    /// Audits everything stored. Dropping the future gives the audit up and leaves nothing behind.
    ///
    /// # Errors
    /// `audit.already_running` while another audit of this process runs; `unavailable` when the store is.
    pub async fn run(
        &self,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Arc<AuditReport>, AppError> {
        let running = &self.memory.running;
        if running.swap(true, Ordering::AcqRel) {
            let message = "an audit is under way: ask for its report";
            return Err(AppError::new(Refusal::Conflict, "audit.already_running", message));
        }
        let _running = Running(running);
        let started_at = self.ports.clock.real();
        let swept = sweep::Sweep::new(&self.ports, Arc::clone(&self.inventory), progress).run().await?;
        let finished_at = self.ports.clock.real();
        let report = Arc::new(swept.report(started_at, finished_at));
        publish(&report);
        *self.memory.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&report));
        Ok(report)
    }
}

/// Metrics and the log.
fn publish(report: &AuditReport) {
    for checked in &report.checks {
        let violations = u32::try_from(checked.violations).unwrap_or(u32::MAX);
        metrics::gauge!("invariant_violations", "invariant" => checked.check.id).set(violations);
        if violations > 0 {
            let offender = checked.offenders.first().map_or("", |offender| offender.id.as_str());
            tracing::error!(invariant = checked.check.id, violations, offender, "stored data breaks a rule");
        }
    }
    let took = report.finished_at.since(report.started_at);
    let took = Duration::try_from(took).unwrap_or_default();
    let at = u64::try_from(report.finished_at.unix_micros()).unwrap_or_default();
    metrics::counter!("invariant_checks_total").increment(1);
    metrics::histogram!("invariant_audit_seconds").record(took);
    metrics::gauge!("invariant_audit_last_success_timestamp").set(Duration::from_micros(at));
    let (aggregates, violations) = (report.aggregates, report.violations());
    tracing::info!(aggregates, violations, milliseconds = took.as_millis(), "audited everything stored");
}

#[cfg(test)]
mod tests {
    use sarai_domain::{kernel::Audited, marketplace::invariants};

    use super::*;

    #[test]
    fn every_invariant_has_its_check_in_the_registry_s_order_and_none_has_two() {
        let rows: Vec<_> = CHECKS.iter().filter(|row| row.kind != Kind::Ours).map(|row| row.id).collect();
        let known: Vec<_> = invariants::ALL.iter().map(|invariant| invariant.id).collect();
        assert_eq!(rows, known);
        let ours: Vec<_> = CHECKS.iter().skip(known.len()).collect();
        assert!(ours.iter().all(|row| row.kind == Kind::Ours && !known.contains(&row.id)));
        let mut ids: Vec<_> = ours.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ours.len());
    }

    /// The invariants that stored rows of an aggregate are held to.
    fn ruled<A: Audited>() -> impl Iterator<Item = &'static str> {
        A::RULES.iter().filter_map(|rule| rule.invariant).map(|invariant| invariant.id)
    }

    #[test]
    fn whatever_a_stored_row_of_the_portal_is_held_to_has_its_check() {
        use sarai_domain::devportal::{
            account::DeveloperAccount,
            api_key::ApiKey,
            docs_article::DocsArticle,
            invariants,
            policy::{SpendLedger, SpendPolicy, VerifyPolicy},
            sandbox::SandboxSession,
            sdk_release::SdkRelease,
            template::VerifyTemplate,
            verify::VerifySession,
            webhook::{WebhookDelivery, WebhookEndpoint},
        };
        let ruled: std::collections::BTreeSet<&str> = ruled::<DeveloperAccount>()
            .chain(ruled::<ApiKey>())
            .chain(ruled::<VerifySession>())
            .chain(ruled::<SpendLedger>())
            .chain(ruled::<SpendPolicy>())
            .chain(ruled::<VerifyPolicy>())
            .chain(ruled::<SandboxSession>())
            .chain(ruled::<VerifyTemplate>())
            .chain(ruled::<SdkRelease>())
            .chain(ruled::<DocsArticle>())
            .chain(ruled::<WebhookEndpoint>())
            .chain(ruled::<WebhookDelivery>())
            .collect();
        let known = invariants::ALL.iter().map(|invariant| invariant.id);
        let wanted: Vec<_> = known.filter(|id| ruled.contains(id)).collect();
        assert_eq!(PORTAL.iter().map(|row| row.id).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_is_audited_by_code_names_its_tests_and_nothing_else_does() {
        for row in checks() {
            assert_eq!(row.proved_by.is_empty(), row.kind != Kind::Code, "{row:?}");
            assert!(!row.repair.is_empty(), "{row:?}");
        }
    }
}
