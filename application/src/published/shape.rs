//! The words in which payloads are described: a value, a member, a record. Everything is `const`, so that the
//! tables read as tables.

use sarai_domain::kernel::IdKind;

use super::terms::USER_ID;

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// What many payloads share, described once under a name.
    Named(&'static str, &'static str, Form),
    /// Any text.
    Text,
    /// A whole number, the least and the most it can be.
    Whole(u64, u64),
    /// Yes or no.
    Flag,
    /// This word and no other.
    Word(&'static str),
    /// An object.
    Record(&'static [Field]),
    /// Values in order.
    List(&'static Shape),
    /// Values in order, one at least.
    NonEmpty(&'static Shape),
    /// An object whose names are one shape and whose values are another.
    Map(&'static Shape, &'static Shape),
}

/// What a named value is.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// This prefix, `_`, and a ULID.
    Id(&'static str),
    /// An id that another service owns.
    External,
    /// Text of this pattern, and such a text.
    Pattern(&'static str, &'static str),
    /// An instant in UTC.
    Instant,
    /// A currency that is traded.
    Currency,
    /// An amount with its currency.
    Money,
    /// One of these words; each with its meaning.
    Words(&'static [(&'static str, &'static str)]),
    /// An object.
    Record(&'static [Field]),
    /// Exactly one of these.
    OneOf(&'static [Shape]),
}

/// A member of an object. Members are always there: what is not known is `null`.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// Whether it may be `null`.
    pub nullable: bool,
    /// Whether it is not for every reader: a copy that is cut to its reader may be without it.
    pub cut: bool,
    /// What it says.
    pub about: &'static str,
}

/// A member that is never `null`.
pub(super) const fn one(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, nullable: false, cut: false, about }
}

/// A member that may be `null`.
pub(super) const fn maybe(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, nullable: true, cut: false, about }
}

/// A member that names a person.
pub(super) const fn who(name: &'static str, about: &'static str) -> Field {
    Field { name, shape: USER_ID, nullable: false, cut: true, about }
}

/// A member that names a person or nobody.
pub(super) const fn perhaps(name: &'static str, about: &'static str) -> Field {
    Field { name, shape: USER_ID, nullable: true, cut: true, about }
}

/// The same member, not for every reader.
pub(super) const fn cut(field: Field) -> Field {
    Field { cut: true, ..field }
}

/// An id of ours; its prefix is the domain's.
pub(super) const fn id<K: IdKind>(name: &'static str, about: &'static str) -> Shape {
    Shape::Named(name, about, Form::Id(K::PREFIX))
}

/// An id of another service.
pub(super) const fn external(name: &'static str, about: &'static str) -> Shape {
    Shape::Named(name, about, Form::External)
}

/// One of some words.
pub(super) const fn words(
    name: &'static str,
    about: &'static str,
    words: &'static [(&'static str, &'static str)],
) -> Shape {
    Shape::Named(name, about, Form::Words(words))
}

/// An object described once.
pub(super) const fn record(name: &'static str, about: &'static str, fields: &'static [Field]) -> Shape {
    Shape::Named(name, about, Form::Record(fields))
}

/// Exactly one of some shapes.
pub(super) const fn one_of(name: &'static str, about: &'static str, shapes: &'static [Shape]) -> Shape {
    Shape::Named(name, about, Form::OneOf(shapes))
}
