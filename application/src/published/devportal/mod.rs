//! What the developer portal announces (devportal.md 3.11): destinations are masked or hashed, nothing is secret.

mod account;
mod policy;
mod publishing;
mod terms;
mod verify;

use super::EventType;

/// Its types, by aggregate.
pub(super) const EVENTS: &[&[EventType]] = &[
    account::ACCOUNTS,
    account::KEYS,
    verify::SESSIONS,
    verify::TEMPLATES,
    verify::SANDBOXES,
    policy::BLOCKED,
    policy::POLICIES,
    policy::SPEND,
    publishing::SDKS,
    publishing::DOCS,
    publishing::WEBHOOKS,
];
