//! How each aggregate becomes columns, documents and rows.

mod account;
pub(crate) mod api_key;
mod coupon;
mod earnings;
mod license;
mod listing;
mod order;
mod policies;
mod quote;
mod saga;
mod sandbox;
mod template;
mod verify;
mod webhook;

pub(crate) use listing::ANY;

use sarai_domain::kernel::{Aggregate, NoRow};
use sarai_ports::{StoreError, inventory::Content};
use serde::{Serialize, de::DeserializeOwned};

/// A document.
///
/// # Errors
/// When it cannot be written as JSON.
pub(crate) fn json(aggregate: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt {
        aggregate,
        id: String::new(),
        reason: error.to_string(),
    })
}

/// The text that stands for a variant in documents, and so in columns.
pub(crate) fn name(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// The rows of an aggregate as they are stored: an array of documents.
pub(crate) trait StoredRow: Sized {
    fn read_all(rows: &str) -> Result<Vec<Self>, serde_json::Error>;
}

impl StoredRow for NoRow {
    fn read_all(_rows: &str) -> Result<Vec<Self>, serde_json::Error> {
        Ok(Vec::new())
    }
}

/// Reads a document and rows, without judging them.
pub(crate) fn content<A>(document: &str, rows: &str) -> Result<Content<A>, String>
where
    A: Aggregate<Data: DeserializeOwned, Row: StoredRow>,
{
    let data = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let rows = A::Row::read_all(rows).map_err(|error| error.to_string())?;
    Ok(Content { data, rows })
}

macro_rules! rows {
    ($($row:ty),* $(,)?) => {$(
        impl StoredRow for $row {
            fn read_all(rows: &str) -> Result<Vec<Self>, serde_json::Error> {
                serde_json::from_str(rows)
            }
        }
    )*};
}

rows! {
    sarai_domain::marketplace::order::Refund,
    sarai_domain::marketplace::license::LicenseRow,
    sarai_domain::marketplace::coupon::CouponRedemption,
    sarai_domain::marketplace::earnings::EarningsLine,
    sarai_domain::devportal::verify::DeliveryAttempt,
    sarai_domain::devportal::policy::Reservation,
    sarai_domain::devportal::sandbox::SandboxMessage,
    sarai_domain::devportal::template::TemplateVersion,
}

/// What [`crate::Mapped`] is the same in for every aggregate.
macro_rules! stored_as_json {
    () => {
        fn document(data: &Self::Data) -> Result<String, sarai_ports::StoreError> {
            $crate::aggregates::json(<Self as sarai_domain::kernel::Aggregate>::NAME, data)
        }

        fn key(text: &str) -> Option<Self::Id> {
            text.parse().ok()
        }

        fn content(document: &str, rows: &str) -> Result<sarai_ports::inventory::Content<Self>, String> {
            $crate::aggregates::content(document, rows)
        }
    };
}
pub(crate) use stored_as_json;
