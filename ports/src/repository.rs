//! What every aggregate's repository has.

use async_trait::async_trait;
use sarai_domain::kernel::Aggregate;

use crate::{Saved, Scope, StoreError, Unit};

/// Finds and saves one kind of aggregate.
#[async_trait]
pub trait Repository<A: Aggregate>: Send + Sync {
    /// The aggregate with every row it has; another tenant's is not found.
    async fn find(&self, scope: &Scope, id: &A::Id) -> Result<Option<A>, StoreError>;
    /// Writes a unit: the aggregate when its version is still the one loaded, its rows, its events with
    /// their deliveries, the audit row, the inbox row and the idempotency claim, or nothing.
    async fn save(&self, scope: &Scope, unit: Unit<A>) -> Result<Saved, StoreError>;
}
