//! `saga-commands`: the first step of each command; what it tells the saga is the next.

use sarai_domain::{
    kernel::{Aggregate, Coded, Kind, Outcome},
    marketplace::{
        coupon::NewRedemption,
        license::{Learner, License, LicenseState, LicenseTerms, NewLicense, Origin, RevokeReason},
        order::{OrderError, OrderStatus, RefundSource},
        saga::{Direction, LineTax, PAYMENT_WINDOW, SagaCommand, SagaEvent, SagaStep},
    },
};

use crate::{
    kept::Kept,
    model::Flaw,
    step::{Fortune, Step, wish},
    world::{Consumer, Delivery, Intent, Message, Rest, Word, amounts, id, intent},
};

impl Step<'_> {
    /// Does what a command says.
    pub(crate) fn command(
        &mut self,
        delivery: &mut Delivery,
        command: &SagaCommand,
        fortune: Fortune,
    ) -> Option<Rest> {
        let done = |step| SagaEvent::UndoAcknowledged { step };
        let told = match command {
            SagaCommand::ReserveCoupons { .. } => return Some(self.reserve(delivery)),
            SagaCommand::RequestPayment => self.create_intent(),
            SagaCommand::MarkPendingPayment { intent, taxes } => {
                let taxes: Vec<_> = taxes.iter().map(|tax| (tax.line, tax.tax)).collect();
                let intent = Some(intent.clone());
                let forgets = self.market.flaw == Some(Flaw::RefusesWhatIsPast);
                let mut marked = Outcome::AlreadyApplied;
                let refusal = self.change_order(Some(delivery), |order, now| {
                    if order.has_reached(OrderStatus::Paid) && !forgets {
                        return Ok(Outcome::AlreadyApplied);
                    }
                    marked = order.request_payment(&taxes, intent, now)?;
                    Ok(marked)
                });
                match refused(command, refusal) {
                    Some(refused) => refused,
                    None if marked == Outcome::AlreadyApplied => SagaEvent::PaymentPending,
                    None => return None,
                }
            }
            SagaCommand::PollPayment => self.poll(delivery),
            SagaCommand::VoidIntent => self.void_intent(),
            SagaCommand::ConfirmCoupons { .. } | SagaCommand::ReleaseCoupons { .. } => {
                let confirm = matches!(command, SagaCommand::ConfirmCoupons { .. });
                let order = self.purchase.order.data().id;
                let settled = self.change_coupon(Some(delivery), |coupon, now| {
                    if confirm { coupon.confirm(order, now) } else { coupon.release(order, now) }
                        .map_err(|_| "a hold cannot be settled")
                });
                if let Err(what) = settled {
                    self.breaks(what);
                }
                if confirm { SagaEvent::CouponsConfirmed } else { done(SagaStep::ReleaseCoupons) }
            }
            SagaCommand::GrantLicense { line } => {
                let license_id = self.grant();
                SagaEvent::LicenseGranted { line: *line, license_id }
            }
            SagaCommand::Enroll { line, .. } => self.enrol(SagaStep::Enroll { line: *line }, fortune),
            SagaCommand::MarkFulfilled { licenses } => {
                let licenses: Vec<_> = licenses.iter().map(|(line, license)| (*line, *license)).collect();
                let forgets = self.market.flaw == Some(Flaw::RefusesWhatIsPast);
                let refusal = self.change_order(Some(delivery), |order, now| {
                    let was_fulfilled = order.has_reached(OrderStatus::Fulfilled);
                    if was_fulfilled && order.has_reached(OrderStatus::Refunded) && !forgets {
                        return Ok(Outcome::AlreadyApplied);
                    }
                    order.fulfill(&licenses, now)
                });
                if refusal.is_some() {
                    self.breaks("an order refuses to be fulfilled");
                }
                return None;
            }
            SagaCommand::CancelEnrollment { line, .. } => {
                self.cancel_enrolment();
                if self.market.flaw == Some(Flaw::SilentUndo) {
                    return None;
                }
                done(SagaStep::CancelEnrollment { line: *line })
            }
            SagaCommand::RevokeLicense { line } => {
                self.revoke(Some(delivery), RevokeReason::Refund);
                done(SagaStep::RevokeLicense { line: *line })
            }
            SagaCommand::RefundPayment { refund_id, .. } => return self.refund(delivery, *refund_id),
            SagaCommand::MarkOrderFailed { reason } => {
                let refusal = self.change_order(Some(delivery), |order, now| order.fail(*reason, now));
                refused(command, refusal).unwrap_or(done(SagaStep::CloseOrder))
            }
            SagaCommand::MarkOrderRefunded => {
                let refusal =
                    self.change_order(Some(delivery), sarai_domain::marketplace::order::Order::mark_refunded);
                refused(command, refusal).unwrap_or(done(SagaStep::CloseOrder))
            }
            SagaCommand::SettleRefund { .. } => {
                self.breaks("a refund is settled by hand although no operator acted");
                return None;
            }
            SagaCommand::RecordFree => {
                self.breaks("an order that costs something is taken as free");
                return None;
            }
        };
        Some(Rest::Tell(told))
    }

    fn reserve(&mut self, delivery: &mut Delivery) -> Rest {
        let order = self.purchase.order.data();
        let hold = NewRedemption {
            id: id(40 + self.at),
            order_id: order.id,
            user_id: order.buyer_user_id.clone(),
            amount: order.discount_total,
            expires_at: order.placed_at.plus(PAYMENT_WINDOW),
        };
        if self.market.flaw == Some(Flaw::LostUpdates) {
            let mut coupon = self.world.coupon.load().unwrap();
            let told = match coupon.reserve(hold, self.world.now) {
                Ok(_) => SagaEvent::CouponsReserved,
                Err(_) => SagaEvent::CouponReservationFailed { code: "coupon.exhausted".to_owned() },
            };
            let mut stale = self.world.coupon.clone();
            let _ = stale.save(coupon);
            return Rest::SaveCoupon(stale, told);
        }
        let held = self.change_coupon(Some(delivery), |coupon, now| {
            coupon.reserve(hold, now).map_err(|refusal| refusal.code())
        });
        Rest::Tell(match held {
            Ok(()) => SagaEvent::CouponsReserved,
            Err(code) => SagaEvent::CouponReservationFailed { code: code.to_owned() },
        })
    }

    /// Billing answers with an intent, the same under the same key; one that was voided before is refused.
    fn create_intent(&mut self) -> SagaEvent {
        let billing = &mut self.purchase.billing;
        if billing.intent == Intent::Unknown {
            billing.intent = Intent::Open;
        }
        if matches!(billing.intent, Intent::Void | Intent::VoidProcessing | Intent::VoidCaptured) {
            return SagaEvent::PaymentRejected { code: "voided".to_owned() };
        }
        let line = self.purchase.order.data().lines[0].id;
        SagaEvent::PaymentRequested { intent: intent(), taxes: vec![LineTax { line, tax: amounts().0 }] }
    }

    fn poll(&mut self, delivery: &mut Delivery) -> SagaEvent {
        let word = match self.purchase.billing.intent {
            Intent::Captured | Intent::VoidCaptured => Some(Word::Captured),
            Intent::Failed => Some(Word::Declined),
            Intent::Void | Intent::VoidProcessing => return SagaEvent::IntentVoided,
            Intent::Unknown | Intent::Open | Intent::Processing => None,
        };
        if let Some(word) = word.filter(|_| self.purchase.order.data().payment_intent_id.is_some()) {
            self.hear(Some(delivery), word);
        }
        SagaEvent::PollAnswered
    }

    /// Billing voids, and keeps what arrives under the key later from being created.
    fn void_intent(&mut self) -> SagaEvent {
        let billing = &mut self.purchase.billing;
        billing.intent = match billing.intent {
            Intent::Captured | Intent::VoidCaptured => return SagaEvent::VoidRefused,
            Intent::Void | Intent::VoidProcessing => return SagaEvent::IntentVoided,
            Intent::Processing => Intent::VoidProcessing,
            Intent::Unknown | Intent::Open | Intent::Failed => Intent::Void,
        };
        self.purchase.undone.intent += 1;
        if self.market.notices {
            self.purchase.send(Consumer::Callbacks, Message::Hear(Word::Voided));
        }
        SagaEvent::IntentVoided
    }

    pub(crate) fn grant(&mut self) -> sarai_domain::kernel::LicenseId {
        let known = self.purchase.licenses.first().map(|license| license.data().id);
        if let Some(known) = known.filter(|_| self.market.flaw != Some(Flaw::BlindGrants)) {
            return known;
        }
        let order = self.purchase.order.data();
        let sold = &order.lines[0];
        let number = 10 * self.at + self.purchase.licenses.len();
        let learner = Learner { seat_id: id(50 + number), user_id: order.buyer_user_id.clone() };
        let new = NewLicense {
            id: id(200 + number),
            tenant_id: order.buyer_tenant_id.clone(),
            terms: LicenseTerms::of(&sold.offer, sold.quantity),
            origin: Origin::Purchase {
                order_id: order.id,
                order_line_id: sold.id,
                period_index: 0,
                refund_deadline: sold.refund_deadline,
                learner: Some(learner),
            },
            anchor: self.world.now,
        };
        let license = License::grant(new, self.world.now).unwrap();
        let id = license.id();
        self.store_license(None, license);
        id
    }

    fn enrol(&mut self, step: SagaStep, fortune: Fortune) -> SagaEvent {
        let SagaStep::Enroll { line } = step else { unreachable!() };
        let failed = |retryable, code: &str| SagaEvent::StepFailed { step, retryable, code: code.to_owned() };
        let enrols =
            Self::is_licensed(&self.purchase.licenses) || self.market.flaw == Some(Flaw::EnrolsTheRevoked);
        match fortune {
            Fortune::Down => failed(true, "unavailable"),
            // What it took under a key it does not refuse under the same.
            Fortune::Refused if !self.purchase.learning.known => failed(false, "enrollment.refused"),
            Fortune::Good if !enrols => failed(false, "license.not_active"),
            Fortune::Good | Fortune::Refused => {
                if !self.purchase.learning.known {
                    self.purchase.learning.known = true;
                    self.purchase.learning.enrolled = true;
                }
                SagaEvent::EnrollmentCompleted { line }
            }
        }
    }

    /// Opens a refund, or goes on with the one that is open.
    fn refund(
        &mut self,
        delivery: &mut Delivery,
        refund: Option<sarai_domain::kernel::RefundId>,
    ) -> Option<Rest> {
        let number = self.purchase.order.rows().len();
        self.change_order(Some(delivery), |order, now| {
            if order.pending_refund().is_some() || order.nothing_to_refund() {
                return Ok(Outcome::AlreadyApplied);
            }
            let mut wish = wish(number, RefundSource::Compensation);
            wish.id = refund.filter(|id| order.refunds().all(|known| known.id != *id)).unwrap_or(wish.id);
            order.request_refund(wish, now)
        });
        let order = self.purchase.order.load().ok()?;
        let step = SagaStep::RefundPayment;
        Some(match order.pending_refund() {
            Some(pending) => Rest::AskRefund(pending.id),
            None if order.nothing_to_refund() => Rest::Tell(SagaEvent::UndoAcknowledged { step }),
            None => Rest::Tell(SagaEvent::UndoFailed { step, code: "refund_failed".to_owned() }),
        })
    }

    /// Whether somebody could learn: what a failed or returned purchase must not leave.
    pub(crate) fn is_licensed(licenses: &[Kept<License>]) -> bool {
        licenses.iter().any(|license| license.data().state == LicenseState::Active)
    }
}

/// What the saga is told of a refusal that would be the same again.
fn refused(command: &SagaCommand, refusal: Option<OrderError>) -> Option<SagaEvent> {
    let refusal = refusal?;
    let (step, code) = (command.step(), refusal.code().to_owned());
    assert!(!matches!(refusal.kind(), Kind::Limited | Kind::Unavailable), "an order refuses by its rules");
    Some(match step.direction() {
        Direction::Forward => SagaEvent::StepFailed { step, retryable: false, code },
        Direction::Undo => SagaEvent::UndoFailed { step, code },
    })
}
