//! Sandboxes and the messages of their inboxes.

use sarai_domain::{
    devportal::sandbox::{SandboxData, SandboxMessage, SandboxSession},
    kernel::Aggregate,
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{Mapped, SANDBOXES, Table, Value};

impl Mapped for SandboxSession {
    const TABLE: &'static Table = &SANDBOXES;

    stored_as_json!();

    fn columns(data: &SandboxData) -> Vec<Value> {
        let open = !data.state.is_terminal();
        vec![
            Value::text(&data.account_id),
            name(&data.state).into(),
            data.holds().into(),
            open.then_some(data.expires_at).into(),
            (!open && !data.cleared).then(|| "yes".to_owned()).into(),
        ]
    }

    fn row(row: &SandboxMessage) -> Result<(String, Vec<Value>), StoreError> {
        Ok((json(Self::NAME, row)?, vec![row.round.into(), row.at.into()]))
    }
}
