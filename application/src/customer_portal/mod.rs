//! The customer portal without its pages: what is shown, and how what was typed is read. Pure: everything the pages
//! know comes in as an argument. The words are the adapter's.
//!
//! - [`preferences`]: language, calendar, digits, zone, theme; [`numbers`], [`calendar`]: figures and days as shown
//! - [`session`]: who is signed in, and for how long
//! - [`keys`], [`messages`] with [`filters`], [`test_sms`], [`webhooks`] with [`delivery_filters`] and
//!   [`doctor`], [`invoices`], [`usage`]: a page's models each
//! - [`verifications`], [`sandboxes`], [`docs`], [`sdks`]: the same of developers' pages
//! - [`tone`]: the colour of a status

pub mod calendar;
pub mod delivery_filters;
pub mod docs;
pub mod doctor;
pub mod filters;
pub mod invoices;
pub mod keys;
pub mod messages;
pub mod numbers;
pub mod preferences;
pub mod sandboxes;
pub mod sdks;
pub mod session;
pub mod test_sms;
pub mod tone;
pub mod usage;
pub mod verifications;
pub mod webhooks;
