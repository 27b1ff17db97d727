//! messaging-service over HTTP; the contract is `fixtures/contracts/messaging.json`. Numbers are in bodies, never
//! in addresses.

use std::path::Path;

use async_trait::async_trait;
use hyper::Method;
use sarai_domain::kernel::{MessageId, TenantId};
use sarai_ports::{
    GatewayError, Page, PageRequest,
    devportal::{
        DailyMessages, DailyRequest, DeliveryReceipt, Message, MessageErrorCode, MessageFilter, MessageQuote,
        MessageStats, MessagingGateway, NewMessage, OperatorHealth, SenderId, Traffic,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    AddressError,
    client::{Client, Failure},
    wire::{Count, OneMessage, Search, Wire},
};

/// Messaging behind an address.
#[derive(Debug, Clone)]
pub struct MessagingClient {
    pub(crate) client: Client,
}

impl MessagingClient {
    /// The service at this address, believed over TLS with a certificate of a public authority, or of this file's (PEM).
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none, and for a file without certificates.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address, authorities)? })
    }

    async fn ask<A: DeserializeOwned>(
        &self,
        what: &[&str],
        body: &impl Serialize,
    ) -> Result<A, GatewayError> {
        Ok(self.client.send(Method::POST, what, body).await?)
    }
}

/// What is there, or that there is none.
pub(crate) fn found<T>(answer: Result<Wire<T>, Failure>) -> Result<Option<T>, GatewayError> {
    match answer {
        Ok(Wire(found)) => Ok(Some(found)),
        Err(Failure::NotFound) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

#[async_trait]
impl MessagingGateway for MessagingClient {
    async fn send(&self, key: &str, message: &NewMessage) -> Result<Message, GatewayError> {
        let Wire(sent) = self.client.send(Method::PUT, &["messages", key], &Wire(message)).await?;
        Ok(sent)
    }

    async fn quote(&self, message: &NewMessage) -> Result<MessageQuote, GatewayError> {
        let Wire(quote) = self.ask(&["quotes"], &Wire(message)).await?;
        Ok(quote)
    }

    async fn messages(
        &self,
        of: &Traffic,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, GatewayError> {
        let body = Search { of: of.clone(), filter: filter.clone(), page: page.clone() };
        let Wire(page) = self.ask(&["log", "search"], &body).await?;
        Ok(page)
    }

    async fn stats(&self, of: &Traffic, filter: &MessageFilter) -> Result<MessageStats, GatewayError> {
        let body = Count { of: of.clone(), filter: filter.clone() };
        let Wire(stats) = self.ask(&["log", "stats"], &body).await?;
        Ok(stats)
    }

    async fn message(&self, of: &Traffic, id: &MessageId) -> Result<Option<Message>, GatewayError> {
        let body = OneMessage { of: of.clone(), message_id: id.clone() };
        found(self.client.send(Method::POST, &["log", "message"], &body).await)
    }

    async fn receipt(&self, of: &Traffic, id: &MessageId) -> Result<Option<DeliveryReceipt>, GatewayError> {
        let body = OneMessage { of: of.clone(), message_id: id.clone() };
        found(self.client.send(Method::POST, &["log", "receipt"], &body).await)
    }

    async fn sender_ids(&self, tenant: &TenantId) -> Result<Vec<SenderId>, GatewayError> {
        let ids: Vec<Wire<SenderId>> = self.client.get(&["tenants", tenant.as_str(), "sender-ids"]).await?;
        Ok(ids.into_iter().map(|Wire(id)| id).collect())
    }

    async fn error_codes(&self) -> Result<Vec<MessageErrorCode>, GatewayError> {
        let codes: Vec<Wire<MessageErrorCode>> = self.client.get(&["error-codes"]).await?;
        Ok(codes.into_iter().map(|Wire(code)| code).collect())
    }

    async fn operator_health(&self, operator: &str) -> Result<Option<OperatorHealth>, GatewayError> {
        found(self.client.get(&["operators", operator, "health"]).await)
    }

    async fn daily(&self, request: &DailyRequest) -> Result<Vec<DailyMessages>, GatewayError> {
        let days: Vec<Wire<DailyMessages>> = self.ask(&["log", "daily"], &Wire(request)).await?;
        Ok(days.into_iter().map(|Wire(day)| day).collect())
    }
}
