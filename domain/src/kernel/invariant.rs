//! A named rule: every place that guards, tests, stores or reports it uses this value.

use std::fmt;

/// A rule of the seed (or ours), by its id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Invariant {
    /// The id of the source document, such as `LI-INV-2`.
    pub id: &'static str,
    /// The rule, one sentence.
    pub text: &'static str,
    /// Where it is enforced first.
    pub enforced_by: EnforcedBy,
}

/// Where a rule is enforced first; other layers may repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnforcedBy {
    /// A value's constructor.
    Value,
    /// A command of the aggregate.
    Aggregate,
    /// Evidence from a read model that the command demands. A check at a moment, not a transaction.
    ReadModel,
    /// A unique key or conditional write of the store.
    Storage,
}

impl fmt::Debug for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.text)
    }
}

/// One table of a context's invariants: constant, id, where it is enforced first, text.
macro_rules! invariants {
    ($context:literal $($name:ident $id:literal $by:ident $text:literal;)*) => {
        $(
            #[doc = concat!($id, ": ", $text)]
            pub const $name: Invariant = Invariant { id: $id, text: $text, enforced_by: $by };
        )*
        #[doc = concat!("Every invariant of ", $context, ".")]
        pub const ALL: &[Invariant] = &[$($name),*];
    };
}
pub(crate) use invariants;
