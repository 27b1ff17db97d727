//! What a tenant uses: messages as messaging counts them, verifications as events were counted, money as billing says.

use std::{collections::BTreeSet, sync::Arc};

use sarai_domain::{
    devportal::{
        usage::{UsageBucket, UsageMetric, delivery_rate},
        values::{Environment, Scope as KeyScope},
    },
    kernel::{ApiKeyId, Kind, PeriodMonth, Price, Timestamp},
};
use sarai_ports::{
    auth::Role,
    devportal::{DailyMessages, DailyRequest, Traffic, UsageGroup, UsagePoint, UsageQuery},
};

use crate::{AppError, Call, Ports};

/// Whose routes usage is, beside keys with the scope.
const USERS: &[Role] = &[Role::Developer, Role::Customer];
/// How many days a window has at most; in steps of an hour, and of a day.
const DAYS: [(UsageBucket, i64); 2] = [(UsageBucket::Hour, 31), (UsageBucket::Day, 366)];
/// What ends a verification.
pub const OUTCOMES: &[UsageMetric] = &[UsageMetric::Approved, UsageMetric::Failed, UsageMetric::Expired];

/// Of what time; from the beginning of the month until now where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// In which world; the caller's where none is named.
    pub environment: Option<Environment>,
    /// From the hour or day of this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

/// Of what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From then on.
    pub from: Timestamp,
    /// Before then.
    pub to: Timestamp,
    /// When it was summed up.
    pub as_of: Timestamp,
}

/// What was used.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Of what time.
    pub window: Window,
    /// The beginning of the month that is billed next.
    pub current_period_start: Timestamp,
    /// Messages that left.
    pub messages_sent: u64,
    /// Of those, received.
    pub messages_delivered: u64,
    /// Messages that came to nothing.
    pub messages_failed: u64,
    /// Received in ten-thousandths of those that left; none where nothing left.
    pub delivery_rate_bps: Option<u64>,
    /// What can still be spent.
    pub credit_balance: Price,
    /// Counters of verifications.
    pub verifications: Vec<UsagePoint>,
}

/// What a series shows.
#[derive(Debug, Clone)]
pub enum Series {
    /// Messages, day by day, also days of nothing.
    Messages(Vec<DailyMessages>),
    /// Counters of verifications.
    Verifications(Vec<UsagePoint>),
}

/// The traffic of a key.
#[derive(Debug, Clone)]
pub struct KeyTraffic {
    /// Of what time.
    pub window: Window,
    /// Its messages, day by day.
    pub messages: Vec<DailyMessages>,
    /// Its verifications, day by day; days of nothing are left out.
    pub verifications: Vec<UsagePoint>,
}

/// What a series is asked for.
#[derive(Debug, Clone)]
pub struct SeriesQuery {
    /// Of what time.
    pub asked: Asked,
    /// Counters of verifications; none: messages.
    pub metrics: Option<BTreeSet<UsageMetric>>,
    /// Split by this.
    pub group: Option<UsageGroup>,
    /// In steps of this width.
    pub bucket: UsageBucket,
}

/// The use cases of usage.
#[derive(Clone)]
pub struct Usage {
    ports: Arc<Ports>,
}

impl Usage {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// What was used in a window.
    ///
    /// # Errors
    /// `usage.window_too_large`, `usage.window_empty`, `key.environment_mismatch`.
    pub async fn summary(&self, call: &Call, asked: Asked) -> Result<Summary, AppError> {
        call.require(USERS, KeyScope::UsageRead)?;
        let environment = call.environment(asked.environment)?;
        let window = self.window(asked, UsageBucket::Day)?;
        let daily = self.daily(call, environment, None, window).await?;
        let sum = |of: fn(&DailyMessages) -> u32| daily.iter().map(|day| u64::from(of(day))).sum::<u64>();
        let (sent, delivered) = (sum(|day| day.sent), sum(|day| day.delivered));
        let metrics = UsageMetric::ALL.iter().copied().collect();
        let points = self.points(call, environment, window, (metrics, None, UsageBucket::Day, None)).await?;
        let mut verifications: Vec<UsagePoint> = Vec::new();
        for metric in UsageMetric::ALL {
            let amount = points.iter().filter(|point| point.metric == *metric).map(|point| point.amount);
            let amount = amount.fold(0, u64::saturating_add);
            verifications.push(UsagePoint { at: window.from, group: None, metric: *metric, amount });
        }
        let billing = &self.ports.devportal.invoicing;
        Ok(Summary {
            current_period_start: PeriodMonth::of(window.as_of).start(),
            messages_sent: sent,
            messages_delivered: delivered,
            messages_failed: sum(|day| day.failed),
            delivery_rate_bps: delivery_rate(sent, delivered),
            credit_balance: billing.balance(&call.principal.tenant_id).await?.balance,
            verifications,
            window,
        })
    }

    /// Sums step by step.
    ///
    /// # Errors
    /// As [`Usage::summary`]; `usage.not_split` for messages by anything but days.
    pub async fn series(&self, call: &Call, query: SeriesQuery) -> Result<(Window, Series), AppError> {
        call.require(USERS, KeyScope::UsageRead)?;
        let environment = call.environment(query.asked.environment)?;
        let window = self.window(query.asked, query.bucket)?;
        let Some(metrics) = query.metrics else {
            if query.bucket != UsageBucket::Day || query.group.is_some() {
                let sentence = "messages are counted by days, and not split";
                return Err(AppError::new(Kind::Invalid, "usage.not_split", sentence));
            }
            return Ok((window, Series::Messages(self.daily(call, environment, None, window).await?)));
        };
        let which = (metrics, None, query.bucket, query.group);
        Ok((window, Series::Verifications(self.points(call, environment, window, which).await?)))
    }

    /// What was done with a key in so many days.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn traffic(&self, call: &Call, id: ApiKeyId, days: u32) -> Result<KeyTraffic, AppError> {
        call.require(USERS, KeyScope::KeysRead)?;
        let key = self.ports.devportal.keys().find(&call.scope(), &id).await?;
        let key = key.filter(|key| sarai_domain::kernel::Aggregate::data(key).is_visible());
        let key = key.ok_or_else(|| AppError::not_found("key"))?;
        let environment = sarai_domain::kernel::Aggregate::data(&key).environment;
        let now = self.ports.now();
        let from = UsageBucket::Day.start(now).plus(-time::Duration::days(i64::from(days.saturating_sub(1))));
        let window = Window { from, to: now, as_of: now };
        let metrics = BTreeSet::from([UsageMetric::Requested, UsageMetric::Sent, UsageMetric::Blocked]);
        let which = (metrics, Some(id), UsageBucket::Day, None);
        Ok(KeyTraffic {
            messages: self.daily(call, environment, Some(id), window).await?,
            verifications: self.points(call, environment, window, which).await?,
            window,
        })
    }

    fn window(&self, asked: Asked, bucket: UsageBucket) -> Result<Window, AppError> {
        let as_of = self.ports.now();
        let to = asked.to.unwrap_or(as_of);
        let from = asked.from.unwrap_or_else(|| PeriodMonth::of(to).start());
        let most = DAYS.iter().find(|(of, _)| *of == bucket).map_or(0, |(_, days)| *days);
        if to <= from {
            return Err(AppError::new(Kind::Invalid, "usage.window_empty", "`to` lies after `from`"));
        }
        if to.since(from) > time::Duration::days(most) {
            let sentence = format!("a window has at most {most} days in these steps");
            return Err(AppError::new(Kind::Invalid, "usage.window_too_large", sentence));
        }
        Ok(Window { from, to, as_of })
    }

    async fn daily(
        &self,
        call: &Call,
        environment: Environment,
        key_id: Option<ApiKeyId>,
        window: Window,
    ) -> Result<Vec<DailyMessages>, AppError> {
        let of = Traffic { tenant_id: call.principal.tenant_id.clone(), environment };
        let request = DailyRequest { of, key_id, from: window.from, until: window.to };
        Ok(self.ports.devportal.messaging.daily(&request).await?)
    }

    async fn points(
        &self,
        call: &Call,
        environment: Environment,
        window: Window,
        (metrics, key_id, bucket, group): (
            BTreeSet<UsageMetric>,
            Option<ApiKeyId>,
            UsageBucket,
            Option<UsageGroup>,
        ),
    ) -> Result<Vec<UsagePoint>, AppError> {
        let tenant_id = call.principal.tenant_id.clone();
        let query = UsageQuery {
            tenant_id,
            environment,
            from: window.from,
            until: window.to,
            metrics,
            key_id,
            bucket,
            group,
        };
        Ok(self.ports.devportal.usage().usage(&call.scope_in(environment), &query).await?)
    }
}
