//! `billing-service`: tax, payment intents, refunds, payouts, and a callback for every change.
//!
//! An intent is created open and paid with a test token ([`TEST_TOKENS`]); while a token without an answer
//! has it, it still shows as open. A void tombstones the key: whatever is created under it later is refused
//! (ruling R50), yet a capture already under way may still arrive (ruling R77).

mod ledger;
mod tax;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sarai_domain::kernel::{
    Currency, Money, MoneyError, OrderId, PaymentId, PaymentIntentId, TenantId, Timestamp,
};
use sarai_ports::{
    GatewayError, StoreError,
    inbound::{InboundEvent, InboundRecord, InboundSink, Source},
    marketplace::{
        BillingGateway, IntentCreated, IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus,
        RefundStatus, TaxAnswer, TaxRequest, VoidAnswer,
    },
    system::{Clock, DueWork, IdGenerator},
};
use tokio_util::sync::CancellationToken;

use self::ledger::{Ledger, Turn, bad_amount};
pub use self::{
    tax::tax_rate,
    tokens::{TEST_TOKENS, TestToken},
};
use crate::{
    callbacks::Callbacks,
    documents::{Documents, DocumentsError},
    faults::Faults,
    locked,
};

/// Billing, embedded.
pub struct BillingStandIn {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    documents: Arc<Documents>,
    ledger: Mutex<Ledger>,
    callbacks: Arc<Callbacks>,
    faults: Faults,
}

/// A capture, for whoever reconciles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedPayment {
    /// Its id.
    pub payment_id: PaymentId,
    /// What was captured.
    pub amount: Money,
    /// What of it was returned.
    pub refunded: Money,
}

/// All the money that went through billing in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// Captured from buyers.
    pub captured: Money,
    /// Returned to buyers.
    pub refunded: Money,
    /// Paid to providers.
    pub paid_out: Money,
}

impl BillingStandIn {
    /// The books of these documents; callbacks wait until [`BillingStandIn::connect`] names their receiver.
    ///
    /// # Errors
    /// [`DocumentsError::Unreadable`].
    pub fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        documents: Arc<Documents>,
    ) -> Result<Self, DocumentsError> {
        let mut ledger = Ledger::new(Arc::clone(&ids));
        ledger.fill(&documents)?;
        let callbacks = Callbacks::new("billing.callback", Arc::clone(&clock), Arc::clone(&documents))?;
        let faults = Faults::default();
        Ok(Self { ledger: Mutex::new(ledger), callbacks, faults, clock, ids, documents })
    }

    /// Delivers all callbacks to this receiver from now on.
    pub fn connect(&self, sink: Arc<dyn InboundSink>) {
        self.callbacks.connect(sink);
    }

    /// Delivers callbacks as they become due by the business clock, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        self.callbacks.run(stop).await;
    }

    /// Whether every call fails as unavailable before it does anything. Callbacks still go out.
    pub fn set_outage(&self, outage: bool) {
        self.faults.set_outage(outage);
    }

    /// Makes the next calls do their work and then fail as unavailable: the caller cannot know the outcome.
    pub fn lose_answers(&self, calls: u32) {
        self.faults.lose_answers(calls);
    }

    /// Calls back what billing alone decides: disputes, renewals, a payout that failed.
    pub fn announce(&self, event: InboundEvent) {
        self.callbacks.post(self.record(event), self.clock.now());
    }

    /// The captures of an order.
    pub fn payments_of(&self, order: OrderId) -> Vec<CapturedPayment> {
        let now = self.clock.now();
        locked(&self.ledger)
            .payments(now)
            .filter(|(_, payment)| payment.order_id == order)
            .map(|(payment_id, payment)| CapturedPayment {
                payment_id: payment_id.clone(),
                amount: payment.amount,
                refunded: payment.refunded,
            })
            .collect()
    }

    /// The sums in a currency, for the test that no money appears or vanishes.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn books(&self, currency: Currency) -> Result<Books, MoneyError> {
        let now = self.clock.now();
        let ledger = locked(&self.ledger);
        let payments = || {
            let payments = ledger.payments(now).map(|(_, payment)| payment);
            payments.filter(move |payment| payment.amount.currency() == currency)
        };
        Ok(Books {
            captured: Money::sum(currency, payments().map(|payment| &payment.amount))?,
            refunded: Money::sum(currency, payments().map(|payment| &payment.refunded))?,
            paid_out: Money::sum(currency, ledger.paid_out(currency))?,
        })
    }

    /// Runs a call under the faults and calls back what it changed; answers when that is kept.
    async fn turn<T>(
        &self,
        work: impl FnOnce(&mut Ledger, &mut Turn) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let answer = self.decide(work)?;
        self.documents.kept().await?;
        answer
    }

    fn decide<T>(
        &self,
        work: impl FnOnce(&mut Ledger, &mut Turn) -> Result<T, GatewayError>,
    ) -> Result<Result<T, GatewayError>, GatewayError> {
        let mut turn = Turn::at(self.clock.now());
        let mut ledger = locked(&self.ledger);
        let answer = self.faults.call(|| work(&mut ledger, &mut turn));
        let mut changes = self.documents.changes();
        ledger.note(&mut changes)?;
        let told = turn.told.into_iter();
        let posted: Vec<_> = told
            .map(|(due, event)| self.callbacks.prepare(self.record(event), due, &mut changes))
            .collect::<Result<_, _>>()?;
        self.documents.write(changes);
        self.callbacks.enqueue(posted);
        Ok(answer)
    }

    fn record(&self, event: InboundEvent) -> InboundRecord {
        InboundRecord { id: format!("bil_{}", self.ids.ulid()), source: Source::Billing, event }
    }
}

#[async_trait]
impl BillingGateway for BillingStandIn {
    async fn tax(&self, request: &TaxRequest) -> Result<TaxAnswer, GatewayError> {
        self.turn(|_, _| {
            let taxes = tax::per_line(request.currency, &request.lines);
            taxes.map(TaxAnswer::PerLine).map_err(bad_amount)
        })
        .await
    }

    async fn create_intent(&self, key: &str, request: &IntentRequest) -> Result<IntentCreated, GatewayError> {
        self.turn(|ledger, _| ledger.create_intent(key, request)).await
    }

    async fn pay(
        &self,
        key: &str,
        intent: &PaymentIntentId,
        token: &str,
    ) -> Result<PaymentAnswer, GatewayError> {
        self.turn(|ledger, turn| ledger.pay(key, intent, token, turn)).await
    }

    async fn void_intent(&self, key: &str) -> Result<VoidAnswer, GatewayError> {
        self.turn(|ledger, turn| ledger.void_intent(key, turn)).await
    }

    async fn intent(&self, key: &str) -> Result<IntentStatus, GatewayError> {
        self.turn(|ledger, _| Ok(ledger.intent(key))).await
    }

    async fn refund(
        &self,
        key: &str,
        order: &OrderId,
        payment: &PaymentId,
        amount: Money,
    ) -> Result<RefundStatus, GatewayError> {
        self.turn(|ledger, turn| ledger.refund(key, *order, payment, amount, turn)).await
    }

    async fn refund_status(&self, key: &str) -> Result<Option<RefundStatus>, GatewayError> {
        self.turn(|ledger, _| Ok(ledger.refund_status(key))).await
    }

    async fn pay_out(
        &self,
        key: &str,
        provider: &TenantId,
        amount: Money,
    ) -> Result<PayoutStatus, GatewayError> {
        self.turn(|ledger, turn| ledger.pay_out(key, provider, amount, turn)).await
    }
}

#[async_trait]
impl DueWork for BillingStandIn {
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.callbacks.next_due(after))
    }

    async fn run_due(&self) -> Result<usize, StoreError> {
        self.callbacks.run_due().await
    }
}
