//! What an aggregate says has happened.

/// A fact about an aggregate, in the past tense. Its serialised form is the `data` of the envelope.
pub trait DomainEvent {
    /// The event's type, such as `marketplace.order.paid.v1`.
    fn topic(&self) -> &'static str;
}
