//! One period: its table, its refusals, its stored form.

use super::*;
use crate::kernel::{
    Coded, Currency, DomainEvent, EarningsLineId, Kind, ListingId, MoneyError, OrderId, OrderLineId, TenantId,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn month(text: &str) -> PeriodMonth {
    text.parse().unwrap()
}

fn key(text: &str) -> EarningsKey {
    text.parse().unwrap()
}

fn line_id(number: u128) -> EarningsLineId {
    EarningsLineId::new(number.into())
}

fn payout(text: &str) -> PayoutId {
    PayoutId::try_new(text).unwrap()
}

/// A line sold for 6.45 at 30 %, refundable until 10 May.
fn sold(number: u128) -> SoldLine {
    SoldLine {
        order_id: OrderId::new(number.into()),
        order_line_id: OrderLineId::new(number.into()),
        listing_id: ListingId::new(number.into()),
        net: usd("6.45"),
        fee_amount: usd("1.93"),
        provider_amount: usd("4.52"),
        platform_bps: 3_000,
        refund_deadline: Some(at("2026-05-10T00:00:00Z")),
    }
}

fn sale(number: u128) -> EarningsLine {
    sold(number).sale(line_id(number), &format!("evt_sale_{number}"), at("2026-04-20T00:00:00Z"))
}

fn april() -> ProviderEarnings {
    ProviderEarnings::open(key("acme:USD:2026-04"), at("2026-04-20T00:00:00Z"))
}

/// April in a state: ready and paid with 4.52 due.
fn april_in(state: EarningsState) -> ProviderEarnings {
    let mut earnings = april();
    let later = at("2026-05-10T00:00:00Z");
    assert_eq!(earnings.accrue(sale(1)), Ok(Outcome::Applied));
    if state != EarningsState::Accruing {
        assert_eq!(earnings.close(&ClosingEvidence::CLEAN, later), Ok(Outcome::Applied));
    }
    if state == EarningsState::Paid {
        assert_eq!(earnings.mark_paid(Some(payout("po_1")), later), Ok(Outcome::Applied));
    }
    assert_eq!(earnings.state(), state);
    earnings
}

/// Asserts a refusal with this code that left the period as it was.
fn refuses(
    earnings: &mut ProviderEarnings,
    code: &str,
    command: impl FnOnce(&mut ProviderEarnings) -> Result<Outcome, EarningsError>,
) {
    let (before, events) = (earnings.data().clone(), earnings.pending().len());
    let error = command(earnings).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert_eq!(error.invariant(), None);
    assert_eq!((earnings.data(), earnings.pending().len()), (&before, events));
}

#[test]
fn the_table_has_no_edge_twice_reaches_every_state_and_ends_where_it_says() {
    for (index, edge) in TRANSITIONS.iter().enumerate() {
        assert!(TRANSITIONS.iter().skip(index + 1).all(|e| (e.from, e.action) != (edge.from, edge.action)));
    }
    for state in STATES {
        assert!(*state == EarningsState::Accruing || TRANSITIONS.iter().any(|edge| edge.to == *state));
        assert_eq!(TERMINAL.contains(state), TRANSITIONS.iter().all(|edge| edge.from != *state), "{state:?}");
    }
}

#[test]
fn every_state_and_action_does_what_the_table_says() {
    let later = at("2026-05-10T00:00:00Z");
    for state in STATES {
        for action in ACTIONS {
            let mut earnings = april_in(*state);
            let last = earnings.data().last_transition.clone();
            let argument = (*action == EarningsAction::MarkPaid).then_some("po_1");
            let expected = step(TRANSITIONS, *state, *action, argument, last.as_ref());
            let result = match action {
                EarningsAction::Accrue => earnings.accrue(sale(2)),
                EarningsAction::Carry => earnings.carry_in(line_id(3), month("2026-03"), usd("1"), later),
                EarningsAction::Close => earnings.close(&ClosingEvidence::CLEAN, later),
                EarningsAction::MarkPaid => earnings.mark_paid(Some(payout("po_1")), later),
            };
            match expected {
                Ok(Step::To(to)) => {
                    assert_eq!(
                        (result, earnings.state()),
                        (Ok(Outcome::Applied), to),
                        "{state:?} {action:?}"
                    );
                }
                Ok(Step::AlreadyApplied) => {
                    assert_eq!(result, Ok(Outcome::AlreadyApplied), "{state:?} {action:?}");
                }
                Err(_) => {
                    assert_eq!(result.unwrap_err().kind(), Kind::Conflict, "{state:?} {action:?}");
                    assert_eq!(earnings.state(), *state);
                }
            }
            assert_eq!(earnings.check_invariants(), Ok(()));
        }
    }
}

#[test]
fn a_sale_copies_the_frozen_split() {
    let earnings = april_in(EarningsState::Accruing);
    let totals = earnings.totals();
    assert_eq!((totals.gross_revenue, totals.platform_fee), (usd("6.45"), usd("1.93")));
    assert_eq!((totals.net_payable, totals.closing_deficit), (usd("4.52"), usd("0")));
    assert!(!earnings.nothing_due());
}

#[test]
fn the_same_line_again_is_already_applied_even_when_closed() {
    for state in STATES {
        let mut earnings = april_in(*state);
        let events = earnings.pending().len();
        let again = EarningsLine { id: line_id(99), ..sale(1) };
        assert_eq!(earnings.accrue(again), Ok(Outcome::AlreadyApplied));
        assert_eq!((earnings.pending().len(), earnings.data().line_count), (events, 1));
    }
}

#[test]
fn a_renewal_of_the_same_order_line_is_another_sale() {
    let mut earnings = april_in(EarningsState::Accruing);
    let renewal = sold(1).sale(line_id(2), "evt_renewal", at("2026-04-25T00:00:00Z"));
    assert_eq!(earnings.accrue(renewal), Ok(Outcome::Applied));
    assert_eq!(earnings.totals().net_payable, usd("9.04"));
}

#[test]
fn a_closed_period_takes_no_line() {
    for state in [EarningsState::Ready, EarningsState::Paid] {
        let mut earnings = april_in(state);
        refuses(&mut earnings, "earnings.period_closed", |period| period.accrue(sale(2)));
    }
}

#[test]
fn a_refund_takes_back_to_the_cent_what_the_sale_brought() {
    let mut earnings = april_in(EarningsState::Accruing);
    let now = at("2026-04-21T00:00:00Z");
    for line in sale(1).reversal([line_id(2), line_id(3)], "evt_refund", FeeOnRefund::Returned, now) {
        assert_eq!((line.bps, line.hold_until), (3_000, None));
        assert_eq!(earnings.accrue(line), Ok(Outcome::Applied));
    }
    let totals = earnings.totals();
    assert_eq!((totals.refunds, totals.fee_reversed), (usd("6.45"), usd("1.93")));
    assert_eq!((totals.net_payable, totals.closing_deficit), (usd("0"), usd("0")));
}

#[test]
fn a_fee_that_is_kept_leaves_the_provider_a_deficit() {
    let mut earnings = april_in(EarningsState::Accruing);
    let now = at("2026-04-21T00:00:00Z");
    let debits = sale(1).reversal([line_id(2), line_id(3)], "evt_refund", FeeOnRefund::Kept, now);
    assert_eq!(debits.len(), 1);
    for line in debits {
        assert_eq!(earnings.accrue(line), Ok(Outcome::Applied));
    }
    assert_eq!(earnings.totals().closing_deficit, usd("1.93"));
    assert!(earnings.nothing_due());
}

#[test]
fn an_order_line_is_taken_back_once_by_a_refund_or_a_dispute() {
    let mut earnings = april_in(EarningsState::Accruing);
    let ids = [line_id(2), line_id(3)];
    let now = at("2026-04-21T00:00:00Z");
    for line in sale(1).reversal(ids, "evt_refund", FeeOnRefund::Returned, now) {
        assert_eq!(earnings.accrue(line), Ok(Outcome::Applied));
    }
    for line in sale(1).reversal(ids, "evt_refund", FeeOnRefund::Returned, now) {
        assert_eq!(earnings.accrue(line), Ok(Outcome::AlreadyApplied));
    }
    for line in sale(1).reversal(ids, "evt_dispute_lost", FeeOnRefund::Returned, now) {
        refuses(&mut earnings, "earnings.already_reversed", |period| period.accrue(line));
    }
    assert_eq!(earnings.accrue(sale(2)), Ok(Outcome::Applied));
    for line in sale(2).reversal(ids, "evt_dispute_lost", FeeOnRefund::Returned, now) {
        assert_eq!(earnings.accrue(line), Ok(Outcome::Applied));
    }
}

#[test]
fn only_a_sale_can_be_taken_back() {
    let refund = EarningsLine { kind: LineKind::Refund, ..sale(1) };
    let now = at("2026-04-21T00:00:00Z");
    assert!(refund.reversal([line_id(2), line_id(3)], "evt_2", FeeOnRefund::Returned, now).is_empty());
}

#[test]
fn lines_that_add_up_count_in_their_own_total_and_others_are_refused() {
    let zero = usd("0");
    let consistent = [
        sale(7),
        EarningsLine { kind: LineKind::Refund, fee: zero, net: usd("6.45"), ..sale(7) },
        EarningsLine { kind: LineKind::FeeReversal, gross: zero, net: usd("1.93"), ..sale(7) },
        EarningsLine { kind: LineKind::Tax, fee: zero, net: usd("6.45"), ..sale(7) },
    ];
    for line in consistent {
        let mut earnings = april();
        for broken in [
            EarningsLine { net: usd("9.99"), ..line.clone() },
            EarningsLine { gross: usd("9.99"), ..line.clone() },
            EarningsLine { fee: usd("9.99"), ..line.clone() },
            EarningsLine { kind: LineKind::Carry, ..line.clone() },
        ] {
            refuses(&mut earnings, "earnings.line_inconsistent", |period| period.accrue(broken));
        }
        if line.kind != LineKind::Tax {
            let orphan = EarningsLine { order_line_id: None, ..line.clone() };
            refuses(&mut earnings, "earnings.line_inconsistent", |period| period.accrue(orphan));
        }
        let EarningsLine { kind, net, .. } = line;
        assert_eq!(earnings.accrue(line), Ok(Outcome::Applied));
        assert_eq!(earnings.check_invariants(), Ok(()));
        let totals = earnings.totals();
        let (grows, moved) = match kind {
            LineKind::Sale => (totals.gross_revenue, totals.net_payable),
            LineKind::Refund => (totals.refunds, totals.closing_deficit),
            LineKind::FeeReversal => (totals.fee_reversed, totals.net_payable),
            LineKind::Tax => (totals.taxes_withheld, totals.closing_deficit),
            LineKind::Carry => (totals.opening_deficit, totals.closing_deficit),
        };
        assert!(!grows.is_zero());
        assert_eq!(moved, net, "{kind:?}");
    }
}

#[test]
fn currencies_never_mix_in_a_period() {
    let zero = Money::zero(Currency::parse("EUR").unwrap());
    let euro = EarningsLine { gross: zero, fee: zero, net: zero, ..sale(1) };
    refuses(&mut april(), "money.currency_mismatch", |period| period.accrue(euro));
    let carry = |period: &mut ProviderEarnings| {
        period.carry_in(line_id(1), month("2026-03"), zero, at("2026-04-21T00:00:00Z"))
    };
    refuses(&mut april(), "money.currency_mismatch", carry);
    assert!(matches!(april().totals().with(&sale(1)), Ok(totals) if totals.net_payable == usd("4.52")));
}

#[test]
fn sums_beyond_64_bits_are_refused_and_change_nothing() {
    let most = Money::from_minor_units(i64::MAX, Currency::parse("USD").unwrap()).unwrap();
    let huge = |number| EarningsLine { gross: most, fee: usd("0"), net: most, ..sale(number) };
    let mut earnings = april();
    assert_eq!(earnings.accrue(huge(1)), Ok(Outcome::Applied));
    refuses(&mut earnings, "money.overflow", |period| period.accrue(huge(2)));
    assert_eq!(EarningsError::from(MoneyError::Overflow).kind(), Kind::Invalid);
}

#[test]
fn a_period_closes_at_its_last_refund_deadline_and_not_before() {
    let mut earnings = april_in(EarningsState::Accruing);
    let close = |now| move |period: &mut ProviderEarnings| period.close(&ClosingEvidence::CLEAN, at(now));
    refuses(&mut earnings, "earnings.month_not_over", close("2026-04-30T23:59:59.999999Z"));
    refuses(&mut earnings, "earnings.held", close("2026-05-01T00:00:00Z"));
    refuses(&mut earnings, "earnings.held", close("2026-05-09T23:59:59.999999Z"));
    assert_eq!(close("2026-05-10T00:00:00Z")(&mut earnings), Ok(Outcome::Applied));
    assert_eq!(close("2026-05-11T00:00:00Z")(&mut earnings), Ok(Outcome::AlreadyApplied));
    assert_eq!(earnings.data().ready_at, Some(at("2026-05-10T00:00:00Z")));
}

#[test]
fn an_earlier_deadline_does_not_shorten_the_hold() {
    let mut earnings = april_in(EarningsState::Accruing);
    let early = EarningsLine { hold_until: Some(at("2026-05-02T00:00:00Z")), ..sale(2) };
    let free = EarningsLine { hold_until: None, ..sale(3) };
    assert_eq!((earnings.accrue(early), earnings.accrue(free)), (Ok(Outcome::Applied), Ok(Outcome::Applied)));
    assert_eq!(earnings.data().hold_until, Some(at("2026-05-10T00:00:00Z")));
}

#[test]
fn a_period_stays_open_while_a_refund_a_dispute_or_a_fulfilment_is() {
    let now = at("2026-06-01T00:00:00Z");
    for open in [
        ClosingEvidence { pending_refunds: 1, ..ClosingEvidence::CLEAN },
        ClosingEvidence { open_disputes: 1, ..ClosingEvidence::CLEAN },
        ClosingEvidence { unprocessed_fulfilments: 1, ..ClosingEvidence::CLEAN },
    ] {
        let mut earnings = april_in(EarningsState::Accruing);
        refuses(&mut earnings, "earnings.not_settled", |period| period.close(&open, now));
        assert_eq!(earnings.close(&ClosingEvidence::CLEAN, now), Ok(Outcome::Applied));
    }
}

#[test]
fn a_period_waits_for_the_carry_of_the_one_before() {
    let now = at("2026-06-01T00:00:00Z");
    let after =
        |predecessor| ClosingEvidence { predecessor: Some(month(predecessor)), ..ClosingEvidence::CLEAN };
    let mut earnings = april_in(EarningsState::Accruing);
    refuses(&mut earnings, "earnings.predecessor_open", |period| period.close(&after("2026-03"), now));
    refuses(&mut earnings, "earnings.predecessor_open", |period| period.close(&after("2026-01"), now));
    assert_eq!(earnings.carry_in(line_id(9), month("2026-03"), usd("0"), now), Ok(Outcome::Applied));
    assert_eq!(earnings.close(&after("2026-03"), now), Ok(Outcome::Applied));
}

#[test]
fn a_deficit_opens_the_next_month_exactly_once() {
    let now = at("2026-05-10T00:00:00Z");
    for state in STATES {
        let mut earnings = april();
        let carry =
            |period: &mut ProviderEarnings, id| period.carry_in(line_id(id), month("2026-03"), usd("3"), now);
        assert_eq!(carry(&mut earnings, 1), Ok(Outcome::Applied));
        assert_eq!(earnings.accrue(sale(1)), Ok(Outcome::Applied));
        let after = ClosingEvidence { predecessor: Some(month("2026-03")), ..ClosingEvidence::CLEAN };
        if *state != EarningsState::Accruing {
            assert_eq!(earnings.close(&after, now), Ok(Outcome::Applied));
        }
        if *state == EarningsState::Paid {
            assert_eq!(earnings.mark_paid(Some(payout("po_1")), now), Ok(Outcome::Applied));
        }
        assert_eq!(carry(&mut earnings, 2), Ok(Outcome::AlreadyApplied));
        let totals = earnings.totals();
        assert_eq!((totals.opening_deficit, totals.net_payable), (usd("3"), usd("1.52")));
    }
}

#[test]
fn a_carry_comes_from_the_month_before_into_an_accruing_month() {
    let now = at("2026-05-10T00:00:00Z");
    for other in ["2026-02", "2026-04", "2026-05", "2025-03"] {
        let carry = |period: &mut ProviderEarnings| period.carry_in(line_id(1), month(other), usd("1"), now);
        refuses(&mut april(), "earnings.not_predecessor", carry);
    }
    let late = |period: &mut ProviderEarnings| period.carry_in(line_id(1), month("2026-03"), usd("1"), now);
    refuses(&mut april_in(EarningsState::Ready), "earnings.period_closed", late);
}

#[test]
fn what_is_due_is_paid_by_a_payout_and_nothing_by_none() {
    let now = at("2026-05-10T00:00:00Z");
    let mut due = april_in(EarningsState::Ready);
    refuses(&mut due, "earnings.payout_required", |period| period.mark_paid(None, now));
    assert_eq!(due.mark_paid(Some(payout("po_1")), now), Ok(Outcome::Applied));
    assert_eq!(due.mark_paid(Some(payout("po_1")), now), Ok(Outcome::AlreadyApplied));
    refuses(&mut due, "earnings.invalid_transition", |period| period.mark_paid(Some(payout("po_2")), now));
    refuses(&mut due, "earnings.invalid_transition", |period| period.close(&ClosingEvidence::CLEAN, now));

    let mut nothing = april();
    assert_eq!(nothing.close(&ClosingEvidence::CLEAN, now), Ok(Outcome::Applied));
    refuses(&mut nothing, "earnings.nothing_due", |period| period.mark_paid(Some(payout("po_1")), now));
    assert_eq!(nothing.mark_paid(None, now), Ok(Outcome::Applied));
    assert_eq!(nothing.mark_paid(None, now), Ok(Outcome::AlreadyApplied));
    assert_eq!(nothing.data().payout_id, None);
}

#[test]
fn events_tell_what_happened_in_order_and_survive_json() {
    let earnings = april_in(EarningsState::Paid);
    let topics: Vec<_> = earnings.pending().iter().map(DomainEvent::topic).collect();
    assert_eq!(
        topics,
        ["marketplace.earnings.accrued.v1", "marketplace.earnings.ready.v1", "marketplace.earnings.paid.v1"]
    );
    for event in earnings.pending() {
        let json = serde_json::to_value(event).unwrap();
        assert_eq!((&json["providerTenantId"], &json["periodMonth"]), (&"acme".into(), &"2026-04".into()));
        assert_eq!(serde_json::from_value::<EarningsEvent>(json).unwrap(), *event);
    }
}

#[test]
fn the_stored_form_has_the_seed_s_names_and_comes_back_equal() {
    let changes = april_in(EarningsState::Paid).into_changes();
    assert_eq!((changes.id.to_string().as_str(), changes.expected_version), ("acme:USD:2026-04", 0));
    let json = serde_json::to_value(&changes.data).unwrap();
    for name in [
        "providerTenantId",
        "currency",
        "periodMonth",
        "grossRevenue",
        "platformFee",
        "refunds",
        "taxesWithheld",
        "netPayable",
        "state",
        "payoutId",
    ] {
        assert!(json.get(name).is_some(), "{name}");
    }
    let data: EarningsData = serde_json::from_value(json).unwrap();
    assert_eq!(data, changes.data);
    let rows = serde_json::from_value(serde_json::to_value(&changes.rows).unwrap()).unwrap();
    let loaded = ProviderEarnings::rehydrate(data, rows, 3).unwrap();
    assert_eq!((loaded.version(), loaded.pending().len()), (3, 0));
    assert_eq!(loaded.lines().collect::<Vec<_>>(), [&sale(1)]);
}

#[test]
fn a_period_comes_back_with_some_of_its_lines_but_not_with_wrong_ones() {
    let mut earnings = april_in(EarningsState::Accruing);
    assert_eq!(earnings.accrue(sale(2)), Ok(Outcome::Applied));
    let Changes { data, rows, .. } = earnings.into_changes();
    assert_eq!(rows.len(), 2);
    let back = |data: &EarningsData, rows: &[EarningsLine]| {
        ProviderEarnings::rehydrate(data.clone(), rows.to_vec(), 1).map(|_| ()).map_err(|error| error.code())
    };
    let corrupt = Err("earnings.corrupt");
    assert_eq!((back(&data, &rows), back(&data, &rows[..1]), back(&data, &[])), (Ok(()), Ok(()), Ok(())));
    assert_eq!(back(&data, &[sale(1), sale(1)]), corrupt, "a line twice");
    assert_eq!(back(&data, &[sale(1), sale(2), sale(3)]), corrupt, "more than were counted");
    let dearer = EarningsLine { gross: usd("7.45"), net: usd("5.52"), ..sale(2) };
    assert_eq!(back(&data, &[sale(1), dearer]), corrupt, "other sums");
    assert_eq!(
        back(&data, &[EarningsLine { net: usd("1"), ..sale(1) }]),
        corrupt,
        "a line that does not add up"
    );
}

#[test]
fn a_root_that_breaks_a_rule_does_not_load() {
    let ready = april_in(EarningsState::Ready).into_changes().data;
    let broken: [fn(&mut EarningsData); 9] = [
        |data| data.totals.net_payable = data.totals.gross_revenue,
        |data| data.totals.closing_deficit = data.totals.gross_revenue,
        |data| data.key.currency = Currency::parse("EUR").unwrap(),
        |data| data.ready_at = None,
        |data| data.ready_at = Some(data.key.period_month.end()),
        |data| data.paid_at = data.ready_at,
        |data| data.payout_id = Some(payout("po_1")),
        |data| data.carried_from = Some(data.key.period_month),
        |data| data.state = EarningsState::Paid,
    ];
    assert!(ProviderEarnings::rehydrate(ready.clone(), Vec::new(), 1).is_ok());
    for (index, breaks) in broken.iter().enumerate() {
        let mut data = ready.clone();
        breaks(&mut data);
        assert!(ProviderEarnings::rehydrate(data, Vec::new(), 1).is_err(), "{index}");
    }
}

#[test]
fn a_key_s_text_reads_back_even_with_a_colon_in_the_tenant() {
    for tenant in ["acme", "urn:tenant:1", ":"] {
        let provider_tenant_id = TenantId::try_new(tenant).unwrap();
        let named = EarningsKey { provider_tenant_id, ..key("x:USD:2026-04") };
        assert_eq!(named.to_string().parse(), Ok(named));
    }
    for bad in ["", "USD:2026-04", ":USD:2026-04", "acme:XXX:2026-04", "acme:USD:2026-13", "acme:USD"] {
        assert_eq!(bad.parse::<EarningsKey>(), Err(EarningsKeyError), "{bad}");
    }
}

#[test]
fn lines_of_different_source_order_line_or_kind_have_different_keys() {
    let line = sale(1);
    let others = [
        EarningsLine { source_event_id: "evt_2".to_owned(), ..line.clone() },
        EarningsLine { order_line_id: None, ..line.clone() },
        EarningsLine { order_line_id: Some(OrderLineId::new(2.into())), ..line.clone() },
        EarningsLine { kind: LineKind::Refund, ..line.clone() },
    ];
    assert!(others.iter().all(|other| other.key() != line.key()));
    let serialised = |kind| serde_json::to_value(kind).unwrap();
    for kind in [LineKind::Sale, LineKind::Refund, LineKind::FeeReversal, LineKind::Tax, LineKind::Carry] {
        let key = EarningsLine { kind, ..line.clone() }.key();
        assert!(key.starts_with(serialised(kind).as_str().unwrap()), "{key}");
    }
}

fn anchored(count: u64) -> StatementAnchor {
    StatementAnchor {
        count,
        hash: crate::kernel::Hex([1; 32]),
        at: at("2026-04-21T00:00:00Z"),
        key_id: "key-1".to_owned(),
        signature: crate::kernel::Hex([2; 64]),
    }
}

#[test]
fn an_anchor_moves_forward_in_any_state_and_is_announced() {
    let mut earnings = april();
    let _ = earnings.accrue(sale(1)).unwrap();
    assert!(matches!(earnings.anchor(anchored(2)), Err(EarningsError::Corrupt(_))), "more than there are");
    assert_eq!(earnings.anchor(anchored(1)), Ok(Outcome::Applied));
    assert_eq!(earnings.anchor(anchored(1)), Ok(Outcome::AlreadyApplied));
    assert_eq!(earnings.pending().last().unwrap().topic(), "marketplace.statement.anchored.v1");
    let _ = earnings.accrue(sale(2)).unwrap();
    let _ = earnings.close(&ClosingEvidence::CLEAN, at("2026-06-01T00:00:00Z")).unwrap();
    assert_eq!(earnings.anchor(anchored(2)), Ok(Outcome::Applied));
    assert_eq!(earnings.data().anchor, Some(anchored(2)));
    earnings.check_invariants().unwrap();
}

#[test]
fn a_period_with_a_line_that_is_not_sealed_is_not_ready() {
    let mut earnings = april();
    let _ = earnings.accrue(sale(1)).unwrap();
    let _ = earnings.accrue(sale(2)).unwrap();
    let now = at("2026-06-01T00:00:00Z");
    let sealed = |sealed_lines| ClosingEvidence { sealed_lines, ..ClosingEvidence::CLEAN };
    let refused = earnings.close(&sealed(1), now).unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("earnings.not_sealed", Kind::Conflict));
    assert_eq!(earnings.state(), EarningsState::Accruing);
    assert_eq!(earnings.close(&sealed(2), now), Ok(Outcome::Applied));
}
