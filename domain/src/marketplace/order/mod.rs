//! Order: what a buyer bought at which price, whether it is paid, and what was returned (marketplace.md 2).
//!
//! - `data`: the stored document
//! - `status`: the states and [`TRANSITIONS`]
//! - `line`: the frozen lines
//! - `payment`: what billing reports; stray captures
//! - `refund`: refunds by whole lines; `refund_plan`: what one would move, and what forbids it
//! - `check`: the invariants over stored data

use std::collections::BTreeMap;

use crate::kernel::{
    Aggregate, Changes, IllegalTransition, LastTransition, LicenseId, Money, OrderId, OrderLineId, Outcome,
    PaymentIntentId, RefundId, Root, SagaId, Step, Timestamp, UserId, require, step,
};

mod check;
mod data;
mod error;
mod event;
mod line;
mod payment;
mod refund;
mod refund_plan;
mod status;

pub use data::{NewOrder, OrderData};
pub use error::OrderError;
pub use event::{FulfilledLine, OrderEvent, OrderRef, OrderSeller, PlacedLine};
pub use line::{OrderLine, RefundedLine, refuse_held, refuse_personal};
pub use payment::{PaymentError, StrayCapture, StrayKind};
pub use refund::{ByHand, Refund, RefundRequest, RefundSource, RefundState};
pub use refund_plan::{RefundObstacle, RefundPlan};
pub use status::{
    FailureReason, OrderAction, OrderStatus, PaymentState, RefundProgress, TERMINAL, TRANSITIONS,
};

/// The most lines an order may have (O-INV-5).
pub const MAX_LINES: usize = 50;

/// A purchase of one tenant's user. It guards O-INV-1 to O-INV-8 and AC-2; its states are [`TRANSITIONS`].
///
/// It reads its own lines only, so nothing that happens to a listing or a plan can stop a paid order.
///
/// ```
/// use sarai_domain::{
///     kernel::{Aggregate, Currency, Money, OrderLineId},
///     marketplace::{
///         listing::Offer,
///         order::{NewOrder, Order, OrderStatus, RefundRequest, RefundSource},
///         services::{PricedCart, PricedLine},
///         values::{PlanKind, RefundPolicy, RevenueShare, SeatCount},
///     },
/// };
/// let usd = Currency::parse("USD")?;
/// let (price, none) = (Money::parse("6.45", usd)?, Money::zero(usd));
/// let line: OrderLineId = "oln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// let offer = Offer {
///     listing_id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     provider_tenant_id: "provider".parse()?,
///     pricing_plan_id: "pln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     plan_kind: PlanKind::OneTime,
///     price,
///     plan_seats: None,
///     interval_months: None,
///     perpetual_offline_access: false,
///     refund_policy: RefundPolicy::try_new(14, None)?,
///     revenue_share: RevenueShare::try_new(3_000, 7_000)?,
///     course_id: "crs_1".parse()?,
///     course_version_id: "cv_1".parse()?,
/// };
/// let cart = PricedCart {
///     currency: usd,
///     lines: vec![PricedLine {
///         id: line,
///         offer,
///         quantity: SeatCount::ONE,
///         packs: 1,
///         unit_price: price,
///         subtotal: price,
///         discount_total: none,
///         net: price,
///         fee_amount: Money::parse("1.93", usd)?,
///         provider_amount: Money::parse("4.52", usd)?,
///     }],
///     discounts: vec![],
///     subtotal: price,
///     discount_total: none,
/// };
/// let now = "2026-04-20T09:30:00Z".parse()?;
/// let mut order = Order::place(
///     NewOrder {
///         id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         saga_id: "sga_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         buyer_tenant_id: "school".parse()?,
///         buyer_user_id: "ana".parse()?,
///         quote_id: None,
///         cart,
///     },
///     now,
/// )?;
/// let intent = "pi_1".parse()?;
/// let _ = order.request_payment(&[(line, Money::parse("0.55", usd)?)], Some("pi_1".parse()?), now)?;
/// let _ = order.record_payment(&intent, "pay_1".parse()?, Money::parse("7.00", usd)?, now)?;
/// let _ = order.fulfill(&[(line, "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?)], now)?;
/// assert_eq!(order.data().status, OrderStatus::Fulfilled);
///
/// let id = "rfd_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// let reason = "not what I expected".to_owned();
/// let _ = order.request_refund(RefundRequest { id, lines: None, source: RefundSource::Buyer, reason }, now)?;
/// let _ = order.settle_refund(id, true, now)?;
/// assert_eq!(order.data().status, OrderStatus::Refunded);
/// assert_eq!(order.data().refunded_total.to_string(), "7.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Order {
    root: Root<OrderData, OrderEvent, Refund>,
    refunds: BTreeMap<RefundId, Refund>,
}

impl Aggregate for Order {
    type Id = OrderId;
    type Data = OrderData;
    type Row = Refund;
    type Event = OrderEvent;
    type Error = OrderError;

    const NAME: &'static str = "order";

    /// Every refund must be given.
    fn rehydrate(data: OrderData, rows: Vec<Refund>, version: u64) -> Result<Self, OrderError> {
        require::<Self>(&data, &rows)?;
        let refunds = rows.into_iter().map(|refund| (refund.id, refund)).collect();
        Ok(Self { root: Root::stored(data, version), refunds })
    }

    fn id(&self) -> OrderId {
        self.root.data.id
    }

    fn data(&self) -> &OrderData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.id();
        self.root.into_changes(id)
    }
}

impl Order {
    /// Places an order for a priced cart.
    ///
    /// # Errors
    /// [`OrderError::NoLines`], [`OrderError::TooManyLines`] (O-INV-5), [`OrderError::DuplicateLine`],
    /// [`OrderError::CurrencyMismatch`] (O-INV-1), [`OrderError::SumMismatch`] (O-INV-2).
    pub fn place(new: NewOrder, now: Timestamp) -> Result<Self, OrderError> {
        let NewOrder { id, saga_id, buyer_tenant_id, buyer_user_id, quote_id, cart } = new;
        let data = OrderData {
            id,
            buyer_tenant_id,
            buyer_user_id,
            quote_id,
            currency: cart.currency,
            lines: cart.lines.into_iter().map(OrderLine::of).collect(),
            subtotal: cart.subtotal,
            discount_total: cart.discount_total,
            tax_total: None,
            totals: None,
            discounts: cart.discounts,
            payment_intent_id: None,
            payment_id: None,
            status: OrderStatus::Created,
            last_transition: None,
            failure_reason: None,
            payment_state: PaymentState::None,
            refund_state: RefundProgress::None,
            refunded_total: Money::zero(cart.currency),
            stray_captures: Vec::new(),
            last_payment_error: None,
            placed_at: now,
            paid_at: None,
            fulfilled_at: None,
            refunded_at: None,
            cancel_requested_at: None,
            refund_deadline: None,
            saga_id,
        };
        check::prices(&data)?;
        let mut order = Self { root: Root::new(data), refunds: BTreeMap::new() };
        let placed = order.placed_event();
        let _ = order.note(placed);
        Ok(order)
    }

    /// Takes billing's answer: the tax of every line and, exactly when something is due, an intent. From
    /// now on `taxTotal` and `totals` are set (O-INV-2).
    ///
    /// # Errors
    /// [`OrderError::InvalidTransition`] (O-INV-4), [`OrderError::TaxIncomplete`] (O-INV-2),
    /// [`OrderError::CurrencyMismatch`] (O-INV-1), [`OrderError::IntentMismatch`].
    pub fn request_payment(
        &mut self,
        taxes: &[(OrderLineId, Money)],
        intent: Option<PaymentIntentId>,
        now: Timestamp,
    ) -> Result<Outcome, OrderError> {
        let step = self.step(OrderAction::RequestPayment)?;
        let taxes = self.per_line(taxes).map_err(OrderError::TaxIncomplete)?;
        let data = &mut self.root.data;
        let Step::To(status) = step else {
            let same_taxes = data.lines.iter().zip(&taxes).all(|(line, tax)| line.tax_total == Some(*tax));
            let same = same_taxes && data.payment_intent_id == intent;
            return self.repeated(OrderAction::RequestPayment, same);
        };
        let tax_total = Money::sum(data.currency, &taxes)?;
        let totals = data.subtotal.checked_sub(&data.discount_total)?.checked_add(&tax_total)?;
        if intent.is_none() != totals.is_zero() {
            return Err(OrderError::IntentMismatch);
        }
        for (line, tax) in data.lines.iter_mut().zip(taxes) {
            line.tax_total = Some(tax);
        }
        data.tax_total = Some(tax_total);
        data.totals = Some(totals);
        data.payment_intent_id.clone_from(&intent);
        self.enter(status, OrderAction::RequestPayment);
        Ok(self.note(OrderEvent::PaymentRequested {
            order: self.order_ref(),
            payment_intent_id: intent,
            tax_total,
            totals,
            requested_at: now,
        }))
    }

    /// Asks the saga to give the order up (R47). A cancel that loses to the payment shows in the paid event.
    ///
    /// # Errors
    /// [`OrderError::NotCancellable`] once it is paid, or over for another reason than a cancel.
    pub fn request_cancel(&mut self, now: Timestamp) -> Result<Outcome, OrderError> {
        let data = &mut self.root.data;
        match data.status {
            OrderStatus::Created | OrderStatus::PendingPayment if data.cancel_requested_at.is_none() => {}
            OrderStatus::Created | OrderStatus::PendingPayment => return Ok(Outcome::AlreadyApplied),
            OrderStatus::Failed if data.failure_reason == Some(FailureReason::Cancelled) => {
                return Ok(Outcome::AlreadyApplied);
            }
            OrderStatus::Paid | OrderStatus::Fulfilled | OrderStatus::Refunded | OrderStatus::Failed => {
                return Err(OrderError::NotCancellable);
            }
        }
        data.cancel_requested_at = Some(now);
        Ok(self.note(OrderEvent::CancelRequested { order: self.order_ref(), requested_at: now }))
    }

    /// Marks the purchase complete: one licence a line. A pending refund does not hinder it and runs as one
    /// after fulfilment (R46); once all money is back it is refused (O-INV-6).
    ///
    /// # Errors
    /// [`OrderError::InvalidTransition`] (O-INV-4, O-INV-6), [`OrderError::FulfilAfterRefund`] (O-INV-6),
    /// [`OrderError::LicenseIncomplete`].
    pub fn fulfill(
        &mut self,
        licenses: &[(OrderLineId, LicenseId)],
        now: Timestamp,
    ) -> Result<Outcome, OrderError> {
        let step = self.step(OrderAction::Fulfill)?;
        let licenses = self.per_line(licenses).map_err(OrderError::LicenseIncomplete)?;
        let data = &mut self.root.data;
        let Step::To(status) = step else {
            let same = data.lines.iter().zip(&licenses).all(|(line, id)| line.license_id == Some(*id));
            return self.repeated(OrderAction::Fulfill, same);
        };
        if data.refund_state == RefundProgress::Full {
            return Err(OrderError::FulfilAfterRefund);
        }
        for (line, license) in data.lines.iter_mut().zip(&licenses) {
            line.license_id = Some(*license);
        }
        data.fulfilled_at = Some(now);
        self.enter(status, OrderAction::Fulfill);
        let lines = self.root.data.lines.iter().zip(licenses);
        let lines = lines.map(|(line, license_id)| FulfilledLine {
            order_line_id: line.id,
            license_id,
            listing_id: line.offer.listing_id,
            provider_tenant_id: line.offer.provider_tenant_id.clone(),
            net: line.net,
            fee_amount: line.fee_amount,
            provider_amount: line.provider_amount,
            platform_bps: line.offer.revenue_share.platform_bps(),
            refund_deadline: line.refund_deadline.unwrap_or(now),
        });
        Ok(self.note(OrderEvent::Fulfilled {
            order: self.order_ref(),
            lines: lines.collect(),
            pending_refund: self.pending_refund().map(|refund| refund.id),
            fulfilled_at: now,
        }))
    }

    /// Gives the order up. A paid one only after its money went back.
    ///
    /// # Errors
    /// [`OrderError::InvalidTransition`] (O-INV-4), [`OrderError::MoneyNotReturned`].
    pub fn fail(&mut self, reason: FailureReason, now: Timestamp) -> Result<Outcome, OrderError> {
        let Step::To(status) = self.step(OrderAction::Fail)? else {
            return self.repeated(OrderAction::Fail, self.root.data.failure_reason == Some(reason));
        };
        if self.root.data.paid_at.is_some() {
            if self.root.data.totals != Some(self.root.data.refunded_total) {
                return Err(OrderError::MoneyNotReturned);
            }
            self.return_nothing(now)?;
            self.root.data.refunded_at = Some(now);
        }
        self.enter(status, OrderAction::Fail);
        self.root.data.failure_reason = Some(reason);
        Ok(self.note(OrderEvent::Failed {
            order: self.order_ref(),
            reason,
            refunded_total: self.root.data.refunded_total,
            failed_at: now,
        }))
    }

    /// Whether this saga may drive the order (O-INV-7).
    ///
    /// # Errors
    /// [`OrderError::ForeignSaga`] for any other saga.
    pub fn ensure_saga(&self, saga_id: SagaId) -> Result<(), OrderError> {
        if saga_id == self.root.data.saga_id { Ok(()) } else { Err(OrderError::ForeignSaga(saga_id)) }
    }

    /// Whether the coupons leave nothing to pay, so that billing is not asked.
    pub fn is_free(&self) -> bool {
        self.root.data.subtotal == self.root.data.discount_total
    }

    /// Whether it is in this status or went through it.
    pub fn has_reached(&self, status: OrderStatus) -> bool {
        let data = &self.root.data;
        match status {
            OrderStatus::Created => true,
            OrderStatus::PendingPayment => data.totals.is_some(),
            OrderStatus::Paid => data.paid_at.is_some(),
            OrderStatus::Fulfilled => data.fulfilled_at.is_some(),
            OrderStatus::Refunded | OrderStatus::Failed => data.status == status,
        }
    }

    /// Who learns with the line's licence from the start: the buyer of a personal one. The seats of an
    /// organisation are assigned later.
    pub fn learner_of(&self, line: OrderLineId) -> Option<&UserId> {
        let line = self.root.data.lines.iter().find(|known| known.id == line)?;
        line.is_personal().then_some(&self.root.data.buyer_user_id)
    }

    /// The facts noted since it was loaded.
    pub fn pending(&self) -> &[OrderEvent] {
        self.root.pending()
    }

    fn step(&self, action: OrderAction) -> Result<Step<OrderStatus>, OrderError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.status, action, None, data.last_transition.as_ref())?)
    }

    /// Answers an action that had led to the current status: fine when it says the same again, and otherwise
    /// no way out of that status. The arguments are compared with what they left in the document.
    fn repeated(&self, action: OrderAction, same: bool) -> Result<Outcome, OrderError> {
        if same {
            Ok(Outcome::AlreadyApplied)
        } else {
            Err(IllegalTransition { from: self.root.data.status, action }.into())
        }
    }

    fn enter(&mut self, status: OrderStatus, action: OrderAction) {
        self.root.data.status = status;
        self.root.data.last_transition = Some(LastTransition { action, argument: None });
    }

    /// Ends every command that changed something.
    fn note(&mut self, event: OrderEvent) -> Outcome {
        self.root.data.refund_state = refund::progress(&self.root.data);
        self.root.data.payment_state = payment::state(&self.root.data, self.refunds.values());
        self.root.record(event);
        Outcome::Applied
    }

    /// What is given for each line, in the lines' order; or a line that is not named exactly once.
    fn per_line<T: Copy>(&self, given: &[(OrderLineId, T)]) -> Result<Vec<T>, OrderLineId> {
        let mut by_line = BTreeMap::new();
        for (id, value) in given {
            if by_line.insert(*id, *value).is_some() {
                return Err(*id);
            }
        }
        let lines = self.root.data.lines.iter();
        let values = lines.map(|line| by_line.remove(&line.id).ok_or(line.id)).collect::<Result<_, _>>()?;
        by_line.into_keys().next().map_or(Ok(values), Err)
    }

    fn order_ref(&self) -> OrderRef {
        let data = &self.root.data;
        OrderRef {
            order_id: data.id,
            saga_id: data.saga_id,
            buyer_tenant_id: data.buyer_tenant_id.clone(),
            buyer_user_id: data.buyer_user_id.clone(),
            sellers: self.sellers(),
        }
    }

    /// The providers, in the order in which they first appear.
    fn sellers(&self) -> Vec<OrderSeller> {
        let mut sellers: Vec<OrderSeller> = Vec::new();
        for line in &self.root.data.lines {
            let provider = &line.offer.provider_tenant_id;
            match sellers.iter_mut().find(|seller| seller.provider_tenant_id == *provider) {
                Some(seller) => seller.order_line_ids.push(line.id),
                None => sellers.push(OrderSeller {
                    provider_tenant_id: provider.clone(),
                    order_line_ids: vec![line.id],
                }),
            }
        }
        sellers
    }

    fn placed_event(&self) -> OrderEvent {
        let data = &self.root.data;
        let lines = data.lines.iter().map(|line| PlacedLine {
            order_line_id: line.id,
            listing_id: line.offer.listing_id,
            pricing_plan_id: line.offer.pricing_plan_id,
            provider_tenant_id: line.offer.provider_tenant_id.clone(),
            plan_kind: line.offer.plan_kind,
            course_id: line.offer.course_id.clone(),
            course_version_id: line.offer.course_version_id.clone(),
            quantity: line.quantity,
            net: line.net,
        });
        OrderEvent::Placed {
            order: self.order_ref(),
            quote_id: data.quote_id,
            currency: data.currency,
            lines: lines.collect(),
            coupons: data.applied_coupons().collect(),
            subtotal: data.subtotal,
            discount_total: data.discount_total,
            free: self.is_free(),
            placed_at: data.placed_at,
        }
    }
}

#[cfg(test)]
mod tests;
