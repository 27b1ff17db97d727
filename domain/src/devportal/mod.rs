//! The developer portal: API-key metadata, the managed Verify API, sandboxes, SDKs, docs, webhooks (seed 000).
//!
//! Key secrets live at the auth-service. A code exists nowhere at rest: it is derived from a session's seed and a key
//! outside the database.

pub mod account;
pub mod api_key;
pub mod docs_article;
pub mod event;
pub mod invariants;
pub mod policy;
pub mod sandbox;
pub mod sdk_release;
pub mod template;
pub mod usage;
pub mod values;
pub mod verify;
pub mod webhook;

pub use event::DevportalEvent;
