//! Quotes.

use sarai_domain::{
    kernel::NoRow,
    marketplace::quote::{Quote, QuoteData, QuoteState},
};
use sarai_ports::StoreError;

use super::{name, stored_as_json};
use crate::{Mapped, QUOTES, Table, Value};

impl Mapped for Quote {
    const TABLE: &'static Table = &QUOTES;

    stored_as_json!();

    fn columns(data: &QuoteData) -> Vec<Value> {
        let open = data.state == QuoteState::Open;
        let expires = open.then_some(data.expires_at);
        vec![Value::text(&data.order_id), name(&data.state).into(), expires.into()]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }
}
