//! A bound connection: what was said and not answered, and what the centre says.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    sync::Arc,
    time::Duration,
};

use rusmpp::{Command, CommandStatus, Pdu};
use sarai_domain::kernel::DeliveryAttemptId;
use sarai_ports::devportal::{Part, Receipt, Receipts};
use tokio::{
    io::{AsyncWriteExt as _, ReadHalf, WriteHalf},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::{Instant, timeout},
};
use tokio_stream::StreamExt as _;
use tokio_util::codec::{FramedRead, LengthDelimitedCodec};

use super::{
    ids,
    link::{Answer, Submission},
    pdu::{self, Delivery, Heard, Said},
    receipt,
};
use crate::wire::Stream;

/// How long a write, or a farewell, may take.
const WRITE: Duration = Duration::from_secs(5);
/// How many receipts are handled at once, those of one recipient in the order they came.
const LANES: usize = 32;
/// How many wait for that; the centre is asked to say others again.
const WAITING: usize = 1024;
/// `deliver_sm`, for one that could not be read.
const DELIVER_SM: u32 = 5;

pub(super) type Frames = FramedRead<ReadHalf<Box<dyn Stream>>, LengthDelimitedCodec>;
pub(super) type Writer = WriteHalf<Box<dyn Stream>>;

/// A part that was said and not answered; it holds its place in the window.
struct Pending {
    attempt_id: DeliveryAttemptId,
    no: u8,
    of: u8,
    answer: oneshot::Sender<Answer>,
    since: Instant,
    _permit: OwnedSemaphorePermit,
}

/// A receipt that came, with its place among those that wait.
struct Arrival {
    sequence: u32,
    receipt: Receipt,
    _place: OwnedSemaphorePermit,
}

/// A bound connection.
pub(super) struct Session {
    name: String,
    pub(super) frames: Frames,
    pub(super) writer: Writer,
    sequence: u32,
    pending: BTreeMap<u32, Pending>,
    receipts: Arc<dyn Receipts>,
    lanes: Vec<mpsc::UnboundedSender<Arrival>>,
    waiting: Arc<Semaphore>,
    replies: mpsc::UnboundedSender<Command>,
}

impl Session {
    /// With the answers to deliveries, which are written when they are there.
    pub(super) fn new(
        name: &str,
        frames: Frames,
        writer: Writer,
        receipts: Arc<dyn Receipts>,
    ) -> (Self, mpsc::UnboundedReceiver<Command>) {
        let (replies, outbox) = mpsc::unbounded_channel();
        let lane = |_| {
            let (lane, arrivals) = mpsc::unbounded_channel();
            tokio::spawn(take(name.to_owned(), arrivals, receipts.clone(), replies.clone()));
            lane
        };
        let lanes = (0..LANES).map(lane).collect();
        let session = Self {
            name: name.to_owned(),
            frames,
            writer,
            sequence: 1,
            pending: BTreeMap::new(),
            receipts,
            lanes,
            waiting: Arc::new(Semaphore::new(WAITING)),
            replies,
        };
        (session, outbox)
    }

    /// Whether nothing waits for an answer.
    pub(super) fn is_quiet(&self) -> bool {
        self.pending.is_empty()
    }

    /// Nobody knows what became of what was not answered.
    pub(super) fn give_up(self) {
        for pending in self.pending.into_values() {
            let _ = pending.answer.send(Answer::Lost);
        }
    }

    fn next(&mut self) -> u32 {
        self.sequence = if self.sequence >= 0x7fff_fffe { 1 } else { self.sequence.saturating_add(1) };
        self.sequence
    }

    /// Says a part, and keeps its place until it is answered.
    pub(super) async fn submit(&mut self, submission: Submission) -> io::Result<()> {
        let Submission { attempt_id, no, of, pdu, answer, permit } = submission;
        // Who asked has given up: it must not go out any more.
        if answer.is_closed() {
            return Ok(());
        }
        let sequence = self.next();
        let pending = Pending { attempt_id, no, of, answer, since: Instant::now(), _permit: permit };
        self.pending.insert(sequence, pending);
        write(&mut self.writer, &pdu::command(sequence, pdu)).await
    }

    /// Asks whether the other side is there.
    pub(super) async fn ask(&mut self) -> io::Result<()> {
        let sequence = self.next();
        write(&mut self.writer, &pdu::command(sequence, Pdu::EnquireLink)).await
    }

    /// Gives up places in the window whose answers will not come.
    pub(super) fn forget(&mut self, after: Duration) {
        self.pending.retain(|_, pending| pending.since.elapsed() < after);
    }

    /// Takes a PDU.
    pub(super) async fn hear(&mut self, frame: &[u8]) -> io::Result<()> {
        let Some(Heard { sequence, status, said }) = pdu::read(frame) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        match said {
            Said::SubmitAnswer(id) => self.answered(sequence, status, id),
            Said::Nack => self.answered(sequence, status.max(1), String::new()),
            Said::Delivery(delivery) => self.delivered(sequence, &delivery),
            Said::EnquireLink => {
                write(&mut self.writer, &pdu::command(sequence, Pdu::EnquireLinkResp)).await?;
            }
            Said::Unbind => {
                write(&mut self.writer, &pdu::command(sequence, Pdu::UnbindResp)).await?;
                return Err(io::Error::other("the centre unbinds"));
            }
            Said::Other(DELIVER_SM) => {
                tracing::warn!(sender = self.name, "a delivery that cannot be read is refused");
                let reply = pdu::delivered(sequence, CommandStatus::EsmeRxPAppn);
                write(&mut self.writer, &reply).await?;
            }
            Said::Other(id) => {
                tracing::warn!(sender = self.name, id, "a command that is not known is refused");
                let reply = Command::new(CommandStatus::EsmeRinvcmdid, sequence, Pdu::GenericNack);
                write(&mut self.writer, &reply).await?;
            }
            Said::BindAnswer | Said::Answer => {}
        }
        Ok(())
    }

    /// Gives an answer to whoever waits for it; nobody does where it is late, but the receipt is still to be understood.
    fn answered(&mut self, sequence: u32, status: u32, id: String) {
        let Some(Pending { attempt_id, no, of, answer, .. }) = self.pending.remove(&sequence) else { return };
        let answered = if status == 0 { Answer::Taken(id) } else { Answer::Denied(status) };
        let Err(Answer::Taken(id)) = answer.send(answered) else { return };
        let (name, receipts) = (self.name.clone(), self.receipts.clone());
        let part = Part { no, of, provider_message_id: ids::kept(&id) };
        tokio::spawn(async move {
            if let Err(error) = receipts.taken_late(&name, attempt_id, part).await {
                tracing::warn!(sender = name, %error, "a late answer is lost");
            }
        });
    }

    /// Answers a delivery when it is kept, so that the centre repeats what was not.
    fn delivered(&self, sequence: u32, delivery: &Delivery) {
        let reply = |status| pdu::delivered(sequence, status);
        let receipt = delivery.is_receipt.then(|| receipt::read(&self.name, delivery)).flatten();
        let Some(receipt) = receipt else {
            let _ = self.replies.send(reply(CommandStatus::EsmeRok));
            return;
        };
        let Ok(place) = self.waiting.clone().try_acquire_owned() else {
            let _ = self.replies.send(reply(CommandStatus::EsmeRxTAppn));
            return;
        };
        let mut hasher = DefaultHasher::new();
        match &receipt.recipient {
            Some(to) => to.normalised().hash(&mut hasher),
            None => receipt.provider_message_ids.first().hash(&mut hasher),
        }
        let lane = usize::try_from(hasher.finish() % self.lanes.len() as u64).unwrap_or_default();
        if let Some(lane) = self.lanes.get(lane) {
            let _ = lane.send(Arrival { sequence, receipt, _place: place });
        }
    }

    /// Says good-bye and waits for the answer.
    pub(super) async fn unbind(&mut self) -> io::Result<()> {
        let sequence = self.next();
        write(&mut self.writer, &pdu::command(sequence, Pdu::Unbind)).await?;
        let farewell = async {
            while let Some(Ok(frame)) = self.frames.next().await {
                if pdu::read(&frame).is_some_and(|heard| heard.sequence == sequence) {
                    return;
                }
            }
        };
        let _ = timeout(WRITE, farewell).await;
        self.writer.shutdown().await
    }
}

/// Takes the receipts of a lane, one after the other, until the connection is given up. The centre repeats what is not
/// answered.
async fn take(
    name: String,
    mut arrivals: mpsc::UnboundedReceiver<Arrival>,
    receipts: Arc<dyn Receipts>,
    replies: mpsc::UnboundedSender<Command>,
) {
    while let Some(Arrival { sequence, receipt, _place }) = arrivals.recv().await {
        let status = match receipts.arrived(receipt).await {
            Ok(()) => CommandStatus::EsmeRok,
            Err(error) => {
                tracing::warn!(sender = name, %error, "a receipt is not kept; the centre repeats it");
                CommandStatus::EsmeRxTAppn
            }
        };
        let _ = replies.send(pdu::delivered(sequence, status));
    }
}

/// Writes a command, or fails in time.
pub(super) async fn write(writer: &mut Writer, command: &Command) -> io::Result<()> {
    let octets = pdu::octets(command);
    let written = async {
        writer.write_all(&octets).await?;
        writer.flush().await
    };
    timeout(WRITE, written).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
