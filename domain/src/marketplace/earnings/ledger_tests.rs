//! Many periods of one provider: lines find their period, deficits move on, nothing is lost.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::kernel::{Currency, ListingId, OrderId, OrderLineId};

fn first_month() -> PeriodMonth {
    "2026-01".parse().unwrap()
}

/// What a step of a walk does. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Act {
    /// A sale fulfilled this many months after the first.
    Sell { month: u32, net: i64, bps: i64 },
    /// One of the sales is taken back.
    TakeBack { sale: usize, kept: bool },
    /// A line already entered arrives again.
    Redeliver { line: usize },
    /// Everything that can be closed by now is, in any order tried.
    Close,
    /// Everything ready is paid.
    Pay,
    /// Months go by.
    Wait { months: u32 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0_u32..4, 0_i64..100_000, 0_i64..=10_000).prop_map(|(month, net, bps)| Act::Sell { month, net, bps }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(sale, kept)| Act::TakeBack { sale, kept }),
        2 => any::<usize>().prop_map(|line| Act::Redeliver { line }),
        3 => Just(Act::Close),
        1 => Just(Act::Pay),
        2 => (1_u32..3).prop_map(|months| Act::Wait { months }),
    ]
}

struct Ledger {
    periods: BTreeMap<PeriodMonth, ProviderEarnings>,
    /// Every line entered and its period; carries excluded.
    entered: Vec<(PeriodMonth, EarningsLine)>,
    taken_back: Vec<OrderLineId>,
    now: Timestamp,
    next_id: u128,
}

impl Ledger {
    fn new() -> Self {
        let (periods, entered, taken_back) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { periods, entered, taken_back, now: first_month().start(), next_id: 1 }
    }

    fn id(&mut self) -> EarningsLineId {
        self.next_id += 1;
        EarningsLineId::new(self.next_id.into())
    }

    fn states(&self) -> Vec<(PeriodMonth, EarningsState)> {
        self.periods.iter().map(|(month, period)| (*month, period.state())).collect()
    }

    fn period(&mut self, period_month: PeriodMonth) -> &mut ProviderEarnings {
        let key = EarningsKey { period_month, ..format!("acme:USD:{period_month}").parse().unwrap() };
        let now = self.now;
        self.periods.entry(period_month).or_insert_with(|| ProviderEarnings::open(key, now))
    }

    fn enter(&mut self, month: PeriodMonth, line: EarningsLine) {
        assert_eq!(self.period(month).accrue(line.clone()), Ok(Outcome::Applied));
        self.entered.push((month, line));
    }

    fn run(&mut self, act: &Act) {
        match *act {
            Act::Sell { month, net, bps } => {
                let usd = Currency::parse("USD").unwrap();
                let money = |minor| Money::from_minor_units(minor, usd).unwrap();
                let fee = net * bps / 10_000;
                let id = self.id();
                let fulfilled_in = first_month().plus(month);
                let sold = SoldLine {
                    order_id: OrderId::new(id.ulid()),
                    order_line_id: OrderLineId::new(id.ulid()),
                    listing_id: ListingId::new(id.ulid()),
                    net: money(net),
                    fee_amount: money(fee),
                    provider_amount: money(net - fee),
                    platform_bps: u32::try_from(bps).unwrap(),
                    refund_deadline: Some(fulfilled_in.start().plus_days(u32::try_from(bps % 90).unwrap())),
                };
                let month = period_for_sale(&self.states(), fulfilled_in);
                self.enter(month, sold.sale(id, &format!("evt_{id}"), self.now));
            }
            Act::TakeBack { sale, kept } => {
                let sales: Vec<_> =
                    self.entered.iter().filter(|(_, l)| l.kind == LineKind::Sale).cloned().collect();
                let Some((of, line)) = sales.get(sale % sales.len().max(1)).cloned() else { return };
                let order_line = line.order_line_id.unwrap();
                if self.taken_back.contains(&order_line) {
                    return;
                }
                self.taken_back.push(order_line);
                let fee = if kept { FeeOnRefund::Kept } else { FeeOnRefund::Returned };
                let ids = [self.id(), self.id()];
                let month = period_for_debit(&self.states(), of);
                for debit in line.reversal(ids, &format!("evt_back_{}", line.id), fee, self.now) {
                    self.enter(month, debit);
                }
            }
            Act::Redeliver { line } => {
                let Some((month, line)) = self.entered.get(line % self.entered.len().max(1)).cloned() else {
                    return;
                };
                assert_eq!(self.period(month).accrue(line), Ok(Outcome::AlreadyApplied));
            }
            Act::Close => self.close_all(),
            Act::Pay => {
                let now = self.now;
                for period in
                    self.periods.values_mut().filter(|period| period.state() == EarningsState::Ready)
                {
                    let payout = (!period.nothing_due()).then(|| PayoutId::try_new("po_1").unwrap());
                    assert_eq!(period.mark_paid(payout, now), Ok(Outcome::Applied));
                }
            }
            Act::Wait { months } => self.now = self.now.plus_months(months),
        }
    }

    /// Tries to close every period, latest first, and posts the carry of each that closes, twice.
    fn close_all(&mut self) {
        let months: Vec<_> = self.periods.keys().rev().copied().collect();
        for month in months {
            let predecessor = self.periods.range(..month).next_back().map(|(month, _)| *month);
            let evidence = ClosingEvidence { predecessor, ..ClosingEvidence::CLEAN };
            let (id, now) = (self.id(), self.now);
            let period = self.period(month);
            if period.close(&evidence, now) == Ok(Outcome::Applied) {
                let deficit = period.totals().closing_deficit;
                let next = self.period(month.next());
                assert_eq!(next.carry_in(id, month, deficit, now), Ok(Outcome::Applied));
                assert_eq!(next.carry_in(id, month, deficit, now), Ok(Outcome::AlreadyApplied));
            }
        }
    }

    fn check(&self) {
        let mut open_seen = false;
        for period in self.periods.values() {
            assert_eq!(period.check_invariants(), Ok(()));
            let minor = |money: Money| i128::from(money.minor_units());
            let totals = period.totals();
            assert_eq!(
                minor(totals.net_payable) - minor(totals.closing_deficit),
                minor(totals.gross_revenue) + minor(totals.fee_reversed)
                    - minor(totals.platform_fee)
                    - minor(totals.refunds)
                    - minor(totals.taxes_withheld)
                    - minor(totals.opening_deficit)
            );
            assert!(totals.net_payable.is_zero() || totals.closing_deficit.is_zero());
            let open = period.state() == EarningsState::Accruing;
            assert!(open || !open_seen, "periods close in month order");
            open_seen |= open;
        }
        // A closed period's deficit is the next one's opening: only an open one's is still a deficit.
        let payable: i128 =
            self.periods.values().map(|p| i128::from(p.totals().net_payable.minor_units())).sum();
        let open = self.periods.values().filter(|period| period.state() == EarningsState::Accruing);
        let deficit: i128 = open.map(|p| i128::from(p.totals().closing_deficit.minor_units())).sum();
        let lines: i128 = self.entered.iter().map(|(_, line)| signed_net(line)).sum();
        assert_eq!(payable - deficit, lines, "every cent of the lines is payable or a deficit, once");
    }
}

fn signed_net(line: &EarningsLine) -> i128 {
    let net = i128::from(line.net.minor_units());
    match line.kind {
        LineKind::Sale | LineKind::FeeReversal => net,
        LineKind::Refund | LineKind::Tax | LineKind::Carry => -net,
    }
}

proptest! {
    #[test]
    fn over_many_months_every_cent_is_paid_or_owed_once(acts in prop::collection::vec(act(), 1..60)) {
        let mut ledger = Ledger::new();
        for act in &acts {
            ledger.run(act);
            ledger.check();
        }
    }

    #[test]
    fn a_line_goes_to_its_month_while_that_accrues_and_never_into_a_closed_one(
        closed in 0_u32..6,
        gaps in prop::collection::vec(any::<bool>(), 6),
        month in 0_u32..14,
    ) {
        // Closed months first, then some of the following six accruing: what strict closing allows.
        let mut periods: Vec<_> = (0..closed).map(|n| (first_month().plus(n), EarningsState::Paid)).collect();
        let accruing = (closed..).zip(&gaps).filter(|(_, there)| **there);
        periods.extend(accruing.map(|(n, _)| (first_month().plus(n), EarningsState::Accruing)));
        let month = first_month().plus(month);
        let state_of = |month| periods.iter().find(|(m, _)| *m == month).map(|(_, state)| *state);

        for chosen in [period_for_sale(&periods, month), period_for_debit(&periods, month)] {
            prop_assert!(chosen >= month);
            prop_assert!(!matches!(state_of(chosen), Some(EarningsState::Ready | EarningsState::Paid)));
            prop_assert!(state_of(month) != Some(EarningsState::Accruing) || chosen == month);
        }
        if month >= first_month().plus(closed) {
            prop_assert_eq!(period_for_sale(&periods, month), month, "a later month is opened for its sales");
        }
        let earliest = periods.iter().filter(|(m, s)| *m >= month && *s == EarningsState::Accruing).map(|(m, _)| *m).min();
        let debit = period_for_debit(&periods, month);
        prop_assert_eq!(state_of(debit), earliest.map(|_| EarningsState::Accruing), "created when absent");
        prop_assert!(earliest.is_none_or(|open| debit == open));
    }
}
