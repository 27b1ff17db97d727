//! Connections: how many, and how long one may take over the head of a request.
//!
//! The library has neither limit, and spins when accepting fails. HTTP/1.1 only: the head of a request can be
//! told from its body there; a proxy in front speaks HTTP/2 to the world.

use std::{
    future::{Future, pending},
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use poem::{
    http::uri::Scheme,
    listener::Acceptor,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// How long to wait when a connection could not be accepted: there may be no file descriptors left.
const AFTER_AN_ERROR: Duration = Duration::from_millis(100);
/// How a client opens HTTP/2 without asking.
const HTTP2: &[u8] = b"PRI ";

/// Accepts at most so many connections, each with a deadline for every request's head.
pub(crate) struct Limited<A> {
    inner: A,
    places: Arc<Semaphore>,
    connections: usize,
    head: Duration,
    stop: CancellationToken,
}

impl<A> Limited<A> {
    pub(crate) fn new(inner: A, connections: usize, head: Duration) -> Self {
        let (places, stop) = (Arc::new(Semaphore::new(connections)), CancellationToken::new());
        Self { inner, places, connections, head, stop }
    }

    /// Accepts nobody any more from then on.
    pub(crate) fn until(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }

    /// Ends when it accepts nobody any more and nobody is connected.
    pub(crate) fn emptied(&self) -> impl Future<Output = ()> + use<A> {
        let (places, stop) = (Arc::clone(&self.places), self.stop.clone());
        let all = u32::try_from(self.connections).unwrap_or(u32::MAX);
        async move {
            stop.cancelled().await;
            let _ = places.acquire_many(all).await;
        }
    }
}

impl<A: Acceptor> Acceptor for Limited<A> {
    type Io = Timed<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let place = self.places.clone().acquire_owned().await.map_err(io::Error::other)?;
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.stop.cancelled() => {
                    drop(place);
                    return pending().await;
                }
                accepted = self.inner.accept() => accepted,
            };
            match accepted {
                Ok((io, local, remote, scheme)) => {
                    return Ok((Timed::new(io, self.head, place), local, remote, scheme));
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    sleep(AFTER_AN_ERROR).await;
                }
            }
        }
    }
}

/// Where a connection is.
enum Phase {
    /// Between requests.
    Idle,
    /// In the head of a request, until then.
    Head(Pin<Box<Sleep>>, HeadEnd),
    /// Past the head: body and answer have deadlines of their own.
    Busy,
}

/// Finds the empty line that ends a head.
#[derive(Default)]
struct HeadEnd {
    start: Vec<u8>,
    line_is_empty: bool,
}

impl HeadEnd {
    /// Whether the head ends in these bytes.
    fn find(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let wanted = HTTP2.len().saturating_sub(self.start.len());
        self.start.extend(bytes.iter().take(wanted));
        if self.start == HTTP2 {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "HTTP/1.1 only"));
        }
        for byte in bytes {
            match byte {
                b'\n' if self.line_is_empty => return Ok(true),
                b'\n' => self.line_is_empty = true,
                b'\r' => {}
                _ => self.line_is_empty = false,
            }
        }
        Ok(false)
    }
}

/// A connection that breaks off when a head is not complete in time.
pub(crate) struct Timed<T> {
    inner: T,
    limit: Duration,
    phase: Phase,
    _place: OwnedSemaphorePermit,
}

impl<T> Timed<T> {
    /// The first head is due from the start: a client that says nothing is cut off too.
    fn new(inner: T, limit: Duration, place: OwnedSemaphorePermit) -> Self {
        Self { inner, limit, phase: due(limit), _place: place }
    }

    fn seen(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if matches!(self.phase, Phase::Idle) {
            self.phase = due(self.limit);
        }
        if let Phase::Head(_, end) = &mut self.phase
            && end.find(bytes)?
        {
            self.phase = Phase::Busy;
        }
        Ok(())
    }
}

fn due(limit: Duration) -> Phase {
    Phase::Head(Box::pin(sleep_until(Instant::now() + limit)), HeadEnd::default())
}

impl<T: AsyncRead + Unpin> AsyncRead for Timed<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Phase::Head(deadline, _) = &mut this.phase
            && deadline.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head took too long")));
        }
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = outcome {
            let waiting = matches!(this.phase, Phase::Idle);
            this.seen(buffer.filled().get(before..).unwrap_or_default())?;
            if waiting && let Phase::Head(deadline, _) = &mut this.phase {
                // Registers the new deadline with this task.
                let _pending = deadline.as_mut().poll(context);
            }
        }
        outcome
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Timed<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let interim = bytes.starts_with(b"HTTP/1.1 100");
        if matches!(self.phase, Phase::Busy) && !interim {
            self.phase = Phase::Idle;
        }
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn connection() -> (DuplexStream, Timed<DuplexStream>) {
        let (client, server) = duplex(1024);
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        (client, Timed::new(server, LIMIT, place))
    }

    /// What comes of reading for ever.
    async fn read_on(server: &mut Timed<DuplexStream>) -> io::ErrorKind {
        let mut buffer = [0; 64];
        loop {
            match server.read(&mut buffer).await {
                Ok(0) => return io::ErrorKind::UnexpectedEof,
                Ok(_) => {}
                Err(error) => return error.kind(),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_drips_its_head_is_cut_off() {
        let (mut client, mut server) = connection();
        let start = Instant::now();
        let drip = tokio::spawn(async move {
            while client.write_all(b"X-A: b\r\n").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        assert_eq!(read_on(&mut server).await, io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 10);
        drip.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_take_longer_and_so_may_the_pause_between_requests() {
        let (mut client, mut server) = connection();
        client.write_all(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{").await.unwrap();
        let mut buffer = [0; 64];
        assert_ne!(server.read(&mut buffer).await.unwrap(), 0);
        sleep(LIMIT * 2).await;
        client.write_all(b"}").await.unwrap();
        assert_eq!(server.read(&mut buffer).await.unwrap(), 1);
        server.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        sleep(LIMIT * 2).await;
        client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        assert_ne!(server.read(&mut buffer).await.unwrap(), 0);
        assert_eq!(read_on(&mut server).await, io::ErrorKind::TimedOut, "the next head has its own deadline");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_empty_when_it_was_told_to_stop_and_the_last_connection_is_gone() {
        let stop = CancellationToken::new();
        let limited = Limited::new((), 2, LIMIT).until(stop.clone());
        let mut emptied = std::pin::pin!(limited.emptied());
        let mut in_time = async || tokio::time::timeout(LIMIT, &mut emptied).await.is_ok();
        assert!(!in_time().await, "it still accepts");
        let place = limited.places.clone().try_acquire_owned().unwrap();
        stop.cancel();
        assert!(!in_time().await, "somebody is connected");
        drop(place);
        assert!(in_time().await);
    }

    #[tokio::test]
    async fn http2_is_not_spoken_here() {
        let (mut client, mut server) = connection();
        client.write_all(b"PR").await.unwrap();
        client.write_all(b"I * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        assert_eq!(read_on(&mut server).await, io::ErrorKind::Unsupported);
    }

    #[test]
    fn a_head_ends_with_an_empty_line_however_it_is_cut() {
        for head in ["GET / HTTP/1.1\r\nA: b\r\n\r\n", "GET / HTTP/1.1\nA: b\n\n"] {
            for cut in 1..head.len() {
                let mut end = HeadEnd::default();
                let (left, right) = head.split_at(cut);
                assert!(!end.find(left.as_bytes()).unwrap() || cut == head.len());
                assert!(end.find(right.as_bytes()).unwrap(), "{cut}");
            }
        }
    }
}
