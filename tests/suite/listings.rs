//! Listings: who sees a live one, and the lists.

use std::time::Duration;

use sarai_domain::{
    kernel::Aggregate,
    marketplace::listing::{Listing, ListingState},
};
use sarai_ports::{PageRequest, Scope};

use crate::{
    SuitePorts,
    harness::assert_not_found,
    make,
    paging::{assert_pages, newest_first},
};

fn own() -> Scope {
    Scope::Tenant(make::tenant("acme"))
}

/// Six drafts of `acme`, three of them of one instant; in the order of lists.
async fn six(ports: &SuitePorts) -> Vec<String> {
    let mut rows = Vec::new();
    for number in 0..6 {
        let draft = make::draft(ports, "acme");
        rows.push((draft.data().created_at, draft.id().to_string()));
        ports.put(&*ports.listings, draft).await;
        if number % 3 == 2 {
            ports.advance(Duration::from_micros(1));
        }
    }
    newest_first(&rows)
}

fn ids(listing: Listing) -> String {
    listing.id().to_string()
}

/// A live listing is everybody's to read.
pub async fn a_live_one_is_found_by_all(ports: &SuitePorts) {
    let live = ports.stored(&*ports.listings, make::live(ports, "acme", make::usd("49.00"))).await;
    for scope in [Scope::Public, Scope::Tenant(make::tenant("globex")), own()] {
        assert!(ports.listings.find(&scope, &live.id()).await.unwrap().is_some(), "{scope:?}");
    }
}

/// Reading it does not mean that one may write it.
pub async fn a_live_one_is_still_its_owner_s_to_save(ports: &SuitePorts) {
    let mut live = ports.stored(&*ports.listings, make::live(ports, "acme", make::usd("49.00"))).await;
    make::applied(live.suspend("a complaint", ports.now()));
    let stranger = Scope::Tenant(make::tenant("globex"));
    let unit = || ports.unit(live.clone(), ports.context());
    assert_not_found(ports.listings.save(&stranger, unit()).await);
    assert_not_found(ports.listings.save(&Scope::Public, unit()).await);
}

/// A listing taken off sale is its owner's alone again.
pub async fn a_suspended_one_is_hidden_again(ports: &SuitePorts) {
    let mut live = ports.stored(&*ports.listings, make::live(ports, "acme", make::usd("49.00"))).await;
    make::applied(live.suspend("a complaint", ports.now()));
    let suspended = ports.stored(&*ports.listings, live).await;
    assert!(ports.listings.find(&Scope::Public, &suspended.id()).await.unwrap().is_none());
    assert!(ports.listings.find(&own(), &suspended.id()).await.unwrap().is_some());
}

/// Prices keep their scale in every currency.
pub async fn prices_keep_their_scale(ports: &SuitePorts) {
    for currency in sarai_domain::kernel::Currency::all() {
        let mut listing = make::draft(ports, "acme");
        for minor in [0, 1, 10, 1_234, 1_000_000_007] {
            let price = sarai_domain::kernel::Money::from_minor_units(minor, currency).unwrap();
            make::applied(listing.add_plan(ports.id(), make::plan(price), ports.now()));
        }
        let data = listing.data().clone();
        let stored = ports.stored(&*ports.listings, listing).await;
        assert_eq!(stored.data(), &data);
        let amounts = |data: &sarai_domain::marketplace::listing::ListingData| -> Vec<String> {
            data.pricing_plans.iter().map(|plan| plan.price.to_string()).collect()
        };
        assert_eq!(amounts(stored.data()), amounts(&data), "{}", currency.code());
    }
}

/// A provider's list turns its pages, newest first.
pub async fn a_provider_s_list_turns_its_pages(ports: &SuitePorts) {
    let expected = six(ports).await;
    ports.put(&*ports.listings, make::draft(ports, "other")).await;
    let acme = make::tenant("acme");
    assert_pages(&expected, async |request| {
        let page = ports.listings.find_by_provider(&own(), &acme, None, &request).await?;
        Ok(page.map(ids))
    })
    .await;
}

/// The list of a state turns its pages, newest first, over all providers.
pub async fn a_state_s_list_turns_its_pages(ports: &SuitePorts) {
    let mut expected = six(ports).await;
    ports.advance(Duration::from_secs(1));
    let other = ports.stored(&*ports.listings, make::draft(ports, "other")).await;
    expected.insert(0, other.id().to_string());
    ports.put(&*ports.listings, make::live(ports, "acme", make::usd("1.00"))).await;
    assert_pages(&expected, async |request| {
        let list = ports.listings.find_by_state(&Scope::PlatformAdmin, ListingState::Draft, &request);
        Ok(list.await?.map(ids))
    })
    .await;
}

/// A provider's list can be of one state.
pub async fn a_provider_s_list_filters_by_state(ports: &SuitePorts) {
    six(ports).await;
    let live = ports.stored(&*ports.listings, make::live(ports, "acme", make::usd("1.00"))).await;
    let (acme, page) = (make::tenant("acme"), PageRequest::first(10));
    for (state, count) in [(ListingState::Live, 1), (ListingState::Draft, 6), (ListingState::Retired, 0)] {
        let found = ports.listings.find_by_provider(&own(), &acme, Some(state), &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{state:?}");
    }
    let found =
        ports.listings.find_by_provider(&own(), &acme, Some(ListingState::Live), &page).await.unwrap();
    assert_eq!(found.items[0].data(), live.data());
}

/// A listing leaves the list of a state with that state.
pub async fn a_state_s_list_follows_the_state(ports: &SuitePorts) {
    let mut draft = make::draft(ports, "acme");
    make::applied(draft.add_plan(ports.id(), make::plan(make::usd("1.00")), ports.now()));
    let mut draft = ports.stored(&*ports.listings, draft).await;
    make::applied(draft.submit(ports.now()));
    ports.put(&*ports.listings, draft).await;
    let page = PageRequest::first(10);
    for (state, count) in [(ListingState::Draft, 0), (ListingState::Submitted, 1)] {
        let found = ports.listings.find_by_state(&Scope::System, state, &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{state:?}");
    }
}

/// Of another provider's list only what is live shows.
pub async fn a_stranger_s_list_shows_live_ones(ports: &SuitePorts) {
    six(ports).await;
    let live = ports.stored(&*ports.listings, make::live(ports, "acme", make::usd("1.00"))).await;
    let (acme, page) = (make::tenant("acme"), PageRequest::first(10));
    for scope in [Scope::Public, Scope::Tenant(make::tenant("globex"))] {
        let found = ports.listings.find_by_provider(&scope, &acme, None, &page).await.unwrap();
        assert_eq!(found.map(ids).items, [live.id().to_string()], "{scope:?}");
    }
}

/// The list of a state is a tenant's own rows, to a tenant.
pub async fn a_state_s_list_is_within_the_scope(ports: &SuitePorts) {
    six(ports).await;
    let page = PageRequest::first(10);
    for (scope, count) in [(own(), 6), (Scope::Tenant(make::tenant("globex")), 0), (Scope::Public, 0)] {
        let found = ports.listings.find_by_state(&scope, ListingState::Draft, &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{scope:?}");
    }
}

/// An empty list is one empty page.
pub async fn an_empty_list_is_one_empty_page(ports: &SuitePorts) {
    let page = PageRequest::first(10);
    let found = ports.listings.find_by_state(&Scope::System, ListingState::Live, &page).await.unwrap();
    assert!(found.items.is_empty() && found.next.is_none() && found.prev.is_none());
}

/// A revision that waits is stored, found by state, and leaves the list when it is decided.
pub async fn a_revision_that_waits_is_found(ports: &SuitePorts) {
    let mut expected = Vec::new();
    for number in 0..5 {
        let mut live = ports.stored(&*ports.listings, make::live(ports, "acme", make::usd("49.00"))).await;
        ports.advance(Duration::from_micros(u64::from(number % 2 == 0)));
        if number > 0 {
            make::applied(live.propose(make::proposal(number), ports.now()));
            let stored = ports.stored(&*ports.listings, live.clone()).await;
            assert_eq!(stored.data(), live.data());
            live = stored;
            expected.push((live.data().created_at, live.id().to_string()));
        }
        if number == 4 {
            make::applied(live.suspend("a complaint", ports.now()));
            ports.put(&*ports.listings, live).await;
        }
    }
    let expected = newest_first(&expected);
    assert_pages(&expected, async |request| {
        let page = ports.listings.find_pending_revisions(&Scope::PlatformAdmin, None, &request).await?;
        Ok(page.map(ids))
    })
    .await;
    let page = PageRequest::first(10);
    let found = async |scope: &Scope, state| {
        let found = ports.listings.find_pending_revisions(scope, state, &page).await.unwrap();
        found.items
    };
    let of = async |state| found(&Scope::PlatformAdmin, Some(state)).await.len();
    assert_eq!((of(ListingState::Live).await, of(ListingState::Suspended).await), (3, 1));
    assert_eq!(of(ListingState::Submitted).await, 0);
    assert_eq!((found(&Scope::Public, None).await.len(), found(&own(), None).await.len()), (0, 4));
    assert_eq!(found(&Scope::Tenant(make::tenant("globex")), None).await.len(), 0);
    let mut live = found(&own(), Some(ListingState::Live)).await.remove(0);
    make::applied(live.withdraw_revision(ports.now()));
    ports.put(&*ports.listings, live).await;
    assert_eq!(of(ListingState::Live).await, 2);
}
