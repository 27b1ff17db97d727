//! A watch over the store that counts.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sarai_ports::StoreError;
use sarai_testkit::simulate::{Asked, Watch};

/// Methods that write without being a unit.
const WRITES: &[&str] = &[
    "done",
    "failed",
    "release",
    "redrive",
    "claim",
    "complete",
    "abandon",
    "take",
    "give_back",
    "note_published",
    "note_built",
    "note_kyc",
    "note_dispute",
    "claim_due",
];

/// What a call costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cost {
    Read,
    Write,
    Transaction,
}

/// One call of a store.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    /// `port.method`.
    pub(crate) name: String,
    pub(crate) cost: Cost,
    pub(crate) arguments: String,
}

impl Called {
    /// Whether it says whose rows it is about, and does not ask for everybody's.
    pub(crate) fn names_a_tenant(&self) -> bool {
        let tenants = ["acc_demo_", "Within(\"platform\")", "Within(platform)"];
        !self.arguments.contains("System") && tenants.iter().any(|tenant| self.arguments.contains(tenant))
    }
}

/// The calls so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<Mutex<Vec<Called>>>);

impl Counter {
    /// The calls since this was asked.
    pub(crate) fn take(&self) -> Vec<Called> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, asked: &Asked<'_>, cost: Cost) {
        let name = format!("{}.{}", asked.port, asked.method);
        let called = Called { name, cost, arguments: (asked.arguments)() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(called);
    }
}

#[async_trait]
impl Watch for Counter {
    async fn asked(&self, asked: &Asked<'_>) -> Result<(), StoreError> {
        let cost = if WRITES.contains(&asked.method) { Cost::Write } else { Cost::Read };
        self.note(asked, cost);
        Ok(())
    }

    async fn before_commit(&self, asked: &Asked<'_>) -> Result<(), StoreError> {
        self.note(asked, Cost::Transaction);
        Ok(())
    }
}
