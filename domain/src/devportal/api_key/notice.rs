//! Notices: what a key's owner should know before it matters, and what the rotation assistant warns of.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{ApiKeyData, AuthRevocation, KeyState};
use crate::kernel::Timestamp;

/// After this time somebody must look why the auth-service does not know of a revocation.
pub const REVOCATION_ALERT: Duration = Duration::seconds(60);

/// How long before its expiry a key announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExpiryNotice {
    /// Fourteen days.
    Days14,
    /// Three days.
    Days3,
    /// One day.
    Days1,
}

/// Something a key's owner should think about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code", rename_all_fields = "camelCase")]
pub enum KeyWarning {
    /// It never expires (K-INV-5).
    NoExpiry,
    /// Its successor would expire soon after the rotation, because it copies the time (K-INV-7).
    ExpiresSoon {
        /// When.
        expires_at: Timestamp,
    },
    /// Somebody used it within the last hour: what ends it now breaks what uses it.
    UsedLately {
        /// When last.
        last_used_at: Timestamp,
    },
    /// There is no overlap: it retires the moment its successor is there.
    NoOverlap,
}

impl ExpiryNotice {
    /// Every notice, in the order in which they come.
    pub const ALL: &[Self] = &[Self::Days14, Self::Days3, Self::Days1];

    /// How many days before.
    pub const fn days(self) -> u32 {
        match self {
            Self::Days14 => 14,
            Self::Days3 => 3,
            Self::Days1 => 1,
        }
    }

    fn before(self) -> Duration {
        Duration::days(i64::from(self.days()))
    }
}

impl ApiKeyData {
    /// The notice of its expiry that is due and was not given. Only the latest of those due; none while a successor
    /// is there, and none that is as long as the key's whole life.
    pub fn notice_due(&self, now: Timestamp) -> Option<ExpiryNotice> {
        let expires_at = self.expires_at.filter(|_| self.state == KeyState::Active)?;
        if self.replaced_by.is_some() || now >= expires_at {
            return None;
        }
        let (left, life) = (expires_at.since(now), expires_at.since(self.created_at));
        let due = ExpiryNotice::ALL.iter().copied().filter(|one| left <= one.before() && life > one.before());
        due.max().filter(|one| self.expiry_notice.is_none_or(|given| *one > given))
    }

    /// When the next notice of its expiry is due that was not given.
    pub fn next_notice_at(&self) -> Option<Timestamp> {
        let expires_at = self.expires_at.filter(|_| self.state == KeyState::Active)?;
        let life = expires_at.since(self.created_at);
        let next = ExpiryNotice::ALL
            .iter()
            .find(|one| life > one.before() && self.expiry_notice.is_none_or(|given| **one > given));
        next.filter(|_| self.replaced_by.is_none())
            .map(|one| expires_at.plus(Duration::days(i64::from(one.days()).saturating_neg())))
    }

    /// Whether the auth-service has not been told of its revocation for so long that somebody must look (K-INV-13).
    pub fn revocation_overdue(&self, now: Timestamp) -> bool {
        self.auth_revocation == Some(AuthRevocation::Pending)
            && now.since(self.updated_at) >= REVOCATION_ALERT
    }

    /// What to think about before its end comes or is brought about.
    pub fn warnings(&self, now: Timestamp) -> Vec<KeyWarning> {
        let no_expiry = self.expires_at.is_none().then_some(KeyWarning::NoExpiry);
        let lately = self.last_used_at.filter(|used| now.since(*used) < Duration::hours(1));
        let lately = lately.map(|last_used_at| KeyWarning::UsedLately { last_used_at });
        no_expiry.into_iter().chain(lately).collect()
    }
}
