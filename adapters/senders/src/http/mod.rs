//! Any provider that speaks `fixtures/contracts/sender-http.yaml`: text messages, `WhatsApp`, calls.
//!
//! A connection carries one message, so what failed is certain: before the request nothing was sent, after it only
//! the answer says. Nothing follows a redirect and nothing asks a proxy.

mod body;
mod receipts;
mod signature;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use sarai_domain::devportal::{
    sandbox::NetworkRoute,
    values::{Channel, CountryCode},
};
use sarai_ports::{
    devportal::{Outgoing, Part, SIGNATURE_HEADER, SendOutcome, TIMESTAMP_HEADER, VerifySender},
    system::Clock,
};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

pub(crate) use receipts::read;
pub use signature::{sign, verify};

use crate::{
    config::Problem,
    secret::Secrets,
    wire::{self, Connector, Stream},
};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// The most bytes of an answer.
const MAX_ANSWER: usize = 1 << 16;
/// What the contract, or HTTP, says of a request that was not taken: it may come again.
const NOT_TAKEN: [StatusCode; 4] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_EARLY,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// Sends by one provider.
pub(crate) struct HttpSender {
    name: String,
    channels: Vec<Channel>,
    countries: Vec<CountryCode>,
    connector: Connector,
    authority: String,
    path: String,
    account: Option<String>,
    from: Option<String>,
    secrets: Secrets,
    clock: Arc<dyn Clock>,
    answer_within: Duration,
}

impl HttpSender {
    pub(crate) fn new(
        name: &str,
        config: &crate::SenderConfig,
        connector: Connector,
        secrets: Secrets,
        clock: Arc<dyn Clock>,
        answer_within: Option<Duration>,
    ) -> Result<Self, Problem> {
        let mut url = config.url.clone();
        url.path_segments_mut().map_err(|()| Problem::Address)?.pop_if_empty().push("messages");
        let visible = |text: &String| text.bytes().all(|byte| byte.is_ascii_graphic());
        if config.user.as_ref().is_some_and(|user| !visible(user)) {
            return Err(Problem::Value { setting: "user", rule: "visible ASCII characters: it is a header" });
        }
        Ok(Self {
            name: name.to_owned(),
            channels: config.channels.clone(),
            countries: config.countries.clone(),
            connector,
            authority: authority(&url),
            path: url.path().to_owned(),
            account: config.user.clone(),
            from: config.from.clone(),
            secrets,
            clock,
            answer_within: answer_within.unwrap_or(ANSWER),
        })
    }

    fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let now = self.clock.real().to_offset_date_time().unix_timestamp().to_string();
        let mut request = Request::post(self.path.as_str())
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "close")
            .header(SIGNATURE_HEADER, sign(&self.secrets, &now, &body))
            .header(TIMESTAMP_HEADER, now);
        if let Some(account) = &self.account {
            request = request.header("sarai-account", account);
        }
        request.body(Full::new(body))
    }

    async fn exchange(
        &self,
        stream: Box<dyn Stream>,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Vec<u8>), hyper::Error> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let _running = AbortOnDropHandle::new(tokio::spawn(connection));
        let answer = sender.send_request(request).await?;
        Ok((answer.status(), bytes(answer).await))
    }
}

/// The body of an answer; what is too long or cut off is none.
async fn bytes(answer: Response<Incoming>) -> Vec<u8> {
    let collected = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
    collected.map(|body| body.to_bytes().to_vec()).unwrap_or_default()
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What an answer means.
fn outcome(status: StatusCode, body: &[u8]) -> SendOutcome {
    let plain = format!("http_{}", status.as_u16());
    if status.is_success() {
        return match body::taken(body) {
            Some((id, segments)) => {
                SendOutcome::Sent { parts: vec![Part { no: 1, of: 1, provider_message_id: id }], segments }
            }
            None => unknown("answer_not_understood"),
        };
    }
    if NOT_TAKEN.contains(&status) {
        return SendOutcome::NotSent { error_code: plain };
    }
    if status.is_server_error() || status.is_informational() {
        return unknown(&plain);
    }
    // A redirect is a refusal: a message with a code goes where it was meant to go, or nowhere.
    SendOutcome::Refused { error_code: body::refusal(body).unwrap_or(plain) }
}

fn unknown(error_code: &str) -> SendOutcome {
    SendOutcome::Unknown { error_code: error_code.to_owned(), parts: Vec::new() }
}

#[async_trait]
impl VerifySender for HttpSender {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn countries(&self) -> &[CountryCode] {
        &self.countries
    }

    async fn send(&self, _permit: &NetworkRoute, message: &Outgoing) -> SendOutcome {
        let refused = |code: &str| SendOutcome::Refused { error_code: code.to_owned() };
        let Some(body) = body::message(message, self.from.as_deref()) else {
            return refused("content_mismatch");
        };
        let Ok(request) = self.request(body) else { return refused("invalid_request") };
        let stream = match self.connector.connect(CONNECT).await {
            Ok(stream) => stream,
            Err(error) => return SendOutcome::NotSent { error_code: wire::word_for(&error).to_owned() },
        };
        match timeout(self.answer_within, self.exchange(stream, request)).await {
            Ok(Ok((status, body))) => outcome(status, &body),
            // It was dropped before a byte of it was written.
            Ok(Err(error)) if error.is_canceled() => {
                SendOutcome::NotSent { error_code: "connection_lost".to_owned() }
            }
            Ok(Err(_)) => unknown("connection_lost"),
            Err(_) => unknown("no_answer"),
        }
    }
}
