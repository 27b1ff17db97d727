//! Ids that other services own: opaque text of 1 to 128 visible ASCII characters (platform.md 1).

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::id::IdKind;

/// An id issued elsewhere; compared byte by byte, never interpreted.
pub struct ExternalId<K> {
    text: Box<str>,
    kind: PhantomData<fn() -> K>,
}

/// The text is empty, longer than 128 characters, or has one that is not visible ASCII.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {name} id is 1 to 128 visible ASCII characters")]
pub struct ExternalIdError {
    /// The kind's name.
    pub name: &'static str,
}

impl<K: IdKind> ExternalId<K> {
    /// Takes a text as an id.
    ///
    /// # Errors
    /// [`ExternalIdError`] when it is not 1 to 128 visible ASCII characters.
    pub fn try_new(text: impl Into<Box<str>>) -> Result<Self, ExternalIdError> {
        let text = text.into();
        if Self::is_valid(&text) {
            Ok(Self { text, kind: PhantomData })
        } else {
            Err(ExternalIdError { name: K::NAME })
        }
    }

    /// Takes a text that the program itself names.
    ///
    /// ```
    /// # use sarai_domain::kernel::TenantId;
    /// assert_eq!(TenantId::from_static("platform").as_str(), "platform");
    /// ```
    pub fn from_static(text: &'static str) -> Self {
        debug_assert!(Self::is_valid(text), "{text} is not an id");
        Self { text: text.into(), kind: PhantomData }
    }

    fn is_valid(text: &str) -> bool {
        (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<K: IdKind> fmt::Display for ExternalId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K: IdKind> fmt::Debug for ExternalId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K: IdKind> FromStr for ExternalId<K> {
    type Err = ExternalIdError;

    fn from_str(text: &str) -> Result<Self, ExternalIdError> {
        Self::try_new(text)
    }
}

impl<K: IdKind> Serialize for ExternalId<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, K: IdKind> Deserialize<'de> for ExternalId<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<K> Clone for ExternalId<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}
impl<K> PartialEq for ExternalId<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<K> Eq for ExternalId<K> {}
impl<K> PartialOrd for ExternalId<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for ExternalId<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}
impl<K> hash::Hash for ExternalId<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

macro_rules! external_ids {
    ($($kind:ident $alias:ident $name:literal;)*) => {
        /// The kinds of external id, one empty type each.
        pub mod kinds {
            $(
                #[doc = concat!("Kind of the ids of a ", $name, ".")]
                #[derive(Debug)]
                pub enum $kind {}
            )*
        }
        $(
            impl IdKind for kinds::$kind {
                const PREFIX: &'static str = "";
                const NAME: &'static str = $name;
            }
            #[doc = concat!("The id of a ", $name, ", owned by another service.")]
            pub type $alias = ExternalId<kinds::$kind>;
        )*
    };
}

external_ids! {
    Account       AccountId       "account";
    Tenant        TenantId        "tenant";
    Message       MessageId       "message";
    Invoice       InvoiceId       "invoice";
    User          UserId          "user";
    Course        CourseId        "course";
    CourseVersion CourseVersionId "course version";
    PaymentIntent PaymentIntentId "payment intent";
    Payment       PaymentId       "payment";
    Payout        PayoutId        "payout";
    Device        DeviceId        "device";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_ascii_of_bounded_length_is_an_id() {
        assert!(TenantId::try_new("acme-1").is_ok());
        assert!(TenantId::try_new("x".repeat(128)).is_ok());
        for bad in ["", "a b", "a\n", "naïve", &"x".repeat(129)] {
            assert_eq!(TenantId::try_new(bad), Err(ExternalIdError { name: "tenant" }), "{bad:?}");
        }
    }
}
