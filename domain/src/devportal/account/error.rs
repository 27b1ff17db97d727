//! Why an account refuses.

use super::{AccountAction, AccountState};
use crate::{
    devportal::invariants::{A_INV_1, A_INV_3, A_INV_4, A_INV_5},
    kernel::{
        Coded, Detail, DeveloperAccountId, IllegalTransition, Invariant,
        Kind::{self, Conflict, Forbidden, Invalid, Unavailable},
    },
};

/// Why a command on an account, or on what belongs to it, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<AccountState, AccountAction>),
    /// A-INV-1, as the store found it.
    #[error("the identity has an account already")]
    AlreadyRegistered,
    /// A-INV-3: nothing changes in it any more.
    #[error("the account is closed")]
    Closed,
    /// A-INV-3.
    #[error("the account has {0} active keys: revoke them first")]
    KeysActive(u32),
    /// A-INV-3: counted for another account.
    #[error("the keys of {0} were counted, another account")]
    ForeignCount(DeveloperAccountId),
    /// A-INV-4.
    #[error("the account is suspended")]
    Suspended,
    /// A-INV-5.
    #[error("production needs a verified e-mail")]
    EmailNotVerified,
    /// A-INV-5.
    #[error("production needs a second factor")]
    MfaRequired,
    /// A-INV-5.
    #[error("production needs the terms {current}")]
    TermsRequired {
        /// The current terms.
        current: String,
    },
    /// Other terms than the current ones were accepted.
    #[error("the current terms are {current}")]
    TermsOutdated {
        /// The current terms.
        current: String,
    },
    /// Not a reason.
    #[error("a reason is one line of 1 to 500 characters")]
    Reason,
    /// Not an e-mail's address.
    #[error("the address is no e-mail's")]
    Email,
    /// Stored data that no command can have written.
    #[error("the stored account is inconsistent: {0}")]
    Inconsistent(&'static str),
    /// A-INV-3: stored data that no command can have written.
    #[error("the stored account was closed with active keys")]
    ClosedWithKeys,
}

impl AccountError {
    #[rustfmt::skip]
    fn facts(&self) -> (&'static str, Kind, Option<Invariant>) {
        match self {
            Self::InvalidTransition(_)  => ("account.invalid_transition",     Conflict,    None),
            Self::AlreadyRegistered     => ("account.already_registered",     Conflict,    Some(A_INV_1)),
            Self::Closed                => ("account.closed",                 Conflict,    Some(A_INV_3)),
            Self::KeysActive(_)         => ("account.keys_active",            Conflict,    Some(A_INV_3)),
            Self::ForeignCount(_)       => ("account.foreign_count",          Conflict,    Some(A_INV_3)),
            Self::Suspended             => ("account.suspended",              Forbidden,   Some(A_INV_4)),
            Self::EmailNotVerified      => ("account.email_not_verified",     Forbidden,   Some(A_INV_5)),
            Self::MfaRequired           => ("account.mfa_required",           Forbidden,   Some(A_INV_5)),
            Self::TermsRequired { .. }  => ("account.terms_required",         Forbidden,   Some(A_INV_5)),
            Self::TermsOutdated { .. }  => ("account.terms_version_outdated", Conflict,    None),
            Self::Reason                => ("account.reason_malformed",       Invalid,     None),
            Self::Email                 => ("account.email_malformed",        Invalid,     None),
            Self::Inconsistent(_)       => ("account.inconsistent",           Unavailable, None),
            Self::ClosedWithKeys        => ("account.inconsistent",           Unavailable, Some(A_INV_3)),
        }
    }
}

impl Coded for AccountError {
    fn code(&self) -> &'static str {
        self.facts().0
    }

    fn kind(&self) -> Kind {
        self.facts().1
    }

    fn invariant(&self) -> Option<Invariant> {
        self.facts().2
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        if let Self::TermsRequired { current } | Self::TermsOutdated { current } = self {
            return vec![("currentTerms", Detail::Text(current.clone()))];
        }
        if let Self::KeysActive(count) = self {
            return vec![("activeKeys", Detail::Number((*count).into()))];
        }
        Vec::new()
    }
}
