//! A client of server-sent events.

use std::time::Duration;

use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

use crate::world::User;

/// An open stream.
pub(crate) struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    /// Opens the feed after a number.
    pub(crate) async fn open(user: &User, last: Option<u64>) -> Self {
        Self::open_at(user, "/v1/events", last).await
    }

    pub(crate) async fn open_at(user: &User, path: &str, last: Option<u64>) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("{}{path}", user.api.base());
        let mut request = client.get(url).bearer_auth(user.token()).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, text: String::new() }
    }

    /// The next event: its number, type and data; none when the stream ended.
    pub(crate) async fn next(&mut self) -> Option<(u64, String, Value)> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    let line = frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    line.map(str::to_owned)
                };
                let Some(id) = field("id") else { continue };
                let data = serde_json::from_str(&field("data").expect("data")).expect("JSON");
                return Some((id.parse().expect("a number"), field("event").expect("a type"), data));
            }
            let chunk = timeout(Duration::from_secs(20), self.response.chunk()).await.expect("something");
            let chunk = chunk.expect("a whole answer")?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }
}
