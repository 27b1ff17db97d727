//! SDK releases.

use sarai_domain::{
    devportal::sdk_release::{SdkRelease, SdkReleaseData},
    kernel::NoRow,
};
use sarai_ports::StoreError;

use super::{name, stored_as_json};
use crate::{Children, Mapped, SDK_RELEASES, Table, Value};

impl Mapped for SdkRelease {
    const TABLE: &'static Table = &SDK_RELEASES;

    stored_as_json!();

    fn columns(data: &SdkReleaseData) -> Vec<Value> {
        vec![data.language.as_str().into(), name(&data.state).into(), data.version_slot().into()]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }

    fn children(data: &SdkReleaseData, _expected_version: u64) -> Result<Vec<Children>, StoreError> {
        let artifacts = data.artifacts.iter().map(|artifact| vec![Value::text(&artifact.id)]);
        Ok(vec![Children { of: 0, rows: artifacts.collect() }])
    }
}
