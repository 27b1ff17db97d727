//! The trace of a run: a hash of every commit with its events, and the text of it when somebody wants to read.

use std::collections::VecDeque;

use sarai_domain::kernel::Timestamp;
use sha2::{Digest, Sha256};

use super::store::Written;

/// How many of the last lines of a log are kept.
const KEPT: usize = 200_000;

/// The trace of one seed.
pub(super) struct Trace {
    hash: Sha256,
    log: Option<VecDeque<String>>,
}

impl Trace {
    pub(super) fn new(logged: bool) -> Self {
        Self { hash: Sha256::new(), log: logged.then(VecDeque::new) }
    }

    /// Notes a commit.
    pub(super) fn write(&mut self, turn: u64, at: Timestamp, written: &Written) {
        let Written { aggregate, id, version, consumed, events, reserved_for } = written;
        let head = (turn, at.unix_micros(), aggregate, id, version, consumed, reserved_for);
        // Everything in it serialises: an event is plain data.
        let line = serde_json::to_vec(&(head, events)).unwrap_or_default();
        self.hash.update(&line);
        if let Some(log) = &mut self.log {
            if log.len() == KEPT {
                log.pop_front();
            }
            log.push_back(String::from_utf8_lossy(&line).into_owned());
        }
    }

    /// The hash in hex, and the log.
    pub(super) fn end(self) -> (String, Vec<String>) {
        let hash = self.hash.finalize();
        let hex = hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        (hex, self.log.unwrap_or_default().into())
    }
}
