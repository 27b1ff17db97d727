//! Reads everything stored, page by page, and checks it: each aggregate by its own table, then what aggregates
//! say of each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    task::Poll,
};

use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        api_key::ApiKey,
        docs_article::DocsArticle,
        policy::{SpendLedger, SpendPolicy, VerifyPolicy},
        sandbox::SandboxSession,
        sdk_release::SdkRelease,
        template::VerifyTemplate,
        verify::VerifySession,
        webhook::{WebhookDelivery, WebhookEndpoint},
    },
    kernel::{
        Aggregate, Audited, Currency, LicenseId, ListingId, OrderId, OrderLineId, PricingPlanId, SagaId,
        TenantId, Timestamp, breaches,
    },
    marketplace::{
        coupon::Coupon,
        earnings::ProviderEarnings,
        invariants::{self, L_INV_8, L_INV_9, LI_INV_7, O_INV_7, S_INV_1},
        license::{License, LicenseData, LicenseRow, LicenseState},
        listing::{Listing, ListingData, ListingState},
        order::{Order, OrderData, OrderStatus},
        quote::Quote,
        saga::{PurchaseSaga, SagaData},
        services::MoneyOracle,
    },
};
use sarai_ports::{
    Stored, UniqueKey,
    inventory::{Content, Inventory, Raw, Scan},
};
use time::Duration;

use super::{
    AuditReport, Progress,
    checks::{
        self, CONSISTENT, Counted, DELIVERED, LICENSED, MONEY, PAID_FOR, PROGRESS, STATEMENT, STRAYS, UNIQUE,
        UNREADABLE, WAITLIST,
    },
    report::{Findings, KEPT},
    statements::Claim,
};
use crate::{AppError, Ports};

/// How many aggregates are read at a time, at most and at first: those that come with many rows come few at a time.
const PAGE: usize = 200;
const FIRST: usize = 10;
/// How many rows of theirs are in memory before that.
const ROWS: usize = 10_000;
/// How long after its time a saga may be looked at.
const PATIENCE: Duration = Duration::minutes(15);
/// How old an order is before its saga is missed: the sweeper heals it long before.
const SAGA_GRACE: Duration = Duration::minutes(5);
/// How long a stray capture may stay.
const STRAY_GRACE: Duration = Duration::days(1);
/// How long a command may be under way that began before a listing was suspended.
const UNDER_WAY: Duration = Duration::minutes(1);
/// How often what moves while it is read is read again.
const READINGS: usize = 3;

/// Whether an invariant has a check of its own.
fn is_audited(id: &str) -> bool {
    checks::all().any(|row| row.id == id)
}

/// One audit.
pub(super) struct Sweep<'a> {
    ports: &'a Ports,
    inventory: Arc<dyn Inventory>,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    now: Timestamp,
    findings: Findings,
    money: MoneyOracle,
    /// Who holds each unique key, by the documents.
    holders: BTreeMap<(UniqueKey, String), String>,
    /// What cannot be read: nothing is said of what others say of it.
    unreadable: BTreeSet<String>,
    plans: BTreeMap<PricingPlanId, (ListingId, TenantId, Currency)>,
    misplaced: BTreeSet<PricingPlanId>,
    /// Since when listings are off the market.
    closed: BTreeMap<ListingId, Timestamp>,
    /// The orders that earnings speak of.
    earned: BTreeMap<OrderId, TenantId>,
    /// The sagas of each order: one, if all is well.
    sagas: BTreeMap<OrderId, Vec<(SagaId, TenantId)>>,
    licenses: BTreeMap<LicenseId, LicenseState>,
    /// The active licences of each order.
    bought: BTreeMap<OrderId, Vec<LicenseId>>,
    /// What periods say of their statements.
    claims: Vec<Claim>,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(
        ports: &'a Ports,
        inventory: Arc<dyn Inventory>,
        progress: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Self {
        Self {
            ports,
            inventory,
            progress,
            now: ports.now(),
            findings: Findings::default(),
            money: MoneyOracle::default(),
            holders: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            plans: BTreeMap::new(),
            misplaced: BTreeSet::new(),
            closed: BTreeMap::new(),
            earned: BTreeMap::new(),
            sagas: BTreeMap::new(),
            licenses: BTreeMap::new(),
            bought: BTreeMap::new(),
            claims: Vec::new(),
        }
    }

    /// Reads what others point at before those that point, so that what points was there already.
    pub(super) async fn run(mut self) -> Result<Self, AppError> {
        self.read::<Listing>(Self::listing).await?;
        self.read::<Coupon>(Self::coupon).await?;
        self.read::<Quote>(|_, _, _| {}).await?;
        self.read::<ProviderEarnings>(Self::earnings).await?;
        self.statements().await?;
        self.read::<PurchaseSaga>(Self::saga).await?;
        self.read::<License>(Self::license).await?;
        self.read_orders().await?;
        self.leftovers().await?;
        self.dead_letters().await?;
        self.portal().await?;
        Ok(self)
    }

    /// The developer portal's aggregates, each by its own table.
    async fn portal(&mut self) -> Result<(), AppError> {
        self.read::<DeveloperAccount>(|sweep, _, _| sweep.findings.count(Counted::Account, 1)).await?;
        self.read::<ApiKey>(|sweep, _, _| sweep.findings.count(Counted::Key, 1)).await?;
        self.read::<VerifySession>(|sweep, _, _| sweep.findings.count(Counted::Verification, 1)).await?;
        self.read::<SpendLedger>(|sweep, _, _| sweep.findings.count(Counted::Ledger, 1)).await?;
        self.read::<SpendPolicy>(|_, _, _| {}).await?;
        self.read::<VerifyPolicy>(|_, _, _| {}).await?;
        self.read::<SandboxSession>(|sweep, _, _| sweep.findings.count(Counted::Sandbox, 1)).await?;
        self.read::<VerifyTemplate>(|sweep, _, _| sweep.findings.count(Counted::Template, 1)).await?;
        self.read::<SdkRelease>(|sweep, _, _| sweep.findings.count(Counted::Release, 1)).await?;
        self.read::<DocsArticle>(|sweep, _, _| sweep.findings.count(Counted::Article, 1)).await?;
        self.read::<WebhookEndpoint>(|sweep, _, _| sweep.findings.count(Counted::Endpoint, 1)).await?;
        self.read::<WebhookDelivery>(|sweep, _, _| sweep.findings.count(Counted::Told, 1)).await
    }

    pub(super) fn report(self, started_at: Timestamp, finished_at: Timestamp) -> AuditReport {
        let money = self.money.tallies().map(|(currency, tally)| (currency, *tally)).collect();
        let aggregates = self.findings.aggregates();
        AuditReport { started_at, finished_at, aggregates, checks: self.findings.into_checks(), money }
    }

    async fn read<A>(&mut self, visit: fn(&mut Self, &Raw<A>, &Content<A>)) -> Result<(), AppError>
    where
        A: Audited + Stored,
        dyn Inventory: Scan<A>,
    {
        let (mut after, mut size) = (None, FIRST);
        loop {
            let page: Vec<Raw<A>> = self.inventory.scan(after.as_ref(), size).await?;
            let full = page.len() == size;
            let mut rows = 0;
            for raw in &page {
                if let Some(content) = self.check(raw) {
                    rows += content.rows.len();
                    visit(self, raw, content);
                }
            }
            size = if rows > ROWS { (size / 4).max(1) } else { (size * 2).min(PAGE) };
            after = page.into_iter().next_back().map(|raw| raw.id);
            self.tell::<A>();
            if !full {
                return Ok(());
            }
            yield_now().await;
        }
    }

    fn tell<A: Aggregate>(&self) {
        (self.progress)(Progress { aggregate: A::NAME, read: self.findings.aggregates() });
    }

    /// The rules of one aggregate, and the unique keys its document takes. None when it cannot be read.
    fn check<'r, A: Audited + Stored>(&mut self, raw: &'r Raw<A>) -> Option<&'r Content<A>> {
        self.findings.count(Counted::Everything, 1);
        let content = match &raw.content {
            Ok(content) => content,
            Err(reason) => {
                self.unreadable.insert(raw.id.to_string());
                let check = invariants::named_in(reason).map_or(UNREADABLE, |invariant| invariant.id);
                self.note(check, raw, reason.clone());
                return None;
            }
        };
        for breach in breaches::<A>(&content.data, &content.rows) {
            self.note(breach.invariant.map_or(CONSISTENT, |invariant| invariant.id), raw, breach.detail);
        }
        for (key, value) in A::unique_keys(&content.data) {
            let holder = self.holders.entry((key, value)).or_insert_with(|| raw.id.to_string());
            if *holder != raw.id.to_string() {
                let detail = format!("{holder} holds the same {key:?}");
                let named = key.invariant().map(|invariant| invariant.id).filter(|id| is_audited(id));
                self.note(named.unwrap_or(UNIQUE), raw, detail);
            }
        }
        Some(content)
    }

    fn note<A: Aggregate>(&mut self, check: &'static str, raw: &Raw<A>, detail: String) {
        self.findings.note(check, A::NAME, raw.id.to_string(), raw.tenant_id.clone(), detail);
    }

    fn listing(&mut self, raw: &Raw<Listing>, content: &Content<Listing>) {
        let data = &content.data;
        self.findings.count(Counted::Listing, 1);
        self.findings.count(Counted::Reviewed, usize::from(data.approved_at.is_some()));
        self.findings.count(Counted::Retired, usize::from(data.retired_at.is_some()));
        for plan in &data.pricing_plans {
            self.plans.insert(plan.id, (raw.id, raw.tenant_id.clone(), plan.currency));
        }
        self.closed.extend(closed_since(data).map(|since| (raw.id, since)));
    }

    fn coupon(&mut self, _: &Raw<Coupon>, content: &Content<Coupon>) {
        self.findings.count(Counted::Coupon, 1);
        self.findings.count(Counted::Use, content.rows.len());
    }

    fn earnings(&mut self, raw: &Raw<ProviderEarnings>, content: &Content<ProviderEarnings>) {
        self.findings.count(Counted::Earnings, 1);
        self.claims.extend(Claim::of(raw, content));
        for order in content.rows.iter().filter_map(|line| line.order_id) {
            self.earned.entry(order).or_insert_with(|| raw.tenant_id.clone());
        }
    }

    async fn statements(&mut self) -> Result<(), AppError> {
        for claim in std::mem::take(&mut self.claims) {
            if let Some(detail) = claim.fault(&*self.ports.statements).await? {
                let (id, tenant) = (claim.key.to_string(), claim.tenant_id);
                self.findings.note(STATEMENT, ProviderEarnings::NAME, id, tenant, detail);
            }
        }
        Ok(())
    }

    fn saga(&mut self, raw: &Raw<PurchaseSaga>, content: &Content<PurchaseSaga>) {
        let data = &content.data;
        self.findings.count(Counted::Saga, 1);
        self.findings.count(Counted::TimedOut, usize::from(data.timed_out.is_some()));
        self.sagas.entry(data.order_id).or_default().push((raw.id, raw.tenant_id.clone()));
        if let Some(since) = stuck_since(data, self.now) {
            self.note(PROGRESS, raw, format!("it is {:?} and was due at {since}", data.state));
        }
    }

    fn license(&mut self, raw: &Raw<License>, content: &Content<License>) {
        self.findings.count(Counted::License, 1);
        self.findings.count(Counted::Seat, content.rows.iter().filter(|row| shows_its_moment(row)).count());
        self.licenses.insert(raw.id, content.data.state);
        if let Some(order) = content.data.order_id.filter(|_| is_active(&content.data)) {
            self.bought.entry(order).or_default().push(raw.id);
        }
        if let Some(detail) = waits_for_nothing(&content.data) {
            self.note(WAITLIST, raw, detail);
        }
    }

    async fn read_orders(&mut self) -> Result<(), AppError> {
        let mut after: Option<OrderId> = None;
        loop {
            let page: Vec<Raw<Order>> = self.inventory.scan(after.as_ref(), PAGE).await?;
            let full = page.len() == PAGE;
            after = page.last().map(|raw| raw.id);
            let mut readable = Vec::new();
            for raw in &page {
                if let Some(content) = self.check(raw) {
                    readable.push((raw, &content.data));
                }
            }
            for (raw, data) in &readable {
                self.findings.count(Counted::Order, 1);
                self.findings.count(Counted::Line, data.lines.len());
                self.sold_plans(raw, data);
                self.strays(raw, data);
                self.own_saga(raw, data).await?;
                self.sold_while_closed(raw, data).await?;
                self.licensed(raw, data).await?;
                self.paid_for(raw, data).await?;
            }
            self.balance(&readable).await?;
            self.tell::<Order>();
            if !full {
                return Ok(());
            }
            yield_now().await;
        }
    }

    /// L-INV-9: a plan still has the currency in which it was sold.
    fn sold_plans(&mut self, raw: &Raw<Order>, data: &OrderData) {
        for line in &data.lines {
            let Some((listing, tenant, currency)) = self.plans.get(&line.offer.pricing_plan_id) else {
                continue;
            };
            // An order whose lines disagree among themselves says nothing of the plan.
            let sold_in = line.offer.price.currency();
            if *currency == sold_in || sold_in != data.currency {
                continue;
            }
            let plan = line.offer.pricing_plan_id;
            if self.misplaced.insert(plan) {
                let detail =
                    format!("plan {plan} is in {currency} and order {} bought it in {sold_in}", raw.id);
                self.findings.note(L_INV_9.id, Listing::NAME, listing.to_string(), tenant.clone(), detail);
            }
        }
    }

    fn strays(&mut self, raw: &Raw<Order>, data: &OrderData) {
        let now = self.now;
        let late = data.stray_captures.iter().filter(|stray| {
            let since = stray.captured_at.unwrap_or(data.placed_at);
            stray.refunded_at.is_none() && since.plus(STRAY_GRACE) < now
        });
        for stray in late {
            let detail = format!("payment {} of {} is not back", stray.payment_id, stray.amount);
            self.note(STRAYS, raw, detail);
        }
    }

    /// S-INV-1 and O-INV-7: an order has one saga, the one it was placed with.
    async fn own_saga(&mut self, raw: &Raw<Order>, data: &OrderData) -> Result<(), AppError> {
        if let Some(sagas) = self.sagas.remove(&raw.id) {
            // Of two, S-INV-1 speaks.
            if let [(saga, _)] = sagas.as_slice()
                && *saga != data.saga_id
            {
                self.note(O_INV_7.id, raw, format!("its saga is {saga}, and it names {}", data.saga_id));
            }
            return Ok(());
        }
        let young = data.placed_at.plus(SAGA_GRACE) > self.now;
        if young || self.unreadable.contains(&data.saga_id.to_string()) {
            return Ok(());
        }
        let found: Option<Raw<PurchaseSaga>> = self.inventory.look(&data.saga_id).await?;
        let own = found.and_then(|raw| raw.content.ok()).is_some_and(|saga| saga.data.order_id == raw.id);
        if !own {
            self.note(S_INV_1.id, raw, format!("its saga {} is not there", data.saga_id));
        }
        Ok(())
    }

    /// L-INV-8: nothing is sold while a listing is off the market.
    async fn sold_while_closed(&mut self, raw: &Raw<Order>, data: &OrderData) -> Result<(), AppError> {
        for line in &data.lines {
            let listing = line.offer.listing_id;
            let sold_after = |since: Timestamp| data.placed_at > since.plus(UNDER_WAY);
            if !self.closed.get(&listing).is_some_and(|since| sold_after(*since)) {
                continue;
            }
            // It may be on sale again since it was read.
            let found: Option<Raw<Listing>> = self.inventory.look(&listing).await?;
            let since =
                found.and_then(|raw| raw.content.ok()).and_then(|content| closed_since(&content.data));
            if let Some(since) = since.filter(|since| sold_after(*since)) {
                let detail = format!("it bought {listing}, which is off the market since {since}");
                self.note(L_INV_8.id, raw, detail);
            }
        }
        Ok(())
    }

    /// A fulfilled line has its licence, and a returned one an ended licence (LI-INV-7).
    async fn licensed(&mut self, raw: &Raw<Order>, data: &OrderData) -> Result<(), AppError> {
        for line in &data.lines {
            let Some(license) = line.license_id else { continue };
            let known = self.licenses.get(&license).copied();
            if known.is_some_and(|state| !line.refunded || state != LicenseState::Active)
                || self.unreadable.contains(&license.to_string())
            {
                continue;
            }
            let under_way = self.inventory.under_way("revocations", &[raw.id]).await?.contains(&raw.id);
            let found: Option<Raw<License>> = self.inventory.look(&license).await?;
            let Some(found) = found else {
                self.note(LICENSED, raw, format!("licence {license} of line {} is not there", line.id));
                continue;
            };
            let active = found.content.as_ref().is_ok_and(|content| is_active(&content.data));
            if line.refunded && active && !under_way {
                self.note(LI_INV_7.id, &found, format!("line {} of {} went back", line.id, raw.id));
            }
        }
        Ok(())
    }

    /// An order that was given up left no licence behind: a process that stood still between its look at the saga and
    /// the grant might have.
    async fn paid_for(&mut self, raw: &Raw<Order>, data: &OrderData) -> Result<(), AppError> {
        let licenses = self.bought.remove(&raw.id).unwrap_or_default();
        for license in licenses.iter().filter(|_| data.status == OrderStatus::Failed) {
            let found: Option<Raw<License>> = self.inventory.look(license).await?;
            let active =
                |raw: &Raw<License>| raw.content.as_ref().is_ok_and(|content| is_active(&content.data));
            if let Some(found) = found.filter(active) {
                self.note(PAID_FOR, &found, format!("its order {} was given up", raw.id));
            }
        }
        Ok(())
    }

    /// The money oracle over a page of orders. Whatever does not agree is read again first.
    async fn balance(&mut self, orders: &[(&Raw<Order>, &OrderData)]) -> Result<(), AppError> {
        let ids: Vec<OrderId> = orders.iter().map(|(raw, _)| raw.id).collect();
        let lines: Vec<OrderLineId> =
            orders.iter().flat_map(|(_, data)| data.lines.iter().map(|line| line.id)).collect();
        // What is under way is asked first: what is not any more is among the postings.
        let under_way = self.inventory.under_way("earnings", &ids).await?;
        let postings = self.inventory.postings(&lines).await?;
        let mut by_line: BTreeMap<OrderLineId, Vec<_>> = BTreeMap::new();
        for posting in postings {
            if let Some(line) = posting.order_line_id {
                by_line.entry(line).or_default().push(posting);
            }
        }
        for (raw, data) in orders {
            let of_order = data.lines.iter().filter_map(|line| by_line.remove(&line.id)).flatten();
            let mut postings: Vec<_> = of_order.collect();
            let mut under_way = under_way.contains(&raw.id);
            let mut current = (*data).clone();
            for _ in 0..READINGS {
                let agrees = MoneyOracle::default().order(&current, &postings, under_way);
                if agrees.is_ok_and(|wrong| wrong.is_empty()) {
                    break;
                }
                let again: Option<Raw<Order>> = self.inventory.look(&raw.id).await?;
                let Some(Ok(content)) = again.map(|raw| raw.content) else { break };
                current = content.data;
                under_way = self.inventory.under_way("earnings", &[raw.id]).await?.contains(&raw.id);
                let lines: Vec<OrderLineId> = current.lines.iter().map(|line| line.id).collect();
                postings = self.inventory.postings(&lines).await?;
            }
            if current.fulfilled_at.is_some() {
                self.earned.remove(&raw.id);
            }
            match self.money.order(&current, &postings, under_way) {
                Ok(wrong) => wrong.into_iter().for_each(|detail| self.note(MONEY, raw, detail)),
                Err(error) => self.note(MONEY, raw, error.to_string()),
            }
        }
        Ok(())
    }

    /// Sagas and earnings of orders that were not met.
    async fn leftovers(&mut self) -> Result<(), AppError> {
        for (order, sagas) in std::mem::take(&mut self.sagas) {
            if !self.unreadable.contains(&order.to_string()) && self.order(order).await?.is_none() {
                for (saga, tenant) in sagas {
                    let detail = format!("its order {order} is not there");
                    self.findings.note(S_INV_1.id, PurchaseSaga::NAME, saga.to_string(), tenant, detail);
                }
            }
        }
        for (order, tenant) in std::mem::take(&mut self.earned) {
            if self.unreadable.contains(&order.to_string()) {
                continue;
            }
            // One that is there and not fulfilled was reported line by line.
            if self.order(order).await?.is_none() {
                let detail = "earnings speak of it, and it is not there".to_owned();
                self.findings.note(MONEY, Order::NAME, order.to_string(), tenant, detail);
            }
        }
        Ok(())
    }

    async fn order(&self, id: OrderId) -> Result<Option<Raw<Order>>, AppError> {
        Ok(self.inventory.look(&id).await?)
    }

    async fn dead_letters(&mut self) -> Result<(), AppError> {
        let backlog = self.ports.outbox.backlog().await?;
        self.findings.count(Counted::Deliveries, backlog.open);
        for letter in self.inventory.dead_letters(KEPT).await? {
            let detail = format!(
                "{} did not take {} of {} {} in {} tries",
                letter.consumer, letter.topic, letter.aggregate, letter.subject, letter.attempts,
            );
            self.findings.note(DELIVERED, "delivery", letter.event_id.to_string(), letter.tenant_id, detail);
        }
        Ok(())
    }
}

/// Since when a listing is off the market, unless it is on it.
fn closed_since(data: &ListingData) -> Option<Timestamp> {
    match data.state {
        ListingState::Suspended => data.suspended_at,
        ListingState::Retired => data.retired_at,
        ListingState::Draft | ListingState::Submitted | ListingState::Approved | ListingState::Live => None,
    }
}

/// Since when a saga that is not over should have been looked at, when that is too long ago.
fn stuck_since(data: &SagaData, now: Timestamp) -> Option<Timestamp> {
    data.next_attempt_at.filter(|due| !data.state.is_terminal() && due.plus(PATIENCE) < now)
}

fn is_active(data: &LicenseData) -> bool {
    data.state == LicenseState::Active
}

/// Why nobody should wait for this licence, if somebody does. A seat that was given back after the licence's end
/// stays free until the expiry is noted and sends everybody home.
fn waits_for_nothing(data: &LicenseData) -> Option<String> {
    let waiting = data.waitlist.waiting;
    if waiting == 0 {
        return None;
    }
    if !is_active(data) {
        return Some(format!("{waiting} wait, and it is {:?}", data.state));
    }
    let taken = data.active_seats.saturating_add(data.consumed_seats);
    let free = data.capacity.seats().is_none_or(|seats| taken < seats);
    let ended = data.validity.valid_until().is_some_and(|end| end <= data.updated_at);
    (free && !ended).then(|| format!("{waiting} wait, and a seat is free"))
}

/// Lets others run between two pages.
async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Whether a seat keeps what its assignment saw.
fn shows_its_moment(row: &LicenseRow) -> bool {
    matches!(row, LicenseRow::Seat(seat) if seat.assigned_under.is_some())
}
