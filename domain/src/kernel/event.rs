//! What an aggregate says has happened.

/// A fact about an aggregate, in the past tense. Its serialised form is the `data` of the envelope.
pub trait DomainEvent {
    /// Every type there is, in the order of the variants.
    const TOPICS: &'static [&'static str];
    /// The event's type, such as `marketplace.order.paid.v1`.
    fn topic(&self) -> &'static str;
}

/// The topics of an enum's variants. The match has no other arm, so the list cannot miss one.
macro_rules! topics {
    ($event:ident { $($variant:ident => $topic:literal,)* }) => {
        impl $crate::kernel::DomainEvent for $event {
            const TOPICS: &'static [&'static str] = &[$($topic),*];

            fn topic(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $topic,)*
                }
            }
        }
    };
}
pub(crate) use topics;
