//! Text messages, as messaging-service says it. Its log is asked and never copied (devportal.md 3.13).

use std::sync::Arc;

use sarai_domain::{
    devportal::values::{E164Phone, Environment, Scope as KeyScope},
    kernel::{Digest, Kind, MessageId, TenantId, Timestamp, jws},
};
use sarai_ports::{
    GatewayError, Page, PageRequest,
    auth::Role,
    devportal::{
        DeliveryReceipt, Message, MessageErrorCode, MessageFilter, MessageQuote, MessageStats, NewMessage,
        OperatorHealth, SenderId, Traffic,
    },
};
use serde::Serialize;

use crate::{AppError, Call, Ports};

/// Whose routes messages are, beside keys with a scope.
const USERS: &[Role] = &[Role::Customer];
/// The header `typ` of a signed receipt.
pub const RECEIPT_TYPE: &str = "sarai-delivery-receipt+jwt";
/// Who signs receipts.
const RECEIPT_ISSUER: &str = "https://sarai.local/messages";

/// What messaging refuses with: its code, and class, code and sentence of the refusal here.
const REFUSALS: &[(&str, Kind, &str, &str)] = &[
    ("body_empty", Kind::Invalid, "message.body_empty", "a message says something"),
    ("body_too_long", Kind::Invalid, "message.body_too_long", "a message has at most ten parts"),
    ("insufficient_balance", Kind::Conflict, "message.insufficient_balance", "the balance is not enough"),
    ("no_route", Kind::Invalid, "message.no_route", "nothing can be sent to this number"),
    ("not_final", Kind::Conflict, "message.not_final", "the message is still under way"),
    ("sender_not_allowed", Kind::Invalid, "message.sender_not_allowed", "the sender id is not yours there"),
];

/// A message that somebody writes.
#[derive(Debug, Clone)]
pub struct Draft {
    /// In which world; the caller's where none is named.
    pub environment: Option<Environment>,
    /// To whom.
    pub to: E164Phone,
    /// The sender id that is shown.
    pub from: String,
    /// What it says.
    pub body: String,
}

/// What is known for good of a message, signed.
#[derive(Debug, Clone)]
pub struct SignedReceipt {
    /// What is known.
    pub receipt: DeliveryReceipt,
    /// The key that signed it.
    pub key_id: String,
    /// The same as a compact JWS.
    pub token: String,
}

/// What a signed receipt says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptClaims<'a> {
    iss: &'static str,
    sub: &'a MessageId,
    aud: &'a TenantId,
    iat: i64,
    to: &'a str,
    from: &'a str,
    body_sha256: Digest,
    status: &'static str,
    operator_name: Option<&'a str>,
    error_code: Option<&'a str>,
    submitted_at: Timestamp,
    sent_at: Option<Timestamp>,
    final_at: Timestamp,
}

/// The use cases of messages.
#[derive(Clone)]
pub struct Messages {
    ports: Arc<Ports>,
}

/// A refusal of messaging's as one of ours.
fn refused(error: GatewayError) -> AppError {
    let known = match &error {
        GatewayError::Refused { code } => REFUSALS.iter().find(|(theirs, ..)| theirs == code),
        GatewayError::Unavailable(_) => None,
    };
    match known {
        Some((_, kind, code, message)) => AppError::new(*kind, code, *message),
        None => error.into(),
    }
}

fn none() -> AppError {
    AppError::not_found("message")
}

impl Messages {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Sends a message, once under the request's idempotency key.
    ///
    /// # Errors
    /// Those of [`REFUSALS`]; `key.environment_mismatch`.
    pub async fn send(&self, call: &Call, draft: Draft) -> Result<Message, AppError> {
        call.require(USERS, KeyScope::SmsSend)?;
        self.ports.require_active(call).await?;
        let key = match &call.claim {
            Some(claim) => format!("{}:{}", claim.key.principal, claim.key.key_hash),
            None => self.ports.ulid().to_string(),
        };
        let message = new_message(call, draft)?;
        self.ports.devportal.messaging.send(&key, &message).await.map_err(refused)
    }

    /// What a message would be and cost.
    ///
    /// # Errors
    /// As [`Messages::send`], but for the balance.
    pub async fn quote(&self, call: &Call, draft: Draft) -> Result<MessageQuote, AppError> {
        call.require(USERS, KeyScope::SmsSend)?;
        let message = new_message(call, draft)?;
        self.ports.devportal.messaging.quote(&message).await.map_err(refused)
    }

    /// A part of the log, latest first.
    ///
    /// # Errors
    /// `key.environment_mismatch`.
    pub async fn list(
        &self,
        call: &Call,
        environment: Option<Environment>,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, AppError> {
        let of = reading(call, environment)?;
        Ok(self.ports.devportal.messaging.messages(&of, filter, page).await?)
    }

    /// How many messages are where.
    ///
    /// # Errors
    /// As [`Messages::list`].
    pub async fn stats(
        &self,
        call: &Call,
        environment: Option<Environment>,
        filter: &MessageFilter,
    ) -> Result<MessageStats, AppError> {
        let of = reading(call, environment)?;
        Ok(self.ports.devportal.messaging.stats(&of, filter).await?)
    }

    /// One message.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(
        &self,
        call: &Call,
        environment: Option<Environment>,
        id: &MessageId,
    ) -> Result<Message, AppError> {
        for of in places(call, environment)? {
            if let Some(message) = self.ports.devportal.messaging.message(&of, id).await? {
                return Ok(message);
            }
        }
        Err(none())
    }

    /// What is known for good of a message, signed so that others can check it without asking.
    ///
    /// # Errors
    /// `message.not_final` while it is under way.
    pub async fn receipt(
        &self,
        call: &Call,
        environment: Option<Environment>,
        id: &MessageId,
    ) -> Result<SignedReceipt, AppError> {
        for of in places(call, environment)? {
            if let Some(receipt) = self.ports.devportal.messaging.receipt(&of, id).await.map_err(refused)? {
                return self.signed(&of.tenant_id, receipt);
            }
        }
        Err(none())
    }

    /// What the caller's tenant may send from.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn sender_ids(&self, call: &Call) -> Result<Vec<SenderId>, AppError> {
        call.require(USERS, KeyScope::SmsRead)?;
        Ok(self.ports.devportal.messaging.sender_ids(&call.principal.tenant_id).await?)
    }

    /// Every code that a message can fail with.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn error_codes(&self, call: &Call) -> Result<Vec<MessageErrorCode>, AppError> {
        call.require(USERS, KeyScope::SmsRead)?;
        Ok(self.ports.devportal.messaging.error_codes().await?)
    }

    /// How an operator did in the last hour, over all tenants.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn operator_health(&self, call: &Call, name: &str) -> Result<OperatorHealth, AppError> {
        call.require(USERS, KeyScope::SmsRead)?;
        let found = self.ports.devportal.messaging.operator_health(name).await?;
        found.ok_or_else(|| AppError::not_found("operator"))
    }

    fn signed(&self, tenant: &TenantId, receipt: DeliveryReceipt) -> Result<SignedReceipt, AppError> {
        let signer = &self.ports.signer;
        let key_id = signer.key_id().to_owned();
        let claims = ReceiptClaims {
            iss: RECEIPT_ISSUER,
            sub: &receipt.message_id,
            aud: tenant,
            iat: self.ports.now().unix_micros().div_euclid(1_000_000),
            to: receipt.to.as_str(),
            from: &receipt.from,
            body_sha256: receipt.body_digest,
            status: receipt.status.name(),
            operator_name: receipt.operator_name.as_deref(),
            error_code: receipt.error_code.as_deref(),
            submitted_at: receipt.submitted_at,
            sent_at: receipt.sent_at,
            final_at: receipt.final_at,
        };
        let input = jws::signing_input(RECEIPT_TYPE, &key_id, &claims)
            .map_err(|error| AppError::new(Kind::Unavailable, "unavailable", error.to_string()))?;
        let token = jws::token(&input, &signer.sign(input.as_bytes()));
        Ok(SignedReceipt { receipt, key_id, token })
    }
}

fn new_message(call: &Call, draft: Draft) -> Result<NewMessage, AppError> {
    let Draft { environment, to, from, body } = draft;
    let environment = call.environment(environment)?;
    let of = Traffic { tenant_id: call.principal.tenant_id.clone(), environment };
    Ok(NewMessage { of, key_id: call.principal.key().map(|grant| grant.key_id), to, from, body })
}

/// The caller's log of one world.
fn reading(call: &Call, named: Option<Environment>) -> Result<Traffic, AppError> {
    call.require(USERS, KeyScope::SmsRead)?;
    let environment = call.environment(named)?;
    Ok(Traffic { tenant_id: call.principal.tenant_id.clone(), environment })
}

/// Where the message of an id can be: in the world named or the key's; in either where none is, because the id says which.
fn places(call: &Call, named: Option<Environment>) -> Result<Vec<Traffic>, AppError> {
    let first = reading(call, named)?;
    let second = Traffic { environment: Environment::Sandbox, ..first.clone() };
    let either = named.is_none() && call.principal.key().is_none();
    Ok(if either { vec![first, second] } else { vec![first] })
}
