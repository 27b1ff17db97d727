//! A nats-server of a test's own, which can be stopped, frozen and robbed of its store.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use async_nats::jetstream::{self, Context};
use serde_json::Value;

use crate::until;

static NUMBER: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Nats {
    port: u16,
    store: PathBuf,
    server: Option<Child>,
}

/// A message of the stream of events.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) id: String,
    pub(crate) subject_id: String,
    pub(crate) seq: u64,
    /// Where it was published.
    pub(crate) subject: String,
    pub(crate) body: Value,
}

impl Nats {
    /// A place for a server; none runs yet.
    pub(crate) fn planned() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let store = std::env::temp_dir().join(format!("sarai-nats-{}-{number}", std::process::id()));
        Self { port, store, server: None }
    }

    pub(crate) async fn started() -> Self {
        let mut nats = Self::planned();
        nats.start().await;
        nats
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn start(&mut self) {
        let port = self.port.to_string();
        let server = Command::new("nats-server")
            .args(["-a", "127.0.0.1", "-p", &port, "-js", "-sd"])
            .arg(&self.store)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nats-server is installed");
        self.server = Some(server);
        let address = format!("127.0.0.1:{port}");
        until("the server", async || tokio::net::TcpStream::connect(&address).await.is_ok()).await;
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    pub(crate) fn delete_store(&self) {
        std::fs::remove_dir_all(&self.store).unwrap();
    }

    /// Stops it where it stands, or lets it go on.
    pub(crate) fn signal(&self, signal: &str) {
        let server = self.server.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &server]).status().unwrap().success());
    }

    pub(crate) async fn context(&self) -> Context {
        jetstream::new(async_nats::connect(self.url()).await.unwrap())
    }

    /// Everything in the stream of events.
    pub(crate) async fn published(&self) -> Vec<Published> {
        let stream = self.context().await.get_stream("SARAI_EVENTS").await.unwrap();
        let last = stream.cached_info().state.last_sequence;
        let mut published = Vec::new();
        for sequence in 1..=last {
            let message = stream.get_raw_message(sequence).await.unwrap();
            let body: Value = serde_json::from_slice(&message.payload).unwrap();
            let header = message.headers.get("Nats-Msg-Id").unwrap().as_str().to_owned();
            assert_eq!(body["id"], header.as_str());
            published.push(Published {
                id: header,
                subject_id: body["subject"].as_str().unwrap().to_owned(),
                seq: body["aggregateseq"].as_u64().unwrap(),
                subject: message.subject.to_string(),
                body,
            });
        }
        published
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.store);
    }
}
