//! What a provider is owed for one month in one currency (seed 002, 3.6; marketplace.md 6).
//!
//! A period collects append-only lines while it accrues, becomes ready when nothing can change it any more,
//! and is paid. Its states are [`TRANSITIONS`]; which period a line goes to is decided by
//! [`period_for_sale`] and [`period_for_debit`]; what the lines say by [`SoldLine`].
//!
//! The seed gives this aggregate no invariant ids. What always holds of it ([`ProviderEarnings::check_invariants`]):
//! - `netPayable - closingDeficit = grossRevenue + feeReversed - platformFee - refunds - taxesWithheld -
//!   openingDeficit`, and one of the two is zero: money is never negative, a shortfall is a deficit
//! - the totals are the sums of the lines; a line enters once per (source event, order line, kind)
//! - nothing changes after ready; a predecessor's closing deficit is opened exactly once

mod check;
mod error;
mod event;
mod evidence;
mod key;
mod line;
mod period;
pub mod statement;
mod status;
mod totals;

#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{
    Aggregate, Changes, EarningsLineId, LastTransition, Money, Outcome, PayoutId, PeriodMonth, Root, Row,
    Step, Timestamp, require, step,
};

pub use error::EarningsError;
pub use event::EarningsEvent;
pub use evidence::ClosingEvidence;
pub use key::{EarningsKey, EarningsKeyError};
pub use line::{EarningsLine, FeeOnRefund, LineKind, SoldLine};
pub use period::{period_for_debit, period_for_sale};
pub use statement::{StatementAnchor, StatementHead, StatementLine, StatementRow};
pub use status::{ACTIONS, EarningsAction, EarningsState, STATES, TERMINAL, TRANSITIONS};
pub use totals::EarningsTotals;

/// A period's stored document. The lines are rows of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarningsData {
    /// Provider, currency, month: the seed's `providerTenantId`, `currency`, `periodMonth`.
    #[serde(flatten)]
    pub key: EarningsKey,
    /// The sums of the lines, in the key's currency.
    #[serde(flatten)]
    pub totals: EarningsTotals,
    /// Where it is in its life.
    pub state: EarningsState,
    /// Billing's payout; none unless paid, and none when nothing was due.
    pub payout_id: Option<PayoutId>,
    /// How many lines there are.
    pub line_count: u64,
    /// The latest refund deadline of its sales: it is not ready before.
    pub hold_until: Option<Timestamp>,
    /// The month whose closing deficit it opened with, once posted.
    pub carried_from: Option<PeriodMonth>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub ready_at: Option<Timestamp>,
    /// When it was paid, or found to owe nothing.
    pub paid_at: Option<Timestamp>,
    /// The latest head of its statement's chain that was signed and published.
    pub anchor: Option<StatementAnchor>,
    /// What produced the current state.
    pub last_transition: Option<LastTransition<EarningsAction>>,
}

/// One provider's earnings of one month in one currency.
///
/// ```
/// use sarai_domain::{
///     kernel::{Currency, Money, PayoutId, TenantId, Timestamp},
///     marketplace::earnings::{ClosingEvidence, EarningsKey, EarningsState, ProviderEarnings, SoldLine},
/// };
/// let usd = Currency::parse("USD")?;
/// let sold_at: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let closed_at: Timestamp = "2026-05-20T00:00:00Z".parse()?;
/// let key = EarningsKey {
///     provider_tenant_id: TenantId::try_new("acme")?,
///     currency: usd,
///     period_month: "2026-04".parse()?,
/// };
/// let sold = SoldLine {
///     order_id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     order_line_id: "oln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     listing_id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     net: Money::parse("6.45", usd)?,
///     fee_amount: Money::parse("1.93", usd)?,
///     provider_amount: Money::parse("4.52", usd)?,
///     platform_bps: 3_000,
///     refund_deadline: Some("2026-05-04T09:30:00Z".parse()?),
/// };
/// let mut earnings = ProviderEarnings::open(key, sold_at);
/// let _ = earnings.accrue(sold.sale("ern_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?, "evt_1", sold_at))?;
/// assert!(earnings.close(&ClosingEvidence::CLEAN, "2026-05-01T00:00:00Z".parse()?).is_err(), "refundable");
/// let _ = earnings.close(&ClosingEvidence::CLEAN, closed_at)?;
/// let _ = earnings.mark_paid(Some(PayoutId::try_new("po_1")?), closed_at)?;
/// assert_eq!(earnings.state(), EarningsState::Paid);
/// assert_eq!(earnings.totals().net_payable.to_string(), "4.52");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProviderEarnings {
    root: Root<EarningsData, EarningsEvent, EarningsLine>,
    /// The loaded lines by [`Row::key`]: all, or those of the order lines a command is about.
    lines: BTreeMap<String, EarningsLine>,
}

impl Aggregate for ProviderEarnings {
    type Id = EarningsKey;
    type Data = EarningsData;
    type Row = EarningsLine;
    type Event = EarningsEvent;
    type Error = EarningsError;

    const NAME: &'static str = "provider_earnings";

    fn rehydrate(data: EarningsData, rows: Vec<EarningsLine>, version: u64) -> Result<Self, EarningsError> {
        require::<Self>(&data, &rows)?;
        let given = rows.len();
        let lines: BTreeMap<_, _> = rows.into_iter().map(|line| (line.key(), line)).collect();
        if lines.len() != given {
            return Err(EarningsError::Corrupt("a line is there twice"));
        }
        Ok(Self { root: Root::stored(data, version), lines })
    }

    fn id(&self) -> EarningsKey {
        self.data().key.clone()
    }

    fn data(&self) -> &EarningsData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.id();
        self.root.into_changes(id)
    }
}

impl ProviderEarnings {
    /// An empty period. It announces nothing: it is saved together with its first line.
    pub fn open(key: EarningsKey, now: Timestamp) -> Self {
        let data = EarningsData {
            totals: EarningsTotals::zero(key.currency),
            key,
            state: EarningsState::Accruing,
            payout_id: None,
            line_count: 0,
            hold_until: None,
            carried_from: None,
            opened_at: now,
            ready_at: None,
            paid_at: None,
            anchor: None,
            last_transition: None,
        };
        Self { root: Root::new(data), lines: BTreeMap::new() }
    }

    /// Enters a line; the same (source event, order line, kind) again is already applied, in any state.
    ///
    /// The rows of the line's order line must be loaded. That it is in no *other* period of the provider is
    /// the store's unique key on the same three: look there before choosing a period.
    ///
    /// # Errors
    /// [`EarningsError::PeriodClosed`] unless accruing: choose the period again and enter it there.
    /// [`EarningsError::AlreadyReversed`] for a second refund of one order line, whatever its source.
    /// [`EarningsError::LineInconsistent`] when its amounts do not fit its kind, or for a carry (see
    /// [`ProviderEarnings::carry_in`]); [`EarningsError::Money`] for another currency.
    pub fn accrue(&mut self, line: EarningsLine) -> Result<Outcome, EarningsError> {
        if self.lines.contains_key(&line.key()) {
            return Ok(Outcome::AlreadyApplied);
        }
        self.accept(EarningsAction::Accrue)?;
        if line.kind == LineKind::Carry {
            return Err(EarningsError::LineInconsistent(line.kind));
        }
        if line.kind.reverses() && self.has_line_like(&line) {
            return Err(EarningsError::AlreadyReversed { order_line_id: line.order_line_id });
        }
        self.post(line)
    }

    /// Opens this period with the closing deficit of the month before it, zero included, exactly once.
    ///
    /// # Errors
    /// [`EarningsError::NotPredecessor`] for any other month, [`EarningsError::PeriodClosed`] unless
    /// accruing, [`EarningsError::Money`] for another currency.
    pub fn carry_in(
        &mut self,
        id: EarningsLineId,
        from: PeriodMonth,
        deficit: Money,
        now: Timestamp,
    ) -> Result<Outcome, EarningsError> {
        let period = self.data().key.period_month;
        if from.next() != period {
            return Err(EarningsError::NotPredecessor { from, period });
        }
        if self.data().carried_from == Some(from) {
            return Ok(Outcome::AlreadyApplied);
        }
        self.accept(EarningsAction::Carry)?;
        let outcome = self.post(EarningsLine::carry(id, from, deficit, now))?;
        self.root.data.carried_from = Some(from);
        Ok(outcome)
    }

    /// Closes the period: from here on nothing in it changes.
    ///
    /// # Errors
    /// [`EarningsError::MonthNotOver`], [`EarningsError::Held`] before the latest refund deadline,
    /// [`EarningsError::NotSettled`] while a refund, dispute or fulfilment is open,
    /// [`EarningsError::PredecessorOpen`] until the earlier period's carry is posted,
    /// [`EarningsError::NotSealed`] while a line is not sealed, [`EarningsError::InvalidTransition`] when paid.
    pub fn close(&mut self, evidence: &ClosingEvidence, now: Timestamp) -> Result<Outcome, EarningsError> {
        let data = &self.root.data;
        let last = data.last_transition.as_ref();
        let Step::To(to) = step(TRANSITIONS, data.state, EarningsAction::Close, None, last)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let ends_at = data.key.period_month.end();
        if now < ends_at {
            return Err(EarningsError::MonthNotOver { ends_at });
        }
        if let Some(until) = data.hold_until.filter(|until| now < *until) {
            return Err(EarningsError::Held { until });
        }
        if !evidence.is_settled() {
            return Err(EarningsError::NotSettled(*evidence));
        }
        if let Some(predecessor) = evidence.predecessor.filter(|month| data.carried_from != Some(*month)) {
            return Err(EarningsError::PredecessorOpen { predecessor });
        }
        if evidence.sealed_lines < data.line_count {
            return Err(EarningsError::NotSealed { lines: data.line_count, sealed: evidence.sealed_lines });
        }
        self.enter(to, EarningsAction::Close, None);
        self.root.data.ready_at = Some(now);
        let (key, totals) = (self.id(), *self.totals());
        self.root.record(EarningsEvent::Ready { key, totals, ready_at: now });
        Ok(Outcome::Applied)
    }

    /// Notes billing's payout of `netPayable`, or with none that nothing was due.
    ///
    /// # Errors
    /// [`EarningsError::PayoutRequired`] without a payout when something is due,
    /// [`EarningsError::NothingDue`] with one when nothing is, [`EarningsError::InvalidTransition`] unless
    /// ready, or when paid by another payout.
    pub fn mark_paid(&mut self, payout: Option<PayoutId>, now: Timestamp) -> Result<Outcome, EarningsError> {
        let data = &self.root.data;
        let (last, argument) = (data.last_transition.as_ref(), payout.as_ref().map(PayoutId::as_str));
        let Step::To(to) = step(TRANSITIONS, data.state, EarningsAction::MarkPaid, argument, last)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        match (&payout, self.nothing_due()) {
            (None, false) => return Err(EarningsError::PayoutRequired { due: data.totals.net_payable }),
            (Some(_), true) => return Err(EarningsError::NothingDue),
            (Some(_), false) | (None, true) => {}
        }
        self.enter(to, EarningsAction::MarkPaid, payout.as_ref().map(ToString::to_string));
        self.root.data.paid_at = Some(now);
        self.root.data.payout_id.clone_from(&payout);
        let (key, net_payable) = (self.id(), self.totals().net_payable);
        self.root.record(EarningsEvent::Paid { key, net_payable, payout_id: payout, paid_at: now });
        Ok(Outcome::Applied)
    }

    /// Notes a head of its statement's chain that was signed, and publishes it. It changes no amount, so a closed
    /// period takes it too; a head that is not further than the latest changes nothing.
    ///
    /// # Errors
    /// [`EarningsError::Corrupt`] for more lines than there are.
    pub fn anchor(&mut self, anchor: StatementAnchor) -> Result<Outcome, EarningsError> {
        let data = &mut self.root.data;
        if anchor.count > data.line_count {
            return Err(EarningsError::Corrupt("no more lines are anchored than were counted"));
        }
        if data.anchor.as_ref().is_some_and(|latest| latest.count >= anchor.count) {
            return Ok(Outcome::AlreadyApplied);
        }
        data.anchor = Some(anchor.clone());
        let key = data.key.clone();
        self.root.record(EarningsEvent::Anchored { key, anchor });
        Ok(Outcome::Applied)
    }

    /// Where it is in its life.
    pub fn state(&self) -> EarningsState {
        self.data().state
    }

    /// The sums of its lines.
    pub fn totals(&self) -> &EarningsTotals {
        &self.data().totals
    }

    /// Whether `netPayable` is zero: closed like this, it is paid without a payout.
    pub fn nothing_due(&self) -> bool {
        self.totals().net_payable.is_zero()
    }

    /// The loaded lines, by [`Row::key`].
    pub fn lines(&self) -> impl Iterator<Item = &EarningsLine> {
        self.lines.values()
    }

    /// What has happened since it was loaded.
    pub fn pending(&self) -> &[EarningsEvent] {
        self.root.pending()
    }

    /// Refuses what only an accruing period takes.
    fn accept(&self, action: EarningsAction) -> Result<(), EarningsError> {
        let (period, state) = (self.data().key.period_month, self.state());
        match step(TRANSITIONS, state, action, None, None) {
            Ok(_) => Ok(()),
            Err(_) => Err(EarningsError::PeriodClosed { period, state }),
        }
    }

    /// Whether a loaded line has this one's kind and order line. O(log n): keys begin with the two.
    fn has_line_like(&self, line: &EarningsLine) -> bool {
        let prefix = line.key_prefix();
        self.lines.range(prefix.clone()..).next().is_some_and(|(key, _)| key.starts_with(&prefix))
    }

    /// Adds a line to the totals, the rows and the events; changes nothing when it does not fit.
    fn post(&mut self, line: EarningsLine) -> Result<Outcome, EarningsError> {
        if !line.is_consistent() {
            return Err(EarningsError::LineInconsistent(line.kind));
        }
        let data = &mut self.root.data;
        data.totals = data.totals.with(&line)?;
        data.line_count = data.line_count.saturating_add(1);
        data.hold_until = data.hold_until.max(line.hold_until);
        let key = data.key.clone();
        self.root.write_row(line.clone());
        self.lines.insert(line.key(), line.clone());
        self.root.record(EarningsEvent::Accrued { key, line });
        Ok(Outcome::Applied)
    }

    fn enter(&mut self, state: EarningsState, action: EarningsAction, argument: Option<String>) {
        self.root.data.state = state;
        self.root.data.last_transition = Some(LastTransition { action, argument });
    }
}
