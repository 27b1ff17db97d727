//! Runs futures one poll at a time, so that a seed decides which of them goes on.
//!
//! A future gives up its turn through [`Turns`]: it pauses, or sleeps until a virtual instant. One that is
//! pending without having said so waits for the world outside (a database behind an adapter under test); the
//! thread waits with it.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use sarai_domain::kernel::Timestamp;

/// Something under way.
pub(super) type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Why a future stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It lets others go first.
    Paused,
    /// It has nothing to do before this.
    Asleep(Timestamp),
}

/// Where a future leaves word why it stopped.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Option<Stop>>);

impl Turns {
    fn word(&self) -> MutexGuard<'_, Option<Stop>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the future that awaits this, once.
    pub(super) fn give_up(&self, stop: Stop) -> impl Future<Output = ()> + Send + '_ {
        GiveUp { turns: self, stop: Some(stop) }
    }

    /// Stops the future that awaits this for ever.
    pub(super) async fn die(&self) {
        loop {
            self.give_up(Stop::Paused).await;
        }
    }
}

struct GiveUp<'a> {
    turns: &'a Turns,
    stop: Option<Stop>,
}

impl Future for GiveUp<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.stop.take() {
            None => Poll::Ready(()),
            Some(stop) => {
                *self.turns.word() = Some(stop);
                Poll::Pending
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// How far one turn brought a task.
pub(super) enum Progress<T> {
    Done(T),
    Stopped(Stop),
}

/// Gives a task one turn.
pub(super) fn turn<T>(task: &mut Task<T>, turns: &Turns) -> Progress<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match task.as_mut().poll(&mut context) {
            Poll::Ready(value) => return Progress::Done(value),
            Poll::Pending => match turns.word().take() {
                Some(stop) => return Progress::Stopped(stop),
                None => thread::park(),
            },
        }
    }
}

/// Runs a future to its end, whatever turns it gives up.
pub(super) fn finish<T>(future: impl Future<Output = T> + Send, turns: &Turns) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending if turns.word().take().is_none() => thread::park(),
            Poll::Pending => {}
        }
    }
}
