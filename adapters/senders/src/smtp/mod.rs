//! E-mail by SMTP.
//!
//! The conversation is held step by step, over lettre's connection, because the step decides what a failure means:
//! until the last line of the message nothing was sent; after it only the server's answer says.

mod letter;
mod line;

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use lettre::{
    address::Envelope,
    message::Mailbox,
    transport::smtp::{
        Error,
        commands::{Data, Mail, Rcpt},
    },
};
use sarai_domain::devportal::{
    sandbox::NetworkRoute,
    values::{Channel, CountryCode},
};
use sarai_ports::devportal::{Outgoing, Part, SendOutcome, VerifySender};
use tokio::time::timeout;

use crate::config::{Account, Endpoint, Problem};
use line::{Line, Lines};

/// How long a server may think about a step.
const STEP: Duration = Duration::from_secs(10);
/// How long everything before the message may take.
const BEFORE: Duration = Duration::from_secs(30);
/// How long it may think about a whole message.
const CONTENT: Duration = Duration::from_secs(20);

/// Sends e-mail by one relay.
pub(crate) struct SmtpSender {
    name: String,
    from: Mailbox,
    lines: Lines,
    content: Duration,
}

impl SmtpSender {
    pub(crate) fn new(
        name: &str,
        endpoint: Endpoint,
        account: Option<Account>,
        from: Option<&str>,
        ca_file: Option<&Path>,
        answer: Option<Duration>,
    ) -> Result<Self, Problem> {
        let from = letter::sender(from, account.as_ref(), &endpoint)?;
        let lines = Lines::new(endpoint, account, ca_file, from.email.domain(), answer.unwrap_or(STEP))?;
        Ok(Self { name: name.to_owned(), from, lines, content: answer.unwrap_or(CONTENT) })
    }

    /// Everything up to the message itself. An error: certainly not sent.
    async fn announced(&self, envelope: &Envelope) -> Result<Line, Failure> {
        let mut line = self.lines.take().await?;
        let announce = async {
            line.step(Mail::new(envelope.from().cloned(), Vec::new())).await?;
            for to in envelope.to() {
                line.step(Rcpt::new(to.clone(), Vec::new())).await?;
            }
            line.step(Data).await
        };
        match announce.await {
            Ok(()) => Ok(line),
            Err(failure) => {
                line.hang_up().await;
                Err(failure)
            }
        }
    }

    async fn converse(&self, message: &Outgoing) -> Result<SendOutcome, Failure> {
        let letter = letter::letter(message, &self.from).map_err(Failure::Content)?;
        let ready = timeout(BEFORE, self.announced(&letter.envelope));
        let mut line = ready.await.map_err(|_| Failure::Timeout)??;
        match timeout(self.content, line.connection().message(&letter.bytes)).await {
            Ok(Ok(_)) => {
                self.lines.put_back(line);
                let part = Part { no: 1, of: 1, provider_message_id: letter.message_id };
                Ok(SendOutcome::Sent { parts: vec![part], segments: None })
            }
            Ok(Err(error)) if error.status().is_some() => {
                line.hang_up().await;
                Err(Failure::Smtp(error))
            }
            Ok(Err(_)) => Ok(unknown("connection_lost")),
            Err(_) => Ok(unknown("no_answer")),
        }
    }
}

fn unknown(error_code: &str) -> SendOutcome {
    SendOutcome::Unknown { error_code: error_code.to_owned(), parts: Vec::new() }
}

/// Why a message was certainly not sent.
#[derive(Debug)]
enum Failure {
    /// It is no e-mail.
    Content(&'static str),
    /// The server said so, or is not there.
    Smtp(Error),
    /// It said nothing in time.
    Timeout,
    /// It speaks in clear, and clear is not allowed.
    Clear,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Smtp(error)
    }
}

impl From<Failure> for SendOutcome {
    fn from(failure: Failure) -> Self {
        let not_sent = |code: &str| Self::NotSent { error_code: code.to_owned() };
        match failure {
            Failure::Content(code) => Self::Refused { error_code: code.to_owned() },
            Failure::Timeout => not_sent("smtp_timeout"),
            Failure::Clear => not_sent("smtp_no_starttls"),
            Failure::Smtp(error) => match error.status() {
                Some(code) if error.is_permanent() => Self::Refused { error_code: format!("smtp_{code}") },
                Some(code) => Self::NotSent { error_code: format!("smtp_{code}") },
                None if error.is_tls() => not_sent("tls_failed"),
                None if error.is_timeout() => not_sent("smtp_timeout"),
                None if error.is_client() => not_sent("smtp_unsupported"),
                None => not_sent(line::word_for(&error)),
            },
        }
    }
}

#[async_trait]
impl VerifySender for SmtpSender {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &[Channel::Email]
    }

    fn countries(&self) -> &[CountryCode] {
        &[]
    }

    async fn send(&self, _permit: &NetworkRoute, message: &Outgoing) -> SendOutcome {
        self.converse(message).await.unwrap_or_else(SendOutcome::from)
    }
}
