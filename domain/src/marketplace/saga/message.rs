//! What a saga announces. Commands are announced too: that is how they reach their executor.

use serde::{Deserialize, Serialize};

use super::{CompensationReason, SagaCommand, SagaState, SagaStep};
use crate::kernel::{OrderId, SagaId, TenantId, topics};

/// A saga's event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SagaMessage {
    /// A command to execute after the commit. Re-issued commands have the key of the first.
    CommandIssued {
        /// The saga.
        saga_id: SagaId,
        /// Its order.
        order_id: OrderId,
        /// The buyer's tenant.
        buyer_tenant_id: TenantId,
        /// The key under which other services see it: `{saga}:{step}[:{line}]`.
        key: String,
        /// The command.
        command: SagaCommand,
    },
    /// The purchase is being undone.
    CompensationStarted {
        /// The saga.
        saga_id: SagaId,
        /// Its order.
        order_id: OrderId,
        /// The buyer's tenant.
        buyer_tenant_id: TenantId,
        /// Why.
        reason: CompensationReason,
    },
    /// A step was tried again and again without an answer; it goes on being tried.
    NeedsAttention {
        /// The saga.
        saga_id: SagaId,
        /// Its order.
        order_id: OrderId,
        /// The buyer's tenant.
        buyer_tenant_id: TenantId,
        /// Where it is.
        state: SagaState,
        /// The steps that wait.
        waiting: Vec<SagaStep>,
    },
    /// The saga is over.
    Finished {
        /// The saga.
        saga_id: SagaId,
        /// Its order.
        order_id: OrderId,
        /// The buyer's tenant.
        buyer_tenant_id: TenantId,
        /// Fulfilled or failed.
        state: SagaState,
        /// Why it failed.
        reason: Option<CompensationReason>,
    },
}

topics!(SagaMessage {
    CommandIssued       => "marketplace.saga.command_issued.v1",
    CompensationStarted => "marketplace.saga.compensation_started.v1",
    NeedsAttention      => "marketplace.saga.needs_attention.v1",
    Finished            => "marketplace.saga.finished.v1",
});
