//! A TCP proxy that misbehaves when told to: what a network between a client and a server can do.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::{Builder, Runtime},
    sync::watch,
    time::{sleep, timeout},
};

/// How the network is. A change holds for open connections too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Every byte arrives at once.
    Fair,
    /// Each read waits this long before it is passed on.
    Slow(Duration),
    /// New connections are closed at once, open ones now.
    Refusing,
    /// Connections stay open and nothing arrives; what is sent meanwhile arrives when the weather changes.
    BlackHole,
}

/// What becomes of a connection whose answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It is cut.
    Cut,
    /// It stays open, and nothing arrives on it any more, either way.
    Silence,
}

/// Whether an answer is to be lost, and how: told what the client sent.
type Wanted = Box<dyn FnMut(&[u8]) -> Option<Loss> + Send>;

struct State {
    weather: watch::Sender<Weather>,
    /// Counted up to end every open connection.
    cuts: watch::Sender<u64>,
    losing: Mutex<Option<Wanted>>,
    lost: watch::Sender<u64>,
}

/// A proxy on a port of its own, run by a thread of its own.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

impl Proxy {
    /// In front of a server, which need not run yet.
    pub fn new(server: SocketAddr) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        // Bound without the runtime, so that a test of any kind can call this.
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            weather: watch::channel(Weather::Fair).0,
            cuts: watch::channel(0).0,
            losing: Mutex::new(None),
            lost: watch::channel(0).0,
        });
        let inside = runtime.enter();
        runtime.spawn(accept(TcpListener::from_std(listener)?, server, Arc::clone(&state)));
        drop(inside);
        Ok(Self { address, state, runtime: Some(runtime) })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        self.state.weather.send_replace(weather);
    }

    /// Ends every open connection now; new ones are accepted.
    pub fn cut(&self) {
        self.state.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Once: the next thing a client sends for which `wanted` says yes reaches the server and is carried out;
    /// the answer does not come back, and nothing else does on that connection.
    pub fn lose_answer(&self, loss: Loss, mut wanted: impl FnMut(&[u8]) -> bool + Send + 'static) {
        *self.state.losing() = Some(Box::new(move |sent| wanted(sent).then_some(loss)));
    }

    /// How many answers were lost so.
    pub fn lost(&self) -> u64 {
        *self.state.lost.borrow()
    }

    /// Forgets a loss that did not come about yet.
    pub fn lose_nothing(&self) {
        *self.state.losing() = None;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("weather", &*self.weather.borrow()).finish_non_exhaustive()
    }
}

impl State {
    fn losing(&self) -> MutexGuard<'_, Option<Wanted>> {
        self.losing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the answer to this is to be lost, if it is; asked for in order, answered yes once.
    fn loses(&self, sent: &[u8]) -> Option<Loss> {
        let mut losing = self.losing();
        let loss = losing.as_mut().and_then(|wanted| wanted(sent));
        if loss.is_some() {
            *losing = None;
        }
        loss
    }

    /// Returns when bytes may pass, or never.
    async fn passage(&self) {
        let mut weather = self.weather.subscribe();
        let passable = weather.wait_for(|weather| !matches!(weather, Weather::BlackHole)).await;
        let slow = passable.map_or(Weather::Fair, |weather| *weather);
        if let Weather::Slow(pause) = slow {
            sleep(pause).await;
        }
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let (mut cuts, mut weather) = (state.cuts.subscribe(), state.weather.subscribe());
            cuts.mark_unchanged();
            tokio::select! {
                _ = carry(client, server, &state) => {}
                _ = cuts.changed() => {}
                _ = weather.wait_for(|weather| *weather == Weather::Refusing) => {}
            }
        });
    }
}

/// Carries one connection to its end. Dropping this closes both sides.
async fn carry(client: TcpStream, server: SocketAddr, state: &State) -> io::Result<()> {
    state.passage().await;
    let server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // How the answer is lost from here on.
    let (lose, losing) = watch::channel(None);
    // Whether nothing arrives any more.
    let silent = AtomicBool::new(false);
    tokio::select! {
        ended = requests(from_client, to_server, (&lose, &silent), state) => ended,
        ended = answers(from_server, to_client, (losing, &silent), state) => ended,
    }
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    (lose, silent): (&watch::Sender<Option<Loss>>, &AtomicBool),
    state: &State,
) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut bytes).await?;
        state.passage().await;
        if silent.load(Ordering::Relaxed) {
            match read {
                0 => return Ok(()),
                _ => continue,
            }
        }
        if read == 0 {
            // The answers still under way come first.
            to.shutdown().await?;
            return std::future::pending().await;
        }
        if let Some(loss) = state.loses(&bytes[..read]) {
            lose.send_replace(Some(loss));
        }
        to.write_all(&bytes[..read]).await?;
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    (losing, silent): (watch::Receiver<Option<Loss>>, &AtomicBool),
    state: &State,
) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut bytes).await?;
        state.passage().await;
        let loss = *losing.borrow();
        if let Some(loss) = loss {
            // An answer has begun, so the request was carried out. What follows within a moment is lost too.
            let _ = timeout(Duration::from_millis(5), from.read(&mut bytes)).await;
            state.lost.send_modify(|lost| *lost += 1);
            return match loss {
                Loss::Cut => Ok(()),
                Loss::Silence => {
                    silent.store(true, Ordering::Relaxed);
                    std::future::pending().await
                }
            };
        }
        if read == 0 {
            return Ok(());
        }
        to.write_all(&bytes[..read]).await?;
    }
}
