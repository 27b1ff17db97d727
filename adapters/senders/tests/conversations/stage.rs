//! What every test needs: messages, a table of one sender, a clock, a place for receipts.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        sandbox::{NetworkRoute, Route},
        template::Rendered,
        values::{Address, Channel, E164Phone, EmailAddress, Environment, Locale},
    },
    kernel::{DeliveryAttemptId, Timestamp, Ulid},
};
use sarai_ports::{
    StoreError,
    devportal::{Outgoing, Part, Receipt, ReceiptStatus, Receipts, SendOutcome, Senders as _},
    system::Clock,
};
use sarai_senders::{ConfigError, Patience, SenderConfig, SenderTable, Timing};
use zeroize::Zeroizing;

/// A code that is looked for in logs.
pub(crate) const CODE: &str = "918273";
pub(crate) const PHONE: &str = "+93701231234";
/// The password of every sender here; SMPP has room for eight characters.
pub(crate) const PASSWORD: &str = "s3cr3t-8";
/// The secret of every provider here.
pub(crate) const SECRET: &str = "a secret of the provider, 32 long";

/// The time of the signatures.
pub(crate) struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        "2026-04-20T12:00:00Z".parse().unwrap()
    }

    fn real(&self) -> Timestamp {
        self.now()
    }
}

/// What a table is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Receipt(Receipt),
    TakenLate(String, DeliveryAttemptId, Part),
}

/// Keeps what it is told; refuses the first ones where it should.
#[derive(Default)]
pub(crate) struct Desk {
    told: Mutex<Vec<Told>>,
    refusals: AtomicU32,
}

impl Desk {
    pub(crate) fn refuse(&self, count: u32) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    /// Waits until it was told so many things.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Told> {
        until("the desk is told", || self.told().len() >= count).await;
        self.told()
    }

    pub(crate) async fn receipts(&self, count: usize) -> Vec<Receipt> {
        let told = self.wait(count).await.into_iter();
        told.map(|told| match told {
            Told::Receipt(receipt) => receipt,
            Told::TakenLate(..) => panic!("{told:?}"),
        })
        .collect()
    }
}

#[async_trait]
impl Receipts for Desk {
    async fn arrived(&self, receipt: Receipt) -> Result<(), StoreError> {
        if self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
        {
            return Err(StoreError::Unavailable("not now".to_owned()));
        }
        // Good news take longer than bad: whoever lets one overtake the other is seen.
        if receipt.status == ReceiptStatus::Delivered {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.told.lock().unwrap().push(Told::Receipt(receipt));
        Ok(())
    }

    async fn taken_late(&self, provider: &str, id: DeliveryAttemptId, part: Part) -> Result<(), StoreError> {
        self.told.lock().unwrap().push(Told::TakenLate(provider.to_owned(), id, part));
        Ok(())
    }
}

/// Waits at most ten seconds.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within ten seconds");
}

/// Times for tests that wait for nothing to happen.
fn quick() -> Patience {
    let smpp = Timing {
        connect: Duration::from_secs(2),
        ready: Duration::from_secs(1),
        answer: Duration::from_secs(1),
        forget: Duration::from_secs(2),
        enquire: Duration::from_millis(300),
        first_pause: Duration::from_millis(50),
        longest_pause: Duration::from_millis(400),
        window: 10,
    };
    Patience { smpp, answer: Some(Duration::from_secs(1)) }
}

/// Times in which a busy machine comes round.
fn patient() -> Patience {
    let long = Duration::from_secs(20);
    let smpp = Timing { connect: long, ready: long, answer: long, forget: 3 * long, ..quick().smpp };
    Patience { smpp, answer: Some(long) }
}

/// A file that holds something. It is there as a whole or not at all: other tests read and write it at once.
pub(crate) fn file(name: &str, content: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let draft = folder.join(format!("senders-{}-{number}", std::process::id()));
    let path = folder.join(format!("senders-{name}"));
    fs::write(&draft, content).unwrap();
    fs::rename(&draft, &path).unwrap();
    path
}

/// Reads the table `[senders.…]` of a configuration; `$PASSWORD` and `$SECRET` are files.
pub(crate) fn read(toml: &str) -> BTreeMap<String, SenderConfig> {
    #[derive(serde::Deserialize)]
    struct Config {
        senders: BTreeMap<String, SenderConfig>,
    }
    let path = |name, content| file(name, content).display().to_string();
    let toml = toml
        .replace("$PASSWORD", &path("password", &format!("{PASSWORD}\n")))
        .replace("$SECRET", &path("secret", &format!("{SECRET}\n")));
    toml::from_str::<Config>(&toml).unwrap().senders
}

pub(crate) fn open(toml: &str) -> Result<SenderTable, ConfigError> {
    open_with(toml, patient())
}

fn open_with(toml: &str, patience: Patience) -> Result<SenderTable, ConfigError> {
    let _written_down = crate::logs::paper();
    SenderTable::open_with(&read(toml), &(Arc::new(Now) as Arc<dyn Clock>), patience)
}

/// A table with its desk.
pub(crate) fn started(toml: &str) -> (SenderTable, Arc<Desk>) {
    started_with(toml, patient())
}

/// The same with little time.
pub(crate) fn hurried(toml: &str) -> (SenderTable, Arc<Desk>) {
    started_with(toml, quick())
}

fn started_with(toml: &str, patience: Patience) -> (SenderTable, Arc<Desk>) {
    let table = open_with(toml, patience).unwrap();
    let desk = Arc::new(Desk::default());
    table.start(&(desk.clone() as Arc<dyn Receipts>));
    (table, desk)
}

/// The permit of production.
pub(crate) fn permit() -> NetworkRoute {
    let to = Address::Phone(E164Phone::parse(PHONE).unwrap());
    match Route::of(Environment::Production, None, &to, None) {
        Some(Route::Network(permit)) => permit,
        other => panic!("{other:?}"),
    }
}

/// The attempt of this number.
pub(crate) fn attempt(number: u128) -> DeliveryAttemptId {
    DeliveryAttemptId::new(Ulid::from(0x0192_0000_0000_0000_0000_0000_0000_0000 + number))
}

pub(crate) fn text(number: u128, channel: Channel, body: &str) -> Outgoing {
    Outgoing {
        attempt_id: attempt(number),
        channel,
        to: Address::Phone(E164Phone::parse(PHONE).unwrap()),
        locale: Locale::En,
        content: Rendered::Text { body: Zeroizing::new(body.to_owned()), segments: 1 },
    }
}

pub(crate) fn sms(number: u128, body: &str) -> Outgoing {
    text(number, Channel::Sms, body)
}

pub(crate) fn mail(number: u128, locale: Locale, subject: &str, text: &str, html: &str) -> Outgoing {
    Outgoing {
        attempt_id: attempt(number),
        channel: Channel::Email,
        to: Address::Email(EmailAddress::parse("zar.gul@example.org").unwrap()),
        locale,
        content: Rendered::Email {
            subject: subject.to_owned(),
            text: Zeroizing::new(text.to_owned()),
            html: Zeroizing::new(html.to_owned()),
        },
    }
}

/// Sends by whoever serves the channel.
pub(crate) async fn send(table: &SenderTable, message: &Outgoing) -> SendOutcome {
    let sender = table.pick(message.channel, None).expect("a sender");
    sender.send(&permit(), message).await
}

pub(crate) fn not_sent(code: &str) -> SendOutcome {
    SendOutcome::NotSent { error_code: code.to_owned() }
}

pub(crate) fn refused(code: &str) -> SendOutcome {
    SendOutcome::Refused { error_code: code.to_owned() }
}

pub(crate) fn unknown(code: &str) -> SendOutcome {
    SendOutcome::Unknown { error_code: code.to_owned(), parts: Vec::new() }
}
