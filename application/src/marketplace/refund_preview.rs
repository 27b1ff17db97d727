//! What a refund would do, told before it is asked for (marketplace.md 10.1).
//!
//! Everything comes from where the refund itself takes it: the rules and amounts from the order, the seats
//! from the licences and enrollment, the debits from the accrued sales.

use std::collections::BTreeSet;

use sarai_domain::{
    kernel::{
        Aggregate, Currency, Money, MoneyError, OrderId, OrderLineId, PeriodMonth, TenantId, Timestamp,
        UserId,
    },
    marketplace::{
        earnings::{LineKind, period_for_debit},
        license::{License, LicenseState, SeatStatus},
        order::RefundedLine,
        services::refund_eligibility::{RefundEligibilityPolicy, RefundRefusal},
    },
};
use sarai_ports::Scope;

use super::orders::Orders;
use crate::{AppError, Call};

/// What a refund of some lines would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundPreview {
    /// The order.
    pub order_id: OrderId,
    /// The currency of every amount.
    pub currency: Currency,
    /// Every rule that forbids it to the buyer; none: it may be asked for.
    pub failed_rules: Vec<RefundRefusal>,
    /// The lines that would go back.
    pub lines: Vec<PreviewedLine>,
    /// What the buyer would get.
    pub amount: Money,
    /// Whether no line would be left.
    pub full: bool,
    /// What the providers would lose.
    pub debits: Vec<ProviderDebit>,
}

/// A line that would go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedLine {
    /// Its frozen amounts.
    pub line: RefundedLine,
    /// The last instant at which the buyer may return it; none before it is paid.
    pub refund_deadline: Option<Timestamp>,
    /// Whether no rule about this line forbids it.
    pub eligible: bool,
    /// What would become of its seats.
    pub seats: SeatsTouched,
}

/// The seats of a line's active licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeatsTouched {
    /// Taken now: all of them end.
    pub active: u32,
    /// Of these, how many stay marked as consumed; none while enrollment cannot say.
    pub consumed: Option<u32>,
}

/// What one provider would lose by one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderDebit {
    /// The provider.
    pub provider_tenant_id: TenantId,
    /// The line.
    pub order_line_id: OrderLineId,
    /// The sale that is taken back.
    pub gross: Money,
    /// What of the platform's fee comes back to the provider.
    pub fee_reversed: Money,
    /// `gross - feeReversed`.
    pub net: Money,
    /// The month it would be entered in.
    pub period_month: PeriodMonth,
}

impl Orders {
    /// What returning these lines, or all that are left, would do now.
    ///
    /// # Errors
    /// `not_found`. A rule that forbids the refund is no error here: the preview lists it.
    pub async fn refund_preview(
        &self,
        call: &Call,
        id: OrderId,
        lines: Option<&[OrderLineId]>,
    ) -> Result<RefundPreview, AppError> {
        let order = self.get(call, id).await?;
        let (attempts, now) = (self.attempts(&order, lines).await?, self.ports.now());
        let failed_rules = RefundEligibilityPolicy::refusals(&order, lines, &attempts, now);
        let plan = order.refund_amounts(lines)?;
        let licenses = self
            .ports
            .licenses
            .find_by_order(&Scope::Within(order.data().buyer_tenant_id.clone()), id)
            .await?;
        let (mut previewed, mut debits) = (Vec::new(), Vec::new());
        for (line, frozen) in order.returnable(lines).zip(plan.lines) {
            let of_line = licenses.iter().filter(|license| license.data().order_line_id == Some(line.id));
            debits.extend(self.debit(&frozen, now).await?);
            previewed.push(PreviewedLine {
                refund_deadline: line.refund_deadline,
                eligible: failed_rules.iter().all(|rule| rule.line() != Some(line.id)),
                seats: self.seats_touched(of_line).await?,
                line: frozen,
            });
        }
        Ok(RefundPreview {
            order_id: id,
            currency: order.data().currency,
            failed_rules,
            lines: previewed,
            amount: plan.amount,
            full: plan.full,
            debits,
        })
    }

    /// As the revocation will settle them: only what is active is taken back.
    async fn seats_touched<'a>(
        &self,
        licenses: impl Iterator<Item = &'a License> + Send,
    ) -> Result<SeatsTouched, AppError> {
        let mut touched = SeatsTouched { active: 0, consumed: Some(0) };
        let revoked = licenses.filter(|license| license.data().state == LicenseState::Active);
        let revoked: Vec<_> = revoked.map(Aggregate::id).collect();
        for id in revoked {
            // An order's licences come without their seats.
            let found = self.ports.licenses.find(&Scope::System, &id).await?;
            let license = found.ok_or_else(|| AppError::not_found("licence"))?;
            let data = license.data();
            let seats = license.seats().filter(|seat| seat.status == SeatStatus::Active);
            let users: BTreeSet<UserId> = seats.map(|seat| seat.user_id.clone()).collect();
            if users.is_empty() {
                continue;
            }
            let gateway = &self.ports.enrollment;
            let consumed = gateway.consumed(&data.tenant_id, &data.course_id, &users).await.ok();
            let consumed = consumed.map(|consumed| count(users.intersection(&consumed).count()));
            touched.active = touched.active.saturating_add(count(users.len()));
            touched.consumed =
                touched.consumed.zip(consumed).map(|(before, more)| before.saturating_add(more));
        }
        Ok(touched)
    }

    async fn debit(&self, line: &RefundedLine, now: Timestamp) -> Result<Option<ProviderDebit>, AppError> {
        let reversal =
            self.ports.reversal_of(&line.provider_tenant_id, line.order_line_id, "preview", now).await?;
        let Some((key, debits)) = reversal else { return Ok(None) };
        let periods = self.ports.earnings.periods(&key.provider_tenant_id, key.currency).await?;
        let of_kind = |kind| {
            let amounts = debits.iter().filter(|debit| debit.kind == kind).map(|debit| &debit.net);
            Money::sum(key.currency, amounts)
        };
        let debit = || -> Result<ProviderDebit, MoneyError> {
            let (gross, fee_reversed) = (of_kind(LineKind::Refund)?, of_kind(LineKind::FeeReversal)?);
            Ok(ProviderDebit {
                provider_tenant_id: key.provider_tenant_id.clone(),
                order_line_id: line.order_line_id,
                gross,
                fee_reversed,
                net: gross.checked_sub(&fee_reversed)?,
                period_month: period_for_debit(&periods, key.period_month),
            })
        };
        Ok(Some(debit()?))
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
