//! Why an endpoint or a delivery refuses.

use super::{DeliveryAction, DeliveryStatus, EndpointAction, EndpointStatus};
use crate::{
    devportal::{
        invariants::{W_INV_1, W_INV_2, W_INV_3, W_INV_4, W_INV_7, W_INV_8},
        values::Malformed,
    },
    kernel::{
        Coded, Detail, IllegalTransition, Invariant,
        Kind::{self, Conflict, Invalid, NotFound, Unavailable},
    },
};

/// Why a command on an endpoint or a delivery is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The endpoints' table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<EndpointStatus, EndpointAction>),
    /// The deliveries' table has no such edge.
    #[error(transparent)]
    InvalidDelivery(#[from] IllegalTransition<DeliveryStatus, DeliveryAction>),
    /// It was deleted.
    #[error("there is no such endpoint")]
    NotFound,
    /// W-INV-1.
    #[error(
        "the host is, or leads to, an address that may not be called: only public ones may, and on a developer's machine \
             those that the server was started with (--webhook-allow IP:PORT)"
    )]
    TargetForbidden,
    /// W-INV-2.
    #[error("the old and the new secret are both valid for at most 7 days")]
    Overlap,
    /// W-INV-2: stored data that no command can have written.
    #[error("the stored secrets contradict each other")]
    BrokenSecrets,
    /// W-INV-3: stored attempts that no command can have written.
    #[error("the stored attempts are not numbered one after another")]
    BrokenAttempts,
    /// W-INV-4.
    #[error("a payload is at most 20 KB, not {0} bytes")]
    PayloadTooLarge(usize),
    /// W-INV-4.
    #[error("a payload has no code and no whole phone number")]
    PayloadTells,
    /// W-INV-7.
    #[error("the tenant has its 20 endpoints of this environment")]
    LimitReached,
    /// A sandbox outside of sandboxes.
    #[error("only an endpoint of the sandbox environment gets the events of one sandbox")]
    SandboxMisplaced,
    /// W-INV-8.
    #[error("a payload has aggregateVersion")]
    PayloadUnordered,
    /// Not a payload.
    #[error("a payload is a JSON object")]
    Payload,
    /// No events, too many, or `*` among others.
    #[error("an endpoint asks for 1 to 50 types of event, or for * alone")]
    Events,
    /// Not in the catalogue.
    #[error("there is no event {0}")]
    UnknownEvent(String),
    /// Not a secret.
    #[error("a signing secret is whsec_ and base64 of 24 to 64 bytes")]
    Secret,
    /// A scheme without its key.
    #[error("an ed25519 endpoint, and no other, has a public key")]
    PublicKey,
    /// Not a description.
    #[error("a description is one line of at most 200 characters")]
    Description,
    /// A replay of what was not tried yet.
    #[error("the delivery was not tried yet")]
    StillPending,
    /// Too much to send again.
    #[error("at most 14 days are sent again at a time, and none before it began")]
    Window,
    /// A value.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Stored data that no command can have written.
    #[error("what is stored of the webhook is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl WebhookError {
    #[rustfmt::skip]
    fn facts(&self) -> (&'static str, Kind, Option<Invariant>) {
        match self {
            Self::InvalidTransition(_) | Self::InvalidDelivery(_)
                                      => ("webhook.invalid_transition",     Conflict,     None),
            Self::NotFound            => ("webhook.not_found",              NotFound,     None),
            Self::TargetForbidden     => ("webhook.target_forbidden",       Invalid,      Some(W_INV_1)),
            Self::Overlap             => ("webhook.overlap_out_of_range",   Invalid,      Some(W_INV_2)),
            Self::BrokenSecrets       => ("webhook.inconsistent",           Unavailable,  Some(W_INV_2)),
            Self::BrokenAttempts      => ("webhook.inconsistent",           Unavailable,  Some(W_INV_3)),
            Self::PayloadTooLarge(_)  => ("webhook.payload_too_large",      Invalid,      Some(W_INV_4)),
            Self::PayloadTells        => ("webhook.payload_tells",          Invalid,      Some(W_INV_4)),
            Self::LimitReached        => ("webhook.limit_reached",          Conflict,     Some(W_INV_7)),
            Self::SandboxMisplaced    => ("webhook.sandbox_misplaced",      Invalid,      None),
            Self::PayloadUnordered    => ("webhook.payload_unordered",      Invalid,      Some(W_INV_8)),
            Self::Payload             => ("webhook.payload_malformed",      Invalid,      None),
            Self::Events              => ("webhook.events_out_of_range",    Invalid,      None),
            Self::UnknownEvent(_)     => ("webhook.event_unknown",          Invalid,      None),
            Self::Secret              => ("webhook.secret_malformed",       Invalid,      None),
            Self::PublicKey           => ("webhook.public_key_misplaced",   Invalid,      None),
            Self::Description         => ("webhook.description_malformed",  Invalid,      None),
            Self::StillPending        => ("webhook.still_pending",          Conflict,     None),
            Self::Window              => ("webhook.window_too_large",       Invalid,      None),
            Self::Malformed(error)    => (error.code(),                     error.kind(), error.invariant()),
            Self::Inconsistent(_)     => ("webhook.inconsistent",           Unavailable,  None),
        }
    }
}

impl Coded for WebhookError {
    fn code(&self) -> &'static str {
        self.facts().0
    }

    fn kind(&self) -> Kind {
        self.facts().1
    }

    fn invariant(&self) -> Option<Invariant> {
        self.facts().2
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        if let Self::UnknownEvent(name) = self {
            return vec![("event", Detail::Text(name.clone()))];
        }
        Vec::new()
    }
}
