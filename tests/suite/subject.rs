//! What the cases that hold for every aggregate need to know of one.

use std::time::Duration;

use sarai_domain::{
    devportal::{
        account::{AccountState, DeveloperAccount},
        api_key::{ApiKey, KeyState, RevokedReason},
        template::{NewTemplate, NewVariant, TemplateName, VerifyTemplate},
        values::{Channel, Environment, Locale},
        verify::{GiveWay, Moment, OnExisting, VerifySession},
    },
    kernel::{Aggregate, Outcome},
    marketplace::{
        coupon::{Coupon, CouponEdit},
        earnings::ProviderEarnings,
        license::License,
        listing::{Listing, ListingState},
        order::Order,
        quote::Quote,
        saga::{PurchaseSaga, SagaEvent},
        values::Owner,
    },
};
use sarai_ports::{Stored, marketplace::Repository};

use crate::{SuitePorts, make};

/// One kind of aggregate under test.
pub trait Subject: 'static {
    /// The aggregate.
    type Aggregate: Stored;
    /// How many changes in a row [`Subject::change`] can make.
    const CHANGES: u64 = 4;
    /// Whether its tenant may read it.
    const READ_BY_TENANT: bool = true;

    /// Its repository.
    fn repository(ports: &SuitePorts) -> &dyn Repository<Self::Aggregate>;
    /// One that no store knows and that only its own tenant, `acme`, may see.
    fn fresh(ports: &SuitePorts) -> Self::Aggregate;
    /// Changes it, with at least one event.
    fn change(aggregate: &mut Self::Aggregate, ports: &SuitePorts);
    /// Makes a document of it that no command makes.
    fn corrupt(data: &mut <Self::Aggregate as Aggregate>::Data);

    /// One that is stored.
    fn stored(ports: &SuitePorts) -> impl Future<Output = Self::Aggregate> + Send {
        async { ports.stored(Self::repository(ports), Self::fresh(ports)).await }
    }

    /// A stored one with a change that is not saved.
    fn changed(aggregate: &Self::Aggregate, ports: &SuitePorts) -> Self::Aggregate {
        let mut aggregate = aggregate.clone();
        Self::change(&mut aggregate, ports);
        aggregate
    }
}

/// Listings, as drafts.
pub struct Listings;
/// Orders.
pub struct Orders;
/// Licences, as seat packs.
pub struct Licenses;
/// Coupons of a provider.
pub struct Coupons;
/// Purchase sagas.
pub struct Sagas;
/// Quotes.
pub struct Quotes;
/// Periods of a provider's earnings.
pub struct Earnings;
/// Verify's sessions.
pub struct Sessions;

impl Subject for Listings {
    type Aggregate = Listing;

    fn repository(ports: &SuitePorts) -> &dyn Repository<Listing> {
        &*ports.listings
    }

    fn fresh(ports: &SuitePorts) -> Listing {
        let mut listing = make::draft(ports, "acme");
        make::applied(listing.add_plan(ports.id(), make::plan(make::usd("49.00")), ports.now()));
        listing
    }

    fn change(listing: &mut Listing, ports: &SuitePorts) {
        make::applied(if listing.data().state == ListingState::Draft {
            listing.submit(ports.now())
        } else {
            listing.withdraw(ports.now())
        });
    }

    fn corrupt(data: &mut <Listing as Aggregate>::Data) {
        data.state = ListingState::Live;
    }
}

impl Subject for Orders {
    type Aggregate = Order;

    fn repository(ports: &SuitePorts) -> &dyn Repository<Order> {
        &*ports.orders
    }

    fn fresh(ports: &SuitePorts) -> Order {
        make::order(ports, "acme", "ana")
    }

    fn change(order: &mut Order, ports: &SuitePorts) {
        let intent = "pi_unknown".parse().expect("an intent");
        let payment = format!("pay_{}", ports.number()).parse().expect("a payment");
        make::applied(order.record_payment(&intent, payment, make::usd("1.00"), ports.now()));
    }

    fn corrupt(data: &mut <Order as Aggregate>::Data) {
        data.subtotal = make::usd("0.01");
    }
}

impl Subject for Licenses {
    type Aggregate = License;

    fn repository(ports: &SuitePorts) -> &dyn Repository<License> {
        &*ports.licenses
    }

    fn fresh(ports: &SuitePorts) -> License {
        make::pack(ports, "acme", 1_000)
    }

    fn change(license: &mut License, ports: &SuitePorts) {
        let user = make::user(&format!("user-{}", ports.number()));
        make::applied(license.assign_seat(ports.id(), user, ports.now()));
    }

    fn corrupt(data: &mut <License as Aggregate>::Data) {
        data.active_seats = 1_001;
    }
}

impl Subject for Coupons {
    type Aggregate = Coupon;

    fn repository(ports: &SuitePorts) -> &dyn Repository<Coupon> {
        &*ports.coupons
    }

    fn fresh(ports: &SuitePorts) -> Coupon {
        let code = format!("SPRING-{}", ports.number());
        let new = make::new_coupon(ports, Owner::Provider(make::tenant("acme")), &code);
        Coupon::create(new, ports.now()).expect("a coupon")
    }

    fn change(coupon: &mut Coupon, ports: &SuitePorts) {
        let cap = u32::try_from(ports.number()).expect("a small number") + 1_000;
        let edit = CouponEdit { usage_cap: Some(cap), ..CouponEdit::from(coupon.data()) };
        make::applied(coupon.edit(edit));
    }

    fn corrupt(data: &mut <Coupon as Aggregate>::Data) {
        (data.usage_cap, data.usage_count) = (Some(1), 2);
    }
}

impl Subject for Sagas {
    type Aggregate = PurchaseSaga;
    const READ_BY_TENANT: bool = false;

    fn repository(ports: &SuitePorts) -> &dyn Repository<PurchaseSaga> {
        &*ports.sagas
    }

    fn fresh(ports: &SuitePorts) -> PurchaseSaga {
        make::saga(ports, "acme", ports.id())
    }

    fn change(saga: &mut PurchaseSaga, _ports: &SuitePorts) {
        let due = saga.data().next_attempt_at.expect("a saga that is not over");
        make::applied(saga.handle(&SagaEvent::RetryDue, None, due));
    }

    fn corrupt(data: &mut <PurchaseSaga as Aggregate>::Data) {
        data.next_attempt_at = None;
    }
}

impl Subject for Quotes {
    type Aggregate = Quote;
    const CHANGES: u64 = 1;

    fn repository(ports: &SuitePorts) -> &dyn Repository<Quote> {
        &*ports.quotes
    }

    fn fresh(ports: &SuitePorts) -> Quote {
        make::quote(ports, "acme", "ana")
    }

    fn change(quote: &mut Quote, ports: &SuitePorts) {
        make::applied(quote.use_by(&make::user("ana"), ports.now()));
    }

    fn corrupt(data: &mut <Quote as Aggregate>::Data) {
        data.totals = make::usd("0.01");
    }
}

impl Subject for Earnings {
    type Aggregate = ProviderEarnings;

    fn repository(ports: &SuitePorts) -> &dyn Repository<ProviderEarnings> {
        &*ports.earnings
    }

    fn fresh(ports: &SuitePorts) -> ProviderEarnings {
        // Each in a month of its own: the month is the key.
        let number = u32::try_from(ports.number()).expect("a small number");
        let mut key = make::period("acme", "2026-04");
        key.period_month = key.period_month.plus(number);
        let mut earnings = ProviderEarnings::open(key, ports.now());
        assert_eq!(earnings.accrue(make::sale(ports, ports.id())), Ok(Outcome::Applied));
        earnings
    }

    fn change(earnings: &mut ProviderEarnings, ports: &SuitePorts) {
        make::applied(earnings.accrue(make::sale(ports, ports.id())));
    }

    fn corrupt(data: &mut <ProviderEarnings as Aggregate>::Data) {
        data.totals.net_payable = make::usd("100000.00");
    }
}

impl Subject for Sessions {
    type Aggregate = VerifySession;

    fn repository(ports: &SuitePorts) -> &dyn Repository<VerifySession> {
        ports.sessions()
    }

    fn fresh(ports: &SuitePorts) -> VerifySession {
        crate::verify::session(ports, "acme")
    }

    fn change(session: &mut VerifySession, ports: &SuitePorts) {
        let reused = session.give_way(OnExisting::Reuse, &[], None, None, &Moment::new(ports.now()));
        assert!(matches!(reused, Ok(GiveWay::Reused { .. })));
    }

    fn corrupt(data: &mut <VerifySession as Aggregate>::Data) {
        data.attempts = 100;
    }
}

/// Developer accounts.
pub struct Accounts;
/// API keys, to be issued.
pub struct Keys;

impl Subject for Accounts {
    type Aggregate = DeveloperAccount;

    fn repository(ports: &SuitePorts) -> &dyn Repository<DeveloperAccount> {
        ports.accounts()
    }

    fn fresh(ports: &SuitePorts) -> DeveloperAccount {
        make::portal::account(ports, "acme")
    }

    fn change(account: &mut DeveloperAccount, ports: &SuitePorts) {
        make::applied(if account.data().state == AccountState::Active {
            account.suspend("abuse", ports.now())
        } else {
            account.reinstate(ports.now())
        });
    }

    fn corrupt(data: &mut <DeveloperAccount as Aggregate>::Data) {
        data.suspended_reason = Some("none".to_owned());
    }
}

impl Subject for Keys {
    type Aggregate = ApiKey;
    const CHANGES: u64 = 2;

    fn repository(ports: &SuitePorts) -> &dyn Repository<ApiKey> {
        ports.keys()
    }

    fn fresh(ports: &SuitePorts) -> ApiKey {
        let label = format!("key {}", ports.number());
        let new = make::portal::new_key(ports, Environment::Sandbox, &label);
        make::portal::requested(ports, "acme", ports.id(), new)
    }

    fn change(key: &mut ApiKey, ports: &SuitePorts) {
        if key.data().state == KeyState::Requested {
            make::portal::issue(key, ports.now());
        } else {
            make::applied(key.revoke(RevokedReason::User, ports.now()));
        }
    }

    fn corrupt(data: &mut <ApiKey as Aggregate>::Data) {
        data.revoked_at = Some(data.created_at);
    }
}

/// Templates, as drafts.
pub struct Templates;

impl Subject for Templates {
    type Aggregate = VerifyTemplate;

    fn repository(ports: &SuitePorts) -> &dyn Repository<VerifyTemplate> {
        ports.templates()
    }

    fn fresh(ports: &SuitePorts) -> VerifyTemplate {
        let text = NewVariant {
            channel: Channel::Sms,
            locale: Locale::En,
            subject: None,
            body: "Your {{brand}} code:\n{{code}}".to_owned(),
            recorded_digits: None,
        };
        let new = NewTemplate {
            id: ports.id(),
            owner: make::tenant("acme"),
            name: TemplateName::parse("sign-in").expect("a name"),
            default_locale: Locale::En,
            locale_fallbacks: Vec::new(),
            domain: None,
            variants: vec![text],
        };
        VerifyTemplate::create(new, ports.now()).expect("a template")
    }

    fn change(template: &mut VerifyTemplate, ports: &SuitePorts) {
        make::applied(template.submit(1, ports.now()));
        make::applied(template.reject(1, "too short", ports.now()));
    }

    fn corrupt(data: &mut <VerifyTemplate as Aggregate>::Data) {
        data.approved = Some(1);
    }
}

/// Long enough for every lease and every back-off of a delivery to be over.
pub const AGES: Duration = Duration::from_hours(1);
