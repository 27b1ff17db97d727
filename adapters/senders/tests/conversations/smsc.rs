//! A small SMS centre. It writes and reads SMPP 3.4 octet by octet, keeps what is submitted, and misbehaves as told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    sync::broadcast,
};
use tokio_rustls::TlsAcceptor;

/// What it does with a submit.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Takes it, under this id.
    Take(&'static str),
    /// Refuses it with this status, without a body.
    Deny(u32),
    /// Answers with a nack of this status.
    Nack(u32),
    /// Takes it, but says so this much later.
    TakeLate(&'static str, Duration),
    /// Confirms it before it answers.
    ConfirmFirst(&'static str, String),
    /// Closes the connection.
    Cut,
    /// Never answers.
    Ignore,
}

/// How it behaves.
#[derive(Clone, Default)]
pub(crate) struct Conduct {
    pub(crate) tls: Option<TlsAcceptor>,
    /// The status of binds; they are accepted where there is none left.
    pub(crate) binds: Vec<u32>,
    /// What it does with submits, one after the other; then it takes them as `id-1`, `id-2`, …
    pub(crate) acts: Vec<Act>,
    /// Whether it answers when it is asked whether it is there.
    pub(crate) deaf: bool,
}

/// A submit as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submitted {
    pub(crate) source: (u8, u8, String),
    pub(crate) destination: (u8, u8, String),
    pub(crate) esm_class: u8,
    pub(crate) registered_delivery: u8,
    pub(crate) data_coding: u8,
    pub(crate) octets: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) submitted: Vec<Submitted>,
    /// Every command that arrived: id, status.
    pub(crate) commands: Vec<(u32, u32)>,
    pub(crate) binds: Vec<(String, String, u8)>,
    /// Most submits without an answer at once.
    pub(crate) open: usize,
    pub(crate) most_open: usize,
    taken: u32,
}

pub(crate) struct Smsc {
    pub(crate) port: u16,
    pub(crate) log: Arc<Mutex<Log>>,
    say: broadcast::Sender<Vec<u8>>,
}

pub(crate) const BIND: u32 = 9;
pub(crate) const SUBMIT: u32 = 4;
pub(crate) const DELIVER: u32 = 5;
pub(crate) const UNBIND: u32 = 6;
pub(crate) const ENQUIRE: u32 = 0x15;
pub(crate) const RESPONSE: u32 = 0x8000_0000;

/// A PDU.
pub(crate) fn pdu(id: u32, status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 16).unwrap();
    let head = [length, id, status, sequence].map(u32::to_be_bytes).concat();
    [head, body.to_vec()].concat()
}

/// The body of a `deliver_sm`, with optional fields.
pub(crate) fn deliver(esm_class: u8, from: (u8, &str), text: &[u8], tlvs: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = vec![0, from.0, 1];
    body.extend_from_slice(from.1.as_bytes());
    body.extend_from_slice(&[0, 5, 0]);
    body.extend_from_slice(b"SARAI\0");
    body.extend_from_slice(&[esm_class, 0, 0, 0, 0, 0, 0, 0, 0, u8::try_from(text.len()).unwrap()]);
    body.extend_from_slice(text);
    for (tag, value) in tlvs {
        body.extend_from_slice(&tag.to_be_bytes());
        body.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        body.extend_from_slice(value);
    }
    body
}

/// A receipt in text.
pub(crate) fn receipt(id: &str, stat: &str) -> Vec<u8> {
    let text = format!(
        "id:{id} sub:001 dlvrd:001 submit date:2604201200 done date:2604201201 stat:{stat} err:000 text:{}",
        crate::stage::CODE
    );
    deliver(4, (1, "93701231234"), text.as_bytes(), &[])
}

impl Smsc {
    pub(crate) async fn start(conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Log::default()));
        let (say, _) = broadcast::channel(2048);
        let (shared, voice, tls) = (log.clone(), say.clone(), conduct.tls.clone());
        let binds = Arc::new(Mutex::new(VecDeque::from(conduct.binds)));
        let acts = Arc::new(Mutex::new(VecDeque::from(conduct.acts)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let visit = Visit {
                    log: shared.clone(),
                    say: voice.clone(),
                    binds: binds.clone(),
                    acts: acts.clone(),
                    deaf: conduct.deaf,
                };
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => visit.serve(tls.accept(stream).await.ok()?).await,
                        None => visit.serve(stream).await,
                    }
                });
            }
        });
        Self { port, log, say }
    }

    pub(crate) fn submitted(&self) -> Vec<Submitted> {
        self.log.lock().unwrap().submitted.clone()
    }

    /// How often a command arrived, with which statuses.
    pub(crate) fn heard(&self, id: u32) -> Vec<u32> {
        let log = self.log.lock().unwrap();
        log.commands.iter().filter(|(known, _)| *known == id).map(|(_, status)| *status).collect()
    }

    /// Says something to whoever is bound.
    pub(crate) fn say(&self, octets: Vec<u8>) {
        self.say.send(octets).unwrap();
    }

    pub(crate) fn deliver(&self, sequence: u32, body: &[u8]) {
        self.say(pdu(DELIVER, 0, sequence, body));
    }
}

struct Visit {
    log: Arc<Mutex<Log>>,
    say: broadcast::Sender<Vec<u8>>,
    binds: Arc<Mutex<VecDeque<u32>>>,
    acts: Arc<Mutex<VecDeque<Act>>>,
    deaf: bool,
}

impl Visit {
    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Option<()> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (answers, mut outbox) = tokio::sync::mpsc::unbounded_channel::<Vec<u8>>();
        let mut said = self.say.subscribe();
        let cut = tokio_util::sync::CancellationToken::new();
        let stop = cut.clone();
        let mut bound = false;
        tokio::spawn(async move {
            loop {
                let octets = tokio::select! {
                    () = stop.cancelled() => break,
                    Some(octets) = outbox.recv() => octets,
                    Ok(octets) = said.recv() => octets,
                    else => break,
                };
                if writer.write_all(&octets).await.is_err() || writer.flush().await.is_err() {
                    break;
                }
            }
            let _ = writer.shutdown().await;
        });
        let _cut = cut.clone().drop_guard();
        loop {
            let length = reader.read_u32().await.ok()?;
            let mut octets = vec![0; usize::try_from(length).ok()?.checked_sub(4)?];
            reader.read_exact(&mut octets).await.ok()?;
            let mut fields = Fields(&octets);
            let (id, status, sequence) = (fields.long(), fields.long(), fields.long());
            self.log.lock().unwrap().commands.push((id, status));
            match id {
                BIND => {
                    let (user, password) = (fields.text(), fields.text());
                    let _system_type = fields.text();
                    let version = fields.byte();
                    self.log.lock().unwrap().binds.push((user, password, version));
                    let status = self.binds.lock().unwrap().pop_front().unwrap_or(0);
                    bound = status == 0;
                    let body: &[u8] = if bound { b"centre\0" } else { b"" };
                    answers.send(pdu(BIND | RESPONSE, status, sequence, body)).ok()?;
                }
                SUBMIT => {
                    assert!(bound, "a submit without a bind");
                    self.submit(sequence, fields, &answers)?;
                }
                ENQUIRE if self.deaf => {}
                ENQUIRE => answers.send(pdu(ENQUIRE | RESPONSE, 0, sequence, &[])).ok()?,
                UNBIND => {
                    answers.send(pdu(UNBIND | RESPONSE, 0, sequence, &[])).ok()?;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    return None;
                }
                _ => {}
            }
        }
    }

    /// None: it hangs up.
    fn submit(
        &self,
        sequence: u32,
        fields: Fields<'_>,
        answers: &tokio::sync::mpsc::UnboundedSender<Vec<u8>>,
    ) -> Option<()> {
        let mut log = self.log.lock().unwrap();
        log.submitted.push(fields.submitted());
        log.open += 1;
        log.most_open = log.most_open.max(log.open);
        log.taken += 1;
        let usual = format!("id-{}", log.taken);
        drop(log);
        let act = self.acts.lock().unwrap().pop_front();
        let response = |status, body: &[u8]| pdu(SUBMIT | RESPONSE, status, sequence, body);
        let took = |id: &str| response(0, format!("{id}\0").as_bytes());
        let later = |octets: Vec<u8>, after: Duration| {
            let (answers, log) = (answers.clone(), self.log.clone());
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                log.lock().unwrap().open -= 1;
                let _ = answers.send(octets);
            });
        };
        let soon = Duration::from_millis(2);
        match act {
            None => later(took(&usual), soon),
            Some(Act::Take(id)) => later(took(id), soon),
            Some(Act::Deny(status)) => later(response(status, &[]), soon),
            Some(Act::Nack(status)) => later(pdu(RESPONSE, status, sequence, &[]), soon),
            Some(Act::TakeLate(id, after)) => later(took(id), after),
            Some(Act::ConfirmFirst(id, stated)) => {
                answers.send(pdu(DELIVER, 0, 900, &receipt(&stated, "DELIVRD"))).ok()?;
                later(took(id), Duration::from_millis(100));
            }
            Some(Act::Cut) => return None,
            Some(Act::Ignore) => {}
        }
        Some(())
    }
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn byte(&mut self) -> u8 {
        let (byte, rest) = self.0.split_first().unwrap();
        self.0 = rest;
        *byte
    }

    fn long(&mut self) -> u32 {
        u32::from_be_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    fn text(&mut self) -> String {
        let end = self.0.iter().position(|octet| *octet == 0).unwrap();
        let text = String::from_utf8(self.0[..end].to_vec()).unwrap();
        self.0 = &self.0[end + 1..];
        text
    }

    fn submitted(mut self) -> Submitted {
        let _service = self.text();
        let source = (self.byte(), self.byte(), self.text());
        let destination = (self.byte(), self.byte(), self.text());
        let (esm_class, _protocol, _priority) = (self.byte(), self.byte(), self.byte());
        let _times = (self.text(), self.text());
        let (registered_delivery, _replace, data_coding, _default) =
            (self.byte(), self.byte(), self.byte(), self.byte());
        let length = usize::from(self.byte());
        assert_eq!(self.0.len(), length, "nothing stands behind the message");
        Submitted {
            source,
            destination,
            esm_class,
            registered_delivery,
            data_coding,
            octets: self.0.to_vec(),
        }
    }
}
