//! What must hold: of every aggregate after every commit, and of the whole market when it has come to rest.
//!
//! The rules are written down a second time here, over stored data and over the events, so that a guard
//! missing in the domain is missed. A breach names the rule: the invariant's id where it has one.

use std::collections::{BTreeMap, BTreeSet};

use sarai_domain::{
    kernel::{
        Aggregate, CouponId, Currency, LicenseId, ListingId, Money, OrderId, OrderLineId, SagaId, Timestamp,
    },
    marketplace::{
        coupon::{Coupon, CouponEvent, RedemptionStatus},
        earnings::{EarningsEvent, EarningsKey, EarningsLine, EarningsState, LineKind, ProviderEarnings},
        event::MarketplaceEvent,
        license::{License, LicenseEvent, LicenseScope, LicenseState, SeatStatus},
        listing::{Listing, ListingState},
        order::{FulfilledLine, Order, OrderEvent, OrderStatus, RefundState, RefundedLine},
        quote::Quote,
        saga::{
            CompensationReason, PurchaseSaga, SagaCoordinator, SagaEvent, SagaMessage, SagaState,
            StepOutcome, StepRecord,
        },
        values::Discount,
    },
};
use sarai_ports::{Event, Scope, StoreError, marketplace::Repository};

use super::{
    billing::Billing,
    enrollment::{Enrollment, has_begun},
    store::Written,
};
use crate::SuitePorts;

/// How many commits of one period go by between two full looks at its lines.
const FULL_LOOK: u64 = 97;

/// The saga's state machine, by marketplace.md 5.
#[rustfmt::skip]
const EDGES: &[(SagaState, SagaState)] = &[
    (SagaState::Started,         SagaState::AwaitingPayment), (SagaState::Started,         SagaState::Compensating),
    (SagaState::AwaitingPayment, SagaState::Licensing),       (SagaState::AwaitingPayment, SagaState::Compensating),
    (SagaState::Licensing,       SagaState::Enrolling),       (SagaState::Licensing,       SagaState::Compensating),
    (SagaState::Enrolling,       SagaState::Fulfilled),       (SagaState::Enrolling,       SagaState::Compensating),
    (SagaState::Compensating,    SagaState::Failed),
    // Told together, in one save.
    (SagaState::AwaitingPayment, SagaState::Enrolling),       (SagaState::AwaitingPayment, SagaState::Fulfilled),
    (SagaState::Licensing,       SagaState::Fulfilled),
];

/// A rule that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The invariant's id, or the name of a rule without one.
    pub rule: String,
    /// Of what: an id.
    pub subject: String,
    /// What is wrong.
    pub detail: String,
}

type Checked = Result<(), Breach>;

fn breach(rule: &str, subject: impl ToString, detail: impl Into<String>) -> Breach {
    Breach { rule: rule.to_owned(), subject: subject.to_string(), detail: detail.into() }
}

fn ensure(holds: bool, rule: &str, subject: &impl ToString, detail: &str) -> Checked {
    if holds { Ok(()) } else { Err(breach(rule, subject.to_string(), detail)) }
}

/// A store that does not answer, or what it holds is no valid aggregate: its rule comes first in the reason.
fn unreadable(error: &StoreError) -> Breach {
    match error {
        StoreError::Corrupt { id, reason, .. } => {
            let rule =
                reason.split(':').next().filter(|word| word.contains("INV-") || word.starts_with("AC-"));
            breach(rule.unwrap_or("integrity"), id, reason.clone())
        }
        other => breach("integrity", "store", other.to_string()),
    }
}

/// What each kind of aggregate is checked for when it was written.
#[rustfmt::skip]
pub const RULES: &[(&str, &[&str])] = &[
    (Listing::NAME,          &["L-INV-1", "L-INV-2", "L-INV-3", "L-INV-4", "L-INV-5", "L-INV-6", "L-INV-7", "L-INV-8",
                               "L-INV-9", "L-INV-10", "AC-1"]),
    (Order::NAME,            &["O-INV-1", "O-INV-2", "O-INV-3", "O-INV-4", "O-INV-5", "O-INV-6", "O-INV-7", "O-INV-8",
                               "C-INV-4", "AC-2"]),
    (License::NAME,          &["LI-INV-1", "LI-INV-2", "LI-INV-3", "LI-INV-4", "LI-INV-5", "LI-INV-6", "LI-INV-7",
                               "no licence without payment", "one licence a line and period"]),
    (Coupon::NAME,           &["C-INV-1", "C-INV-2", "C-INV-3", "C-INV-5"]),
    (PurchaseSaga::NAME,     &["S-INV-1", "S-INV-2", "S-INV-3", "S-INV-4", "AC-4"]),
    (Quote::NAME,            &["quote"]),
    (ProviderEarnings::NAME, &["money oracle"]),
];

#[derive(Debug, Clone)]
struct KnownOrder {
    status: OrderStatus,
    saga: SagaId,
    deadline: Option<Timestamp>,
    was_paid: bool,
}

#[derive(Debug)]
struct KnownSaga {
    state: SagaState,
    steps: Vec<StepRecord>,
    commits: u64,
}

#[derive(Debug)]
struct KnownCoupon {
    active: bool,
    fixed: Option<Currency>,
    uses: BTreeSet<OrderId>,
}

/// What is to be posted to a provider for a sold line, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Split {
    net: i64,
    fee: i64,
    provider: i64,
}

/// Everything the checks remember.
#[derive(Debug, Default)]
pub(super) struct Checks {
    versions: BTreeMap<String, u64>,
    effects: BTreeSet<(String, String)>,
    orders: BTreeMap<OrderId, KnownOrder>,
    sagas: BTreeMap<SagaId, KnownSaga>,
    saga_of: BTreeMap<OrderId, SagaId>,
    state_counts: [u32; 7],
    coupons: BTreeMap<CouponId, KnownCoupon>,
    licenses: BTreeMap<LicenseId, LicenseState>,
    /// Seats of a licence (none: no limit), and those somebody sits on.
    seats: BTreeMap<LicenseId, (Option<u32>, u32)>,
    lines: BTreeMap<(OrderLineId, u32), LicenseId>,
    listings: BTreeMap<ListingId, ListingState>,
    periods: BTreeMap<String, (EarningsKey, u64)>,
    /// Sold lines whose accrual is still to come, and those that came.
    to_accrue: BTreeMap<OrderLineId, Split>,
    accrued: BTreeMap<OrderLineId, Split>,
    /// Lines given back whose debit is still to come, and those that came.
    to_reverse: BTreeMap<OrderLineId, Split>,
    reversed: BTreeSet<(OrderLineId, LineKind)>,
    renewals: BTreeMap<(OrderLineId, u32), i64>,
    renewed: BTreeSet<String>,
    /// How often a kind of aggregate was checked.
    pub(super) counts: BTreeMap<&'static str, u64>,
    pub(super) events: u64,
    pub(super) latencies: Vec<i64>,
    pub(super) calm_since: Option<Timestamp>,
}

fn split_of(net: Money, fee: Money, provider: Money) -> Split {
    Split { net: net.minor_units(), fee: fee.minor_units(), provider: provider.minor_units() }
}

fn rank(status: OrderStatus) -> u8 {
    match status {
        OrderStatus::Created => 0,
        OrderStatus::PendingPayment => 1,
        OrderStatus::Paid => 2,
        OrderStatus::Fulfilled => 3,
        OrderStatus::Refunded | OrderStatus::Failed => 4,
    }
}

async fn loaded<A: Aggregate>(repository: &dyn Repository<A>, id: &A::Id) -> Result<A, Breach> {
    let found = repository.find(&Scope::System, id).await.map_err(|error| unreadable(&error))?;
    found.ok_or_else(|| breach("integrity", id, "what was committed is not there"))
}

impl Checks {
    /// A renewal that billing will tell of.
    pub(super) fn expect_renewal(&mut self, line: OrderLineId, period: u32, amount: Money) {
        self.renewals.insert((line, period), amount.minor_units());
    }

    /// Sagas by state, in the order of the state machine.
    pub(super) fn states(&self) -> [u32; 7] {
        self.state_counts
    }

    /// Sagas that are not over.
    pub(super) fn open_sagas(&self) -> usize {
        let over =
            self.state_counts[SagaState::Fulfilled as usize] + self.state_counts[SagaState::Failed as usize];
        self.orders.len().max(self.sagas.len()).saturating_sub(usize::try_from(over).unwrap_or(usize::MAX))
    }

    /// Every order that was placed.
    pub(super) fn placed(&self) -> usize {
        self.orders.len()
    }

    /// Orders by status.
    pub(super) fn statuses(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for order in self.orders.values() {
            let name = match order.status {
                OrderStatus::Created => "created",
                OrderStatus::PendingPayment => "pending_payment",
                OrderStatus::Paid => "paid",
                OrderStatus::Fulfilled => "fulfilled",
                OrderStatus::Refunded => "refunded",
                OrderStatus::Failed => "failed",
            };
            *counts.entry(name).or_default() += 1;
        }
        counts
    }

    /// Checks one commit; `last`: nothing else of its aggregate was committed since.
    pub(super) async fn commit(
        &mut self,
        ports: &SuitePorts,
        written: &Written,
        last: bool,
        now: Timestamp,
    ) -> Checked {
        *self.counts.entry(written.aggregate).or_default() += 1;
        self.events += written.events.len() as u64;
        let before = self.versions.insert(written.id.clone(), written.version).unwrap_or(0);
        ensure(
            written.version == before + 1,
            "optimistic locking",
            &written.id,
            &format!("version {} was committed over version {before}: an update is lost", written.version),
        )?;
        if let Some((consumer, event)) = &written.consumed {
            let effect = (format!("{consumer} {event}"), written.id.clone());
            let first = self.effects.insert(effect);
            ensure(first, "inbox", &written.id, &format!("{consumer} had its effect of {event} twice"))?;
        }
        for event in &written.events {
            self.event(ports, event).await?;
        }
        match written.aggregate {
            Order::NAME => self.order(ports, written).await,
            License::NAME => self.license(ports, written).await,
            Coupon::NAME => self.coupon(ports, written, last).await,
            PurchaseSaga::NAME => self.saga(ports, written, now).await,
            Listing::NAME => self.listing(ports, written).await,
            Quote::NAME => {
                let id = parsed(&written.id)?;
                loaded::<Quote>(&*ports.quotes, &id).await.map(drop)
            }
            ProviderEarnings::NAME => self.period(ports, written).await,
            other => Err(breach("integrity", &written.id, format!("nobody checks a {other}"))),
        }
    }

    async fn event(&mut self, ports: &SuitePorts, event: &Event) -> Checked {
        let Event::Marketplace(event) = event else { return Ok(()) };
        match event {
            MarketplaceEvent::Order(OrderEvent::Fulfilled { order, lines, fulfilled_at, .. }) => {
                for line in lines {
                    self.sold(order.order_id, line)?;
                }
                let found = loaded::<Order>(&*ports.orders, &order.order_id).await?;
                self.latencies.push(
                    i64::try_from(fulfilled_at.since(found.data().placed_at).whole_milliseconds())
                        .unwrap_or(i64::MAX),
                );
                Ok(())
            }
            MarketplaceEvent::Order(OrderEvent::Refunded { lines, fulfilled_at: Some(_), .. }) => {
                lines.iter().try_for_each(|line| self.given_back(line))
            }
            MarketplaceEvent::Earnings(EarningsEvent::Accrued { line, .. }) => self.posted(line),
            MarketplaceEvent::License(LicenseEvent::Granted { license, seats, seat_id, .. }) => {
                self.seats.insert(license.license_id, (*seats, u32::from(seat_id.is_some())));
                match license.order_id {
                    Some(order) => {
                        let order = loaded::<Order>(&*ports.orders, &order).await?;
                        let rule = "no licence without payment";
                        ensure(
                            order.data().paid_at.is_some(),
                            rule,
                            &license.license_id,
                            "its order is not paid",
                        )
                    }
                    None => Ok(()),
                }
            }
            MarketplaceEvent::License(LicenseEvent::SeatReleased { license, .. }) => {
                if let Some((_, taken)) = self.seats.get_mut(&license.license_id) {
                    *taken = taken.saturating_sub(1);
                }
                Ok(())
            }
            MarketplaceEvent::License(LicenseEvent::SeatAssigned { license, .. }) => {
                if let Some((seats, taken)) = self.seats.get_mut(&license.license_id) {
                    *taken += 1;
                    let fits = seats.is_none_or(|seats| *taken <= seats);
                    let detail = format!("seat {taken} of {seats:?} was assigned");
                    ensure(fits, "LI-INV-2", &license.license_id, &detail)?;
                }
                let state = self.licenses.get(&license.license_id);
                let open = state.is_none_or(|state| *state == LicenseState::Active);
                ensure(open, "LI-INV-3", &license.license_id, "a seat was assigned on a licence that is over")
            }
            MarketplaceEvent::Coupon(CouponEvent::Confirmed(taken)) => {
                if let Some(known) = self.coupons.get_mut(&taken.coupon_id) {
                    if taken.over_cap {
                        known.uses.remove(&taken.order_id);
                    } else {
                        known.uses.insert(taken.order_id);
                    }
                }
                Ok(())
            }
            MarketplaceEvent::Coupon(CouponEvent::Released(given)) => {
                if let Some(known) = self.coupons.get_mut(&given.coupon_id) {
                    known.uses.remove(&given.order_id);
                }
                Ok(())
            }
            MarketplaceEvent::Saga(SagaMessage::CompensationStarted { saga_id, reason, .. }) => {
                let from = self.sagas.get(saga_id).map(|saga| saga.state);
                let timed_out = *reason == CompensationReason::PaymentTimeout;
                let awaited = matches!(from, None | Some(SagaState::AwaitingPayment | SagaState::Started));
                ensure(!timed_out || awaited, "S-INV-3", saga_id, &format!("it timed out in {from:?}"))
            }
            _ => Ok(()),
        }
    }

    fn sold(&mut self, order: OrderId, line: &FulfilledLine) -> Checked {
        let split = split_of(line.net, line.fee_amount, line.provider_amount);
        let whole = split.fee + split.provider == split.net;
        ensure(whole, "money oracle", &line.order_line_id, "fee and provider's share are not the net")?;
        let exact = i128::from(split.net) * i128::from(line.platform_bps);
        let fee = i128::from(split.fee) * 10_000;
        ensure(
            (exact - fee).abs() < 10_000,
            "money oracle",
            &line.order_line_id,
            "the fee is off by a unit",
        )?;
        let second = self.accrued.contains_key(&line.order_line_id)
            || self.to_accrue.insert(line.order_line_id, split).is_some();
        ensure(!second, "O-INV-4", &order, "it was fulfilled twice")
    }

    fn given_back(&mut self, line: &RefundedLine) -> Checked {
        let split = split_of(line.net, line.fee_amount, line.provider_amount);
        let second = self.reversed.contains(&(line.order_line_id, LineKind::Refund))
            || self.to_reverse.insert(line.order_line_id, split).is_some();
        ensure(!second, "O-INV-8", &line.order_line_id, "it was given back twice")
    }

    /// The oracle: what is posted is what was sold or given back, once, to the unit.
    fn posted(&mut self, line: &EarningsLine) -> Checked {
        let rule = "money oracle";
        let Some(of) = line.order_line_id else { return Ok(()) };
        let amounts = (line.gross.minor_units(), line.fee.minor_units(), line.net.minor_units());
        match line.kind {
            LineKind::Sale if line.source_event_id.starts_with("renewal:") => {
                let first = self.renewed.insert(line.source_event_id.clone());
                ensure(first, rule, &of, "a renewal was posted twice")?;
                let period = line.source_event_id.rsplit(':').next().and_then(|text| text.parse().ok());
                let expected = period.and_then(|period| self.renewals.get(&(of, period)));
                let whole = expected == Some(&amounts.0) && amounts.1 + amounts.2 == amounts.0;
                ensure(whole, rule, &of, "a renewal was posted that is not what was paid")
            }
            LineKind::Sale => {
                let Some(sold) = self.to_accrue.remove(&of) else {
                    return Err(breach(rule, of, "a sale was posted twice, or was never made"));
                };
                self.accrued.insert(of, sold);
                let same = amounts == (sold.net, sold.fee, sold.provider);
                ensure(same, rule, &of, "what was posted is not what was sold")
            }
            LineKind::Refund | LineKind::FeeReversal => {
                let first = self.reversed.insert((of, line.kind));
                ensure(first, rule, &of, "a line was taken back twice")?;
                let Some(back) = self.to_reverse.get(&of).copied() else {
                    return Err(breach(rule, of, "a line was taken back that nobody gave back"));
                };
                let same = match line.kind {
                    LineKind::Refund => amounts == (back.net, 0, back.net),
                    _ => amounts == (0, back.fee, back.fee),
                };
                ensure(same, rule, &of, "what was taken back is not what was sold")?;
                if self.reversed.contains(&(of, LineKind::Refund))
                    && self.reversed.contains(&(of, LineKind::FeeReversal))
                {
                    self.to_reverse.remove(&of);
                }
                Ok(())
            }
            LineKind::Tax | LineKind::Carry => Ok(()),
        }
    }

    async fn order(&mut self, ports: &SuitePorts, written: &Written) -> Checked {
        let order = loaded::<Order>(&*ports.orders, &parsed(&written.id)?).await?;
        let (data, id) = (order.data(), order.id());
        let now = KnownOrder {
            status: data.status,
            saga: data.saga_id,
            deadline: data.refund_deadline,
            was_paid: data.paid_at.is_some(),
        };
        ensure((1..=50).contains(&data.lines.len()), "O-INV-5", &id, "it has no line or too many")?;
        let one_currency = data.lines.iter().all(|line| line.subtotal.currency() == data.currency);
        ensure(one_currency, "O-INV-1", &id, "a line is in another currency")?;
        let subtotal: i64 = data.lines.iter().map(|line| line.subtotal.minor_units()).sum();
        let total = |money: Option<Money>| money.map(|money| money.minor_units());
        let due = subtotal - data.discount_total.minor_units() + total(data.tax_total).unwrap_or(0);
        let sums =
            subtotal == data.subtotal.minor_units() && total(data.totals).is_none_or(|total| total == due);
        ensure(sums, "O-INV-2", &id, "its totals do not add up")?;
        let refunds = order.refunds().filter(|refund| refund.state != RefundState::Failed);
        let returned: i64 = refunds.map(|refund| refund.amount.minor_units()).sum();
        let paid = if now.was_paid { total(data.totals).unwrap_or(0) } else { 0 };
        ensure(returned <= paid, "O-INV-8", &id, &format!("{returned} of {paid} minor units go back"))?;
        if now.status == OrderStatus::Fulfilled {
            let licensed = data.lines.iter().all(|line| line.license_id.is_some());
            ensure(licensed, "O-INV-6", &id, "it is fulfilled without a licence for each line")?;
        }
        for discount in &data.discounts {
            let fixed = self.coupons.get(&discount.coupon_id).and_then(|coupon| coupon.fixed);
            let fits = fixed.is_none_or(|fixed| fixed == data.currency);
            ensure(fits, "C-INV-4", &id, "a fixed coupon of another currency took part")?;
        }
        if let Some(before) = self.orders.get(&id) {
            let kept = !before.was_paid || now.deadline == before.deadline;
            ensure(kept, "O-INV-3", &id, "its refund deadline was set again")?;
            let ends = [OrderStatus::Refunded, OrderStatus::Failed];
            let left = ends.contains(&before.status) && now.status == OrderStatus::Fulfilled;
            ensure(!left, "O-INV-6", &id, "a refunded order was fulfilled")?;
            let forward = rank(now.status) > rank(before.status) || now.status == before.status;
            ensure(forward, "O-INV-4", &id, &format!("from {:?} back to {:?}", before.status, now.status))?;
            let over = matches!(before.status, OrderStatus::Refunded | OrderStatus::Failed);
            ensure(!over || now.status == before.status, "O-INV-6", &id, "it left an end")?;
            ensure(now.saga == before.saga, "O-INV-7", &id, "it has another saga")?;
        }
        if now.status == OrderStatus::Refunded {
            let licenses: Vec<_> =
                data.lines.iter().filter_map(|line| Some((line.id, line.license_id?))).collect();
            let fulfilled = order.clone().fulfill(&licenses, data.placed_at);
            let refused = !matches!(fulfilled, Ok(sarai_domain::kernel::Outcome::Applied));
            ensure(refused, "O-INV-6", &id, "a refunded order could be fulfilled")?;
        }
        let stranger = SagaId::new(sarai_domain::kernel::Ulid(1));
        ensure(order.ensure_saga(stranger).is_err(), "O-INV-7", &id, "it takes any saga for its own")?;
        self.orders.insert(id, now);
        Ok(())
    }

    async fn license(&mut self, ports: &SuitePorts, written: &Written) -> Checked {
        let license = loaded::<License>(&*ports.licenses, &parsed(&written.id)?).await?;
        let (data, id) = (license.data(), license.id());
        let active = license.seats().filter(|seat| seat.status == SeatStatus::Active).count();
        let counted = usize::try_from(data.active_seats).is_ok_and(|counted| counted == active);
        ensure(
            counted,
            "LI-INV-1",
            &id,
            &format!("{} active seats counted, {active} there", data.active_seats),
        )?;
        let taken = license.seats().filter(|seat| seat.status != SeatStatus::Released).count();
        let seats = data.capacity.seats().map(|seats| usize::try_from(seats).unwrap_or(usize::MAX));
        let fits = seats.is_none_or(|seats| taken <= seats);
        ensure(fits, "LI-INV-2", &id, &format!("{taken} of {seats:?} seats are taken"))?;
        let users: BTreeSet<_> = license
            .seats()
            .filter(|seat| seat.status == SeatStatus::Active)
            .map(|seat| &seat.user_id)
            .collect();
        ensure(users.len() == active, "LI-INV-1", &id, "somebody sits on two seats")?;
        let window = data.validity.valid_until().is_none_or(|until| until > data.validity.valid_from());
        ensure(window, "LI-INV-4", &id, "it ends before it begins")?;
        let individual = data.scope == LicenseScope::Individual;
        ensure(!individual || seats == Some(1), "LI-INV-6", &id, "an individual licence has not one seat")?;
        let revoked = data.state == LicenseState::Revoked;
        ensure(!revoked || active == 0, "LI-INV-7", &id, "a revoked licence has active seats")?;
        if revoked {
            let freed = license.seats().filter(|seat| {
                seat.status == SeatStatus::Released && seat.released_at == Some(data.updated_at)
            });
            let forgotten = freed.filter(|seat| has_begun(&seat.user_id)).count();
            ensure(forgotten == 0, "LI-INV-7", &id, "the seat of a learner who had begun was released")?;
            let marked = license.seats().filter(|seat| seat.status == SeatStatus::ConsumedOnRefund);
            let untouched = marked.filter(|seat| !has_begun(&seat.user_id)).count();
            ensure(untouched == 0, "LI-INV-7", &id, "the seat of a learner who had not begun was marked")?;
            let renewed = license.clone().renew(99, data.updated_at);
            let back = matches!(renewed, Ok(sarai_domain::kernel::Outcome::Applied));
            ensure(!back, "LI-INV-5", &id, "a revoked licence could be renewed")?;
        }
        if let Some(before) = self.licenses.insert(id, data.state) {
            let stays = before != LicenseState::Revoked || revoked;
            ensure(stays, "LI-INV-5", &id, "a revoked licence came back")?;
        }
        if let Some(line) = data.order_line_id {
            let first = *self.lines.entry((line, data.period_index)).or_insert(id);
            ensure(first == id, "one licence a line and period", &line, "it has two licences")?;
        }
        Ok(())
    }

    async fn coupon(&mut self, ports: &SuitePorts, written: &Written, last: bool) -> Checked {
        let id: CouponId = parsed(&written.id)?;
        let nobody = OrderId::new(sarai_domain::kernel::Ulid(0));
        let order = written.reserved_for.unwrap_or(nobody);
        let found = ports
            .coupons
            .find_for_order(&Scope::System, id, order)
            .await
            .map_err(|error| unreadable(&error))?;
        let coupon = found.ok_or_else(|| breach("integrity", id, "what was committed is not there"))?;
        let data = coupon.data();
        let fixed = match &data.discount {
            Discount::Fixed { amount } => Some(amount.currency()),
            Discount::Percent { value } => {
                ensure((1..=100).contains(value), "C-INV-3", &id, "its percentage is out of range")?;
                None
            }
        };
        let fresh = || KnownCoupon { active: data.active, fixed, uses: BTreeSet::new() };
        let known = self.coupons.entry(id).or_insert_with(fresh);
        if let Some(order) = written.reserved_for {
            ensure(known.active, "C-INV-5", &id, "an inactive coupon was reserved")?;
            let there = coupon.redemption(order).is_some();
            ensure(there, "C-INV-2", &id, "a use was reserved and is not there")?;
            known.uses.insert(order);
        }
        known.active = data.active;
        let within = data.usage_cap.is_none_or(|cap| data.usage_count <= cap);
        ensure(within, "C-INV-2", &id, &format!("{} of {:?} uses", data.usage_count, data.usage_cap))?;
        let counted = !last || usize::try_from(data.usage_count).is_ok_and(|count| count == known.uses.len());
        let detail = format!("{} uses counted, {} are live", data.usage_count, known.uses.len());
        ensure(counted, "C-INV-2", &id, &detail)
    }

    /// What no saga does: time out where nothing is awaited or before it is due, undo a step again.
    fn saga_refuses(saga: &PurchaseSaga, now: Timestamp) -> Checked {
        let (data, id) = (saga.data(), saga.id());
        let does = |event: &SagaEvent| SagaCoordinator::decide(data, event, now).next.is_some();
        let due = data.awaiting_payment_timeout_at.is_some_and(|due| due <= now);
        let may = data.state == SagaState::AwaitingPayment && due;
        ensure(may || !does(&SagaEvent::TimeoutFired), "S-INV-3", &id, "it would time out")?;
        for done in data.step_history.iter().filter(|step| step.outcome == Some(StepOutcome::Compensated)) {
            let again = does(&SagaEvent::UndoAcknowledged { step: done.step });
            ensure(!again, "S-INV-4", &id, &format!("{:?} would be undone again", done.step))?;
        }
        Ok(())
    }

    async fn saga(&mut self, ports: &SuitePorts, written: &Written, now: Timestamp) -> Checked {
        let saga = loaded::<PurchaseSaga>(&*ports.sagas, &parsed(&written.id)?).await?;
        let (data, id) = (saga.data(), saga.id());
        let before = self.sagas.remove(&id);
        if let Some(before) = &before {
            let (from, to) = (before.state, data.state);
            let edge = from == to || EDGES.contains(&(from, to));
            ensure(edge, "S-INV-2", &id, &format!("from {from:?} to {to:?}"))?;
            for done in before.steps.iter().filter(|step| step.outcome == Some(StepOutcome::Compensated)) {
                let kept = data.step_history.iter().any(|step| {
                    step.step == done.step && step.outcome == done.outcome && step.exited_at == done.exited_at
                });
                ensure(kept, "S-INV-4", &id, &format!("{:?} was undone twice", done.step))?;
            }
        } else {
            let first = *self.saga_of.entry(data.order_id).or_insert(id);
            ensure(first == id, "S-INV-1", &id, "its order has two sagas")?;
        }
        if let Some(before) = &before {
            self.state_counts[before.state as usize] -= 1;
        }
        self.state_counts[data.state as usize] += 1;
        let armed = data.awaiting_payment_timeout_at.is_some();
        let awaits = data.state == SagaState::AwaitingPayment;
        ensure(!armed || awaits, "S-INV-3", &id, "a time-out is armed outside awaiting_payment")?;
        Self::saga_refuses(&saga, now)?;
        let calm = self.calm_since.is_some();
        let commits = before.map_or(0, |before| before.commits) + u64::from(calm);
        ensure(commits <= 64, "liveness", &id, "it took more than 64 steps in calm weather")?;
        let steps = data.step_history.clone();
        self.sagas.insert(id, KnownSaga { state: data.state, steps, commits });
        Ok(())
    }

    async fn listing(&mut self, ports: &SuitePorts, written: &Written) -> Checked {
        let listing = loaded::<Listing>(&*ports.listings, &parsed(&written.id)?).await?;
        let (data, id) = (listing.data(), listing.id());
        let share = data.revenue_share.platform_bps() + data.revenue_share.provider_bps();
        ensure(share == 10_000, "L-INV-6", &id, "the shares are not the whole")?;
        let priced = data.pricing_plans.iter().all(|plan| plan.currency == plan.price.currency());
        ensure(priced, "L-INV-10", &id, "a plan's price is in another currency")?;
        self.listings.insert(id, data.state);
        Ok(())
    }

    async fn period(&mut self, ports: &SuitePorts, written: &Written) -> Checked {
        let key: EarningsKey =
            written.id.parse().map_err(|_| breach("integrity", &written.id, "is no period's key"))?;
        let entry = self.periods.entry(written.id.clone()).or_insert((key, 0));
        entry.1 += 1;
        if entry.1 % FULL_LOOK == 1 {
            let key = entry.0.clone();
            loaded::<ProviderEarnings>(&*ports.earnings, &key).await?;
        }
        Ok(())
    }

    /// No saga that was there when the faults ended is still under way.
    pub(super) fn all_sagas_over(&self) -> Checked {
        match self.sagas.iter().find(|(_, saga)| !saga.state.is_terminal()) {
            Some((id, saga)) => Err(breach("liveness", id, format!("it is still in {:?}", saga.state))),
            None => Ok(()),
        }
    }

    /// What must hold once everything has come to rest.
    pub(super) async fn at_rest(
        &self,
        ports: &SuitePorts,
        billing: &Billing,
        enrollment: &Enrollment,
        now: Timestamp,
    ) -> Checked {
        let backlog = ports.outbox.backlog().await.map_err(|error| unreadable(&error))?;
        ensure(backlog.dead_letters == 0, "liveness", &"outbox", &format!("{backlog:?}"))?;
        ensure(backlog.open == 0, "liveness", &"outbox", &format!("{backlog:?}"))?;
        self.all_sagas_over()?;
        let missing = self.orders.len().saturating_sub(self.sagas.len());
        ensure(missing == 0, "S-INV-1", &"orders", &format!("{missing} orders have no saga"))?;
        let rule = "money oracle";
        if let Some((line, _)) = self.to_accrue.iter().next() {
            return Err(breach(rule, line, "a sale was never posted"));
        }
        if let Some((line, _)) = self.to_reverse.iter().next() {
            return Err(breach(rule, line, "a refund was never posted"));
        }
        let mut kept = billing.kept();
        let mut fulfilled = BTreeMap::<Currency, [i64; 3]>::new();
        let mut learners = BTreeSet::new();
        for id in self.orders.keys() {
            let order = loaded::<Order>(&*ports.orders, id).await?;
            order_at_rest(&order, kept.remove(id).unwrap_or(0)).map_err(|mut found| {
                found.detail = format!("{}; captures: {}", found.detail, billing.captures(*id));
                found
            })?;
            if order.data().fulfilled_at.is_some() {
                let sums = fulfilled.entry(order.data().currency).or_default();
                for line in &order.data().lines {
                    sums[0] += line.net.minor_units();
                    sums[1] += line.fee_amount.minor_units();
                    sums[2] += line.provider_amount.minor_units();
                }
            }
            self.licenses_at_rest(ports, &order, now, &mut learners).await?;
        }
        if let Some((order, minor)) = kept.iter().find(|(_, minor)| **minor != 0) {
            return Err(breach(rule, order, format!("billing keeps {minor} minor units of nobody's order")));
        }
        self.periods_at_rest(ports, &fulfilled).await?;
        for id in self.coupons.keys() {
            self.coupon_at_rest(ports, *id).await?;
        }
        let enrolled = enrollment.everybody();
        let barred = enrollment.refused();
        if let Some(one) = learners.difference(&enrolled).find(|learner| !barred.contains(learner)) {
            return Err(breach("enrollment", format!("{one:?}"), "has a seat and is not enrolled"));
        }
        if let Some(one) = enrolled.difference(&learners).next() {
            return Err(breach("enrollment", format!("{one:?}"), "is enrolled and has no seat"));
        }
        Ok(())
    }

    async fn licenses_at_rest(
        &self,
        ports: &SuitePorts,
        order: &Order,
        now: Timestamp,
        learners: &mut BTreeSet<super::enrollment::Enrolled>,
    ) -> Checked {
        let found = ports.licenses.find_by_order(&Scope::System, order.id()).await;
        let licenses = found.map_err(|error| unreadable(&error))?;
        let data = order.data();
        for line in &data.lines {
            let of_line = licenses.iter().filter(|license| license.data().order_line_id == Some(line.id));
            let states: Vec<LicenseState> = of_line.map(|license| license.data().state).collect();
            let lives = data.status == OrderStatus::Fulfilled && !line.refunded;
            let alive = states.iter().any(|state| *state != LicenseState::Revoked);
            let detail = format!("line {} of an order {:?} has licences {states:?}", line.id, data.status);
            ensure(lives == alive, "a licence for each paid line", &order.id(), &detail)?;
        }
        for license in licenses.iter().filter(|license| license.state_at(now) == LicenseState::Active) {
            let license = loaded::<License>(&*ports.licenses, &license.id()).await?;
            let data = license.data();
            for seat in license.seats().filter(|seat| seat.status == SeatStatus::Active) {
                learners.insert((data.tenant_id.clone(), seat.user_id.clone(), data.course_id.clone()));
            }
        }
        Ok(())
    }

    async fn periods_at_rest(&self, ports: &SuitePorts, fulfilled: &BTreeMap<Currency, [i64; 3]>) -> Checked {
        let mut posted = BTreeMap::<Currency, [i64; 3]>::new();
        for (key, _) in self.periods.values() {
            let period = loaded::<ProviderEarnings>(&*ports.earnings, key).await?;
            let sums = posted.entry(key.currency).or_default();
            for line in period
                .lines()
                .filter(|line| line.kind == LineKind::Sale && !line.source_event_id.starts_with("renewal:"))
            {
                sums[0] += line.gross.minor_units();
                sums[1] += line.fee.minor_units();
                sums[2] += line.net.minor_units();
            }
        }
        posted.retain(|_, sums| *sums != [0; 3]);
        let mut sold = fulfilled.clone();
        sold.retain(|_, sums| *sums != [0; 3]);
        ensure(posted == sold, "money oracle", &"earnings", &format!("sold {sold:?}, posted {posted:?}"))
    }

    async fn coupon_at_rest(&self, ports: &SuitePorts, id: CouponId) -> Checked {
        let coupon = loaded::<Coupon>(&*ports.coupons, &id).await?;
        let Some(known) = self.coupons.get(&id) else { return Ok(()) };
        for order in &known.uses {
            let row = coupon.redemption(*order).map(|row| row.status);
            let live = matches!(row, Some(RedemptionStatus::Reserved | RedemptionStatus::Confirmed));
            ensure(live, "C-INV-2", &id, &format!("the use of {order} is counted and is {row:?}"))?;
            let status = self.orders.get(order).map(|order| order.status);
            let gone = matches!(status, None | Some(OrderStatus::Failed));
            ensure(!gone, "C-INV-2", &id, &format!("the use of {order} was not given back: {status:?}"))?;
        }
        Ok(())
    }

    /// Every period is closed and paid, and billing paid what the books say.
    pub(super) async fn paid_out(&self, ports: &SuitePorts, billing: &Billing, now: Timestamp) -> Checked {
        let payouts = billing.payouts();
        // The month that has not ended, and holds that are not over, stay open.
        let ended = |key: &EarningsKey| key.period_month.end() < now.plus(time::Duration::days(-95));
        for (key, _) in self.periods.values().filter(|(key, _)| ended(key)) {
            let period = loaded::<ProviderEarnings>(&*ports.earnings, key).await?;
            let state = period.data().state;
            ensure(state == EarningsState::Paid, "liveness", key, &format!("the period is still {state:?}"))?;
            let due = period.totals().net_payable;
            let paid = payouts.get(&key.to_string()).copied().unwrap_or(Money::zero(key.currency));
            ensure(due == paid, "money oracle", key, &format!("{due} is due, {paid} was paid out"))?;
        }
        Ok(())
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Breach> {
    text.parse().map_err(|_| breach("integrity", text, "is no id"))
}

fn order_at_rest(order: &Order, kept: i64) -> Checked {
    let (data, id) = (order.data(), order.id());
    let over = matches!(data.status, OrderStatus::Fulfilled | OrderStatus::Refunded | OrderStatus::Failed);
    ensure(over, "liveness", &id, &format!("it is still {:?}", data.status))?;
    ensure(order.pending_refund().is_none(), "liveness", &id, "a refund is still pending")?;
    let stray = data.stray_captures.iter().any(|stray| stray.refunded_at.is_none());
    ensure(!stray, "liveness", &id, "a stray capture was not returned")?;
    // A lost dispute's money is the bank's: billing was not asked for it.
    let disputed: i64 = order
        .refunds()
        .filter(|refund| {
            refund.state == RefundState::Succeeded
                && refund.source == sarai_domain::marketplace::order::RefundSource::Dispute
        })
        .map(|refund| refund.amount.minor_units())
        .sum();
    let expected = if data.status == OrderStatus::Fulfilled {
        data.totals.map_or(0, |totals| totals.minor_units()) - data.refunded_total.minor_units()
    } else {
        0
    };
    let detail = format!("billing keeps {kept} minor units, {disputed} of them disputed, for {expected}");
    ensure(kept - disputed == expected, "money oracle", &id, &detail)
}
