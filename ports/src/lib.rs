//! The traits between Sarai's use cases and the world. No type of a database, broker or web library.
//!
//! - [`mod@unit`]: one transaction as a value; [`scope`]: on whose behalf; [`page`]: a part of a list
//! - [`mod@event`]: what is announced; [`audience`]: to whom
//! - [`events`]: outbox, deliveries, consumers, in [`partition`]s; [`feed`]: the same events, numbered per
//!   tenant; [`inbound`]: what other services tell us
//! - [`idempotency`], [`audit`], [`leases`], [`system`], [`auth`]
//! - [`store`]: all of them that keep something
//! - [`inventory`]: everything stored as it is, for the auditor
//! - [`failpoint`]: where a crash test ends the process
//! - [`marketplace`]: repositories, read models and gateways of the marketplace; [`devportal`]: the developer portal's;
//!   [`repository`]: what both kinds of repository have
//! - [`customer_portal`]: our own API as the customer portal's pages use it

pub mod audience;
pub mod audit;
pub mod auth;
pub mod customer_portal;
pub mod devportal;
pub mod error;
pub mod event;
pub mod events;
pub mod failpoint;
pub mod feed;
pub mod idempotency;
pub mod inbound;
pub mod inventory;
pub mod leases;
pub mod marketplace;
pub mod page;
pub mod partition;
pub mod repository;
pub mod scope;
pub mod store;
pub mod system;
pub mod unit;

pub use error::{GatewayError, StoreError, UniqueKey};
pub use event::Event;
pub use page::{Cursor, Direction, Page, PageRequest};
pub use repository::Repository;
pub use scope::{Scope, platform};
pub use store::Store;
pub use unit::{Cause, Commit, Consumed, Context, Saved, Stored, Unit};
