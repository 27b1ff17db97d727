//! Usage as it is asked for and shown.

use poem_openapi::{Enum, Object};
use sarai_application::devportal::usage::{KeyTraffic, Summary, Window};
use sarai_domain::{
    devportal::usage::{UsageBucket, UsageMetric},
    kernel::{ApiKeyId, id::kinds},
};
use sarai_ports::devportal::{DailyMessages, UsageGroup, UsagePoint};

use crate::scalars::{ApiId, ApiPrice, ApiTimestamp};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Enum)]
#[oai(rename = "UsageMetric", rename_all = "snake_case")]
pub enum ApiUsageMetric {
    /// Messages that left.
    MessagesSent,
    /// Messages that were received.
    MessagesDelivered,
    /// Messages that came to nothing.
    MessagesFailed,
    /// Verifications that were started.
    VerificationsRequested,
    /// Starts that were refused.
    VerificationsBlocked,
    /// Verifications that were approved.
    VerificationsApproved,
    /// Verifications that failed.
    VerificationsFailed,
    /// Verifications that expired.
    VerificationsExpired,
    /// Sends of verifications that a provider took.
    CodesSent,
    /// Sends of verifications that were received.
    CodesDelivered,
    /// Sends of verifications that a provider took and nobody received.
    CodesUndelivered,
    /// What verifications cost, in millionths of the tenant's currency.
    Spent,
}

/// Each counter of verifications on the wire and in stores.
pub(super) const COUNTERS: &[(ApiUsageMetric, UsageMetric)] = &[
    (ApiUsageMetric::VerificationsRequested, UsageMetric::Requested),
    (ApiUsageMetric::VerificationsBlocked, UsageMetric::Blocked),
    (ApiUsageMetric::VerificationsApproved, UsageMetric::Approved),
    (ApiUsageMetric::VerificationsFailed, UsageMetric::Failed),
    (ApiUsageMetric::VerificationsExpired, UsageMetric::Expired),
    (ApiUsageMetric::CodesSent, UsageMetric::Sent),
    (ApiUsageMetric::CodesDelivered, UsageMetric::Delivered),
    (ApiUsageMetric::CodesUndelivered, UsageMetric::Undelivered),
    (ApiUsageMetric::Spent, UsageMetric::Spent),
];

/// What a series is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "UsageGroup", rename_all = "snake_case")]
pub enum ApiUsageGroup {
    /// The key.
    Key,
    /// The channel.
    Channel,
    /// The country.
    Country,
    /// How verifications ended; `metric` is left out then.
    Outcome,
}

impl ApiUsageGroup {
    /// As the store splits; none for outcomes, which are metrics.
    pub(super) fn stored(self) -> Option<UsageGroup> {
        match self {
            Self::Key => Some(UsageGroup::Key),
            Self::Channel => Some(UsageGroup::Channel),
            Self::Country => Some(UsageGroup::Country),
            Self::Outcome => None,
        }
    }
}

/// How wide a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "UsageBucket", rename_all = "snake_case")]
pub enum ApiUsageBucket {
    /// An hour of UTC.
    Hour,
    /// A day of UTC.
    Day,
}

impl From<ApiUsageBucket> for UsageBucket {
    fn from(bucket: ApiUsageBucket) -> Self {
        match bucket {
            ApiUsageBucket::Hour => Self::Hour,
            ApiUsageBucket::Day => Self::Day,
        }
    }
}

/// Verifications that were counted.
#[derive(Object)]
#[oai(rename = "VerificationCounts", rename_all = "camelCase")]
pub struct VerificationCountsBody {
    requested: u64,
    blocked: u64,
    approved: u64,
    failed: u64,
    expired: u64,
    /// Sends that a provider took.
    codes_sent: u64,
    /// Sends that were received.
    codes_delivered: u64,
    /// Sends that a provider took and nobody received.
    codes_undelivered: u64,
    /// What they cost, in millionths of the tenant's currency.
    spent: u64,
}

/// What was used.
#[derive(Object)]
#[oai(rename = "UsageSummary", rename_all = "camelCase")]
pub struct UsageSummaryBody {
    /// From then on.
    from: ApiTimestamp,
    /// Before then.
    to: ApiTimestamp,
    /// When it was summed up.
    as_of: ApiTimestamp,
    /// The beginning of the month that is billed next.
    current_period_start: ApiTimestamp,
    messages_sent: u64,
    messages_delivered: u64,
    messages_failed: u64,
    /// Delivered of sent, 0 to 1; null where nothing was sent.
    delivery_rate: Option<f64>,
    /// What can still be spent.
    credit_balance: ApiPrice,
    verifications: VerificationCountsBody,
}

/// Ten-thousandths as the page's model has them.
#[expect(clippy::float_arithmetic, reason = "a share is a JSON number; nothing is decided by it")]
fn share(bps: u32) -> f64 {
    f64::from(bps) / 10_000.0
}

impl From<Summary> for UsageSummaryBody {
    fn from(summary: Summary) -> Self {
        let count = |metric| {
            let found = summary.verifications.iter().find(|point| point.metric == metric);
            found.map_or(0, |point| point.amount)
        };
        let bps = summary.delivery_rate_bps.map(|bps| u32::try_from(bps).unwrap_or(u32::MAX));
        Self {
            from: summary.window.from.into(),
            to: summary.window.to.into(),
            as_of: summary.window.as_of.into(),
            current_period_start: summary.current_period_start.into(),
            messages_sent: summary.messages_sent,
            messages_delivered: summary.messages_delivered,
            messages_failed: summary.messages_failed,
            delivery_rate: bps.map(share),
            credit_balance: summary.credit_balance.into(),
            verifications: VerificationCountsBody {
                requested: count(UsageMetric::Requested),
                blocked: count(UsageMetric::Blocked),
                approved: count(UsageMetric::Approved),
                failed: count(UsageMetric::Failed),
                expired: count(UsageMetric::Expired),
                codes_sent: count(UsageMetric::Sent),
                codes_delivered: count(UsageMetric::Delivered),
                codes_undelivered: count(UsageMetric::Undelivered),
                spent: count(UsageMetric::Spent),
            },
        }
    }
}

/// A step of a series.
#[derive(Object)]
#[oai(rename = "UsagePoint", rename_all = "camelCase")]
pub struct UsagePointBody {
    /// The beginning of the step.
    at: ApiTimestamp,
    /// The key, channel or country; null where it is not split, and for what is not known.
    group: Option<String>,
    metric: ApiUsageMetric,
    value: u64,
}

/// A series.
#[derive(Object)]
#[oai(rename = "UsageSeries", rename_all = "camelCase")]
pub struct UsageSeriesBody {
    from: ApiTimestamp,
    to: ApiTimestamp,
    as_of: ApiTimestamp,
    bucket: ApiUsageBucket,
    /// In the order of time. Of messages every day is there; of verifications those with some.
    data: Vec<UsagePointBody>,
}

impl UsageSeriesBody {
    pub(super) fn new(window: Window, bucket: ApiUsageBucket, data: Vec<UsagePointBody>) -> Self {
        Self { from: window.from.into(), to: window.to.into(), as_of: window.as_of.into(), bucket, data }
    }
}

/// Steps of counters; those that are not shown are left out.
pub(super) fn counted(points: Vec<UsagePoint>) -> Vec<UsagePointBody> {
    let shown = |point: UsagePoint| {
        let (metric, _) = COUNTERS.iter().find(|(_, counter)| *counter == point.metric)?;
        Some(UsagePointBody { at: point.at.into(), group: point.group, metric: *metric, value: point.amount })
    };
    points.into_iter().filter_map(shown).collect()
}

/// Days of messages, a step for each metric asked for.
pub(super) fn daily(days: &[DailyMessages], metrics: &[ApiUsageMetric]) -> Vec<UsagePointBody> {
    let value = |day: &DailyMessages, metric| match metric {
        ApiUsageMetric::MessagesSent => Some(day.sent),
        ApiUsageMetric::MessagesDelivered => Some(day.delivered),
        ApiUsageMetric::MessagesFailed => Some(day.failed),
        _ => None,
    };
    let step = |day: &DailyMessages, metric| {
        let value = u64::from(value(day, metric)?);
        Some(UsagePointBody { at: day.day.into(), group: None, metric, value })
    };
    days.iter().flat_map(|day| metrics.iter().filter_map(move |metric| step(day, *metric))).collect()
}

/// A day of a key.
#[derive(Object)]
#[oai(rename = "KeyTrafficDay", rename_all = "camelCase")]
pub struct KeyTrafficDayBody {
    /// Its beginning, UTC.
    day: ApiTimestamp,
    messages_sent: u64,
    messages_delivered: u64,
    messages_failed: u64,
    verifications_requested: u64,
    verifications_blocked: u64,
    codes_sent: u64,
}

/// What was done with a key.
#[derive(Object)]
#[oai(rename = "KeyTraffic", rename_all = "camelCase")]
pub struct KeyTrafficBody {
    key_id: ApiId<kinds::ApiKey>,
    from: ApiTimestamp,
    to: ApiTimestamp,
    as_of: ApiTimestamp,
    /// Day by day, also days of nothing.
    days: Vec<KeyTrafficDayBody>,
}

impl KeyTrafficBody {
    pub(super) fn of(id: ApiKeyId, traffic: &KeyTraffic) -> Self {
        let day = |day: &DailyMessages| {
            let count = |metric| {
                let points = traffic.verifications.iter();
                points
                    .filter(|point| point.at == day.day && point.metric == metric)
                    .map(|point| point.amount)
                    .sum()
            };
            KeyTrafficDayBody {
                day: day.day.into(),
                messages_sent: day.sent.into(),
                messages_delivered: day.delivered.into(),
                messages_failed: day.failed.into(),
                verifications_requested: count(UsageMetric::Requested),
                verifications_blocked: count(UsageMetric::Blocked),
                codes_sent: count(UsageMetric::Sent),
            }
        };
        Self {
            key_id: id.into(),
            from: traffic.window.from.into(),
            to: traffic.window.to.into(),
            as_of: traffic.window.as_of.into(),
            days: traffic.messages.iter().map(day).collect(),
        }
    }
}
