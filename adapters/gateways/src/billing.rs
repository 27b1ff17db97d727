//! billing-service over HTTP; the contract is `fixtures/contracts/billing.json`.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use sarai_domain::kernel::{Money, OrderId, PaymentId, PaymentIntentId, TenantId, Timestamp};
use sarai_ports::{
    GatewayError, StoreError,
    marketplace::{
        BillingGateway, IntentCreated, IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus,
        RefundStatus, TaxAnswer, TaxRequest, VoidAnswer,
    },
    system::{Clock, DueWork},
};
use serde::de::DeserializeOwned;

use crate::{
    AddressError,
    client::{Client, Failure},
    wire::{Due, Moved, Now, Payment, Payout, Refund, Wire},
};

/// Billing behind an address.
#[derive(Debug, Clone)]
pub struct BillingClient {
    client: Client,
}

impl BillingClient {
    /// The service at this address.
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none.
    pub fn new(address: &str) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address)? })
    }
}

/// What becomes due at a stand-in behind an address, when business time is moved here: a service that knows no
/// such thing has nothing due.
pub struct BillingDue {
    client: Client,
    clock: Arc<dyn Clock>,
}

impl BillingDue {
    /// The callbacks of this service by this clock.
    pub fn new(billing: &BillingClient, clock: Arc<dyn Clock>) -> Self {
        Self { client: billing.client.clone(), clock }
    }

    async fn ask<A: DeserializeOwned>(&self, what: &str, at: Timestamp) -> Result<Option<A>, StoreError> {
        match self.client.send(Method::POST, &["demo", what], &Now { at }).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Failure::Unavailable(reason)) => Err(StoreError::Unavailable(reason)),
            Err(Failure::NotFound | Failure::Refused(_)) => Ok(None),
        }
    }
}

#[async_trait]
impl DueWork for BillingDue {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<Due> = self.ask("due", after).await?;
        Ok(due.and_then(|due| due.at))
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        let moved: Option<Moved> = self.ask("clock", self.clock.now()).await?;
        Ok(moved.map_or(0, |moved| moved.ran))
    }
}

#[async_trait]
impl BillingGateway for BillingClient {
    async fn tax(&self, request: &TaxRequest) -> Result<TaxAnswer, GatewayError> {
        let Wire(answer) = self.client.send(Method::POST, &["tax"], &Wire(request)).await?;
        Ok(answer)
    }

    async fn create_intent(&self, key: &str, request: &IntentRequest) -> Result<IntentCreated, GatewayError> {
        let Wire(created) = self.client.send(Method::PUT, &["intents", key], &Wire(request)).await?;
        Ok(created)
    }

    async fn pay(
        &self,
        key: &str,
        intent: &PaymentIntentId,
        token: &str,
    ) -> Result<PaymentAnswer, GatewayError> {
        let body = Payment { payment_intent_id: intent.clone(), token: token.to_owned() };
        let Wire(answer) = self.client.send(Method::PUT, &["payments", key], &body).await?;
        Ok(answer)
    }

    async fn void_intent(&self, key: &str) -> Result<VoidAnswer, GatewayError> {
        let Wire(answer) = self.client.send(Method::PUT, &["voids", key], &()).await?;
        Ok(answer)
    }

    async fn intent(&self, key: &str) -> Result<IntentStatus, GatewayError> {
        let Wire(status) = self.client.get(&["intents", key]).await?;
        Ok(status)
    }

    async fn refund(
        &self,
        key: &str,
        order: &OrderId,
        payment: &PaymentId,
        amount: Money,
    ) -> Result<RefundStatus, GatewayError> {
        let body = Refund { order_id: *order, payment_id: payment.clone(), amount };
        let Wire(status) = self.client.send(Method::PUT, &["refunds", key], &body).await?;
        Ok(status)
    }

    async fn refund_status(&self, key: &str) -> Result<Option<RefundStatus>, GatewayError> {
        match self.client.get(&["refunds", key]).await {
            Ok(Wire(status)) => Ok(Some(status)),
            Err(Failure::NotFound) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn pay_out(
        &self,
        key: &str,
        provider: &TenantId,
        amount: Money,
    ) -> Result<PayoutStatus, GatewayError> {
        let body = Payout { provider_tenant_id: provider.clone(), amount };
        let Wire(status) = self.client.send(Method::PUT, &["payouts", key], &body).await?;
        Ok(status)
    }
}
