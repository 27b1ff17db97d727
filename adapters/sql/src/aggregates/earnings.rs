//! Earnings periods and their lines.

use sarai_domain::{
    kernel::Aggregate,
    marketplace::earnings::{EarningsData, EarningsLine, EarningsState, ProviderEarnings},
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{EARNINGS, Mapped, Table, Value};

impl Mapped for ProviderEarnings {
    const TABLE: &'static Table = &EARNINGS;

    stored_as_json!();

    fn columns(data: &EarningsData) -> Vec<Value> {
        let over = data.key.period_month.end();
        let closes = data.hold_until.map_or(over, |held| held.max(over));
        let anchor = data.anchor.as_ref();
        vec![
            data.key.currency.code().into(),
            Value::text(&data.key.period_month),
            name(&data.state).into(),
            (data.state == EarningsState::Accruing).then_some(closes).into(),
            anchor.map(|anchor| anchor.count).into(),
            anchor.map(|anchor| anchor.at).into(),
        ]
    }

    fn row(row: &EarningsLine) -> Result<(String, Vec<Value>), StoreError> {
        let columns = vec![
            Value::text(&row.id),
            name(&row.kind).into(),
            row.order_line_id.map(|line| line.to_string()).into(),
            row.hold_until.into(),
            row.net.minor_units().into(),
        ];
        Ok((json(Self::NAME, row)?, columns))
    }
}
