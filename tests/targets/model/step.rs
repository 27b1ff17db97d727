//! One atomic step: a handler's load, decision and save, or one call to another service.
//!
//! Handlers follow `application/src/marketplace/{saga,consumers,orders,inbound,scheduler}` step by step; what
//! is decided, they leave to the aggregates. A save with its inbox row and its deliveries is one step. What a
//! handler does after a save or a call is the next one, so that a crash can come between.

use sarai_application::marketplace::routes::consumers_of;
use sarai_domain::{
    kernel::Outcome,
    marketplace::{
        coupon::{Coupon, CouponEvent},
        license::{License, LicenseEvent, RevokeReason},
        order::{Order, OrderError, OrderEvent, RefundRequest, RefundSource},
        saga::{PurchaseSaga, SagaError, SagaEvent, SagaMessage, SagaState, SagaStep},
    },
};

use crate::{
    kept::Kept,
    model::{Copy, Flaw, Market},
    world::{Consumer, Delivery, Intent, Message, Purchase, Rest, Word, World, amounts, id, intent, payment},
};

/// How the enrollment gateway answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fortune {
    Good,
    Down,
    Refused,
}

/// The rows of the inbox, as bits of a delivery.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(crate) enum Target {
    Order = 1,
    Saga = 2,
    Coupon = 4,
    License = 8,
}

/// A step being taken.
pub(crate) struct Step<'a> {
    pub(crate) market: &'a Market,
    pub(crate) world: &'a mut World,
    pub(crate) purchase: &'a mut Purchase,
    pub(crate) at: usize,
}

impl Step<'_> {
    // Deliveries.

    /// Takes a delivery and does the first step of its handler.
    pub(crate) fn begin(
        &mut self,
        consumer: Consumer,
        index: usize,
        fortune: Fortune,
        copy: Copy,
        done: &mut bool,
    ) {
        match fortune {
            Fortune::Good => {}
            Fortune::Down => self.world.luck.outages -= 1,
            Fortune::Refused => self.world.luck.refusals -= 1,
        }
        let queue = self.purchase.queues.get_mut(&consumer).unwrap();
        // Only an unordered consumer takes another than the first, and puts it there.
        let taken = queue.remove(index);
        queue.insert(0, taken);
        let mut delivery = queue[0].clone();
        let rest = self.first(&mut delivery, fortune);
        self.go_on(consumer, delivery, rest, copy, done);
    }

    /// Does the next step of a handler.
    pub(crate) fn resume(&mut self, consumer: Consumer, copy: Copy, done: &mut bool) {
        let rest = self.purchase.running.remove(&consumer).unwrap();
        let mut delivery = self.purchase.queues[&consumer][0].clone();
        let rest = self.next(&mut delivery, rest);
        self.go_on(consumer, delivery, rest, copy, done);
    }

    /// Handles the second copy of a delivery, to its end.
    pub(crate) fn again(&mut self, index: usize) {
        let (_, mut delivery) = self.purchase.late.remove(index);
        let mut rest = self.first(&mut delivery, Fortune::Good);
        while let Some(now) = rest {
            rest = self.next(&mut delivery, now);
        }
    }

    fn go_on(
        &mut self,
        consumer: Consumer,
        delivery: Delivery,
        rest: Option<Rest>,
        copy: Copy,
        done: &mut bool,
    ) {
        let queue = self.purchase.queues.get_mut(&consumer).unwrap();
        if let Some(rest) = rest {
            queue[0] = delivery;
            self.purchase.running.insert(consumer, rest);
            return;
        }
        *done = true;
        queue.remove(0);
        if queue.is_empty() {
            self.purchase.queues.remove(&consumer);
        }
        if copy == Copy::Later {
            self.world.luck.copies -= 1;
            self.purchase.late.push((consumer, delivery));
        }
    }

    fn first(&mut self, delivery: &mut Delivery, fortune: Fortune) -> Option<Rest> {
        let message = std::sync::Arc::clone(&delivery.message);
        match &*message {
            Message::Begin => {
                self.begin_saga();
                None
            }
            Message::Tell(SagaEvent::OrderPaid) if self.licenses_with_payment() => {
                Some(Rest::TellPaid(self.grant()))
            }
            Message::Tell(event) => {
                self.tell(Some(delivery), event);
                None
            }
            Message::Command(command) => self.command(delivery, command, fortune),
            Message::RunRefund(refund) => self.open_refund(*refund).map(Rest::AskRefund),
            Message::CancelLost => {
                let number = self.purchase.order.rows().len();
                self.change_order(Some(delivery), |order, now| {
                    if order.pending_refund().is_some() || order.plan_refund(None).is_err() {
                        return Ok(Outcome::AlreadyApplied);
                    }
                    order.request_refund(wish(number, RefundSource::Buyer), now)
                });
                None
            }
            Message::ReturnStray(stray) => {
                if self.market.flaw == Some(Flaw::StraysKept) {
                    return None;
                }
                let strays = &self.purchase.order.data().stray_captures;
                strays.iter().any(|known| known.payment_id == *stray && known.refunded_at.is_none()).then(
                    || {
                        self.return_money(format!("stray:{stray}"));
                        Rest::SettleStray(stray.clone())
                    },
                )
            }
            Message::Revoke(reason) => {
                self.revoke(Some(delivery), *reason);
                None
            }
            Message::CancelEnrolment => {
                self.cancel_enrolment();
                None
            }
            Message::Hear(word) => {
                self.hear(Some(delivery), *word);
                None
            }
            Message::Returned(refund) => {
                self.change_order(Some(delivery), |order, now| order.settle_refund(*refund, true, now));
                None
            }
        }
    }

    fn next(&mut self, delivery: &mut Delivery, rest: Rest) -> Option<Rest> {
        match rest {
            Rest::Tell(event) => {
                self.tell(Some(delivery), &event);
                None
            }
            Rest::TellPaid(license_id) => {
                let line = self.purchase.order.data().lines[0].id;
                let told = [SagaEvent::OrderPaid, SagaEvent::LicenseGranted { line, license_id }];
                self.tell_all(Some(delivery), &told);
                let saga = self.purchase.saga.as_ref().unwrap().data();
                let turned = matches!(saga.state, SagaState::Compensating | SagaState::Failed);
                (turned && saga.licenses.is_empty()).then_some(Rest::RevokeUntaken)
            }
            Rest::RevokeUntaken => {
                self.revoke(None, RevokeReason::Refund);
                None
            }
            Rest::AskRefund(refund) => {
                self.return_money(format!("rf:{refund}"));
                if self.market.notices {
                    self.purchase.send(Consumer::Callbacks, Message::Returned(refund));
                }
                Some(Rest::SettleRefund(refund))
            }
            Rest::SettleRefund(refund) => {
                // As `refund_payment`: the end of a refund has no inbox row (D-23).
                self.change_order(None, |order, now| order.settle_refund(refund, true, now));
                None
            }
            Rest::SettleStray(stray) => {
                self.change_order(Some(delivery), |order, now| order.settle_stray(stray.clone(), now));
                None
            }
            Rest::SaveCoupon(stale, told) => {
                self.world.coupon.overwrite(&stale);
                Some(Rest::Tell(told))
            }
        }
    }

    // Saves.

    fn consumes(&self, delivery: Option<&mut Delivery>, target: Target) -> bool {
        let Some(delivery) = delivery else { return true };
        if delivery.consumed & target as u8 != 0 && self.market.flaw != Some(Flaw::NoInbox) {
            return false;
        }
        delivery.consumed |= target as u8;
        true
    }

    fn begin_saga(&mut self) {
        if self.purchase.saga.is_some() {
            return;
        }
        let saga = PurchaseSaga::start(new_saga(&self.purchase.order), self.world.now).unwrap();
        let (saga, messages) = Kept::new(saga);
        self.purchase.saga = Some(saga);
        self.send_commands(messages);
    }

    /// Feeds the saga.
    pub(crate) fn tell(&mut self, delivery: Option<&mut Delivery>, event: &SagaEvent) {
        self.tell_all(delivery, std::slice::from_ref(event));
    }

    fn licenses_with_payment(&self) -> bool {
        self.purchase.saga.as_ref().is_some_and(|saga| saga.data().licenses_with_payment())
    }

    /// Feeds the saga what happened together.
    fn tell_all(&mut self, delivery: Option<&mut Delivery>, events: &[SagaEvent]) {
        let now = self.world.now;
        let Some(kept) = &self.purchase.saga else { return };
        let handled = kept.load().and_then(|mut saga| Ok((saga.handle_all(events, None, now)?, saga)));
        match handled {
            Ok((Outcome::AlreadyApplied, _)) => {}
            Ok((Outcome::Applied, saga)) => {
                if self.consumes(delivery, Target::Saga) {
                    let messages = self.purchase.saga.as_mut().unwrap().save(saga);
                    self.send_commands(messages);
                }
            }
            Err(SagaError::InvalidTransition { .. }) => self.breaks("a decision left the table (S-INV-2)"),
            Err(_) => self.breaks("a stored saga breaks an invariant"),
        }
    }

    fn send_commands(&mut self, messages: Vec<SagaMessage>) {
        for message in messages {
            if let SagaMessage::CommandIssued { command, .. } = message {
                self.purchase.send(Consumer::Commands, Message::Command(command));
            }
        }
    }

    /// Changes the order; gives the refusal.
    pub(crate) fn change_order(
        &mut self,
        delivery: Option<&mut Delivery>,
        command: impl FnOnce(&mut Order, sarai_domain::kernel::Timestamp) -> Result<Outcome, OrderError>,
    ) -> Option<OrderError> {
        let Ok(mut order) = self.purchase.order.load() else {
            self.breaks("a stored order breaks an invariant");
            return None;
        };
        match command(&mut order, self.world.now) {
            Ok(Outcome::AlreadyApplied) => None,
            Ok(Outcome::Applied) => {
                if self.consumes(delivery, Target::Order) {
                    for event in self.purchase.order.save(order) {
                        self.publish(&event);
                    }
                }
                None
            }
            Err(refusal) => Some(refusal),
        }
    }

    /// Sends an order's event to whom the routing table names.
    fn publish(&mut self, event: &OrderEvent) {
        if matches!(event, OrderEvent::Failed { .. } | OrderEvent::Returned { .. }) {
            self.purchase.undone.order += 1;
        }
        for consumer in consumers_of(&event.clone().into()) {
            let message = match consumer {
                "saga" => self.to_saga(event).map(|told| (Consumer::Saga, Message::Tell(told))),
                "refunds" => to_refunds(event).map(|message| (Consumer::Refunds, message)),
                "stray-captures" => to_strays(event).map(|message| (Consumer::Strays, message)),
                "revocations" if self.market.flaw == Some(Flaw::NoRevocations) => None,
                "revocations" => Some((Consumer::Revocations, Message::Revoke(RevokeReason::Refund))),
                _ => None,
            };
            if let Some((consumer, message)) = message {
                self.purchase.send(consumer, message);
            }
        }
    }

    fn to_saga(&self, event: &OrderEvent) -> Option<SagaEvent> {
        Some(match event {
            OrderEvent::Paid { .. } => SagaEvent::OrderPaid,
            OrderEvent::CancelRequested { .. } => SagaEvent::CancelRequested,
            OrderEvent::PaymentMismatched { stray: true, .. } => SagaEvent::AmountMismatch,
            OrderEvent::PaymentFailed { .. } if self.market.flaw == Some(Flaw::DeclineCountsAsPaid) => {
                SagaEvent::OrderPaid
            }
            OrderEvent::PaymentFailed { payment_intent_id, is_final: true, .. } => {
                SagaEvent::PaymentFailed { intent: payment_intent_id.clone() }
            }
            OrderEvent::RefundRequested { refund_id, source, fulfilled: false, .. }
                if *source != RefundSource::Compensation =>
            {
                SagaEvent::RefundRequested { refund_id: *refund_id }
            }
            OrderEvent::Refunded { fulfilled_at: None, .. } => {
                SagaEvent::UndoAcknowledged { step: SagaStep::RefundPayment }
            }
            OrderEvent::RefundFailed { fulfilled: false, .. } => {
                let code = "refund_failed".to_owned();
                SagaEvent::UndoFailed { step: SagaStep::RefundPayment, code }
            }
            _ => return None,
        })
    }

    pub(crate) fn change_coupon(
        &mut self,
        delivery: Option<&mut Delivery>,
        command: impl FnOnce(&mut Coupon, sarai_domain::kernel::Timestamp) -> Result<Outcome, &'static str>,
    ) -> Result<(), &'static str> {
        let Ok(mut coupon) = self.world.coupon.load() else {
            self.breaks("a stored coupon breaks an invariant");
            return Ok(());
        };
        if command(&mut coupon, self.world.now)? == Outcome::Applied
            && self.consumes(delivery, Target::Coupon)
        {
            let events = self.world.coupon.save(coupon);
            let released = |event: &&CouponEvent| matches!(event, CouponEvent::Released(_));
            self.purchase.undone.coupon += u8::try_from(events.iter().filter(released).count()).unwrap();
        }
        Ok(())
    }

    /// Ends the line's licence, if it has one that is not over.
    pub(crate) fn revoke(&mut self, mut delivery: Option<&mut Delivery>, reason: RevokeReason) {
        let now = self.world.now;
        for index in 0..self.purchase.licenses.len() {
            let Ok(mut license) = self.purchase.licenses[index].load() else {
                return self.breaks("a stored licence breaks an invariant");
            };
            match license.revoke(reason, &std::collections::BTreeSet::new(), false, now) {
                Ok(Outcome::AlreadyApplied) => {}
                Ok(Outcome::Applied) => {
                    if self.consumes(delivery.as_deref_mut(), Target::License) {
                        self.store_license(Some(index), license);
                    }
                }
                Err(_) => self.breaks("a licence cannot be revoked"),
            }
        }
    }

    /// Saves a licence, a known one or a new one.
    pub(crate) fn store_license(&mut self, known: Option<usize>, license: License) {
        let events = if let Some(index) = known {
            self.purchase.licenses[index].save(license)
        } else {
            let (kept, events) = Kept::new(license);
            self.purchase.licenses.push(kept);
            events
        };
        for event in events {
            let revoked = matches!(event, LicenseEvent::Revoked { .. });
            self.purchase.undone.license += u8::from(revoked);
            if revoked && consumers_of(&event.into()).contains(&"enrolments") {
                self.purchase.send(Consumer::Enrolments, Message::CancelEnrolment);
            }
        }
    }

    /// What must never happen did.
    pub(crate) fn breaks(&mut self, what: &'static str) {
        self.world.broken.get_or_insert(what);
    }

    // Other services.

    /// A pending refund, when it is this one.
    fn open_refund(&self, refund: sarai_domain::kernel::RefundId) -> Option<sarai_domain::kernel::RefundId> {
        let order = self.purchase.order.load().ok()?;
        order.pending_refund().map(|pending| pending.id).filter(|pending| *pending == refund)
    }

    /// Billing returns money under a key, once.
    fn return_money(&mut self, key: String) {
        let returned = &mut self.purchase.billing.returned;
        if returned.contains(&key) && self.market.flaw != Some(Flaw::RefundsTwice) {
            return;
        }
        self.purchase.undone.money += 1;
        returned.push(key);
    }

    /// enrollment-service forgets the learner.
    pub(crate) fn cancel_enrolment(&mut self) {
        if self.purchase.learning.enrolled {
            self.purchase.learning.enrolled = false;
            self.purchase.undone.enrolment += 1;
        }
    }

    /// Records what billing says of the payment, as callback, poll and `pay` do.
    pub(crate) fn hear(&mut self, delivery: Option<&mut Delivery>, word: Word) {
        match word {
            Word::Captured => {
                self.change_order(delivery, |order, now| {
                    order.record_payment(&intent(), payment(), amounts().1, now)
                });
            }
            Word::Declined => {
                self.change_order(delivery, |order, now| {
                    order.record_payment_failure(&intent(), "declined".to_owned(), true, now)
                });
            }
            Word::Voided => self.tell(delivery, &SagaEvent::IntentVoided),
        }
    }

    // People and time.

    pub(crate) fn record_answer(&mut self) {
        if let Some(word) = self.purchase.answered.take() {
            self.hear(None, word);
        }
    }

    /// The buyer pays; billing answers, and calls back.
    pub(crate) fn pay(&mut self, word: Option<Word>) {
        self.purchase.billing.intent = match word {
            Some(Word::Captured) => Intent::Captured,
            Some(_) => Intent::Failed,
            None => Intent::Processing,
        };
        self.purchase.billing.captured = word == Some(Word::Captured);
        if let Some(word) = word {
            self.purchase.answered = Some(word);
            self.purchase.send(Consumer::Callbacks, Message::Hear(word));
        }
    }

    /// What was not answered is captured, even after a void.
    pub(crate) fn capture(&mut self) {
        let billing = &mut self.purchase.billing;
        billing.intent = match billing.intent {
            Intent::VoidProcessing => Intent::VoidCaptured,
            _ => Intent::Captured,
        };
        billing.captured = true;
        self.purchase.send(Consumer::Callbacks, Message::Hear(Word::Captured));
    }

    pub(crate) fn cancel(&mut self) {
        self.purchase.buyer.cancels = false;
        self.change_order(None, Order::request_cancel);
    }

    pub(crate) fn ask_refund(&mut self) {
        self.purchase.buyer.refunds = false;
        let number = self.purchase.order.rows().len();
        self.change_order(None, |order, now| order.request_refund(wish(number, RefundSource::Buyer), now));
    }

    /// A timer fires.
    pub(crate) fn wake(&mut self, timer: &SagaEvent) {
        self.tell(None, timer);
    }

    pub(crate) fn time_out(&mut self) {
        if self.market.flaw == Some(Flaw::TimeoutWhileLicensing) {
            let (at, now) = (self.world.now, self.world.now);
            self.purchase.saga = self.purchase.saga.take().map(|saga| {
                saga.altered(|data| {
                    data.state = SagaState::AwaitingPayment;
                    data.awaiting_payment_timeout_at = Some(at.min(now));
                })
            });
        }
        self.wake(&SagaEvent::TimeoutFired);
    }

    pub(crate) fn sweep(&mut self) {
        let order = self.purchase.order.data().id;
        let confirm =
            self.purchase.saga.as_ref().is_some_and(|saga| saga.data().state == SagaState::Fulfilled);
        let settled = self.change_coupon(None, |coupon, now| {
            if confirm { coupon.confirm(order, now) } else { coupon.release(order, now) }
                .map_err(|_| "the sweeper cannot settle a hold")
        });
        if let Err(what) = settled {
            self.breaks(what);
        }
    }
}

/// A refund of everything, under the id that its place among the order's refunds gives.
pub(crate) fn wish(number: usize, source: RefundSource) -> RefundRequest {
    RefundRequest { id: id(100 + number), lines: None, source, reason: "back".to_owned() }
}

fn to_refunds(event: &OrderEvent) -> Option<Message> {
    match event {
        OrderEvent::RefundRequested { refund_id, fulfilled: true, .. }
        | OrderEvent::Fulfilled { pending_refund: Some(refund_id), .. } => {
            Some(Message::RunRefund(*refund_id))
        }
        OrderEvent::Paid { cancel_requested: true, .. } => Some(Message::CancelLost),
        _ => None,
    }
}

fn to_strays(event: &OrderEvent) -> Option<Message> {
    match event {
        OrderEvent::PaymentMismatched { payment_id, stray: true, .. }
        | OrderEvent::PaymentAfterClose { payment_id, .. }
        | OrderEvent::PaymentDuplicate { payment_id, .. } => Some(Message::ReturnStray(payment_id.clone())),
        _ => None,
    }
}

fn new_saga(order: &Kept<Order>) -> sarai_domain::marketplace::saga::NewSaga {
    let data = order.data();
    sarai_domain::marketplace::saga::NewSaga {
        id: data.saga_id,
        order_id: data.id,
        buyer_tenant_id: data.buyer_tenant_id.clone(),
        buyer_user_id: data.buyer_user_id.clone(),
        lines: data
            .lines
            .iter()
            .map(|line| sarai_domain::marketplace::saga::SagaLine {
                order_line_id: line.id,
                learner: Some(data.buyer_user_id.clone()),
            })
            .collect(),
        coupons: data.applied_coupons().collect(),
        free: false,
        placed_at: data.placed_at,
    }
}
