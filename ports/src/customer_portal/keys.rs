//! API keys as the API tells them.

use sarai_domain::kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::SecretText;

/// A key: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// Its id.
    pub key_id: String,
    /// What it is called.
    pub label: String,
    /// Its beginning.
    pub prefix: Option<String>,
    /// Its end.
    pub last4: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// `ACTIVE` or `REVOKED`.
    pub status: String,
    /// When both it and its successor stop working together.
    pub retire_at: Option<Timestamp>,
    /// Its successor.
    pub replaced_by: Option<String>,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Why.
    pub revoked_reason: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A key to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewKey {
    /// What it is called.
    pub label: String,
    /// Its world.
    pub environment: String,
    /// What it may do.
    pub scopes: Vec<String>,
}

/// A key that was created. The secret is there once.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedKey {
    /// The secret; none when the answer is given again.
    pub raw_key: Option<SecretText>,
    /// The key.
    #[serde(flatten)]
    pub key: Key,
}

/// A key that was put in the place of another.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// The successor's secret; none when the answer is given again.
    pub raw_key: Option<SecretText>,
    /// The successor.
    pub key: Option<Key>,
    /// The key that is succeeded.
    pub previous: Previous,
}

/// The key that was succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Previous {
    /// Which.
    pub key_id: String,
    /// From when on it does not work.
    pub retire_at: Option<Timestamp>,
}

/// What was done with a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeyTraffic {
    /// Day by day.
    pub days: Vec<KeyTrafficDay>,
}

/// A day of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyTrafficDay {
    /// Messages accepted.
    pub messages_sent: u64,
    /// Verifications begun.
    pub verifications_requested: u64,
}
