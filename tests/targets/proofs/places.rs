//! Where a secret could have been left, and a search in all of it.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use sarai_services::{Cluster, SaraiProcess};

use crate::world::Said;

/// Kinds of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The log at its finest level.
    Log,
    /// Answers that refuse.
    Problem,
    /// Answers to reads.
    Read,
    /// `/metrics`.
    Metrics,
    /// Bodies of webhooks.
    Webhook,
    /// The store: tables, outbox, feed, idempotency.
    Store,
    /// The store of the services around, which are others'.
    Around,
}

/// Something nobody may find where it is not allowed.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Where it stands by rule.
    pub(crate) allowed: &'static [Place],
}

impl Canary {
    /// The forms in which it would be found: as it is, in hexadecimal and in base64, as bytes are shown.
    fn forms(&self) -> Vec<String> {
        let mut hex = String::new();
        for byte in self.value.bytes() {
            let _ = write!(hex, "{byte:02x}");
        }
        vec![self.value.clone(), hex, base64(self.value.as_bytes())]
    }
}

/// The whole triples only, so that what stands around it changes nothing.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let triples =
        bytes.chunks_exact(3).map(|triple| triple.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)));
    triples.flat_map(|sum| [18, 12, 6, 0].map(|shift| char::from(ALPHABET[sum >> shift & 63]))).collect()
}

/// A text in which nothing may be found.
pub(crate) struct Paper {
    place: Place,
    name: String,
    text: String,
}

/// Everything there is to search.
#[derive(Default)]
pub(crate) struct Papers(Vec<Paper>);

impl Papers {
    pub(crate) fn add(&mut self, place: Place, name: &str, text: String) {
        self.0.push(Paper { place, name: name.to_owned(), text });
    }

    /// What a server logged; what it tells a person at start is no log.
    pub(crate) fn add_log(&mut self, server: &SaraiProcess) {
        let log = server.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
        self.add(Place::Log, "log", lines.join("\n"));
    }

    /// What people were answered.
    pub(crate) fn add_said(&mut self, said: &Said) {
        self.add(Place::Problem, "problems", said.bodies(|_, status| status >= 400).join("\n"));
        let reads = said.bodies(|method, status| *method == reqwest::Method::GET && status < 400);
        self.add(Place::Read, "reads", reads.join("\n"));
    }

    /// Every file of a folder but those that hold the keys.
    pub(crate) fn add_files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
            let name = name.to_string_lossy().into_owned();
            if path.is_dir() {
                self.add_files(&path);
            } else if !is_keys(&name) {
                let place = if name.starts_with("standins") { Place::Around } else { Place::Store };
                self.add(place, &name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
            }
        }
    }

    /// What `pg_dump` writes.
    pub(crate) fn add_dump(&mut self, cluster: &Cluster) {
        let dump =
            Command::new(cluster.programs().join("pg_dump")).arg(cluster.url("postgres")).output().unwrap();
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        self.add(Place::Store, "pg_dump", String::from_utf8(dump.stdout).unwrap());
    }

    /// How much there is of a kind, in bytes.
    pub(crate) fn size(&self, place: Place) -> usize {
        self.0.iter().filter(|paper| paper.place == place).map(|paper| paper.text.len()).sum()
    }

    /// Whether something stands in a place.
    pub(crate) fn holds(&self, place: Place, text: &str) -> bool {
        self.0.iter().any(|paper| paper.place == place && paper.text.contains(text))
    }

    /// Where canaries stand that may not.
    pub(crate) fn hits(&self, canaries: &[Canary]) -> Vec<String> {
        let mut hits = Vec::new();
        for canary in canaries {
            let forms: Vec<String> = canary.forms().into_iter().filter(|form| form.len() >= 8).collect();
            assert!(!forms.is_empty(), "{} is too short to be looked for", canary.name);
            for paper in self.0.iter().filter(|paper| !canary.allowed.contains(&paper.place)) {
                for at in forms.iter().filter_map(|form| paper.text.find(form.as_str())) {
                    hits.push(format!("{} in {}: …{}…", canary.name, paper.name, around(&paper.text, at)));
                }
            }
        }
        hits
    }
}

/// Files that hold what the process keeps secret: the key file and the passwords of the database's roles.
pub(crate) fn is_keys(name: &str) -> bool {
    name.starts_with("keys") || name.starts_with("postgres")
}

/// What stands around a place.
fn around(text: &str, at: usize) -> String {
    let from = (at.saturating_sub(160)..=at).find(|place| text.is_char_boundary(*place)).unwrap_or(at);
    let rest: String = text[from..].chars().take(260).collect();
    rest.replace(char::is_control, " ")
}
