//! What failures do to an endpoint (W-INV-5), and how much of what failed is sent again.

use time::Duration;

use super::{
    DeliveryFault, DisabledReason, EndpointAction, EndpointStatus, WebhookAttempt, WebhookEndpoint,
    WebhookError,
};
use crate::kernel::{Outcome, Timestamp};

/// For how long an endpoint fails before it is disabled (W-INV-5).
pub const GIVE_UP_AFTER: Duration = Duration::days(5);
/// How much is sent again at a time at most.
pub const MAX_RECOVERY: Duration = Duration::days(14);

impl WebhookEndpoint {
    /// Follows an attempt (W-INV-5): a success ends its failing, the first failure begins it; one that comes 5 days
    /// later, or a 410, disables it. An endpoint that is not active follows nothing.
    ///
    /// # Errors
    /// None that a stored endpoint can cause.
    pub fn follow(&mut self, attempt: &WebhookAttempt, now: Timestamp) -> Result<Outcome, WebhookError> {
        let data = &mut self.root.data;
        if data.status != EndpointStatus::Active {
            return Ok(Outcome::AlreadyApplied);
        }
        let failing = data.failing_since;
        match attempt.fault {
            None if failing.is_none_or(|since| attempt.at < since) => return Ok(Outcome::AlreadyApplied),
            None => data.failing_since = None,
            Some(DeliveryFault::Gone) => {
                return self.stop(EndpointAction::Gone, DisabledReason::Gone, now);
            }
            Some(_) => match failing {
                None => data.failing_since = Some(attempt.at),
                Some(since) if attempt.at.since(since) >= GIVE_UP_AFTER => {
                    return self.stop(EndpointAction::GiveUp, DisabledReason::Failing, now);
                }
                Some(_) => return Ok(Outcome::AlreadyApplied),
            },
        }
        data.updated_at = now;
        Ok(Outcome::Applied)
    }
}

/// Whether what failed in this time can be sent again at once.
///
/// # Errors
/// [`WebhookError::Window`] for more than [`MAX_RECOVERY`], or a window that ends before it begins or in the future.
pub fn recovery_window(since: Timestamp, until: Timestamp, now: Timestamp) -> Result<(), WebhookError> {
    let length = until.since(since);
    if length.is_positive() && length <= MAX_RECOVERY && until <= now {
        Ok(())
    } else {
        Err(WebhookError::Window)
    }
}
