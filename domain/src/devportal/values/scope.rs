//! What a key may do: the catalogue of scopes, and who can be given which.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Malformed;
use crate::kernel::Unreadable;

/// How many scopes a key has at most.
pub const MAX_SCOPES: usize = 20;

/// A heading under which scopes are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScopeGroup {
    /// Text messages.
    Messaging,
    /// Invoices and balance.
    Billing,
    /// The Verify API.
    Verify,
    /// Keys themselves.
    Keys,
    /// Webhook endpoints.
    Webhooks,
    /// Usage figures.
    Usage,
    /// Buying and selling.
    Market,
    /// What the platform publishes.
    Publishing,
}

macro_rules! scopes {
    ($($name:ident $text:literal $group:ident $staff:literal $doc:literal;)*) => {
        /// A scope of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum Scope {
            $(#[doc = $doc] $name,)*
        }

        impl Scope {
            /// The catalogue.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The heading it is offered under.
            pub const fn group(self) -> ScopeGroup {
                match self {
                    $(Self::$name => ScopeGroup::$group,)*
                }
            }

            /// Whether only the platform's own people can be given it.
            pub const fn staff_only(self) -> bool {
                match self {
                    $(Self::$name => $staff,)*
                }
            }
        }
    };
}

scopes! {
    SmsSend          "sms:send"          Messaging  false "Sends text messages.";
    SmsRead          "sms:read"          Messaging  false "Reads text messages.";
    BillingRead      "billing:read"      Billing    false "Reads invoices and the balance.";
    VerifySend       "verify:send"       Verify     false "Starts and checks verifications.";
    VerifyRead       "verify:read"       Verify     false "Reads verifications.";
    KeysRead         "keys:read"         Keys       false "Reads the metadata of keys.";
    KeysWrite        "keys:write"        Keys       false "Creates, rotates and revokes keys.";
    WebhooksRead     "webhooks:read"     Webhooks   false "Reads endpoints and deliveries.";
    WebhooksWrite    "webhooks:write"    Webhooks   false "Changes endpoints and replays deliveries.";
    UsageRead        "usage:read"        Usage      false "Reads usage figures.";
    MarketRead       "marketplace:read"  Market     false "Reads orders and licences.";
    MarketWrite      "marketplace:write" Market     false "Places orders and assigns seats.";
    DocsWrite        "docs:write"        Publishing true  "Writes documentation.";
    SdkWrite         "sdk:write"         Publishing true  "Releases SDKs.";
}

impl Scope {
    /// Every scope that a key of an account can be given.
    pub fn grantable(staff: bool) -> BTreeSet<Self> {
        Self::ALL.iter().copied().filter(|scope| staff || !scope.staff_only()).collect()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.as_str()
    }
}

impl FromStr for Scope {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or(Malformed::Scope)
    }
}

impl TryFrom<String> for Scope {
    type Error = Unreadable<Malformed>;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map_err(Unreadable)
    }
}

/// The scopes of a key: 1 to 20, each once (K-INV-3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Scope>", into = "BTreeSet<Scope>")]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// A set of scopes.
    ///
    /// # Errors
    /// [`Malformed::Scopes`] for none or more than 20.
    pub fn try_new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, Malformed> {
        let scopes: BTreeSet<Scope> = scopes.into_iter().collect();
        if (1..=MAX_SCOPES).contains(&scopes.len()) { Ok(Self(scopes)) } else { Err(Malformed::Scopes) }
    }

    /// The set that these texts name.
    ///
    /// # Errors
    /// [`Malformed::Scope`], [`Malformed::Scopes`].
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, Malformed> {
        let scopes: Result<BTreeSet<Scope>, Malformed> =
            texts.iter().map(|text| text.as_ref().parse()).collect();
        Self::try_new(scopes?)
    }

    /// Whether it has this one.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// The first scope that `allowed` lacks.
    pub fn beyond(&self, allowed: &BTreeSet<Scope>) -> Option<Scope> {
        self.0.difference(allowed).next().copied()
    }

    /// The scopes, in the catalogue's order.
    pub fn as_set(&self) -> &BTreeSet<Scope> {
        &self.0
    }
}

impl TryFrom<BTreeSet<Scope>> for ScopeSet {
    type Error = Unreadable<Malformed>;

    fn try_from(scopes: BTreeSet<Scope>) -> Result<Self, Self::Error> {
        Self::try_new(scopes).map_err(Unreadable)
    }
}

impl From<ScopeSet> for BTreeSet<Scope> {
    fn from(set: ScopeSet) -> Self {
        set.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_the_form_words_colon_verb_and_is_read_back() {
        for scope in Scope::ALL {
            let (what, verb) = scope.as_str().split_once(':').unwrap();
            assert!(
                what.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
            );
            assert!(["read", "write", "send"].contains(&verb), "{scope}");
            assert_eq!(scope.as_str().parse(), Ok(*scope));
            let json = serde_json::to_string(scope).unwrap();
            assert_eq!(
                (json.as_str(), serde_json::from_str::<Scope>(&json).unwrap()),
                (format!("\"{scope}\"").as_str(), *scope)
            );
        }
        for bad in ["", "sms", "sms:", "sms:delete", "SMS:send", "sms:send ", "*"] {
            assert_eq!(bad.parse::<Scope>(), Err(Malformed::Scope), "{bad}");
        }
    }

    #[test]
    fn publishing_is_for_the_platform_s_own_people() {
        let (staff, others) = (Scope::grantable(true), Scope::grantable(false));
        let reserved: Vec<_> = staff.difference(&others).map(|scope| scope.as_str()).collect();
        assert_eq!(reserved, ["docs:write", "sdk:write"]);
        assert_eq!(staff.len(), Scope::ALL.len());
    }

    #[test]
    fn a_set_has_each_scope_once_and_at_least_one() {
        let set = ScopeSet::parse(&["verify:read", "sms:send", "verify:read"]).unwrap();
        assert_eq!(serde_json::to_value(&set).unwrap(), serde_json::json!(["sms:send", "verify:read"]));
        assert!(set.contains(Scope::SmsSend) && !set.contains(Scope::SmsRead));
        assert_eq!(set.beyond(&[Scope::SmsSend].into()), Some(Scope::VerifyRead));
        assert_eq!(ScopeSet::parse::<&str>(&[]), Err(Malformed::Scopes));
        assert_eq!(ScopeSet::parse(&["sms:delete"]), Err(Malformed::Scope));
        assert!(serde_json::from_str::<ScopeSet>("[]").is_err());
    }
}
