//! Counters of usage: a row each, by the hour as a number. What is not known of one is the empty text.

use async_trait::async_trait;
use sarai_domain::{
    devportal::usage::{UsageBucket, UsageMetric},
    kernel::Timestamp,
};
use sarai_ports::{
    Consumed, Scope, StoreError,
    devportal::{UsageCount, UsageGroup, UsagePoint, UsageQuery, UsageStore},
};
use serde_json::{Value as Json, json};

use crate::{
    Database, Ended, Store, Transaction, Value, Work,
    statement::{Statement, args},
};

/// The row of the inbox has no aggregate: counters are their tenant's.
const TARGET: &str = "usage";
/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

fn hour(at: Timestamp) -> i64 {
    at.unix_micros().div_euclid(HOUR)
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Unavailable(format!("a counter of usage names no {what}"))
}

/// The work of one message.
struct Counting {
    tenant: String,
    consumed: Consumed,
    now: Timestamp,
    rows: String,
}

#[async_trait]
impl Work for Counting {
    type Out = bool;

    async fn run(self, transaction: &mut dyn Transaction) -> Result<Ended<bool>, StoreError> {
        let inbox = "insert into inbox (tenant_id, consumer, event_id, target, at) values ($1, $2, $3, $4, $5) \
                     on conflict (tenant_id, consumer, event_id, target) do nothing returning 1";
        let Self { tenant, consumed, now, rows } = self;
        let row = args![tenant.as_str(), consumed.consumer, consumed.event_id, TARGET, now];
        if transaction.run(inbox, row).await?.is_empty() {
            return Ok(Ended::Nothing(false));
        }
        let columns = [
            ("environment", "text"),
            ("hour", "bigint"),
            ("key_id", "text"),
            ("channel", "text"),
            ("country", "text"),
            ("metric", "text"),
            ("amount", "bigint"),
        ];
        let text = format!(
            "insert into usage_counters (tenant_id, environment, hour, key_id, channel, country, metric, amount) \
             select $2, x.environment, x.hour, x.key_id, x.channel, x.country, x.metric, x.amount from {} where true \
             on conflict (tenant_id, environment, hour, key_id, channel, country, metric) \
             do update set amount = usage_counters.amount + excluded.amount",
            transaction.dialect().rows("$1", &columns)
        );
        transaction.run(&text, vec![Value::Json(rows), tenant.into()]).await?;
        Ok(Ended::Commit(true))
    }
}

fn row(count: &UsageCount) -> Json {
    let key = &count.key;
    json!({
        "environment": key.environment.as_str(),
        "hour": hour(key.hour),
        "key_id": key.key_id.map(|id| id.to_string()).unwrap_or_default(),
        "channel": key.channel.clone().unwrap_or_default(),
        "country": key.country.clone().unwrap_or_default(),
        "metric": key.metric.as_str(),
        "amount": count.amount,
    })
}

#[async_trait]
impl<D: Database> UsageStore for Store<D> {
    async fn count(
        &self,
        scope: &Scope,
        consumed: &Consumed,
        counts: &[UsageCount],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(first) = counts.first() else { return Ok(false) };
        let tenant = first.key.tenant_id.clone();
        if counts.iter().any(|count| count.key.tenant_id != tenant) || !scope.covers(&tenant) {
            return Err(StoreError::NotFound);
        }
        // In one order: of two that add to the same rows neither waits for the other.
        let mut counts: Vec<&UsageCount> = counts.iter().collect();
        counts.sort_by(|left, right| left.key.cmp(&right.key));
        let rows = Json::from(counts.into_iter().map(row).collect::<Vec<_>>()).to_string();
        let work = Counting { tenant: tenant.to_string(), consumed: consumed.clone(), now, rows };
        self.database.transact(scope, work).await
    }

    async fn usage(&self, scope: &Scope, query: &UsageQuery) -> Result<Vec<UsagePoint>, StoreError> {
        let width = match query.bucket {
            UsageBucket::Hour => 1_i64,
            UsageBucket::Day => 24,
        };
        let group = match query.group {
            None => "''",
            Some(UsageGroup::Key) => "key_id",
            Some(UsageGroup::Channel) => "channel",
            Some(UsageGroup::Country) => "country",
        };
        let until = hour(query.until.plus(time::Duration::microseconds(HOUR.saturating_sub(1))));
        let metrics: Vec<String> = query.metrics.iter().map(|metric| metric.as_str().to_owned()).collect();
        let text = format!(
            "select hour / {width} as step, {group} as part, metric, cast(sum(amount) as bigint) \
             from usage_counters where tenant_id = $1 and environment = $2 and hour >= $3 and hour < $4 and {}",
            self.database.dialect().among("metric", "$5")
        );
        let tenant = query.tenant_id.as_str();
        let args = args![tenant, query.environment.as_str(), hour(query.from), until, metrics];
        let mut statement = Statement::new(text, args);
        statement
            .and_if("key_id =", query.key_id.map(|id| id.to_string()))
            .within(scope, "tenant_id")
            .in_world(scope, "environment")
            .push("group by 1, 2, 3");
        let found = self.ask(scope, statement).await?;
        let mut points = Vec::with_capacity(found.len());
        for record in &found {
            let at = record.int(0)?.saturating_mul(width).saturating_mul(HOUR);
            let part = record.text(1)?;
            points.push(UsagePoint {
                at: Timestamp::from_unix_micros(at),
                group: (!part.is_empty()).then(|| part.to_owned()),
                metric: UsageMetric::parse(record.text(2)?).ok_or_else(|| unreadable("metric"))?,
                amount: record.count(3)?,
            });
        }
        points.sort();
        Ok(points)
    }
}
