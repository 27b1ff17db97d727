//! When keys were used last: noted in memory as they are, and written together now and then (K-INV-11).

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sarai_domain::{
    devportal::{api_key::minute_of, values::CidrBlock},
    kernel::{ApiKeyId, Timestamp},
};
use sarai_ports::devportal::{KeyGrant, KeyUse};
use time::Duration;

use crate::{AppError, Ports};

/// How long uses are gathered, in real time.
const GATHERED: Duration = Duration::seconds(2);
/// How many keys are remembered as written.
const REMEMBERED: usize = 50_000;

/// The uses of keys in this process that are not written yet.
#[derive(Clone, Default)]
pub struct KeyUses(Arc<Mutex<Uses>>);

#[derive(Default)]
struct Uses {
    waiting: BTreeMap<ApiKeyId, KeyUse>,
    /// The minute that was last noted of a key: the same is not noted again.
    known: BTreeMap<ApiKeyId, Timestamp>,
    flushed: Option<Timestamp>,
}

impl KeyUses {
    /// Notes that a key is used now, in business time, from this address.
    pub fn note(&self, grant: &KeyGrant, from: Option<IpAddr>, now: Timestamp) {
        let at = minute_of(now);
        let mut uses = self.uses();
        if uses.known.get(&grant.key_id).is_some_and(|known| *known >= at) {
            return;
        }
        if uses.known.len() >= REMEMBERED {
            uses.known.clear();
        }
        uses.known.insert(grant.key_id, at);
        let from = from.map(CidrBlock::around);
        let noted = KeyUse { tenant_id: grant.tenant_id.clone(), key_id: grant.key_id, at, from };
        uses.waiting.insert(grant.key_id, noted);
    }

    /// What waits, when it was gathered for long enough.
    fn take(&self, real: Timestamp) -> Vec<KeyUse> {
        let mut uses = self.uses();
        let gathering = uses.flushed.is_some_and(|at| (Duration::ZERO..GATHERED).contains(&real.since(at)));
        if gathering || uses.waiting.is_empty() {
            return Vec::new();
        }
        uses.flushed = Some(real);
        std::mem::take(&mut uses.waiting).into_values().collect()
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ports {
    /// Writes the uses that wait; those that could not be written are lost, and the next ones are later.
    ///
    /// # Errors
    /// The store's.
    pub async fn write_key_uses(&self) -> Result<(), AppError> {
        let uses = self.devportal.key_uses.take(self.clock.real());
        Ok(self.devportal.keys().touch(&uses).await?)
    }
}
