//! Purchase sagas.

use sarai_domain::{
    kernel::NoRow,
    marketplace::saga::{PurchaseSaga, SagaData, SagaState},
};
use sarai_ports::StoreError;

use super::{name, stored_as_json};
use crate::{Mapped, SAGAS, Table, Value};

impl Mapped for PurchaseSaga {
    const TABLE: &'static Table = &SAGAS;

    stored_as_json!();

    fn columns(data: &SagaData) -> Vec<Value> {
        let waits = data.state == SagaState::AwaitingPayment;
        vec![
            Value::text(&data.order_id),
            name(&data.state).into(),
            data.next_attempt_at.into(),
            data.awaiting_payment_timeout_at.filter(|_| waits).into(),
            data.needs_attention.into(),
        ]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }
}
