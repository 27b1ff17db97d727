//! Parts that providers took, and receipts that came before them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sarai_domain::kernel::{DeliveryAttemptId, Timestamp};
use sarai_ports::{
    StoreError,
    devportal::{
        ReceiptStatus,
        receipts::{ParkedReceipt, ReceiptRepository, SentPart},
    },
};

use crate::MemoryStore;

/// Both, each by provider and name.
#[derive(Default)]
pub(crate) struct Receipts {
    parts: BTreeMap<(String, String, DeliveryAttemptId), SentPart>,
    parked: BTreeMap<(String, String, String), ParkedReceipt>,
}

#[async_trait]
impl ReceiptRepository for MemoryStore {
    async fn note_parts(&self, parts: &[SentPart]) -> Result<(), StoreError> {
        let mut state = self.state();
        for part in parts {
            let key = (part.provider.clone(), part.message_id.clone(), part.attempt_id);
            state.receipts.parts.entry(key).or_insert_with(|| part.clone());
        }
        Ok(())
    }

    async fn find_parts(&self, provider: &str, message_ids: &[String]) -> Result<Vec<SentPart>, StoreError> {
        let state = self.state();
        let of = |part: &&SentPart| part.provider == provider && message_ids.contains(&part.message_id);
        Ok(state.receipts.parts.values().filter(of).cloned().collect())
    }

    async fn parts_of(&self, attempt_id: DeliveryAttemptId) -> Result<Vec<SentPart>, StoreError> {
        let state = self.state();
        let of = |part: &&SentPart| part.attempt_id == attempt_id;
        let mut parts: Vec<_> = state.receipts.parts.values().filter(of).cloned().collect();
        parts.sort_by(|one, other| (one.no, &one.message_id).cmp(&(other.no, &other.message_id)));
        Ok(parts)
    }

    async fn mark_part(&self, part: &SentPart, status: ReceiptStatus) -> Result<bool, StoreError> {
        let key = (part.provider.clone(), part.message_id.clone(), part.attempt_id);
        let mut state = self.state();
        let open = state.receipts.parts.get_mut(&key).filter(|one| one.status == ReceiptStatus::Accepted);
        let Some(one) = open.filter(|_| status != ReceiptStatus::Accepted) else { return Ok(false) };
        one.status = status;
        Ok(true)
    }

    async fn park(&self, receipt: &ParkedReceipt) -> Result<(), StoreError> {
        let mut state = self.state();
        for name in receipt.names() {
            state.receipts.parked.insert((receipt.provider.clone(), name, receipt.key()), receipt.clone());
        }
        Ok(())
    }

    async fn find_parked(
        &self,
        provider: &str,
        names: &[String],
        since: Timestamp,
    ) -> Result<Vec<ParkedReceipt>, StoreError> {
        let state = self.state();
        let mut found: Vec<ParkedReceipt> = Vec::new();
        for ((of, name, _), receipt) in &state.receipts.parked {
            if of == provider && names.contains(name) && receipt.at > since && !found.contains(receipt) {
                found.push(receipt.clone());
            }
        }
        Ok(found)
    }

    async fn unpark(&self, receipt: &ParkedReceipt) -> Result<(), StoreError> {
        let mut state = self.state();
        for name in receipt.names() {
            state.receipts.parked.remove(&(receipt.provider.clone(), name, receipt.key()));
        }
        Ok(())
    }

    async fn forget_receipts(
        &self,
        parked_before: Timestamp,
        sent_before: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.receipts.parked.retain(|_, receipt| receipt.at > parked_before);
        state.receipts.parts.retain(|_, part| part.at > sent_before);
        Ok(())
    }
}
