//! A state: stored aggregates, messages on their way, what runs in memory, and what other services know.

use std::{collections::BTreeMap, sync::Arc};

use sarai_domain::{
    kernel::{Id, IdKind, LicenseId, Money, PaymentId, PaymentIntentId, RefundId, Timestamp, Ulid},
    marketplace::{
        coupon::{Coupon, NewCoupon},
        license::{License, RevokeReason},
        listing::Offer,
        order::{NewOrder, Order},
        saga::{PAYMENT_WINDOW, PurchaseSaga, SagaCommand, SagaEvent},
        services::{AppliedDiscount, PricedCart, PricedLine},
        values::{Discount, Owner, PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};
use sarai_testkit::make;

use crate::kept::Kept;

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(crate) struct World {
    /// Business time; it stands still but for the timers.
    pub(crate) now: Timestamp,
    /// The purchases, each with its buyer and its process.
    pub(crate) purchases: Vec<Arc<Purchase>>,
    /// The coupon that every purchase uses.
    pub(crate) coupon: Kept<Coupon>,
    /// What may still go wrong.
    pub(crate) luck: Luck,
    /// What must never happen, when it did.
    pub(crate) broken: Option<&'static str>,
}

/// How often things may still go wrong, over all purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Luck {
    /// Processes that die between a commit and its follow-up.
    pub(crate) crashes: u8,
    /// Messages that arrive a second time, at any later moment.
    pub(crate) copies: u8,
    /// Calls to the enrollment gateway that find it down.
    pub(crate) outages: u8,
    /// Calls to the enrollment gateway that it refuses for good.
    pub(crate) refusals: u8,
    /// Retries that come while the answer is still on its way.
    pub(crate) hasty: u8,
}

/// One purchase and everything about it.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(crate) struct Purchase {
    /// The order, with its refunds.
    pub(crate) order: Kept<Order>,
    /// Its saga, once the order's first event was handled.
    pub(crate) saga: Option<Kept<PurchaseSaga>>,
    /// Licences, in the order of their granting.
    pub(crate) licenses: Vec<Kept<License>>,
    /// Deliveries not done yet, a queue for each consumer (R41).
    pub(crate) queues: BTreeMap<Consumer, Vec<Delivery>>,
    /// Handlers between two of their steps: lost in a crash.
    pub(crate) running: BTreeMap<Consumer, Rest>,
    /// Done deliveries that will arrive once more.
    pub(crate) late: Vec<(Consumer, Delivery)>,
    /// What `pay` was answered, before it is recorded: lost in a crash.
    pub(crate) answered: Option<Word>,
    /// billing-service.
    pub(crate) billing: Billing,
    /// enrollment-service.
    pub(crate) learning: Learning,
    /// What the buyer may still do.
    pub(crate) buyer: Buyer,
    /// How often each undo had an effect.
    pub(crate) undone: Undone,
}

/// Who handles a delivery. `Callbacks` stands for billing's callbacks, which keep no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Consumer {
    Saga,
    Commands,
    Refunds,
    Strays,
    Revocations,
    Enrolments,
    Callbacks,
}

/// A message, and the targets that have consumed it: its rows of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Delivery {
    pub(crate) message: Arc<Message>,
    pub(crate) consumed: u8,
}

/// What a consumer makes of an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Message {
    Begin,
    Tell(SagaEvent),
    Command(SagaCommand),
    RunRefund(RefundId),
    CancelLost,
    ReturnStray(PaymentId),
    Revoke(RevokeReason),
    CancelEnrolment,
    Hear(Word),
    Returned(RefundId),
}

/// What billing says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Word {
    Captured,
    Declined,
    Voided,
}

/// What a handler still has to do after its first step.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(crate) enum Rest {
    Tell(SagaEvent),
    /// The licence is granted; the saga does not know of it, nor of the payment.
    TellPaid(LicenseId),
    /// The saga turned back and did not take it.
    RevokeUntaken,
    AskRefund(RefundId),
    SettleRefund(RefundId),
    SettleStray(PaymentId),
    /// A coupon that was decided on before somebody else saved it: only where updates are lost.
    SaveCoupon(Kept<Coupon>, SagaEvent),
}

/// What billing knows of one order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Billing {
    pub(crate) intent: Intent,
    /// The payment was captured.
    pub(crate) captured: bool,
    /// The keys under which money went back, each once.
    pub(crate) returned: Vec<String>,
}

/// An intent's state at billing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Intent {
    #[default]
    Unknown,
    Open,
    /// Paid, not yet answered; `void` is acknowledged and the capture comes anyway, or never.
    Processing,
    Captured,
    Failed,
    Void,
    /// As `Processing`, after the void.
    VoidProcessing,
    /// Captured after the void.
    VoidCaptured,
}

/// What enrollment-service knows of one learner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Learning {
    /// The key of the saga's enrolment was used.
    pub(crate) known: bool,
    pub(crate) enrolled: bool,
}

/// What a buyer may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Buyer {
    pub(crate) cancels: bool,
    pub(crate) refunds: bool,
    /// Pays in a way that billing answers late.
    pub(crate) hesitates: bool,
}

/// How often each undo had an effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Undone {
    pub(crate) enrolment: u8,
    pub(crate) license: u8,
    pub(crate) money: u8,
    pub(crate) intent: u8,
    pub(crate) coupon: u8,
    pub(crate) order: u8,
}

impl Undone {
    pub(crate) fn each(self) -> [u8; 6] {
        [self.enrolment, self.license, self.money, self.intent, self.coupon, self.order]
    }
}

/// An id that is the same in every state in which it means the same.
pub(crate) fn id<K: IdKind>(number: usize) -> Id<K> {
    Id::new(Ulid(number as u128))
}

/// When everything begins.
pub(crate) fn start() -> Timestamp {
    "2026-04-20T09:30:00Z".parse().unwrap()
}

/// When an unpaid order is given up.
pub(crate) fn deadline() -> Timestamp {
    start().plus(PAYMENT_WINDOW)
}

/// The only payment of an order's intent.
pub(crate) fn payment() -> PaymentId {
    "pay_1".parse().unwrap()
}

/// An order's intent.
pub(crate) fn intent() -> PaymentIntentId {
    "pi_1".parse().unwrap()
}

impl World {
    /// Placed orders of one line each, all with one coupon or none.
    pub(crate) fn new(purchases: usize, usage_cap: Option<u32>, luck: Luck, buyer: Buyer) -> Self {
        let new = NewCoupon {
            id: id(1),
            owner: Owner::Platform,
            code: "SPRING".parse().unwrap(),
            discount: Discount::percent(10).unwrap(),
            usage_cap,
            per_user_cap: None,
            valid_from: None,
            valid_until: None,
            tenant_scope: None,
            provider_scope: None,
        };
        let (coupon, _) = Kept::new(Coupon::create(new, start()).unwrap());
        let purchases = (0..purchases)
            .map(|number| Arc::new(Purchase::new(number, usage_cap.is_some(), buyer)))
            .collect();
        Self { now: start(), purchases, coupon, luck, broken: None }
    }
}

impl Purchase {
    fn new(number: usize, coupon: bool, buyer: Buyer) -> Self {
        let mut purchase = Self {
            order: Kept::new(placed(number, coupon)).0,
            saga: None,
            licenses: Vec::new(),
            queues: BTreeMap::new(),
            running: BTreeMap::new(),
            late: Vec::new(),
            answered: None,
            billing: Billing::default(),
            learning: Learning::default(),
            buyer,
            undone: Undone::default(),
        };
        purchase.send(Consumer::Saga, Message::Begin);
        purchase
    }

    /// Puts a delivery behind those of the same consumer.
    pub(crate) fn send(&mut self, to: Consumer, message: Message) {
        let delivery = Delivery { message: Arc::new(message), consumed: 0 };
        self.queues.entry(to).or_default().push(delivery);
    }

    /// Whether nothing is under way; copies that may still arrive do not count.
    pub(crate) fn is_quiet(&self) -> bool {
        self.queues.is_empty() && self.answered.is_none()
    }

    /// Whether its saga is over.
    pub(crate) fn is_over(&self) -> bool {
        self.saga.as_ref().is_some_and(|saga| saga.data().state.is_terminal())
    }
}

/// An order of one personal line of 9.00, from 10.00 where the coupon takes 1.00 off.
fn placed(number: usize, coupon: bool) -> Order {
    let (full, off) = if coupon { ("10.00", "1.00") } else { ("9.00", "0.00") };
    let (price, off, net) = (make::usd(full), make::usd(off), make::usd("9.00"));
    let (fee_amount, provider_amount) = (make::usd("1.35"), make::usd("7.65"));
    let offer = Offer {
        listing_id: id(1),
        provider_tenant_id: make::tenant("studio"),
        pricing_plan_id: id(1),
        plan_kind: PlanKind::OneTime,
        price,
        plan_seats: None,
        interval_months: None,
        perpetual_offline_access: false,
        refund_policy: RefundPolicy::try_new(14, None).unwrap(),
        revenue_share: RevenueShare::DEFAULT,
        course_id: "rust".parse().unwrap(),
        course_version_id: "rust-3".parse().unwrap(),
    };
    let line = PricedLine {
        id: id(10 + number),
        offer,
        quantity: SeatCount::ONE,
        packs: 1,
        unit_price: price,
        subtotal: price,
        discount_total: off,
        net,
        fee_amount,
        provider_amount,
    };
    let code = "SPRING".parse().unwrap();
    let discount = AppliedDiscount {
        coupon_id: id(1),
        code,
        amount: off,
        per_line: vec![off],
        terms: None,
        owner: None,
    };
    let new = NewOrder {
        id: id(20 + number),
        saga_id: id(30 + number),
        buyer_tenant_id: make::tenant("school"),
        buyer_user_id: format!("buyer-{number}").parse().unwrap(),
        quote_id: None,
        cart: PricedCart {
            currency: price.currency(),
            lines: vec![line],
            discounts: coupon.then_some(discount).into_iter().collect(),
            subtotal: price,
            discount_total: off,
        },
    };
    Order::place(new, start()).unwrap()
}

/// What billing adds, and what it captures.
pub(crate) fn amounts() -> (Money, Money) {
    (make::usd("0.50"), make::usd("9.50"))
}
