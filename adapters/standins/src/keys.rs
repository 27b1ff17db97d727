//! `auth-service`'s keys: it makes their secrets and keeps HMAC-SHA-256(pepper, key) of them only (platform.md 7).
//!
//! A key ends by business time, as its owner sees it (ruling R69). All refusals are one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sarai_domain::{
    devportal::values::{KeyTrace, RawKey},
    kernel::ApiKeyId,
};
use sarai_gateways::wire::wired;
use sarai_ports::{
    GatewayError,
    devportal::{IssuedKey, KeyAuthenticator, KeyGrant, KeyRefusal, KeySecretIssuer, KeyTerms},
    system::{Clock, Entropy},
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    documents::{Documents, DocumentsError},
    faults::Faults,
    keyed::refused,
    locked,
    table::Table,
};

/// The keys of auth, embedded.
pub struct KeysStandIn {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pepper: Zeroizing<[u8; 32]>,
    documents: Arc<Documents>,
    state: Mutex<State>,
    faults: Faults,
}

struct State {
    /// None for one that was revoked before it was issued.
    keys: Table<ApiKeyId, Option<Issued>>,
    /// The key of each digest.
    digests: BTreeMap<[u8; 32], ApiKeyId>,
}

#[derive(Serialize, Deserialize)]
struct Issued {
    #[serde(with = "wired")]
    grant: KeyGrant,
    digest: [u8; 32],
    trace: KeyTrace,
    revoked: bool,
}

impl KeysStandIn {
    /// The keys of these documents; the pepper is in none of them.
    ///
    /// # Errors
    /// [`DocumentsError::Unreadable`].
    pub fn new(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        pepper: [u8; 32],
        documents: Arc<Documents>,
    ) -> Result<Self, DocumentsError> {
        let mut keys = Table::new("auth.key");
        keys.fill(&documents)?;
        let issued =
            keys.iter().filter_map(|(id, key): (_, &Option<Issued>)| Some((key.as_ref()?.digest, *id)));
        let state = Mutex::new(State { digests: issued.collect(), keys });
        let pepper = Zeroizing::new(pepper);
        Ok(Self { clock, entropy, pepper, documents, state, faults: Faults::default() })
    }

    /// Whether every call fails as unavailable before it does anything.
    pub fn set_outage(&self, outage: bool) {
        self.faults.set_outage(outage);
    }

    /// Makes the next calls do their work and then fail as unavailable: the caller cannot know the outcome.
    pub fn lose_answers(&self, calls: u32) {
        self.faults.lose_answers(calls);
    }

    fn digest(&self, key: &RawKey) -> Result<[u8; 32], GatewayError> {
        let unusable = |_| GatewayError::Unavailable("the pepper is none".to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(self.pepper.as_slice()).map_err(unusable)?;
        mac.update(key.expose().as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    /// Runs a call under the faults; answers when what it changed is kept.
    async fn turn<T>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let answer = self.decide(work)?;
        self.documents.kept().await?;
        answer
    }

    fn decide<T>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, GatewayError>,
    ) -> Result<Result<T, GatewayError>, GatewayError> {
        let mut state = locked(&self.state);
        let answer = self.faults.call(|| work(&mut state));
        let mut changes = self.documents.changes();
        state.keys.note(&mut changes)?;
        self.documents.write(changes);
        Ok(answer)
    }
}

#[async_trait]
impl KeySecretIssuer for KeysStandIn {
    async fn issue(&self, grant: &KeyGrant) -> Result<IssuedKey, GatewayError> {
        let random = Zeroizing::new(self.entropy.bytes());
        self.turn(|state| match state.keys.get(&grant.key_id) {
            None => {
                let key = RawKey::from_random(grant.environment, &random);
                let trace = KeyTrace::of(key.expose()).map_err(|_| refused("invalid_request"))?;
                let digest = self.digest(&key)?;
                state.digests.insert(digest, grant.key_id);
                let issued = Issued { grant: grant.clone(), digest, trace, revoked: false };
                state.keys.insert(grant.key_id, Some(issued));
                Ok(IssuedKey::Fresh(key))
            }
            Some(None | Some(Issued { revoked: true, .. })) => Err(refused("revoked")),
            Some(Some(issued)) if same_but_for_terms(&issued.grant, grant) => {
                Ok(IssuedKey::Before(issued.trace.clone()))
            }
            Some(Some(_)) => Err(refused("key_reused")),
        })
        .await
    }

    async fn amend(&self, key_id: &ApiKeyId, terms: &KeyTerms) -> Result<(), GatewayError> {
        self.turn(|state| {
            let known =
                state.keys.get(key_id).and_then(Option::as_ref).ok_or_else(|| refused("not_found"))?;
            if known.grant.terms.version < terms.version
                && let Some(Some(issued)) = state.keys.get_mut(key_id)
            {
                issued.grant.terms = terms.clone();
            }
            Ok(())
        })
        .await
    }

    async fn revoke(&self, key_id: &ApiKeyId) -> Result<(), GatewayError> {
        self.turn(|state| {
            match state.keys.get_mut(key_id) {
                Some(Some(issued)) => issued.revoked = true,
                Some(None) => {}
                None => state.keys.insert(*key_id, None),
            }
            Ok(())
        })
        .await
    }
}

/// Whether a key issued as the one would be the other's: terms may have changed since.
fn same_but_for_terms(issued: &KeyGrant, asked: &KeyGrant) -> bool {
    *issued == KeyGrant { terms: issued.terms.clone(), ..asked.clone() }
}

#[async_trait]
impl KeyAuthenticator for KeysStandIn {
    async fn verify(&self, key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        let (digest, now) = (self.digest(key)?, self.clock.now());
        let found = self
            .turn(|state| {
                let issued = state.digests.get(&digest).and_then(|id| state.keys.get(id)?.as_ref());
                let live = |issued: &&Issued| {
                    !issued.revoked && issued.grant.terms.ends_at.is_none_or(|end| now < end)
                };
                Ok(issued.filter(live).map(|issued| issued.grant.clone()))
            })
            .await?;
        found.ok_or(KeyRefusal::Invalid)
    }
}
