//! Documents as they were stored once: every one of them is readable for ever (T53).
//!
//! `fixtures/state` has a file an aggregate, a document and its rows a line, taken from simulated markets. A line is
//! there because it says something that no line before it says: a member, or a word such as a state. `cargo xtask
//! golden` appends what is new and changes no line.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use sarai_domain::{
    kernel::Aggregate,
    marketplace::{
        coupon::{Coupon, RedemptionStatus},
        earnings::{EarningsState, ProviderEarnings},
        license::{License, LicenseState},
        listing::{Listing, ListingState, RetireEvidence},
        order::{Order, OrderStatus},
        quote::{Quote, QuoteState},
        saga::{PurchaseSaga, SagaState},
    },
};
use sarai_fixtures::golden::Mode;
use sarai_ports::{Saved, StoreError, inventory::Inventory};
use sarai_testkit::{
    Harness, SuitePorts, make,
    simulate::{Asked, Config, Watch, Watched, Written, replay},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::Memory;

/// Markets whose documents are looked at.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;
const PURCHASES: u64 = 60;

fn file(aggregate: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/state/{aggregate}.ndjson"))
}

/// The lines of an aggregate's file.
fn stored(aggregate: &str) -> Vec<String> {
    fs::read_to_string(file(aggregate)).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// What a document says: its members by path, and the words in them.
fn says(path: &str, value: &Value, said: &mut BTreeSet<String>) {
    let is_word = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                // An id as a key says nothing.
                let name = if name.bytes().any(|byte| byte.is_ascii_digit()) { "#" } else { name };
                says(&format!("{path}/{name}"), value, said);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| says(&format!("{path}/#"), item, said)),
        Value::Null => {}
        Value::String(text) if is_word(text) => drop(said.insert(format!("{path} {text}"))),
        _ => drop(said.insert(path.to_owned())),
    }
}

/// Documents that say something new.
#[derive(Debug, Default)]
struct Album {
    said: BTreeSet<String>,
    lines: BTreeMap<&'static str, Vec<String>>,
}

impl Album {
    fn keep(&mut self, aggregate: &'static str, document: &Value) {
        let mut said = BTreeSet::new();
        says(aggregate, document, &mut said);
        if !said.is_subset(&self.said) {
            self.said.append(&mut said);
            self.lines.entry(aggregate).or_default().push(document.to_string());
        }
    }
}

/// Looks at every document that is saved.
struct Camera {
    inventory: Arc<dyn Inventory>,
    album: &'static Mutex<Album>,
}

static ALBUM: Mutex<Album> = Mutex::new(Album { said: BTreeSet::new(), lines: BTreeMap::new() });

fn document<A: Aggregate<Data: Serialize, Row: Serialize>>(
    version: u64,
    data: &A::Data,
    rows: &[A::Row],
) -> Value {
    json!({"version": version, "doc": data, "rows": rows})
}

impl Camera {
    async fn look<A>(&self, id: &str) -> Result<(), StoreError>
    where
        A: Aggregate<Data: Serialize, Row: Serialize, Id: std::str::FromStr>,
        dyn Inventory: sarai_ports::inventory::Scan<A>,
    {
        let id = id.parse().ok().expect("an id");
        let raw = sarai_ports::inventory::Scan::<A>::look(&*self.inventory, &id).await?;
        let raw = raw.expect("what was saved is there");
        let content = raw.content.expect("it was written now");
        let document = document::<A>(raw.version, &content.data, &content.rows);
        self.album.lock().unwrap_or_else(PoisonError::into_inner).keep(A::NAME, &document);
        Ok(())
    }
}

#[async_trait]
impl Watch for Camera {
    async fn asked(&self, _asked: &Asked<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn before_commit(&self, _asked: &Asked<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn after_commit(&self, _saved: &Saved, written: Written) -> Result<(), StoreError> {
        match written.aggregate {
            Listing::NAME => self.look::<Listing>(&written.id).await,
            Order::NAME => self.look::<Order>(&written.id).await,
            License::NAME => self.look::<License>(&written.id).await,
            Coupon::NAME => self.look::<Coupon>(&written.id).await,
            PurchaseSaga::NAME => self.look::<PurchaseSaga>(&written.id).await,
            Quote::NAME => self.look::<Quote>(&written.id).await,
            ProviderEarnings::NAME => self.look::<ProviderEarnings>(&written.id).await,
            other => panic!("{other} has no file"),
        }
    }
}

/// A memory store under the camera.
struct Filmed;

impl Harness for Filmed {
    async fn fresh() -> SuitePorts {
        let filmed = |ports: SuitePorts| {
            let camera = Camera { inventory: Arc::clone(&ports.inventory), album: &ALBUM };
            let store = Arc::new(Watched::new(ports.clone(), camera));
            SuitePorts {
                listings: store.clone(),
                orders: store.clone(),
                licenses: store.clone(),
                coupons: store.clone(),
                sagas: store.clone(),
                quotes: store.clone(),
                earnings: store,
                ..ports
            }
        };
        let first = Memory::fresh().await;
        let shared = first.clone();
        filmed(first).beside(move || filmed(shared.another_process()))
    }
}

/// Reads a line, rebuilds the aggregate, and finds that nothing was lost on the way.
fn reads<A>(line: &str)
where
    A: Aggregate<Data: Serialize + DeserializeOwned, Row: Serialize + DeserializeOwned>,
{
    let stored: Value = serde_json::from_str(line).unwrap();
    let read = || {
        let data: A::Data = serde_json::from_value(stored["doc"].clone())?;
        let rows: Vec<A::Row> = serde_json::from_value(stored["rows"].clone())?;
        Ok::<_, serde_json::Error>((data, rows))
    };
    let (data, rows) = read().unwrap_or_else(|error| panic!("{}: {error}: {line}", A::NAME));
    let version = stored["version"].as_u64().unwrap();
    let again = document::<A>(version, &data, &rows);
    if let Err(error) = A::rehydrate(data, rows, version) {
        panic!("{}: {error}: {line}", A::NAME);
    }
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    says("", &stored, &mut before);
    says("", &again, &mut after);
    assert!(before.is_subset(&after), "{} loses {:?}", A::NAME, before.difference(&after));
}

fn reads_all<A>() -> usize
where
    A: Aggregate<Data: Serialize + DeserializeOwned, Row: Serialize + DeserializeOwned>,
{
    let lines = stored(A::NAME);
    for line in &lines {
        reads::<A>(line);
    }
    lines.len()
}

#[test]
fn every_document_that_was_ever_stored_is_readable() {
    let counts = [
        reads_all::<Listing>(),
        reads_all::<Order>(),
        reads_all::<License>(),
        reads_all::<Coupon>(),
        reads_all::<PurchaseSaga>(),
        reads_all::<Quote>(),
        reads_all::<ProviderEarnings>(),
    ];
    assert!(!counts.contains(&0), "{counts:?}");
}

/// What no simulated market comes to.
async fn beside_the_markets() {
    let ports = Filmed::fresh().await;
    ports.put(&*ports.licenses, make::gift(&ports, "acme", "GIFT-CODE")).await;
    ports.put(&*ports.licenses, make::subscription(&ports, "acme", "ana")).await;
    let listing = make::live(&ports, "acme", make::usd("10.00"));
    let mut listing = ports.stored(&*ports.listings, listing).await;
    make::applied(listing.propose(make::proposal(1), ports.now()));
    let mut listing = ports.stored(&*ports.listings, listing).await;
    let evidence = RetireEvidence::default();
    make::applied(listing.retire(&evidence, ports.now()));
    ports.put(&*ports.listings, listing).await;
}

#[test]
fn golden_states_say_all_that_documents_say_now() {
    {
        let mut album = ALBUM.lock().unwrap();
        for (name, ..) in states() {
            for line in stored(name) {
                album.keep(name, &serde_json::from_str(&line).unwrap());
            }
        }
        album.lines.clear();
    }
    let config = Config { purchases: PURCHASES, ..Config::default() };
    for seed in SEEDS {
        let report = replay::<Filmed>(seed, &config);
        assert!(report.failure.is_none(), "SEED={seed} {:?}", report.failure.map(|failure| failure.breach));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(beside_the_markets());
    let news = std::mem::take(&mut ALBUM.lock().unwrap().lines);
    for (name, lines) in &news {
        if Mode::from_env() == Mode::Update {
            let all: String = stored(name).iter().chain(lines).flat_map(|line| [line, "\n"]).collect();
            fs::write(file(name), all).unwrap();
        } else {
            panic!("{name}: {} documents say something new: `cargo xtask golden` appends them", lines.len());
        }
    }
}

/// Which states a path of an aggregate's documents can have.
fn states() -> [(&'static str, &'static str, Vec<Value>); 7] {
    fn all<S: Serialize>(states: &[S]) -> Vec<Value> {
        states.iter().map(|state| serde_json::to_value(state).unwrap()).collect()
    }
    [
        (Listing::NAME, "/doc/state", all(ListingState::ALL)),
        (Order::NAME, "/doc/status", all(OrderStatus::ALL)),
        (License::NAME, "/doc/state", all(LicenseState::ALL)),
        (Coupon::NAME, "/rows/#/status", all(RedemptionStatus::ALL)),
        (PurchaseSaga::NAME, "/doc/state", all(SagaState::ALL)),
        (Quote::NAME, "/doc/state", all(QuoteState::ALL)),
        (
            ProviderEarnings::NAME,
            "/doc/state",
            all(&[EarningsState::Accruing, EarningsState::Ready, EarningsState::Paid]),
        ),
    ]
}

#[test]
fn every_state_stands_in_a_line() {
    let mut missing = Vec::new();
    for (aggregate, path, states) in states() {
        let mut said = BTreeSet::new();
        for line in stored(aggregate) {
            says("", &serde_json::from_str(&line).unwrap(), &mut said);
        }
        let wanted = states.iter().map(|state| format!("{path} {}", state.as_str().unwrap()));
        missing.extend(wanted.filter(|line| !said.contains(line)).map(|line| format!("{aggregate}{line}")));
    }
    assert!(missing.is_empty(), "{missing:?}");
}
