//! Sealing and verifying: what each way of tampering is called, and a month that adds up by hand.

use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::*;
use crate::kernel::{Currency, PeriodMonth};

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn balance(text: &str) -> Balance {
    Balance::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn key() -> EarningsKey {
    "acme:USD:2026-04".parse().unwrap()
}

fn signer() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public() -> [u8; 32] {
    signer().verifying_key().to_bytes()
}

/// A sale of a line at 30 %.
fn sale(number: u128, net: [&str; 3]) -> EarningsLine {
    let [gross, fee, provider] = net.map(usd);
    let sold = super::super::SoldLine {
        order_id: OrderId::new(number.into()),
        order_line_id: OrderLineId::new(number.into()),
        listing_id: ListingId::new(number.into()),
        net: gross,
        fee_amount: fee,
        provider_amount: provider,
        platform_bps: 3_000,
        refund_deadline: Some(at("2026-05-04T09:30:00Z")),
    };
    sold.sale(EarningsLineId::new(number.into()), &format!("evt_{number}"), at("2026-04-20T09:30:00Z"))
}

fn reversal(sale: &EarningsLine, number: u128) -> Vec<EarningsLine> {
    let ids = [number, number + 1].map(|number| EarningsLineId::new(number.into()));
    sale.reversal(ids, "evt_refund", super::super::FeeOnRefund::Returned, at("2026-04-25T12:00:00Z"))
}

/// March left 10.00; 6.45 and 19.99 were sold, the first with a coupon already taken off; 6.45 came back.
fn month() -> Vec<EarningsLine> {
    let from: PeriodMonth = "2026-03".parse().unwrap();
    let carry = EarningsLine::carry(
        EarningsLineId::new(1_u128.into()),
        from,
        usd("10.00"),
        at("2026-04-02T00:00:00Z"),
    );
    let (first, second) = (sale(2, ["6.45", "1.93", "4.52"]), sale(3, ["19.99", "6.00", "13.99"]));
    let mut lines = vec![carry, first.clone(), second];
    lines.extend(reversal(&first, 4));
    lines
}

fn sealed(lines: &[EarningsLine]) -> (Vec<StatementLine>, StatementHead) {
    let mut head = StatementHead::empty(&key());
    let lines = lines.iter().map(|line| {
        let sealed = head.seal(line).unwrap();
        head = head.follow(&sealed).unwrap();
        sealed
    });
    (lines.collect(), head)
}

fn anchor_of(key: &EarningsKey, head: &ChainHead) -> StatementAnchor {
    let at = at("2026-04-26T00:00:00Z");
    let signature = signer().sign(&StatementAnchor::signed_bytes(key, head, at));
    let (ChainHead { count, hash }, key_id) = (*head, "key-1".to_owned());
    StatementAnchor { count, hash, at, key_id, signature: Hex(signature.to_bytes()) }
}

fn file(lines: &[EarningsLine]) -> StatementFile {
    let (lines, head) = sealed(lines);
    StatementFile {
        key: key(),
        totals: Some(head.totals),
        lines: LinesPart { data: lines },
        head: Some(head.chain),
        anchor: Some(anchor_of(&key(), &head.chain)),
    }
}

#[test]
fn a_month_adds_up_by_hand() {
    let file = file(&month());
    let rows: Vec<_> = file
        .lines
        .data
        .iter()
        .map(|line| (line.row.effect.to_string(), line.row.balance.to_string()))
        .collect();
    let by_hand =
        [("-10.00", "-10.00"), ("4.52", "-5.48"), ("13.99", "8.51"), ("-6.45", "2.06"), ("1.93", "3.99")];
    assert_eq!(rows, by_hand.map(|(effect, balance)| (effect.to_owned(), balance.to_owned())));
    let verified = verify(&file, &public()).unwrap();
    assert_eq!((verified.head.chain.count, verified.anchored), (5, Some(5)));
    let totals = verified.head.totals;
    assert_eq!((totals.gross_revenue, totals.platform_fee), (usd("26.44"), usd("7.93")));
    assert_eq!((totals.refunds, totals.fee_reversed), (usd("6.45"), usd("1.93")));
    assert_eq!((totals.opening_deficit, totals.net_payable), (usd("10.00"), usd("3.99")));
    let checks = checks(&verified.head).unwrap();
    assert!(checks.iter().all(StatementCheck::holds), "{checks:?}");
    let sides: Vec<_> = checks.iter().map(|check| check.left.to_string()).collect();
    assert_eq!(sides, ["28.37", "24.38", "3.99", "0.00", "3.99", "3.99"]);
}

#[test]
fn a_file_reads_back_as_it_was_written() {
    let file = file(&month());
    let json = serde_json::to_string(&file).unwrap();
    let read: StatementFile = serde_json::from_str(&json).unwrap();
    assert_eq!(read, file);
    assert!(json.contains(r#""effect":{"amount":"-10.00","currency":"USD"}"#), "{json}");
    assert!(verify(&read, &public()).is_ok());
}

#[test]
fn each_way_of_tampering_is_named() {
    let whole = file(&month());
    let tampered = |change: fn(&mut StatementFile)| {
        let mut file = whole.clone();
        change(&mut file);
        verify(&file, &public()).unwrap_err()
    };
    let changed = |seq| StatementFault::Chain(Broken::Row { seq });
    assert_eq!(tampered(|file| file.lines.data[1].row.net = usd("4.53")), changed(2));
    assert_eq!(tampered(|file| file.lines.data[1].row.balance = balance("-5.47")), changed(2));
    assert_eq!(tampered(|file| file.lines.data[4].row.bps = 2_999), changed(5));
    assert_eq!(tampered(|file| file.lines.data[0].row.source_event_id.push(' ')), changed(1));
    let missing = StatementFault::Chain(Broken::Place { expected: 3, found: 4 });
    assert_eq!(tampered(|file| drop(file.lines.data.remove(2))), missing);
    assert_eq!(tampered(|file| file.lines.data.swap(2, 3)), missing);
    assert_eq!(tampered(|file| file.lines.data.truncate(3)), StatementFault::Head { lines: 3, head: 5 });
    let cut = |file: &mut StatementFile| {
        file.lines.data.truncate(3);
        file.head = file.lines.data.last().map(|line| (&line.link).into());
    };
    let truncated = StatementFault::Chain(Broken::Truncated { count: 3, anchored: 5 });
    assert_eq!(tampered(cut), truncated, "the anchor knows better");
    assert_eq!(tampered(|file| file.head = None), StatementFault::Unfinished { lines: 5 });
    let total =
        |file: &mut StatementFile| file.totals.iter_mut().for_each(|totals| totals.refunds = usd("6.46"));
    assert_eq!(tampered(total), StatementFault::Total("refunds"));
    let signature = StatementFault::Signature { count: 5 };
    assert_eq!(
        tampered(|file| file.anchor.iter_mut().for_each(|anchor| anchor.signature.0[0] ^= 1)),
        signature
    );
    assert_eq!(tampered(|file| file.key.period_month = file.key.period_month.next()), signature);
    assert_eq!(verify(&whole, &[9; 32]).unwrap_err(), signature, "another key");
}

#[test]
fn a_statement_made_anew_does_not_fit_its_anchor() {
    let whole = file(&month());
    let mut lines = month();
    lines[1] = sale(2, ["6.44", "1.93", "4.51"]);
    let forged = StatementFile { anchor: whole.anchor.clone(), ..file(&lines[..3]) };
    let shorter = StatementFault::Chain(Broken::Truncated { count: 3, anchored: 5 });
    assert_eq!(verify(&forged, &public()).unwrap_err(), shorter);
    let forged = StatementFile { anchor: whole.anchor, ..file(&lines) };
    assert_eq!(verify(&forged, &public()).unwrap_err(), StatementFault::Chain(Broken::Anchor { count: 5 }));
}

#[test]
fn numbers_that_were_sealed_wrong_are_found() {
    let (mut lines, _) = sealed(&month());
    let mut head = StatementHead::empty(&key()).chain;
    for line in &mut lines {
        line.row.balance = line.row.balance.plus(&balance("0.01")).unwrap();
        line.link = head.link(&line.row).unwrap();
        head = (&line.link).into();
    }
    let file = StatementFile {
        key: key(),
        totals: None,
        lines: LinesPart { data: lines },
        head: Some(head),
        anchor: Some(anchor_of(&key(), &head)),
    };
    let what = "balance is not the balance before and the effect";
    assert_eq!(verify(&file, &public()).unwrap_err(), StatementFault::Sum { seq: 1, what });
}

#[test]
fn pages_join_to_the_statement_they_are_of() {
    let whole = file(&month());
    let page = |range: std::ops::Range<usize>| {
        let data = whole.lines.data[range].to_vec();
        StatementFile { lines: LinesPart { data }, ..whole.clone() }
    };
    assert_eq!(StatementFile::join(vec![page(0..2), page(2..5)]), Some(whole.clone()));
    let gap = StatementFile::join(vec![page(0..2), page(3..5)]).unwrap();
    let missing = StatementFault::Chain(Broken::Place { expected: 3, found: 4 });
    assert_eq!(verify(&gap, &public()).unwrap_err(), missing);
    let other = StatementFile { key: "acme:USD:2026-05".parse().unwrap(), ..page(2..5) };
    assert_eq!(StatementFile::join(vec![page(0..2), other]), None);
    assert_eq!(StatementFile::join(Vec::new()), None);
}

#[test]
fn an_anchor_of_nothing_and_no_anchor_are_no_proof_of_an_end() {
    let mut file = file(&month());
    file.anchor = None;
    assert_eq!(verify(&file, &public()).unwrap().anchored, None);
    file.anchor = Some(anchor_of(&key(), &StatementHead::empty(&key()).chain));
    assert_eq!(verify(&file, &public()).unwrap().anchored, Some(0));
}

#[test]
fn a_balance_has_one_spelling() {
    for text in ["0.00", "-0.01", "12.30", "-92233720368547758.07"] {
        assert_eq!(balance(text).to_string(), text);
    }
    for bad in ["-0.00", "--1.00", "+1.00", "1.000", "", "-"] {
        assert!(Balance::parse(bad, Currency::parse("USD").unwrap()).is_err(), "{bad}");
    }
}

proptest! {
    /// Whatever is sold and taken back, the balance is what the totals say.
    #[test]
    fn the_balance_is_the_totals_seen_another_way(
        sales in prop::collection::vec((1_i64..100_000, 0_i64..10_000, any::<bool>()), 0..30),
    ) {
        let money = |minor| Money::from_minor_units(minor, Currency::parse("USD").unwrap()).unwrap();
        let mut lines = Vec::new();
        for (number, (gross, bps, returned)) in sales.into_iter().enumerate() {
            let fee = gross * bps / 10_000;
            let number = 10 * (number as u128 + 1);
            let sold = EarningsLine {
                gross: money(gross), fee: money(fee), net: money(gross - fee),
                ..sale(number, ["1.00", "0.30", "0.70"])
            };
            lines.push(sold.clone());
            if returned {
                lines.extend(reversal(&sold, number + 1));
            }
        }
        let file = file(&lines);
        let verified = verify(&file, &public()).unwrap();
        prop_assert!(checks(&verified.head).unwrap().iter().all(StatementCheck::holds));
    }
}
