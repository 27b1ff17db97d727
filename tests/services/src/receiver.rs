//! A receiver of webhooks: an HTTPS server with an authority of its own, that answers as it is told.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    runtime::{Builder, Runtime},
    time::sleep,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Method, path and version.
    pub line: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// What goes out.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A status without a body.
    Status(u16),
    /// A status with a plain text.
    Text(u16, String),
    /// These bytes, and the end.
    Raw(Vec<u8>),
    /// 200, and a body that does not end.
    Endless,
    /// 200, and a byte of body each tenth of a second.
    Drip,
    /// A byte of head each tenth of a second.
    DripHead,
    /// Nothing.
    Silence,
}

type Handler = dyn Fn(&Received) -> Answer + Send + Sync;

struct State {
    answer: Box<Handler>,
    received: Mutex<Vec<Received>>,
    arrived: Condvar,
    connections: AtomicUsize,
    written: AtomicU64,
}

/// A receiver on a port of its own, run by a thread of its own.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    authority: String,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl Receiver {
    /// One at this address whose certificate is good for these names.
    ///
    /// # Errors
    /// When the address is taken or the certificate cannot be made.
    pub fn start(
        address: IpAddr,
        names: &[&str],
        answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (authority, config) = certified(names).map_err(io::Error::other)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = std::net::TcpListener::bind((address, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            answer: Box::new(answer),
            received: Mutex::default(),
            arrived: Condvar::new(),
            connections: AtomicUsize::new(0),
            written: AtomicU64::new(0),
        });
        let inside = runtime.enter();
        runtime.spawn(accept(
            TcpListener::from_std(listener)?,
            TlsAcceptor::from(config),
            Arc::clone(&state),
        ));
        drop(inside);
        Ok(Self { address, authority, state, runtime: Some(runtime) })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of its authority, as PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What came in until now.
    pub fn received(&self) -> Vec<Received> {
        self.state.received().clone()
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of bodies without end went out.
    pub fn written(&self) -> u64 {
        self.state.written.load(Ordering::SeqCst)
    }

    /// Waits until so much came in, and gives it; what there is when the time is over.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Received> {
        let end = Instant::now() + limit;
        let mut received = self.state.received();
        while received.len() < count {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            received =
                self.state.arrived.wait_timeout(received, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        received.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl State {
    fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An authority, and a server with a certificate of it.
fn certified(names: &[&str]) -> Result<(String, Arc<ServerConfig>), Failure> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let key = KeyPair::generate()?;
    let authority = params.self_signed(&key)?.pem();
    let issuer = Issuer::new(params, key);
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
    let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)?;
    Ok((authority, Arc::new(config)))
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            if let Ok(mut stream) = tls.accept(stream).await {
                // Whoever calls may hang up at any time.
                let _ = serve(&mut stream, &state).await;
                let _ = stream.shutdown().await;
            }
        });
    }
}

async fn serve(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), state: &State) -> io::Result<()> {
    let received = read(stream).await?;
    let answer = (state.answer)(&received);
    state.received().push(received);
    state.arrived.notify_all();
    match answer {
        Answer::Status(status) => {
            stream.write_all(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n").as_bytes()).await
        }
        Answer::Text(status, text) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n",
                text.len()
            );
            stream.write_all(&[head.as_bytes(), text.as_bytes()].concat()).await
        }
        Answer::Raw(bytes) => stream.write_all(&bytes).await,
        Answer::Endless => {
            stream
                .write_all(
                    b"HTTP/1.1 200 X\r\ncontent-type: text/plain\r\ncontent-length: 1073741824\r\n\r\n",
                )
                .await?;
            for _ in 0..1_024 * 64 {
                stream.write_all(&[b'x'; 16 << 10]).await?;
                state.written.fetch_add(16 << 10, Ordering::SeqCst);
            }
            Ok(())
        }
        Answer::Drip => {
            stream
                .write_all(b"HTTP/1.1 200 X\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\n")
                .await?;
            drip(stream, &[b'x'; 1_000]).await
        }
        Answer::DripHead => {
            drip(stream, format!("HTTP/1.1 200 X\r\nx-long: {}", "x".repeat(1_000)).as_bytes()).await
        }
        Answer::Silence => {
            sleep(Duration::from_mins(1)).await;
            Ok(())
        }
    }
}

async fn drip(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 || bytes.len() > 1 << 20 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let text = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default()).into_owned();
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, value)| value.parse());
    let length: usize = length.and_then(Result::ok).unwrap_or(0);
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Received { line, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
