//! Policies, spend ledgers, refused starts.

use sarai_domain::{
    devportal::{
        policy::{
            BlockedStart, BlockedStartData, Reservation, SpendLedger, SpendLedgerData, SpendPolicy,
            SpendPolicyData, VerifyPolicy, VerifyPolicyData,
        },
        verify::Hold,
    },
    kernel::{Aggregate, NoRow},
};
use sarai_ports::StoreError;

use super::{json, stored_as_json};
use crate::{BLOCKED_STARTS, LEDGERS, Mapped, SPEND_POLICIES, Table, VERIFY_POLICIES, Value};

impl Mapped for SpendLedger {
    const TABLE: &'static Table = &LEDGERS;

    stored_as_json!();

    fn columns(data: &SpendLedgerData) -> Vec<Value> {
        vec![data.key.environment.as_str().into()]
    }

    fn row(row: &Reservation) -> Result<(String, Vec<Value>), StoreError> {
        let held = (row.hold == Hold::Held).then_some(row.reserved_at);
        Ok((json(Self::NAME, row)?, vec![held.into()]))
    }
}

macro_rules! of_a_world {
    ($($aggregate:ty, $data:ty, $table:ident, |$of:ident| $environment:expr;)*) => {$(
        impl Mapped for $aggregate {
            const TABLE: &'static Table = &$table;

            stored_as_json!();

            fn columns($of: &$data) -> Vec<Value> {
                vec![$environment.as_str().into()]
            }

            fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
                match *row {}
            }
        }
    )*};
}

of_a_world! {
    VerifyPolicy, VerifyPolicyData, VERIFY_POLICIES, |data| data.key.environment;
    SpendPolicy, SpendPolicyData, SPEND_POLICIES, |data| data.key.environment;
    BlockedStart, BlockedStartData, BLOCKED_STARTS, |data| data.environment;
}
