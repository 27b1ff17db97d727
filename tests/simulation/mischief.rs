//! What must be refused, tried: each attempt names the invariant that forbids it, and getting through is a
//! breach of it. What the scripts of buyers never do by themselves is done here.

use std::sync::Arc;

use sarai_application::{
    AppError, Call,
    marketplace::{CartRequest, RequestedLine},
};
use sarai_domain::{
    kernel::{Aggregate, Currency, LicenseId, Money, SeatId, TenantId, Timestamp, Ulid, UserId},
    marketplace::{
        coupon::NewCoupon,
        license::{Learner, License, LicenseTerms, NewLicense, Origin, ValidityWindow},
        listing::{ListingError, ListingMarketing, NewListing, PlanEdit, PlanTerms, Visibility},
        order::Order,
        values::{Capacity, Discount, Owner, PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};
use sarai_ports::auth::Role;

use super::{
    buyers::{CallError, Script},
    process::Process,
    shop::{Good, call, price, staff},
};

/// The attempts that need nothing but the shop; one after the other over the purchases of a seed.
const ATTEMPTS: &[&str] = &[
    "L-INV-1", "L-INV-2", "L-INV-3", "L-INV-4", "L-INV-5", "L-INV-6", "L-INV-8", "L-INV-9", "L-INV-10",
    "O-INV-1", "O-INV-5", "C-INV-1", "C-INV-3", "C-INV-4", "C-INV-5", "LI-INV-4", "LI-INV-6",
];

impl Script {
    /// One forbidden thing, whichever is next.
    pub(super) async fn mischief(&self, buyer: &Call) {
        let rule = ATTEMPTS[usize::try_from(self.number).unwrap_or(0) % ATTEMPTS.len()];
        let (shop, caller) = (self.stage.shop.clone(), buyer.clone());
        let number = self.number;
        let got_through = match rule {
            "L-INV-4" => [None, Some(0)].into_iter().any(|months| subscription(months).is_ok()),
            "L-INV-5" => [None, Some(0)].into_iter().any(|seats| pack(seats).is_ok()),
            "L-INV-6" => [8_499, 8_501].into_iter().any(|rest| RevenueShare::try_new(1_500, rest).is_ok()),
            "LI-INV-4" => {
                let now = self.stage.suite.now();
                ValidityWindow::try_new(now, Some(now)).is_ok()
            }
            "LI-INV-6" => individual_of_two(self.stage.suite.now(), &shop.goods[0]),
            "L-INV-10" => plan_of_two_currencies().is_ok(),
            "C-INV-3" => Discount::percent(0).is_ok() || Discount::percent(101).is_ok(),
            "L-INV-1" => self.tried(|process| bare_listing(process, number)).await,
            "L-INV-2" => self.tried(|process| unbuilt_listing(process, number)).await,
            "L-INV-3" => self.tried(|process| unverified_seller(process, number)).await,
            "L-INV-8" => self.tried(|process| order(process, caller, vec![shop.closed], vec![])).await,
            "L-INV-9" => self.tried(|process| other_currency(process, shop.goods[0].clone())).await,
            "O-INV-1" => {
                let mixed = vec![shop.goods[0].clone(), shop.foreign()];
                self.tried(|process| order(process, caller, mixed, vec![])).await
            }
            "O-INV-5" => self.tried(|process| order(process, caller, shop.crowd, vec![])).await,
            "C-INV-1" => self.tried(same_code).await,
            "C-INV-4" => {
                self.tried(|process| order(process, caller, vec![shop.foreign()], vec!["FIVE-OFF"])).await
            }
            _ => {
                let goods = vec![shop.goods[0].clone()];
                let code = if number.is_multiple_of(2) { "SWITCHED-OFF" } else { "RUN-OUT" };
                self.tried(|process| order(process, caller, goods, vec![code])).await
            }
        };
        if got_through {
            self.stage.breach(format!("{rule}: what it forbids was allowed"), None);
        }
    }

    /// While a licence of the order lives, its listing cannot be retired.
    pub(super) async fn retire_too_early(&self, order: &Order) {
        let offer = order.data().lines[0].offer.clone();
        let provider = offer.provider_tenant_id.to_string();
        let retired = self
            .tried(|process| async move {
                let seller = call(&provider, &provider, &[Role::Provider]);
                process.market.listings.retire(&seller, offer.listing_id).await.map(drop)
            })
            .await;
        if retired {
            let detail = "L-INV-7: a listing was retired while a licence of it was active".to_owned();
            self.stage.breach(detail, Some(order.id()));
        }
    }

    /// Nobody sits down on a licence that was taken back.
    pub(super) async fn sit_on_revoked(&self, buyer: &Call, license: LicenseId) {
        let caller = buyer.clone();
        let revoked = self.ask(|process| async move { process.market.licenses.get(&caller, license).await });
        let Ok(found) = revoked.await else { return };
        if found.data().state != sarai_domain::marketplace::license::LicenseState::Revoked {
            return;
        }
        let caller = buyer.clone();
        let late = format!("late-{}", self.number).parse().expect("a user");
        let sat = self
            .tried(|process| async move {
                process.market.licenses.assign_seat(&caller, license, &late).await.map(drop)
            })
            .await;
        if sat {
            let detail = format!("LI-INV-3: a seat of revoked licence {license} was assigned");
            self.stage.breach(detail, found.data().order_id);
        }
    }

    /// Whether it was allowed; whatever it is refused with is fine.
    async fn tried<F>(&self, make: impl FnOnce(Arc<Process>) -> F) -> bool
    where
        F: Future<Output = Result<(), AppError>> + Send,
    {
        !matches!(self.call(make).await, Err(CallError::Refused(_) | CallError::Unknown))
    }
}

fn subscription(months: Option<u32>) -> Result<PlanTerms, ListingError> {
    PlanTerms::try_new(PlanKind::Subscription, price("9.99", "USD"), None, None, months, false, true)
}

fn pack(seats: Option<u32>) -> Result<PlanTerms, ListingError> {
    PlanTerms::try_new(PlanKind::SeatPack, price("9.99", "USD"), None, seats, None, false, true)
}

fn plan_of_two_currencies() -> Result<PlanTerms, ListingError> {
    let euro = Currency::parse("EUR").ok();
    PlanTerms::try_new(PlanKind::OneTime, price("9.99", "USD"), euro, None, None, false, true)
}

/// A draft of a provider's, for a course and a version.
pub(super) async fn draft(
    process: &Process,
    provider: &str,
    course: &str,
    version: &str,
) -> Result<sarai_domain::kernel::ListingId, AppError> {
    let seller = call(provider, provider, &[Role::Provider]);
    let new = |id, provider_tenant_id| NewListing {
        id,
        provider_tenant_id,
        course_id: course.parse().expect("a course"),
        course_version_id: version.parse().expect("a version"),
        visibility: Visibility::Public,
        marketing: ListingMarketing::try_new(course, String::new(), None, vec![], None).expect("a text"),
        refund_policy: RefundPolicy::try_new(14, None).expect("a policy"),
        revenue_share: None,
        category: None,
        tags: Vec::new(),
    };
    Ok(process.market.listings.create(&seller, new).await?.aggregate.id())
}

fn one_time() -> PlanTerms {
    let price = price("19.99", "USD");
    PlanTerms::try_new(PlanKind::OneTime, price, None, None, None, false, true).expect("a plan")
}

async fn bare_listing(process: Arc<Process>, number: u64) -> Result<(), AppError> {
    let listing = draft(&process, "school", &format!("crs_bare_{number}"), "cv_0").await?;
    process.market.listings.submit(&call("school", "school", &[Role::Provider]), listing).await.map(drop)
}

async fn unbuilt_listing(process: Arc<Process>, number: u64) -> Result<(), AppError> {
    let seller = call("school", "school", &[Role::Provider]);
    let listing =
        draft(&process, "school", &format!("crs_new_{number}"), &format!("cv_new_{number}")).await?;
    process.market.listings.add_plan(&seller, listing, one_time()).await?;
    let submitted = process.market.listings.submit(&seller, listing).await?;
    process.market.listings.approve(&staff(), listing, submitted.version).await.map(drop)
}

async fn unverified_seller(process: Arc<Process>, _number: u64) -> Result<(), AppError> {
    let seller = call("stranger", "stranger", &[Role::Provider]);
    let listing = draft(&process, "stranger", "crs_0", "cv_0").await?;
    process.market.listings.add_plan(&seller, listing, one_time()).await?;
    let submitted = process.market.listings.submit(&seller, listing).await?;
    process.market.listings.approve(&staff(), listing, submitted.version).await.map(drop)
}

async fn other_currency(process: Arc<Process>, good: Good) -> Result<(), AppError> {
    let seller = call(good.provider, good.provider, &[Role::Provider]);
    let listing = process.market.listings.get(&seller, good.listing).await?;
    let euro = Currency::parse("EUR").expect("a currency");
    let edit = PlanEdit { price: Some(Money::zero(euro)), currency: Some(euro), ..PlanEdit::default() };
    let version = listing.version();
    process.market.listings.edit_plan(&seller, good.listing, version, good.plan, edit).await.map(drop)
}

async fn same_code(process: Arc<Process>) -> Result<(), AppError> {
    let new = |id, owner: Owner| NewCoupon {
        id,
        owner,
        code: " hot-15 ".parse().expect("a code"),
        discount: Discount::percent(1).expect("a discount"),
        usage_cap: None,
        per_user_cap: None,
        valid_from: None,
        valid_until: None,
        tenant_scope: None,
        provider_scope: None,
    };
    process.market.coupons.create(&staff(), new).await.map(drop)
}

async fn order(
    process: Arc<Process>,
    buyer: Call,
    goods: Vec<Good>,
    codes: Vec<&str>,
) -> Result<(), AppError> {
    let request = CartRequest {
        currency: goods[0].currency,
        lines: goods
            .iter()
            .map(|good| RequestedLine {
                listing_id: good.listing,
                pricing_plan_id: good.plan,
                quantity: SeatCount::try_new(good.pack).expect("seats"),
            })
            .collect(),
        coupon_codes: codes.iter().map(|code| code.parse().expect("a code")).collect(),
    };
    process.market.orders.place(&buyer, &request).await.map(drop)
}

/// Whether an individual licence may have two seats.
fn individual_of_two(now: Timestamp, good: &Good) -> bool {
    let terms = LicenseTerms {
        listing_id: good.listing,
        provider_tenant_id: TenantId::from_static(good.provider),
        course_id: "crs_0".parse().expect("a course"),
        course_version_id: "cv_0".parse().expect("a version"),
        plan_kind: PlanKind::OneTime,
        capacity: Capacity::Limited(SeatCount::try_new(2).expect("seats")),
        interval_months: None,
        perpetual_offline_access: false,
    };
    let learner = Learner { seat_id: SeatId::new(Ulid(1)), user_id: UserId::from_static("learner") };
    let origin = Origin::Manual {
        actor: UserId::from_static("staff"),
        reason: "goodwill".to_owned(),
        learner: Some(learner),
    };
    let tenant_id = TenantId::from_static("tenant-0");
    let new = NewLicense { id: LicenseId::new(Ulid(1)), tenant_id, terms, origin, anchor: now };
    License::grant(new, now).is_ok()
}
