//! What holds of every stored sandbox, one row a rule.

use super::{CLOCK_MAX, LIFE_MAX, OVERRIDES_MAX, SandboxError, SandboxSession, seconds_later};
use crate::{
    devportal::invariants::SB_INV_3,
    kernel::{Audited, Rule},
};

fn holds(holds: bool, what: &'static str) -> Result<(), SandboxError> {
    if holds { Ok(()) } else { Err(SandboxError::Inconsistent(what)) }
}

impl Audited for SandboxSession {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(SB_INV_3, |data, _| {
            if data.clock_offset > CLOCK_MAX { Err(SandboxError::ClockTooFar) } else { Ok(()) }
        }),
        Rule::<Self>::of(SB_INV_3, |data, _| {
            if data.expires_at < data.created_at { Err(SandboxError::ClockBackwards) } else { Ok(()) }
        }),
        Rule::<Self>::ours(|data, _| holds(
            data.is_default || data.expires_at <= seconds_later(data.created_at, LIFE_MAX), "it lives too long")),
        Rule::<Self>::ours(|data, _| holds(data.scenario_overrides.len() <= OVERRIDES_MAX, "too many overrides")),
        Rule::<Self>::ours(|data, _| holds(
            data.used.verifications <= data.quota.verifications && data.used.messages <= data.quota.messages,
            "more used than its quota")),
        Rule::<Self>::ours(|data, rows| holds(
            rows.iter().all(|row| row.sandbox_id == data.id && row.round <= data.round), "a message of another sandbox")),
    ];
}
