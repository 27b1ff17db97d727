//! Why a key refuses.

use super::{KeyAction, KeyState};
use crate::{
    devportal::{
        account::AccountError,
        invariants::{
            K_INV_2, K_INV_3, K_INV_5, K_INV_6, K_INV_7, K_INV_8, K_INV_9, K_INV_10, K_INV_12, K_INV_13,
        },
        values::{Environment, Malformed, Scope},
    },
    kernel::{
        ApiKeyId, Coded, Detail, IllegalTransition, Invariant,
        Kind::{self, Conflict, Forbidden, Invalid, Precondition, Unavailable},
        Timestamp,
    },
};

/// Why a command on a key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The table has no such edge.
    #[error(transparent)]
    InvalidTransition(IllegalTransition<KeyState, KeyAction>),
    /// K-INV-6.
    #[error("the key is revoked")]
    Revoked,
    /// K-INV-2.
    #[error("the key issued is of {issued}, the one asked for of {wanted}")]
    WrongPrefix {
        /// What was asked for.
        wanted: &'static str,
        /// What came.
        issued: &'static str,
    },
    /// K-INV-3.
    #[error("the account cannot be given {0}")]
    NotGrantable(Scope),
    /// K-INV-5.
    #[error(
        "a key expires more than 5 minutes and at most 2 years from now, between {earliest} and {latest}"
    )]
    ExpiryOutOfRange {
        /// The last instant that is too early.
        earliest: Timestamp,
        /// The last instant that is not too late.
        latest: Timestamp,
    },
    /// K-INV-7.
    #[error("the key was rotated to {0} already")]
    AlreadyReplaced(ApiKeyId),
    /// K-INV-7.
    #[error("the other key is not this one's successor")]
    NotItsSuccessor,
    /// K-INV-7: as it is stored, a key retires after it expires, or a successor has no place.
    #[error("the stored key contradicts its rotation")]
    BrokenRotation,
    /// K-INV-8.
    #[error("an expired, retired or revoked key is not rotated")]
    NotRotatable,
    /// An overlap that is too long.
    #[error("old and new key overlap by at most 7 days")]
    Overlap,
    /// K-INV-9.
    #[error("the account has its 20 keys of this environment")]
    LimitReached,
    /// K-INV-10.
    #[error("a production key: {0}")]
    NoProduction(AccountError),
    /// K-INV-10: stored data that no command can have written.
    #[error("the stored key was admitted for another account")]
    ForeignStanding,
    /// K-INV-12.
    #[error("a key without {0} cannot create one with it")]
    BeyondCaller(Scope),
    /// K-INV-12.
    #[error("a key of {} acts in that environment only", own.as_str())]
    OtherEnvironment {
        /// The key's own.
        own: Environment,
    },
    /// K-INV-13: stored data that no command can have written.
    #[error("the stored key is revoked without telling the auth-service, or the reverse")]
    Untold,
    /// R24.
    #[error("another active key has this label")]
    LabelTaken,
    /// A sandbox of a key that is not of the sandbox environment.
    #[error("only a SANDBOX key is bound to a sandbox")]
    SandboxMisplaced,
    /// More blocks than can be looked through on every call.
    #[error("a key is limited to at most 50 blocks of addresses")]
    TooManyBlocks,
    /// Nothing has come to its end.
    #[error("the key is not at its end")]
    NotDue,
    /// The account cannot create anything now (A-INV-4).
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A value.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Stored data that no command can have written.
    #[error("the stored key is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl From<IllegalTransition<KeyState, KeyAction>> for KeyError {
    fn from(illegal: IllegalTransition<KeyState, KeyAction>) -> Self {
        if illegal.from == KeyState::Revoked { Self::Revoked } else { Self::InvalidTransition(illegal) }
    }
}

impl KeyError {
    #[rustfmt::skip]
    fn facts(&self) -> (&'static str, Kind, Option<Invariant>) {
        match self {
            Self::InvalidTransition(_)    => ("key.invalid_transition",   Conflict,     None),
            Self::Revoked                 => ("key.revoked",              Conflict,     Some(K_INV_6)),
            Self::WrongPrefix { .. }      => ("key.wrong_prefix",         Unavailable,  Some(K_INV_2)),
            Self::NotGrantable(_)         => ("key.scope_not_grantable",  Invalid,      Some(K_INV_3)),
            Self::ExpiryOutOfRange { .. } => ("key.expiry_out_of_range",  Invalid,      Some(K_INV_5)),
            Self::AlreadyReplaced(_)      => ("key.not_rotatable",        Conflict,     Some(K_INV_7)),
            Self::NotItsSuccessor         => ("key.not_its_successor",    Precondition, Some(K_INV_7)),
            Self::BrokenRotation          => ("key.inconsistent",         Unavailable,  Some(K_INV_7)),
            Self::NotRotatable            => ("key.not_rotatable",        Conflict,     Some(K_INV_8)),
            Self::Overlap                 => ("key.overlap_out_of_range", Invalid,      None),
            Self::LimitReached            => ("key.limit_reached",        Conflict,     Some(K_INV_9)),
            Self::NoProduction(error)     => (error.code(),               error.kind(), Some(K_INV_10)),
            Self::ForeignStanding         => ("key.inconsistent",         Unavailable,  Some(K_INV_10)),
            Self::BeyondCaller(_)         => ("key.scope_beyond_caller",  Forbidden,    Some(K_INV_12)),
            Self::OtherEnvironment { .. } => ("key.environment_mismatch", Forbidden,    Some(K_INV_12)),
            Self::Untold                  => ("key.inconsistent",         Unavailable,  Some(K_INV_13)),
            Self::LabelTaken              => ("key.label_taken",          Conflict,     None),
            Self::SandboxMisplaced        => ("key.sandbox_misplaced",    Invalid,      None),
            Self::TooManyBlocks           => ("key.too_many_blocks",      Invalid,      None),
            Self::NotDue                  => ("key.not_due",              Conflict,     None),
            Self::Account(error)          => (error.code(),               error.kind(), error.invariant()),
            Self::Malformed(error)        => (error.code(),               error.kind(), error.invariant()),
            Self::Inconsistent(_)         => ("key.inconsistent",         Unavailable,  None),
        }
    }
}

impl Coded for KeyError {
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
        if let Self::NotGrantable(scope) | Self::BeyondCaller(scope) = self {
            return vec![("scope", Detail::Text(scope.to_string()))];
        }
        if let Self::NoProduction(error) | Self::Account(error) = self {
            return error.details();
        }
        Vec::new()
    }
}
