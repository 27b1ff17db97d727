//! `GET /events`: the tenant's feed, in parts, by waiting for the next one, or as a stream (ruling R42).

use std::time::Duration;

use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Header, Query},
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use sarai_application::feed::{Feeds, Numbered, Part, Read, Reading};
use sarai_domain::{devportal::values::Environment, kernel::Detail};
use sarai_ports::feed::FeedWatch;
use tokio::time::{Instant, timeout_at};

use super::{
    Tag,
    event_body::{EventBody, Whole},
    key_body::ApiEnvironment,
};
use crate::{
    caller::Caller,
    page::Limit,
    problem::Problem,
    waiting::{Gone, Sink, Waiting, WantsStream, event_stream},
};

/// How often a stream that has nothing to say says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many events a stream reads at a time.
const BATCH: usize = 100;
/// What a stream begins with: after how many milliseconds to come again when it ends.
const HELLO: &str = "retry: 2000\n\n";

/// A number of a feed: what a JSON number can hold exactly.
pub type FeedNumber = Whole<9_007_199_254_740_991>;
/// Seconds to wait for an event.
pub type Wait = Whole<25>;

/// Routes of feeds.
#[derive(Clone)]
pub struct EventRoutes {
    feeds: Feeds,
}

/// An event under its number in the tenant's feed.
#[derive(Debug, Object)]
#[oai(rename = "FeedEvent", rename_all = "camelCase")]
pub struct FeedEventBody {
    /// Its number: 1, 2, 3, … without gaps.
    number: FeedNumber,
    event: EventBody,
}

/// A part of the tenant's feed.
#[derive(Debug, Object)]
#[oai(rename = "FeedPage", rename_all = "camelCase")]
pub struct FeedPageBody {
    /// The events, in order, none that the caller may see left out.
    data: Vec<FeedEventBody>,
    /// What to send as `after` next time.
    next: FeedNumber,
    /// The feed's last number.
    last: FeedNumber,
    /// The first number still kept: events are kept 30 days.
    first_kept: FeedNumber,
    /// Whether the feed goes on after `next`.
    has_more: bool,
}

impl From<Numbered> for FeedEventBody {
    fn from(numbered: Numbered) -> Self {
        Self { number: Whole(numbered.number), event: EventBody::from(&numbered.event) }
    }
}

impl From<Part> for FeedPageBody {
    fn from(part: Part) -> Self {
        Self {
            has_more: part.next < part.last,
            next: Whole(part.next),
            last: Whole(part.last),
            first_kept: Whole(part.first_kept),
            data: part.events.into_iter().map(FeedEventBody::from).collect(),
        }
    }
}

/// One answer in two media types.
#[derive(Debug)]
pub enum FeedAnswer {
    /// A part.
    Page(FeedPageBody),
    /// Server-sent events.
    Stream(Response),
}

impl IntoResponse for FeedAnswer {
    fn into_response(self) -> Response {
        match self {
            Self::Page(page) => Json(page).into_response(),
            Self::Stream(response) => response,
        }
    }
}

impl ApiResponse for FeedAnswer {
    fn meta() -> MetaResponses {
        let stream = MetaSchema {
            description: Some(
                "Server-sent events: `id` is the number, `event` the type, `data` the event. A comment comes \
                 every 15 seconds. Come again with `Last-Event-ID` when the stream ends.",
            ),
            ..MetaSchema::new("string")
        };
        let content = vec![
            MetaMediaType {
                content_type: Json::<FeedPageBody>::CONTENT_TYPE,
                schema: FeedPageBody::schema_ref(),
            },
            MetaMediaType {
                content_type: "text/event-stream",
                schema: MetaSchemaRef::Inline(Box::new(stream)),
            },
        ];
        let response =
            MetaResponse { description: "", status: Some(200), status_range: None, content, headers: vec![] };
        MetaResponses { responses: vec![response] }
    }

    fn register(registry: &mut Registry) {
        FeedPageBody::register(registry);
    }
}

impl EventRoutes {
    /// Over this use case.
    pub fn new(feeds: Feeds) -> Self {
        Self { feeds }
    }

    async fn part(&self, reading: &Reading, after: Option<u64>, limit: usize) -> Result<Part, Problem> {
        let number = Detail::Number;
        match self.feeds.read(reading, after, limit).await? {
            Read::Part(part) => Ok(part),
            Read::Expired { first_kept } => {
                let detail = format!("events before number {first_kept} are not kept any more");
                Err(Problem::new("feed.expired", detail).with("firstKept", number(first_kept)))
            }
            Read::Ahead { last } => {
                let detail = format!("the feed's last number is {last}");
                Err(Problem::new("feed.ahead", detail).with("last", number(last)))
            }
        }
    }

    /// The next part; the first that has an event, when one comes within the time.
    async fn awaited(
        &self,
        reading: &Reading,
        mut after: Option<u64>,
        limit: usize,
        wait: Duration,
        waiting: &Waiting,
    ) -> Result<Part, Problem> {
        let until = Instant::now() + wait;
        let mut watch = self.feeds.watch(&reading.feed);
        loop {
            let part = self.part(reading, after, limit).await?;
            if !part.events.is_empty() {
                return Ok(part);
            }
            after = Some(part.next);
            if part.next < part.last {
                continue;
            }
            let moved = tokio::select! {
                moved = timeout_at(until, watch.moved()) => moved.is_ok(),
                () = waiting.over() => false,
            };
            if !moved {
                return Ok(part);
            }
        }
    }
}

/// Writes a feed from a part on, for ever.
async fn write(feeds: Feeds, reading: Reading, mut watch: Box<dyn FeedWatch>, mut part: Part, sink: &Sink) {
    let outcome: Result<(), Gone> = async {
        sink.write(HELLO.to_owned()).await?;
        loop {
            let (after, more) = (part.next, part.next < part.last);
            for numbered in part.events {
                sink.write(frame(&numbered)).await?;
            }
            while !more && tokio::time::timeout(HEARTBEAT, watch.moved()).await.is_err() {
                sink.write(":\n\n".to_owned()).await?;
            }
            part = match feeds.read(&reading, Some(after), BATCH).await {
                Ok(Read::Part(part)) => part,
                // The client comes again and is told.
                Ok(Read::Expired { .. } | Read::Ahead { .. }) => return Ok(()),
                Err(error) => {
                    tracing::warn!(code = error.code, reason = %error.message, "a stream broke off");
                    return Ok(());
                }
            };
        }
    }
    .await;
    if outcome.is_err() {
        tracing::debug!("the client of a stream is gone");
    }
}

/// An event as a server-sent one. JSON in one line holds no line break.
fn frame(numbered: &Numbered) -> String {
    let Numbered { number, event } = numbered;
    format!("id: {number}\nevent: {}\ndata: {}\n\n", event.topic, EventBody::from(event).0)
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Events")]
impl EventRoutes {
    /// What happened, as the caller's tenant may know it, in numbered order without gaps.
    ///
    /// What happens in sandboxes is a feed of its own, with numbers of its own: `environment=SANDBOX`. A developer who does not
    /// act for the tenant is shown the developer portal's events, under the numbers they have in the whole feed.
    ///
    /// Without `after` it begins with the first event still kept. With `Accept: text/event-stream` it goes on
    /// as long as the access token is good; there `limit` and `wait` mean nothing.
    #[oai(path = "/events", method = "get", operation_id = "events.list")]
    #[allow(clippy::too_many_arguments, reason = "one each for what the client may say")]
    async fn list(
        &self,
        caller: Caller,
        waiting: Waiting,
        stream: WantsStream,
        /// Of which world; production's where nothing is said, and a key's own.
        environment: Query<Option<ApiEnvironment>>,
        /// The last number the caller has.
        after: Query<Option<FeedNumber>>,
        limit: Query<Limit>,
        /// How many seconds to wait when there is nothing yet; 0 when absent.
        wait: Query<Option<Wait>>,
        /// The last number a stream's client has: it wins over `after`.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<FeedNumber>>,
    ) -> Result<FeedAnswer, Problem> {
        let reading = Feeds::reading(&caller.0, environment.0.map(Environment::from))?;
        let after = after.0.map(|number| number.0);
        if !stream.0 {
            let wait = Duration::from_secs(wait.0.map_or(0, |seconds| seconds.0));
            let part = self.awaited(&reading, after, limit.0.0, wait, &waiting).await?;
            return Ok(FeedAnswer::Page(part.into()));
        }
        let after = last_event_id.0.map(|number| number.0).or(after);
        let watch = self.feeds.watch(&reading.feed);
        let part = self.part(&reading, after, BATCH).await?;
        let feeds = self.feeds.clone();
        let streamed = event_stream(waiting, |sink| async move {
            write(feeds, reading, watch, part, &sink).await;
        });
        Ok(FeedAnswer::Stream(streamed))
    }
}

#[cfg(test)]
mod tests {
    use sarai_application::envelope::Envelope;
    use sarai_domain::kernel::TenantId;

    use super::*;

    fn numbered(number: u64) -> Numbered {
        let event = Envelope {
            id: "evt_01J000000000000000000000EV".parse().unwrap(),
            source: "/sarai/marketplace",
            specversion: "1.0",
            topic: "marketplace.listing.rejected.v1",
            subject: "lst_1".to_owned(),
            time: "2026-04-01T09:00:00Z".parse().unwrap(),
            datacontenttype: "application/json",
            dataschema: "/schemas/x.json".to_owned(),
            tenantid: TenantId::from_static("acme"),
            aggregateseq: 1,
            correlationid: "c".to_owned(),
            causationid: None,
            environment: None,
            data: serde_json::Map::from_iter([("reason".to_owned(), "two\nlines\r\u{2028}".into())]),
        };
        Numbered { number, event }
    }

    #[test]
    fn a_frame_is_three_lines_whatever_the_event_says() {
        let frame = frame(&numbered(7));
        let lines: Vec<&str> = frame.split('\n').collect();
        let [id, event, data, "", ""] = lines.as_slice() else { panic!("{frame:?}") };
        assert_eq!((*id, *event), ("id: 7", "event: marketplace.listing.rejected.v1"));
        assert!(!frame.contains('\r'), "a carriage return would end a line");
        let data: serde_json::Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["data"]["reason"], "two\nlines\r\u{2028}");
    }

    #[test]
    fn a_page_says_where_to_go_on_and_whether_there_is_more() {
        let part = |next| Part { events: vec![numbered(next)], next, last: 9, first_kept: 3 };
        let page = FeedPageBody::from(part(7));
        assert_eq!((page.next.0, page.last.0, page.first_kept.0, page.has_more), (7, 9, 3, true));
        assert!(!FeedPageBody::from(part(9)).has_more);
    }
}
