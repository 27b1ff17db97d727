//! What holds of every stored coupon and its uses, one row a rule.
//!
//! C-INV-3 holds by the type of [`Discount`]: a document that breaks it cannot be read.

use std::collections::BTreeSet;

use super::{Coupon, CouponData, CouponError, CouponRedemption, data::provider};
use crate::{
    kernel::{Audited, Rule, require},
    marketplace::{
        invariants::{C_INV_2, C_INV_4, C_INV_5},
        values::Discount,
    },
};

type Result = std::result::Result<(), CouponError>;

impl Audited for Coupon {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::ours(        |data, _| own_scope(data)),
        Rule::<Self>::ours(        |data, _| window(data)),
        Rule::<Self>::ours(        |data, _| caps(data)),
        Rule::<Self>::of(C_INV_2,  |data, _| under_the_cap(data)),
        Rule::<Self>::ours(        own_uses),
        Rule::<Self>::ours(        one_use_a_slot),
        Rule::<Self>::of(C_INV_2,  |data, rows| holds(counted(rows) <= data.usage_count, "usageCount is less than its uses")),
        Rule::<Self>::of(C_INV_2,  |data, rows| holds(counted(rows) == data.usage_count, "usageCount is not the number of its uses")).whole(),
        Rule::<Self>::of(C_INV_2,  one_use_an_order).whole(),
        Rule::<Self>::of(C_INV_4,  one_currency).whole(),
        Rule::<Self>::of(C_INV_5,  |data, rows| holds(rows.iter().all(|row| was_redeemable(data, row)), "a use was taken while it could not be")).whole(),
    ];
}

impl CouponData {
    /// What the document alone can show to be broken.
    pub(super) fn check(&self) -> Result {
        require::<Coupon>(self, &[])
    }
}

impl Coupon {
    /// What must hold of the root and of the uses loaded (R81).
    ///
    /// # Errors
    /// The first [`CouponError`] found.
    pub fn check_invariants(&self) -> Result {
        let rows: Vec<CouponRedemption> = self.redemptions.values().cloned().collect();
        require::<Self>(&self.root.data, &rows)
    }
}

fn holds(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(CouponError::Inconsistent(what)) }
}

fn own_scope(data: &CouponData) -> Result {
    if provider(&data.owner).is_some_and(|owner| data.provider_scope.as_ref() != Some(owner)) {
        return Err(CouponError::ForeignProviderScope);
    }
    Ok(())
}

fn window(data: &CouponData) -> Result {
    if data.valid_until.is_some_and(|valid_until| valid_until < data.valid_from) {
        return Err(CouponError::EmptyWindow);
    }
    Ok(())
}

fn caps(data: &CouponData) -> Result {
    if data.usage_cap == Some(0) || data.per_user_cap == Some(0) { Err(CouponError::ZeroCap) } else { Ok(()) }
}

fn under_the_cap(data: &CouponData) -> Result {
    match data.usage_cap {
        Some(cap) if cap < data.usage_count => {
            Err(CouponError::CapBelowUsage { cap, used: data.usage_count })
        }
        Some(_) | None => Ok(()),
    }
}

fn own_uses(data: &CouponData, rows: &[CouponRedemption]) -> Result {
    holds(rows.iter().all(|row| row.coupon_id == data.id), "a use of another coupon")
}

fn one_use_a_slot(_: &CouponData, rows: &[CouponRedemption]) -> Result {
    let mut slots = BTreeSet::new();
    let mut taken = rows.iter().filter(|row| row.counts()).filter_map(|row| Some((&row.user_id, row.slot?)));
    holds(taken.all(|slot| slots.insert(slot)), "two uses in one slot of a user")
}

fn counted(rows: &[CouponRedemption]) -> u32 {
    u32::try_from(rows.iter().filter(|row| row.counts()).count()).unwrap_or(u32::MAX)
}

fn one_use_an_order(_: &CouponData, rows: &[CouponRedemption]) -> Result {
    let mut orders = BTreeSet::new();
    holds(rows.iter().all(|row| orders.insert(row.order_id)), "two uses of one order")
}

/// A fixed discount was taken off orders in its own currency.
fn one_currency(data: &CouponData, rows: &[CouponRedemption]) -> Result {
    let Discount::Fixed { amount } = data.discount else { return Ok(()) };
    match rows.iter().map(|row| row.amount.currency()).find(|order| *order != amount.currency()) {
        Some(order) => Err(CouponError::CurrencyMismatch { coupon: amount.currency(), order }),
        None => Ok(()),
    }
}

/// A use was taken inside the window of that time. Of a row that is older than this evidence only the
/// beginning is known: while a use holds, it cannot be changed.
fn was_redeemable(data: &CouponData, row: &CouponRedemption) -> bool {
    match &row.reserved_under {
        Some(seen) => seen.admits(row.reserved_at),
        None => !row.status.holds() || row.reserved_at >= data.valid_from,
    }
}
