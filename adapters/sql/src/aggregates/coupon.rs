//! Coupons and their uses.

use sarai_domain::{
    kernel::Aggregate,
    marketplace::coupon::{CodeKey, Coupon, CouponData, CouponRedemption, RedemptionStatus},
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{COUPONS, Mapped, Table, Value};

impl Mapped for Coupon {
    const TABLE: &'static Table = &COUPONS;

    stored_as_json!();

    fn columns(data: &CouponData) -> Vec<Value> {
        vec![Value::text(&CodeKey::from(data)), data.usage_count.into(), data.usage_cap.into()]
    }

    fn row(row: &CouponRedemption) -> Result<(String, Vec<Value>), StoreError> {
        let hold = (row.status == RedemptionStatus::Reserved).then_some(row.expires_at);
        let columns = vec![
            row.user_id.as_str().into(),
            Value::text(&row.order_id),
            name(&row.status).into(),
            hold.into(),
        ];
        Ok((json(Self::NAME, row)?, columns))
    }
}
