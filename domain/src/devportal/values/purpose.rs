//! What a verification is for.

use serde::{Deserialize, Serialize};

/// What a verification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// Somebody registers.
    SignUp,
    /// Somebody comes back.
    SignIn,
    /// Somebody agrees to something.
    Transaction,
    /// Somebody gives a new address.
    ContactChange,
    /// Anything else.
    #[default]
    Generic,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &[Self] =
        &[Self::SignUp, Self::SignIn, Self::Transaction, Self::ContactChange, Self::Generic];

    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "SIGN_UP",
            Self::SignIn => "SIGN_IN",
            Self::Transaction => "TRANSACTION",
            Self::ContactChange => "CONTACT_CHANGE",
            Self::Generic => "GENERIC",
        }
    }
}
