//! Statements: hash chains over the lines of earnings, in the order in which they were committed.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sarai_domain::{
    kernel::{ChainHead, ChainLink, Money, Row, Timestamp},
    marketplace::earnings::{
        EarningsKey, EarningsLine, EarningsState, LineKind, StatementHead, StatementLine, StatementRow,
        statement::Balance,
    },
};
use sarai_ports::{
    Cursor, Direction, Page, PageRequest, Scope, StoreError,
    marketplace::{Held, StatementStore, Unsealed},
};

use crate::{MemoryStore, state::State};

/// The chains.
#[derive(Default)]
pub(crate) struct Statements {
    chains: BTreeMap<EarningsKey, Chain>,
    /// Periods whose chain may go beyond their latest anchor.
    grown: BTreeSet<EarningsKey>,
}

/// One period's: a seal for each of its first lines.
struct Chain {
    head: StatementHead,
    seals: Vec<(Balance, ChainLink)>,
}

impl State {
    fn statement_head(&self, key: &EarningsKey) -> StatementHead {
        let chain = self.statements.chains.get(key);
        chain.map_or_else(|| StatementHead::empty(key), |chain| chain.head)
    }

    /// A period's lines that are not sealed, the first first.
    fn unsealed_lines(&self, key: &EarningsKey) -> impl Iterator<Item = &EarningsLine> {
        let sealed = self.statements.chains.get(key).map_or(0, |chain| chain.seals.len());
        self.earnings.appended(key, sealed)
    }

    /// The sealed lines of some places, from 0.
    fn sealed_lines(&self, key: &EarningsKey, from: usize, to: usize) -> Vec<StatementLine> {
        let Some(chain) = self.statements.chains.get(key) else { return Vec::new() };
        let seals = chain.seals.get(from..to).unwrap_or_default().iter();
        let lines = self.earnings.appended(key, from).zip(seals);
        lines
            .map(|(line, (balance, link))| StatementLine {
                row: StatementRow::new(line, *balance),
                link: *link,
            })
            .collect()
    }

    /// Whether a period's chain is to be anchored.
    fn wants_anchor(&self, key: &EarningsKey, before: Timestamp) -> bool {
        let Some(data) = self.earnings.data(key) else { return false };
        let sealed = self.statement_head(key).chain.count;
        match &data.anchor {
            None => sealed > 0,
            Some(anchor) => {
                let due = anchor.at <= before || data.state != EarningsState::Accruing;
                sealed > anchor.count && due
            }
        }
    }
}

#[async_trait]
impl StatementStore for MemoryStore {
    async fn unsealed(&self, limit: usize) -> Result<Vec<Unsealed>, StoreError> {
        let state = self.state();
        let mut left = limit;
        let mut found = Vec::new();
        for key in state.earnings.grown() {
            let lines: Vec<_> = state.unsealed_lines(key).take(left).cloned().collect();
            left -= lines.len();
            if !lines.is_empty() {
                found.push(Unsealed { key: key.clone(), head: state.statement_head(key), lines });
            }
        }
        Ok(found)
    }

    async fn seal(
        &self,
        key: &EarningsKey,
        after: &ChainHead,
        lines: Vec<StatementLine>,
        head: StatementHead,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let next: Vec<_> = state.unsealed_lines(key).take(lines.len()).map(|line| line.id).collect();
        let given = lines.iter().map(|line| line.row.line_id);
        if state.statement_head(key).chain != *after || !given.eq(next) {
            return Err(StoreError::Conflict { aggregate: "statement" });
        }
        let statements = &mut state.statements;
        let empty = || Chain { head: StatementHead::empty(key), seals: Vec::new() };
        let chain = statements.chains.entry(key.clone()).or_insert_with(empty);
        chain.seals.extend(lines.into_iter().map(|line| (line.row.balance, line.link)));
        chain.head = head;
        statements.grown.insert(key.clone());
        let all_sealed = state.unsealed_lines(key).next().is_none();
        if all_sealed {
            state.earnings.settle(key);
        }
        Ok(())
    }

    async fn head(&self, key: &EarningsKey) -> Result<StatementHead, StoreError> {
        Ok(self.state().statement_head(key))
    }

    async fn sealed(
        &self,
        scope: &Scope,
        key: &EarningsKey,
        page: &PageRequest,
    ) -> Result<Page<StatementLine>, StoreError> {
        let state = self.state();
        let count = match state.statements.chains.get(key) {
            Some(chain) if scope.covers(&key.provider_tenant_id) => chain.seals.len(),
            _ => 0,
        };
        let place = |cursor: &Cursor| usize::try_from(cursor.key).unwrap_or(0);
        let (from, to) = match &page.cursor {
            None => (0, page.limit),
            Some(cursor) if cursor.direction == Direction::Next => {
                (place(cursor), place(cursor).saturating_add(page.limit))
            }
            Some(cursor) => {
                let to = place(cursor).saturating_sub(1);
                (to.saturating_sub(page.limit), to)
            }
        };
        let (from, to) = (from.min(count), to.min(count));
        let items = state.sealed_lines(key, from, to);
        let cursor = |line: Option<&StatementLine>, direction| {
            line.map(|line| Cursor {
                key: i64::try_from(line.link.seq).unwrap_or(i64::MAX),
                id: line.row.line_id.to_string(),
                direction,
            })
        };
        let next = if to < count { cursor(items.last(), Direction::Next) } else { None };
        let prev = if from > 0 { cursor(items.first(), Direction::Prev) } else { None };
        Ok(Page { items, next, prev })
    }

    async fn held(
        &self,
        scope: &Scope,
        key: &EarningsKey,
        now: Timestamp,
        limit: usize,
    ) -> Result<Held, StoreError> {
        let state = self.state();
        if !scope.covers(&key.provider_tenant_id) {
            return Ok(Held { total: Money::zero(key.currency), count: 0, lines: Vec::new() });
        }
        let unsealed: BTreeSet<_> = state.unsealed_lines(key).map(Row::key).collect();
        let returned: BTreeSet<_> = state
            .earnings
            .rows(key)
            .filter(|line| line.kind == LineKind::Refund)
            .map(|line| line.order_line_id)
            .collect();
        let held = |line: &&EarningsLine| {
            line.kind == LineKind::Sale
                && line.hold_until.is_some_and(|until| until > now)
                && !returned.contains(&line.order_line_id)
                && !unsealed.contains(&line.key())
        };
        let mut lines: Vec<_> = state.earnings.rows(key).filter(held).cloned().collect();
        lines.sort_by_key(|line| (line.hold_until, line.id));
        let total = Money::sum(key.currency, lines.iter().map(|line| &line.net)).map_err(|error| {
            StoreError::Corrupt { aggregate: "statement", id: key.to_string(), reason: error.to_string() }
        })?;
        let count = lines.len() as u64;
        lines.truncate(limit);
        Ok(Held { total, count, lines })
    }

    async fn unanchored(&self, before: Timestamp, limit: usize) -> Result<Vec<EarningsKey>, StoreError> {
        let mut state = self.state();
        let grown = std::mem::take(&mut state.statements.grown);
        let beyond = |key: &EarningsKey| {
            let anchored =
                state.earnings.data(key).and_then(|data| Some(data.anchor.as_ref()?.count)).unwrap_or(0);
            state.statement_head(key).chain.count > anchored
        };
        let grown: BTreeSet<_> = grown.into_iter().filter(beyond).collect();
        let due = grown.iter().filter(|key| state.wants_anchor(key, before));
        let due = due.take(limit).cloned().collect();
        state.statements.grown = grown;
        Ok(due)
    }
}
