//! Billing as the simulation plays it: keeps its word, loses its answers, and writes down every cent.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use sarai_domain::kernel::{Money, OrderId, OrderLineId, PaymentId, PaymentIntentId, TenantId};
use sarai_ports::{
    GatewayError,
    inbound::InboundEvent,
    marketplace::{
        BillingGateway, IntentCreated, IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus,
        RefundStatus, TaxAnswer, TaxRequest, VoidAnswer,
    },
};
use time::Duration;

use super::{faults::Fault, store::World};

/// What a buyer's token does.
pub(super) const TOKENS: &[&str] = &["ok", "declined", "declined_once", "late", "never", "twice", "mismatch"];

/// A callback, and how long after the fact it is told.
pub(super) type Callback = (Duration, InboundEvent);

#[derive(Debug, Clone)]
struct Intent {
    id: PaymentIntentId,
    order: OrderId,
    amount: Money,
    state: State,
    declined_once: bool,
    /// A capture is under way that a void does not stop.
    under_way: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Open,
    Captured(PaymentId, Money),
    Failed,
    Voided,
}

#[derive(Debug)]
struct Payment {
    order: OrderId,
    amount: Money,
    returned: Money,
}

#[derive(Debug)]
struct Return {
    order: OrderId,
    payment: PaymentId,
    amount: Money,
    status: RefundStatus,
}

#[derive(Debug, Default)]
struct Books {
    intents: BTreeMap<String, Intent>,
    keys: BTreeMap<PaymentIntentId, String>,
    /// Keys voided before their intent came.
    tombstones: BTreeSet<String>,
    attempts: BTreeMap<String, PaymentAnswer>,
    payments: BTreeMap<PaymentId, Payment>,
    refunds: BTreeMap<String, Return>,
    payouts: BTreeMap<String, (TenantId, Money)>,
    callbacks: Vec<Callback>,
    breaches: Vec<String>,
    numbers: u64,
}

/// The stand-in for billing-service.
#[derive(Debug)]
pub(super) struct Billing {
    world: Arc<World>,
    books: Mutex<Books>,
}

fn unavailable() -> GatewayError {
    GatewayError::Unavailable("billing does not answer".to_owned())
}

fn refused(code: &str) -> GatewayError {
    GatewayError::Refused { code: code.to_owned() }
}

impl Books {
    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn capture(&mut self, key: &str, amount: Money) -> Option<(PaymentId, Money)> {
        let number = self.number();
        let intent = self.intents.get_mut(key)?;
        let payment: PaymentId = format!("pay_{number}").parse().ok()?;
        intent.state = State::Captured(payment.clone(), amount);
        let zero = Money::zero(amount.currency());
        self.payments.insert(payment.clone(), Payment { order: intent.order, amount, returned: zero });
        Some((payment, amount))
    }

    fn tell(&mut self, after: Duration, event: InboundEvent) {
        self.callbacks.push((after, event));
    }

    fn succeeded(&self, key: &str, payment: &PaymentId, amount: Money) -> Option<InboundEvent> {
        let intent = self.intents.get(key)?;
        Some(InboundEvent::PaymentSucceeded {
            order_id: intent.order,
            payment_intent_id: intent.id.clone(),
            payment_id: payment.clone(),
            amount,
        })
    }
}

impl Billing {
    pub(super) fn new(world: Arc<World>) -> Self {
        Self { world, books: Mutex::default() }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The callbacks to be told since this was asked.
    pub(super) fn take_callbacks(&self) -> Vec<Callback> {
        std::mem::take(&mut self.books().callbacks)
    }

    /// What billing was asked that nobody may ask.
    pub(super) fn take_breaches(&self) -> Vec<String> {
        std::mem::take(&mut self.books().breaches)
    }

    /// What is kept of an order's money: captured less returned, in minor units.
    pub(super) fn kept(&self) -> BTreeMap<OrderId, i64> {
        let mut kept = BTreeMap::new();
        for payment in self.books().payments.values() {
            *kept.entry(payment.order).or_default() +=
                payment.amount.minor_units() - payment.returned.minor_units();
        }
        kept
    }

    /// Every capture of an order, with what was captured and what went back.
    pub(super) fn captures(&self, order: OrderId) -> String {
        let books = self.books();
        let of_order = books.payments.iter().filter(|(_, payment)| payment.order == order);
        let shown =
            of_order.map(|(id, payment)| format!("{id} {} less {}", payment.amount, payment.returned));
        shown.collect::<Vec<_>>().join(", ")
    }

    /// What each period's provider was paid.
    pub(super) fn payouts(&self) -> BTreeMap<String, Money> {
        self.books().payouts.iter().map(|(key, (_, amount))| (key.clone(), *amount)).collect()
    }

    async fn reached(&self) -> Result<(), GatewayError> {
        self.world.pause().await;
        if self.world.weather.strikes(Fault::BillingDown) { Err(unavailable()) } else { Ok(()) }
    }

    fn answered<T>(&self, answer: T) -> Result<T, GatewayError> {
        if self.world.weather.strikes(Fault::BillingAnswerLost) { Err(unavailable()) } else { Ok(answer) }
    }

    fn soon(&self) -> Duration {
        Duration::milliseconds(i64::try_from(self.world.weather.dice().below(5_000)).unwrap_or_default())
    }

    fn later(&self) -> Duration {
        Duration::seconds(1 + i64::try_from(self.world.weather.dice().below(45 * 60)).unwrap_or_default())
    }
}

/// A tenth, in whole minor units.
fn tax_of(net: Money) -> Result<Money, GatewayError> {
    Money::from_minor_units(net.minor_units() / 10, net.currency()).map_err(|_| refused("amount"))
}

fn taxes(request: &TaxRequest) -> Result<Vec<(OrderLineId, Money)>, GatewayError> {
    request.lines.iter().map(|line| Ok((line.id, tax_of(line.net)?))).collect()
}

#[async_trait]
impl BillingGateway for Billing {
    async fn tax(&self, request: &TaxRequest) -> Result<TaxAnswer, GatewayError> {
        self.reached().await?;
        self.answered(TaxAnswer::PerLine(taxes(request)?))
    }

    async fn create_intent(&self, key: &str, request: &IntentRequest) -> Result<IntentCreated, GatewayError> {
        self.reached().await?;
        let frozen = request.frozen_tax.clone();
        let taxes = frozen.map_or_else(|| taxes(&request.tax), Ok)?;
        let nets = request.tax.lines.iter().map(|line| &line.net);
        let all = nets.chain(taxes.iter().map(|(_, tax)| tax));
        let amount = Money::sum(request.tax.currency, all).map_err(|_| refused("amount"))?;
        let created = {
            let mut books = self.books();
            if books.tombstones.contains(key) {
                return Err(refused("intent_voided"));
            }
            let number = books.number();
            let id = format!("pi_{number}").parse().map_err(|_| refused("id"))?;
            let fresh = Intent {
                id,
                order: request.order_id,
                amount,
                state: State::Open,
                declined_once: false,
                under_way: false,
            };
            let intent = books.intents.entry(key.to_owned()).or_insert(fresh).clone();
            if intent.state == State::Voided {
                return Err(refused("intent_voided"));
            }
            books.keys.insert(intent.id.clone(), key.to_owned());
            IntentCreated { payment_intent_id: intent.id, tax: TaxAnswer::PerLine(taxes) }
        };
        self.answered(created)
    }

    async fn pay(
        &self,
        key: &str,
        intent: &PaymentIntentId,
        token: &str,
    ) -> Result<PaymentAnswer, GatewayError> {
        self.reached().await?;
        let (soon, later) = (self.soon(), self.later());
        let answer = {
            let mut books = self.books();
            if let Some(known) = books.attempts.get(key).cloned() {
                return self.answered(known);
            }
            let intent_key = books.keys.get(intent).cloned().unwrap_or_default();
            let Some(found) = books.intents.get(&intent_key).cloned() else {
                return Err(refused("no_such_intent"));
            };
            if found.state != State::Open || found.under_way {
                return Err(refused("not_payable"));
            }
            let answer = books.attempt(&intent_key, &found, token, soon, later)?;
            books.attempts.insert(key.to_owned(), answer.clone());
            answer
        };
        self.answered(answer)
    }

    async fn void_intent(&self, key: &str) -> Result<VoidAnswer, GatewayError> {
        self.reached().await?;
        let answer = {
            let mut books = self.books();
            match books.intents.get_mut(key) {
                Some(intent) if matches!(intent.state, State::Captured(..)) => VoidAnswer::AlreadySucceeded,
                Some(intent) => {
                    intent.state = State::Voided;
                    VoidAnswer::Voided
                }
                None => {
                    books.tombstones.insert(key.to_owned());
                    VoidAnswer::Voided
                }
            }
        };
        self.answered(answer)
    }

    async fn intent(&self, key: &str) -> Result<IntentStatus, GatewayError> {
        self.reached().await?;
        let status = match self.books().intents.get(key).map(|intent| intent.state.clone()) {
            None => IntentStatus::Unknown,
            Some(State::Open) => IntentStatus::Open,
            Some(State::Captured(payment_id, amount)) => IntentStatus::Succeeded { payment_id, amount },
            Some(State::Failed) => IntentStatus::Failed { code: "declined".to_owned() },
            Some(State::Voided) => IntentStatus::Voided,
        };
        self.answered(status)
    }

    async fn refund(
        &self,
        key: &str,
        order: &OrderId,
        payment: &PaymentId,
        amount: Money,
    ) -> Result<RefundStatus, GatewayError> {
        self.reached().await?;
        let trouble = self.world.weather.strikes(Fault::RefundTrouble);
        // What nobody asked for goes back to where it came from: that does not fail.
        let fails = trouble && key.starts_with("rf:") && self.world.weather.dice().chance(3_000);
        let later = self.later();
        let status = {
            let mut books = self.books();
            if let Some(known) = books.refunds.get(key) {
                let same = known.order == *order && known.payment == *payment && known.amount == amount;
                let status = known.status.clone();
                if !same {
                    books
                        .breaches
                        .push(format!("refund {key} was asked again for another amount or payment"));
                }
                return self.answered(status);
            }
            let Some(paid) = books.payments.get(payment) else {
                books.breaches.push(format!("refund {key} of payment {payment}, which nobody made"));
                return Err(refused("no_such_payment"));
            };
            let promised: i64 = books
                .refunds
                .values()
                .filter(|known| {
                    known.payment == *payment && !matches!(known.status, RefundStatus::Failed { .. })
                })
                .map(|known| known.amount.minor_units())
                .sum();
            if paid.order != *order || promised + amount.minor_units() > paid.amount.minor_units() {
                let breach = format!("O-INV-8: refund {key} of {amount} is more than is left of {payment}");
                books.breaches.push(breach);
                return Err(refused("exceeds_payment"));
            }
            let mut made =
                Return { order: *order, payment: payment.clone(), amount, status: RefundStatus::Succeeded };
            if fails {
                made.status = RefundStatus::Failed { code: "account_closed".to_owned() };
            } else if trouble {
                made.status = RefundStatus::Pending;
                let told = InboundEvent::RefundSucceeded { order_id: *order, key: key.to_owned() };
                books.tell(later, told);
            } else {
                books.settle(payment, amount);
            }
            let status = made.status.clone();
            books.refunds.insert(key.to_owned(), made);
            status
        };
        self.answered(status)
    }

    async fn refund_status(&self, key: &str) -> Result<Option<RefundStatus>, GatewayError> {
        self.reached().await?;
        let status = self.books().refunds.get(key).map(|known| known.status.clone());
        self.answered(status)
    }

    async fn pay_out(
        &self,
        key: &str,
        provider: &TenantId,
        amount: Money,
    ) -> Result<PayoutStatus, GatewayError> {
        self.reached().await?;
        let status = {
            let mut books = self.books();
            let known = books.payouts.entry(key.to_owned()).or_insert_with(|| (provider.clone(), amount));
            if *known != (provider.clone(), amount) {
                books.breaches.push(format!("payout {key} was asked again for another amount"));
            }
            let id = format!("po_{}", key.replace(' ', "_")).parse().map_err(|_| refused("id"))?;
            PayoutStatus::Paid(id)
        };
        self.answered(status)
    }
}

impl Books {
    fn settle(&mut self, payment: &PaymentId, amount: Money) {
        if let Some(paid) = self.payments.get_mut(payment) {
            paid.returned = paid.returned.checked_add(&amount).unwrap_or(paid.returned);
        }
    }

    fn attempt(
        &mut self,
        key: &str,
        intent: &Intent,
        token: &str,
        soon: Duration,
        later: Duration,
    ) -> Result<PaymentAnswer, GatewayError> {
        let (order_id, payment_intent_id) = (intent.order, intent.id.clone());
        let declined = |is_final| PaymentAnswer::Declined { code: "card_declined".to_owned(), is_final };
        let code = "card_declined".to_owned();
        match token {
            "declined" => {
                if let Some(intent) = self.intents.get_mut(key) {
                    intent.state = State::Failed;
                }
                self.tell(soon, InboundEvent::PaymentFailed { order_id, payment_intent_id, code });
                Ok(declined(true))
            }
            "declined_once" if !intent.declined_once => {
                if let Some(intent) = self.intents.get_mut(key) {
                    intent.declined_once = true;
                }
                self.tell(soon, InboundEvent::PaymentDeclined { order_id, payment_intent_id, code });
                Ok(declined(false))
            }
            "never" => Ok(PaymentAnswer::Processing),
            "late" => {
                if let Some(intent) = self.intents.get_mut(key) {
                    intent.under_way = true;
                }
                let captured = self.late_capture(key, intent.amount);
                self.callbacks.extend(captured.map(|event| (later, event)));
                Ok(PaymentAnswer::Processing)
            }
            "mismatch" => {
                let more = Money::from_minor_units(intent.amount.minor_units() + 1, intent.amount.currency());
                self.captured(key, more.unwrap_or(intent.amount), soon)
            }
            "twice" => {
                let answer = self.captured(key, intent.amount, soon)?;
                let second = self.late_capture(key, intent.amount);
                self.callbacks.extend(second.map(|event| (soon, event)));
                Ok(answer)
            }
            _ => self.captured(key, intent.amount, soon),
        }
    }

    fn captured(&mut self, key: &str, amount: Money, soon: Duration) -> Result<PaymentAnswer, GatewayError> {
        let (payment_id, amount) = self.capture(key, amount).ok_or_else(|| refused("not_payable"))?;
        let told = self.succeeded(key, &payment_id, amount);
        self.callbacks.extend(told.map(|event| (soon, event)));
        Ok(PaymentAnswer::Succeeded { payment_id, amount })
    }

    /// A capture that the intent's state does not show before its callback: the money has moved all the same.
    fn late_capture(&mut self, key: &str, amount: Money) -> Option<InboundEvent> {
        let number = self.number();
        let payment: PaymentId = format!("pay_{number}").parse().ok()?;
        let order = self.intents.get(key)?.order;
        let zero = Money::zero(amount.currency());
        self.payments.insert(payment.clone(), Payment { order, amount, returned: zero });
        self.succeeded(key, &payment, amount)
    }

    /// What a callback that is being told makes true at billing.
    fn became_true(&mut self, event: &InboundEvent) {
        match event {
            InboundEvent::RefundSucceeded { key, .. } => {
                let Some(known) = self.refunds.get_mut(key) else { return };
                if known.status == RefundStatus::Pending {
                    known.status = RefundStatus::Succeeded;
                    let (payment, amount) = (known.payment.clone(), known.amount);
                    self.settle(&payment, amount);
                }
            }
            InboundEvent::PaymentSucceeded { payment_intent_id, payment_id, amount, .. } => {
                let key = self.keys.get(payment_intent_id).cloned().unwrap_or_default();
                let intent = self.intents.get_mut(&key);
                if let Some(intent) = intent.filter(|intent| intent.state == State::Open && intent.under_way)
                {
                    intent.state = State::Captured(payment_id.clone(), *amount);
                }
            }
            _ => {}
        }
    }
}

impl Billing {
    /// Notes that a callback is being told.
    pub(super) fn telling(&self, event: &InboundEvent) {
        self.books().became_true(event);
    }
}
