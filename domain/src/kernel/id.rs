//! Typed ids: a prefix, `_`, and a ULID (platform.md 1).
//!
//! ```
//! use sarai_domain::kernel::{IdError, ListingId};
//! let id: ListingId = "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?;
//! assert_eq!(id.to_string(), "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV");
//! assert!("lst_01arz3ndektsv4rrffq69g5fav".parse::<ListingId>().is_err(), "one id has one spelling");
//! assert!("ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse::<ListingId>().is_err());
//! # Ok::<(), IdError>(())
//! ```

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
pub use ulid::Ulid;

/// What an [`Id`] names: its prefix in text and its name in messages.
pub trait IdKind: 'static {
    /// The three letters before the underscore.
    const PREFIX: &'static str;
    /// The name of the thing, as error messages print it.
    const NAME: &'static str;
}

/// The id of a `K`. Text form: `K::PREFIX`, `_`, 26 uppercase Crockford characters.
pub struct Id<K> {
    ulid: Ulid,
    kind: PhantomData<fn() -> K>,
}

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text does not begin with the kind's prefix and an underscore.
    #[error("a {name} id starts with `{prefix}_`")]
    Prefix {
        /// The kind's name.
        name: &'static str,
        /// The prefix it wants.
        prefix: &'static str,
    },
    /// What follows the prefix is not a ULID in its one canonical spelling.
    #[error("a {name} id ends in 26 uppercase Crockford base-32 characters")]
    Ulid {
        /// The kind's name.
        name: &'static str,
    },
}

impl<K: IdKind> Id<K> {
    /// The id that carries this ULID.
    pub const fn new(ulid: Ulid) -> Self {
        Self { ulid, kind: PhantomData }
    }

    /// The ULID without its prefix.
    pub const fn ulid(&self) -> Ulid {
        self.ulid
    }
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.ulid)
    }
}

impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: IdKind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let body = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(IdError::Prefix { name: K::NAME, prefix: K::PREFIX })?;
        // `from_string` takes lower case and overflows silently: only the canonical text may pass.
        match Ulid::from_string(body) {
            Ok(ulid) if ulid.to_string() == body => Ok(Self::new(ulid)),
            _ => Err(IdError::Ulid { name: K::NAME }),
        }
    }
}

impl<K: IdKind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: IdKind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.ulid == other.ulid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ulid.cmp(&other.ulid)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.ulid.hash(state);
    }
}

/// One table of prefixes: kind, prefix, alias.
macro_rules! id_kinds {
    ($($kind:ident $prefix:literal $alias:ident $name:literal;)*) => {
        /// The kinds of id, one empty type each.
        pub mod kinds {
            $(
                #[doc = concat!("Kind of the ids that start with `", $prefix, "_`.")]
                #[derive(Debug)]
                pub enum $kind {}
            )*
        }
        $(
            impl IdKind for kinds::$kind {
                const PREFIX: &'static str = $prefix;
                const NAME: &'static str = $name;
            }
            #[doc = concat!("The id of a ", $name, ": `", $prefix, "_…`.")]
            pub type $alias = Id<kinds::$kind>;
        )*
        /// Every prefix in use, for the test that no two are equal.
        pub const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

id_kinds! {
    Listing      "lst" ListingId      "listing";
    PricingPlan  "pln" PricingPlanId  "pricing plan";
    Order        "ord" OrderId        "order";
    OrderLine    "oln" OrderLineId    "order line";
    License      "lic" LicenseId      "licence";
    Seat         "sal" SeatId         "seat allocation";
    WaitlistEntry "wle" WaitlistEntryId "waitlist entry";
    Lease        "lse" LeaseId        "offline lease";
    Coupon       "cpn" CouponId       "coupon";
    Redemption   "red" RedemptionId   "coupon redemption";
    Refund       "rfd" RefundId       "refund";
    Saga         "sga" SagaId         "purchase saga";
    Quote        "quo" QuoteId        "quote";
    EarningsLine "ern" EarningsLineId "earnings line";
    Event        "evt" EventId        "event";
    DeveloperAccount "dev" DeveloperAccountId "developer account";
    ApiKey       "key" ApiKeyId       "API key";
    Sandbox      "sbx" SandboxId      "sandbox";
    SandboxMessage "sbm" SandboxMessageId "sandbox message";
    Verification "ver" VerificationId "verification";
    DeliveryAttempt "dat" DeliveryAttemptId "delivery attempt";
    VerifyTemplate "vtp" VerifyTemplateId "Verify template";
    SdkRelease   "sdk" SdkReleaseId   "SDK release";
    Artifact     "art" ArtifactId     "SDK artifact";
    DocsArticle  "doc" DocsArticleId  "documentation article";
    WebhookEndpoint "whe" WebhookEndpointId "webhook endpoint";
    WebhookDelivery "whd" WebhookDeliveryId "webhook delivery";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_two_kinds_share_a_prefix() {
        let mut sorted = PREFIXES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), PREFIXES.len());
    }

    #[test]
    fn an_overflowing_ulid_is_refused() {
        assert!("lst_8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<ListingId>().is_err());
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(bits: u128) {
            let id = OrderId::new(Ulid::from(bits));
            prop_assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
        }

        #[test]
        fn any_text_parses_to_its_own_spelling_or_not_at_all(text in "(ord_)?[0-9A-Za-z]{20,30}") {
            if let Ok(id) = text.parse::<OrderId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
