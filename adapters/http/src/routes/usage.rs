//! What a tenant and its keys use.

use std::collections::BTreeSet;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::devportal::usage::{Asked, OUTCOMES, Series, SeriesQuery, Usage};
use sarai_domain::{devportal::usage::UsageMetric, kernel::id::kinds};

use super::{
    Tag,
    key_body::ApiEnvironment,
    usage_body::{
        ApiUsageBucket, ApiUsageGroup, ApiUsageMetric, COUNTERS, KeyTrafficBody, UsageSeriesBody,
        UsageSummaryBody, counted, daily,
    },
};
use crate::{
    caller::Caller,
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// How many days of a key's traffic there are when nothing is said.
const DAYS: u32 = 7;
/// How many at most.
const MAX_DAYS: u32 = 90;
/// What is counted of messages.
const MESSAGES: [ApiUsageMetric; 3] =
    [ApiUsageMetric::MessagesSent, ApiUsageMetric::MessagesDelivered, ApiUsageMetric::MessagesFailed];

/// Routes of usage.
pub struct UsageRoutes {
    usage: Usage,
}

impl UsageRoutes {
    /// Over these use cases.
    pub fn new(usage: Usage) -> Self {
        Self { usage }
    }
}

fn asked(environment: Option<ApiEnvironment>, from: Option<ApiTimestamp>, to: Option<ApiTimestamp>) -> Asked {
    Asked { environment: environment.map(Into::into), from: from.map(|at| at.0), to: to.map(|at| at.0) }
}

/// Messages, or counters of verifications: one series shows one of both. Where none is named, it is what can be shown so:
/// messages are counted by days, and not split.
fn metrics_of(
    metrics: &[ApiUsageMetric],
    group: Option<ApiUsageGroup>,
    bucket: ApiUsageBucket,
) -> Result<Option<BTreeSet<UsageMetric>>, Problem> {
    let by_outcome = group == Some(ApiUsageGroup::Outcome);
    if metrics.is_empty() && !by_outcome && (group.is_some() || bucket == ApiUsageBucket::Hour) {
        return Ok(Some(UsageMetric::ALL.iter().copied().collect()));
    }
    let counters = metrics
        .iter()
        .filter_map(|metric| COUNTERS.iter().find(|(api, _)| api == metric).map(|(_, counter)| *counter));
    let mut counters: BTreeSet<_> = counters.collect();
    if by_outcome {
        // The outcomes are metrics themselves: those that were named, or all of what was requested.
        if metrics.is_empty() || counters.remove(&UsageMetric::Requested) {
            counters.extend(OUTCOMES);
        }
        if !counters.iter().all(|counter| OUTCOMES.contains(counter)) || counters.is_empty() {
            return Err(Problem::field(
                "metric",
                "by outcome: verifications_requested, or outcomes themselves",
            ));
        }
    }
    match (counters.len(), metrics.iter().any(|metric| MESSAGES.contains(metric))) {
        (0, _) => Ok(None),
        (_, false) => Ok(Some(counters)),
        (_, true) => Err(Problem::field("metric", "messages and verifications are two series")),
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Usage")]
impl UsageRoutes {
    /// What the tenant used
    ///
    /// From the beginning of the month until now where nothing is said; at most 366 days.
    #[oai(path = "/usage/summary", method = "get", operation_id = "usage.summary")]
    async fn summary(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        from: Query<Option<ApiTimestamp>>,
        to: Query<Option<ApiTimestamp>>,
    ) -> Result<Json<UsageSummaryBody>, Problem> {
        Ok(Json(self.usage.summary(&caller.0, asked(environment.0, from.0, to.0)).await?.into()))
    }

    /// What the tenant used, step by step
    ///
    /// `metric` may be given several times. Without it messages are shown, day by day; where steps of an hour or `groupBy` ask
    /// for what messages are not counted by, verifications. At most 366 days, in steps of an hour 31.
    #[oai(path = "/usage/timeseries", method = "get", operation_id = "usage.timeseries")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn series(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        #[oai(default)] metric: Query<Vec<ApiUsageMetric>>,
        #[oai(name = "groupBy")] group: Query<Option<ApiUsageGroup>>,
        bucket: Query<Option<ApiUsageBucket>>,
        from: Query<Option<ApiTimestamp>>,
        to: Query<Option<ApiTimestamp>>,
    ) -> Result<Json<UsageSeriesBody>, Problem> {
        let bucket = bucket.0.unwrap_or(ApiUsageBucket::Day);
        let query = SeriesQuery {
            asked: asked(environment.0, from.0, to.0),
            metrics: metrics_of(&metric.0, group.0, bucket)?,
            group: group.0.and_then(ApiUsageGroup::stored),
            bucket: bucket.into(),
        };
        let (window, series) = self.usage.series(&caller.0, query).await?;
        let data = match series {
            Series::Messages(days) if metric.0.is_empty() => daily(&days, &MESSAGES),
            Series::Messages(days) => daily(&days, &metric.0),
            Series::Verifications(points) => counted(points),
        };
        Ok(Json(UsageSeriesBody::new(window, bucket, data)))
    }

    /// What was done with a key, day by day
    ///
    /// `days` is 1 to 90; 7 where nothing is said.
    #[oai(path = "/keys/:id/traffic", method = "get", operation_id = "keys.traffic")]
    async fn traffic(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::ApiKey>>,
        days: Query<Option<u32>>,
    ) -> Result<Json<KeyTrafficBody>, Problem> {
        let days = days.0.unwrap_or(DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Problem::field("days", "a whole number from 1 to 90"));
        }
        let traffic = self.usage.traffic(&caller.0, id.0.0, days).await?;
        Ok(Json(KeyTrafficBody::of(id.0.0, &traffic)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_shows_messages_or_verifications() {
        use ApiUsageBucket::{Day, Hour};
        use ApiUsageMetric::{CodesSent, MessagesSent, Spent, VerificationsApproved, VerificationsRequested};
        let count = |metrics: &[ApiUsageMetric], group, bucket| {
            metrics_of(metrics, group, bucket).map(|counters| counters.map(|counters| counters.len()))
        };
        assert_eq!(count(&[], None, Day), Ok(None));
        assert_eq!(count(&[MessagesSent], None, Day), Ok(None));
        assert_eq!(count(&[MessagesSent], None, Hour), Ok(None), "to be refused");
        assert_eq!(count(&[CodesSent, Spent], None, Day), Ok(Some(2)));
        assert_eq!(count(&[CodesSent, MessagesSent], None, Day).unwrap_err().code(), "validation_failed");
        let outcome = Some(ApiUsageGroup::Outcome);
        assert_eq!(count(&[], outcome, Day), Ok(Some(OUTCOMES.len())));
        assert_eq!(count(&[VerificationsRequested], outcome, Day), Ok(Some(OUTCOMES.len())));
        assert_eq!(count(&[VerificationsApproved], outcome, Day), Ok(Some(1)));
        for not in [&[Spent] as &[_], &[MessagesSent], &[VerificationsApproved, CodesSent]] {
            assert_eq!(count(not, outcome, Day).unwrap_err().code(), "validation_failed");
        }
        let all = Ok(Some(UsageMetric::ALL.len()));
        for group in [ApiUsageGroup::Key, ApiUsageGroup::Channel, ApiUsageGroup::Country] {
            assert_eq!(count(&[], Some(group), Day), all);
        }
        assert_eq!(count(&[], None, Hour), all);
    }
}
