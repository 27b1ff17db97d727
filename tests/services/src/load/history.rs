//! What clients asked and what they were told, in order, as lines of JSON.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use serde_json::json;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A request is sent.
    Invoke,
    /// It is done.
    Ok,
    /// It is refused.
    Fail,
    /// Nobody can tell.
    Info,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Info => "info",
        }
    }
}

/// What is known of an operation after all its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The purchase's number.
    pub number: u64,
    /// What it did: `place`, `pay`, …
    pub what: String,
    /// The last thing that is known; `Info` when it stayed unknown.
    pub outcome: Outcome,
    /// The order it was done to.
    pub order: Option<String>,
    /// What the server said last.
    pub said: String,
    /// How often it was asked.
    pub attempts: u32,
    /// Why its outcome was unknown for a while, each reason once.
    pub doubts: BTreeSet<String>,
}

/// The log of a load.
#[derive(Debug)]
pub struct History {
    run: String,
    start: Instant,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    file: BufWriter<File>,
    entries: BTreeMap<String, Entry>,
}

impl History {
    /// An empty one, written to a file; its keys begin with the run's name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(file: &Path, run: String) -> io::Result<Self> {
        let file = BufWriter::new(File::create(file)?);
        let kept = Mutex::new(Kept { file, entries: BTreeMap::new() });
        Ok(Self { run, start: Instant::now(), kept })
    }

    /// The run's name.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The key of an operation, the same for all its attempts.
    pub fn key(&self, number: u64, what: &str) -> String {
        format!("{}-{number}-{what}", self.run)
    }

    /// Notes an attempt or what came of it.
    pub fn note(&self, key: &str, outcome: Outcome, order: Option<&str>, said: &str) {
        let at = self.start.elapsed().as_millis();
        let kept = &mut *self.kept();
        let line = json!({"ms": at, "type": outcome.name(), "key": key, "order": order, "said": said});
        let _ = writeln!(kept.file, "{line}");
        let mut words = key.splitn(3, '-').skip(1);
        let number = words.next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let what = words.next().unwrap_or_default().to_owned();
        let entry = kept.entries.entry(key.to_owned()).or_insert_with(|| Entry {
            number,
            what,
            outcome,
            order: None,
            said: String::new(),
            attempts: 0,
            doubts: BTreeSet::new(),
        });
        if outcome == Outcome::Invoke {
            entry.attempts += 1;
            return;
        }
        if outcome == Outcome::Info {
            entry.doubts.insert(said.to_owned());
        }
        entry.outcome = outcome;
        entry.order = order.map(str::to_owned);
        said.clone_into(&mut entry.said);
    }

    /// All operations; the file is complete when this returns.
    pub fn entries(&self) -> Vec<Entry> {
        let kept = &mut *self.kept();
        let _ = kept.file.flush();
        kept.entries.values().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
