//! What holds of every stored account, one row a rule.

use super::{AccountError, AccountState, DeveloperAccount, DeveloperAccountData};
use crate::{
    devportal::invariants::A_INV_3,
    kernel::{Audited, Rule},
};

type Result = std::result::Result<(), AccountError>;

impl Audited for DeveloperAccount {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::of(A_INV_3, |data, _| closed_without_keys(data)),
        Rule::<Self>::ours(       |data, _| holds((data.state == AccountState::Closed) == data.keys_when_closed.is_some(), "a closed account, and no other, keeps the count of its keys")),
        Rule::<Self>::ours(       |data, _| holds((data.state == AccountState::Suspended) == data.suspended_reason.is_some(), "a suspended account, and no other, has a reason")),
        Rule::<Self>::ours(       |data, _| holds(data.terms_version.is_some() == data.terms_accepted_at.is_some(), "terms are accepted at a time")),
    ];
}

fn holds(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(AccountError::Inconsistent(what)) }
}

fn closed_without_keys(data: &DeveloperAccountData) -> Result {
    if data.keys_when_closed.is_some_and(|count| count > 0) {
        return Err(AccountError::ClosedWithKeys);
    }
    Ok(())
}
