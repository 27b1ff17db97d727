//! What an account announces.

use serde::{Deserialize, Serialize};

use super::SuspendedBy;
use crate::kernel::{AccountId, DeveloperAccountId, TenantId, Timestamp, topics};

/// What every event of an account says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountFacts {
    /// The account.
    pub account_id: DeveloperAccountId,
    /// Its identity at the auth-service.
    pub auth_account_id: AccountId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// When it happened, in business time.
    pub at: Timestamp,
}

/// A fact about an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum AccountEvent {
    /// It exists.
    Registered {
        /// Which and when.
        #[serde(flatten)]
        account: AccountFacts,
    },
    /// It may only read.
    Suspended {
        /// Which and when.
        #[serde(flatten)]
        account: AccountFacts,
        /// Why.
        reason: String,
        /// By whom.
        by: SuspendedBy,
    },
    /// It goes on.
    Reinstated {
        /// Which and when.
        #[serde(flatten)]
        account: AccountFacts,
    },
    /// It is over.
    Closed {
        /// Which and when.
        #[serde(flatten)]
        account: AccountFacts,
    },
}

topics!(AccountEvent {
    Registered => "devportal.account.registered.v1",
    Suspended  => "devportal.account.suspended.v1",
    Reinstated => "devportal.account.reinstated.v1",
    Closed     => "devportal.account.closed.v1",
});
