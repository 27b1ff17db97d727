//! Rules over stored data: one table an aggregate, by which it refuses to be rebuilt and an auditor reports.

use std::fmt;

use super::{aggregate::Aggregate, invariant::Invariant};

/// Decides on a document and its rows.
pub type Check<A> =
    fn(&<A as Aggregate>::Data, &[<A as Aggregate>::Row]) -> Result<(), <A as Aggregate>::Error>;

/// A rule over what a store keeps of an aggregate.
pub struct Rule<A: Aggregate> {
    /// The invariant it checks; none for a rule of ours without an id.
    pub invariant: Option<Invariant>,
    /// Says nothing where this one does not hold: there it would only repeat it.
    pub given: Option<Invariant>,
    /// Whether it needs every row of the aggregate; the others hold of the rows loaded (R81).
    pub whole: bool,
    /// The rule.
    pub check: Check<A>,
}

impl<A: Aggregate> Rule<A> {
    /// A check of an invariant.
    pub const fn of(invariant: Invariant, check: Check<A>) -> Self {
        Self { invariant: Some(invariant), given: None, whole: false, check }
    }

    /// A check of ours without an id.
    pub const fn ours(check: Check<A>) -> Self {
        Self { invariant: None, given: None, whole: false, check }
    }

    /// The same, silent where `invariant` does not hold.
    #[must_use]
    pub const fn given(self, invariant: Invariant) -> Self {
        Self { given: Some(invariant), ..self }
    }

    /// The same, for all rows only.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self { whole: true, ..self }
    }
}

impl<A: Aggregate> fmt::Debug for Rule<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("invariant", &self.invariant)
            .field("whole", &self.whole)
            .finish_non_exhaustive()
    }
}

/// An aggregate whose rules over stored data stand in a table.
pub trait Audited: Aggregate {
    /// The rules; [`Aggregate::rehydrate`] refuses with the first that does not hold of the rows loaded.
    const RULES: &'static [Rule<Self>];
}

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The invariant; none for a rule of ours without an id.
    pub invariant: Option<Invariant>,
    /// What is wrong.
    pub detail: String,
}

/// Refuses stored data by the first rule that does not hold of the rows given.
///
/// # Errors
/// That rule's.
pub(crate) fn require<A: Audited>(data: &A::Data, rows: &[A::Row]) -> Result<(), A::Error> {
    A::RULES.iter().filter(|rule| !rule.whole).try_for_each(|rule| (rule.check)(data, rows))
}

/// Every rule that does not hold of stored data with all its rows, each invariant once. Allocates nothing
/// when all hold.
pub fn breaches<A: Audited>(data: &A::Data, rows: &[A::Row]) -> Vec<Breach> {
    let mut found: Vec<Breach> = Vec::new();
    for rule in A::RULES {
        let known =
            |wanted: Option<Invariant>| wanted.is_some() && found.iter().any(|one| one.invariant == wanted);
        if known(rule.invariant) || known(rule.given) {
            continue;
        }
        if let Err(error) = (rule.check)(data, rows) {
            found.push(Breach { invariant: rule.invariant, detail: error.to_string() });
        }
    }
    found
}
