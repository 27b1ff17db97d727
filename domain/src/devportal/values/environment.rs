//! Which world a row belongs to.

use serde::{Deserialize, Serialize};

/// Where a row that can exist in both worlds exists; it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Environment {
    /// Nothing reaches a real network but signed webhooks.
    Sandbox,
    /// The real one.
    Production,
}

impl Environment {
    /// Both.
    pub const ALL: &[Self] = &[Self::Sandbox, Self::Production];

    /// As it is stored, hashed and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "SANDBOX",
            Self::Production => "PRODUCTION",
        }
    }
}
