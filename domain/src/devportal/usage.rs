//! What usage is counted by (ruling R28): one counter a tenant, environment, hour, key, channel, country and metric.

use serde::{Deserialize, Serialize};

use super::values::Environment;
use crate::kernel::{ApiKeyId, TenantId, Timestamp};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UsageMetric {
    /// Verifications that were started.
    Requested,
    /// Starts that were refused.
    Blocked,
    /// Sends that were handed to a sender.
    Sent,
    /// Sends that were received.
    Delivered,
    /// Sends that came to nothing.
    Undelivered,
    /// Verifications that were approved.
    Approved,
    /// Verifications that failed.
    Failed,
    /// Verifications that expired.
    Expired,
    /// What was spent, in millionths of the tenant's currency.
    Spent,
}

impl UsageMetric {
    /// Every metric.
    pub const ALL: &[Self] = &[
        Self::Requested,
        Self::Blocked,
        Self::Sent,
        Self::Delivered,
        Self::Undelivered,
        Self::Approved,
        Self::Failed,
        Self::Expired,
        Self::Spent,
    ];

    /// Its name in stores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Blocked => "BLOCKED",
            Self::Sent => "SENT",
            Self::Delivered => "DELIVERED",
            Self::Undelivered => "UNDELIVERED",
            Self::Approved => "APPROVED",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::Spent => "SPENT",
        }
    }

    /// The metric of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|metric| metric.as_str() == name)
    }
}

/// The key of a counter. What is not known of an event is counted under nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageKey {
    /// Whose usage it is.
    pub tenant_id: TenantId,
    /// In which environment.
    pub environment: Environment,
    /// In which hour of UTC.
    pub hour: Timestamp,
    /// By which key.
    pub key_id: Option<ApiKeyId>,
    /// Over which channel, as it is written.
    pub channel: Option<String>,
    /// To which country.
    pub country: Option<String>,
    /// What.
    pub metric: UsageMetric,
}

/// How wide the steps of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageBucket {
    /// An hour of UTC.
    Hour,
    /// A day of UTC.
    Day,
}

impl UsageBucket {
    /// The beginning of the bucket an instant lies in.
    pub fn start(self, instant: Timestamp) -> Timestamp {
        let width: i64 = match self {
            Self::Hour => 3_600_000_000,
            Self::Day => 86_400_000_000,
        };
        let micros = instant.unix_micros();
        Timestamp::from_unix_micros(micros.saturating_sub(micros.rem_euclid(width)))
    }
}

/// Received sends in ten-thousandths of those that left; none where nothing left, which is not the same as zero.
pub fn delivery_rate(sent: u64, delivered: u64) -> Option<u64> {
    u128::from(delivered)
        .saturating_mul(10_000)
        .checked_div(u128::from(sent))
        .map(|rate| u64::try_from(rate).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_bucket_begins_on_the_hour_or_the_day_of_utc() {
        let late = at("2026-04-20T23:59:59.999999Z");
        assert_eq!(UsageBucket::Hour.start(late), at("2026-04-20T23:00:00Z"));
        assert_eq!(UsageBucket::Day.start(late), at("2026-04-20T00:00:00Z"));
        assert_eq!(UsageBucket::Day.start(at("1969-12-31T12:00:00Z")), at("1969-12-31T00:00:00Z"));
    }

    #[test]
    fn nothing_sent_has_no_rate() {
        assert_eq!(delivery_rate(0, 0), None);
        assert_eq!((delivery_rate(3, 2), delivery_rate(3, 0)), (Some(6_666), Some(0)));
        assert_eq!(delivery_rate(1, u64::MAX), Some(u64::MAX));
    }

    #[test]
    fn a_counter_is_one_for_all_its_parts() {
        let base = UsageKey {
            tenant_id: "acme".parse().unwrap(),
            environment: Environment::Production,
            hour: at("2026-04-20T23:00:00Z"),
            key_id: None,
            channel: Some("SMS".to_owned()),
            country: Some("AF".to_owned()),
            metric: UsageMetric::Sent,
        };
        let keys: BTreeSet<UsageKey> = UsageMetric::ALL
            .iter()
            .map(|metric| UsageKey { metric: *metric, ..base.clone() })
            .chain([base.clone(), UsageKey { country: None, ..base.clone() }])
            .collect();
        assert_eq!(keys.len(), UsageMetric::ALL.len() + 1);
        for metric in UsageMetric::ALL {
            assert_eq!(serde_json::to_value(metric).unwrap(), metric.as_str());
            assert_eq!(UsageMetric::parse(metric.as_str()), Some(*metric));
        }
        let json = serde_json::to_string(&keys).unwrap();
        assert_eq!(serde_json::from_str::<BTreeSet<UsageKey>>(&json).unwrap(), keys);
    }
}
