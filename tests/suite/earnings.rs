//! Earnings: lines enter a period once, while it accrues; when it may close; what keeps it open.

use std::slice::from_ref;
use std::time::Duration;

use sarai_domain::{
    kernel::{Aggregate, Currency, OrderLineId, PeriodMonth, Timestamp},
    marketplace::{
        earnings::{ClosingEvidence, EarningsError, EarningsKey, EarningsLine, EarningsState, LineKind},
        order::{Order, RefundRequest, RefundSource},
    },
};
use sarai_ports::{
    Event, PageRequest, Saved, Scope,
    marketplace::{AccrueError, OpenMatters},
};

use crate::{
    SuitePorts,
    harness::{at_once, before, committed, to_alpha},
    make,
    paging::assert_pages,
};

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

async fn accrue(
    ports: &SuitePorts,
    key: &EarningsKey,
    lines: Vec<EarningsLine>,
) -> Result<Saved, AccrueError> {
    ports.earnings.accrue(key, lines, ports.context(), &*ports.ids, to_alpha).await
}

fn is_new(saved: &Result<Saved, AccrueError>) -> bool {
    matches!(saved, Ok(Saved::Committed(_)))
}

fn is_known(saved: &Result<Saved, AccrueError>) -> bool {
    matches!(saved, Ok(Saved::AlreadyConsumed))
}

/// Long after the month and every refund deadline.
fn later() -> Timestamp {
    "2026-06-15T00:00:00Z".parse().unwrap()
}

async fn close(ports: &SuitePorts, key: &EarningsKey) {
    let mut earnings = ports.load(&*ports.earnings, key).await;
    make::applied(earnings.close(&ClosingEvidence::CLEAN, later()));
    ports.put(&*ports.earnings, earnings).await;
}

/// The first line opens its period.
pub async fn the_first_line_opens_the_period(ports: &SuitePorts) {
    let key = make::period("studio", "2026-04");
    let Ok(Saved::Committed(commit)) = accrue(ports, &key, vec![make::sale(ports, ports.id())]).await else {
        panic!("a first line is new");
    };
    assert_eq!((commit.version, commit.deliveries.len()), (1, 1));
    assert_eq!(commit.deliveries[0].event.aggregate_seq, 1);
    let stored = ports.load(&*ports.earnings, &key).await;
    assert_eq!((stored.state(), stored.data().line_count), (EarningsState::Accruing, 1));
    assert_eq!(stored.totals().net_payable, make::usd("5.48"));
    assert_eq!(ports.audit_rows().await.len(), 1);
}

/// Lines add up, each save one version.
pub async fn lines_add_up(ports: &SuitePorts) {
    let key = make::period("studio", "2026-04");
    for version in 1..=3 {
        let lines = vec![make::sale(ports, ports.id()), make::sale(ports, ports.id())];
        assert!(is_new(&accrue(ports, &key, lines).await));
        assert_eq!(ports.load(&*ports.earnings, &key).await.version(), version);
    }
    let stored = ports.load(&*ports.earnings, &key).await;
    assert_eq!((stored.data().line_count, stored.lines().count()), (6, 6));
    assert_eq!(stored.totals().gross_revenue, make::usd("38.70"));
}

/// A line enters once: again, nothing is written.
pub async fn a_line_enters_once(ports: &SuitePorts) {
    let (key, line) = (make::period("studio", "2026-04"), make::sale(ports, ports.id()));
    assert!(is_new(&accrue(ports, &key, vec![line.clone()]).await));
    let traces = ports.traces().await;
    assert!(is_known(&accrue(ports, &key, vec![line]).await));
    assert_eq!(ports.traces().await, traces);
    assert_eq!(ports.load(&*ports.earnings, &key).await.data().line_count, 1);
}

/// Copies of a line that race enter once, also when they open the period.
pub async fn racing_copies_enter_once(ports: &SuitePorts) {
    let (key, line) = (make::period("studio", "2026-04"), make::sale(ports, ports.id()));
    let saved = at_once(12, |_| {
        let (ports, key, line) = (ports.clone(), key.clone(), line.clone());
        async move { accrue(&ports, &key, vec![line]).await }
    })
    .await;
    assert_eq!(saved.iter().filter(|saved| is_new(saved)).count(), 1);
    assert_eq!(ports.load(&*ports.earnings, &key).await.data().line_count, 1);
}

/// Lines that race all enter, or are told to try again: none is lost in silence.
pub async fn racing_lines_are_not_lost(ports: &SuitePorts) {
    let key = make::period("studio", "2026-04");
    at_once(12, |_| {
        let (ports, key, line) = (ports.clone(), key.clone(), make::sale(ports, ports.id()));
        async move {
            while let Err(error) = accrue(&ports, &key, vec![line.clone()]).await {
                assert!(matches!(error, AccrueError::Store(sarai_ports::StoreError::Conflict { .. })));
            }
        }
    })
    .await;
    let stored = ports.load(&*ports.earnings, &key).await;
    assert_eq!((stored.data().line_count, stored.version()), (12, 12));
    assert_eq!(stored.totals().gross_revenue, make::usd("77.40"));
}

/// A closed period refuses, and stays as it was.
pub async fn a_closed_period_refuses(ports: &SuitePorts) {
    let key = make::period("studio", "2026-04");
    let _ = accrue(ports, &key, vec![make::sale(ports, ports.id())]).await.unwrap();
    close(ports, &key).await;
    let traces = ports.traces().await;
    let saved = accrue(ports, &key, vec![make::sale(ports, ports.id())]).await;
    let refused = matches!(saved, Err(AccrueError::Refused(EarningsError::PeriodClosed { .. })));
    assert!(refused, "{saved:?}");
    assert_eq!(ports.traces().await, traces);
    assert_eq!(ports.load(&*ports.earnings, &key).await.data().line_count, 1);
}

/// A line that is in a closed period already is known there, not refused.
pub async fn a_closed_period_knows_its_lines(ports: &SuitePorts) {
    let (key, line) = (make::period("studio", "2026-04"), make::sale(ports, ports.id()));
    let _ = accrue(ports, &key, vec![line.clone()]).await.unwrap();
    close(ports, &key).await;
    assert!(is_known(&accrue(ports, &key, vec![line]).await));
}

/// The message again has its lines there already.
pub async fn a_message_has_its_effect_once(ports: &SuitePorts) {
    let key = make::period("studio", "2026-04");
    let accrue = || {
        let (lines, context) = (vec![make::sale(ports, ports.id())], ports.consuming("earnings", "evt-1"));
        ports.earnings.accrue(&key, lines, context, &*ports.ids, to_alpha)
    };
    assert!(is_new(&accrue().await));
    assert!(is_known(&accrue().await));
    assert_eq!(ports.load(&*ports.earnings, &key).await.data().line_count, 1);
}

/// A sale is taken back once.
pub async fn a_sale_is_reversed_once(ports: &SuitePorts) {
    let (key, sale) = (make::period("studio", "2026-04"), make::sale(ports, ports.id()));
    let _ = accrue(ports, &key, vec![sale.clone()]).await.unwrap();
    let reversal = |source: &str| {
        let ids = [ports.id(), ports.id()];
        sale.reversal(ids, source, sarai_domain::marketplace::earnings::FeeOnRefund::Returned, ports.now())
    };
    assert!(is_new(&accrue(ports, &key, reversal("evt-r1")).await));
    let again = accrue(ports, &key, reversal("evt-r2")).await;
    let refused = matches!(again, Err(AccrueError::Refused(EarningsError::AlreadyReversed { .. })));
    assert!(refused, "{again:?}");
    let stored = ports.load(&*ports.earnings, &key).await;
    assert_eq!(stored.totals().net_payable, make::usd("0.00"));
}

/// The lines of an order line are found with their periods.
pub async fn an_order_line_s_lines_are_found(ports: &SuitePorts) {
    let line: OrderLineId = ports.id();
    let sale = make::sale(ports, line);
    let april = make::period("studio", "2026-04");
    let _ = accrue(ports, &april, vec![sale.clone(), make::sale(ports, ports.id())]).await.unwrap();
    close(ports, &april).await;
    let ids = [ports.id(), ports.id()];
    let back =
        sale.reversal(ids, "evt-r", sarai_domain::marketplace::earnings::FeeOnRefund::Returned, ports.now());
    let may = make::period("studio", "2026-05");
    let _ = accrue(ports, &may, back.clone()).await.unwrap();
    let mut found = ports.earnings.find_lines(&Scope::System, line).await.unwrap();
    found.sort_by_key(|(key, line)| (key.clone(), line.kind));
    let mut expected: Vec<_> = back.into_iter().map(|line| (may.clone(), line)).collect();
    expected.insert(0, (april, sale));
    expected.sort_by_key(|(key, line)| (key.clone(), line.kind));
    assert_eq!(found, expected);
    assert!(ports.earnings.find_lines(&Scope::System, ports.id()).await.unwrap().is_empty());
    let (own, foreign) = (make::tenant("studio"), make::tenant("elsewhere"));
    assert_eq!(ports.earnings.find_lines(&Scope::Within(own), line).await.unwrap().len(), found.len());
    assert!(ports.earnings.find_lines(&Scope::Within(foreign), line).await.unwrap().is_empty());
}

/// Lines come back as they were entered.
pub async fn lines_round_trip(ports: &SuitePorts) {
    let key = make::period("studio", "2026-04");
    let mut lines = vec![make::sale(ports, ports.id()), make::sale(ports, ports.id())];
    let _ = accrue(ports, &key, lines.clone()).await.unwrap();
    let mut found: Vec<_> = ports.load(&*ports.earnings, &key).await.lines().cloned().collect();
    lines.sort_by_key(|line| line.id);
    found.sort_by_key(|line| line.id);
    assert_eq!(found, lines);
    assert!(found.iter().all(|line| line.kind == LineKind::Sale));
}

/// A provider's periods come with their states, earliest first, of one currency.
pub async fn periods_come_in_order(ports: &SuitePorts) {
    for month in ["2026-11", "2026-04", "2027-01", "2026-09"] {
        let at = format!("{month}-02T00:00:00Z").parse().unwrap();
        let sale = make::sale_at(ports, ports.id(), at);
        let _ = accrue(ports, &make::period("studio", month), vec![sale]).await.unwrap();
    }
    let _ = accrue(ports, &make::period("academy", "2026-05"), vec![make::sale(ports, ports.id())])
        .await
        .unwrap();
    close(ports, &make::period("studio", "2026-04")).await;
    let periods = ports.earnings.periods(&make::tenant("studio"), usd()).await.unwrap();
    let months: Vec<_> = periods.iter().map(|(month, _)| month.to_string()).collect();
    assert_eq!(months, ["2026-04", "2026-09", "2026-11", "2027-01"]);
    assert_eq!(periods[0].1, EarningsState::Ready);
    assert_eq!(periods[1].1, EarningsState::Accruing);
    let euro = Currency::parse("EUR").unwrap();
    assert_eq!(ports.earnings.periods(&make::tenant("studio"), euro).await.unwrap(), []);
}

/// The finder by state: earliest first, limited, each period in one state.
pub async fn states_are_found(ports: &SuitePorts) {
    for month in ["2026-06", "2026-04", "2026-05"] {
        let at = format!("{month}-02T00:00:00Z").parse().unwrap();
        let sale = make::sale_at(ports, ports.id(), at);
        let _ = accrue(ports, &make::period("studio", month), vec![sale]).await.unwrap();
    }
    let find = |state, limit| ports.earnings.find_by_state(state, limit);
    let months = |keys: Vec<EarningsKey>| -> Vec<String> {
        keys.into_iter().map(|key| key.period_month.to_string()).collect()
    };
    let accruing = find(EarningsState::Accruing, 2).await.unwrap();
    assert_eq!(months(accruing), ["2026-04", "2026-05"]);
    let april = make::period("studio", "2026-04");
    close(ports, &april).await;
    assert_eq!(months(find(EarningsState::Ready, 10).await.unwrap()), ["2026-04"]);
    assert_eq!(months(find(EarningsState::Accruing, 10).await.unwrap()), ["2026-05", "2026-06"]);
    let mut paid = ports.load(&*ports.earnings, &april).await;
    make::applied(paid.mark_paid(Some("po_1".parse().unwrap()), later()));
    ports.put(&*ports.earnings, paid).await;
    assert_eq!(find(EarningsState::Ready, 10).await.unwrap(), []);
}

/// A provider's list turns its pages, the latest period first.
pub async fn a_provider_s_list_turns_its_pages(ports: &SuitePorts) {
    let mut expected = Vec::new();
    for month in 1..=6 {
        let key = make::period("studio", &format!("2026-{month:02}"));
        expected.insert(0, key.to_string());
        let _ = accrue(ports, &key, vec![make::sale(ports, ports.id())]).await.unwrap();
    }
    let _ = accrue(ports, &make::period("academy", "2026-05"), vec![make::sale(ports, ports.id())])
        .await
        .unwrap();
    let studio = make::tenant("studio");
    let scope = Scope::Tenant(studio.clone());
    assert_pages(&expected, async |request| {
        let list = ports.earnings.find_by_provider_and_period(&scope, &studio, None, None, &request);
        Ok(list.await?.map(|earnings| earnings.id().to_string()))
    })
    .await;
}

/// That list can be of one month or currency; to a stranger it is empty.
pub async fn a_list_filters_and_hides(ports: &SuitePorts) {
    let studio = make::tenant("studio");
    for month in ["2026-04", "2026-05"] {
        let key = make::period("studio", month);
        let _ = accrue(ports, &key, vec![make::sale(ports, ports.id())]).await.unwrap();
    }
    let page = PageRequest::first(10);
    let list = async |scope: &Scope, month: Option<&str>, currency: Option<&str>| {
        let month = month.map(|month| month.parse::<PeriodMonth>().unwrap());
        let currency = currency.map(|code| Currency::parse(code).unwrap());
        let list = ports.earnings.find_by_provider_and_period(scope, &studio, month, currency, &page);
        list.await.unwrap().items.len()
    };
    let own = Scope::Tenant(studio.clone());
    assert_eq!(list(&own, None, None).await, 2);
    assert_eq!(list(&own, Some("2026-04"), None).await, 1);
    assert_eq!(list(&own, None, Some("USD")).await, 2);
    assert_eq!(list(&own, None, Some("EUR")).await, 0);
    assert_eq!(list(&Scope::PlatformAdmin, None, None).await, 2);
    for scope in [Scope::Tenant(make::tenant("acme")), Scope::Public] {
        assert_eq!(list(&scope, None, None).await, 0, "{scope:?}");
    }
}

/// The next close is the end of the month or of its last hold, strictly after the time asked about.
pub async fn the_next_close_is_after(ports: &SuitePorts) {
    assert_eq!(ports.earnings.next_close(ports.now()).await.unwrap(), None);
    let key = make::period("studio", "2026-04");
    let _ = accrue(ports, &key, vec![make::sale(ports, ports.id())]).await.unwrap();
    let held = ports.load(&*ports.earnings, &key).await.data().hold_until.unwrap();
    assert!(held > key.period_month.end(), "two weeks after 20 April");
    let tick = Duration::from_micros(1);
    assert_eq!(ports.earnings.next_close(before(held, tick)).await.unwrap(), Some(held));
    assert_eq!(ports.earnings.next_close(held).await.unwrap(), None);
    let early = "2026-04-02T00:00:00Z".parse().unwrap();
    let academy = make::period("academy", "2026-04");
    let _ = accrue(ports, &academy, vec![make::sale_at(ports, ports.id(), early)]).await.unwrap();
    let end = academy.period_month.end();
    assert_eq!(ports.earnings.next_close(early).await.unwrap(), Some(end));
    close(ports, &key).await;
    close(ports, &academy).await;
    assert_eq!(ports.earnings.next_close(early).await.unwrap(), None);
}

/// A fulfilled order of `studio` and `academy`, stored; its events are nobody's.
async fn fulfilled(ports: &SuitePorts) -> Order {
    let mut order = make::order(ports, "acme", "ana");
    make::fulfil(ports, &mut order);
    let id = order.id();
    let unit = ports.routed(order, ports.context(), crate::harness::to_nobody);
    committed(ports.orders.save(&Scope::System, unit).await);
    ports.load(&*ports.orders, &id).await
}

/// A pending refund keeps the periods of its providers open, until it is settled.
pub async fn a_pending_refund_is_an_open_matter(ports: &SuitePorts) {
    let mut order = fulfilled(ports).await;
    let (april, march) = (make::period("studio", "2026-04"), make::period("studio", "2026-03"));
    assert_eq!(ports.earnings.open_matters(&april).await.unwrap(), OpenMatters::default());
    let id = ports.id();
    let request = RefundRequest { id, lines: None, source: RefundSource::Buyer, reason: "no".into() };
    make::applied(order.request_refund(request, ports.now()));
    let mut order = ports.stored(&*ports.orders, order).await;
    let pending = OpenMatters { pending_refunds: 1, ..OpenMatters::default() };
    assert_eq!(ports.earnings.open_matters(&april).await.unwrap(), pending);
    for other in [march, make::period("somebody", "2026-04")] {
        assert_eq!(ports.earnings.open_matters(&other).await.unwrap(), OpenMatters::default(), "{other}");
    }
    make::applied(order.settle_refund(id, true, ports.now()));
    ports.put(&*ports.orders, order).await;
    assert_eq!(ports.earnings.open_matters(&april).await.unwrap(), OpenMatters::default());
}

/// An open dispute keeps them open, until it is decided.
pub async fn an_open_dispute_is_an_open_matter(ports: &SuitePorts) {
    let order = fulfilled(ports).await.id();
    let april = make::period("studio", "2026-04");
    for _ in 0..2 {
        ports.earnings.note_dispute(order, "dis_1", true).await.unwrap();
        let open = OpenMatters { open_disputes: 1, ..OpenMatters::default() };
        assert_eq!(ports.earnings.open_matters(&april).await.unwrap(), open);
    }
    for _ in 0..2 {
        ports.earnings.note_dispute(order, "dis_1", false).await.unwrap();
        assert_eq!(ports.earnings.open_matters(&april).await.unwrap(), OpenMatters::default());
    }
}

/// A fulfilment whose lines are not accrued yet keeps them open, until its delivery is done.
pub async fn an_unaccrued_fulfilment_is_an_open_matter(ports: &SuitePorts) {
    fn to_earnings(event: &Event) -> Vec<&'static str> {
        if event.topic() == "marketplace.order.fulfilled.v1" { vec!["earnings"] } else { vec![] }
    }
    let mut order = make::order(ports, "acme", "ana");
    make::fulfil(ports, &mut order);
    let unit = ports.routed(order, ports.context(), to_earnings);
    let commit = committed(ports.orders.save(&Scope::System, unit).await);
    assert_eq!(commit.deliveries.len(), 1);
    let april = make::period("studio", "2026-04");
    let unprocessed = OpenMatters { unprocessed: 1, ..OpenMatters::default() };
    assert_eq!(ports.earnings.open_matters(&april).await.unwrap(), unprocessed);
    ports.outbox.done(from_ref(&commit.deliveries[0])).await.unwrap();
    assert_eq!(ports.earnings.open_matters(&april).await.unwrap(), OpenMatters::default());
}
