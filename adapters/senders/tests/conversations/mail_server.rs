//! A small mail server. It fails where it is told to.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// How it behaves.
#[derive(Clone, Default)]
pub(crate) struct Manner {
    /// TLS from the first byte.
    pub(crate) tls: Option<TlsAcceptor>,
    /// TLS when asked.
    pub(crate) starttls: Option<TlsAcceptor>,
    /// What it says at a step instead of yes: `GREETING`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `CONTENT`. `cut`
    /// closes the connection, `mute` says nothing any more.
    pub(crate) at: Option<(&'static str, &'static str)>,
    /// Whether it wants to know who is there.
    pub(crate) auth: bool,
}

/// A letter it took.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// As it was sent, without the doubled points.
    pub(crate) raw: String,
    pub(crate) encrypted: bool,
    pub(crate) user: Option<String>,
}

#[derive(Default)]
struct Log {
    letters: Vec<Letter>,
    connections: usize,
    commands: Vec<String>,
}

pub(crate) struct MailServer {
    pub(crate) port: u16,
    log: Arc<Mutex<Log>>,
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

impl MailServer {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = log.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manner, log) = (manner.clone(), shared.clone());
                tokio::spawn(async move {
                    log.lock().unwrap().connections += 1;
                    match manner.tls.clone() {
                        Some(tls) => {
                            let stream = tls.accept(stream).await.ok()?;
                            converse(Box::new(stream), true, &manner, &log).await
                        }
                        None => converse(Box::new(stream), false, &manner, &log).await,
                    }
                });
            }
        });
        Self { port, log }
    }

    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.log.lock().unwrap().letters.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.log.lock().unwrap().commands.clone()
    }
}

/// Whether the conversation goes on.
async fn reply(
    wire: &mut BufReader<Box<dyn Wire>>,
    manner: &Manner,
    step: &str,
    usual: &str,
) -> Option<bool> {
    let said = match manner.at {
        Some((at, "cut")) if at == step => return None,
        Some((at, "mute")) if at == step => std::future::pending().await,
        Some((at, instead)) if at == step => instead,
        _ => usual,
    };
    wire.get_mut().write_all(format!("{said}\r\n").as_bytes()).await.ok()?;
    wire.get_mut().flush().await.ok()?;
    Some(said == usual)
}

async fn converse(
    stream: Box<dyn Wire>,
    mut encrypted: bool,
    manner: &Manner,
    log: &Mutex<Log>,
) -> Option<()> {
    let mut wire = BufReader::new(stream);
    let (mut from, mut to, mut user) = (String::new(), Vec::new(), None);
    reply(&mut wire, manner, "GREETING", "220 mail.test ESMTP").await?;
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        log.lock().unwrap().commands.push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let mut offers = vec!["250-mail.test", "250-8BITMIME"];
                if manner.starttls.is_some() && !encrypted {
                    offers.push("250-STARTTLS");
                }
                if manner.auth {
                    offers.push("250-AUTH PLAIN");
                }
                let offers = format!("{}\r\n250 SIZE 1000000", offers.join("\r\n"));
                reply(&mut wire, manner, "EHLO", &offers).await?;
            }
            "STARTTLS" => {
                reply(&mut wire, manner, "STARTTLS", "220 go ahead").await?;
                let tls = manner.starttls.clone()?;
                wire = BufReader::new(Box::new(tls.accept(wire.into_inner()).await.ok()?));
                encrypted = true;
            }
            "AUTH" => {
                if reply(&mut wire, manner, "AUTH", "235 welcome").await? {
                    user = line.split(' ').nth(2).map(str::to_owned);
                }
            }
            "MAIL" => {
                line.clone_into(&mut from);
                to.clear();
                reply(&mut wire, manner, "MAIL", "250 sender ok").await?;
            }
            "RCPT" => {
                to.push(line.clone());
                reply(&mut wire, manner, "RCPT", "250 recipient ok").await?;
            }
            "DATA" => {
                if !reply(&mut wire, manner, "DATA", "354 go on").await? {
                    continue;
                }
                let mut raw = String::new();
                loop {
                    let mut line = String::new();
                    if wire.read_line(&mut line).await.ok()? == 0 {
                        return None;
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                if reply(&mut wire, manner, "CONTENT", "250 queued as 17").await? {
                    let letter =
                        Letter { from: from.clone(), to: to.clone(), raw, encrypted, user: user.clone() };
                    log.lock().unwrap().letters.push(letter);
                }
            }
            "QUIT" => {
                reply(&mut wire, manner, "QUIT", "221 bye").await?;
                return None;
            }
            _ => {
                reply(&mut wire, manner, &verb, "250 ok").await?;
            }
        }
    }
}
