//! Verify's sessions and their sends.

use sarai_domain::{
    devportal::{
        values::Environment,
        verify::{DeliveryAttempt, SendStatus, VerifySession, VerifySessionData},
    },
    kernel::Aggregate,
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{Children, Mapped, SESSIONS, Table, Value};

impl Mapped for VerifySession {
    const TABLE: &'static Table = &SESSIONS;

    stored_as_json!();

    fn columns(data: &VerifySessionData) -> Vec<Value> {
        let channel = data.channel_order.step(data.current_step).map(|step| step.channel().as_str());
        let due = data.due_at().filter(|_| data.environment == Environment::Production);
        vec![
            data.environment.as_str().into(),
            data.sandbox_id.map(|id| id.to_string()).into(),
            name(&data.state).into(),
            channel.into(),
            data.country_code.map(|country| country.to_string()).into(),
            data.attempts.into(),
            data.concluded.into(),
            due.into(),
        ]
    }

    fn row(row: &DeliveryAttempt) -> Result<(String, Vec<Value>), StoreError> {
        let due = (row.status == SendStatus::Queued).then(|| row.next_try_at.unwrap_or(row.queued_at));
        Ok((json(Self::NAME, row)?, vec![name(&row.status).into(), due.into()]))
    }

    fn children(data: &VerifySessionData, expected_version: u64) -> Result<Vec<Children>, StoreError> {
        // The slots of a live session never change.
        if expected_version > 0 && !data.state.is_terminal() {
            return Ok(Vec::new());
        }
        let rows = data.live_slots().iter().map(|slot| vec![Value::text(slot)]).collect();
        Ok(vec![Children { of: 0, rows }])
    }
}
