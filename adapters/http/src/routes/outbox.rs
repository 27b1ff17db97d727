//! What is left undone, and what staff do about it: dead letters tried again, a range published once more.

use poem_openapi::{Object, OpenApi, payload::Json};
use sarai_application::marketplace::outbox_desk::{LeftUndone, OutboxDesk};
use sarai_domain::kernel::{EventId, Timestamp, id::kinds};
use sarai_ports::events::Republished;

use super::{Tag, reason};
use crate::{
    caller::Caller,
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// The most characters the id of an aggregate has.
const MAX_SUBJECT_LEN: usize = 255;

/// Routes of the outbox.
#[derive(Clone)]
pub struct OutboxRoutes {
    desk: OutboxDesk,
}

/// What is left undone.
#[derive(Debug, Object)]
#[oai(rename = "Outbox", rename_all = "camelCase")]
pub struct OutboxBody {
    /// Whether events are published to a broker.
    broker: bool,
    /// Consumers that have something left, in the order of their names.
    consumers: Vec<BacklogBody>,
}

/// What a consumer has left undone.
#[derive(Debug, Object)]
#[oai(rename = "ConsumerBacklog", rename_all = "camelCase")]
pub struct BacklogBody {
    consumer: String,
    /// Deliveries not done.
    open: u64,
    /// Of these, those that were tried too often and wait for a redrive.
    dead_letters: u64,
    /// When the oldest of these events was committed.
    oldest_at: ApiTimestamp,
    /// How long that is ago.
    lag_seconds: u64,
}

/// Which dead letters are tried again, and why.
#[derive(Debug, Object)]
#[oai(rename = "RedriveRequest", rename_all = "camelCase")]
pub struct RedriveBody {
    /// The id of the aggregate whose events they are; of every aggregate without it.
    subject: Option<String>,
    reason: String,
}

/// How many dead letters are tried again.
#[derive(Debug, Object)]
#[oai(rename = "Redriven", rename_all = "camelCase")]
pub struct RedrivenBody {
    deliveries: u64,
}

/// A place in the order in which events are published again.
#[derive(Debug, Object)]
#[oai(rename = "RepublishPlace", rename_all = "camelCase")]
pub struct PlaceBody {
    committed_at: ApiTimestamp,
    event_id: ApiId<kinds::Event>,
}

/// Which events are published again, and why.
#[derive(Debug, Object)]
#[oai(rename = "RepublishRequest", rename_all = "camelCase")]
pub struct RepublishBody {
    /// Committed at this time or later.
    from: ApiTimestamp,
    /// Committed before this time; until now without it.
    to: Option<ApiTimestamp>,
    /// After this place: `next` of the answer before.
    after: Option<PlaceBody>,
    reason: String,
}

/// What is published again: at most 1,000 events an answer.
#[derive(Debug, Object)]
#[oai(rename = "Republished", rename_all = "camelCase")]
pub struct RepublishedBody {
    /// The events looked at.
    events: u64,
    /// Of these, those that did not wait to be published anyway.
    deliveries: u64,
    /// Where to go on; null at the end of the range.
    next: Option<PlaceBody>,
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl From<&LeftUndone> for OutboxBody {
    fn from(left: &LeftUndone) -> Self {
        let consumers = left.consumers.iter().map(|told| BacklogBody {
            consumer: told.consumer.clone(),
            open: count(told.backlog.open),
            dead_letters: count(told.backlog.dead_letters),
            oldest_at: told.oldest.into(),
            lag_seconds: u64::try_from(left.now.since(told.oldest).whole_seconds()).unwrap_or_default(),
        });
        Self { broker: left.broker, consumers: consumers.collect() }
    }
}

impl From<(Timestamp, EventId)> for PlaceBody {
    fn from((committed_at, event_id): (Timestamp, EventId)) -> Self {
        Self { committed_at: committed_at.into(), event_id: event_id.into() }
    }
}

impl From<&Republished> for RepublishedBody {
    fn from(part: &Republished) -> Self {
        let next = part.next.map(PlaceBody::from);
        Self { events: count(part.events), deliveries: count(part.deliveries), next }
    }
}

impl OutboxRoutes {
    /// Over this use case.
    pub fn new(desk: OutboxDesk) -> Self {
        Self { desk }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Admin")]
impl OutboxRoutes {
    /// What every consumer of events has left undone.
    #[oai(path = "/admin/outbox", method = "get", operation_id = "admin.outbox.get")]
    async fn get(&self, caller: Caller) -> Result<Json<OutboxBody>, Problem> {
        Ok(Json((&self.desk.show(&caller.0).await?).into()))
    }

    /// Gives dead letters all their tries again, at once.
    #[oai(path = "/admin/outbox/redrive", method = "post", operation_id = "admin.outbox.redrive")]
    async fn redrive(&self, caller: Caller, body: Json<RedriveBody>) -> Result<Json<RedrivenBody>, Problem> {
        let call = caller.because(reason::given(&body.reason)?);
        let subject = body.subject.as_deref();
        let is_id = |text: &str| {
            (1..=MAX_SUBJECT_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !subject.is_none_or(is_id) {
            return Err(Problem::field("/subject", "an id is 1 to 255 visible ASCII characters"));
        }
        Ok(Json(RedrivenBody { deliveries: count(self.desk.redrive(&call, subject).await?) }))
    }

    /// Publishes the events of a range to the broker once more, each aggregate's in order. The broker knows what it
    /// was given in the last minutes, and whoever reads it what it has handled.
    #[oai(path = "/admin/outbox/republish", method = "post", operation_id = "admin.outbox.republish")]
    async fn republish(
        &self,
        caller: Caller,
        body: Json<RepublishBody>,
    ) -> Result<Json<RepublishedBody>, Problem> {
        let RepublishBody { from, to, after, reason } = body.0;
        let call = caller.because(reason::given(&reason)?);
        let after = after.map(|place| (place.committed_at.0, place.event_id.0));
        let part = self.desk.republish(&call, from.0, to.map(|to| to.0), after).await?;
        Ok(Json((&part).into()))
    }
}
