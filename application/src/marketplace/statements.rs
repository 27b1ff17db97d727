//! Statements: lines are sealed soon after their commit, heads are signed each minute, providers read
//! (marketplace.md 10.8; ruling R63).

use std::sync::Arc;

use sarai_domain::{
    kernel::{Aggregate, Currency, Hex, Outcome, PeriodMonth, TenantId, Timestamp},
    marketplace::earnings::{
        EarningsData, EarningsKey, StatementAnchor, StatementHead, StatementLine,
        statement::{SealError, StatementCheck, checks},
    },
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    marketplace::{Held, Unsealed},
};
use time::Duration;

use crate::{AppError, Call, Ports};

/// How many lines are sealed at a time.
const BATCH: usize = 1_000;
/// How often that is done in one run, so that a run ends while others go on selling.
const ROUNDS: usize = 100;
/// How long a chain that grows waits for its next anchor, in real time.
const ANCHOR_EVERY: Duration = Duration::minutes(1);
/// How many chains are anchored in one run.
const ANCHORS: usize = 1_000;
/// How many held sales a statement names; their sum is of all.
const NAMED_HELD: usize = 1_000;

/// Sealing and anchoring: the scheduler's.
impl Ports {
    /// Seals what was committed, until nothing is left or another process is ahead; gives how many lines.
    pub(super) async fn seal_statements(&self) -> Result<usize, AppError> {
        let mut sealed: usize = 0;
        for _ in 0..ROUNDS {
            let mut round: usize = 0;
            for chain in self.statements.unsealed(BATCH).await? {
                match self.seal_chain(&chain).await {
                    Ok(lines) => round = round.saturating_add(lines),
                    // Another process sealed them.
                    Err(AppError { code: "conflict.retry", .. }) => {}
                    Err(error) => tracing::error!(period = %chain.key, code = error.code, "not sealed"),
                }
            }
            sealed = sealed.saturating_add(round);
            // What came while these were sealed is sealed with what comes next.
            if round < BATCH {
                break;
            }
        }
        Ok(sealed)
    }

    async fn seal_chain(&self, unsealed: &Unsealed) -> Result<usize, AppError> {
        let mut head = unsealed.head;
        let mut lines = Vec::with_capacity(unsealed.lines.len());
        for line in &unsealed.lines {
            let sealed = head.seal(line).map_err(|error| broken(&unsealed.key, &error))?;
            head = head.follow(&sealed).map_err(|error| broken(&unsealed.key, &error))?;
            lines.push(sealed);
        }
        let count = lines.len();
        self.statements.seal(&unsealed.key, &unsealed.head.chain, lines, head).await?;
        Ok(count)
    }

    /// Periods whose head is to be signed: those that grew and have no anchor of the last minute, and closed
    /// ones at once, because nothing will be added to them.
    pub(super) async fn unanchored_statements(&self) -> Result<Vec<EarningsKey>, AppError> {
        let before = self.clock.real().plus(-ANCHOR_EVERY);
        Ok(self.statements.unanchored(before, ANCHORS).await?)
    }

    /// Signs how far a period's chain goes, keeps that and announces it to the provider.
    pub(super) async fn anchor_statement(&self, key: &EarningsKey) -> Result<Outcome, AppError> {
        let head = self.statements.head(key).await?.chain;
        let at = self.clock.real();
        let signature = self.signer.sign(&StatementAnchor::signed_bytes(key, &head, at));
        let anchor = StatementAnchor {
            count: head.count,
            hash: head.hash,
            at,
            key_id: self.signer.key_id().to_owned(),
            signature: Hex(signature),
        };
        let context = self.worker_context("statement.anchor", key);
        self.change_period(key, context, |earnings| Ok(earnings.anchor(anchor.clone())?))
            .await
            .map(|_| Outcome::Applied)
    }
}

/// What the aggregate took cannot be sealed: what is stored contradicts itself.
fn broken(key: &EarningsKey, error: &SealError) -> AppError {
    let (id, reason) = (key.to_string(), error.to_string());
    StoreError::Corrupt { aggregate: "statement", id, reason }.into()
}

/// A period's statement but for its lines, which come in parts.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The period.
    pub period: EarningsData,
    /// How far it is sealed, and what that comes to.
    pub head: StatementHead,
    /// The equations with their numbers.
    pub checks: Vec<StatementCheck>,
    /// When it was read, in business time.
    pub now: Timestamp,
    scope: Scope,
}

/// The queries of statements.
#[derive(Clone)]
pub struct Statements {
    ports: Arc<Ports>,
}

impl Statements {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// The caller's statement of a month; another provider's for the platform's staff.
    ///
    /// # Errors
    /// `not_found` when there is no such period for the caller.
    pub async fn open(
        &self,
        call: &Call,
        provider: Option<TenantId>,
        period_month: PeriodMonth,
        currency: Currency,
    ) -> Result<Statement, AppError> {
        let scope = call.reading_scope();
        let provider_tenant_id = provider.unwrap_or_else(|| call.principal.tenant_id.clone());
        let key = EarningsKey { provider_tenant_id, currency, period_month };
        let found = self.ports.earnings.find_without_lines(&scope, &key).await?;
        let period = found.ok_or_else(|| AppError::not_found("period"))?.data().clone();
        let head = self.ports.statements.head(&key).await?;
        let checks = checks(&head)?;
        Ok(Statement { period, head, checks, now: self.ports.now(), scope })
    }

    /// Lines of a statement, none that was sealed after it was opened.
    ///
    /// # Errors
    /// The store's.
    pub async fn lines(
        &self,
        statement: &Statement,
        page: &PageRequest,
    ) -> Result<Page<StatementLine>, AppError> {
        let mut lines = self.ports.statements.sealed(&statement.scope, &statement.period.key, page).await?;
        let count = statement.head.chain.count;
        let before = lines.items.len();
        lines.items.retain(|line| line.link.seq <= count);
        if lines.items.len() < before || lines.items.last().is_some_and(|line| line.link.seq == count) {
            lines.next = None;
        }
        Ok(lines)
    }

    /// What of a statement can still be given back.
    ///
    /// # Errors
    /// The store's.
    pub async fn held(&self, statement: &Statement) -> Result<Held, AppError> {
        let (scope, key) = (&statement.scope, &statement.period.key);
        Ok(self.ports.statements.held(scope, key, statement.now, NAMED_HELD).await?)
    }
}
