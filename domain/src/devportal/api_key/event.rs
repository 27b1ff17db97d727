//! What a key announces. Nothing of its secret (K-INV-1).

use serde::{Deserialize, Serialize};

use super::{KeyCreator, RevokedReason};
use crate::{
    devportal::values::{Environment, HttpsUrl, KeyPrefix, KeyTail, Label, ScopeSet},
    kernel::{ApiKeyId, DeveloperAccountId, SandboxId, Timestamp, topics},
};

/// What every event of a key says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyFacts {
    /// The key.
    pub key_id: ApiKeyId,
    /// Whose it is.
    pub account_id: DeveloperAccountId,
    /// Its environment.
    pub environment: Environment,
    /// The sandbox it is bound to.
    pub sandbox_id: Option<SandboxId>,
    /// When it happened, in business time.
    pub at: Timestamp,
}

/// A fact about a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum KeyEvent {
    /// It was issued.
    Created {
        /// Which and when.
        #[serde(flatten)]
        key: KeyFacts,
        /// What its owner calls it.
        label: Label,
        /// Its beginning.
        prefix: KeyPrefix,
        /// Its end.
        last4: KeyTail,
        /// What it may do.
        scopes: ScopeSet,
        /// From when on it does not work.
        expires_at: Option<Timestamp>,
        /// The key it succeeds.
        rotated_from: Option<ApiKeyId>,
        /// Who created it.
        created_by: KeyCreator,
    },
    /// It works nowhere any more, `effectiveBy` at the latest. The auth-service is told until it knows (K-INV-13).
    Revoked {
        /// Which and when.
        #[serde(flatten)]
        key: KeyFacts,
        /// Why.
        reason: RevokedReason,
        /// When.
        revoked_at: Timestamp,
        /// When the last copy of an older answer is gone.
        effective_by: Timestamp,
        /// Its successor.
        replaced_by: Option<ApiKeyId>,
    },
    /// A successor took its place.
    Rotated {
        /// Which and when.
        #[serde(flatten)]
        key: KeyFacts,
        /// The successor.
        replaced_by: ApiKeyId,
        /// Until when both work.
        retire_at: Timestamp,
    },
    /// It will soon not work any more.
    ExpiringSoon {
        /// Which and when.
        #[serde(flatten)]
        key: KeyFacts,
        /// From when on.
        expires_at: Timestamp,
        /// How many days before that it is said: 14, 3 or 1.
        days: u32,
    },
    /// It was found where everybody can read it.
    Exposed {
        /// Which and when.
        #[serde(flatten)]
        key: KeyFacts,
        /// Where, if the finder said so.
        found_at: Option<HttpsUrl>,
    },
    /// Its secret was never issued. For ourselves only: whatever the auth-service made of the request is revoked.
    Discarded {
        /// Which and when.
        #[serde(flatten)]
        key: KeyFacts,
    },
}

impl KeyEvent {
    /// Which key, and when.
    pub fn facts(&self) -> &KeyFacts {
        match self {
            Self::Created { key, .. }
            | Self::Revoked { key, .. }
            | Self::Rotated { key, .. }
            | Self::ExpiringSoon { key, .. }
            | Self::Exposed { key, .. }
            | Self::Discarded { key } => key,
        }
    }
}

topics!(KeyEvent {
    Created      => "devportal.key.created.v1",
    Revoked      => "devportal.key.revoked.v1",
    Rotated      => "devportal.key.rotated.v1",
    ExpiringSoon => "devportal.key.expiring_soon.v1",
    Exposed      => "devportal.key.exposed.v1",
    Discarded    => "devportal.key.discarded.v1",
});
