//! What every refusal carries: a stable code, a kind, and the invariant it enforces (platform.md 1).

use std::fmt;

use super::invariant::Invariant;

/// The class of a refusal. Adapters map kinds, never single errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The input can never be accepted.
    Invalid,
    /// The thing does not exist for this caller.
    NotFound,
    /// The state of things refuses it now.
    Conflict,
    /// The caller decided on another version than the current one.
    Precondition,
    /// The caller may not do this.
    Forbidden,
    /// It was there, and its time is over.
    Gone,
    /// Too much of it in too short a time.
    Limited,
    /// It costs more than may be spent.
    Unaffordable,
    /// Something needed is out of reach; trying again may help.
    Unavailable,
}

/// An error with a stable code. Codes read `<aggregate>.<reason>`.
pub trait Coded: std::error::Error {
    /// The stable code, such as `license.no_seats_remaining`.
    fn code(&self) -> &'static str;
    /// Its class.
    fn kind(&self) -> Kind;
    /// The invariant whose guard refused, when there is one.
    fn invariant(&self) -> Option<Invariant> {
        None
    }
    /// Values a program needs to act on the refusal, by their name in a problem document.
    fn details(&self) -> Vec<(&'static str, Detail)> {
        Vec::new()
    }
}

/// Why a stored value cannot be read, led by the invariant it breaks: of a document that cannot be read, the
/// reader's message is all that an auditor has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable<E>(pub E);

impl<E: Coded> fmt::Display for Unreadable<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Invariant { id, .. }) = self.0.invariant() {
            write!(f, "{id}: ")?;
        }
        fmt::Display::fmt(&self.0, f)
    }
}

/// A value that goes with a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// A whole number.
    Number(u64),
    /// A text.
    Text(String),
    /// Nothing, said explicitly.
    Null,
    /// Several.
    List(Vec<Detail>),
    /// Named values.
    Object(Vec<(&'static str, Detail)>),
}
