//! What both SQL stores share: the tables, how an aggregate becomes columns and documents, and every query.
//!
//! A store is a [`Database`] of one of the two dialects: it runs statements within a scope and commits
//! [`Write`]s. Everything else, every port of `sarai-ports` that keeps something, is written once, over
//! [`Store`]. Money is integer minor units, a time is an instant the database can compare, an aggregate is one row:
//! its document, and the columns that SQL searches, counts or guards.

mod aggregates;
mod database;
mod events;
mod feed;
mod idempotency;
mod leases;
mod load;
mod names;
mod purge;
mod repositories;
mod retry;
mod statement;
mod tables;
pub mod transfer;
mod value;
mod write;

pub use database::{Checked, Counted, Database, Dialect, Ended, Snapshot, Store, Transaction, Work};
pub use idempotency::taking;
pub use purge::BATCH;
pub use tables::{
    ACCOUNTS, API_KEYS, BLOCKED_STARTS, COUPONS, ChildTable, Column, DOCS_ARTICLES, EARNINGS, LEDGERS,
    LICENSES, LISTINGS, ORDERS, QUOTES, SAGAS, SANDBOXES, SDK_RELEASES, SESSIONS, SPEND_POLICIES, TABLES,
    TEMPLATES, Table, Type, Unique, VERIFY_POLICIES, WEBHOOK_DELIVERIES, WEBHOOKS,
};
pub use value::{Record, Value};
pub use write::{Child, Children, FENCES, LEASE, Mapped, NewRecord, NewRow, Write};
