//! Every store port on Postgres: forced row-level security, one round trip a unit.
//!
//! - `migrations`: the tables; [`access`]: who may do what with which rows; [`roles`]: who there is;
//!   [`fn@migrate`]: brings a database there; [`OpenError`]: why it cannot be used
//! - `commit`: the function that writes a unit, made from the description of the tables; `save`: its arguments
//! - `check`: the function of a check of a code, which is a unit and what it counts for
//! - `reads`: the functions that read for a tenant in one round trip; `writes`: those of hot transactions;
//!   `session`: pools, and the only transactions
//! - [`DatabaseClock`]: its time; `value`, `error`: to Postgres's words and back

pub mod access;
mod check;
mod clock;
mod commit;
mod error;
mod lent;
mod migrate;
mod open;
mod postgres;
mod reads;
pub mod roles;
mod save;
mod session;
mod value;
mod writes;

pub use clock::DatabaseClock;
pub use migrate::{migrate, schema_version};
pub use open::{OpenError, Place};
pub use postgres::{Options, Postgres, PostgresStore};
pub use session::{Sizes, Urls};
