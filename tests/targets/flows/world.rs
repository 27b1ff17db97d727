//! One wired process with demo facts, and the steps that every flow begins with.

use sarai::embedded::{Clocks, Embedded};
use sarai_application::{
    AppError, Call,
    marketplace::{CartRequest, RequestedLine},
};
use sarai_domain::{
    kernel::{
        Aggregate, CouponId, Currency, ListingId, Money, OrderId, PricingPlanId, TenantId, Timestamp, UserId,
    },
    marketplace::{
        coupon::NewCoupon,
        license::License,
        listing::{ListingMarketing, NewListing, PlanTerms, Visibility},
        order::{Order, OrderStatus},
        saga::SagaState,
        values::{Discount, Owner, PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    PageRequest, Scope,
    auth::{Principal, Role},
};
use sarai_standins::TokenIssuer;
use sarai_system::ManualClock;

use crate::announced;

pub(crate) struct World {
    pub(crate) sarai: Embedded,
    /// The store it is over.
    pub(crate) store: MemoryStore,
}

/// What a flow sells.
#[derive(Clone, Copy)]
pub(crate) struct Sold {
    pub(crate) listing: ListingId,
    pub(crate) plan: PricingPlanId,
}

pub(crate) fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

impl Drop for World {
    /// Whatever a flow announced is what is published of it.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            announced::check(&self.store.recorded());
        }
    }
}

impl World {
    /// A process at 9:30 on 20 April 2026 whose demo facts have arrived.
    pub(crate) async fn new() -> Self {
        let start: Timestamp = "2026-04-20T09:30:00Z".parse().unwrap();
        let issuer = TokenIssuer { issuer: "test".to_owned(), audience: "sarai".to_owned() };
        let (sarai, store) = Embedded::in_memory(&Clocks::of(ManualClock::at(start)), issuer).unwrap();
        sarai.sources.announce_demo();
        let world = Self { sarai, store };
        world.advance(0).await;
        world
    }

    /// Somebody asks.
    pub(crate) fn call(account: &'static str) -> Call {
        let known = sarai_standins::demo::ACCOUNTS.iter().find(|known| known.email.starts_with(account));
        let known = known.unwrap();
        Call {
            principal: Principal {
                user_id: UserId::try_new(known.id).unwrap(),
                tenant_id: TenantId::try_new(known.id).unwrap(),
                email: Some(known.email.to_owned()),
                roles: known.roles.to_vec(),
                via: sarai_ports::auth::Via::default(),
            },
            request_id: None,
            claim: None,
            reason: Some("because the test says so".to_owned()),
        }
    }

    /// A colleague of the buyer's tenant who administers nothing.
    pub(crate) fn colleague() -> Call {
        let mut call = World::call("buyer");
        call.principal.user_id = UserId::from_static("colleague");
        call.principal.roles = vec![Role::Customer];
        call
    }

    /// Moves the clock; everything due has run when it answers.
    pub(crate) async fn advance(&self, seconds: u32) -> usize {
        self.sarai.test_clock.advance(&World::call("admin"), seconds).await.unwrap().1
    }

    /// A live listing with one plan.
    pub(crate) async fn sell(&self, course: u32, terms: PlanTerms) -> Sold {
        self.sell_with(course, terms, RefundPolicy::try_new(14, None).unwrap(), None).await
    }

    /// A live listing with one plan, a refund policy and a negotiated share.
    pub(crate) async fn sell_with(
        &self,
        course: u32,
        terms: PlanTerms,
        refund_policy: RefundPolicy,
        share: Option<RevenueShare>,
    ) -> Sold {
        let (provider, admin) = (World::call("provider"), World::call("admin"));
        let listings = &self.sarai.marketplace.listings;
        let draft = |id, tenant| draft(id, tenant, course, refund_policy);
        let listing = listings.create(&provider, draft).await.unwrap().aggregate.id();
        let (_, plan) = listings.add_plan(&provider, listing, terms).await.unwrap();
        if let Some(share) = share {
            listings.set_revenue_share(&admin, listing, share).await.unwrap();
        }
        let submitted = listings.submit(&provider, listing).await.unwrap();
        listings.approve(&admin, listing, submitted.version).await.unwrap();
        listings.go_live(&provider, listing).await.unwrap();
        Sold { listing, plan }
    }

    /// A listing with one plan that waits for its review.
    pub(crate) async fn submit(&self, course: u32, terms: PlanTerms) -> ListingId {
        let provider = World::call("provider");
        let listings = &self.sarai.marketplace.listings;
        let draft = |id, tenant| draft(id, tenant, course, RefundPolicy::try_new(14, None).unwrap());
        let listing = listings.create(&provider, draft).await.unwrap().aggregate.id();
        listings.add_plan(&provider, listing, terms).await.unwrap();
        listings.submit(&provider, listing).await.unwrap();
        listing
    }

    /// A coupon of the platform's.
    pub(crate) async fn coupon(&self, code: &str, discount: Discount, cap: Option<u32>) -> CouponId {
        let new = |id, owner: Owner| NewCoupon {
            id,
            owner,
            code: code.parse().unwrap(),
            discount,
            usage_cap: cap,
            per_user_cap: None,
            valid_from: None,
            valid_until: None,
            tenant_scope: None,
            provider_scope: None,
        };
        self.sarai.marketplace.coupons.create(&World::call("admin"), new).await.unwrap().aggregate.id()
    }

    /// Places an order.
    pub(crate) async fn order(
        &self,
        call: &Call,
        lines: &[(Sold, u32)],
        codes: &[&str],
    ) -> Result<Order, AppError> {
        self.sarai.marketplace.orders.place(call, &cart(lines, codes)).await.map(|placed| placed.order)
    }

    /// Pays, and gives the order as the buyer is told it.
    pub(crate) async fn pay(&self, call: &Call, order: OrderId, token: &str) -> Order {
        self.sarai.marketplace.orders.pay(call, order, token).await.unwrap()
    }

    /// A paid and fulfilled order.
    pub(crate) async fn buy(&self, lines: &[(Sold, u32)], codes: &[&str]) -> Order {
        let buyer = World::call("buyer");
        let order = self.order(&buyer, lines, codes).await.unwrap();
        let order = self.pay(&buyer, order.id(), "tok_ok").await;
        assert_eq!(order.data().status, OrderStatus::Fulfilled);
        order
    }

    /// The order as it stands.
    pub(crate) async fn stored(&self, order: OrderId) -> Order {
        self.sarai.ports.orders.find(&Scope::System, &order).await.unwrap().unwrap()
    }

    /// Where its saga is.
    pub(crate) async fn saga(&self, order: OrderId) -> SagaState {
        let found = self.sarai.ports.sagas.find_by_order(&Scope::System, order).await.unwrap();
        found.unwrap().data().state
    }

    /// Its licences.
    pub(crate) async fn licenses(&self, order: OrderId) -> Vec<License> {
        self.sarai.ports.licenses.find_by_order(&Scope::System, order).await.unwrap()
    }

    /// How often a coupon is used.
    pub(crate) async fn uses(&self, coupon: CouponId) -> u32 {
        let found = self.sarai.ports.coupons.find(&Scope::System, &coupon).await.unwrap();
        found.unwrap().data().usage_count
    }

    /// Nothing waits to be delivered.
    pub(crate) async fn assert_quiet(&self) {
        let backlog = self.sarai.ports.outbox.backlog().await.unwrap();
        assert_eq!((backlog.open, backlog.dead_letters), (0, 0), "deliveries are left");
    }
}

fn draft(
    id: ListingId,
    provider_tenant_id: TenantId,
    course: u32,
    refund_policy: RefundPolicy,
) -> NewListing {
    NewListing {
        id,
        provider_tenant_id,
        course_id: format!("crs_demo_{course}").parse().unwrap(),
        course_version_id: format!("cv_demo_{course}").parse().unwrap(),
        visibility: Visibility::Public,
        marketing: ListingMarketing::try_new("Welding", String::new(), None, Vec::new(), None).unwrap(),
        refund_policy,
        revenue_share: None,
        category: None,
        tags: Vec::new(),
    }
}

pub(crate) fn cart(lines: &[(Sold, u32)], codes: &[&str]) -> CartRequest {
    CartRequest {
        currency: Currency::parse("USD").unwrap(),
        lines: lines
            .iter()
            .map(|(sold, quantity)| RequestedLine {
                listing_id: sold.listing,
                pricing_plan_id: sold.plan,
                quantity: SeatCount::try_new(*quantity).unwrap(),
            })
            .collect(),
        coupon_codes: codes.iter().map(|code| code.parse().unwrap()).collect(),
    }
}

pub(crate) fn one_time(price: &str) -> PlanTerms {
    PlanTerms::try_new(PlanKind::OneTime, usd(price), None, None, None, false, true).unwrap()
}

pub(crate) fn seat_pack(price: &str, seats: u32) -> PlanTerms {
    PlanTerms::try_new(PlanKind::SeatPack, usd(price), None, Some(seats), None, false, true).unwrap()
}

pub(crate) fn subscription(price: &str) -> PlanTerms {
    PlanTerms::try_new(PlanKind::Subscription, usd(price), None, None, Some(1), false, true).unwrap()
}

pub(crate) fn first_page() -> PageRequest {
    PageRequest::first(100)
}
