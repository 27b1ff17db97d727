//! Why a text is none of the values of accounts, keys, releases, articles and webhooks.

use crate::{
    devportal::invariants::{K_INV_3, R_INV_2, W_INV_1},
    kernel::{
        Coded, Invariant,
        Kind::{self, Invalid},
    },
};

/// Why a value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// K-INV-3: not in the catalogue of scopes.
    #[error("there is no such scope")]
    Scope,
    /// K-INV-3: no scope, or more than 20.
    #[error("a key has 1 to 20 scopes")]
    Scopes,
    /// Not in the published form, or its checksum is wrong.
    #[error("the text has not the form of a key")]
    RawKey,
    /// Not the beginning of a key.
    #[error("a key's prefix is srk_live_ or srk_sbx_ and four letters or digits")]
    KeyPrefix,
    /// Not the end of a key.
    #[error("the end of a key is four letters or digits")]
    KeyTail,
    /// Not a label.
    #[error("a label is one line of 1 to 64 characters, without control or direction characters")]
    Label,
    /// Not a block of addresses.
    #[error("a block of addresses is 203.0.113.0/24 or 2001:db8::/32, with zeros beyond its length")]
    CidrBlock,
    /// W-INV-1, as far as the text shows it.
    #[error("a URL is https://host[:port][/path], port 443 or from 1024 on, at most 2048 characters")]
    HttpsUrl,
    /// W-INV-1: an address instead of a name.
    #[error("a URL names a host, not an address")]
    AddressInUrl,
    /// R-INV-2 speaks of versions only.
    #[error("a version is MAJOR.MINOR.PATCH as Semantic Versioning 2.0 has it, at most 128 characters")]
    Version,
    /// Not a slug.
    #[error("a slug is 1 to 80 of a-z and 0-9, with single hyphens between")]
    Slug,
    /// Not a percentage.
    #[error("a percentage is 0 to 100")]
    Percent,
    /// Not a name to show.
    #[error("a display name is one line of 1 to 80 characters")]
    DisplayName,
    /// Not a company's name.
    #[error("a company's name is one line of 1 to 120 characters")]
    CompanyName,
    /// Not the name of a time zone.
    #[error("a time zone is a name of the tz database, such as Asia/Kabul")]
    Timezone,
    /// Not a package URL.
    #[error("a package URL is pkg:type/name@version, at most 512 characters")]
    PackageUrl,
}

impl Malformed {
    #[rustfmt::skip]
    fn facts(self) -> (&'static str, Option<Invariant>) {
        match self {
            Self::Scope        => ("key.scope_unknown",              Some(K_INV_3)),
            Self::Scopes       => ("key.scopes_out_of_range",        Some(K_INV_3)),
            Self::RawKey       => ("key.malformed",                  None),
            Self::KeyPrefix    => ("key.prefix_malformed",           None),
            Self::KeyTail      => ("key.tail_malformed",             None),
            Self::Label        => ("key.label_malformed",            None),
            Self::CidrBlock    => ("key.cidr_malformed",             None),
            Self::HttpsUrl     => ("webhook.url_malformed",          Some(W_INV_1)),
            Self::AddressInUrl => ("webhook.target_forbidden",       Some(W_INV_1)),
            Self::Version      => ("sdk.version_malformed",          Some(R_INV_2)),
            Self::Slug         => ("docs.slug_malformed",            None),
            Self::Percent      => ("policy.percent_out_of_range",    None),
            Self::DisplayName  => ("account.display_name_malformed", None),
            Self::CompanyName  => ("account.company_name_malformed", None),
            Self::Timezone     => ("account.timezone_malformed",     None),
            Self::PackageUrl   => ("sdk.purl_malformed",             None),
        }
    }
}

impl Coded for Malformed {
    fn code(&self) -> &'static str {
        self.facts().0
    }

    fn kind(&self) -> Kind {
        Invalid
    }

    fn invariant(&self) -> Option<Invariant> {
        self.facts().1
    }
}
