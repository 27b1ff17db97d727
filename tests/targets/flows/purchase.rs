//! From a cart to a licence that entitles.

use sarai_domain::{
    kernel::{Aggregate, Money, UserId},
    marketplace::{
        license::Entitlement,
        order::{OrderStatus, PaymentState},
        saga::SagaState,
        values::Discount,
    },
};

use crate::world::{World, cart, one_time, seat_pack, usd};

#[tokio::test]
async fn a_purchase_grants_the_licence_enrols_the_buyer_and_pays_the_provider() {
    let world = World::new().await;
    let course = world.sell(1, one_time("100.00")).await;
    let buyer = World::call("buyer");

    let order = world.order(&buyer, &[(course, 1)], &[]).await.unwrap();
    assert_eq!(order.data().status, OrderStatus::PendingPayment);
    let tax = usd("100.00").basis_points(sarai_standins::tax_rate(usd("1").currency())).unwrap();
    assert_eq!(order.data().totals, Some(usd("100.00").checked_add(&tax).unwrap()));

    let order = world.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
    assert_eq!(world.saga(order.id()).await, SagaState::Fulfilled);
    let licenses = world.licenses(order.id()).await;
    assert_eq!(licenses.len(), 1);
    assert_eq!(order.data().lines[0].license_id, Some(licenses[0].id()));

    let me = &buyer.principal.user_id;
    let course_id = licenses[0].data().course_id.clone();
    let answer = world.sarai.marketplace.licenses.check(&buyer, me, &course_id).await.unwrap();
    assert_eq!(answer.reason, Entitlement::Entitled);
    assert!(world.sarai.enrollment.enrolled(&course_id).contains(me));
    world.assert_quiet().await;
}

#[tokio::test]
async fn percent_and_fixed_coupons_over_lines_that_do_not_divide_leave_no_cent_behind() {
    let world = World::new().await;
    let mut lines = Vec::new();
    for (course, price) in [(1, "33.33"), (2, "33.33"), (3, "0.10")] {
        lines.push((world.sell(course, one_time(price)).await, 1));
    }
    let percent = world.coupon("TENTH", Discount::percent(10).unwrap(), Some(5)).await;
    let refused = world.coupon("FLAT", Discount::fixed(usd("7.00")).unwrap(), None).await;
    let buyer = World::call("buyer");

    // Two unscoped coupons do not stack, and nothing is stored of a refused order.
    let error = world.order(&buyer, &lines, &["tenth", "flat"]).await.unwrap_err();
    assert_eq!(error.code, "coupon.not_stackable");
    assert_eq!((world.uses(percent).await, world.uses(refused).await), (0, 0));

    let order = world.order(&buyer, &lines, &["tenth"]).await.unwrap();
    let data = order.data();
    assert_eq!(data.subtotal, usd("66.76"));
    assert_eq!(data.discount_total, usd("6.68"));
    let currency = data.currency;
    let discounts = Money::sum(currency, data.lines.iter().map(|line| &line.discount_total)).unwrap();
    assert_eq!(discounts, data.discount_total);
    for line in &data.lines {
        assert_eq!(line.fee_amount.checked_add(&line.provider_amount), Ok(line.net));
    }
    world.pay(&buyer, order.id(), "tok_ok").await;
    assert_eq!(world.uses(percent).await, 1);
}

#[tokio::test]
async fn a_free_order_never_asks_billing() {
    let world = World::new().await;
    let course = world.sell(1, one_time("19.99")).await;
    world.coupon("FREE", Discount::percent(100).unwrap(), None).await;
    world.sarai.billing.set_outage(true);

    let order = world.order(&World::call("buyer"), &[(course, 1)], &["FREE"]).await.unwrap();
    assert_eq!(order.data().status, OrderStatus::Fulfilled);
    assert_eq!(order.data().payment_intent_id, None);
    assert_eq!(order.data().totals, Some(usd("0.00")));
    assert_eq!(order.data().payment_state, PaymentState::None, "nothing was captured");
    world.assert_quiet().await;
}

#[tokio::test]
async fn an_exhausted_coupon_fails_the_order_and_leaves_the_count_alone() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    let coupon = world.coupon("ONCE", Discount::percent(50).unwrap(), Some(1)).await;
    world.order(&World::call("buyer"), &[(course, 1)], &["ONCE"]).await.unwrap();

    let error = world.order(&World::call("customer"), &[(course, 1)], &["ONCE"]).await.unwrap_err();
    assert_eq!(error.code, "coupon.exhausted");
    assert!(error.details.iter().any(|(name, _)| *name == "orderId"));
    assert_eq!(world.uses(coupon).await, 1);
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_seat_pack_gives_seats_to_assign_release_and_assign_again() {
    let world = World::new().await;
    let pack = world.sell(1, seat_pack("50.00", 2)).await;
    let buyer = World::call("buyer");
    let error = world.order(&buyer, &[(pack, 3)], &[]).await.unwrap_err();
    assert!(error.details.iter().any(|(name, _)| *name == "nearest"));
    assert_eq!(error.code, "order.quantity_not_multiple");

    let order = world.buy(&[(pack, 2)], &[]).await;
    let license = world.licenses(order.id()).await.remove(0);
    let licenses = &world.sarai.marketplace.licenses;
    let [ann, bob, eve] = ["ann", "bob", "eve"].map(UserId::from_static);
    let seat = licenses.assign_seat(&buyer, license.id(), &ann).await.unwrap();
    assert!(seat.created && seat.remaining == Some(1));
    assert!(!licenses.assign_seat(&buyer, license.id(), &ann).await.unwrap().created);
    licenses.assign_seat(&buyer, license.id(), &bob).await.unwrap();
    let error = licenses.assign_seat(&buyer, license.id(), &eve).await.unwrap_err();
    assert_eq!((error.code, error.invariant.unwrap().id), ("license.no_seats_remaining", "LI-INV-2"));
    licenses.release_seat(&buyer, license.id(), seat.seat.id).await.unwrap();
    licenses.assign_seat(&buyer, license.id(), &eve).await.unwrap();

    let course = &license.data().course_id;
    let enrolled = world.sarai.enrollment.enrolled(course);
    assert!(enrolled.contains(&bob) && enrolled.contains(&eve) && !enrolled.contains(&ann));
    let answer = licenses.check(&buyer, &ann, course).await.unwrap();
    assert_eq!(answer.reason, Entitlement::NoSeat);
}

#[tokio::test]
async fn a_course_that_is_held_is_not_sold_to_the_same_person_again() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    world.buy(&[(course, 1)], &[]).await;
    let error = world.order(&World::call("buyer"), &[(course, 1)], &[]).await.unwrap_err();
    assert_eq!(error.code, "order.already_licensed");
}

#[tokio::test]
async fn a_quote_freezes_the_price_and_placing_it_twice_is_once() {
    let world = World::new().await;
    let course = world.sell(1, one_time("80.00")).await;
    let coupon = world.coupon("QUARTER", Discount::percent(25).unwrap(), Some(1)).await;
    let (buyer, orders) = (World::call("buyer"), &world.sarai.marketplace.orders);
    let quotes = &world.sarai.marketplace.quotes;

    let quoted = quotes.open(&buyer, &cart(&[(course, 1)], &["QUARTER"])).await.unwrap();
    assert_eq!(world.uses(coupon).await, 1, "the quote holds the coupon");
    let provider = World::call("provider");
    let listing = world.sarai.marketplace.listings.get(&provider, course.listing).await.unwrap();
    let off = sarai_domain::marketplace::listing::PlanEdit { active: Some(false), ..Default::default() };
    let listings = &world.sarai.marketplace.listings;
    listings.edit_plan(&provider, course.listing, listing.version(), course.plan, off).await.unwrap();

    let quote = quotes.of_token(&buyer, &quoted.token).await.unwrap();
    let placed = orders.place_quoted(&buyer, quote.clone()).await.unwrap();
    assert!(placed.created);
    assert_eq!(placed.order.id(), quote.data().order_id);
    assert_eq!(placed.order.data().totals, Some(quote.data().totals));
    let again = orders.place_quoted(&buyer, quote.clone()).await.unwrap();
    assert!(!again.created && again.order.id() == placed.order.id());
    let error = orders.place_quoted(&World::colleague(), quote).await.unwrap_err();
    assert_eq!(error.code, "quote.used");
    assert_eq!(world.uses(coupon).await, 1);
    assert_eq!(quotes.of_token(&buyer, "quo_made.up").await.unwrap_err().code, "quote.token_invalid");
}

#[tokio::test]
async fn a_quote_nobody_places_gives_its_coupon_back() {
    let world = World::new().await;
    let course = world.sell(1, one_time("80.00")).await;
    let coupon = world.coupon("HELD", Discount::percent(25).unwrap(), Some(1)).await;
    let buyer = World::call("buyer");
    let quotes = &world.sarai.marketplace.quotes;
    let quoted = quotes.open(&buyer, &cart(&[(course, 1)], &["HELD"])).await.unwrap();
    let error = quotes.open(&World::call("customer"), &cart(&[(course, 1)], &["HELD"])).await.unwrap_err();
    assert_eq!(error.code, "coupon.exhausted");

    world.advance(15 * 60 + 1).await;
    assert_eq!(world.uses(coupon).await, 0);
    let quote = quotes.of_token(&buyer, &quoted.token).await.unwrap();
    let error = world.sarai.marketplace.orders.place_quoted(&buyer, quote).await.unwrap_err();
    assert_eq!(error.code, "quote.expired");
}
