//! Coupons: unique codes, uses under the caps, holds that lapse (C-INV-1, C-INV-2, C-INV-5).

use std::{collections::BTreeSet, time::Duration};

use sarai_domain::{
    kernel::{Aggregate, CouponId, OrderId},
    marketplace::{
        coupon::{Coupon, CouponError, NewCoupon, RedemptionStatus},
        values::{Discount, Owner},
    },
};
use sarai_ports::{Saved, Scope, StoreError, Stored as _, UniqueKey, marketplace::ReserveError};

use crate::{
    SuitePorts,
    harness::{after, assert_conflict, at_once, before, has_committed, to_alpha},
    make,
    paging::{assert_pages, newest_first},
};

const TICK: Duration = Duration::from_micros(1);

/// Takes a use of a coupon.
async fn reserve(
    ports: &SuitePorts,
    coupon: CouponId,
    order: OrderId,
    user: &str,
) -> Result<Saved, ReserveError> {
    let hold = make::hold(ports, order, user);
    ports.coupons.reserve(&Scope::System, coupon, hold, ports.context(), &*ports.ids, to_alpha).await
}

fn is_new(saved: &Result<Saved, ReserveError>) -> bool {
    matches!(saved, Ok(Saved::Committed(_)))
}

/// Whether it was refused for this.
fn refused(saved: &Result<Saved, ReserveError>, why: &CouponError) -> bool {
    matches!(saved, Err(ReserveError::Refused(refusal)) if refusal == why)
}

async fn count(ports: &SuitePorts, coupon: CouponId) -> u32 {
    let coupon = ports.load(&*ports.coupons, &coupon).await;
    coupon.data().usage_count
}

async fn settle(ports: &SuitePorts, coupon: CouponId, order: OrderId, confirm: bool) {
    let mut coupon = ports.coupons.find_for_order(&Scope::System, coupon, order).await.unwrap().unwrap();
    let now = ports.now();
    make::applied(if confirm { coupon.confirm(order, now) } else { coupon.release(order, now) });
    ports.put(&*ports.coupons, coupon).await;
}

fn coded(ports: &SuitePorts, owner: Owner, code: &str, tenant: Option<&str>) -> Coupon {
    let tenant_scope = tenant.map(make::tenant);
    let new = NewCoupon { tenant_scope, ..make::new_coupon(ports, owner, code) };
    Coupon::create(new, ports.now()).unwrap()
}

fn provider(name: &str) -> Owner {
    Owner::Provider(make::tenant(name))
}

async fn assert_taken(ports: &SuitePorts, coupon: Coupon) {
    let traces = ports.traces().await;
    let refused = ports.save(&*ports.coupons, coupon).await.unwrap_err();
    assert_eq!(refused, StoreError::Taken(UniqueKey::CouponCode));
    assert_eq!(ports.traces().await, traces);
}

/// A global code of the platform is unique: no scope equals no scope.
pub async fn a_global_code_is_unique(ports: &SuitePorts) {
    ports.put(&*ports.coupons, coded(ports, Owner::Platform, "SPRING", None)).await;
    assert_taken(ports, coded(ports, Owner::Platform, " spring ", None)).await;
}

/// A code is unique within its scope, and free in another.
pub async fn a_scoped_code_is_unique(ports: &SuitePorts) {
    for tenant in [None, Some("acme"), Some("globex")] {
        ports.put(&*ports.coupons, coded(ports, Owner::Platform, "SPRING", tenant)).await;
    }
    assert_taken(ports, coded(ports, Owner::Platform, "SPRING", Some("acme"))).await;
}

/// A code is unique within its owner's: providers do not take one another's (ruling R55).
pub async fn each_owner_has_its_own_codes(ports: &SuitePorts) {
    for owner in [Owner::Platform, provider("studio"), provider("academy")] {
        ports.put(&*ports.coupons, coded(ports, owner, "SPRING", None)).await;
    }
    assert_taken(ports, coded(ports, provider("studio"), "SPRING", None)).await;
}

/// An edit cannot take another coupon's code, and frees its own.
pub async fn an_edit_moves_the_code(ports: &SuitePorts) {
    use sarai_domain::marketplace::coupon::CouponEdit;
    ports.put(&*ports.coupons, coded(ports, Owner::Platform, "SPRING", None)).await;
    let autumn = ports.stored(&*ports.coupons, coded(ports, Owner::Platform, "AUTUMN", None)).await;
    let renamed = |code: &str| {
        let mut coupon = autumn.clone();
        let edit = CouponEdit { code: code.parse().unwrap(), ..CouponEdit::from(coupon.data()) };
        make::applied(coupon.edit(edit));
        coupon
    };
    assert_taken(ports, renamed("SPRING")).await;
    ports.put(&*ports.coupons, renamed("WINTER")).await;
    ports.put(&*ports.coupons, coded(ports, Owner::Platform, "AUTUMN", None)).await;
    assert_taken(ports, coded(ports, Owner::Platform, "WINTER", None)).await;
}

/// A coupon that was stopped keeps its code.
pub async fn a_stopped_one_keeps_its_code(ports: &SuitePorts) {
    let mut coupon = ports.stored(&*ports.coupons, coded(ports, Owner::Platform, "SPRING", None)).await;
    make::applied(coupon.deactivate());
    ports.put(&*ports.coupons, coupon).await;
    assert_taken(ports, coded(ports, Owner::Platform, "SPRING", None)).await;
}

/// Of coupons that race for one code, one is stored.
pub async fn of_racing_codes_one_is_stored(ports: &SuitePorts) {
    let saved = at_once(12, |_| {
        let (ports, coupon) = (ports.clone(), coded(ports, Owner::Platform, "SPRING", None));
        async move { ports.save(&*ports.coupons, coupon).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
}

/// A code finds every coupon it may mean for a buyer, and no other.
pub async fn a_code_finds_what_it_may_mean(ports: &SuitePorts) {
    let mut expected = BTreeSet::new();
    for (owner, scope, meant) in [
        (Owner::Platform, None, true),
        (Owner::Platform, Some("acme"), true),
        (Owner::Platform, Some("globex"), false),
        (provider("studio"), None, true),
        (provider("studio"), Some("acme"), true),
        (provider("academy"), None, false),
    ] {
        let coupon = ports.stored(&*ports.coupons, coded(ports, owner, "SPRING", scope)).await;
        if meant {
            expected.insert(coupon.id());
        }
    }
    ports.put(&*ports.coupons, coded(ports, Owner::Platform, "AUTUMN", None)).await;
    let code = "SPRING".parse().unwrap();
    let (buyer, providers) = (make::tenant("acme"), [make::tenant("studio")]);
    let found = ports.coupons.find_by_code(&code, &buyer, &providers).await.unwrap();
    assert_eq!(found.iter().map(Aggregate::id).collect::<BTreeSet<_>>(), expected);
    assert_eq!(found.len(), expected.len());
    let unknown = "WINTER".parse().unwrap();
    assert!(ports.coupons.find_by_code(&unknown, &buyer, &providers).await.unwrap().is_empty());
}

/// An owner's list turns its pages, newest first.
pub async fn an_owner_s_list_turns_its_pages(ports: &SuitePorts) {
    let mut rows = Vec::new();
    for number in 0..6 {
        let coupon = coded(ports, provider("studio"), &format!("CODE-{number}"), None);
        rows.push((coupon.data().created_at, coupon.id().to_string()));
        ports.put(&*ports.coupons, coupon).await;
        if number % 2 == 0 {
            ports.advance(TICK);
        }
    }
    ports.put(&*ports.coupons, coded(ports, provider("academy"), "CODE-1", None)).await;
    ports.put(&*ports.coupons, coded(ports, Owner::Platform, "CODE-1", None)).await;
    let studio = make::tenant("studio");
    let scope = Scope::Tenant(studio.clone());
    assert_pages(&newest_first(&rows), async |request| {
        let page = ports.coupons.find_by_owner(&scope, &studio, &request).await?;
        Ok(page.map(|coupon| coupon.id().to_string()))
    })
    .await;
}

/// Another owner's list is empty; the platform's is its staff's.
pub async fn a_stranger_s_list_is_empty(ports: &SuitePorts) {
    ports.put(&*ports.coupons, coded(ports, provider("studio"), "SPRING", None)).await;
    ports.put(&*ports.coupons, coded(ports, Owner::Platform, "SPRING", None)).await;
    let page = sarai_ports::PageRequest::first(10);
    for owner in [make::tenant("studio"), sarai_ports::marketplace::platform()] {
        for (scope, count) in
            [(Scope::Tenant(make::tenant("academy")), 0), (Scope::Public, 0), (Scope::PlatformAdmin, 1)]
        {
            let found = ports.coupons.find_by_owner(&scope, &owner, &page).await.unwrap();
            assert_eq!(found.items.len(), count, "{owner} {scope:?}");
        }
    }
}

/// Twenty orders race for five uses: exactly five get one (C-INV-2).
pub async fn twenty_race_for_five_uses(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(5), None)).await.id();
    let reserved = at_once(20, |number| {
        let (ports, order) = (ports.clone(), ports.id());
        async move { reserve(&ports, coupon, order, &format!("user-{number}")).await }
    })
    .await;
    assert_eq!(reserved.iter().filter(|saved| is_new(saved)).count(), 5);
    let exhausted = reserved.iter().filter(|saved| refused(saved, &CouponError::Exhausted));
    assert_eq!(exhausted.count(), 15);
    assert_eq!(count(ports, coupon).await, 5);
}

/// A user has as many uses as the cap per user gives, in slots of their own.
pub async fn a_user_s_uses_are_capped(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, Some(2))).await.id();
    let orders: Vec<OrderId> = (0..6).map(|_| ports.id()).collect();
    let reserved = at_once(6, |number| {
        let (ports, order) = (ports.clone(), orders[number]);
        async move { reserve(&ports, coupon, order, "ana").await }
    })
    .await;
    assert_eq!(reserved.iter().filter(|saved| is_new(saved)).count(), 2);
    let capped = reserved.iter().filter(|saved| refused(saved, &CouponError::UserCapReached));
    assert_eq!(capped.count(), 4);
    let stored = ports.load(&*ports.coupons, &coupon).await;
    let slots: BTreeSet<_> =
        orders.iter().filter_map(|order| stored.redemption(*order)).map(|row| row.slot).collect();
    assert_eq!(slots, BTreeSet::from([Some(1), Some(2)]));
    assert!(is_new(&reserve(ports, coupon, ports.id(), "ben").await));
}

/// A released slot is taken again, the lowest first.
pub async fn a_released_slot_is_taken_again(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, Some(2))).await.id();
    let orders: Vec<OrderId> = (0..3).map(|_| ports.id()).collect();
    for order in &orders[..2] {
        assert!(is_new(&reserve(ports, coupon, *order, "ana").await));
    }
    settle(ports, coupon, orders[0], false).await;
    assert!(is_new(&reserve(ports, coupon, orders[2], "ana").await));
    let stored = ports.load(&*ports.coupons, &coupon).await;
    assert_eq!(stored.redemption(orders[2]).unwrap().slot, Some(1));
    assert_eq!(stored.data().usage_count, 2);
}

/// The same order again has its use already, and nothing is written.
pub async fn an_order_has_one_use(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(5), None)).await.id();
    let order = ports.id();
    assert!(is_new(&reserve(ports, coupon, order, "ana").await));
    let traces = ports.traces().await;
    let again = reserve(ports, coupon, order, "ana").await;
    assert!(matches!(again, Ok(Saved::AlreadyConsumed)), "{again:?}");
    assert_eq!((count(ports, coupon).await, ports.traces().await), (1, traces));
}

/// Copies of one order's reservation that race take one use.
pub async fn racing_copies_take_one_use(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(5), Some(3))).await.id();
    let order = ports.id();
    let reserved = at_once(12, |_| {
        let ports = ports.clone();
        async move { reserve(&ports, coupon, order, "ana").await }
    })
    .await;
    assert_eq!(reserved.iter().filter(|saved| is_new(saved)).count(), 1);
    assert!(reserved.iter().all(Result::is_ok), "{reserved:?}");
    assert_eq!(count(ports, coupon).await, 1);
}

/// A coupon without caps holds as many uses as come.
pub async fn an_uncapped_one_counts_too(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, None)).await.id();
    let reserved = at_once(20, |_| {
        let (ports, order) = (ports.clone(), ports.id());
        async move { reserve(&ports, coupon, order, "ana").await }
    })
    .await;
    assert!(reserved.iter().all(is_new), "{reserved:?}");
    assert_eq!(count(ports, coupon).await, 20);
}

/// A coupon can be loaded without its uses, and stopped like that: they stay.
pub async fn one_is_stopped_without_its_uses(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(5), None)).await.id();
    let order = ports.id();
    assert!(is_new(&reserve(ports, coupon, order, "ana").await));
    let mut bare = ports.coupons.find_without_uses(&Scope::System, coupon).await.unwrap().unwrap();
    let whole = ports.load(&*ports.coupons, &coupon).await;
    assert_eq!((bare.data(), bare.version()), (whole.data(), whole.version()));
    assert!(bare.redemption(order).is_none() && whole.redemption(order).is_some());
    make::applied(bare.deactivate());
    ports.put(&*ports.coupons, bare).await;
    let stopped = ports.load(&*ports.coupons, &coupon).await;
    assert!(!stopped.data().active);
    assert_eq!(stopped.redemption(order), whole.redemption(order));
    let (own, foreign) =
        (Scope::Tenant(Coupon::owner(whole.data())), Scope::Tenant(make::tenant("elsewhere")));
    assert!(ports.coupons.find_without_uses(&own, coupon).await.unwrap().is_some());
    for (scope, id) in [(foreign, coupon), (Scope::Public, coupon), (Scope::System, ports.id())] {
        assert!(ports.coupons.find_without_uses(&scope, id).await.unwrap().is_none(), "{scope:?}");
    }
}

/// A use counts as a save: the version and the events' numbers go on, and a stale editor conflicts.
pub async fn a_use_is_a_save(ports: &SuitePorts) {
    use sarai_domain::marketplace::coupon::CouponEdit;
    let mut editor = ports.stored(&*ports.coupons, make::capped(ports, Some(5), None)).await;
    let coupon = editor.id();
    let Ok(Saved::Committed(commit)) = reserve(ports, coupon, ports.id(), "ana").await else {
        panic!("a use is left");
    };
    assert_eq!(commit.version, 2);
    assert_eq!(commit.deliveries.len(), 1);
    assert_eq!(commit.deliveries[0].event.aggregate_seq, 2, "after the coupon's creation");
    assert_eq!(ports.audit_rows().await.len(), 2);
    let edit = CouponEdit { usage_cap: Some(1), ..CouponEdit::from(editor.data()) };
    make::applied(editor.edit(edit));
    assert_conflict(ports.save(&*ports.coupons, editor).await);
    assert_eq!(count(ports, coupon).await, 1);
}

/// A refused reservation leaves nothing.
pub async fn a_refused_use_leaves_nothing(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(1), None)).await.id();
    let _ = reserve(ports, coupon, ports.id(), "ana").await.unwrap();
    let (order, traces) = (ports.id(), ports.traces().await);
    let saved = reserve(ports, coupon, order, "ben").await;
    assert!(refused(&saved, &CouponError::Exhausted), "{saved:?}");
    assert_eq!(ports.traces().await, traces);
    let stored = ports.load(&*ports.coupons, &coupon).await;
    assert!(stored.redemption(order).is_none());
    assert_eq!(stored.version(), 2);
}

/// A coupon that is not there has no uses.
pub async fn an_unknown_one_has_no_uses(ports: &SuitePorts) {
    let saved = reserve(ports, ports.id(), ports.id(), "ana").await;
    assert!(matches!(saved, Err(ReserveError::Store(StoreError::NotFound))), "{saved:?}");
}

/// A stopped coupon, and one outside its window, refuse (C-INV-5).
pub async fn a_stopped_or_ended_one_refuses(ports: &SuitePorts) {
    let mut coupon = ports.stored(&*ports.coupons, make::capped(ports, None, None)).await;
    make::applied(coupon.deactivate());
    let stopped = ports.stored(&*ports.coupons, coupon).await.id();
    let saved = reserve(ports, stopped, ports.id(), "ana").await;
    assert!(refused(&saved, &CouponError::Inactive), "{saved:?}");
    let end = after(ports.now(), Duration::from_mins(1));
    let new = NewCoupon { valid_until: Some(end), ..make::new_coupon(ports, Owner::Platform, "ENDS") };
    let ending = ports.stored(&*ports.coupons, Coupon::create(new, ports.now()).unwrap()).await.id();
    ports.clock.stand_at(end);
    assert!(is_new(&reserve(ports, ending, ports.id(), "ana").await), "its last instant");
    ports.advance(TICK);
    let saved = reserve(ports, ending, ports.id(), "ana").await;
    assert!(refused(&saved, &CouponError::Expired { valid_until: end }), "{saved:?}");
}

/// A fixed discount is for orders in its currency only (C-INV-4).
pub async fn a_fixed_one_is_for_its_currency(ports: &SuitePorts) {
    let discount = Discount::fixed(make::money("1.99", "EUR")).unwrap();
    let new = NewCoupon { discount, ..make::new_coupon(ports, Owner::Platform, "EURO") };
    let coupon = ports.stored(&*ports.coupons, Coupon::create(new, ports.now()).unwrap()).await.id();
    let saved = reserve(ports, coupon, ports.id(), "ana").await;
    assert!(matches!(saved, Err(ReserveError::Refused(CouponError::CurrencyMismatch { .. }))), "{saved:?}");
}

/// The message again has its use already.
pub async fn a_message_takes_one_use(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, None)).await.id();
    let reserve = |order: OrderId| {
        let (hold, context) = (make::hold(ports, order, "ana"), ports.consuming("saga-commands", "evt-1"));
        ports.coupons.reserve(&Scope::System, coupon, hold, context, &*ports.ids, to_alpha)
    };
    assert!(is_new(&reserve(ports.id()).await));
    let again = reserve(ports.id()).await;
    assert!(matches!(again, Ok(Saved::AlreadyConsumed)), "{again:?}");
    assert_eq!(count(ports, coupon).await, 1);
}

/// A key somebody holds refuses the use.
pub async fn a_held_key_refuses_the_use(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, None)).await.id();
    let claim = ports.claim("key");
    ports.idempotency.claim(&claim).await.unwrap();
    let hold = make::hold(ports, ports.id(), "ana");
    let saved = ports
        .coupons
        .reserve(&Scope::System, coupon, hold, ports.claiming(&claim), &*ports.ids, to_alpha)
        .await;
    assert!(matches!(saved, Err(ReserveError::Store(StoreError::ClaimHeld))), "{saved:?}");
    assert_eq!(count(ports, coupon).await, 0);
}

/// A coupon can be loaded with one order's use only, and saved like that.
pub async fn one_order_s_use_is_loaded(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(5), None)).await.id();
    let (one, other) = (ports.id(), ports.id());
    for order in [one, other] {
        let _ = reserve(ports, coupon, order, "ana").await.unwrap();
    }
    let found = ports.coupons.find_for_order(&Scope::System, coupon, one).await.unwrap().unwrap();
    assert!(found.redemption(one).is_some() && found.redemption(other).is_none());
    settle(ports, coupon, one, true).await;
    let stored = ports.load(&*ports.coupons, &coupon).await;
    assert_eq!(stored.redemption(one).unwrap().status, RedemptionStatus::Confirmed);
    assert_eq!(stored.redemption(other).unwrap().status, RedemptionStatus::Reserved);
    assert!(ports.coupons.find_for_order(&Scope::System, ports.id(), one).await.unwrap().is_none());
    let own = Scope::Within(Coupon::owner(stored.data()));
    assert!(ports.coupons.find_for_order(&own, coupon, one).await.unwrap().is_some());
    let foreign = Scope::Within(make::tenant("elsewhere"));
    assert!(ports.coupons.find_for_order(&foreign, coupon, one).await.unwrap().is_none());
    let hold = make::hold(ports, ports.id(), "ana");
    let taken =
        ports.coupons.reserve(&foreign, coupon, hold.clone(), ports.context(), &*ports.ids, to_alpha).await;
    assert!(matches!(taken, Err(ReserveError::Store(StoreError::NotFound))), "{taken:?}");
    assert!(is_new(&ports.coupons.reserve(&own, coupon, hold, ports.context(), &*ports.ids, to_alpha).await));
}

/// Releases of one use that race give one use back.
pub async fn a_use_is_given_back_once(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(5), None)).await.id();
    let (one, other): (OrderId, OrderId) = (ports.id(), ports.id());
    for order in [one, other] {
        let _ = reserve(ports, coupon, order, "ana").await.unwrap();
    }
    let loaded = ports.coupons.find_for_order(&Scope::System, coupon, one).await.unwrap().unwrap();
    let saved = at_once(8, |_| {
        let (ports, mut coupon) = (ports.clone(), loaded.clone());
        make::applied(coupon.release(one, ports.now()));
        async move { ports.save(&*ports.coupons, coupon).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    assert_eq!(count(ports, coupon).await, 1);
}

/// A hold lapses at its end, not a microsecond before; confirmed and released ones never.
pub async fn a_hold_lapses_at_its_end(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, None)).await.id();
    let orders: Vec<OrderId> = (0..3).map(|_| ports.id()).collect();
    for order in &orders {
        let _ = reserve(ports, coupon, *order, "ana").await.unwrap();
    }
    settle(ports, coupon, orders[1], true).await;
    settle(ports, coupon, orders[2], false).await;
    let stored = ports.load(&*ports.coupons, &coupon).await;
    let end = stored.redemption(orders[0]).unwrap().expires_at;
    assert_eq!(ports.coupons.find_lapsed_holds(before(end, TICK), 10).await.unwrap(), []);
    let lapsed = ports.coupons.find_lapsed_holds(end, 10).await.unwrap();
    assert_eq!(lapsed, [stored.redemption(orders[0]).unwrap().clone()]);
    assert_eq!(ports.coupons.next_lapse(before(end, TICK)).await.unwrap(), Some(end));
    assert_eq!(ports.coupons.next_lapse(end).await.unwrap(), None);
}

/// The earliest lapse first, over all coupons, and no more than asked for.
pub async fn the_earliest_lapse_first(ports: &SuitePorts) {
    let mut orders: Vec<OrderId> = Vec::new();
    for _ in 0..4 {
        let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, None)).await.id();
        orders.push(ports.id());
        let _ = reserve(ports, coupon, *orders.last().unwrap(), "ana").await.unwrap();
        ports.advance(Duration::from_secs(1));
    }
    let late = ports.now().plus_days(1);
    let found = ports.coupons.find_lapsed_holds(late, 3).await.unwrap();
    assert_eq!(found.iter().map(|hold| hold.order_id).collect::<Vec<_>>(), orders[..3]);
    assert_eq!(ports.coupons.find_lapsed_holds(late, 10).await.unwrap().len(), 4);
    let first = found[0].expires_at;
    assert_eq!(ports.coupons.next_lapse(first).await.unwrap(), Some(found[1].expires_at));
}

/// A use that is held again lapses at its new end.
pub async fn a_new_hold_lapses_anew(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, None, None)).await.id();
    let order: OrderId = ports.id();
    let _ = reserve(ports, coupon, order, "ana").await.unwrap();
    settle(ports, coupon, order, false).await;
    ports.advance(Duration::from_mins(1));
    assert!(is_new(&reserve(ports, coupon, order, "ana").await));
    let stored = ports.load(&*ports.coupons, &coupon).await;
    let end = stored.redemption(order).unwrap().expires_at;
    assert_eq!(ports.coupons.find_lapsed_holds(before(end, TICK), 10).await.unwrap(), []);
    assert_eq!(ports.coupons.find_lapsed_holds(end, 10).await.unwrap().len(), 1);
    assert_eq!(stored.data().usage_count, 1);
}

/// A capture after the release takes its use again beyond the cap, flagged (ruling R53).
pub async fn a_late_capture_goes_beyond_the_cap(ports: &SuitePorts) {
    let coupon = ports.stored(&*ports.coupons, make::capped(ports, Some(1), None)).await.id();
    let (late, quick): (OrderId, OrderId) = (ports.id(), ports.id());
    let _ = reserve(ports, coupon, late, "ana").await.unwrap();
    settle(ports, coupon, late, false).await;
    let _ = reserve(ports, coupon, quick, "ben").await.unwrap();
    settle(ports, coupon, late, true).await;
    let stored = ports.load(&*ports.coupons, &coupon).await;
    assert!(stored.redemption(late).unwrap().over_cap);
    assert_eq!(stored.data().usage_count, 1);
}
