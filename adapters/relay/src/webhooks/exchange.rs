//! One request over one connection, and what is taken of the answer.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use sarai_domain::devportal::{
    values::HttpsUrl,
    webhook::{AttemptOutcome, DeliveryFault, delivery::MAX_ANSWER},
};
use sarai_ports::devportal::WebhookRequest;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use super::Stream;

/// Who calls.
const AGENT: &str = concat!("sarai-webhooks/", env!("CARGO_PKG_VERSION"));
/// How much of an answer's head is held at most.
const MAX_HEAD: usize = 16 << 10;
/// How long the rest of an answer may take, once its status is known.
const REST: Duration = Duration::from_secs(2);

/// Sends the request and reads the answer: its status counts; whatever happens after it does not.
pub(super) async fn run(stream: Stream, request: WebhookRequest, end: Instant) -> AttemptOutcome {
    let keep = request.keep_answer;
    let broken = AttemptOutcome::Failed(DeliveryFault::Connection);
    let Some(request) = http(request) else { return broken };
    let exchange = async {
        let mut builder = http1::Builder::new();
        let (mut sender, connection) = builder.max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream)).await?;
        let connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let response = sender.send_request(request).await?;
        // Whoever holds the sender and the task holds the connection.
        Ok::<_, hyper::Error>((sender, connection, response))
    };
    match timeout_at(end, exchange).await {
        Err(_) => AttemptOutcome::Failed(DeliveryFault::Timeout),
        Ok(Err(_)) => broken,
        Ok(Ok((_sender, _connection, response))) => {
            let status = response.status().as_u16();
            let plain = keep && is_plain(&response);
            let text = rest(response, end.min(Instant::now() + REST)).await;
            AttemptOutcome::Answered { status, text: text.filter(|_| plain) }
        }
    }
}

fn http(request: WebhookRequest) -> Option<Request<Full<Bytes>>> {
    let mut http = Request::post(path(&request.url))
        .header(HOST, authority(&request.url))
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in request.headers {
        http = http.header(name, value);
    }
    http.body(Full::new(Bytes::from(request.body))).ok()
}

/// What stands after the authority.
fn path(url: &HttpsUrl) -> &str {
    let after = url.as_str().strip_prefix("https://").unwrap_or_default();
    after.find('/').and_then(|at| after.get(at..)).unwrap_or("/")
}

fn authority(url: &HttpsUrl) -> String {
    if url.port() == 443 { url.host().to_owned() } else { format!("{}:{}", url.host(), url.port()) }
}

fn is_plain(response: &Response<Incoming>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"))
}

/// Reads the rest, so that the other side sees its answer taken, and gives its beginning. The connection itself ends
/// what is too long.
async fn rest(response: Response<Incoming>, end: Instant) -> Option<String> {
    let mut body = response.into_body();
    let mut first = Vec::new();
    while let Ok(Some(Ok(frame))) = timeout_at(end, body.frame()).await {
        if let Some(data) = frame.data_ref() {
            let room = MAX_ANSWER.saturating_mul(2).saturating_sub(first.len());
            first.extend(data.iter().take(room));
        }
    }
    (!first.is_empty()).then(|| String::from_utf8_lossy(&first).into_owned())
}
