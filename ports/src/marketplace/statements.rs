//! Statements: the lines of a period sealed in a hash chain, in the order in which they were committed.
//!
//! A period is one aggregate and every save raises its version, so no two commits of one period overlap: the
//! order in which its lines became visible is the order of those versions, and within one of them the order of
//! the lines' ids. A store notes both when it writes a line.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{ChainHead, Money, Timestamp},
    marketplace::earnings::{EarningsKey, EarningsLine, StatementHead, StatementLine},
};

use crate::{Page, PageRequest, Scope, StoreError};

/// Lines that stand in no chain yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsealed {
    /// Their period.
    pub key: EarningsKey,
    /// How far it is sealed.
    pub head: StatementHead,
    /// The next lines, in the order in which they were committed.
    pub lines: Vec<EarningsLine>,
}

/// Sales of a period that can still be given back.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// What they bring, together.
    pub total: Money,
    /// How many there are.
    pub count: u64,
    /// The first of them, soonest released first.
    pub lines: Vec<EarningsLine>,
}

/// Seals lines, and shows what is sealed (ruling R63).
#[async_trait]
pub trait StatementStore: Send + Sync {
    /// At most `limit` committed lines that are not sealed, by their periods.
    async fn unsealed(&self, limit: usize) -> Result<Vec<Unsealed>, StoreError>;
    /// Appends lines to a period's chain in one step, while `after` is still its head and they are its next
    /// lines: the head is the fence. Else nothing is written, and somebody else has sealed them.
    async fn seal(
        &self,
        key: &EarningsKey,
        after: &ChainHead,
        lines: Vec<StatementLine>,
        head: StatementHead,
    ) -> Result<(), StoreError>;
    /// How far a period is sealed.
    async fn head(&self, key: &EarningsKey) -> Result<StatementHead, StoreError>;
    /// A period's sealed lines, the first first; a cursor's key is a line's place.
    async fn sealed(
        &self,
        scope: &Scope,
        key: &EarningsKey,
        page: &PageRequest,
    ) -> Result<Page<StatementLine>, StoreError>;
    /// A period's sealed sales that can still be given back after `now` and were not; of them `limit` by name.
    async fn held(
        &self,
        scope: &Scope,
        key: &EarningsKey,
        now: Timestamp,
        limit: usize,
    ) -> Result<Held, StoreError>;
    /// Periods whose chain goes beyond their latest anchor, when they have none, or it is from before this real
    /// time, or they are closed.
    async fn unanchored(&self, before: Timestamp, limit: usize) -> Result<Vec<EarningsKey>, StoreError>;
}
