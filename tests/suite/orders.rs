//! Orders: their rows, their lists, and what still has to be returned.

use std::time::Duration;

use sarai_domain::{
    kernel::{Aggregate, OrderId},
    marketplace::order::{NewOrder, Order, OrderStatus, RefundRequest, RefundSource, RefundState},
};
use sarai_ports::{PageRequest, Scope, StoreError, UniqueKey};

use crate::{
    SuitePorts,
    harness::{assert_not_found, at_once, has_committed},
    make,
    paging::{assert_pages, newest_first},
};

fn own() -> Scope {
    Scope::Tenant(make::tenant("acme"))
}

async fn six(ports: &SuitePorts, name: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for number in 0..6 {
        let order = make::order(ports, "acme", name);
        rows.push((order.data().placed_at, order.id().to_string()));
        ports.put(&*ports.orders, order).await;
        if number % 2 == 1 {
            ports.advance(Duration::from_micros(1));
        }
    }
    newest_first(&rows)
}

fn ids(order: Order) -> String {
    order.id().to_string()
}

async fn refunding(ports: &SuitePorts) -> Order {
    let mut order = make::order(ports, "acme", "ana");
    make::fulfil(ports, &mut order);
    let mut order = ports.stored(&*ports.orders, order).await;
    let line = order.data().lines[0].id;
    let request = RefundRequest {
        id: ports.id(),
        lines: Some(vec![line]),
        source: RefundSource::Buyer,
        reason: "not for me".to_owned(),
    };
    make::applied(order.request_refund(request, ports.now()));
    ports.stored(&*ports.orders, order).await
}

/// Refunds are rows and come back with their order.
pub async fn refunds_round_trip(ports: &SuitePorts) {
    let order = refunding(ports).await;
    let refunds: Vec<_> = order.refunds().cloned().collect();
    assert_eq!(refunds.len(), 1);
    assert_eq!((refunds[0].state, refunds[0].amount), (RefundState::Pending, make::usd("6.45")));
    let mut settled = order.clone();
    make::applied(settled.settle_refund(refunds[0].id, true, ports.now()));
    let expected: Vec<_> = settled.refunds().cloned().collect();
    let found = ports.stored(&*ports.orders, settled).await;
    assert_eq!(found.refunds().cloned().collect::<Vec<_>>(), expected);
    assert_eq!(found.data().refunded_total, make::usd("6.45"));
}

/// A save that is refused leaves no refund row either.
pub async fn a_refused_save_leaves_no_refund(ports: &SuitePorts) {
    let mut order = make::order(ports, "acme", "ana");
    make::fulfil(ports, &mut order);
    let loaded = ports.stored(&*ports.orders, order).await;
    let request = |reason: &str| RefundRequest {
        id: ports.id(),
        lines: None,
        source: RefundSource::Admin,
        reason: reason.to_owned(),
    };
    let (mut one, mut other) = (loaded.clone(), loaded);
    make::applied(one.request_refund(request("one"), ports.now()));
    make::applied(other.request_refund(request("other"), ports.now()));
    let found = ports.stored(&*ports.orders, one).await;
    ports.save(&*ports.orders, other).await.unwrap_err();
    assert_eq!(found.refunds().count(), 1);
    let found = ports.load(&*ports.orders, &found.id()).await;
    assert_eq!(found.refunds().map(|refund| refund.reason.as_str()).collect::<Vec<_>>(), ["one"]);
}

/// Of refunds that race for one order, exactly one is opened.
pub async fn of_racing_refunds_one_is_opened(ports: &SuitePorts) {
    let mut order = make::order(ports, "acme", "ana");
    make::fulfil(ports, &mut order);
    let loaded = ports.stored(&*ports.orders, order).await;
    let saved = at_once(16, |_| {
        let (ports, mut order) = (ports.clone(), loaded.clone());
        let request =
            RefundRequest { id: ports.id(), lines: None, source: RefundSource::Admin, reason: "x".into() };
        make::applied(order.request_refund(request, ports.now()));
        async move { ports.save(&*ports.orders, order).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| has_committed(saved)).count(), 1);
    assert_eq!(ports.load(&*ports.orders, &loaded.id()).await.refunds().count(), 1);
}

/// A tenant's list turns its pages, newest first.
pub async fn a_tenant_s_list_turns_its_pages(ports: &SuitePorts) {
    let expected = six(ports, "ana").await;
    ports.put(&*ports.orders, make::order(ports, "globex", "ana")).await;
    let acme = make::tenant("acme");
    assert_pages(&expected, async |request| {
        Ok(ports.orders.find_by_buyer(&own(), &acme, None, None, &request).await?.map(ids))
    })
    .await;
}

/// A user's list turns its pages too.
pub async fn a_user_s_list_turns_its_pages(ports: &SuitePorts) {
    let expected = six(ports, "ana").await;
    six(ports, "ben").await;
    let (acme, ana) = (make::tenant("acme"), make::user("ana"));
    assert_pages(&expected, async |request| {
        Ok(ports.orders.find_by_buyer(&own(), &acme, Some(&ana), None, &request).await?.map(ids))
    })
    .await;
}

/// A list can be of one status, and an order leaves it with the status.
pub async fn a_list_filters_by_status(ports: &SuitePorts) {
    six(ports, "ana").await;
    let mut order = make::order(ports, "acme", "ana");
    make::ask_payment(ports, &mut order);
    ports.put(&*ports.orders, order).await;
    let (acme, page) = (make::tenant("acme"), PageRequest::first(10));
    let cases = [(OrderStatus::Created, 6), (OrderStatus::PendingPayment, 1), (OrderStatus::Paid, 0)];
    for (status, count) in cases {
        let mine = ports.orders.find_by_buyer(&own(), &acme, None, Some(status), &page).await.unwrap();
        assert_eq!(mine.items.len(), count, "{status:?}");
    }
}

/// Another tenant's list is empty.
pub async fn a_stranger_s_list_is_empty(ports: &SuitePorts) {
    six(ports, "ana").await;
    let (acme, page) = (make::tenant("acme"), PageRequest::first(10));
    for scope in [Scope::Tenant(make::tenant("globex")), Scope::Public] {
        let found = ports.orders.find_by_buyer(&scope, &acme, None, None, &page).await.unwrap();
        assert!(found.items.is_empty(), "{scope:?}");
    }
}

/// Refunds that wait for billing are found until they are settled.
pub async fn pending_refunds_are_found(ports: &SuitePorts) {
    let order = refunding(ports).await;
    let id = order.pending_refund().unwrap().id;
    assert_eq!(ports.orders.find_pending_refunds(10).await.unwrap(), [(order.id(), id)]);
    let mut settled = order;
    make::applied(settled.settle_refund(id, true, ports.now()));
    ports.put(&*ports.orders, settled).await;
    assert_eq!(ports.orders.find_pending_refunds(10).await.unwrap(), []);
}

/// The finder of pending refunds keeps to its limit.
pub async fn pending_refunds_are_limited(ports: &SuitePorts) {
    for _ in 0..4 {
        refunding(ports).await;
    }
    assert_eq!(ports.orders.find_pending_refunds(3).await.unwrap().len(), 3);
}

/// A pending refund of nothing is found as well: somebody must settle it.
pub async fn a_pending_refund_beside_a_stray_is_found(ports: &SuitePorts) {
    let mut order = refunding(ports).await;
    let intent = "pi_other".parse().unwrap();
    make::applied(order.record_payment(&intent, "pay_2".parse().unwrap(), make::usd("1.00"), ports.now()));
    let order = ports.stored(&*ports.orders, order).await;
    let id = order.pending_refund().unwrap().id;
    assert_eq!(ports.orders.find_pending_refunds(10).await.unwrap(), [(order.id(), id)]);
    let strays = ports.orders.find_stray_captures(10).await.unwrap();
    assert_eq!(strays, [(order.id(), "pay_2".parse().unwrap())]);
}

/// Captures nobody asked for are found, each, until they are back.
pub async fn stray_captures_are_found(ports: &SuitePorts) {
    let mut order = make::order(ports, "acme", "ana");
    let intent = "pi_unknown".parse().unwrap();
    for payment in ["pay_1", "pay_2"] {
        let payment = payment.parse().unwrap();
        make::applied(order.record_payment(&intent, payment, make::usd("1.00"), ports.now()));
    }
    let mut order = ports.stored(&*ports.orders, order).await;
    let mut strays = ports.orders.find_stray_captures(10).await.unwrap();
    strays.sort();
    assert_eq!(strays, [(order.id(), "pay_1".parse().unwrap()), (order.id(), "pay_2".parse().unwrap())]);
    assert_eq!(ports.orders.find_stray_captures(1).await.unwrap().len(), 1);
    make::applied(order.settle_stray("pay_1".parse().unwrap(), ports.now()));
    let mut order = ports.stored(&*ports.orders, order).await;
    assert_eq!(ports.orders.find_stray_captures(10).await.unwrap().len(), 1);
    make::applied(order.settle_stray("pay_2".parse().unwrap(), ports.now()));
    ports.put(&*ports.orders, order).await;
    assert_eq!(ports.orders.find_stray_captures(10).await.unwrap(), []);
}

/// A quote becomes one order.
pub async fn a_quote_becomes_one_order(ports: &SuitePorts) {
    let quote_id = Some(ports.id());
    let place = |id: OrderId| {
        let order = make::order(ports, "acme", "ana");
        let data = order.data().clone();
        let cart = make::cart(vec![make::line(ports, "studio", make::usd("6.45"))]);
        let new = NewOrder {
            id,
            saga_id: data.saga_id,
            buyer_tenant_id: data.buyer_tenant_id,
            buyer_user_id: data.buyer_user_id,
            quote_id,
            cart,
        };
        Order::place(new, ports.now()).unwrap()
    };
    ports.put(&*ports.orders, place(ports.id())).await;
    let traces = ports.traces().await;
    let second = ports.save(&*ports.orders, place(ports.id())).await;
    assert_eq!(second.unwrap_err(), StoreError::Taken(UniqueKey::OrderPerQuote));
    assert_eq!(ports.traces().await, traces);
}

/// Orders without a quote do not stand in one another's way.
pub async fn orders_without_a_quote_are_many(ports: &SuitePorts) {
    for _ in 0..3 {
        ports.put(&*ports.orders, make::order(ports, "acme", "ana")).await;
    }
}

/// An order of fifty lines comes back whole and in order.
pub async fn fifty_lines_round_trip(ports: &SuitePorts) {
    let lines: Vec<_> = (0..50).map(|_| make::line(ports, "studio", make::usd("0.01"))).collect();
    let order = make::order_of(ports, "acme", "ana", make::cart(lines));
    let data = order.data().clone();
    assert_eq!(ports.stored(&*ports.orders, order).await.data(), &data);
}

/// Amounts with three digits and with none come back as they were.
pub async fn amounts_keep_their_scale(ports: &SuitePorts) {
    for currency in sarai_domain::kernel::Currency::all() {
        let price = sarai_domain::kernel::Money::from_minor_units(1_000_000_001, currency).unwrap();
        let cart = make::cart(vec![make::line(ports, "studio", price)]);
        let order = make::order_of(ports, "acme", "ana", cart);
        let data = order.data().clone();
        let found = ports.stored(&*ports.orders, order).await;
        assert_eq!(found.data(), &data);
        assert_eq!(found.data().subtotal.to_string(), data.subtotal.to_string());
    }
}

/// The line of an order leads to it.
pub async fn a_line_leads_to_its_order(ports: &SuitePorts) {
    let order = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await;
    ports.put(&*ports.orders, make::order(ports, "acme", "ana")).await;
    for line in &order.data().lines {
        assert_eq!(ports.sales.order_of(line.id).await.unwrap(), Some(order.id()));
    }
    assert_eq!(ports.sales.order_of(ports.id()).await.unwrap(), None);
}

/// A provider does not find a buyer's order by its id.
pub async fn its_provider_does_not_find_it(ports: &SuitePorts) {
    let order = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await;
    let provider = Scope::Tenant(make::tenant("studio"));
    assert!(ports.orders.find(&provider, &order.id()).await.unwrap().is_none());
    let mut changed = order;
    make::applied(changed.request_cancel(ports.now()));
    assert_not_found(ports.orders.save(&provider, ports.unit(changed, ports.context())).await);
}
