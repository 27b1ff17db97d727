//! A month's statement: what it says adds up by hand, and it says nothing that is not sealed and signed.

use sarai_application::marketplace::statements::Statement;
use sarai_domain::{
    kernel::{Aggregate, Money},
    marketplace::{
        earnings::{
            EarningsState, LineKind, StatementLine,
            statement::{LinesPart, StatementCheck, StatementFile, verify},
        },
        order::RefundSource,
        values::Discount,
    },
};
use sarai_ports::PageRequest;

use crate::world::{World, one_time, usd};

const DAY: u32 = 24 * 60 * 60;

async fn statement(world: &World, month: &str) -> (Statement, Vec<StatementLine>) {
    let statements = &world.sarai.marketplace.statements;
    let (provider, usd) = (World::call("provider"), usd("0.00").currency());
    let statement = statements.open(&provider, None, month.parse().unwrap(), usd).await.unwrap();
    let lines = statements.lines(&statement, &PageRequest::first(1_000)).await.unwrap();
    assert_eq!(lines.next, None);
    (statement, lines.items)
}

/// As a provider would, with the public key alone.
fn assert_verifies(world: &World, statement: &Statement, lines: &[StatementLine]) {
    let file = StatementFile {
        key: statement.period.key.clone(),
        totals: Some(statement.head.totals),
        lines: LinesPart { data: lines.to_vec() },
        head: Some(statement.head.chain),
        anchor: statement.period.anchor.clone(),
    };
    let verified = verify(&file, &world.sarai.ports.signer.public_key()).unwrap();
    assert_eq!(verified.head, statement.head);
}

#[tokio::test]
async fn two_sales_a_coupon_a_partial_refund_and_a_carry_add_up_by_hand() {
    let world = World::new().await;
    let (first, second) = (world.sell(1, one_time("19.99")).await, world.sell(2, one_time("40.00")).await);
    // April is paid out; then the staff give a sale of 40.00 back, which May cannot bear: 40.00 - 6.00.
    let april = world.buy(&[(second, 1)], &[]).await;
    world.advance(20 * DAY).await;
    let (orders, admin) = (&world.sarai.marketplace.orders, World::call("admin"));
    let buyer = World::call("buyer");
    orders.refund_by_staff(&admin, april.id(), None, RefundSource::Admin, "goodwill").await.unwrap();
    world.advance(25 * DAY).await;

    // 4 June: 59.99 less ten percent, 6.00 of which 2.00 are the first line's; 15 % are the platform's.
    world.coupon("TENTH", Discount::percent(10).unwrap(), None).await;
    let order = world.buy(&[(first, 1), (second, 1)], &["TENTH"]).await;
    world.advance(DAY).await;
    let returned = Some(vec![order.data().lines[0].id]);
    orders.refund(&buyer, order.id(), returned, "not for me").await.unwrap();
    world.advance(0).await;

    let (june, lines) = statement(&world, "2026-06").await;
    let by_hand = [
        // kind, gross, bps, fee, net, effect, balance
        (LineKind::Carry, "34.00", 0, "0.00", "34.00", "-34.00", "-34.00"),
        (LineKind::Sale, "17.99", 1_500, "2.70", "15.29", "15.29", "-18.71"),
        (LineKind::Sale, "36.00", 1_500, "5.40", "30.60", "30.60", "11.89"),
        (LineKind::Refund, "17.99", 1_500, "0.00", "17.99", "-17.99", "-6.10"),
        (LineKind::FeeReversal, "0.00", 1_500, "2.70", "2.70", "2.70", "-3.40"),
    ];
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let row = &line.row;
            (row.kind, row.gross, row.bps, row.fee, row.net, row.effect.to_string(), row.balance.to_string())
        })
        .collect();
    let expected: Vec<_> = by_hand
        .map(|(kind, gross, bps, fee, net, effect, balance)| {
            (kind, usd(gross), bps, usd(fee), usd(net), effect.to_owned(), balance.to_owned())
        })
        .into();
    assert_eq!(rows, expected);
    assert_eq!(lines[0].row.source_event_id, "carry:2026-05");
    for (line, sold) in [(1, 0), (2, 1), (3, 0), (4, 0)] {
        let sold = &order.data().lines[sold];
        assert_eq!(lines[line].row.order_id, Some(order.id()));
        assert_eq!(lines[line].row.order_line_id, Some(sold.id));
        assert_eq!(lines[line].row.listing_id, Some(sold.offer.listing_id));
        assert!(lines[line].row.source_event_id.starts_with("evt_"), "{:?}", lines[line]);
    }
    let totals = june.head.totals;
    assert_eq!((totals.gross_revenue, totals.platform_fee), (usd("53.99"), usd("8.10")));
    assert_eq!((totals.refunds, totals.fee_reversed), (usd("17.99"), usd("2.70")));
    assert_eq!((totals.opening_deficit, totals.taxes_withheld), (usd("34.00"), usd("0.00")));
    assert_eq!((totals.net_payable, totals.closing_deficit), (usd("0.00"), usd("3.40")));
    // 53.99 + 2.70; 8.10 + 17.99 + 34.00; the rest follows.
    let sides: Vec<_> = june.checks.iter().map(|check| (check.left.to_string(), check.holds())).collect();
    let sides_by_hand = ["56.69", "60.09", "0.00", "3.40", "-3.40", "-3.40"];
    assert_eq!(sides, sides_by_hand.map(|side| (side.to_owned(), true)));
    // What came back is held no longer.
    let held = world.sarai.marketplace.statements.held(&june).await.unwrap();
    assert_eq!((held.total, held.count), (usd("30.60"), 1));
    assert_eq!(held.lines[0].order_line_id, Some(order.data().lines[1].id));
    assert_eq!(held.lines[0].hold_until.unwrap().to_string(), "2026-06-18T09:30:00Z");
    assert_verifies(&world, &june, &lines);

    // The deficit moves on to July, and June's statement stays as it is, signed to its end.
    world.advance(40 * DAY).await;
    let (closed, after) = statement(&world, "2026-06").await;
    assert_eq!((closed.period.state, after), (EarningsState::Paid, lines));
    assert_eq!(closed.period.anchor.as_ref().map(|anchor| anchor.count), Some(5));
    let held = world.sarai.marketplace.statements.held(&closed).await.unwrap();
    assert_eq!((held.total, held.count), (Money::zero(usd("0.00").currency()), 0));
    let (july, lines) = statement(&world, "2026-07").await;
    assert_eq!((lines.len(), july.head.balance.to_string()), (1, "-3.40".to_owned()));
    assert_verifies(&world, &july, &lines);
    world.assert_quiet().await;
}

#[tokio::test]
async fn a_month_that_is_ready_was_sealed_and_signed_to_its_last_line() {
    let world = World::new().await;
    let course = world.sell(1, one_time("10.00")).await;
    for _ in 0..3 {
        let buyer = World::call("buyer");
        let order = world.order(&buyer, &[(course, 1)], &[]).await;
        // The buyer has the course already: staff give it back, and it is bought again.
        let order = world.pay(&buyer, order.unwrap().id(), "tok_ok").await;
        let (admin, source) = (World::call("admin"), RefundSource::Admin);
        let orders = &world.sarai.marketplace.orders;
        orders.refund_by_staff(&admin, order.id(), None, source, "again").await.unwrap();
        world.advance(61).await;
    }
    world.advance(20 * DAY).await;
    let (april, lines) = statement(&world, "2026-04").await;
    assert_eq!((april.period.state, lines.len()), (EarningsState::Paid, 9));
    assert_eq!(april.period.anchor.as_ref().map(|anchor| anchor.count), Some(9));
    assert!(april.checks.iter().all(StatementCheck::holds));
    assert_verifies(&world, &april, &lines);
}

#[tokio::test]
async fn a_growing_chain_is_signed_at_most_once_a_minute() {
    let world = World::new().await;
    let sold = [1, 2, 3].map(|course| world.sell(course, one_time("10.00")));
    let mut anchored = Vec::new();
    for course in sold {
        let course = course.await;
        world.buy(&[(course, 1)], &[]).await;
        world.advance(19).await;
        let (april, lines) = statement(&world, "2026-04").await;
        anchored.push((april.period.anchor.as_ref().map_or(0, |anchor| anchor.count), lines.len()));
        assert_verifies(&world, &april, &lines);
    }
    assert_eq!(anchored, [(1, 1), (1, 2), (1, 3)]);
    world.advance(61).await;
    let (april, _) = statement(&world, "2026-04").await;
    assert_eq!(april.period.anchor.map(|anchor| anchor.count), Some(3));
    let key = april.period.key.to_string();
    let events = &world.sarai.ports.events;
    let events = events.by_correlation(&sarai_ports::Scope::System, &key, 10).await.unwrap();
    let events: Vec<_> = events.into_iter().collect::<Result<_, _>>().unwrap();
    let topics: Vec<_> = events.iter().map(|event| event.event.topic()).collect();
    assert_eq!(topics, ["marketplace.statement.anchored.v1"; 2]);
    assert_eq!(events[0].tenant_id.as_str(), "acc_demo_provider");
}
