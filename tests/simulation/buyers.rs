//! What people do: each purchase is a script, straight on, in its own virtual time.

use std::{future::Future, pin::Pin, sync::Arc, task::Poll};

use sarai_application::{
    AppError, Call,
    marketplace::{CartRequest, RequestedLine},
};
use sarai_domain::{
    kernel::{Aggregate, Kind, OrderId, Timestamp},
    marketplace::{
        order::{Order, OrderStatus, RefundSource},
        values::{PlanKind, SeatCount},
    },
};
use sarai_ports::{PageRequest, auth::Role, inbound::InboundEvent, system::Clock};
use time::Duration;

use super::{
    billing::TOKENS,
    executor::Stop,
    faults::{Dice, Fault},
    process::Process,
    run::Stage,
    shop::{Good, call, staff},
};

/// What a call of a client's ended with.
pub(super) enum CallError {
    /// A refusal.
    Refused(AppError),
    /// The process died with it: it may have been done or not.
    Unknown,
}

/// Refusals a client may meet; any other is a finding.
#[rustfmt::skip]
const EXPECTED: &[&str] = &[
    "unavailable", "conflict.retry", "not_found",
    "coupon.exhausted", "coupon.user_cap_reached", "coupon.inactive", "coupon.not_applicable",
    "coupon.currency_mismatch", "coupon.not_stackable", "coupon.not_found", "coupon.too_many",
    "listing.not_live", "order.already_licensed", "order.not_payable", "order.not_cancellable",
    "quote.expired", "quote.used",
    "refund.not_refundable", "refund.deadline_passed", "refund.not_self_refundable",
    "refund.attempts_exceeded", "refund.already_refunded", "refund.in_progress",
    "refund.partial_before_fulfilment", "refund.indeterminate",
    "license.no_seats_remaining", "license.not_active", "license.seat_consumed",
    "listing.invalid_transition",
];

/// A purchase and everything its buyer does about it.
pub(super) struct Script {
    pub(super) stage: Arc<Stage>,
    /// Its place among the seed's purchases.
    pub(super) number: u64,
    /// What this buyer does is drawn from here, whatever else happens.
    pub(super) dice: Dice,
}

/// Polls a call and ends it when its process dies.
struct Within<F> {
    stage: Arc<Stage>,
    process: usize,
    incarnation: u64,
    future: Pin<Box<F>>,
}

impl<F: Future<Output = Result<T, AppError>>, T> Future for Within<F> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        if self.stage.world.incarnation(self.process) != self.incarnation {
            return Poll::Ready(Err(CallError::Unknown));
        }
        self.future.as_mut().poll(context).map_err(CallError::Refused)
    }
}

impl Script {
    /// Somebody calls some process; a refusal nobody expects is a finding.
    pub(super) async fn ask<T, F>(&self, make: impl FnOnce(Arc<Process>) -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, AppError>> + Send,
    {
        let answer = self.call(make).await;
        if let Err(CallError::Refused(error)) = &answer
            && !EXPECTED.contains(&error.code)
        {
            self.stage.breach(format!("unexpected refusal {}: {}", error.code, error.message), None);
        }
        answer
    }

    /// Somebody calls some process, whatever it answers.
    pub(super) async fn call<T, F>(&self, make: impl FnOnce(Arc<Process>) -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, AppError>> + Send,
    {
        let process = self.stage.some_process();
        let (number, incarnation) = (process.number, process.incarnation);
        let future = Box::pin(make(process));
        Within { stage: Arc::clone(&self.stage), process: number, incarnation, future }.await
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.stage.suite.clock.now().plus(duration);
        self.stage.world.turns.give_up(Stop::Asleep(until)).await;
    }

    fn seconds(&self, below: u64) -> Duration {
        Duration::milliseconds(i64::try_from(self.dice.below(below * 1_000)).unwrap_or_default())
    }

    fn buyer(&self) -> Call {
        let tenant = format!("tenant-{}", self.number % 7);
        call(&format!("user-{}", self.number), &tenant, &[Role::Customer, Role::TenantAdmin])
    }

    /// The whole life of one purchase.
    pub(super) async fn run(self, arrives: Timestamp) {
        self.stage.world.turns.give_up(Stop::Asleep(arrives)).await;
        let buyer = self.buyer();
        if self.dice.chance(2_500) {
            self.mischief(&buyer).await;
        }
        let goods = self.cart();
        let Some(order) = self.place(&buyer, &goods).await else { return };
        let cancels = self.dice.chance(500);
        if cancels && self.dice.chance(5_000) {
            self.sleep(self.seconds(10)).await;
            let _ = self.ask(|process| cancel(process, buyer.clone(), order)).await;
        }
        self.pay(&buyer, order).await;
        if cancels {
            let _ = self.ask(|process| cancel(process, buyer.clone(), order)).await;
        }
        let Some(order) = self.fulfilled(&buyer, order).await else { return };
        self.after(&buyer, &order, &goods).await;
    }

    fn cart(&self) -> Vec<(Good, u32)> {
        let goods = &self.stage.shop.goods;
        let first = goods[self.dice.index(goods.len())].clone();
        let more =
            goods.iter().filter(|good| good.currency == first.currency && good.listing != first.listing);
        let more: Vec<&Good> = more.collect();
        let mut cart = vec![first];
        for _ in 0..self.dice.pick(&[0, 0, 1, 1, 2, 3]) {
            let next = more[self.dice.index(more.len())];
            if cart.iter().all(|good| good.listing != next.listing) {
                cart.push(next.clone());
            }
        }
        let quantity = |good: &Good| match good.kind {
            PlanKind::SeatPack => good.pack * (1 + u32::try_from(self.dice.below(3)).unwrap_or_default()),
            PlanKind::OneTime | PlanKind::Subscription | PlanKind::SiteLicense => 1,
        };
        cart.into_iter().map(|good| (good.clone(), quantity(&good))).collect()
    }

    /// Places an order, by a quote now and then; looks for it when the answer was lost.
    async fn place(&self, buyer: &Call, goods: &[(Good, u32)]) -> Option<OrderId> {
        // Mostly codes that may apply, now and then any.
        let any = self.dice.chance(300);
        let fits = |provider: &str| goods.iter().any(|(good, _)| good.provider == provider);
        let codes = self.stage.shop.codes.iter().filter(|(_, owner, currency)| {
            let fits =
                owner.is_none_or(fits) && currency.is_none_or(|code| code == goods[0].0.currency.code());
            (fits || any) && self.dice.chance(1_500)
        });
        let codes = codes.take(if any { 3 } else { 1 });
        let request = CartRequest {
            currency: goods[0].0.currency,
            lines: goods
                .iter()
                .map(|(good, quantity)| RequestedLine {
                    listing_id: good.listing,
                    pricing_plan_id: good.plan,
                    quantity: SeatCount::try_new(*quantity).expect("seats"),
                })
                .collect(),
            coupon_codes: codes.map(|(code, ..)| code.parse().expect("a code")).collect(),
        };
        let quoted = self.dice.chance(2_500);
        for _ in 0..3 {
            let answer = if quoted {
                self.ask(|process| quote_and_place(process, buyer.clone(), request.clone())).await
            } else {
                self.ask(|process| place(process, buyer.clone(), request.clone())).await
            };
            match answer {
                Ok(order) => return Some(order),
                Err(CallError::Refused(error)) if error.kind != Kind::Unavailable => return None,
                Err(_) => {}
            }
            self.sleep(self.seconds(30)).await;
            if let Ok(Some(order)) = self.ask(|process| latest(process, buyer.clone())).await {
                return Some(order);
            }
        }
        None
    }

    /// Pays with some token; again while the order is payable and nothing final was said.
    async fn pay(&self, buyer: &Call, order: OrderId) {
        if self.dice.chance(300) {
            return;
        }
        let weather = &self.stage.world.weather;
        let mut token = if weather.strikes(Fault::PaymentLate) {
            self.dice.pick(&["late", "never"])
        } else if weather.strikes(Fault::PaymentFailed) {
            self.dice.pick(&["declined", "declined_once", "declined_once"])
        } else if weather.strikes(Fault::AmountMismatch) {
            "mismatch"
        } else if weather.strikes(Fault::CapturedTwice) {
            "twice"
        } else {
            "ok"
        };
        debug_assert!(TOKENS.contains(&token));
        for _ in 0..6 {
            self.sleep(self.seconds(60)).await;
            let answer = self.ask(|process| pay(process, buyer.clone(), order, token)).await;
            match answer {
                Ok(order) if order.data().status != OrderStatus::PendingPayment => return,
                Ok(_) if token == "declined_once" => token = "ok",
                Ok(_) => return,
                Err(CallError::Refused(error))
                    if error.code == "order.not_payable" || error.kind == Kind::Unavailable =>
                {
                    // Billing has not answered yet, or the answer was lost.
                    let now = self.ask(|process| get(process, buyer.clone(), order)).await;
                    let over = |order: &Order| {
                        !matches!(order.data().status, OrderStatus::Created | OrderStatus::PendingPayment)
                    };
                    if now.is_ok_and(|order| over(&order)) {
                        return;
                    }
                }
                Err(_) => {}
            }
        }
    }

    /// Waits until the order is fulfilled; none when it is not to be.
    async fn fulfilled(&self, buyer: &Call, id: OrderId) -> Option<Order> {
        for _ in 0..40 {
            if let Ok(order) = self.ask(|process| get(process, buyer.clone(), id)).await {
                match order.data().status {
                    OrderStatus::Fulfilled => return Some(order),
                    OrderStatus::Failed | OrderStatus::Refunded => return None,
                    OrderStatus::Created | OrderStatus::PendingPayment | OrderStatus::Paid => {
                        if order.data().status == OrderStatus::Paid && self.dice.chance(100) {
                            self.refund(buyer, &order, false).await;
                        }
                    }
                }
            }
            self.sleep(Duration::seconds(5) + self.seconds(120)).await;
        }
        None
    }

    /// What happens to an order that was fulfilled.
    async fn after(&self, buyer: &Call, order: &Order, goods: &[(Good, u32)]) {
        self.probe(order).await;
        if self.dice.chance(1_000) {
            self.retire_too_early(order).await;
        }
        self.seats(buyer, order).await;
        if goods.iter().any(|(good, _)| good.kind == PlanKind::Subscription) && self.dice.chance(5_000) {
            self.renewals(order);
        }
        self.sleep(self.seconds(self.stage.patience)).await;
        match self.dice.below(10) {
            0 => self.refund(buyer, order, true).await,
            1 => self.refund(buyer, order, false).await,
            2 => {
                self.refund(buyer, order, true).await;
                self.refund(buyer, order, false).await;
            }
            _ => {}
        }
        if self.stage.world.weather.strikes(Fault::PaymentReversed) {
            self.dispute(order);
        }
        self.sleep(self.seconds(600)).await;
        for license in order.data().lines.iter().filter_map(|line| line.license_id) {
            self.sit_on_revoked(buyer, license).await;
        }
    }

    /// Somebody of another tenant finds nothing of it.
    async fn probe(&self, order: &Order) {
        let stranger = call("stranger", "elsewhere", &[Role::Customer, Role::TenantAdmin]);
        let id = order.id();
        if self.ask(|process| get(process, stranger.clone(), id)).await.is_ok() {
            self.stage.breach("tenancy: a stranger reads the order".to_owned(), Some(id));
        }
        let line = order.data().lines[0].license_id;
        if let Some(license) = line
            && self
                .ask(|process| async move { process.market.licenses.get(&stranger, license).await })
                .await
                .is_ok()
        {
            self.stage.breach("tenancy: a stranger reads the licence".to_owned(), Some(id));
        }
    }

    /// The tenant's people take and leave seats of its packs; more than there are.
    async fn seats(&self, buyer: &Call, order: &Order) {
        for line in order.data().lines.iter().filter(|line| line.offer.plan_kind == PlanKind::SeatPack) {
            let Some(license) = line.license_id else { continue };
            if self.dice.chance(3_000) {
                // One more than there are seats.
                for number in 0..=line.quantity.get() {
                    let user = format!("crowd-{}-{number}", self.number).parse().expect("a user");
                    let caller = buyer.clone();
                    let _ = self
                        .ask(|process| async move {
                            process.market.licenses.assign_seat(&caller, license, &user).await
                        })
                        .await;
                }
                continue;
            }
            for number in 0..self.dice.below(u64::from(line.quantity.get()) + 2) {
                let user = format!("learner-{}-{}", self.number % 7, self.dice.below(4) + number).parse();
                let user = user.expect("a user");
                let caller = buyer.clone();
                let taken = self
                    .ask(|process| async move {
                        process.market.licenses.assign_seat(&caller, license, &user).await
                    })
                    .await;
                let caller = buyer.clone();
                if let Ok(seated) = taken
                    && self.dice.chance(3_000)
                {
                    let seat = seated.seat.id;
                    let _ = self
                        .ask(|process| async move {
                            process.market.licenses.release_seat(&caller, license, seat).await
                        })
                        .await;
                }
            }
        }
    }

    async fn refund(&self, buyer: &Call, order: &Order, first_line_only: bool) {
        let id = order.id();
        let lines = first_line_only.then(|| vec![order.data().lines[0].id]);
        let by_staff = self.dice.chance(3_000);
        let caller = buyer.clone();
        let _ = self
            .ask(|process| async move {
                let orders = &process.market.orders;
                if by_staff {
                    orders.refund_by_staff(&staff(), id, lines, RefundSource::Admin, "goodwill").await
                } else {
                    orders.refund(&caller, id, lines, "not for me").await
                }
            })
            .await;
    }

    fn dispute(&self, order: &Order) {
        let (order_id, dispute_id) = (order.id(), format!("dsp_{}", self.number));
        let lost = self.dice.chance(5_000);
        self.stage
            .tell(self.seconds(10), InboundEvent::DisputeOpened { order_id, dispute_id: dispute_id.clone() });
        let end = if lost {
            InboundEvent::DisputeLost { order_id, dispute_id }
        } else {
            InboundEvent::DisputeWon { order_id, dispute_id }
        };
        self.stage.tell(self.seconds(3_600), end);
    }

    fn renewals(&self, order: &Order) {
        for line in order.data().lines.iter().filter(|line| line.offer.plan_kind == PlanKind::Subscription) {
            for period_index in 1..=1 + u32::try_from(self.dice.below(2)).unwrap_or_default() {
                let event = InboundEvent::SubscriptionRenewed {
                    order_line_id: line.id,
                    invoice_id: format!("inv_{}_{period_index}", line.id),
                    period_index,
                    amount: line.offer.price,
                    tax: sarai_domain::kernel::Money::zero(line.offer.price.currency()),
                };
                self.stage.renewed(line.id, period_index, line.offer.price);
                self.stage.tell(self.seconds(600), event);
            }
        }
    }
}

async fn place(process: Arc<Process>, buyer: Call, cart: CartRequest) -> Result<OrderId, AppError> {
    Ok(process.market.orders.place(&buyer, &cart).await?.order.id())
}

async fn quote_and_place(process: Arc<Process>, buyer: Call, cart: CartRequest) -> Result<OrderId, AppError> {
    let quoted = process.market.quotes.open(&buyer, &cart).await?;
    let quote = process.market.quotes.of_token(&buyer, &quoted.token).await?;
    Ok(process.market.orders.place_quoted(&buyer, quote).await?.order.id())
}

async fn latest(process: Arc<Process>, buyer: Call) -> Result<Option<OrderId>, AppError> {
    let mut own = buyer;
    own.principal.roles = vec![Role::Customer];
    let page = process.market.orders.list(&own, None, &PageRequest::first(1)).await?;
    Ok(page.items.first().map(Aggregate::id))
}

async fn get(process: Arc<Process>, buyer: Call, id: OrderId) -> Result<Order, AppError> {
    process.market.orders.get(&buyer, id).await
}

async fn pay(process: Arc<Process>, buyer: Call, id: OrderId, token: &str) -> Result<Order, AppError> {
    process.market.orders.pay(&buyer, id, token).await
}

async fn cancel(process: Arc<Process>, buyer: Call, id: OrderId) -> Result<Order, AppError> {
    process.market.orders.cancel(&buyer, id).await
}
