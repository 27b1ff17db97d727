//! The developer portal's ports: a file a repository, with what a store needs of its aggregate beside the document;
//! [`gateways`]: the services that this and the customers' pages call.

mod accounts;
mod gateways;
mod keys;
pub mod policies;
pub mod sandboxes;
mod senders;
mod templates;
mod usage;
pub mod verify;
pub mod verify_tools;
mod webhooks;

pub use accounts::AccountRepository;
pub use gateways::*;
pub use keys::{KeyFilter, KeyRepository, KeyUse, LabelSlot};
pub use senders::{
    Callback, CallbackError, CallbackReader, Outgoing, Part, Receipt, ReceiptStatus, Receipts,
    SIGNATURE_HEADER, SendOutcome, Senders, TIMESTAMP_HEADER, VerifySender, fate,
};
pub use templates::TemplateRepository;
pub use usage::{UsageCount, UsageGroup, UsagePoint, UsageQuery, UsageStore};
pub use webhooks::{
    AdmittedTargets, DeliveryFilter, DeliveryRepository, DueDeliveries, EndpointHealth, SecretError,
    SecretOf, WebhookKeys, WebhookRepository, WebhookRequest, WebhookTransport, WebhookWork, fan_out_key,
};

use policies::{
    BlockedStartRepository, SpendLedgerRepository, SpendPolicyRepository, VerifyPolicyRepository,
};
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
    VerifyPolicyRepository,
    SpendPolicyRepository,
    BlockedStartRepository,
    SandboxRepository,
    UsageStore,
    TemplateRepository,
    WebhookRepository,
    DeliveryRepository,
}
