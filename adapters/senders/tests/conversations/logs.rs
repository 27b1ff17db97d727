//! A code and a secret are looked for in everything that is logged, by us or by a library, at the finest level.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock},
};

use sarai_domain::devportal::values::Locale;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{
    http,
    mail_server::{MailServer, Manner},
    provider::{Provider, Reply},
    smpp,
    smsc::{Act, Conduct, Smsc, receipt},
    stage::{self, CODE, PASSWORD, PHONE, SECRET, mail, sms},
};

/// What every test of this process logs, written down before the first sender is opened.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Paper {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The one paper. A subscriber of one thread would not do: tasks and libraries ask the process.
pub(crate) fn paper() -> &'static Paper {
    static PAPER: OnceLock<Paper> = OnceLock::new();
    PAPER.get_or_init(|| {
        let paper = Paper::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("trace"))
            .with_ansi(false)
            .with_writer(paper.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        paper
    })
}

#[tokio::test]
async fn no_code_number_or_secret_is_logged_whatever_happens() {
    let paper = paper();
    let body = format!("Your code is {CODE}");
    for at in
        [None, Some(("RCPT", "550 918273 no")), Some(("CONTENT", "451 918273")), Some(("CONTENT", "cut"))]
    {
        let server = MailServer::start(Manner { at, ..Manner::default() }).await;
        let toml = format!(
            "[senders.mail]\nkind = \"smtp\"\nurl = \"smtp://127.0.0.1:{}\"\nchannels = [\"EMAIL\"]",
            server.port
        );
        let (table, _) = stage::started(&toml);
        let outcome = stage::send(&table, &mail(1, Locale::En, "Code", &body, &body)).await;
        tracing::info!(?outcome, "came of it");
    }
    let acts =
        [Act::Take("1"), Act::Deny(0x58), Act::Deny(0x0b), Act::ConfirmFirst("2", "2".to_owned()), Act::Cut];
    let centre = Smsc::start(Conduct { acts: acts.to_vec(), ..Conduct::default() }).await;
    let (table, desk) = stage::started(&smpp::config(centre.port));
    for number in 0..6 {
        let message = sms(number, &body);
        tracing::info!(?message, outcome = ?stage::send(&table, &message).await, "came of it");
    }
    desk.refuse(1);
    centre.deliver(7, &receipt("1", "UNDELIV"));
    centre.deliver(8, &[1, 2]);
    centre.deliver(9, &receipt("1", "UNDELIV"));
    for receipt in desk.receipts(2).await {
        tracing::info!(?receipt, "arrived");
    }
    table.close().await;
    let provider = Provider::start(Reply::taken("1")).await;
    let (table, _) = stage::started(&http::config(provider.port));
    let refusal = Reply::Says(422, format!(r#"{{"code":"{CODE}"}}"#));
    for reply in [Reply::taken("1"), refusal, Reply::Cut, Reply::Says(500, body.clone())] {
        provider.answer(reply);
        tracing::info!(outcome = ?stage::send(&table, &sms(1, &body)).await, "came of it");
    }
    let log = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("bound") && log.contains("came of it"), "something is logged");
    for secret in [CODE, PASSWORD, SECRET, PHONE, &PHONE[1..]] {
        let at = log.lines().find(|line| line.contains(secret));
        assert_eq!(at, None, "{secret} is in the log");
    }
}
