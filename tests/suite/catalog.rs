//! The catalogue, other services' facts, what retiring must know, and what was sold.

use std::{collections::BTreeSet, time::Duration};

use sarai_domain::{
    kernel::{Aggregate, Currency},
    marketplace::{
        license::RevokeReason,
        listing::{Listing, ListingEdit, PlanTerms, RetireEvidence, Visibility},
        values::{Capacity, PlanKind},
    },
};
use sarai_ports::{
    PageRequest, Scope,
    marketplace::{CatalogFilter, CatalogSort},
};

use crate::{
    SuitePorts, make,
    paging::{assert_pages, newest_first},
};

const TICK: Duration = Duration::from_micros(1);

async fn search(ports: &SuitePorts, filter: CatalogFilter) -> Vec<String> {
    let found = ports.catalog.search(&filter, &PageRequest::first(100)).await.unwrap();
    found.items.into_iter().map(|listing| listing.id().to_string()).collect()
}

async fn put(ports: &SuitePorts, listing: Listing) -> String {
    ports.stored(&*ports.listings, listing).await.id().to_string()
}

/// A listing on sale that was edited while it was a draft.
fn edited(ports: &SuitePorts, provider: &str, edit: ListingEdit) -> Listing {
    let mut listing = make::draft(ports, provider);
    make::applied(listing.edit(edit, ports.now()));
    make::applied(listing.add_plan(ports.id(), make::plan(make::usd("49.00")), ports.now()));
    make::go_live(ports, &mut listing);
    listing
}

/// Live, public listings with an active plan are found, and nothing else.
pub async fn only_what_can_be_bought_is_found(ports: &SuitePorts) {
    let live = put(ports, make::live(ports, "studio", make::usd("49.00"))).await;
    put(ports, make::draft(ports, "studio")).await;
    let unlisted = ListingEdit { visibility: Some(Visibility::Unlisted), ..ListingEdit::default() };
    put(ports, edited(ports, "studio", unlisted)).await;
    let mut suspended = make::live(ports, "studio", make::usd("49.00"));
    make::applied(suspended.suspend("a complaint", ports.now()));
    put(ports, suspended).await;
    let mut empty = make::live(ports, "studio", make::usd("49.00"));
    let (plan, now) = (empty.data().pricing_plans[0].id, ports.now());
    let off = sarai_domain::marketplace::listing::PlanEdit { active: Some(false), ..Default::default() };
    make::applied(empty.edit_plan(plan, off, now));
    put(ports, empty).await;
    assert_eq!(search(ports, CatalogFilter::default()).await, [live]);
}

/// The catalogue turns its pages, newest first.
pub async fn the_newest_turn_their_pages(ports: &SuitePorts) {
    let mut rows = Vec::new();
    for number in 0..6 {
        let listing = make::live(ports, "studio", make::usd("49.00"));
        rows.push((listing.data().created_at, listing.id().to_string()));
        ports.put(&*ports.listings, listing).await;
        if number % 2 == 0 {
            ports.advance(TICK);
        }
    }
    let filter = CatalogFilter::default();
    assert_pages(&newest_first(&rows), async |request| {
        Ok(ports.catalog.search(&filter, &request).await?.map(|listing| listing.id().to_string()))
    })
    .await;
}

/// The catalogue turns its pages by price, both ways, equal prices included; those of a tag too.
pub async fn prices_turn_their_pages(ports: &SuitePorts) {
    let mut rows = Vec::new();
    for price in ["5.00", "100.00", "5.00", "0.99", "20.00", "5.00", "0.00"] {
        let listing = make::live(ports, "studio", make::usd(price));
        rows.push((make::usd(price).minor_units(), listing.id().to_string()));
        ports.put(&*ports.listings, listing).await;
    }
    let descending = newest_first(&rows);
    let ascending: Vec<_> = descending.iter().rev().cloned().collect();
    let sorts = [(CatalogSort::PriceAscending, ascending), (CatalogSort::PriceDescending, descending)];
    for (sort, expected) in sorts {
        for tag in [None, Some("rust".to_owned())] {
            let currency = Some(Currency::parse("USD").unwrap());
            let filter = CatalogFilter { sort, currency, tag, ..CatalogFilter::default() };
            assert_pages(&expected, async |request| {
                Ok(ports.catalog.search(&filter, &request).await?.map(|listing| listing.id().to_string()))
            })
            .await;
        }
    }
}

/// The price is the cheapest active plan's in the currency asked for.
pub async fn the_price_is_the_cheapest_active_plan_s(ports: &SuitePorts) {
    let mut listing = make::draft(ports, "studio");
    let euro = |text: &str| make::money(text, "EUR");
    for price in [make::usd("30.00"), make::usd("20.00"), euro("5.00")] {
        make::applied(listing.add_plan(ports.id(), make::plan(price), ports.now()));
    }
    let off = PlanTerms::try_new(PlanKind::OneTime, make::usd("1.00"), None, None, None, false, false);
    make::applied(listing.add_plan(ports.id(), off.unwrap(), ports.now()));
    make::go_live(ports, &mut listing);
    let id = put(ports, listing).await;
    let between = |currency: &str, least: &str, most: &str| CatalogFilter {
        currency: Some(Currency::parse(currency).unwrap()),
        min_price: Some(make::money(least, currency)),
        max_price: Some(make::money(most, currency)),
        ..CatalogFilter::default()
    };
    for (filter, found) in [
        (between("USD", "20.00", "20.00"), true),
        (between("USD", "20.01", "40.00"), false),
        (between("USD", "0.00", "19.99"), false),
        (between("EUR", "5.00", "5.00"), true),
        (between("AED", "0.00", "100.00"), false),
    ] {
        for tag in [None, Some("rust".to_owned())] {
            for sort in [CatalogSort::Newest, CatalogSort::PriceAscending] {
                let filter = CatalogFilter { tag: tag.clone(), sort, ..filter.clone() };
                let shown = search(ports, filter.clone()).await;
                assert_eq!(shown == [id.clone()], found, "{filter:?}");
            }
        }
    }
}

/// Words are found in all texts, whatever their case; all of them must be there.
pub async fn words_are_found(ports: &SuitePorts) {
    let id = put(ports, make::live(ports, "studio", make::usd("49.00"))).await;
    for (text, found) in [
        ("rust", true),
        ("RUST Week", true),
        ("course", true),
        ("languages", true),
        ("rust welding", false),
        ("%", false),
        ("_", false),
        ("\\", false),
    ] {
        let filter = CatalogFilter { text: Some(text.to_owned()), ..CatalogFilter::default() };
        assert_eq!(search(ports, filter).await == [id.clone()], found, "{text}");
    }
}

/// Filters by kind, provider, category and tag, alone and together.
pub async fn filters_narrow(ports: &SuitePorts) {
    let id = put(ports, make::live(ports, "studio", make::usd("49.00"))).await;
    put(ports, make::live(ports, "academy", make::usd("49.00"))).await;
    let studio = || CatalogFilter { provider: Some(make::tenant("studio")), ..CatalogFilter::default() };
    assert_eq!(search(ports, studio()).await, std::slice::from_ref(&id));
    for (filter, found) in [
        (CatalogFilter { kind: Some(PlanKind::OneTime), ..studio() }, true),
        (CatalogFilter { kind: Some(PlanKind::SeatPack), ..studio() }, false),
        (CatalogFilter { category: Some("languages".to_owned()), ..studio() }, true),
        (CatalogFilter { category: Some("Languages".to_owned()), ..studio() }, false),
        (CatalogFilter { tag: Some("rust".to_owned()), ..studio() }, true),
        (CatalogFilter { tag: Some("ru".to_owned()), ..studio() }, false),
        (CatalogFilter { currency: Some(Currency::parse("EUR").unwrap()), ..studio() }, false),
    ] {
        assert_eq!(search(ports, filter.clone()).await == [id.clone()], found, "{filter:?}");
    }
}

/// A version can be shipped once it is published and built, in whatever order, however often.
pub async fn shipping_needs_both_facts(ports: &SuitePorts) {
    let (course, version) = ("rust".parse().unwrap(), "rust-3".parse().unwrap());
    let facts = async || {
        let evidence = ports.catalog_facts.shipping(&course, &version).await.unwrap();
        assert_eq!(evidence.course_version_id, version);
        (evidence.published, evidence.built)
    };
    assert_eq!(facts().await, (false, false));
    ports.catalog_facts.note_built(&version).await.unwrap();
    assert_eq!(facts().await, (false, true));
    for _ in 0..2 {
        ports.catalog_facts.note_published(&course, &version).await.unwrap();
    }
    assert_eq!(facts().await, (true, true));
    let other = ports.catalog_facts.shipping(&course, &"rust-4".parse().unwrap()).await.unwrap();
    assert!(!other.published && !other.built);
    let foreign = ports.catalog_facts.shipping(&"go".parse().unwrap(), &version).await.unwrap();
    assert!(!foreign.published, "published for another course");
}

/// The latest word on a seller stands, also when an older one arrives after it.
pub async fn the_latest_word_on_a_seller_stands(ports: &SuitePorts) {
    let (studio, day) = (make::tenant("studio"), |days| ports.now().plus_days(days));
    let verified = async || ports.provider_facts.kyc(&studio).await.unwrap().verified;
    assert!(!verified().await);
    ports.provider_facts.note_kyc(&studio, true, day(1)).await.unwrap();
    assert!(verified().await);
    ports.provider_facts.note_kyc(&studio, false, day(3)).await.unwrap();
    ports.provider_facts.note_kyc(&studio, true, day(2)).await.unwrap();
    assert!(!verified().await);
    ports.provider_facts.note_kyc(&studio, true, day(4)).await.unwrap();
    assert!(verified().await);
    assert!(!ports.provider_facts.kyc(&make::tenant("academy")).await.unwrap().verified);
}

/// Retiring is told of active licences, the perpetual ones among them, and the latest end.
pub async fn retiring_sees_licences(ports: &SuitePorts) {
    let listing = make::terms(PlanKind::OneTime, Some(1)).listing_id;
    let evidence = async || ports.catalog.retire_evidence(listing, ports.now()).await.unwrap();
    assert_eq!(evidence().await, RetireEvidence::default());
    let ending = ports.stored(&*ports.licenses, make::subscription(ports, "acme", "ana")).await;
    let end = ending.ends_at();
    let mut perpetual = ports.stored(&*ports.licenses, make::pack(ports, "acme", 3)).await;
    let both = RetireEvidence { active: 2, perpetual: 1, latest_valid_until: end, open_orders: 0 };
    assert_eq!(evidence().await, both);
    make::applied(perpetual.revoke(RevokeReason::Admin, &BTreeSet::default(), false, ports.now()));
    ports.put(&*ports.licenses, perpetual).await;
    let one = RetireEvidence { active: 1, perpetual: 0, latest_valid_until: end, open_orders: 0 };
    assert_eq!(evidence().await, one);
    assert_eq!(
        ports.catalog.retire_evidence(ports.id(), ports.now()).await.unwrap(),
        RetireEvidence::default()
    );
}

/// Retiring is told of orders that are under way, not of those that are over.
pub async fn retiring_sees_open_orders(ports: &SuitePorts) {
    let mut order = make::order(ports, "acme", "ana");
    let listing = order.data().lines[0].offer.listing_id;
    let open = async || ports.catalog.retire_evidence(listing, ports.now()).await.unwrap().open_orders;
    ports.put(&*ports.sagas, make::saga(ports, "acme", order.id())).await;
    make::pay(ports, &mut order);
    let mut order = ports.stored(&*ports.orders, order).await;
    assert_eq!(open().await, 1);
    let licenses: Vec<_> = order.data().lines.iter().map(|line| (line.id, ports.id())).collect();
    make::applied(order.fulfill(&licenses, ports.now()));
    ports.put(&*ports.orders, order).await;
    assert_eq!(open().await, 0);
    // One that was only placed has no saga yet.
    let placed = ports.stored(&*ports.orders, make::order(ports, "acme", "ben")).await;
    for line in &placed.data().lines {
        let evidence = ports.catalog.retire_evidence(line.offer.listing_id, ports.now()).await.unwrap();
        assert_eq!(evidence.open_orders, 1);
    }
}

/// A provider's sold lines turn their pages, newest first; only of paid orders, only its own.
pub async fn sold_lines_turn_their_pages(ports: &SuitePorts) {
    let mut rows = Vec::new();
    for number in 0..5 {
        let mut order = make::order(ports, "acme", "ana");
        make::pay(ports, &mut order);
        rows.push((order.data().placed_at, order.data().lines[0].id.to_string()));
        ports.put(&*ports.orders, order).await;
        if number % 2 == 1 {
            ports.advance(TICK);
        }
    }
    ports.put(&*ports.orders, make::order(ports, "acme", "ana")).await;
    let studio = make::tenant("studio");
    let scope = Scope::Tenant(studio.clone());
    assert_pages(&newest_first(&rows), async |request| {
        let page = ports.sales.by_provider(&scope, &studio, &request).await?;
        Ok(page.map(|sale| sale.line.id.to_string()))
    })
    .await;
}

/// Nobody else sees a provider's sales.
pub async fn sales_are_the_provider_s(ports: &SuitePorts) {
    let mut order = make::order(ports, "acme", "ana");
    make::pay(ports, &mut order);
    let order = ports.stored(&*ports.orders, order).await;
    let (studio, page) = (make::tenant("studio"), PageRequest::first(10));
    let sales = async |scope: Scope| ports.sales.by_provider(&scope, &studio, &page).await.unwrap().items;
    let own = sales(Scope::Tenant(studio.clone())).await;
    assert_eq!(own.len(), 1);
    assert_eq!((own[0].order_id, own[0].placed_at), (order.id(), order.data().placed_at));
    assert_eq!(own[0].line, order.data().lines[0]);
    for scope in [Scope::Tenant(make::tenant("acme")), Scope::Tenant(make::tenant("academy")), Scope::Public]
    {
        assert!(sales(scope.clone()).await.is_empty(), "{scope:?}");
    }
}

/// Seats without a limit come back as such.
pub async fn an_unlimited_licence_round_trips(ports: &SuitePorts) {
    let terms = make::terms(PlanKind::SiteLicense, None);
    let origin = make::bought(ports.id(), ports.id(), 0, None);
    let license = ports.stored(&*ports.licenses, make::license(ports, "acme", terms, origin)).await;
    assert_eq!((license.data().capacity, license.remaining()), (Capacity::Unlimited, None));
}
