//! Aggregates to store, made by the commands a caller would use.

use sarai_domain::{
    kernel::{
        Aggregate, CouponId, Currency, EarningsLineId, Money, OrderId, OrderLineId, Outcome, PeriodMonth,
        TenantId, Timestamp, UserId,
    },
    marketplace::{
        coupon::{Coupon, NewCoupon, NewRedemption},
        earnings::{EarningsKey, EarningsLine, ProviderEarnings, SoldLine},
        license::{GiftClaim, Learner, License, LicenseTerms, NewLicense, Origin},
        listing::{
            KycEvidence, Listing, ListingMarketing, NewListing, Offer, Patch, PlanTerms, RevisionProposal,
            ShippingEvidence, Visibility,
        },
        order::{NewOrder, Order},
        quote::{NewQuote, Quote},
        saga::{NewSaga, PurchaseSaga, SagaLine},
        services::{AppliedDiscount, PricedCart, PricedLine},
        values::{Capacity, Discount, Owner, PlanKind, RefundPolicy, RevenueShare, SeatCount},
    },
};

use crate::SuitePorts;

#[path = "make_portal.rs"]
pub mod portal;

/// A tenant.
pub fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant")
}

/// A user.
pub fn user(name: &str) -> UserId {
    name.parse().expect("a user")
}

/// An amount in US dollars.
pub fn usd(text: &str) -> Money {
    money(text, "USD")
}

/// An amount.
pub fn money(text: &str, currency: &str) -> Money {
    Money::parse(text, Currency::parse(currency).expect("a currency")).expect("an amount")
}

/// The command changed something.
pub fn applied<E: std::fmt::Debug>(result: Result<Outcome, E>) {
    assert_eq!(result.expect("a command that is not refused"), Outcome::Applied);
}

/// What a plan of this price sells.
pub fn plan(price: Money) -> PlanTerms {
    PlanTerms::try_new(PlanKind::OneTime, price, None, None, None, false, true).expect("a plan")
}

/// A provider's draft without plans.
pub fn draft(ports: &SuitePorts, provider: &str) -> Listing {
    let marketing = ListingMarketing::try_new("Rust in a week", "A course.".into(), None, vec![], None);
    let new = NewListing {
        id: ports.id(),
        provider_tenant_id: tenant(provider),
        course_id: "rust".parse().expect("a course"),
        course_version_id: "rust-3".parse().expect("a version"),
        visibility: Visibility::Public,
        marketing: marketing.expect("marketing"),
        refund_policy: RefundPolicy::try_new(30, Some(3)).expect("a policy"),
        revenue_share: None,
        category: Some("languages".to_owned()),
        tags: vec!["rust".to_owned()],
    };
    Listing::create(new, ports.now()).expect("a draft")
}

/// A provider's listing with one plan, on sale.
pub fn live(ports: &SuitePorts, provider: &str, price: Money) -> Listing {
    let mut listing = draft(ports, provider);
    applied(listing.add_plan(ports.id(), plan(price), ports.now()));
    go_live(ports, &mut listing);
    listing
}

/// Puts a draft that was not saved on sale.
pub fn go_live(ports: &SuitePorts, listing: &mut Listing) {
    let (now, version) = (ports.now(), listing.version());
    let course_version_id = listing.data().course_version_id.clone();
    let shipping = ShippingEvidence { course_version_id, published: true, built: true };
    let kyc = KycEvidence { provider_tenant_id: listing.data().provider_tenant_id.clone(), verified: true };
    applied(listing.submit(now));
    applied(listing.approve(version, &shipping, &kyc, now));
    applied(listing.go_live(&shipping, &kyc, now));
}

/// A revision with another tagline, category and refund policy.
pub fn proposal(number: u32) -> RevisionProposal {
    let tagline = format!("Rust in {number} days");
    let marketing = ListingMarketing::try_new(&tagline, String::new(), None, vec![], None);
    RevisionProposal {
        marketing: Some(marketing.expect("marketing")),
        refund_policy: Some(RefundPolicy::try_new(number, Some(number)).expect("a policy")),
        visibility: Some(Visibility::Unlisted),
        category: Patch::Set("Programming".to_owned()),
        tags: Some(vec!["rust".to_owned()]),
    }
}

/// A priced line of one provider.
pub fn line(ports: &SuitePorts, provider: &str, price: Money) -> PricedLine {
    let fee = price.basis_points(1_500).expect("a fee");
    PricedLine {
        id: ports.id(),
        offer: Offer {
            listing_id: ports.id(),
            provider_tenant_id: tenant(provider),
            pricing_plan_id: ports.id(),
            plan_kind: PlanKind::OneTime,
            price,
            plan_seats: None,
            interval_months: None,
            perpetual_offline_access: false,
            refund_policy: RefundPolicy::try_new(14, None).expect("a policy"),
            revenue_share: RevenueShare::DEFAULT,
            course_id: "rust".parse().expect("a course"),
            course_version_id: "rust-3".parse().expect("a version"),
        },
        quantity: SeatCount::ONE,
        packs: 1,
        unit_price: price,
        subtotal: price,
        discount_total: Money::zero(price.currency()),
        net: price,
        fee_amount: fee,
        provider_amount: price.checked_sub(&fee).expect("a share"),
    }
}

/// Lines without discounts.
pub fn cart(lines: Vec<PricedLine>) -> PricedCart {
    let currency = lines[0].net.currency();
    let subtotal = Money::sum(currency, lines.iter().map(|line| &line.subtotal)).expect("a sum");
    PricedCart { currency, lines, discounts: vec![], subtotal, discount_total: Money::zero(currency) }
}

/// One line of 10.00 with 1.25 taken off by a coupon.
pub fn discounted(ports: &SuitePorts, coupon: CouponId) -> PricedCart {
    let mut line = line(ports, "studio", usd("10.00"));
    let off = usd("1.25");
    line.discount_total = off;
    line.net = usd("8.75");
    line.fee_amount = line.net.basis_points(1_500).expect("a fee");
    line.provider_amount = line.net.checked_sub(&line.fee_amount).expect("a share");
    let code = "SPRING".parse().expect("a code");
    let discount = AppliedDiscount {
        coupon_id: coupon,
        code,
        amount: off,
        per_line: vec![off],
        terms: None,
        owner: None,
    };
    PricedCart { discounts: vec![discount], discount_total: off, ..cart(vec![line]) }
}

/// An order of two lines, 6.45 of `studio` and 19.99 of `academy`.
pub fn order(ports: &SuitePorts, buyer: &str, name: &str) -> Order {
    let lines = vec![line(ports, "studio", usd("6.45")), line(ports, "academy", usd("19.99"))];
    order_of(ports, buyer, name, cart(lines))
}

/// An order of a cart.
pub fn order_of(ports: &SuitePorts, buyer: &str, name: &str, cart: PricedCart) -> Order {
    let new = NewOrder {
        id: ports.id(),
        saga_id: ports.id(),
        buyer_tenant_id: tenant(buyer),
        buyer_user_id: user(name),
        quote_id: None,
        cart,
    };
    Order::place(new, ports.now()).expect("an order")
}

/// Asks an order's buyer to pay, without tax.
pub fn ask_payment(ports: &SuitePorts, order: &mut Order) {
    let data = order.data();
    let taxes: Vec<_> = data.lines.iter().map(|line| (line.id, Money::zero(data.currency))).collect();
    let intent = format!("pi_{}", data.id).parse().expect("an intent");
    applied(order.request_payment(&taxes, Some(intent), ports.now()));
}

/// Pays for an order whose buyer was not asked yet.
pub fn pay(ports: &SuitePorts, order: &mut Order) {
    ask_payment(ports, order);
    let data = order.data();
    let intent = data.payment_intent_id.clone().expect("an intent");
    let payment = format!("pay_{}", data.id).parse().expect("a payment");
    let totals = data.totals.expect("totals");
    applied(order.record_payment(&intent, payment, totals, ports.now()));
}

/// Pays for an order and fulfils it.
pub fn fulfil(ports: &SuitePorts, order: &mut Order) {
    pay(ports, order);
    let licenses: Vec<_> = order.data().lines.iter().map(|line| (line.id, ports.id())).collect();
    applied(order.fulfill(&licenses, ports.now()));
}

/// What a licence is for.
pub fn terms(kind: PlanKind, seats: Option<u32>) -> LicenseTerms {
    let months = match kind {
        PlanKind::OneTime | PlanKind::SeatPack => None,
        PlanKind::Subscription | PlanKind::SiteLicense => Some(1),
    };
    LicenseTerms {
        listing_id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("a listing"),
        provider_tenant_id: tenant("studio"),
        course_id: "rust".parse().expect("a course"),
        course_version_id: "rust-3".parse().expect("a version"),
        plan_kind: kind,
        capacity: seats.map_or(Capacity::Unlimited, |seats| {
            Capacity::Limited(SeatCount::try_new(seats).expect("a seat"))
        }),
        interval_months: months,
        perpetual_offline_access: false,
    }
}

/// A licence of a tenant.
pub fn license(ports: &SuitePorts, owner: &str, terms: LicenseTerms, origin: Origin) -> License {
    let new = NewLicense { id: ports.id(), tenant_id: tenant(owner), terms, origin, anchor: ports.now() };
    License::grant(new, ports.now()).expect("a licence")
}

/// A bought seat pack, nobody seated.
pub fn pack(ports: &SuitePorts, owner: &str, seats: u32) -> License {
    license(ports, owner, terms(PlanKind::SeatPack, Some(seats)), bought(ports.id(), ports.id(), 0, None))
}

/// The origin of a line's licence for a period.
pub fn bought(order: OrderId, line: OrderLineId, period: u32, learner: Option<Learner>) -> Origin {
    Origin::Purchase {
        order_id: order,
        order_line_id: line,
        period_index: period,
        refund_deadline: None,
        learner,
    }
}

/// A user's monthly subscription.
pub fn subscription(ports: &SuitePorts, owner: &str, name: &str) -> License {
    let learner = Learner { seat_id: ports.id(), user_id: user(name) };
    let origin = bought(ports.id(), ports.id(), 0, Some(learner));
    license(ports, owner, terms(PlanKind::Subscription, Some(1)), origin)
}

/// A gift that waits for its code.
pub fn gift(ports: &SuitePorts, owner: &str, code: &str) -> License {
    let code_hash = GiftClaim::hash(code);
    let origin = Origin::Gift { actor: user("admin"), reason: "prize".to_owned(), code_hash };
    license(ports, owner, terms(PlanKind::OneTime, Some(1)), origin)
}

/// What a new coupon is made of: ten percent off, no caps.
pub fn new_coupon(ports: &SuitePorts, owner: Owner, code: &str) -> NewCoupon {
    NewCoupon {
        id: ports.id(),
        owner,
        code: code.parse().expect("a code"),
        discount: Discount::percent(10).expect("a percentage"),
        usage_cap: None,
        per_user_cap: None,
        valid_from: None,
        valid_until: None,
        tenant_scope: None,
        provider_scope: None,
    }
}

/// A coupon of the platform with caps.
pub fn capped(ports: &SuitePorts, usage_cap: Option<u32>, per_user_cap: Option<u32>) -> Coupon {
    let code = format!("CAP-{}", ports.number());
    let new = NewCoupon { usage_cap, per_user_cap, ..new_coupon(ports, Owner::Platform, &code) };
    Coupon::create(new, ports.now()).expect("a coupon")
}

/// A use of a coupon by a user for an order, held for an hour.
pub fn hold(ports: &SuitePorts, order: OrderId, name: &str) -> NewRedemption {
    let expires_at = crate::harness::after(ports.now(), std::time::Duration::from_hours(1));
    NewRedemption { id: ports.id(), order_id: order, user_id: user(name), amount: usd("1.99"), expires_at }
}

/// The saga of an order of one personal line.
pub fn saga(ports: &SuitePorts, buyer: &str, order: OrderId) -> PurchaseSaga {
    let new = NewSaga {
        id: ports.id(),
        order_id: order,
        buyer_tenant_id: tenant(buyer),
        buyer_user_id: user("ana"),
        lines: vec![SagaLine { order_line_id: ports.id(), learner: Some(user("ana")) }],
        coupons: vec![],
        free: false,
        placed_at: ports.now(),
    };
    PurchaseSaga::start(new, ports.now()).expect("a saga")
}

/// A quote of two lines with tax.
pub fn quote(ports: &SuitePorts, buyer: &str, name: &str) -> Quote {
    let lines = vec![line(ports, "studio", usd("6.45")), line(ports, "academy", usd("19.99"))];
    let new = NewQuote {
        id: ports.id(),
        order_id: ports.id(),
        buyer_tenant_id: tenant(buyer),
        buyer_user_id: user(name),
        cart: cart(lines),
        taxes: vec![usd("0.55"), usd("1.07")],
    };
    Quote::open(new, ports.now()).expect("a quote")
}

/// A period of a provider in US dollars.
pub fn period(provider: &str, month: &str) -> EarningsKey {
    EarningsKey {
        provider_tenant_id: tenant(provider),
        currency: Currency::parse("USD").expect("a currency"),
        period_month: month.parse::<PeriodMonth>().expect("a month"),
    }
}

/// A sale of 6.45, refundable for two weeks, in April 2026.
pub fn sale(ports: &SuitePorts, order_line: OrderLineId) -> EarningsLine {
    sale_at(ports, order_line, ports.now())
}

/// A sale of 6.45 at this time.
pub fn sale_at(ports: &SuitePorts, order_line_id: OrderLineId, at: Timestamp) -> EarningsLine {
    let sold = SoldLine {
        order_id: ports.id(),
        order_line_id,
        listing_id: ports.id(),
        net: usd("6.45"),
        fee_amount: usd("0.97"),
        provider_amount: usd("5.48"),
        platform_bps: 1_500,
        refund_deadline: Some(at.plus_days(14)),
    };
    let id: EarningsLineId = ports.id();
    sold.sale(id, &format!("evt-{order_line_id}"), at)
}

/// A period of April 2026 with one sale.
pub fn earnings(ports: &SuitePorts, provider: &str) -> ProviderEarnings {
    let mut earnings = ProviderEarnings::open(period(provider, "2026-04"), ports.now());
    applied(earnings.accrue(sale(ports, ports.id())));
    earnings
}
