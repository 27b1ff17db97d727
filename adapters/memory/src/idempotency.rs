//! Idempotency keys.

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    StoreError,
    idempotency::{Claim, ClaimKey, ClaimState, IdempotencyStore, StoredResponse},
};

use crate::{MemoryStore, state::State};

impl State {
    /// Whether a claim can be written: nobody has the key, or its owner is gone without an effect.
    pub(crate) fn check_claim(&self, claim: &Claim, real: Timestamp) -> Result<(), StoreError> {
        match self.claims.get(&claim.key) {
            Some((held, _))
                if held.response.is_some() || held.resource_id.is_some() || held.lease_until > real =>
            {
                Err(StoreError::ClaimHeld)
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl IdempotencyStore for MemoryStore {
    async fn find(&self, key: &ClaimKey) -> Result<Option<ClaimState>, StoreError> {
        Ok(self.state().claims.get(key).map(|(state, _)| state.clone()))
    }

    async fn claim(&self, claim: &Claim) -> Result<(), StoreError> {
        let real = self.clock.real();
        let mut state = self.state();
        state.check_claim(claim, real)?;
        let taken = ClaimState {
            fingerprint: claim.fingerprint.clone(),
            lease_until: claim.lease_until,
            resource_id: None,
            response: None,
        };
        state.claims.insert(claim.key.clone(), (taken, real));
        Ok(())
    }

    async fn complete(&self, claim: &Claim, response: &StoredResponse) -> Result<bool, StoreError> {
        let real = self.clock.real();
        let mut state = self.state();
        let (held, _) = state.claims.entry(claim.key.clone()).or_insert_with(|| {
            let taken = ClaimState {
                fingerprint: claim.fingerprint.clone(),
                lease_until: claim.lease_until,
                resource_id: None,
                response: None,
            };
            (taken, real)
        });
        let ours = held.resource_id.is_none() || held.lease_until == claim.lease_until;
        let open = ours && held.fingerprint == claim.fingerprint && held.response.is_none();
        if open {
            held.response = Some(response.clone());
        }
        Ok(open)
    }

    async fn abandon(&self, key: &ClaimKey) -> Result<(), StoreError> {
        let mut state = self.state();
        if state
            .claims
            .get(key)
            .is_some_and(|(held, _)| held.resource_id.is_none() && held.response.is_none())
        {
            state.claims.remove(key);
        }
        Ok(())
    }

    async fn purge(&self, before: Timestamp) -> Result<usize, StoreError> {
        let mut state = self.state();
        let kept = state.claims.len();
        state.claims.retain(|_, (_, taken_at)| *taken_at >= before);
        Ok(kept - state.claims.len())
    }
}
