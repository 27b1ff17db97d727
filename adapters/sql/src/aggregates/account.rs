//! Developer accounts.

use sarai_domain::{
    devportal::account::{DeveloperAccount, DeveloperAccountData},
    kernel::NoRow,
};
use sarai_ports::StoreError;

use super::{name, stored_as_json};
use crate::{ACCOUNTS, Mapped, Table, Value};

impl Mapped for DeveloperAccount {
    const TABLE: &'static Table = &ACCOUNTS;

    stored_as_json!();

    fn columns(data: &DeveloperAccountData) -> Vec<Value> {
        vec![data.auth_account_id.as_str().into(), name(&data.state).into()]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }
}
