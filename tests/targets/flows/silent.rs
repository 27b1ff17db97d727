//! A billing that does not answer holds up nobody's deadline.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sarai::{
    around::{Around, standins},
    embedded::{Clocks, Embedded},
    keys::Keys,
};
use sarai_domain::{
    kernel::{Aggregate, Money, OrderId, PaymentId, PaymentIntentId, TenantId},
    marketplace::order::{FailureReason, OrderStatus},
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    GatewayError,
    marketplace::{
        BillingGateway, IntentCreated, IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus,
        RefundStatus, TaxAnswer, TaxRequest, VoidAnswer,
    },
};
use sarai_standins::{Documents, TokenIssuer};
use sarai_system::{ManualClock, OsEntropy};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::world::{World, one_time};

const SOON: Duration = Duration::from_secs(20);

/// Billing that answers nothing about refunds.
struct Silent {
    inner: Arc<dyn BillingGateway>,
    /// How often it was asked how a refund stands.
    asked: AtomicUsize,
}

type Answer<T> = Result<T, GatewayError>;

#[rustfmt::skip]
#[async_trait]
impl BillingGateway for Silent {
    async fn tax(&self, request: &TaxRequest) -> Answer<TaxAnswer> { self.inner.tax(request).await }
    async fn create_intent(&self, key: &str, request: &IntentRequest) -> Answer<IntentCreated> { self.inner.create_intent(key, request).await }
    async fn pay(&self, key: &str, intent: &PaymentIntentId, token: &str) -> Answer<PaymentAnswer> { self.inner.pay(key, intent, token).await }
    async fn void_intent(&self, key: &str) -> Answer<VoidAnswer> { self.inner.void_intent(key).await }
    async fn intent(&self, key: &str) -> Answer<IntentStatus> { self.inner.intent(key).await }
    async fn refund(&self, _: &str, _: &OrderId, _: &PaymentId, _: Money) -> Answer<RefundStatus> { std::future::pending().await }
    async fn refund_status(&self, _: &str) -> Answer<Option<RefundStatus>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    }
    async fn pay_out(&self, key: &str, provider: &TenantId, amount: Money) -> Answer<PayoutStatus> { self.inner.pay_out(key, provider, amount).await }
}

async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < SOON, "{what} never came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_deadline_passes_while_billing_says_nothing_of_a_refund() {
    let clocks = Clocks::of(ManualClock::at("2026-04-20T09:30:00Z".parse().unwrap()));
    let keys = Keys::random(&OsEntropy);
    let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
    let standins = standins(&clocks, &keys, issuer, Documents::default()).unwrap();
    let billing = Arc::new(Silent { inner: Arc::clone(&standins.billing) as _, asked: AtomicUsize::new(0) });
    let around = Around { billing: Arc::clone(&billing) as _, ..Around::standing_in(standins) };
    let store = MemoryStore::new(Arc::clone(&clocks.clock));
    let sarai = Embedded::over(Arc::new(store.clone()), &clocks, keys, around, None);
    sarai.sources.announce_demo();
    let world = World { sarai, store };
    world.advance(0).await;
    let (first, second) = (world.sell(1, one_time("10.00")).await, world.sell(2, one_time("10.00")).await);
    let paid = world.buy(&[(first, 1)], &[]).await.id();
    let buyer = World::call("buyer");
    let unpaid = world.order(&buyer, &[(second, 1)], &[]).await.unwrap();
    assert_eq!(unpaid.data().status, OrderStatus::PendingPayment);
    let orders = world.sarai.marketplace.orders.clone();
    let refund =
        tokio::spawn(async move { orders.refund(&World::call("buyer"), paid, None, "too hard").await });

    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    world.sarai.start(&tasks, &stop);
    until("the question", async || billing.asked.load(Ordering::Relaxed) > 0).await;
    clocks.movable.advance_to(clocks.clock.now().plus(time::Duration::minutes(31))).await.unwrap();
    let ended = async || world.stored(unpaid.id()).await.data().status == OrderStatus::Failed;
    until("the deadline", ended).await;
    let failed = world.stored(unpaid.id()).await;
    assert_eq!(failed.data().failure_reason, Some(FailureReason::PaymentTimeout));

    stop.cancel();
    tasks.close();
    tokio::time::timeout(SOON, tasks.wait()).await.unwrap();
    refund.await.unwrap().unwrap();
}
