//! Every method that takes a scope, asked by whoever may see the row, by another tenant, by nobody and by staff.

use std::{fs, path::Path, sync::Arc};

use sarai_domain::{
    devportal::{account::DeveloperAccount, api_key::ApiKey, values::Environment},
    kernel::{Aggregate, CouponId, LicenseId, ListingId, OrderId, OrderLineId, SagaId},
    marketplace::{
        earnings::{EarningsKey, EarningsState},
        license::LicenseState,
        listing::ListingState,
    },
};
use sarai_ports::{
    PageRequest, Scope, Stored,
    devportal::{KeyFilter, KeyUse, LabelSlot},
    marketplace::{CatalogFilter, LicenseRows, Repository, SagaFilter},
};
use sarai_testkit::{SuitePorts, make, subject};

use crate::world::World;

/// Ports over a database with something of everything, acme's, sold by studio.
pub(crate) struct Filled {
    pub(crate) ports: SuitePorts,
    order: OrderId,
    correlation: String,
    pack: LicenseId,
    bought: OrderId,
    line: OrderLineId,
    saga_of: OrderId,
    period: EarningsKey,
    ids: (ListingId, SagaId),
    coupon: CouponId,
    earned: OrderLineId,
    account: DeveloperAccount,
    key: ApiKey,
}

/// Fills a world.
pub(crate) async fn filled(world: &World) -> Filled {
    let store = world.store("filler").await;
    let ports = SuitePorts::of(Arc::new(store), world.clock.clone());
    filled_ports(ports).await
}

async fn filled_ports(ports: SuitePorts) -> Filled {
    let listing = make::draft(&ports, "acme");
    let listing_id = listing.id();
    ports.put(&*ports.listings, listing).await;
    let mut shown = make::live(&ports, "acme", make::usd("10.00"));
    make::applied(shown.propose(make::proposal(1), ports.now()));
    ports.put(&*ports.listings, shown).await;

    let mut order = make::order(&ports, "acme", "ana");
    make::pay(&ports, &mut order);
    let order_id = order.id();
    let context = ports.claiming(&ports.claim("a key"));
    let correlation = context.cause.correlation_id.clone();
    let saved = ports.orders.save(&Scope::System, ports.unit(order, context)).await;
    assert!(saved.is_ok(), "{saved:?}");

    let (bought, line) = (ports.id(), ports.id());
    let terms = make::terms(sarai_domain::marketplace::values::PlanKind::SeatPack, Some(1));
    let mut pack = make::license(&ports, "acme", terms, make::bought(bought, line, 0, None));
    make::applied(pack.assign_seat(ports.id(), make::user("ana"), ports.now()));
    make::applied(pack.join_waitlist(ports.id(), ports.id(), make::user("ben"), ports.now()));
    let pack_id = pack.id();
    ports.put(&*ports.licenses, pack).await;

    let coupon = <subject::Coupons as subject::Subject>::fresh(&ports);
    let coupon_id = coupon.id();
    ports.put(&*ports.coupons, coupon).await;
    let saga_of = ports.id();
    let saga = make::saga(&ports, "acme", saga_of);
    let saga_id = saga.id();
    ports.put(&*ports.sagas, saga).await;
    ports.put(&*ports.quotes, make::quote(&ports, "acme", "ana")).await;

    let earned = ports.id();
    let mut earnings = make::earnings(&ports, "acme");
    make::applied(earnings.accrue(make::sale(&ports, earned)));
    let period = earnings.id();
    ports.put(&*ports.earnings, earnings).await;
    for unsealed in ports.statements.unsealed(10).await.unwrap() {
        let mut head = unsealed.head;
        let lines = unsealed.lines.iter().map(|line| {
            let sealed = head.seal(line).unwrap();
            head = head.follow(&sealed).unwrap();
            sealed
        });
        let lines = lines.collect();
        ports.statements.seal(&unsealed.key, &unsealed.head.chain, lines, head).await.unwrap();
    }
    let ids = (listing_id, saga_id);
    let (account, key) = portal(&ports);
    ports.put(ports.accounts(), account.clone()).await;
    ports.put(ports.keys(), key.clone()).await;
    ports.put(ports.keys(), make::portal::successor(&ports, &key, ports.id())).await;
    Filled {
        account,
        key,
        ports,
        order: order_id,
        correlation,
        pack: pack_id,
        bought,
        line,
        saga_of,
        period,
        ids,
        coupon: coupon_id,
        earned,
    }
}

/// An account, and a key of it.
fn portal(ports: &SuitePorts) -> (DeveloperAccount, ApiKey) {
    let account = make::portal::account(ports, "acme");
    let new = make::portal::new_key(ports, Environment::Sandbox, "CI");
    let key = make::portal::active(ports, account.id(), new);
    (account, key)
}

/// Where the key's label is looked for.
fn slot(key: &ApiKey) -> LabelSlot {
    let data = key.data();
    LabelSlot {
        account_id: data.account_id,
        environment: data.environment,
        sandbox_id: data.sandbox_id,
        label: data.label.clone(),
    }
}

/// Calls every method with a scope, about things that are not there.
pub(crate) async fn counts_of(ports: &SuitePorts, scope: &Scope) {
    counts(&about_nothing(ports), scope).await;
}

/// Names of things that are not there.
fn about_nothing(ports: &SuitePorts) -> Filled {
    let (order, pack) = (ports.id(), ports.id());
    let (account, key) = portal(ports);
    Filled {
        account,
        key,
        ports: ports.clone(),
        order,
        correlation: "cor-none".to_owned(),
        pack,
        bought: ports.id(),
        line: ports.id(),
        saga_of: ports.id(),
        period: make::period("acme", "2026-04"),
        ids: (ports.id(), ports.id()),
        coupon: ports.id(),
        earned: ports.id(),
    }
}

/// Calls the methods that take no scope.
pub(crate) async fn others_of(ports: &SuitePorts) {
    let (now, line) = (ports.now(), ports.id());
    let key = make::period("acme", "2026-04");
    let usd = make::usd("1.00").currency();
    let _ = ports.orders.find_pending_refunds(10).await.unwrap();
    let _ = ports.orders.find_stray_captures(10).await.unwrap();
    let _ = ports.licenses.find_by_claim("hash").await.unwrap();
    let _ = ports.licenses.find_expiring(now, 10).await.unwrap();
    let _ = ports.licenses.next_expiry(now).await.unwrap();
    let code = "SPRING".parse().unwrap();
    let _ = ports.coupons.find_by_code(&code, &acme(), &[studio()]).await.unwrap();
    let _ = ports.coupons.find_lapsed_holds(now, 10).await.unwrap();
    let _ = ports.coupons.next_lapse(now).await.unwrap();
    let _ = ports.sagas.find_timing_out(now, 10).await.unwrap();
    let _ = ports.sagas.find_due(now, 10).await.unwrap();
    let _ = ports.sagas.next_due(now).await.unwrap();
    let _ = ports.sagas.find_orders_without(now, 10).await.unwrap();
    let _ = ports.quotes.find_expiring(now, 10).await.unwrap();
    let _ = ports.quotes.next_expiry(now).await.unwrap();
    let _ = ports.quotes.find_by_order(ports.id()).await.unwrap();
    let (_, portal_key) = portal(ports);
    let noted = KeyUse { tenant_id: acme(), key_id: portal_key.id(), at: now, from: None };
    let _ = ports.keys().find_ended(now, 10).await.unwrap();
    let _ = ports.keys().find_noticeable(now, 10).await.unwrap();
    let _ = ports.keys().next_due(now).await.unwrap();
    let _ = ports.keys().find_unissued(now, 10).await.unwrap();
    let _ = ports.keys().find_unreplaced(10).await.unwrap();
    let _ = ports.keys().find_untold(10).await.unwrap();
    ports.keys().touch(&[noted]).await.unwrap();
    let _ = ports.earnings.periods(&acme(), usd).await.unwrap();
    let _ = ports.earnings.find_by_state(EarningsState::Ready, 10).await.unwrap();
    let _ = ports.earnings.find_closing(now, 10).await.unwrap();
    let _ = ports.earnings.next_close(now).await.unwrap();
    let _ = ports.earnings.open_matters(&key).await.unwrap();
    let _ = ports.statements.unsealed(10).await.unwrap();
    let _ = ports.statements.head(&key).await.unwrap();
    let _ = ports.statements.unanchored(now, 10).await.unwrap();
    let _ = ports.catalog.search(&CatalogFilter::default(), &PageRequest::first(10)).await.unwrap();
    let _ = ports.catalog.retire_evidence(ports.id(), now).await.unwrap();
    let _ = ports.sales.order_of(line).await.unwrap();
    let _ = ports.outbox.waiting("ord_1", 10).await.unwrap();
    let _ = ports.outbox.redrive("ord_1").await.unwrap();
    let _ = ports.outbox.backlog().await.unwrap();
    let _ = ports.feed.read(&acme().into(), 1, 10).await.unwrap();
    let _ = ports.feed.moved(1, 10).await.unwrap();
    let _ = ports.feed.unnumbered().await.unwrap();
    let _ = ports.feed.purge(ports.now().plus_days(0)).await.unwrap();
    let _ = ports.idempotency.find(&ports.claim("a key").key).await.unwrap();
    let _ = ports.idempotency.purge(ports.now()).await.unwrap();
    let _ = ports.inventory.postings(&[line]).await.unwrap();
    let _ = ports.inventory.under_way("earnings", &[ports.id()]).await.unwrap();
    let _ = ports.inventory.dead_letters(10).await.unwrap();
}

/// Who may see what a method gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Owner,
    Provider,
    Staff,
}

macro_rules! methods {
    ($filled:ident, $scope:ident, $page:ident; $($name:literal $seen:ident $count:expr;)*) => {
        /// The methods, and to whom they give anything.
        const METHODS: &[(&str, Seen)] = &[$(($name, Seen::$seen)),*];

        /// How much each gives.
        async fn counts($filled: &Filled, $scope: &Scope) -> Vec<usize> {
            let $page = &PageRequest::first(10);
            vec![$($count),*]
        }
    };
}

fn acme() -> sarai_domain::kernel::TenantId {
    make::tenant("acme")
}

fn studio() -> sarai_domain::kernel::TenantId {
    make::tenant("studio")
}

async fn found<A: Stored>(repository: &dyn Repository<A>, scope: &Scope, id: &A::Id) -> usize {
    usize::from(repository.find(scope, id).await.unwrap().is_some())
}

methods! { f, scope, page;
    "Repository::find" Owner found(&*f.ports.listings, scope, &f.ids.0).await;
    "Repository::find (saga)" Staff found(&*f.ports.sagas, scope, &f.ids.1).await;
    "ListingRepository::find_by_provider" Owner f.ports.listings
        .find_by_provider(scope, &acme(), Some(ListingState::Draft), page).await.unwrap().items.len();
    "ListingRepository::find_by_state" Owner f.ports.listings
        .find_by_state(scope, ListingState::Draft, page).await.unwrap().items.len();
    "ListingRepository::find_pending_revisions" Owner f.ports.listings
        .find_pending_revisions(scope, None, page).await.unwrap().items.len();
    "OrderRepository::find_by_buyer" Owner f.ports.orders
        .find_by_buyer(scope, &acme(), None, None, page).await.unwrap().items.len();
    "LicenseRepository::find_for_user" Owner usize::from(f.ports.licenses
        .find_for_user(scope, f.pack, &make::user("ana")).await.unwrap().is_some());
    "LicenseRepository::find_rows" Owner usize::from(f.ports.licenses
        .find_rows(scope, f.pack, &LicenseRows::default()).await.unwrap().is_some());
    "LicenseRepository::find_for_seat" Owner usize::from(f.ports.licenses
        .find_for_seat(scope, f.pack, f.ports.id()).await.unwrap().is_some());
    "LicenseRepository::find_by_tenant" Owner f.ports.licenses
        .find_by_tenant(scope, &acme(), None, Some(LicenseState::Active), page).await.unwrap().items.len();
    "LicenseRepository::find_by_provider" Provider f.ports.licenses
        .find_by_provider(scope, &studio(), page).await.unwrap().items.len();
    "LicenseRepository::find_by_order" Owner f.ports.licenses.find_by_order(scope, f.bought).await.unwrap().len();
    "LicenseRepository::find_by_order_line" Owner usize::from(f.ports.licenses
        .find_by_order_line(scope, f.line, 0).await.unwrap().is_some());
    "LicenseRepository::find_for_entitlement" Owner f.ports.licenses
        .find_for_entitlement(scope, &acme(), &"rust".parse().unwrap(), &make::user("ana")).await.unwrap().len();
    "LicenseRepository::waitlist" Owner f.ports.licenses
        .waitlist(scope, f.pack, None, page).await.unwrap().items.len();
    "LicenseRepository::seats" Owner f.ports.licenses.seats(scope, f.pack, page).await.unwrap().items.len();
    "CouponRepository::find_by_owner" Owner f.ports.coupons
        .find_by_owner(scope, &acme(), page).await.unwrap().items.len();
    "CouponRepository::find_without_uses" Owner usize::from(f.ports.coupons
        .find_without_uses(scope, f.coupon).await.unwrap().is_some());
    "CouponRepository::find_for_order" Owner usize::from(f.ports.coupons
        .find_for_order(scope, f.coupon, f.order).await.unwrap().is_some());
    "ProviderEarningsRepository::find_lines" Owner f.ports.earnings
        .find_lines(scope, f.earned).await.unwrap().len();
    "SagaRepository::find_by_order" Staff usize::from(f.ports.sagas
        .find_by_order(scope, f.saga_of).await.unwrap().is_some());
    "SagaRepository::list" Staff f.ports.sagas.list(scope, SagaFilter::All, page).await.unwrap().items.len();
    "ProviderEarningsRepository::find_without_lines" Owner usize::from(f.ports.earnings
        .find_without_lines(scope, &f.period).await.unwrap().is_some());
    "ProviderEarningsRepository::find_by_provider_and_period" Owner f.ports.earnings
        .find_by_provider_and_period(scope, &acme(), None, None, page).await.unwrap().items.len();
    "StatementStore::sealed" Owner f.ports.statements.sealed(scope, &f.period, page).await.unwrap().items.len();
    "StatementStore::held" Owner f.ports.statements
        .held(scope, &f.period, f.ports.now(), 10).await.unwrap().lines.len();
    "Sales::by_provider" Provider f.ports.sales.by_provider(scope, &studio(), page).await.unwrap().items.len();
    "Repository::find (key)" Owner found(f.ports.keys(), scope, &f.key.id()).await;
    "AccountRepository::find_by_identity" Owner usize::from(f.ports.accounts()
        .find_by_identity(scope, &f.account.data().auth_account_id).await.unwrap().is_some());
    "KeyRepository::find_by_tenant" Owner {
        let now = f.ports.now();
        let filter = KeyFilter { environment: Environment::Sandbox, status: None, now, sandbox_id: None };
        f.ports.keys().find_by_tenant(scope, &acme(), &filter, page).await.unwrap().items.len()
    };
    "KeyRepository::in_effect" Owner f.ports.keys()
        .in_effect(scope, &slot(&f.key), f.ports.now()).await.unwrap().same_label.len();
    "KeyRepository::find_open" Owner f.ports.keys()
        .find_open(scope, f.account.id(), 10).await.unwrap().len();
    "KeyRepository::find_successor" Owner usize::from(f.ports.keys()
        .find_successor(scope, f.key.id()).await.unwrap().is_some());
    "EventLog::by_correlation" Owner f.ports.events
        .by_correlation(scope, &f.correlation, 10).await.unwrap().len();
    "AuditLog::list" Owner f.ports.audit.list(scope, page).await.unwrap().items.len();
}

#[tokio::test]
async fn every_method_shows_a_row_to_those_who_may_see_it_alone() {
    let world = World::new();
    let filled = filled(&world).await;
    let tenant = |name| Scope::Tenant(make::tenant(name));
    let expected = [
        (tenant("acme"), &[Seen::Owner][..]),
        (tenant("studio"), &[Seen::Provider]),
        (tenant("globex"), &[]),
        (Scope::Public, &[]),
        (Scope::PlatformAdmin, &[Seen::Owner, Seen::Provider, Seen::Staff]),
        (Scope::System, &[Seen::Owner, Seen::Provider, Seen::Staff]),
    ];
    for (scope, seen) in expected {
        for ((name, whose), count) in METHODS.iter().zip(counts(&filled, &scope).await) {
            assert_eq!(count > 0, seen.contains(whose), "{name} within {scope:?}");
        }
    }
    assert_eq!(found(&*filled.ports.orders, &tenant("acme"), &filled.order).await, 1);
}

#[test]
fn no_method_with_a_scope_is_left_out() {
    let ports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ports/src");
    let files = [
        "repository.rs",
        "marketplace/repositories.rs",
        "devportal/accounts.rs",
        "devportal/keys.rs",
        "marketplace/statements.rs",
        "marketplace/read_models.rs",
        "events.rs",
        "audit.rs",
    ];
    let mut scoped = 0;
    for file in files {
        let text = fs::read_to_string(ports.join(file)).unwrap();
        for (name, of) in scoped_methods(&text) {
            scoped += 1;
            let known = format!("{of}::{name}");
            let saves = ["Repository::save", "CouponRepository::reserve"].contains(&known.as_str());
            assert!(saves || METHODS.iter().any(|(method, _)| *method == known), "{known} is in no list");
        }
    }
    assert!(scoped > 20);
}

/// The methods of a file that take a scope, each with its trait.
fn scoped_methods(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for port in text.split("\npub trait ").skip(1) {
        let of = port.split([':', '<', ' ']).next().unwrap();
        for method in port.split("async fn ").skip(1) {
            let arguments = method.split(") ->").next().unwrap();
            if arguments.contains("scope: &Scope") {
                found.push((method.split(['(', '<']).next().unwrap(), of));
            }
        }
    }
    found
}
