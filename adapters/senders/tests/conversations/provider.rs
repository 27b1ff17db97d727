//! A small provider over HTTP: it reads requests byte by byte and answers as it is told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What it answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Says(u16, String),
    /// A redirect to here.
    MovedTo(String),
    /// Closes after it has read the request.
    Cut,
    /// Closes within the answer.
    CutWithin,
    /// Answers nothing for this long.
    Silent(Duration),
}

impl Reply {
    pub(crate) fn taken(id: &str) -> Self {
        Self::Says(202, format!(r#"{{"id":"{id}","segments":2,"later":"members are ignored"}}"#))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) struct Provider {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

impl Provider {
    pub(crate) async fn start(reply: Reply) -> Self {
        Self::run(reply, None).await
    }

    pub(crate) async fn start_tls(reply: Reply, tls: TlsAcceptor) -> Self {
        Self::run(reply, Some(tls)).await
    }

    async fn run(reply: Reply, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let replies = Arc::new(Mutex::new(VecDeque::from([reply])));
        let (log, script) = (heard.clone(), replies.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, script, tls) = (log.clone(), script.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => serve(tls.accept(stream).await.ok()?, &log, &script).await,
                        None => serve(stream, &log, &script).await,
                    }
                });
            }
        });
        Self { port, heard, replies }
    }

    /// What it answers from now on.
    pub(crate) fn answer(&self, reply: Reply) {
        *self.replies.lock().unwrap() = VecDeque::from([reply]);
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Mutex<Vec<Heard>>,
    script: &Mutex<VecDeque<Reply>>,
) -> Option<()> {
    let reply = script.lock().unwrap().front().cloned()?;
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let headers: BTreeMap<_, _> = lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).unwrap();
    log.lock().unwrap().push(Heard { line: lines.first()?.clone(), headers, body });
    let answer = match reply {
        Reply::Says(status, body) => {
            let length = body.len();
            format!(
                "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )
        }
        Reply::MovedTo(place) => format!("HTTP/1.1 307 x\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"),
        Reply::CutWithin => "HTTP/1.1 202 x\r\nContent-Length: 100\r\n\r\n{\"id\":".to_owned(),
        Reply::Cut => return None,
        Reply::Silent(time) => {
            tokio::time::sleep(time).await;
            return None;
        }
    };
    stream.get_mut().write_all(answer.as_bytes()).await.ok()?;
    stream.get_mut().flush().await.ok()
}
