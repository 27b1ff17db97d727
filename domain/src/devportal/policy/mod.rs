//! Policies: where codes go, how often, after how many wrong ones, and for how much (devportal.md 3.10).
//!
//! In a sandbox none of it is asked (ruling R8). Limits and failures are values that a store counts with the session;
//! [`VerifyPolicy`], [`SpendPolicy`], [`SpendLedger`] and [`BlockedStart`] are small aggregates.
//!
//! Invariants: V-INV-16 ([`FailureLedger`]), M-INV-1 ([`SpendLedger`]). Table: [`spend::TRANSITIONS`].

mod blocked;
mod error;
mod failures;
mod fraud;
mod key;
pub mod limits;
pub mod spend;
mod spend_error;
mod spend_policy;
#[cfg(test)]
mod tests;
mod verify_policy;

pub use blocked::{BlockedStart, BlockedStartData, BlockedStartEvent, Explanation};
pub use error::AdmissionError;
pub use failures::{A_DAY, FailureEvidence, FailureKey, FailureLedger, LOCKED_FROM, SLOWED_FROM};
pub use fraud::FraudVerdict;
pub use key::{PolicyKey, PolicyKeyError, SpendPolicyKey};
pub use limits::{ApprovalRate, Bucket, BucketKey, SendSubject, WINDOWS, Window};
pub use spend::{
    PeriodKind, Reservation, SandboxRound, SpendAction, SpendEvent, SpendKey, SpendLedger, SpendLedgerData,
    SpendPeriod,
};
pub use spend_error::SpendError;
pub use spend_policy::{SpendCaps, SpendPolicy, SpendPolicyData, SpendPolicyEvent};
pub use verify_policy::{PolicySettings, VerifyPolicy, VerifyPolicyData, VerifyPolicyEvent};
