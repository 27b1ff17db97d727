//! Which events an endpoint can ask for, and which it asked for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::WebhookError;

/// How many types an endpoint names at most.
pub const MAX_EVENTS: usize = 50;
/// The type of a test delivery. It is sent to whoever asks for it, whatever an endpoint asked for.
pub const TEST: &str = "devportal.webhook.test.v1";
/// What stands for every type.
const ALL: &str = "*";

/// Every type that an endpoint can ask for.
#[rustfmt::skip]
pub const CATALOGUE: &[&str] = &[
    "devportal.account.registered.v1", "devportal.account.suspended.v1", "devportal.account.reinstated.v1",
    "devportal.account.closed.v1",
    "devportal.key.created.v1", "devportal.key.revoked.v1", "devportal.key.rotated.v1",
    "devportal.key.expiring_soon.v1", "devportal.key.exposed.v1",
    "devportal.verify.requested.v1", "devportal.verify.delivered.v1", "devportal.verify.approved.v1",
    "devportal.verify.failed.v1", "devportal.verify.expired.v1", "devportal.verify.channel_advanced.v1",
    "devportal.verify.blocked.v1", "devportal.verify.spend_cap_hit.v1", "devportal.verify.spend_threshold.v1",
    "devportal.sandbox.created.v1", "devportal.sandbox.closed.v1",
    "devportal.template.approved.v1",
    "devportal.sdk.released.v1", "devportal.sdk.deprecated.v1", "devportal.sdk.yanked.v1",
    "devportal.docs.published.v1",
    "devportal.webhook.disabled.v1",
    "messaging.message.sent.v1", "messaging.message.delivered.v1", "messaging.message.failed.v1",
];

/// What an endpoint asked for. In JSON a list of types, or of `*` alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub enum EventFilter {
    /// Everything, also what is added to the catalogue later.
    All,
    /// These types.
    Only(BTreeSet<String>),
}

impl EventFilter {
    /// What these texts ask for.
    ///
    /// ```
    /// # use sarai_domain::devportal::webhook::EventFilter;
    /// assert_eq!(EventFilter::try_new(["*"]), Ok(EventFilter::All));
    /// assert!(EventFilter::try_new(["devportal.key.revoked.v1"]).is_ok());
    /// assert!(EventFilter::try_new(["devportal.key.lost.v1"]).is_err());
    /// ```
    ///
    /// # Errors
    /// [`WebhookError::Events`] for none, more than 50, or `*` among others; [`WebhookError::UnknownEvent`].
    pub fn try_new<T: AsRef<str>>(types: impl IntoIterator<Item = T>) -> Result<Self, WebhookError> {
        let types: BTreeSet<String> = types.into_iter().map(|one| one.as_ref().to_owned()).collect();
        if let Some(unknown) = types.iter().find(|one| *one != ALL && !CATALOGUE.contains(&one.as_str())) {
            return Err(WebhookError::UnknownEvent(unknown.clone()));
        }
        Self::of(types)
    }

    /// Whether it asks for a type.
    pub fn wants(&self, topic: &str) -> bool {
        match self {
            Self::All => CATALOGUE.contains(&topic),
            Self::Only(types) => types.contains(topic),
        }
    }

    fn of(types: BTreeSet<String>) -> Result<Self, WebhookError> {
        match (types.contains(ALL), types.len()) {
            (true, 1) => Ok(Self::All),
            (false, 1..=MAX_EVENTS) => Ok(Self::Only(types)),
            _ => Err(WebhookError::Events),
        }
    }
}

/// A stored filter may name a type that has left the catalogue.
impl TryFrom<Vec<String>> for EventFilter {
    type Error = WebhookError;

    fn try_from(types: Vec<String>) -> Result<Self, WebhookError> {
        Self::of(types.into_iter().collect())
    }
}

impl From<EventFilter> for Vec<String> {
    fn from(filter: EventFilter) -> Self {
        match filter {
            EventFilter::All => vec![ALL.to_owned()],
            EventFilter::Only(types) => types.into_iter().collect(),
        }
    }
}
