//! Answers about keys, remembered for a moment so that a busy key is not asked about with every request (ruling R24).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sarai_domain::{
    devportal::{api_key::ANSWERS_CACHED, values::RawKey},
    kernel::{ApiKeyId, Timestamp},
};
use sarai_ports::{
    GatewayError,
    devportal::{KeyAuthenticator, KeyGrant, KeyRefusal},
    system::{Clock, Entropy},
};
use sha2::Sha256;
use zeroize::Zeroizing;

/// How many keys are remembered at most.
const CAPACITY: usize = 50_000;

/// Remembers what a key is good for, by the MAC of the key under a secret of this process; refusals are not
/// remembered. No answer is older than [`ANSWERS_CACHED`], and a key that is over is not answered from here; that a key was
/// good stays known until it is refused.
pub struct RememberedKeys {
    keys: Arc<dyn KeyAuthenticator>,
    clock: Arc<dyn Clock>,
    secret: Zeroizing<[u8; 32]>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<[u8; 32], Answer>,
    /// Counts what was forgotten: an answer that was asked for before does not come in after.
    forgotten: u64,
}

struct Answer {
    grant: KeyGrant,
    /// By real time.
    until: Timestamp,
}

impl RememberedKeys {
    /// Remembers what these say.
    pub fn new(keys: Arc<dyn KeyAuthenticator>, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        Self { keys, clock, secret: Zeroizing::new(entropy.bytes()), memory: Mutex::default() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, key: &RawKey) -> Result<[u8; 32], KeyRefusal> {
        let unusable = |_| GatewayError::Unavailable("keys cannot be remembered".to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_slice()).map_err(unusable)?;
        mac.update(key.expose().as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }
}

impl Memory {
    /// Makes room for one more.
    fn make_room(&mut self, now: Timestamp) {
        if self.answers.len() >= CAPACITY {
            self.answers.retain(|_, answer| now < answer.until);
        }
        if self.answers.len() >= CAPACITY {
            self.answers.clear();
        }
    }
}

#[async_trait]
impl KeyAuthenticator for RememberedKeys {
    async fn verify(&self, key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        let place = self.place(key)?;
        let (now, asked) = (self.clock.now(), self.clock.real());
        let forgotten = {
            let memory = self.memory();
            if let Some(answer) = memory.answers.get(&place).filter(|answer| asked < answer.until) {
                let over = answer.grant.terms.ends_at.is_some_and(|end| now >= end);
                return if over { Err(KeyRefusal::Invalid) } else { Ok(answer.grant.clone()) };
            }
            memory.forgotten
        };
        let grant = self.keys.verify(key).await.inspect_err(|refusal| {
            if matches!(refusal, KeyRefusal::Invalid) {
                self.memory().answers.remove(&place);
            }
        })?;
        let mut memory = self.memory();
        if memory.forgotten == forgotten {
            memory.make_room(asked);
            // From when it was asked for: what is true then may be over when the answer arrives.
            let until = asked.plus(ANSWERS_CACHED);
            memory.answers.insert(place, Answer { grant: grant.clone(), until });
        }
        Ok(grant)
    }

    fn remembers(&self, key: &RawKey) -> bool {
        self.place(key).is_ok_and(|place| self.memory().answers.contains_key(&place))
    }

    fn forget(&self, key_id: &ApiKeyId) {
        let mut memory = self.memory();
        memory.forgotten = memory.forgotten.wrapping_add(1);
        memory.answers.retain(|_, answer| answer.grant.key_id != *key_id);
    }
}

#[cfg(test)]
#[path = "key_memory_tests.rs"]
mod tests;
