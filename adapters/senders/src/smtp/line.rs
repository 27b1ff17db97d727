//! Lines to a relay: opened, encrypted, authenticated, and kept for the next letter.

use std::{
    fmt::Display,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use tokio::time::timeout;

use super::Failure;
use crate::{
    config::{Account, Endpoint, Problem},
    wire,
};

/// How long a line may wait for its next letter.
const IDLE: Duration = Duration::from_secs(30);
/// How many lines wait.
const SPARE: usize = 4;
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Lines to one relay.
pub(super) struct Lines {
    endpoint: Endpoint,
    tls: TlsParameters,
    credentials: Option<Credentials>,
    hello: ClientId,
    /// How long a step may take.
    step: Duration,
    spare: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

/// A line that is ready for a letter. It may be broken off at any step: nobody gets it again unless it is put back.
pub(super) struct Line(AsyncSmtpConnection, Duration);

impl Line {
    pub(super) fn connection(&mut self) -> &mut AsyncSmtpConnection {
        &mut self.0
    }

    /// Says a command and takes a good answer.
    pub(super) async fn step(&mut self, command: impl Display) -> Result<(), Failure> {
        in_time(self.1, self.0.command(command)).await.map(drop)
    }

    pub(super) async fn hang_up(mut self) {
        let _ = timeout(FAREWELL, self.0.abort()).await;
    }
}

async fn in_time<T>(within: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    Ok(timeout(within, step).await.map_err(|_| Failure::Timeout)??)
}

impl Lines {
    pub(super) fn new(
        endpoint: Endpoint,
        account: Option<Account>,
        ca_file: Option<&Path>,
        domain: &str,
        step: Duration,
    ) -> Result<Self, Problem> {
        let wrong = |error: Error| Problem::Certificates(error.to_string());
        let builder =
            TlsParameters::builder(endpoint.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
        let certificates = ca_file.map(wire::certificates).transpose()?.unwrap_or_default();
        let tls = certificates.into_iter().try_fold(builder, |builder, certificate| {
            Ok(builder.add_root_certificate(Certificate::from_der(certificate.to_vec()).map_err(wrong)?))
        })?;
        let credentials = account.map(|account| Credentials::new(account.user, account.password.to_string()));
        Ok(Self {
            endpoint,
            tls: tls.build_rustls().map_err(wrong)?,
            credentials,
            hello: ClientId::Domain(domain.to_owned()),
            step,
            spare: Mutex::default(),
        })
    }

    /// A line that answers: one that waits, else a new one.
    pub(super) async fn take(&self) -> Result<Line, Failure> {
        while let Some((mut connection, since)) = self.pop() {
            let fresh = since.elapsed() < IDLE;
            if fresh && timeout(self.step, connection.test_connected()).await.unwrap_or(false) {
                return Ok(Line(connection, self.step));
            }
            Line(connection, self.step).hang_up().await;
        }
        self.open().await
    }

    /// Keeps a line for the next letter.
    pub(super) fn put_back(&self, line: Line) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push((line.0, Instant::now()));
        }
    }

    fn pop(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    async fn open(&self) -> Result<Line, Failure> {
        let Endpoint { host, port, tls, clear } = &self.endpoint;
        let at_once = tls.then(|| self.tls.clone());
        let address = (host.as_str(), *port);
        let connect =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.step), &self.hello, at_once, None);
        let mut line = Line(in_time(self.step, connect).await?, self.step);
        // Not hung up where this fails: lettre has no stream to say good-bye on when TLS did not come about.
        self.prepare(&mut line.0, *tls, *clear).await?;
        Ok(line)
    }

    /// Encrypts where the relay can, or must; then says who we are.
    async fn prepare(
        &self,
        connection: &mut AsyncSmtpConnection,
        encrypted: bool,
        clear: bool,
    ) -> Result<(), Failure> {
        if !encrypted {
            if connection.can_starttls() {
                in_time(self.step, connection.starttls(self.tls.clone(), &self.hello)).await?;
            } else if !clear {
                return Err(Failure::Clear);
            }
        }
        if let Some(credentials) = &self.credentials {
            in_time(self.step, connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials)).await?;
        }
        Ok(())
    }
}

/// Why there is no line, in a word.
pub(super) fn word_for(error: &Error) -> &'static str {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return wire::word_for(error);
        }
        cause = error.source();
    }
    "smtp_failed"
}
