//! Requests that wait for something to happen: a slot of their own, and when their time is up.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use poem::{Body, FromRequest, Request, RequestBody, Response, Result, http::HeaderValue};
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::{OwnedSemaphorePermit, mpsc},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::problem::Problem;

/// Parts of a stream that wait for a slow client; then whoever writes waits too.
const BUFFERED: usize = 16;

/// What a handler that waits is told by the gate: an extractor.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// Held as long as somebody waits.
    slot: Arc<OwnedSemaphorePermit>,
    draining: CancellationToken,
    until: Instant,
}

impl Waiting {
    /// A slot, for as long as the caller's token is good and the process does not drain.
    pub(crate) fn new(slot: OwnedSemaphorePermit, draining: CancellationToken, left: Duration) -> Self {
        let now = Instant::now();
        Self { slot: Arc::new(slot), draining, until: now.checked_add(left).unwrap_or(now) }
    }

    /// Ends when the process drains or the caller's token does.
    pub(crate) async fn over(&self) {
        tokio::select! {
            () = self.draining.cancelled() => {}
            () = tokio::time::sleep_until(self.until) => {}
        }
    }
}

impl<'a> FromRequest<'a> for Waiting {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let waiting = request.extensions().get::<Self>().cloned();
        waiting.ok_or_else(|| Problem::new("unavailable", "no slot").into())
    }
}

/// Whether the client wants a stream of events: an extractor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WantsStream(pub(crate) bool);

impl<'a> FromRequest<'a> for WantsStream {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let accepted = request.headers().get_all("accept").iter().filter_map(|value| value.to_str().ok());
        let mut media = accepted
            .flat_map(|line| line.split(','))
            .map(|media| media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        Ok(Self(media.any(|media| media == "text/event-stream")))
    }
}

/// Where a stream's parts are written.
pub(crate) struct Sink(mpsc::Sender<Vec<u8>>);

/// The client is gone.
pub(crate) struct Gone;

impl Sink {
    /// Writes a part; waits while the client is slow.
    pub(crate) async fn write(&self, part: String) -> Result<(), Gone> {
        self.0.send(part.into_bytes()).await.map_err(|_| Gone)
    }

    /// Ends when the client is gone.
    pub(crate) async fn closed(&self) {
        self.0.closed().await;
    }
}

/// A 200 whose body is what `write` writes, until it returns, the time is up or the client is gone. The slot is
/// held that long.
pub(crate) fn event_stream<F>(waiting: Waiting, write: impl FnOnce(Arc<Sink>) -> F) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(BUFFERED);
    let sink = Arc::new(Sink(sender));
    let written = write(Arc::clone(&sink));
    tokio::spawn(async move {
        let open = metrics::gauge!("feed_streams");
        open.increment(1.0);
        tokio::select! {
            () = written => {}
            () = waiting.over() => {}
            () = sink.closed() => {}
        }
        open.decrement(1.0);
        drop(waiting.slot);
    });
    let mut response = Response::builder()
        .content_type("text/event-stream")
        .body(Body::from_async_read(Parts { receiver, rest: Vec::new(), read: 0 }));
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// A body of the parts that are written.
struct Parts {
    receiver: mpsc::Receiver<Vec<u8>>,
    rest: Vec<u8>,
    read: usize,
}

impl AsyncRead for Parts {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        while self.read == self.rest.len() {
            match self.receiver.poll_recv(context) {
                Poll::Ready(Some(part)) => {
                    self.rest = part;
                    self.read = 0;
                }
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
        let rest = self.rest.get(self.read..).unwrap_or_default();
        let part = rest.get(..rest.len().min(buffer.remaining())).unwrap_or_default();
        buffer.put_slice(part);
        let read = part.len();
        self.read += read;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    const TOKEN: Duration = Duration::from_mins(10);

    fn slots() -> (Arc<Semaphore>, CancellationToken, Waiting) {
        let (slots, draining) = (Arc::new(Semaphore::new(1)), CancellationToken::new());
        let slot = slots.clone().try_acquire_owned().unwrap();
        (slots, draining.clone(), Waiting::new(slot, draining, TOKEN))
    }

    /// A stream that says this and then nothing, for ever.
    fn saying(waiting: Waiting, text: String) -> Response {
        event_stream(waiting, |sink| async move {
            let _ = sink.write(text).await;
            std::future::pending::<()>().await;
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_cleanly_when_the_token_does() {
        let (slots, _draining, waiting) = slots();
        let start = Instant::now();
        let response = saying(waiting, "id: 1\n\n".to_owned());
        assert_eq!(response.header("content-type"), Some("text/event-stream"));
        assert_eq!(response.into_body().into_string().await.unwrap(), "id: 1\n\n");
        assert_eq!(start.elapsed().as_secs(), TOKEN.as_secs());
        let _slot = slots.acquire().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_cleanly_when_the_process_drains() {
        let (_slots, draining, waiting) = slots();
        let start = Instant::now();
        let response = saying(waiting, "x".repeat(100_000));
        draining.cancel();
        let body = response.into_body().into_string().await.unwrap();
        assert!(body.is_empty() || body.len() == 100_000, "no half of a part");
        assert_eq!(start.elapsed().as_secs(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_goes_away_leaves_its_slot() {
        let (slots, _draining, waiting) = slots();
        let start = Instant::now();
        drop(saying(waiting, String::new()));
        let _slot = slots.acquire().await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_not_waited_for_longer_than_the_token() {
        let (slots, _draining, waiting) = slots();
        let start = Instant::now();
        let response =
            event_stream(waiting, |sink| async move { while sink.write("x".to_owned()).await.is_ok() {} });
        let _slot = slots.acquire().await.unwrap();
        assert_eq!(start.elapsed().as_secs(), TOKEN.as_secs());
        assert_eq!(response.into_body().into_string().await.unwrap().len(), BUFFERED);
    }

    #[tokio::test]
    async fn a_stream_is_wanted_by_its_media_type() {
        let wants = async |accept: &str| {
            let request = Request::builder().header("accept", accept).finish();
            WantsStream::from_request(&request, &mut RequestBody::default()).await.unwrap().0
        };
        for accept in ["text/event-stream", "Text/Event-Stream;q=0.9", "application/json, text/event-stream"]
        {
            assert!(wants(accept).await, "{accept}");
        }
        for accept in ["", "*/*", "application/json", "text/event-streams"] {
            assert!(!wants(accept).await, "{accept}");
        }
    }
}
