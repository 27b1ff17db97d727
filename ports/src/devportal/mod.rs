//! The developer portal's ports: a file a repository, with what a store needs of its aggregate beside the document;
//! [`gateways`]: the services that this and the customers' pages call.

mod accounts;
mod gateways;
mod keys;
pub mod policies;
pub mod sandboxes;
pub mod verify;

pub use accounts::AccountRepository;
pub use gateways::*;
pub use keys::{KeyFilter, KeyRepository, KeyUse, LabelSlot};

use policies::{PolicyRepository, SpendLedgerRepository};
use sandboxes::SandboxRepository;
use verify::VerifySessionRepository;

macro_rules! store {
    ($($port:ident),* $(,)?) => {
        /// What keeps the developer portal's state: every repository of it.
        pub trait DevportalStore: $($port +)* {}

        impl<S: $($port +)*> DevportalStore for S {}
    };
}

store! {
    AccountRepository,
    KeyRepository,
    VerifySessionRepository,
    SpendLedgerRepository,
    PolicyRepository,
    SandboxRepository,
}
