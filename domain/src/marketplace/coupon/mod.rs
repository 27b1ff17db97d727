//! Coupon: a code that takes something off an order (seed 002, 3.4; marketplace.md 4; rulings R53 to R55).
//!
//! A **use** of a coupon is one row per order, [`CouponRedemption`]: reserved before the order may leave
//! `created`, confirmed when it is paid, released when it fails.
//!
//! Invariants: C-INV-1 ([`CodeKey`]), C-INV-2 and C-INV-5 ([`Coupon::reserve`]), C-INV-3 (`Discount`),
//! C-INV-4 (pricing, and again [`Coupon::reserve`]).
//! Tables: [`status::TRANSITIONS`] and [`redemption::TRANSITIONS`].

mod check;
mod code_key;
mod data;
mod error;
mod event;
mod input;
pub mod redemption;
pub mod status;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use code_key::{CodeKey, code_keys, resolve_code};
pub use data::CouponData;
pub use error::CouponError;
pub use event::{CouponEvent, CouponUse};
pub use input::{CouponEdit, NewCoupon, NewRedemption};
pub use redemption::{CouponRedemption, RedemptionAction, RedemptionEvidence, RedemptionStatus};
pub use status::{CouponAction, CouponStatus};
pub use terms::CouponTerms;

use super::values::Discount;
use crate::kernel::{
    Aggregate, Changes, CouponId, LastTransition, OrderId, Outcome, Root, Step, TenantId, Timestamp, UserId,
    require, step,
};

/// A coupon and the uses loaded with it.
///
/// ```
/// use sarai_domain::{
///     kernel::{Aggregate, CouponId, Currency, Money, OrderId, Outcome, RedemptionId, TenantId, Timestamp, UserId},
///     marketplace::{coupon::*, values::{Discount, Owner}},
/// };
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let mut coupon = Coupon::create(
///     NewCoupon {
///         id: "cpn_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         owner: Owner::Platform,
///         code: " spring-26".parse()?,
///         discount: Discount::percent(10)?,
///         usage_cap: Some(1),
///         per_user_cap: None,
///         valid_from: None,
///         valid_until: None,
///         tenant_scope: None,
///         provider_scope: None,
///     },
///     now,
/// )?;
/// coupon.check(&TenantId::try_new("buyer")?, now)?;
///
/// let order: OrderId = "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
/// let hold = NewRedemption {
///     id: "red_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     order_id: order,
///     user_id: UserId::try_new("usr-1")?,
///     amount: Money::parse("1.99", Currency::parse("USD")?)?,
///     expires_at: now.plus_days(1),
/// };
/// assert_eq!(coupon.reserve(hold.clone(), now)?, Outcome::Applied);
/// assert_eq!(coupon.reserve(hold, now)?, Outcome::AlreadyApplied);
/// assert_eq!(coupon.confirm(order, now)?, Outcome::Applied);
/// assert_eq!(coupon.deactivate()?, Outcome::Applied);
/// assert_eq!((coupon.data().code.as_str(), coupon.data().usage_count), ("SPRING-26", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Coupon {
    root: Root<CouponData, CouponEvent, CouponRedemption>,
    redemptions: BTreeMap<OrderId, CouponRedemption>,
}

/// Where a use fits under the caps.
struct Place {
    usage_count: u32,
    slot: Option<u32>,
}

impl Coupon {
    /// A new, active coupon. A provider's coupon is scoped to that provider (R55).
    ///
    /// # Errors
    /// [`CouponError`] for a scope that is not its owner's, a window that never opens, or a cap of zero.
    pub fn create(new: NewCoupon, now: Timestamp) -> Result<Self, CouponError> {
        let data = CouponData {
            id: new.id,
            provider_scope: new.provider_scope.or_else(|| data::provider(&new.owner).cloned()),
            owner: new.owner,
            code: new.code,
            tenant_scope: new.tenant_scope,
            discount: new.discount,
            usage_cap: new.usage_cap,
            usage_count: 0,
            per_user_cap: new.per_user_cap,
            valid_from: new.valid_from.unwrap_or(now),
            valid_until: new.valid_until,
            active: true,
            ever_confirmed: false,
            last_transition: None,
            created_at: now,
        };
        data.check()?;
        let created = CouponEvent::Created {
            coupon_id: data.id,
            owner: data.owner.clone(),
            fields: CouponEdit::from(&data),
        };
        let mut root = Root::new(data);
        root.record(created);
        Ok(Self { root, redemptions: BTreeMap::new() })
    }

    /// Sets the editable fields; begin with [`CouponEdit::from`] and change what is asked for.
    ///
    /// The caps and the end of the window can always be set. The rest is free until the coupon is used: it
    /// is frozen while a use holds, and for ever once one was confirmed.
    ///
    /// # Errors
    /// `coupon.frozen`, `coupon.cap_below_usage` (C-INV-2), and those of [`Coupon::create`].
    pub fn edit(&mut self, edit: CouponEdit) -> Result<Outcome, CouponError> {
        let current = &self.root.data;
        let before = CouponEdit::from(current);
        if edit == before {
            return Ok(Outcome::AlreadyApplied);
        }
        let used = current.usage_count > 0 || current.ever_confirmed;
        if let Some(field) = edit.first_frozen_difference(&before).filter(|_| used) {
            return Err(CouponError::Frozen { field });
        }
        let fields = edit.clone();
        let data = CouponData {
            code: edit.code,
            discount: edit.discount,
            tenant_scope: edit.tenant_scope,
            provider_scope: edit.provider_scope,
            usage_cap: edit.usage_cap,
            per_user_cap: edit.per_user_cap,
            valid_from: edit.valid_from,
            valid_until: edit.valid_until,
            ..current.clone()
        };
        data.check()?;
        self.root.record(CouponEvent::Edited { coupon_id: data.id, owner: data.owner.clone(), fields });
        self.root.data = data;
        Ok(Outcome::Applied)
    }

    /// Ends it for new orders; uses that hold stay.
    ///
    /// # Errors
    /// `coupon.invalid_transition` when the table has no such edge.
    pub fn deactivate(&mut self) -> Result<Outcome, CouponError> {
        let (data, action) = (&mut self.root.data, CouponAction::Deactivate);
        match step(status::TRANSITIONS, data.status(), action, None, data.last_transition.as_ref())? {
            Step::AlreadyApplied => return Ok(Outcome::AlreadyApplied),
            Step::To(next) => data.active = next == CouponStatus::Active,
        }
        data.last_transition = Some(LastTransition { action, argument: None });
        let event = CouponEvent::Deactivated { coupon_id: data.id, owner: data.owner.clone() };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// Holds one use for an order: once per order, whatever its lines, whether or not there is a cap.
    ///
    /// The order again is already applied while its use holds. A released use can be taken again.
    ///
    /// # Errors
    /// C-INV-5, C-INV-2 (`coupon.exhausted`), `coupon.user_cap_reached`, C-INV-4 for the amount.
    pub fn reserve(&mut self, new: NewRedemption, now: Timestamp) -> Result<Outcome, CouponError> {
        let known = self.redemptions.get(&new.order_id);
        if let Some(row) = known
            && row.step(RedemptionAction::Reserve)? == Step::AlreadyApplied
        {
            return Ok(Outcome::AlreadyApplied);
        }
        let data = &self.root.data;
        data.redeemable(now)?;
        match data.discount {
            Discount::Fixed { amount } if amount.currency() != new.amount.currency() => {
                return Err(CouponError::CurrencyMismatch {
                    coupon: amount.currency(),
                    order: new.amount.currency(),
                });
            }
            Discount::Fixed { .. } | Discount::Percent { .. } => {}
        }
        let place = self.place(&new.user_id)?;
        let row = CouponRedemption {
            id: known.map_or(new.id, |row| row.id),
            coupon_id: data.id,
            order_id: new.order_id,
            user_id: new.user_id,
            slot: place.slot,
            status: RedemptionStatus::Reserved,
            amount: new.amount,
            expires_at: new.expires_at,
            over_cap: false,
            reserved_at: now,
            changed_at: now,
            reserved_under: Some(RedemptionEvidence::of(data)),
        };
        self.write(row, place.usage_count, CouponEvent::Reserved);
        Ok(Outcome::Applied)
    }

    /// Keeps an order's use because the order is paid.
    ///
    /// Never refused for a cap or the window: the money is taken. A use that was released in between is
    /// taken again, beyond the cap if it must be; such a use is flagged and not counted (R53).
    ///
    /// # Errors
    /// `coupon.not_reserved` when the order has no use at all.
    pub fn confirm(&mut self, order_id: OrderId, now: Timestamp) -> Result<Outcome, CouponError> {
        let row = self.redemptions.get(&order_id).ok_or(CouponError::NotReserved { order: order_id })?;
        let Step::To(status) = row.step(RedemptionAction::Confirm)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let taken_again = !row.status.holds();
        let mut row = CouponRedemption { status, changed_at: now, ..row.clone() };
        let mut usage_count = self.root.data.usage_count;
        if taken_again {
            let place = self.place(&row.user_id).ok();
            row.over_cap = place.is_none();
            row.slot = place.as_ref().and_then(|place| place.slot);
            usage_count = place.map_or(usage_count, |place| place.usage_count);
        }
        self.root.data.ever_confirmed = true;
        self.write(row, usage_count, CouponEvent::Confirmed);
        Ok(Outcome::Applied)
    }

    /// Gives an order's use back; an order without one has nothing to give back.
    ///
    /// # Errors
    /// `coupon.inconsistent` when the count is already zero.
    pub fn release(&mut self, order_id: OrderId, now: Timestamp) -> Result<Outcome, CouponError> {
        let Some(row) = self.redemptions.get(&order_id) else { return Ok(Outcome::AlreadyApplied) };
        let Step::To(status) = row.step(RedemptionAction::Release)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let usage_count = self
            .root
            .data
            .usage_count
            .checked_sub(u32::from(row.counts()))
            .ok_or(CouponError::Inconsistent("usageCount is less than its uses"))?;
        let row = CouponRedemption { status, changed_at: now, ..row.clone() };
        self.write(row, usage_count, CouponEvent::Released);
        Ok(Outcome::Applied)
    }

    /// Whether a buyer may use it now, before anything is written.
    ///
    /// # Errors
    /// `coupon.not_found` when it is for another tenant; C-INV-5 when it is inactive or outside its window.
    pub fn check(&self, buyer_tenant: &TenantId, now: Timestamp) -> Result<(), CouponError> {
        let data = &self.root.data;
        if data.tenant_scope.as_ref().is_some_and(|scope| scope != buyer_tenant) {
            return Err(CouponError::NotFound);
        }
        data.redeemable(now)
    }

    /// What pricing needs to know.
    pub fn terms(&self) -> CouponTerms {
        let data = &self.root.data;
        CouponTerms {
            coupon_id: data.id,
            code: data.code.clone(),
            discount: data.discount,
            provider_scope: data.provider_scope.clone(),
            owner: data.owner.clone(),
        }
    }

    /// The key under which a store keeps it unique (C-INV-1).
    pub fn unique_key(&self) -> CodeKey {
        CodeKey::from(&self.root.data)
    }

    /// The use of an order, if it is among the loaded ones.
    pub fn redemption(&self, order_id: OrderId) -> Option<&CouponRedemption> {
        self.redemptions.get(&order_id)
    }

    /// The next use's place: under the cap (C-INV-2) and in the user's lowest free slot.
    fn place(&self, user: &UserId) -> Result<Place, CouponError> {
        let data = &self.root.data;
        let usage_count = data
            .usage_count
            .checked_add(1)
            .filter(|count| data.usage_cap.is_none_or(|cap| *count <= cap))
            .ok_or(CouponError::Exhausted)?;
        let Some(cap) = data.per_user_cap else { return Ok(Place { usage_count, slot: None }) };
        let held = || self.redemptions.values().filter(|row| row.user_id == *user && row.status.holds());
        // Uses from before the cap was set have no slot, so both the number and the slots count.
        if u32::try_from(held().count()).unwrap_or(u32::MAX) >= cap {
            return Err(CouponError::UserCapReached);
        }
        let taken: BTreeSet<u32> = held().filter_map(|row| row.slot).collect();
        let slot = (1..=cap).find(|slot| !taken.contains(slot));
        Ok(Place { usage_count, slot })
    }

    /// Stores a use, the count it leads to, and the fact.
    fn write(&mut self, row: CouponRedemption, usage_count: u32, fact: fn(CouponUse) -> CouponEvent) {
        self.root.data.usage_count = usage_count;
        self.root.record(fact(CouponUse::new(&self.root.data, &row)));
        self.root.write_row(row.clone());
        self.redemptions.insert(row.order_id, row);
    }
}

impl Aggregate for Coupon {
    type Id = CouponId;
    type Data = CouponData;
    type Row = CouponRedemption;
    type Event = CouponEvent;
    type Error = CouponError;

    const NAME: &'static str = "coupon";

    fn rehydrate(data: CouponData, rows: Vec<CouponRedemption>, version: u64) -> Result<Self, CouponError> {
        require::<Self>(&data, &rows)?;
        let loaded = rows.len();
        let redemptions: BTreeMap<_, _> = rows.into_iter().map(|row| (row.order_id, row)).collect();
        if redemptions.len() != loaded {
            return Err(CouponError::Inconsistent("two uses of one order"));
        }
        Ok(Self { root: Root::stored(data, version), redemptions })
    }

    fn id(&self) -> CouponId {
        self.root.data.id
    }

    fn data(&self) -> &CouponData {
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
