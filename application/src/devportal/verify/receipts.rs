//! What providers say of sends, whichever way it comes: late, twice, out of order, before the answer to the send, and for
//! each part of a message by itself (ruling R19).

use std::cmp::Reverse;

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        values::Address,
        verify::{SendReport, SendStatus},
    },
    kernel::{DeliveryAttemptId, Kind, TenantId, VerificationId},
};
use sarai_ports::{
    Scope, StoreError,
    devportal::{
        Callback, CallbackError, Part, Receipt, ReceiptStatus, Receipts, fate,
        receipts::{ParkedReceipt, ReceiptRepository, SentPart},
        verify::DueSend,
    },
};
use time::Duration;

use super::Verify;
use crate::AppError;

/// How long a receipt waits for what it speaks of.
const PARKED: Duration = Duration::minutes(10);
/// How long after a send receipts are understood.
const UNDERSTOOD: Duration = Duration::days(7);

impl Verify {
    fn receipts(&self) -> &dyn ReceiptRepository {
        &*self.ports.devportal.store
    }

    /// Takes what a provider calls back with; whether it was that provider. Once it is, it is told nothing but that it was
    /// heard.
    ///
    /// # Errors
    /// The store's, and then the provider says it again.
    pub async fn callback(&self, provider: &str, callback: Callback<'_>) -> Result<bool, AppError> {
        let Some(reader) = &self.ports.devportal.callbacks else { return Ok(false) };
        match reader.read(provider, callback, self.ports.clock.real()) {
            Ok(receipts) => {
                for receipt in receipts {
                    self.arrived(receipt).await?;
                }
                Ok(true)
            }
            Err(CallbackError::BadSignature) => Ok(false),
            Err(error @ CallbackError::Malformed(_)) => {
                tracing::warn!(provider, %error, "a provider's callback is not understood");
                Ok(true)
            }
        }
    }

    /// The send itself, as part 0: noted before anything leaves.
    pub(super) async fn note_send(
        &self,
        due: &DueSend,
        provider: &str,
        to: &Address,
    ) -> Result<SentPart, AppError> {
        let part = SentPart {
            provider: provider.to_owned(),
            message_id: due.attempt_id.to_string(),
            attempt_id: due.attempt_id,
            tenant_id: due.session.tenant_id.clone(),
            verification_id: due.session.id,
            recipient: self.tools()?.destinations.platform_hash(to),
            no: 0,
            of: 0,
            status: ReceiptStatus::Accepted,
            at: self.ports.clock.real(),
        };
        self.receipts().note_parts(std::slice::from_ref(&part)).await?;
        Ok(part)
    }

    /// Notes the parts that a provider took of a send, and takes up the receipts that came before.
    pub(super) async fn note_taken(&self, send: &SentPart, parts: &[Part]) -> Result<(), AppError> {
        let part = |part: &Part| SentPart {
            message_id: part.provider_message_id.clone(),
            no: part.no,
            of: part.of,
            ..send.clone()
        };
        let parts: Vec<SentPart> = parts.iter().map(part).collect();
        self.receipts().note_parts(&parts).await?;
        let mut names: Vec<String> = parts.into_iter().map(|part| part.message_id).collect();
        names.push(send.message_id.clone());
        let since = self.ports.clock.real().plus(-PARKED);
        for receipt in self.receipts().find_parked(&send.provider, &names, since).await? {
            if self.matched(&receipt).await? {
                self.receipts().unpark(&receipt).await?;
            }
        }
        Ok(())
    }

    /// The send whose sender said nothing: a receipt may have come all the same.
    pub(super) async fn note_lost(&self, due: &DueSend) -> Result<(), AppError> {
        match self.send_itself(due.attempt_id).await? {
            Some(send) => self.note_taken(&send, &[]).await,
            None => Ok(()),
        }
    }

    async fn send_itself(&self, attempt_id: DeliveryAttemptId) -> Result<Option<SentPart>, StoreError> {
        Ok(self.receipts().parts_of(attempt_id).await?.into_iter().find(|part| part.no == 0))
    }

    /// Takes a receipt, or keeps it for a while.
    async fn arrived(&self, receipt: Receipt) -> Result<(), AppError> {
        let hashes = &self.tools()?.destinations;
        let recipient = receipt.recipient.as_ref().map(|to| hashes.platform_hash(to));
        let receipt = ParkedReceipt::of(receipt, recipient, self.ports.clock.real());
        if self.matched(&receipt).await? {
            return Ok(());
        }
        self.receipts().park(&receipt).await?;
        // What it speaks of may have been noted just now, by somebody who did not see it.
        if self.matched(&receipt).await? {
            self.receipts().unpark(&receipt).await?;
        }
        Ok(())
    }

    /// Finds what a receipt speaks of, and tells it; whether there was such a thing.
    async fn matched(&self, receipt: &ParkedReceipt) -> Result<bool, AppError> {
        let found = self.receipts().find_parts(&receipt.provider, &receipt.names()).await?;
        let fits = found.into_iter().filter_map(|part| Some((receipt.fits(&part)?, part)));
        // A provider that counts anew gives a name again: it speaks of the latest send, whatever it said of that before.
        let nearest = |(place, part): &(usize, SentPart)| (*place, part.no == 0, Reverse(part.at));
        let Some((_, part)) = fits.min_by_key(nearest) else { return Ok(false) };
        if part.no > 0 {
            self.tell_part(&part, receipt).await?;
            return Ok(true);
        }
        // Our reference, and a name nobody knows: of a send whose answer is awaited that is a part to come, of one whose
        // answer never came it is the message.
        let (Some(name), false) = (receipt.message_ids.first(), self.is_in_hand(&part).await?) else {
            return Ok(false);
        };
        let known = self.receipts().parts_of(part.attempt_id).await?.into_iter().any(|part| part.no > 0);
        let only = SentPart { message_id: name.clone(), no: 1, of: 1, ..part };
        if !known {
            self.receipts().note_parts(std::slice::from_ref(&only)).await?;
            self.tell_part(&only, receipt).await?;
        }
        Ok(true)
    }

    /// Whether a sender still has a send in hand.
    async fn is_in_hand(&self, send: &SentPart) -> Result<bool, AppError> {
        let scope = Scope::Within(send.tenant_id.clone());
        let session = match self.find(&scope, send.verification_id).await {
            Err(error) if error.kind == Kind::NotFound => return Ok(false),
            found => found?,
        };
        let status = session.send(send.attempt_id).map(|send| send.status);
        Ok(matches!(status, Some(SendStatus::Queued | SendStatus::Sending)))
    }

    /// Writes what a provider says of a part, and tells the session what that makes of the whole.
    async fn tell_part(&self, part: &SentPart, receipt: &ParkedReceipt) -> Result<(), AppError> {
        self.receipts().mark_part(part, receipt.status).await?;
        let parts = self.receipts().parts_of(part.attempt_id).await?;
        let parts = parts.into_iter().filter(|one| one.no > 0 && one.provider == part.provider);
        let parts: Vec<_> = parts.map(|one| (one.no, one.status)).collect();
        // Of several parts nobody knows what the whole cost until each was told: it is settled as it was quoted.
        let price = receipt.price.filter(|_| part.of == 1);
        let report = match fate(part.of, parts) {
            Some(ReceiptStatus::Delivered) => SendReport::Delivered { price },
            Some(ReceiptStatus::Undelivered) => {
                let error_code = receipt.error_code.clone().unwrap_or_else(|| "undelivered".to_owned());
                SendReport::Undelivered { error_code, price }
            }
            Some(ReceiptStatus::Accepted) | None => return Ok(()),
        };
        self.tell_of(&part.tenant_id, part.verification_id, part.attempt_id, report).await
    }

    async fn tell_of(
        &self,
        tenant: &TenantId,
        id: VerificationId,
        attempt_id: DeliveryAttemptId,
        report: SendReport,
    ) -> Result<(), AppError> {
        match self.tell(&Scope::Within(tenant.clone()), id, attempt_id, report).await {
            // It is gone, or past what a receipt can change.
            Err(error) if !matches!(error.kind, Kind::Unavailable) && error.code != "conflict.retry" => {
                tracing::info!(verification = %id, code = error.code, "a receipt changes nothing");
                Ok(())
            }
            told => told.map(drop),
        }
    }

    /// Forgets receipts that nothing came for, and parts of which nothing more will be said.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_receipts(&self) -> Result<(), AppError> {
        let real = self.ports.clock.real();
        Ok(self.receipts().forget_receipts(real.plus(-PARKED), real.plus(-UNDERSTOOD)).await?)
    }
}

fn as_store(error: &AppError) -> StoreError {
    StoreError::Unavailable(format!("{}: {}", error.code, error.message))
}

#[async_trait]
impl Receipts for Verify {
    async fn arrived(&self, receipt: Receipt) -> Result<(), StoreError> {
        Self::arrived(self, receipt).await.map_err(|error| as_store(&error))
    }

    async fn taken_late(
        &self,
        _provider: &str,
        attempt_id: DeliveryAttemptId,
        part: Part,
    ) -> Result<(), StoreError> {
        match self.send_itself(attempt_id).await? {
            Some(send) => self.note_taken(&send, &[part]).await.map_err(|error| as_store(&error)),
            None => Ok(()),
        }
    }
}
