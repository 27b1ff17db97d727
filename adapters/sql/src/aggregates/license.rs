//! Licences: seats, places in line, and what their provider sees.

use sarai_domain::{
    kernel::Aggregate,
    marketplace::license::{License, LicenseData, LicenseRow, LicenseState, WaitlistState},
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{Children, LICENSES, Mapped, Table, Value};

impl Mapped for License {
    const TABLE: &'static Table = &LICENSES;

    stored_as_json!();

    fn columns(data: &LicenseData) -> Vec<Value> {
        let unclaimed = data.gift.as_ref().filter(|gift| gift.claimed_at.is_none());
        let ends = unclaimed.map(|gift| gift.expires_at).or(data.validity.valid_until());
        vec![
            data.provider_tenant_id.as_str().into(),
            Value::text(&data.listing_id),
            data.course_id.as_str().into(),
            name(&data.state).into(),
            data.holder.as_ref().map(sarai_domain::kernel::UserId::as_str).into(),
            data.order_id.map(|order| order.to_string()).into(),
            data.order_line_id.map(|line| line.to_string()).into(),
            data.period_index.into(),
            data.gift.as_ref().map(|gift| gift.code_hash.as_str()).into(),
            data.validity.valid_until().into(),
            ends.filter(|_| data.state == LicenseState::Active).into(),
        ]
    }

    fn row(row: &LicenseRow) -> Result<(String, Vec<Value>), StoreError> {
        let columns = match row {
            LicenseRow::Seat(seat) => vec![
                seat.user_id.as_str().into(),
                Value::text(&seat.id),
                seat.assigned_at.into(),
                Value::Null,
                false.into(),
                Value::Null,
            ],
            LicenseRow::Waiting(entry) => vec![
                entry.user_id.as_str().into(),
                Value::text(&entry.seat_id),
                Value::Null,
                Value::text(&entry.id),
                (entry.state == WaitlistState::Waiting).into(),
                entry.number.into(),
            ],
        };
        Ok((json(Self::NAME, row)?, columns))
    }

    fn children(data: &LicenseData, expected_version: u64) -> Result<Vec<Children>, StoreError> {
        let shown = LicenseData { holder: None, ..data.clone() };
        let row = vec![
            data.provider_tenant_id.as_str().into(),
            data.created_at.into(),
            expected_version.saturating_add(1).into(),
            Value::Json(json(Self::NAME, &shown)?),
        ];
        Ok(vec![Children { of: 0, rows: vec![row] }])
    }
}
