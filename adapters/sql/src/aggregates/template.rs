//! Templates and their versions.

use sarai_domain::{
    devportal::template::{TemplateData, TemplateVersion, VerifyTemplate},
    kernel::Aggregate,
};
use sarai_ports::StoreError;

use super::{json, name, stored_as_json};
use crate::{Mapped, TEMPLATES, Table, Value};

impl Mapped for VerifyTemplate {
    const TABLE: &'static Table = &TEMPLATES;

    stored_as_json!();

    fn columns(data: &TemplateData) -> Vec<Value> {
        vec![data.name.as_str().into()]
    }

    fn row(row: &TemplateVersion) -> Result<(String, Vec<Value>), StoreError> {
        Ok((json(Self::NAME, row)?, vec![name(&row.state).into()]))
    }
}
