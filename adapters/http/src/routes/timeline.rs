//! `GET /orders/{id}/timeline`: what happened to an order.

use poem_openapi::{Object, OpenApi, param::Path, payload::Json};
use sarai_application::marketplace::{
    orders::Orders,
    timeline::{Timeline, TimelineEntry},
};
use sarai_domain::kernel::id::kinds;

use super::Tag;
use crate::{
    caller::Caller,
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// Routes of timelines.
#[derive(Clone)]
pub struct TimelineRoutes {
    orders: Orders,
}

/// What happened to an order, oldest first. One answer and no pages: a purchase has a bounded number of
/// steps, and one that is tried again is told once.
#[derive(Debug, Object)]
#[oai(rename = "Timeline", rename_all = "camelCase")]
pub struct TimelineBody {
    order_id: ApiId<kinds::Order>,
    /// What happened, oldest first.
    entries: Vec<TimelineEntryBody>,
    /// Whether more happened than was looked at.
    truncated: bool,
}

/// One thing that happened.
#[derive(Debug, Object)]
#[oai(rename = "TimelineEntry", rename_all = "camelCase")]
pub struct TimelineEntryBody {
    at: ApiTimestamp,
    /// The event's type, such as `marketplace.order.paid.v1`.
    #[oai(rename = "type")]
    kind: String,
    /// What it happened to: the id of an order, saga, licence or coupon.
    subject: String,
    /// One sentence for a person.
    summary: String,
    /// Values by name.
    details: Vec<TimelineDetailBody>,
}

/// A value that goes with an entry.
#[derive(Debug, Object)]
#[oai(rename = "TimelineDetail", rename_all = "camelCase")]
pub struct TimelineDetailBody {
    name: String,
    value: String,
}

impl From<&Timeline> for TimelineBody {
    fn from(timeline: &Timeline) -> Self {
        Self {
            order_id: timeline.order_id.into(),
            entries: timeline.entries.iter().map(TimelineEntryBody::from).collect(),
            truncated: timeline.truncated,
        }
    }
}

impl From<&TimelineEntry> for TimelineEntryBody {
    fn from(entry: &TimelineEntry) -> Self {
        let detail = |(name, value): &(&'static str, String)| TimelineDetailBody {
            name: (*name).to_owned(),
            value: value.clone(),
        };
        Self {
            at: entry.at.into(),
            kind: entry.kind.to_owned(),
            subject: entry.subject.clone(),
            summary: entry.summary.clone(),
            details: entry.details.iter().map(detail).collect(),
        }
    }
}

impl TimelineRoutes {
    /// Over this use case.
    pub fn new(orders: Orders) -> Self {
        Self { orders }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Orders")]
impl TimelineRoutes {
    /// What happened to an order, oldest first.
    #[oai(path = "/orders/:id/timeline", method = "get", operation_id = "orders.timeline")]
    async fn timeline(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
    ) -> Result<Json<TimelineBody>, Problem> {
        let timeline = self.orders.timeline(&caller.0, id.0.0).await?;
        Ok(Json((&timeline).into()))
    }
}
