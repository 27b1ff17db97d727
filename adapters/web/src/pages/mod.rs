//! The pages, a file each. A page asks the API, shapes what it says by `application/customer_portal`, and shows it.

pub(crate) mod account;
mod chart;
pub(crate) mod deliveries;
pub(crate) mod docs;
pub(crate) mod doctor;
pub(crate) mod errors;
pub(crate) mod invoices;
pub(crate) mod keys;
pub(crate) mod locale;
pub(crate) mod messages;
pub(crate) mod overview;
pub(crate) mod receipt;
pub(crate) mod replay;
pub(crate) mod sandbox;
pub(crate) mod sandboxes;
pub(crate) mod sdks;
mod secret;
pub(crate) mod send_test;
mod share;
pub(crate) mod sign_in;
pub(crate) mod usage;
pub(crate) mod verifications;
pub(crate) mod webhooks;

use sarai_application::customer_portal::keys::FieldError;
use sarai_ports::customer_portal::PlatformError;

/// A refusal of the API that is about a form: its code, the field, the sentence.
type Refused = (&'static str, &'static str, &'static str);

/// The sentence about a refusal, when it has a row; any other is not about the form, and has a page of its own.
fn refused(error: &PlatformError, rows: &[Refused]) -> Option<FieldError> {
    let (_, field, message) = *rows.iter().find(|(code, ..)| error.is(code))?;
    Some(FieldError { field, message })
}
