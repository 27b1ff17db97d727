//! What providers took and what they say of it: the parts of sends by the provider's names for them, and receipts that came
//! before what they speak of (ruling R19).

use async_trait::async_trait;
use sarai_domain::{
    devportal::values::DestinationHash,
    kernel::{DeliveryAttemptId, Price, TenantId, Timestamp, VerificationId},
};
use serde::{Deserialize, Serialize};

use super::{Receipt, ReceiptStatus};
use crate::StoreError;

/// A part of a send, as a provider calls it. Before anything is sent it is the send itself, as part 0 under the name
/// that we gave it: so whoever says our reference is understood, whatever the provider's answer was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPart {
    /// Which provider: a sender's name.
    pub provider: String,
    /// How it calls the part.
    pub message_id: String,
    /// Which send.
    pub attempt_id: DeliveryAttemptId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Of which session.
    pub verification_id: VerificationId,
    /// To whom, hashed without the tenant.
    pub recipient: DestinationHash,
    /// Which part, from 1; 0 for the send itself.
    pub no: u8,
    /// Of how many.
    pub of: u8,
    /// What the provider said of it last; a final word stays.
    pub status: ReceiptStatus,
    /// When it was handed over.
    pub at: Timestamp,
}

/// A receipt as it is kept until what it speaks of is known: the person it went to only by hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParkedReceipt {
    /// Whose it is: a sender's name.
    pub provider: String,
    /// How the provider calls the part, in every way it may have called it.
    pub message_ids: Vec<String>,
    /// Our reference, where the provider gives it back.
    pub attempt_id: Option<DeliveryAttemptId>,
    /// To whom it went, hashed without the tenant, where the provider says so.
    pub recipient: Option<DestinationHash>,
    /// What happened.
    pub status: ReceiptStatus,
    /// What went wrong, in the provider's code.
    pub error_code: Option<String>,
    /// What it cost, where the provider says so.
    pub price: Option<Price>,
    /// When it came.
    pub at: Timestamp,
}

impl ParkedReceipt {
    /// A receipt that came now, from somebody who is known by this hash.
    pub fn of(receipt: Receipt, recipient: Option<DestinationHash>, at: Timestamp) -> Self {
        Self {
            provider: receipt.provider,
            message_ids: receipt.provider_message_ids,
            attempt_id: receipt.attempt_id,
            recipient,
            status: receipt.status,
            error_code: receipt.error_code,
            price: receipt.price,
            at,
        }
    }

    /// Every name under which a part of its send may be known.
    pub fn names(&self) -> Vec<String> {
        let reference = self.attempt_id.map(|id| id.to_string());
        self.message_ids.iter().cloned().chain(reference).collect()
    }

    /// Whether it speaks of a part: as [`Receipt::fits`].
    pub fn fits(&self, part: &SentPart) -> Option<usize> {
        if let Some(reference) = self.attempt_id {
            return (reference == part.attempt_id).then_some(0);
        }
        let place = self.message_ids.iter().position(|id| *id == part.message_id)?;
        // Who names another person means another send, under whichever of our names.
        self.recipient.is_none_or(|recipient| recipient == part.recipient).then_some(place)
    }

    /// What tells it from others under the same name: its word, and whom it speaks of.
    pub fn key(&self) -> String {
        let recipient = self.recipient.map(|hash| hash.to_string()).unwrap_or_default();
        format!("{} {recipient}", self.status.as_str())
    }
}

/// Parts and parked receipts, of all tenants: providers know of none.
#[async_trait]
pub trait ReceiptRepository: Send + Sync {
    /// Notes parts; one that is known stays as it is.
    async fn note_parts(&self, parts: &[SentPart]) -> Result<(), StoreError>;
    /// A provider's parts under any of these names.
    async fn find_parts(&self, provider: &str, message_ids: &[String]) -> Result<Vec<SentPart>, StoreError>;
    /// Every part of a send, in order, the send itself among them.
    async fn parts_of(&self, attempt_id: DeliveryAttemptId) -> Result<Vec<SentPart>, StoreError>;
    /// Writes what a provider says of a part, unless it said something final before; whether it was written.
    async fn mark_part(&self, part: &SentPart, status: ReceiptStatus) -> Result<bool, StoreError>;
    /// Keeps a receipt under each of its names; the same one twice is one.
    async fn park(&self, receipt: &ParkedReceipt) -> Result<(), StoreError>;
    /// A provider's parked receipts under any of these names that came after a time.
    async fn find_parked(
        &self,
        provider: &str,
        names: &[String],
        since: Timestamp,
    ) -> Result<Vec<ParkedReceipt>, StoreError>;
    /// Takes a receipt out, under each of its names.
    async fn unpark(&self, receipt: &ParkedReceipt) -> Result<(), StoreError>;
    /// Forgets parked receipts and parts that are older.
    async fn forget_receipts(
        &self,
        parked_before: Timestamp,
        sent_before: Timestamp,
    ) -> Result<(), StoreError>;
}
