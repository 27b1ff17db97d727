//! The ports' values in the form in which they cross the network.
//!
//! The definitions below mirror the ports' types (`serde(remote)`): a type that changes without its definition
//! does not compile. [`Wire`] carries a value through a serializer; the modules [`wired`] and [`list`] do it
//! for a member of another body.

mod auth;
mod billing;
mod demo;
mod enrollment;
mod invoicing;
mod keys;
mod messaging;
mod page;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::{
    auth::{Confirm, End, Enrol, Refresh, SignIn},
    billing::{Payment, Payout, Refund},
    demo::{Due, Learned, Moved, Now, Switches},
    enrollment::{Learners, Place},
    invoicing::InvoiceSearch,
    keys::KeyCheck,
    messaging::{Count, OneMessage, Search},
};

/// A value with a form on the wire.
pub trait Wired: Sized {
    /// Writes it.
    ///
    /// # Errors
    /// The serializer's.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    /// Reads it.
    ///
    /// # Errors
    /// The deserializer's, for another form.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A value that was read, or the reference to one to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire<T>(pub T);

impl<T: Wired> Serialize for Wire<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: Wired> Deserialize<'de> for Wire<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// An answer with nothing in it but that it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

/// A member with a form on the wire: `#[serde(with = "wired")]`.
pub mod wired {
    use super::{Deserializer, Serializer, Wired};

    /// Writes the member.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<T: Wired, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }

    /// Reads the member.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, T: Wired, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// A list of values with a form on the wire: `#[serde(with = "list")]`.
pub mod list {
    use super::{Deserialize, Deserializer, Serializer, Wire, Wired};

    /// Writes the list.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<T: Wired, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(Wire))
    }

    /// Reads the list.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, T: Wired, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let values: Vec<Wire<T>> = Vec::deserialize(deserializer)?;
        Ok(values.into_iter().map(|Wire(value)| value).collect())
    }
}

/// Values in no order: `#[serde(with = "set")]`.
mod set {
    use std::collections::BTreeSet;

    use super::{Deserialize, Deserializer, Serializer, Wire, Wired};

    pub(super) fn serialize<T: Wired, S: Serializer>(
        values: &BTreeSet<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(Wire))
    }

    pub(super) fn deserialize<'de, T: Wired + Ord, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeSet<T>, D::Error> {
        let values: Vec<Wire<T>> = Vec::deserialize(deserializer)?;
        Ok(values.into_iter().map(|Wire(value)| value).collect())
    }
}

/// A value or none: `#[serde(with = "maybe")]`.
mod maybe {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Wire, Wired};

    #[expect(clippy::ref_option, reason = "the shape serde wants")]
    pub(super) fn serialize<T: Wired, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Wire).serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Wired, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let value: Option<Wire<T>> = Option::deserialize(deserializer)?;
        Ok(value.map(|Wire(value)| value))
    }
}

/// Makes each type [`Wired`] by its definition.
macro_rules! define {
    ($($type:ty = $definition:ident),* $(,)?) => { $(
        impl $crate::wire::Wired for $type {
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $definition::serialize(self, serializer)
            }

            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $definition::deserialize(deserializer)
            }
        }
    )* };
}
use define;

/// Nothing is written as [`Done`].
impl Wired for () {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Done {}.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Done::deserialize(deserializer).map(|Done {}| ())
    }
}
