//! What every use case refuses with: the code, kind and invariant of whoever refused.

use sarai_domain::kernel::{Coded, Detail, Invariant, Kind};

/// A refusal. Made from any coded error of the domain or the ports; adapters map its kind once.
#[derive(Debug, Clone, PartialEq)]
pub struct AppError {
    /// The stable code.
    pub code: &'static str,
    /// Its class.
    pub kind: Kind,
    /// The invariant enforced, when there is one.
    pub invariant: Option<Invariant>,
    /// One sentence for a person.
    pub message: String,
    /// Values for a program.
    pub details: Vec<(&'static str, Detail)>,
}

impl AppError {
    /// A refusal of the use case itself.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, kind, invariant: None, message: message.into(), details: Vec::new() }
    }

    /// The thing does not exist for this caller.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("there is no such {what}"))
    }

    /// The caller may not do this.
    pub fn forbidden(message: &str) -> Self {
        Self::new(Kind::Forbidden, "forbidden", message)
    }

    /// The same refusal with one more value for a program.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Detail) -> Self {
        self.details.push((name, value));
        self
    }
}

impl<E: Coded> From<E> for AppError {
    fn from(error: E) -> Self {
        Self {
            code: error.code(),
            kind: error.kind(),
            invariant: error.invariant(),
            message: error.to_string(),
            details: error.details(),
        }
    }
}
