//! The marketplace that every seed opens: providers, listings, coupons.

use sarai_application::{AppError, Call};
use sarai_domain::{
    kernel::{
        Aggregate, CourseId, CourseVersionId, Currency, ListingId, Money, PricingPlanId, TenantId, UserId,
    },
    marketplace::{
        coupon::NewCoupon,
        listing::{ListingMarketing, NewListing, PlanTerms, Visibility},
        values::{Discount, Owner, PlanKind, RefundPolicy},
    },
};
use sarai_ports::{
    auth::{Principal, Role},
    inbound::{InboundEvent, InboundRecord, Source},
};

use super::process::Process;

/// Who sells.
const PROVIDERS: &[&str] = &["school", "atelier", "institute"];

/// What is sold: provider, kind, price, currency, seats of a pack, refund days, cap of attempts.
type Row = (&'static str, PlanKind, &'static str, &'static str, u32, u32, Option<u32>);

#[rustfmt::skip]
const GOODS: &[Row] = &[
    ("school",    PlanKind::OneTime,      "19.99",  "USD", 0, 14, None),
    ("school",    PlanKind::OneTime,      "6.45",   "USD", 0, 30, Some(1)),
    ("atelier",   PlanKind::OneTime,      "0.05",   "USD", 0, 0,  None),
    ("atelier",   PlanKind::SeatPack,     "33.33",  "USD", 3, 14, None),
    ("institute", PlanKind::SeatPack,     "100.01", "EUR", 5, 14, None),
    ("institute", PlanKind::Subscription, "9.99",   "EUR", 0, 7,  None),
    ("atelier",   PlanKind::OneTime,      "49.95",  "EUR", 0, 14, Some(2)),
    ("school",    PlanKind::SiteLicense,  "499.00", "EUR", 0, 60, None),
    ("institute", PlanKind::OneTime,      "12.50",  "USD", 0, 14, None),
];

/// Codes: owner (none: the platform), percent or fixed, cap, cap per user.
type CodeRow = (&'static str, Option<&'static str>, Result<u8, &'static str>, Option<u32>, Option<u32>);

#[rustfmt::skip]
const CODES: &[CodeRow] = &[
    ("HOT-15",      None,              Ok(15),      Some(20), None),
    ("FIVE-OFF",    None,              Err("5.00"), None,     Some(1)),
    ("GRATIS",      None,              Ok(100),     Some(60), None),
    ("SCHOOL-33",   Some("school"),    Ok(33),      Some(150), None),
    ("ATELIER-7",   Some("atelier"),   Ok(7),       None,     None),
    ("LAST-ONE",    Some("institute"), Ok(50),      Some(1),  None),
];

/// Something that can be bought.
#[derive(Debug, Clone)]
pub(super) struct Good {
    pub(super) listing: ListingId,
    pub(super) plan: PricingPlanId,
    pub(super) kind: PlanKind,
    pub(super) currency: Currency,
    /// Seats of one pack.
    pub(super) pack: u32,
    pub(super) provider: &'static str,
}

/// What is on offer.
#[derive(Debug, Clone)]
pub(super) struct Shop {
    pub(super) goods: Vec<Good>,
    /// Codes, with whose goods and which currency they are for.
    pub(super) codes: Vec<(&'static str, Option<&'static str>, Option<&'static str>)>,
    /// Something whose sale was stopped.
    pub(super) closed: Good,
    /// More plans than an order may have lines.
    pub(super) crowd: Vec<Good>,
}

/// A call of somebody.
pub(super) fn call(user: &str, tenant: &str, roles: &[Role]) -> Call {
    Call {
        principal: Principal {
            user_id: UserId::try_new(user).expect("a user"),
            tenant_id: TenantId::try_new(tenant).expect("a tenant"),
            email: None,
            roles: roles.to_vec(),
            via: sarai_ports::auth::Via::default(),
        },
        request_id: None,
        claim: None,
        reason: Some("simulated".to_owned()),
    }
}

/// A call of the platform's staff.
pub(super) fn staff() -> Call {
    call("staff", "platform", &[Role::PlatformAdmin])
}

/// An amount.
pub(super) fn price(text: &str, currency: &str) -> Money {
    let currency = Currency::parse(currency).expect("a currency");
    Money::parse(text, currency).expect("an amount")
}

impl Shop {
    /// Opens it: everything through the use cases.
    pub(super) async fn open(process: &Process) -> Result<Self, AppError> {
        let (mut goods, mut codes) = (Vec::new(), Vec::new());
        for provider in PROVIDERS {
            let event = InboundEvent::KycVerified {
                tenant_id: TenantId::from_static(provider),
                at: process.ports.now(),
            };
            tell(process, Source::Tenant, format!("kyc-{provider}"), event).await?;
        }
        for (number, row) in GOODS.iter().enumerate() {
            goods.push(offer(process, number, row).await?);
        }
        for (code, owner, discount, usage_cap, per_user_cap) in CODES {
            let caller = owner.map_or_else(staff, |owner| call(owner, owner, &[Role::Provider]));
            let discount = match discount {
                Ok(percent) => Discount::percent(u32::from(*percent)),
                Err(amount) => Discount::fixed(price(amount, "USD")),
            };
            let new_discount = discount.expect("a discount");
            let new = |id, owner| NewCoupon {
                id,
                provider_scope: match &owner {
                    Owner::Provider(provider) => Some(provider.clone()),
                    Owner::Platform => None,
                },
                owner,
                code: code.parse().expect("a code"),
                discount: new_discount,
                usage_cap: *usage_cap,
                per_user_cap: *per_user_cap,
                valid_from: None,
                valid_until: None,
                tenant_scope: None,
            };
            process.market.coupons.create(&caller, new).await?;
            let currency = matches!(new_discount, Discount::Fixed { .. }).then_some("USD");
            codes.push((*code, *owner, currency));
        }
        dead_coupons(process).await?;
        let closed = offer(process, GOODS.len(), &GOODS[0]).await?;
        process.market.listings.suspend(&staff(), closed.listing, "closed").await?;
        let crowd = crowd(process, GOODS.len() + 1).await?;
        Ok(Self { goods, codes, closed, crowd })
    }

    /// Something in another currency than the first.
    pub(super) fn foreign(&self) -> Good {
        let other = self.goods.iter().find(|good| good.currency != self.goods[0].currency);
        other.unwrap_or(&self.goods[0]).clone()
    }
}

/// A coupon that was switched off, and one whose time is over.
async fn dead_coupons(process: &Process) -> Result<(), AppError> {
    for code in ["SWITCHED-OFF", "RUN-OUT"] {
        let over = (code == "RUN-OUT").then(|| process.ports.now());
        let new = |id, owner| NewCoupon {
            id,
            owner,
            code: code.parse().expect("a code"),
            discount: Discount::percent(50).expect("a discount"),
            usage_cap: None,
            per_user_cap: None,
            valid_from: over.map(|over| over.plus(time::Duration::days(-2))),
            valid_until: over.map(|over| over.plus(time::Duration::days(-1))),
            tenant_scope: None,
            provider_scope: None,
        };
        let coupon = process.market.coupons.create(&staff(), new).await?.aggregate.id();
        if over.is_none() {
            process.market.coupons.deactivate(&staff(), coupon).await?;
        }
    }
    Ok(())
}

/// One listing with 51 plans.
async fn crowd(process: &Process, number: usize) -> Result<Vec<Good>, AppError> {
    let first = offer(process, number, &GOODS[0]).await?;
    let seller = call(first.provider, first.provider, &[Role::Provider]);
    let mut crowd = vec![first.clone()];
    for _ in 0..50 {
        let price = price("1.00", "USD");
        let terms = PlanTerms::try_new(PlanKind::OneTime, price, None, None, None, false, true);
        let terms = terms.expect("a plan");
        let (_, plan) = process.market.listings.add_plan(&seller, first.listing, terms).await?;
        crowd.push(Good { plan, ..first.clone() });
    }
    Ok(crowd)
}

async fn offer(process: &Process, number: usize, row: &Row) -> Result<Good, AppError> {
    let (provider, kind, amount, currency, pack, refund_days, attempts_cap) = *row;
    let course_id: CourseId = format!("crs_{number}").parse().expect("a course");
    let course_version_id: CourseVersionId = format!("cv_{number}").parse().expect("a version");
    let published = InboundEvent::CourseVersionPublished {
        course_id: course_id.clone(),
        course_version_id: course_version_id.clone(),
    };
    tell(process, Source::Catalog, format!("published-{number}"), published).await?;
    let built = InboundEvent::PlayPackageBuilt { course_version_id: course_version_id.clone() };
    tell(process, Source::Content, format!("built-{number}"), built).await?;
    let (seller, staff) = (call(provider, provider, &[Role::Provider]), staff());
    let draft = |id, provider_tenant_id| NewListing {
        id,
        provider_tenant_id,
        course_id,
        course_version_id,
        visibility: Visibility::Public,
        marketing: ListingMarketing::try_new(&format!("Course {number}"), String::new(), None, vec![], None)
            .expect("a text"),
        refund_policy: RefundPolicy::try_new(refund_days, attempts_cap).expect("a policy"),
        revenue_share: None,
        category: None,
        tags: Vec::new(),
    };
    let listings = &process.market.listings;
    let listing = listings.create(&seller, draft).await?.aggregate.id();
    let seats = (pack > 0).then_some(pack);
    let months = (kind == PlanKind::Subscription).then_some(1);
    let price = price(amount, currency);
    let terms = PlanTerms::try_new(kind, price, None, seats, months, false, true).expect("a plan");
    let (_, plan) = listings.add_plan(&seller, listing, terms).await?;
    let submitted = listings.submit(&seller, listing).await?;
    listings.approve(&staff, listing, submitted.version).await?;
    listings.go_live(&seller, listing).await?;
    Ok(Good { listing, plan, kind, currency: price.currency(), pack: pack.max(1), provider })
}

async fn tell(process: &Process, source: Source, id: String, event: InboundEvent) -> Result<(), AppError> {
    process.inbound.receive(InboundRecord { id, source, event }).await
}
