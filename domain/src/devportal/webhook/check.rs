//! What holds of every stored endpoint, one row a rule.

use super::{EndpointStatus, MAX_ENDPOINTS, WebhookEndpoint, WebhookEndpointData, WebhookError};
use crate::{
    devportal::invariants::{W_INV_1, W_INV_2, W_INV_7},
    kernel::{Audited, Rule},
};

type Result = std::result::Result<(), WebhookError>;

impl Audited for WebhookEndpoint {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(W_INV_1, |data, _| if data.url.address() == data.admitted { Ok(()) } else { Err(WebhookError::TargetForbidden) }),
        Rule::<Self>::of(W_INV_2, |data, _| secrets(data)),
        Rule::<Self>::of(W_INV_7, |data, _| room(data)),
        Rule::<Self>::ours(       |data, _| holds((data.status == EndpointStatus::Disabled) == data.disabled_reason.is_some(), "a disabled endpoint, and no other, has a reason")),
        Rule::<Self>::ours(       |data, _| holds(data.description.chars().count() <= 200 * 16, "a description of any length")),
    ];
}

fn holds(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(WebhookError::Inconsistent(what)) }
}

/// Until it is deleted it has a secret; the one before is valid for at most 7 days more.
fn secrets(data: &WebhookEndpointData) -> Result {
    let kept = data.secret.is_some() == (data.status != EndpointStatus::Deleted);
    let overlap = data.previous.as_ref().is_none_or(|previous| {
        data.secret.is_some() && previous.until <= data.secret_since.plus(super::MAX_OVERLAP)
    });
    if kept && overlap { Ok(()) } else { Err(WebhookError::BrokenSecrets) }
}

/// W-INV-7, of what its creation saw. Evidence of others proves nothing.
pub(super) fn room(data: &WebhookEndpointData) -> Result {
    let seen = &data.in_use;
    let about_it = seen.tenant_id == data.tenant_id && seen.environment == data.environment;
    if about_it && seen.count < MAX_ENDPOINTS { Ok(()) } else { Err(WebhookError::LimitReached) }
}
