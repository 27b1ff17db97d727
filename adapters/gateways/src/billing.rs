//! billing-service over HTTP; the contract is `fixtures/contracts/billing.json`.

use std::path::Path;

use async_trait::async_trait;
use hyper::Method;
use sarai_domain::kernel::{Money, OrderId, PaymentId, PaymentIntentId, TenantId};
use sarai_ports::{
    GatewayError,
    marketplace::{
        BillingGateway, IntentCreated, IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus,
        RefundStatus, TaxAnswer, TaxRequest, VoidAnswer,
    },
};

use crate::{
    AddressError,
    client::{Client, Failure},
    wire::{Payment, Payout, Refund, Wire},
};

/// Billing behind an address.
#[derive(Debug, Clone)]
pub struct BillingClient {
    pub(crate) client: Client,
}

impl BillingClient {
    /// The service at this address, believed over TLS with a certificate of a public authority, or of this file's (PEM).
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none, and for a file without certificates.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address, authorities)? })
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
