//! Orders, and what a provider may see of them.

use sarai_domain::{
    kernel::Aggregate,
    marketplace::order::{Order, OrderData, OrderStatus, PaymentState, Refund},
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{Children, Mapped, ORDERS, Table, Value};

impl Mapped for Order {
    const TABLE: &'static Table = &ORDERS;

    stored_as_json!();

    fn columns(data: &OrderData) -> Vec<Value> {
        vec![
            data.buyer_user_id.as_str().into(),
            name(&data.status).into(),
            data.currency.code().into(),
            data.quote_id.map(|quote| quote.to_string()).into(),
            data.fulfilled_at.into(),
            (data.payment_state == PaymentState::RefundPending).into(),
            data.stray_captures.iter().any(|stray| stray.refunded_at.is_none()).into(),
            (data.status == OrderStatus::Created).into(),
        ]
    }

    fn row(row: &Refund) -> Result<(String, Vec<Value>), StoreError> {
        Ok((json(Self::NAME, row)?, vec![name(&row.state).into()]))
    }

    fn children(data: &OrderData, expected_version: u64) -> Result<Vec<Children>, StoreError> {
        let sold = match data.status {
            // Nobody but the buyer is shown a line before it is paid.
            OrderStatus::Created | OrderStatus::PendingPayment if expected_version > 0 => {
                return Ok(Vec::new());
            }
            OrderStatus::Created | OrderStatus::PendingPayment | OrderStatus::Failed => false,
            OrderStatus::Paid | OrderStatus::Fulfilled | OrderStatus::Refunded => true,
        };
        let lines = data.lines.iter().map(|line| {
            Ok(vec![
                Value::text(&line.id),
                line.offer.provider_tenant_id.as_str().into(),
                Value::text(&line.offer.listing_id),
                data.placed_at.into(),
                sold.into(),
                Value::Json(json(Self::NAME, line)?),
            ])
        });
        Ok(vec![Children { of: 0, rows: lines.collect::<Result<_, StoreError>>()? }])
    }
}
