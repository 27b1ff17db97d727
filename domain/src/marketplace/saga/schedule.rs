//! When a saga is looked at again (rulings R50, R51). Pure: the jitter comes from the saga's id.

use time::Duration;

use super::{SagaData, SagaState, SagaStep};
use crate::kernel::{SagaId, Timestamp};

/// From placement until an order must be paid.
pub const PAYMENT_WINDOW: Duration = Duration::minutes(30);
/// How long after the last word billing is asked how a payment stands.
pub const POLL_AFTER: Duration = Duration::minutes(5);
/// After this long, a forward step's retries are spent.
pub const RETRY_BUDGET: Duration = Duration::hours(24);
/// After this many attempts without an answer a human is called.
pub const ATTENTION_AFTER: u32 = 5;

const FIRST_DELAY_MS: i64 = 10_000;
/// Void and poll.
const SHORT_CAP_MS: i64 = 60_000;
const LONG_CAP_MS: i64 = 300_000;

/// When the saga asks again, going by the step tried most often; a saga in started not after its deadline.
pub(super) fn next_attempt(saga: &SagaData, now: Timestamp) -> Timestamp {
    let waiting = saga.outstanding();
    let longest = waiting.iter().filter_map(|step| saga.record(*step)).max_by_key(|record| record.attempts);
    let patience = longest.map_or(Duration::milliseconds(FIRST_DELAY_MS), |record| {
        match (record.step, record.attempts) {
            // The order is told within the commit's own follow-up: what is looked at next is the payment.
            (SagaStep::ReceivePayment, 0) | (SagaStep::MarkPendingPayment, 0 | 1) => POLL_AFTER,
            (step, attempts) => delay(saga.id, step, attempts),
        }
    });
    let next = now.plus(patience);
    let deadline = saga.start_deadline_at();
    if saga.state == SagaState::Started && now < deadline { next.min(deadline) } else { next }
}

/// The delay after an attempt, counted from 1: it doubles up to a cap, less up to a quarter of jitter.
pub fn delay(saga: SagaId, step: SagaStep, attempt: u32) -> Duration {
    let cap = match step {
        SagaStep::ReceivePayment | SagaStep::VoidIntent => SHORT_CAP_MS,
        SagaStep::ReserveCoupons
        | SagaStep::RequestPayment
        | SagaStep::MarkPendingPayment
        | SagaStep::RecordFree
        | SagaStep::ConfirmCoupons
        | SagaStep::GrantLicense { .. }
        | SagaStep::Enroll { .. }
        | SagaStep::MarkFulfilled
        | SagaStep::CancelEnrollment { .. }
        | SagaStep::RevokeLicense { .. }
        | SagaStep::RefundPayment
        | SagaStep::ReleaseCoupons
        | SagaStep::CloseOrder => LONG_CAP_MS,
    };
    let doublings = attempt.saturating_sub(1).min(16);
    let full = FIRST_DELAY_MS.saturating_mul(1_i64.wrapping_shl(doublings)).min(cap);
    let quarter = full.checked_div(4).unwrap_or_default();
    let less = quarter.saturating_mul(i64::from(noise(saga, attempt))).checked_div(256).unwrap_or_default();
    Duration::milliseconds(full.saturating_sub(less))
}

/// A byte that differs between sagas and attempts and is the same on every replay (splitmix64).
fn noise(saga: SagaId, attempt: u32) -> u8 {
    let low = u64::try_from(saga.ulid().0 & u128::from(u64::MAX)).unwrap_or_default();
    let mut mixed = low.wrapping_add(u64::from(attempt).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ mixed.wrapping_shr(30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed.wrapping_shr(27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed.to_be_bytes()[0]
}
