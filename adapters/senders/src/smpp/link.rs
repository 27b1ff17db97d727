//! The connection to an SMS centre: bound, asked whether it is there, and made anew when it is lost.

use std::{io, sync::Arc, time::Duration};

use rusmpp::pdus::{BindTransceiver, SubmitSm};
use sarai_domain::kernel::DeliveryAttemptId;
use sarai_ports::devportal::Receipts;
use tokio::{
    io::split,
    sync::{OwnedSemaphorePermit, mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_stream::StreamExt as _;
use tokio_util::{
    codec::{FramedRead, LengthDelimitedCodec},
    sync::CancellationToken,
};

use super::{
    Timing,
    pdu::{self, Heard, Said},
    session::{Frames, Session, Writer, write},
};
use crate::wire::Connector;

/// The longest PDU.
const MAX_PDU: usize = 1 << 16;

/// What became of a part.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Taken, under this id.
    Taken(String),
    /// Not taken, with this status.
    Denied(u32),
    /// Never said.
    NotWritten(&'static str),
    /// Said, and the connection was lost.
    Lost,
    /// Said, and not answered in time.
    Late,
}

/// A part to be sent.
pub(super) struct Submission {
    pub(super) attempt_id: DeliveryAttemptId,
    pub(super) no: u8,
    pub(super) of: u8,
    pub(super) pdu: SubmitSm,
    pub(super) answer: oneshot::Sender<Answer>,
    pub(super) permit: OwnedSemaphorePermit,
}

/// A link, before it runs.
pub(super) struct Link {
    pub(super) name: String,
    pub(super) connector: Connector,
    pub(super) bind: BindTransceiver,
    pub(super) timing: Timing,
    pub(super) submissions: mpsc::Receiver<Submission>,
    pub(super) bound: watch::Sender<bool>,
    pub(super) closing: CancellationToken,
}

impl Link {
    /// Stays bound until it is closed.
    pub(super) async fn run(mut self, receipts: Arc<dyn Receipts>) {
        let mut pause = self.timing.first_pause;
        while !self.closing.is_cancelled() {
            let connected = tokio::select! {
                () = self.closing.cancelled() => break,
                connected = self.connect() => connected,
            };
            match connected {
                Ok((frames, writer)) => {
                    tracing::info!(sender = self.name, "bound");
                    pause = self.timing.first_pause;
                    self.bound.send_replace(true);
                    let error = self.serve(frames, writer, receipts.clone()).await;
                    self.bound.send_replace(false);
                    if let Err(error) = error {
                        tracing::warn!(sender = self.name, %error, "the bind is lost");
                    }
                }
                Err(error) => tracing::warn!(sender = self.name, %error, "cannot bind"),
            }
            self.rest(pause).await;
            pause = pause.saturating_mul(2).min(self.timing.longest_pause);
        }
        self.submissions.close();
        while let Some(submission) = self.submissions.recv().await {
            let _ = submission.answer.send(Answer::NotWritten("smpp_closed"));
        }
    }

    /// A pause in which nothing can be sent.
    async fn rest(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = sleep_until(until) => return,
                Some(submission) = self.submissions.recv() => {
                    let _ = submission.answer.send(Answer::NotWritten("smpp_unbound"));
                }
            }
        }
    }

    async fn connect(&self) -> io::Result<(Frames, Writer)> {
        let stream = self.connector.connect(self.timing.connect).await?;
        let (reader, mut writer) = split(stream);
        // The length counts itself.
        let codec = LengthDelimitedCodec::builder()
            .length_field_length(4)
            .length_adjustment(-4)
            .max_frame_length(MAX_PDU)
            .new_codec();
        let mut frames = FramedRead::new(reader, codec);
        write(&mut writer, &pdu::command(1, self.bind.clone())).await?;
        let answer = async {
            loop {
                let frame = frames.next().await.ok_or(io::ErrorKind::UnexpectedEof)??;
                if let Some(Heard { status, said: Said::BindAnswer | Said::Nack, .. }) = pdu::read(&frame) {
                    return Ok::<u32, io::Error>(status);
                }
            }
        };
        match timeout(self.timing.connect, answer).await {
            Ok(Ok(0)) => Ok((frames, writer)),
            Ok(Ok(status)) => {
                Err(io::Error::other(format!("the bind is refused with status 0x{status:02x}")))
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Serves a bound connection until it is lost or closed.
    async fn serve(&mut self, frames: Frames, writer: Writer, receipts: Arc<dyn Receipts>) -> io::Result<()> {
        let (mut session, mut outbox) = Session::new(&self.name, frames, writer, receipts);
        let timing = self.timing;
        let mut heartbeat = interval_at(Instant::now() + timing.enquire, timing.enquire);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut asked_at: Option<Instant> = None;
        let mut closed_at: Option<Instant> = None;
        let ended = loop {
            if closed_at.is_some_and(|at| session.is_quiet() || at.elapsed() >= timing.answer) {
                break session.unbind().await;
            }
            let silence = sleep_until(asked_at.unwrap_or_else(Instant::now) + timing.connect);
            let step = tokio::select! {
                frame = session.frames.next() => match frame {
                    Some(Ok(frame)) => {
                        asked_at = None;
                        session.hear(&frame).await
                    }
                    Some(Err(error)) => Err(error),
                    None => Err(io::ErrorKind::UnexpectedEof.into()),
                },
                Some(submission) = self.submissions.recv(), if closed_at.is_none() => session.submit(submission).await,
                Some(reply) = outbox.recv() => write(&mut session.writer, &reply).await,
                _ = heartbeat.tick() => {
                    session.forget(timing.forget);
                    asked_at = asked_at.or(Some(Instant::now()));
                    session.ask().await
                }
                () = sleep_until(closed_at.unwrap_or_else(Instant::now) + timing.answer), if closed_at.is_some() => Ok(()),
                () = silence, if asked_at.is_some() => Err(io::ErrorKind::TimedOut.into()),
                () = self.closing.cancelled(), if closed_at.is_none() => {
                    closed_at = Some(Instant::now());
                    Ok(())
                }
            };
            if let Err(error) = step {
                break Err(error);
            }
        };
        session.give_up();
        ended
    }
}
