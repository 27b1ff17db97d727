//! API keys. Their use stands beside the document, so that noting it is no save.

use sarai_domain::{
    devportal::{
        api_key::{ApiKey, ApiKeyData, AuthRevocation, KeyState},
        values::CidrBlock,
    },
    kernel::{Aggregate, ApiKeyId, NoRow, Timestamp},
};
use sarai_ports::{StoreError, inventory::Content};
use serde::{Deserialize, Serialize};

use super::{json, name};
use crate::{API_KEYS, Mapped, Table, Value};

/// The column `last_use`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Used {
    pub(crate) at: Timestamp,
    pub(crate) from: Option<CidrBlock>,
}

impl Mapped for ApiKey {
    const TABLE: &'static Table = &API_KEYS;
    const BESIDE: Option<&'static str> = Some("last_use");

    fn document(data: &ApiKeyData) -> Result<String, StoreError> {
        json(Self::NAME, &ApiKeyData { last_used_at: None, last_used_from: None, ..data.clone() })
    }

    fn columns(data: &ApiKeyData) -> Vec<Value> {
        let of = |state| data.state == state;
        vec![
            data.environment.as_str().into(),
            Value::text(&data.account_id),
            data.sandbox_id.map(|sandbox| sandbox.to_string()).into(),
            name(&data.state).into(),
            Value::text(&data.label),
            data.label_slot().into(),
            data.successor_slot().into(),
            data.replaced_by.map(|key| key.to_string()).into(),
            of(KeyState::Requested).then_some(data.created_at).into(),
            data.ends_at().filter(|_| of(KeyState::Active)).into(),
            data.next_notice_at().into(),
            (data.auth_revocation == Some(AuthRevocation::Pending)).then_some(data.updated_at).into(),
        ]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }

    fn key(text: &str) -> Option<ApiKeyId> {
        text.parse().ok()
    }

    fn content(document: &str, beside: &str) -> Result<Content<Self>, String> {
        let mut content = super::content::<Self>(document, "")?;
        if !beside.is_empty() {
            let used: Used = serde_json::from_str(beside).map_err(|error| error.to_string())?;
            content.data.last_used_at = Some(used.at);
            content.data.last_used_from = used.from;
        }
        Ok(content)
    }
}
