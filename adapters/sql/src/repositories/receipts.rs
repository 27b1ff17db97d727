//! Parts that providers took, and receipts that came before them: of all tenants, for providers know of none.

use async_trait::async_trait;
use sarai_domain::{
    devportal::values::DestinationHash,
    kernel::{DeliveryAttemptId, Timestamp},
};
use sarai_ports::{
    Scope, StoreError,
    devportal::{
        ReceiptStatus,
        receipts::{ParkedReceipt, ReceiptRepository, SentPart},
    },
};

use crate::{
    Database, Record, Store, Value,
    load::{parsed, tenant},
    purge::Old,
    statement::{Statement, args},
};

const PARTS: &str = "select provider, message_id, attempt_id, tenant_id, verification_id, recipient, no, of_parts, \
     status, at from sent_parts where";

const PARKED: Old = Old { table: "parked_receipts", key: "provider, name, key", age: "at", than: "<=" };
const SENT: Old = Old { table: "sent_parts", key: "provider, message_id, attempt_id", age: "at", than: "<=" };

fn unreadable(what: &str) -> StoreError {
    StoreError::Corrupt { aggregate: "receipt", id: String::new(), reason: format!("{what} cannot be read") }
}

fn part(record: &Record) -> Result<SentPart, StoreError> {
    let status =
        ReceiptStatus::ALL.into_iter().find(|one| record.text(8).is_ok_and(|text| one.as_str() == text));
    let number = |place| u8::try_from(record.int(place)?).map_err(|_| unreadable("a part"));
    let recipient = record.text(5)?.parse().map_err(|_| unreadable("a recipient"))?;
    Ok(SentPart {
        provider: record.text(0)?.to_owned(),
        message_id: record.text(1)?.to_owned(),
        attempt_id: parsed(record.text(2)?)?,
        tenant_id: tenant(record, 3)?,
        verification_id: parsed(record.text(4)?)?,
        recipient: DestinationHash(recipient),
        no: number(6)?,
        of: number(7)?,
        status: status.ok_or_else(|| unreadable("a status"))?,
        at: record.time(9)?,
    })
}

impl<D: Database> Store<D> {
    async fn parts(&self, condition: &str, args: Vec<Value>) -> Result<Vec<SentPart>, StoreError> {
        let text = format!("{PARTS} {condition} order by no, message_id");
        self.ask(&Scope::System, Statement::new(text, args)).await?.iter().map(part).collect()
    }
}

#[async_trait]
impl<D: Database> ReceiptRepository for Store<D> {
    async fn note_parts(&self, parts: &[SentPart]) -> Result<(), StoreError> {
        let text = "insert into sent_parts (provider, message_id, attempt_id, tenant_id, verification_id, recipient, \
             no, of_parts, status, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing";
        let insert = |part: &SentPart| {
            let args = args![
                part.provider.as_str(),
                part.message_id.as_str(),
                part.attempt_id.to_string(),
                part.tenant_id.as_str(),
                part.verification_id.to_string(),
                part.recipient.to_string(),
                i64::from(part.no),
                i64::from(part.of),
                part.status.as_str(),
                part.at,
            ];
            (text.to_owned(), args)
        };
        if !parts.is_empty() {
            self.database.run_all(&Scope::System, parts.iter().map(insert).collect()).await?;
        }
        Ok(())
    }

    async fn find_parts(&self, provider: &str, message_ids: &[String]) -> Result<Vec<SentPart>, StoreError> {
        let among = self.database.dialect().among("message_id", "$2");
        let args = vec![provider.into(), Value::Texts(message_ids.to_vec())];
        self.parts(&format!("provider = $1 and {among}"), args).await
    }

    async fn parts_of(&self, attempt_id: DeliveryAttemptId) -> Result<Vec<SentPart>, StoreError> {
        self.parts("attempt_id = $1", args![attempt_id.to_string()]).await
    }

    async fn mark_part(&self, part: &SentPart, status: ReceiptStatus) -> Result<bool, StoreError> {
        if status == ReceiptStatus::Accepted {
            return Ok(false);
        }
        let text = "update sent_parts set status = $4 where provider = $1 and message_id = $2 and attempt_id = $3 \
             and status = 'ACCEPTED' returning no";
        let args = args![
            part.provider.as_str(),
            part.message_id.as_str(),
            part.attempt_id.to_string(),
            status.as_str()
        ];
        Ok(!self.ask(&Scope::System, Statement::new(text, args)).await?.is_empty())
    }

    async fn park(&self, receipt: &ParkedReceipt) -> Result<(), StoreError> {
        let doc = serde_json::to_string(receipt).map_err(|_| unreadable("a receipt"))?;
        let text = "insert into parked_receipts (provider, name, key, doc, at) values ($1, $2, $3, $4, $5) \
             on conflict (provider, name, key) do update set doc = excluded.doc, at = excluded.at";
        let insert = |name: String| {
            let doc = Value::Json(doc.clone());
            (text.to_owned(), args![receipt.provider.as_str(), name, receipt.key(), doc, receipt.at])
        };
        let statements = receipt.names().into_iter().map(insert).collect();
        self.database.run_all(&Scope::System, statements).await?;
        Ok(())
    }

    async fn find_parked(
        &self,
        provider: &str,
        names: &[String],
        since: Timestamp,
    ) -> Result<Vec<ParkedReceipt>, StoreError> {
        let among = self.database.dialect().among("name", "$2");
        let text = format!(
            "select cast(doc as text) from parked_receipts where provider = $1 and {among} and at > $3 \
             order by at, key"
        );
        let args = vec![provider.into(), Value::Texts(names.to_vec()), since.into()];
        let mut found: Vec<ParkedReceipt> = Vec::new();
        for record in self.ask(&Scope::System, Statement::new(text, args)).await? {
            let receipt = serde_json::from_str(record.text(0)?).map_err(|_| unreadable("a receipt"))?;
            if !found.contains(&receipt) {
                found.push(receipt);
            }
        }
        Ok(found)
    }

    async fn unpark(&self, receipt: &ParkedReceipt) -> Result<(), StoreError> {
        let among = self.database.dialect().among("name", "$2");
        let text = format!("delete from parked_receipts where provider = $1 and {among} and key = $3");
        let args =
            vec![receipt.provider.as_str().into(), Value::Texts(receipt.names()), receipt.key().into()];
        self.ask(&Scope::System, Statement::new(text, args)).await?;
        Ok(())
    }

    async fn forget_receipts(
        &self,
        parked_before: Timestamp,
        sent_before: Timestamp,
    ) -> Result<(), StoreError> {
        self.forget_old(&PARKED, parked_before).await?;
        self.forget_old(&SENT, sent_before).await?;
        Ok(())
    }
}
