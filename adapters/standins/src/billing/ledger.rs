//! What billing knows and decides: intents, captures, refunds, payouts. No clock, no network; the caller
//! locks, says what time it is, and delivers what the turn wants told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sarai_domain::kernel::{
    Coded as _, Currency, ExternalId, Money, MoneyError, OrderId, PaymentId, PaymentIntentId, PayoutId,
    TenantId, Timestamp, id::IdKind,
};
use sarai_gateways::wire::{self, wired};
use sarai_ports::{
    GatewayError,
    inbound::InboundEvent,
    marketplace::{
        IntentCreated, IntentRequest, IntentStatus, PaymentAnswer, PayoutStatus, RefundStatus, TaxAnswer,
        VoidAnswer,
    },
    system::IdGenerator,
};
use serde::{Deserialize, Serialize};
use time::Duration;

use super::{
    tax,
    tokens::{self, Capture, DECLINED, LATE, Outcome, TestToken},
};
use crate::{
    documents::{Changes, Documents, DocumentsError},
    keyed::{Keyed, refused},
    table::Table,
};

/// One call: when it happens and what is to be called back.
pub(super) struct Turn {
    pub(super) now: Timestamp,
    pub(super) told: Vec<(Timestamp, InboundEvent)>,
}

impl Turn {
    pub(super) fn at(now: Timestamp) -> Self {
        Self { now, told: Vec::new() }
    }

    fn tell(&mut self, event: InboundEvent) {
        self.told.push((self.now, event));
    }
}

/// Billing's books.
pub(super) struct Ledger {
    ids: Arc<dyn IdGenerator>,
    /// By key; none is the tombstone of a key that was voided before anything was created under it.
    intents: Table<String, Option<Intent>>,
    /// The key of each intent.
    keys: BTreeMap<PaymentIntentId, String>,
    attempts: Keyed<wire::Payment, PaymentAnswer>,
    payments: Table<PaymentId, Payment>,
    refunds: Keyed<wire::Refund, RefundStatus>,
    payouts: Keyed<wire::Payout, PayoutStatus>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Intent {
    #[serde(with = "wired")]
    request: IntentRequest,
    #[serde(with = "wired")]
    created: IntentCreated,
    total: Money,
    declined: u32,
    state: IntentState,
}

#[derive(Clone, Serialize, Deserialize)]
enum IntentState {
    Open,
    Processing { captured_after_void: Option<Duration> },
    Succeeded { payment_id: PaymentId, amount: Money },
    Failed { code: String },
    Voided,
}

/// A capture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payment {
    pub(super) order_id: OrderId,
    pub(super) amount: Money,
    pub(super) refunded: Money,
    /// A late capture exists from then on.
    pub(super) at: Timestamp,
    failing_refunds: u32,
}

impl Ledger {
    pub(super) fn new(ids: Arc<dyn IdGenerator>) -> Self {
        Self {
            ids,
            intents: Table::new("billing.intent"),
            keys: BTreeMap::new(),
            attempts: Keyed::new("billing.attempt"),
            payments: Table::new("billing.payment"),
            refunds: Keyed::new("billing.refund"),
            payouts: Keyed::new("billing.payout"),
        }
    }

    /// Takes what the documents held when they were opened.
    pub(super) fn fill(&mut self, documents: &Documents) -> Result<(), DocumentsError> {
        self.intents.fill(documents)?;
        self.attempts.fill(documents)?;
        self.payments.fill(documents)?;
        self.refunds.fill(documents)?;
        self.payouts.fill(documents)?;
        let intents = self.intents.iter().filter_map(|(key, intent)| Some((key, intent.as_ref()?)));
        self.keys =
            intents.map(|(key, intent)| (intent.created.payment_intent_id.clone(), key.clone())).collect();
        Ok(())
    }

    /// Notes what changed since the last time.
    pub(super) fn note(&mut self, changes: &mut Changes) -> Result<(), GatewayError> {
        self.intents.note(changes)?;
        self.attempts.note(changes)?;
        self.payments.note(changes)?;
        self.refunds.note(changes)?;
        self.payouts.note(changes)
    }

    pub(super) fn create_intent(
        &mut self,
        key: &str,
        request: &IntentRequest,
    ) -> Result<IntentCreated, GatewayError> {
        match self.intents.get(key) {
            None => {}
            Some(None | Some(Intent { state: IntentState::Voided, .. })) => return Err(refused("voided")),
            Some(Some(intent)) if intent.request == *request => return Ok(intent.created.clone()),
            Some(Some(_)) => return Err(refused("key_reused")),
        }
        let taxes = match &request.frozen_tax {
            Some(frozen) => {
                let known: BTreeSet<_> = request.tax.lines.iter().map(|line| line.id).collect();
                if frozen.iter().any(|(line, _)| !known.contains(line)) {
                    return Err(refused("unknown_line"));
                }
                frozen.clone()
            }
            None => tax::per_line(request.tax.currency, &request.tax.lines).map_err(bad_amount)?,
        };
        let parts = request.tax.lines.iter().map(|line| &line.net).chain(taxes.iter().map(|(_, tax)| tax));
        let total = Money::sum(request.tax.currency, parts).map_err(bad_amount)?;
        if total.is_zero() {
            return Err(refused("nothing_to_pay"));
        }
        let created = IntentCreated { payment_intent_id: self.id("pi")?, tax: TaxAnswer::PerLine(taxes) };
        self.keys.insert(created.payment_intent_id.clone(), key.to_owned());
        let request = request.clone();
        let intent =
            Intent { request, created: created.clone(), total, declined: 0, state: IntentState::Open };
        self.intents.insert(key.to_owned(), Some(intent));
        Ok(created)
    }

    pub(super) fn pay(
        &mut self,
        key: &str,
        intent_id: &PaymentIntentId,
        token: &str,
        turn: &mut Turn,
    ) -> Result<PaymentAnswer, GatewayError> {
        let script = tokens::find(token).ok_or_else(|| refused("unknown_token"))?;
        let attempt = wire::Payment { payment_intent_id: intent_id.clone(), token: script.token.to_owned() };
        if let Some(answer) = self.attempts.known(key, &attempt)? {
            return Ok(answer);
        }
        let intent_key = self.keys.get(intent_id).cloned().ok_or_else(|| refused("not_payable"))?;
        let mut intent = match self.intents.get(&intent_key) {
            Some(Some(intent)) if matches!(intent.state, IntentState::Open) => intent.clone(),
            _ => return Err(refused("not_payable")),
        };
        let answer = self.play(script, &mut intent, turn)?;
        self.intents.insert(intent_key, Some(intent));
        Ok(self.attempts.keep(key, attempt, answer))
    }

    /// Does to an open intent what the token's row says.
    fn play(
        &mut self,
        script: &TestToken,
        intent: &mut Intent,
        turn: &mut Turn,
    ) -> Result<PaymentAnswer, GatewayError> {
        let order_id = intent.request.order_id;
        let payment_intent_id = intent.created.payment_intent_id.clone();
        let code = DECLINED.to_owned();
        if intent.declined < script.declines {
            intent.declined = intent.declined.saturating_add(1);
            turn.tell(InboundEvent::PaymentDeclined { order_id, payment_intent_id, code: code.clone() });
            return Ok(PaymentAnswer::Declined { code, is_final: false });
        }
        match script.outcome {
            Outcome::Capture(capture) => {
                let (payment_id, amount) = self.capture(intent, capture, turn.now, turn)?;
                intent.state = IntentState::Succeeded { payment_id: payment_id.clone(), amount };
                Ok(PaymentAnswer::Succeeded { payment_id, amount })
            }
            Outcome::Decline => {
                intent.state = IntentState::Failed { code: code.clone() };
                turn.tell(InboundEvent::PaymentFailed { order_id, payment_intent_id, code: code.clone() });
                Ok(PaymentAnswer::Declined { code, is_final: true })
            }
            Outcome::Silence { captured_after_void } => {
                intent.state = IntentState::Processing { captured_after_void };
                Ok(PaymentAnswer::Processing)
            }
        }
    }

    /// Takes the money at `at` and tells it then.
    fn capture(
        &mut self,
        intent: &Intent,
        capture: Capture,
        at: Timestamp,
        turn: &mut Turn,
    ) -> Result<(PaymentId, Money), GatewayError> {
        let payment_id: PaymentId = self.id("pay")?;
        let order_id = intent.request.order_id;
        let extra = Money::from_minor_units(capture.extra_minor_units, intent.total.currency());
        let amount = extra.and_then(|extra| intent.total.checked_add(&extra)).map_err(bad_amount)?;
        let refunded = Money::zero(amount.currency());
        let failing_refunds = capture.failing_refunds;
        let payment = Payment { order_id, amount, refunded, at, failing_refunds };
        self.payments.insert(payment_id.clone(), payment);
        let event = InboundEvent::PaymentSucceeded {
            order_id,
            payment_intent_id: intent.created.payment_intent_id.clone(),
            payment_id: payment_id.clone(),
            amount,
        };
        turn.told.extend((0..capture.callbacks).map(|_| (at, event.clone())));
        Ok((payment_id, amount))
    }

    pub(super) fn void_intent(&mut self, key: &str, turn: &mut Turn) -> Result<VoidAnswer, GatewayError> {
        let Some(mut intent) = self.intents.get(key).cloned().flatten() else {
            self.intents.insert(key.to_owned(), None);
            return Ok(VoidAnswer::Voided);
        };
        match intent.state {
            IntentState::Voided => return Ok(VoidAnswer::Voided),
            IntentState::Succeeded { .. } => return Ok(VoidAnswer::AlreadySucceeded),
            IntentState::Processing { captured_after_void: Some(after) } => {
                self.capture(&intent, LATE, turn.now.plus(after), turn)?;
            }
            IntentState::Open | IntentState::Processing { .. } | IntentState::Failed { .. } => {}
        }
        intent.state = IntentState::Voided;
        turn.tell(InboundEvent::PaymentVoided {
            order_id: intent.request.order_id,
            payment_intent_id: intent.created.payment_intent_id.clone(),
        });
        self.intents.insert(key.to_owned(), Some(intent));
        Ok(VoidAnswer::Voided)
    }

    pub(super) fn intent(&self, key: &str) -> IntentStatus {
        match self.intents.get(key) {
            None => IntentStatus::Unknown,
            Some(None) => IntentStatus::Voided,
            Some(Some(intent)) => match &intent.state {
                IntentState::Open | IntentState::Processing { .. } => IntentStatus::Open,
                IntentState::Succeeded { payment_id, amount } => {
                    IntentStatus::Succeeded { payment_id: payment_id.clone(), amount: *amount }
                }
                IntentState::Failed { code } => IntentStatus::Failed { code: code.clone() },
                IntentState::Voided => IntentStatus::Voided,
            },
        }
    }

    pub(super) fn refund(
        &mut self,
        key: &str,
        order_id: OrderId,
        payment_id: &PaymentId,
        amount: Money,
        turn: &mut Turn,
    ) -> Result<RefundStatus, GatewayError> {
        let asked = wire::Refund { order_id, payment_id: payment_id.clone(), amount };
        if let Some(status) = self.refunds.known(key, &asked)? {
            return Ok(status);
        }
        let payment = self
            .payments
            .get_mut(payment_id)
            .filter(|payment| payment.order_id == order_id && payment.at <= turn.now)
            .ok_or_else(|| refused("unknown_payment"))?;
        let refunded = payment.refunded.checked_add(&amount).map_err(bad_amount)?;
        payment.amount.checked_sub(&refunded).map_err(|_| refused("refund_exceeds_payment"))?;
        if amount.is_zero() {
            return Err(refused("nothing_to_refund"));
        }
        let key_text = key.to_owned();
        let status = if let Some(left) = payment.failing_refunds.checked_sub(1) {
            payment.failing_refunds = left;
            let code = "refund_declined".to_owned();
            turn.tell(InboundEvent::RefundFailed { order_id, key: key_text, code: code.clone() });
            RefundStatus::Failed { code }
        } else {
            payment.refunded = refunded;
            turn.tell(InboundEvent::RefundSucceeded { order_id, key: key_text });
            RefundStatus::Succeeded
        };
        Ok(self.refunds.keep(key, asked, status))
    }

    pub(super) fn refund_status(&self, key: &str) -> Option<RefundStatus> {
        self.refunds.answer(key).cloned()
    }

    pub(super) fn pay_out(
        &mut self,
        key: &str,
        provider: &TenantId,
        amount: Money,
        turn: &mut Turn,
    ) -> Result<PayoutStatus, GatewayError> {
        let asked = wire::Payout { provider_tenant_id: provider.clone(), amount };
        if let Some(status) = self.payouts.known(key, &asked)? {
            return Ok(status);
        }
        if amount.is_zero() {
            return Err(refused("nothing_to_pay"));
        }
        let payout_id: PayoutId = self.id("po")?;
        turn.tell(InboundEvent::PayoutPaid { key: key.to_owned(), payout_id: payout_id.clone() });
        Ok(self.payouts.keep(key, asked, PayoutStatus::Paid(payout_id)))
    }

    /// The captures made by now.
    pub(super) fn payments(&self, now: Timestamp) -> impl Iterator<Item = (&PaymentId, &Payment)> {
        self.payments.iter().filter(move |(_, payment)| payment.at <= now)
    }

    /// What was paid out in a currency.
    pub(super) fn paid_out(&self, currency: Currency) -> impl Iterator<Item = &Money> {
        self.payouts.asked().map(|payout| &payout.amount).filter(move |amount| amount.currency() == currency)
    }

    fn id<K: IdKind>(&self, prefix: &str) -> Result<ExternalId<K>, GatewayError> {
        let text = format!("{prefix}_{}", self.ids.ulid());
        ExternalId::try_new(text).map_err(|error| GatewayError::Unavailable(error.to_string()))
    }
}

/// Refuses amounts that cannot be added up.
#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
pub(super) fn bad_amount(error: MoneyError) -> GatewayError {
    refused(error.code())
}
