//! Counts what events say is used, each event once (ruling R28).

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        event::DevportalEvent,
        policy::BlockedStartEvent,
        usage::{UsageBucket, UsageKey, UsageMetric},
        values::{Channel, CountryCode, Environment},
        verify::{SendStatus, VerifyEvent},
    },
    kernel::{ApiKeyId, TenantId, Timestamp},
};
use sarai_ports::{
    Consumed, Event,
    devportal::UsageCount,
    events::{Consumer, ConsumerError, EventRecord},
};

use super::routes::USAGE;
use crate::{Ports, app::failed};

/// Adds to the counters.
pub struct UsageCounters {
    ports: Arc<Ports>,
}

impl UsageCounters {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }
}

/// What an event says of a counter.
struct Said {
    environment: Environment,
    key_id: Option<ApiKeyId>,
    channel: Option<Channel>,
    country: Option<CountryCode>,
    metric: UsageMetric,
    amount: u64,
}

impl Said {
    fn one(environment: Environment, channel: Option<Channel>, metric: UsageMetric) -> Self {
        Self { environment, key_id: None, channel, country: None, metric, amount: 1 }
    }

    fn by(self, key: impl Into<Option<ApiKeyId>>, country: Option<CountryCode>) -> Self {
        Self { key_id: key.into(), country, ..self }
    }

    fn at(self, tenant_id: &TenantId, at: Timestamp) -> UsageCount {
        let key = UsageKey {
            tenant_id: tenant_id.clone(),
            environment: self.environment,
            hour: UsageBucket::Hour.start(at),
            key_id: self.key_id,
            channel: self.channel.map(|channel| channel.as_str().to_owned()),
            country: self.country.map(|country| country.to_string()),
            metric: self.metric,
        };
        UsageCount { key, amount: self.amount }
    }
}

/// What is counted of an event; a start that goes on with a live session is none.
fn said(event: &Event) -> Option<Said> {
    use UsageMetric::{Approved, Blocked, Expired, Failed, Requested, Sent, Spent};
    let event = match event {
        Event::Devportal(DevportalEvent::Verify(event)) => event,
        Event::Devportal(DevportalEvent::BlockedStart(BlockedStartEvent::Blocked(start))) => {
            let said = Said::one(start.environment, Some(start.channel), Blocked);
            return Some(said.by(start.api_key_id, start.country_code));
        }
        _ => return None,
    };
    let one = |channel, metric| Said::one(event.world().environment, channel, metric);
    match event {
        // Of sends that are received that event says only the first; what settles them says each.
        VerifyEvent::Requested { reused: true, .. }
        | VerifyEvent::ChannelAdvanced { .. }
        | VerifyEvent::Delivered { .. } => None,
        VerifyEvent::Requested { api_key_id, first_channel, country_code, .. } => {
            Some(one(Some(*first_channel), Requested).by(*api_key_id, *country_code))
        }
        VerifyEvent::Sent { api_key_id, channel, country_code, .. } => {
            Some(one(Some(*channel), Sent).by(*api_key_id, *country_code))
        }
        VerifyEvent::SendSettled { api_key_id, channel, country_code, price, .. } => {
            let amount = u64::try_from(price.micros()).unwrap_or_default();
            Some(Said { amount, ..one(Some(*channel), Spent).by(*api_key_id, *country_code) })
        }
        VerifyEvent::Approved { api_key_id, channel, country_code, .. } => {
            Some(one(Some(*channel), Approved).by(*api_key_id, *country_code))
        }
        VerifyEvent::Failed { api_key_id, last_channel, country_code, .. } => {
            Some(one(*last_channel, Failed).by(*api_key_id, *country_code))
        }
        VerifyEvent::Expired { api_key_id, last_channel, country_code, .. } => {
            Some(one(*last_channel, Expired).by(*api_key_id, *country_code))
        }
    }
}

/// What is counted besides: whether a send that is paid for was received.
fn said_besides(event: &Event) -> Option<Said> {
    let Event::Devportal(DevportalEvent::Verify(VerifyEvent::SendSettled {
        world,
        api_key_id,
        channel,
        country_code,
        status,
        ..
    })) = event
    else {
        return None;
    };
    let metric = match status {
        Some(SendStatus::Delivered) => UsageMetric::Delivered,
        Some(SendStatus::Undelivered) => UsageMetric::Undelivered,
        _ => return None,
    };
    Some(Said::one(world.environment, Some(*channel), metric).by(*api_key_id, *country_code))
}

#[async_trait]
impl Consumer for UsageCounters {
    fn name(&self) -> &'static str {
        USAGE
    }

    async fn handle(&self, record: &EventRecord) -> Result<(), ConsumerError> {
        let said = said(&record.event).into_iter().chain(said_besides(&record.event));
        let counts: Vec<_> = said.map(|said| said.at(&record.tenant_id, record.time)).collect();
        if counts.is_empty() {
            return Ok(());
        }
        let consumed = Consumed { consumer: USAGE, event_id: record.id.to_string() };
        let (scope, usage) = (Ports::scope_of(record), self.ports.devportal.usage());
        let counted = usage.count(&scope, &consumed, &counts, self.ports.now()).await;
        counted.map(drop).map_err(|error| failed(&error.into()))
    }
}
