//! Text messages by SMPP 3.4: a transceiver that stays bound, and sends in a window.
//!
//! rusmpp writes the PDUs. Binding, the window, the heartbeat and coming back are [`link`] and [`session`]; reading is [`pdu`].

mod ids;
mod link;
mod pdu;
mod receipt;
mod session;
mod text;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use sarai_domain::devportal::{
    sandbox::NetworkRoute,
    template::Rendered,
    values::{Address, Channel, CountryCode},
};
use sarai_ports::devportal::{Outgoing, Part, Receipts, SendOutcome, VerifySender};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Account, Problem},
    wire::Connector,
};
use link::{Answer, Link, Submission};

/// How a bind is kept.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How long connecting, and the answer to a bind, may take.
    pub connect: Duration,
    /// How long a send waits for a bind.
    pub ready: Duration,
    /// How long a whole message may take, and one answer.
    pub answer: Duration,
    /// How long a late answer is still understood.
    pub forget: Duration,
    /// How often it is asked whether the other side is there.
    pub enquire: Duration,
    /// The first pause before connecting again; it doubles.
    pub first_pause: Duration,
    /// The longest one.
    pub longest_pause: Duration,
    /// How many messages may be without an answer.
    pub window: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            ready: Duration::from_secs(2),
            answer: Duration::from_secs(15),
            forget: Duration::from_mins(1),
            enquire: Duration::from_secs(30),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(1),
            window: 10,
        }
    }
}

/// Statuses that pass: throttled, queue full, system error, not bound, come again.
const PASSING: [u32; 5] = [0x58, 0x14, 0x08, 0x04, 0x64];

/// Sends by one SMS centre.
pub(crate) struct SmppSender {
    name: String,
    countries: Vec<CountryCode>,
    source: pdu::Source,
    timing: Timing,
    window: Arc<Semaphore>,
    submissions: mpsc::Sender<Submission>,
    bound: watch::Receiver<bool>,
    closing: CancellationToken,
    idle: Mutex<Option<Link>>,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl SmppSender {
    pub(crate) fn new(
        name: &str,
        countries: &[CountryCode],
        connector: Connector,
        account: &Account,
        from: Option<&str>,
        timing: Timing,
    ) -> Result<Self, Problem> {
        let (submissions, inbox) = mpsc::channel(timing.window.max(1));
        let (state, bound) = watch::channel(false);
        let closing = CancellationToken::new();
        let link = Link {
            name: name.to_owned(),
            connector,
            bind: pdu::bind(account)?,
            timing,
            submissions: inbox,
            bound: state,
            closing: closing.clone(),
        };
        Ok(Self {
            name: name.to_owned(),
            countries: countries.to_vec(),
            source: pdu::Source::parse(from)?,
            timing,
            window: Arc::new(Semaphore::new(timing.window.max(1))),
            submissions,
            bound,
            closing,
            idle: Mutex::new(Some(link)),
            running: Mutex::default(),
        })
    }

    /// Whether it is bound now.
    pub(crate) fn is_bound(&self) -> bool {
        *self.bound.borrow()
    }

    /// Binds, and stays bound; receipts go there. Once.
    pub(crate) fn start(&self, receipts: Arc<dyn Receipts>) {
        let link = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(link) = link {
            let running = tokio::spawn(link.run(receipts));
            *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
        }
    }

    /// Waits for what was not answered, then unbinds.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            let _ = running.await;
        }
    }

    async fn submit(&self, submission: Prepared<'_>, until: Instant) -> Answer {
        let Ok(Ok(permit)) = timeout_at(until, self.window.clone().acquire_owned()).await else {
            return Answer::NotWritten("smpp_window_full");
        };
        let (answer, mut answered) = oneshot::channel();
        let Prepared { message, pdu, no, of } = submission;
        let submission = Submission { attempt_id: message.attempt_id, no, of, pdu, answer, permit };
        if self.submissions.try_send(submission).is_err() {
            return Answer::NotWritten("smpp_unbound");
        }
        if let Ok(answer) = timeout_at(until, &mut answered).await {
            return answer.unwrap_or(Answer::Lost);
        }
        answered.close();
        answered.try_recv().unwrap_or(Answer::Late)
    }

    async fn send_parts(&self, message: &Outgoing, to: &str, body: &str) -> SendOutcome {
        let text = text::parts(body);
        let of = u8::try_from(text.parts.len()).unwrap_or(u8::MAX);
        let reference =
            u128::from(message.attempt_id.ulid()).to_be_bytes().last().copied().unwrap_or_default();
        let until = Instant::now() + self.timing.answer;
        let mut taken: Vec<Part> = Vec::new();
        for (part, no) in text.parts.iter().zip(1_u8..) {
            let header = (of > 1).then(|| text::header(reference, of, no));
            let Some(pdu) = pdu::submit(&self.source, to, text.encoding, part, header) else {
                return SendOutcome::Refused { error_code: "invalid_address".to_owned() };
            };
            let mut pause = Duration::from_millis(100);
            let id = loop {
                let prepared = Prepared { message, pdu: pdu.clone(), no, of };
                match self.submit(prepared, until).await {
                    Answer::Taken(id) => break id,
                    // What others of its parts began is ended, if that can be.
                    Answer::Denied(status)
                        if no > 1 && PASSING.contains(&status) && Instant::now() + pause < until =>
                    {
                        sleep(pause).await;
                        pause = pause.saturating_mul(2);
                    }
                    other => return failed(&other, taken, no > 1),
                }
            };
            if !id.is_empty() {
                taken.push(Part { no, of, provider_message_id: ids::kept(&id) });
            }
        }
        SendOutcome::Sent { parts: taken, segments: Some(of) }
    }
}

struct Prepared<'a> {
    message: &'a Outgoing,
    pdu: rusmpp::pdus::SubmitSm,
    no: u8,
    of: u8,
}

/// What it means that a part was not taken: once another was, nothing is certain any more.
fn failed(answer: &Answer, parts: Vec<Part>, begun: bool) -> SendOutcome {
    let (error_code, certain) = match answer {
        Answer::Denied(status) => (format!("smpp_0x{status:02x}"), true),
        Answer::NotWritten(code) => ((*code).to_owned(), true),
        Answer::Late => ("no_answer".to_owned(), false),
        Answer::Lost | Answer::Taken(_) => ("connection_lost".to_owned(), false),
    };
    if begun || !certain {
        return SendOutcome::Unknown { error_code, parts };
    }
    match answer {
        Answer::Denied(status) if !PASSING.contains(status) => SendOutcome::Refused { error_code },
        _ => SendOutcome::NotSent { error_code },
    }
}

#[async_trait]
impl VerifySender for SmppSender {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &[Channel::Sms]
    }

    fn countries(&self) -> &[CountryCode] {
        &self.countries
    }

    async fn send(&self, _permit: &NetworkRoute, message: &Outgoing) -> SendOutcome {
        let (Rendered::Text { body, .. }, Address::Phone(to), Channel::Sms) =
            (&message.content, &message.to, message.channel)
        else {
            return SendOutcome::Refused { error_code: "content_mismatch".to_owned() };
        };
        let mut bound = self.bound.clone();
        if !matches!(timeout(self.timing.ready, bound.wait_for(|bound| *bound)).await, Ok(Ok(_))) {
            return SendOutcome::NotSent { error_code: "smpp_unbound".to_owned() };
        }
        self.send_parts(message, to.as_str(), body).await
    }
}
