//! What holds of every stored key, one row a rule.

use super::{ApiKey, ApiKeyData, KeyError, KeyState, MAX_BLOCKS, request::expiry_in_range};
use crate::{
    devportal::{
        invariants::{
            A_INV_4, A_INV_5, K_INV_2, K_INV_3, K_INV_5, K_INV_7, K_INV_9, K_INV_10, K_INV_12, K_INV_13,
        },
        values::Environment,
    },
    kernel::{Audited, Coded, Invariant, Rule},
};

type Result = std::result::Result<(), KeyError>;

impl Audited for ApiKey {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(K_INV_2,  |data, _| own_prefix(data)),
        Rule::<Self>::of(K_INV_3,  |data, _| admitted(data, K_INV_3)),
        Rule::<Self>::of(A_INV_4,  |data, _| Ok(data.admission.standing.require_active()?)),
        Rule::<Self>::of(A_INV_5,  |data, _| production(data)),
        Rule::<Self>::of(K_INV_10, |data, _| own_standing(data)).given(A_INV_5),
        Rule::<Self>::of(K_INV_9,  |data, _| admitted(data, K_INV_9)).given(K_INV_10),
        Rule::<Self>::of(K_INV_12, |data, _| admitted(data, K_INV_12)),
        Rule::<Self>::of(K_INV_5,  |data, _| if data.rotation.is_some() { Ok(()) } else { expiry_in_range(data.expires_at, data.created_at) }),
        Rule::<Self>::of(K_INV_7,  |data, _| rotation(data)),
        Rule::<Self>::of(K_INV_13, |data, _| told(data)),
        Rule::<Self>::ours(        |data, _| holds((data.state == KeyState::Revoked) == data.revoked_at.is_some(), "a revoked key, and no other, was revoked at a time")),
        Rule::<Self>::ours(        |data, _| holds(data.revoked_at.is_some() == data.revoked_reason.is_some(), "a revoked key has a reason")),
        Rule::<Self>::ours(        |data, _| if data.sandbox_id.is_some() && data.environment != Environment::Sandbox { Err(KeyError::SandboxMisplaced) } else { Ok(()) }),
        Rule::<Self>::ours(        |data, _| if data.ip_allow_list.len() > MAX_BLOCKS { Err(KeyError::TooManyBlocks) } else { Ok(()) }),
        Rule::<Self>::ours(        |data, _| holds(data.admission.standing.account_id == data.account_id, "it was admitted for another account")).given(K_INV_10),
    ];
}

fn holds(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(KeyError::Inconsistent(what)) }
}

/// A key that was issued has a prefix, and it is its environment's.
fn own_prefix(data: &ApiKeyData) -> Result {
    let issued = matches!(data.state, KeyState::Active | KeyState::Revoked);
    match &data.trace {
        Some(trace) if trace.prefix.environment() != data.environment => Err(KeyError::WrongPrefix {
            wanted: data.environment.as_str(),
            issued: trace.prefix.environment().as_str(),
        }),
        None if issued => Err(KeyError::Inconsistent("an issued key has a prefix")),
        Some(_) | None => Ok(()),
    }
}

/// What its creation saw, asked again for one rule.
fn admitted(data: &ApiKeyData, invariant: Invariant) -> Result {
    match data.admission.require(&data.scopes, data.environment) {
        Err(error) if error.invariant() == Some(invariant) => Err(error),
        // The first refusal may hide that of another rule; scopes are asked for apart.
        Err(_) if invariant == K_INV_3 => data.admission.require_grantable(&data.scopes),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A-INV-5, of what was seen of the account; whether it was active is A-INV-4's to say.
fn production(data: &ApiKeyData) -> Result {
    match data.admission.standing.require_production() {
        Err(error) if data.environment == Environment::Production && error.invariant() == Some(A_INV_5) => {
            Err(error.into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// K-INV-10: what was seen was this key's account.
fn own_standing(data: &ApiKeyData) -> Result {
    let own = data.admission.standing.account_id == data.account_id;
    if own || data.environment == Environment::Sandbox { Ok(()) } else { Err(KeyError::ForeignStanding) }
}

fn rotation(data: &ApiKeyData) -> Result {
    let placed = data.replaced_by.is_some() == data.retire_at.is_some();
    let in_time = match (data.retire_at, data.expires_at) {
        (Some(retires), Some(expires)) => retires <= expires,
        _ => true,
    };
    let own = data.replaced_by == Some(data.id) || data.rotated_from() == Some(data.id);
    if placed && in_time && !own { Ok(()) } else { Err(KeyError::BrokenRotation) }
}

fn told(data: &ApiKeyData) -> Result {
    let over = matches!(data.state, KeyState::Revoked | KeyState::Discarded);
    if over == data.auth_revocation.is_some() { Ok(()) } else { Err(KeyError::Untold) }
}
