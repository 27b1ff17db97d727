//! Where and how a tenant sends codes, and how much it spends.

use std::collections::BTreeSet;

use poem_openapi::Object;
use sarai_domain::{
    devportal::{
        policy::{PolicySettings, SpendCaps, SpendPolicy, VerifyPolicy},
        values::{Channel, CodeLength, CountryCode, DialPrefix},
        verify::Terms,
    },
    kernel::Aggregate as _,
};

use super::{
    key_body::ApiEnvironment,
    members::at,
    verify_words::{ApiAdvanceOn, ApiChannel, ApiResendPolicy},
};
use crate::{
    problem::Problem,
    scalars::{ApiPrice, ApiTimestamp},
};

/// How verifications run where a start says nothing.
#[derive(Debug, Clone, Copy, Object)]
#[oai(rename = "VerifyTerms", rename_all = "camelCase")]
pub struct TermsBody {
    /// How long they live: 120 to 600 seconds.
    ttl_seconds: u16,
    /// How many digits a code has: 6 to 10.
    code_length: u8,
    /// How many checks there are: 3 to 10.
    max_attempts: u32,
    /// How many sends: 1 to 8.
    max_sends: u32,
    /// How long between two sends: 15 to 300 seconds.
    resend_cooldown_seconds: u16,
    /// What moves them to the next channel.
    advance_on: ApiAdvanceOn,
    /// Which code a further send carries.
    resend_policy: ApiResendPolicy,
}

/// A country that codes may be sent to from now on.
#[derive(Debug, Clone, Object)]
#[oai(rename = "AllowRequest", rename_all = "camelCase")]
pub struct AllowBody {
    /// Two letters.
    country: String,
}

impl AllowBody {
    pub(super) fn parse(&self) -> Result<CountryCode, Problem> {
        at("/country", CountryCode::parse(&self.country))
    }
}

/// Everything of a policy that a tenant sets.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerifySettings", rename_all = "camelCase")]
pub struct SettingsBody {
    /// Where the tenant is at home: two letters.
    home_country: String,
    /// Where codes are sent to; only home where none is named.
    allowed_countries: Vec<String>,
    /// Numbers that no code is sent to, besides satellites and premium services.
    blocked_prefixes: Vec<String>,
    /// By which channels; at least one.
    allowed_channels: Vec<ApiChannel>,
    /// How verifications run.
    terms: TermsBody,
    /// How many sends an hour; null: as many as wanted.
    tenant_sends_per_hour: Option<u32>,
}

/// A tenant's policy.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerifyPolicy", rename_all = "camelCase")]
pub struct VerifyPolicyBody {
    /// In which world.
    environment: ApiEnvironment,
    /// What holds.
    #[oai(flatten)]
    settings: SettingsBody,
    /// When it last changed.
    updated_at: ApiTimestamp,
    /// Its version, for `If-Match`; 0 where nothing was set.
    version: u64,
}

/// What a tenant spends at most; null: no bound.
#[derive(Debug, Clone, Copy, Object)]
#[oai(rename = "SpendCaps", rename_all = "camelCase")]
pub struct CapsBody {
    /// In a UTC day.
    per_day: Option<ApiPrice>,
    /// In a UTC month.
    per_month: Option<ApiPrice>,
    /// For a send.
    max_price_per_send: Option<ApiPrice>,
}

/// How much a tenant spends.
#[derive(Debug, Clone, Object)]
#[oai(rename = "SpendPolicy", rename_all = "camelCase")]
pub struct SpendPolicyBody {
    /// In which world.
    environment: ApiEnvironment,
    /// What holds.
    #[oai(flatten)]
    caps: CapsBody,
    /// When it last changed.
    updated_at: ApiTimestamp,
    /// Its version, for `If-Match`; 0 where nothing was set.
    version: u64,
}

impl SettingsBody {
    pub(super) fn parse(self) -> Result<PolicySettings, Problem> {
        let country = |text: &String| at("/allowedCountries", CountryCode::parse(text));
        let prefix = |text: &String| at("/blockedPrefixes", DialPrefix::parse(text));
        let TermsBody {
            ttl_seconds,
            code_length,
            max_attempts,
            max_sends,
            resend_cooldown_seconds,
            advance_on,
            resend_policy,
        } = self.terms;
        Ok(PolicySettings {
            home_country: at("/homeCountry", CountryCode::parse(&self.home_country))?,
            allowed_countries: self.allowed_countries.iter().map(country).collect::<Result<_, _>>()?,
            blocked_prefixes: self.blocked_prefixes.iter().map(prefix).collect::<Result<_, _>>()?,
            allowed_channels: self.allowed_channels.into_iter().map(Channel::from).collect::<BTreeSet<_>>(),
            terms: Terms {
                ttl_seconds,
                code_length: at("/terms/codeLength", CodeLength::try_new(code_length))?,
                max_attempts,
                max_sends,
                resend_cooldown_seconds,
                advance_on: advance_on.into(),
                resend_policy: resend_policy.into(),
            },
            tenant_sends_per_hour: self.tenant_sends_per_hour,
        })
    }
}

impl VerifyPolicyBody {
    pub(super) fn of(policy: &VerifyPolicy, version: u64) -> Self {
        let data = policy.data();
        let (settings, terms) = (&data.settings, data.settings.terms);
        Self {
            environment: data.key.environment.into(),
            settings: SettingsBody {
                home_country: settings.home_country.to_string(),
                allowed_countries: settings.allowed_countries.iter().map(ToString::to_string).collect(),
                blocked_prefixes: settings.blocked_prefixes.iter().map(ToString::to_string).collect(),
                allowed_channels: settings.allowed_channels.iter().map(|one| (*one).into()).collect(),
                terms: TermsBody {
                    ttl_seconds: terms.ttl_seconds,
                    code_length: terms.code_length.digits(),
                    max_attempts: terms.max_attempts,
                    max_sends: terms.max_sends,
                    resend_cooldown_seconds: terms.resend_cooldown_seconds,
                    advance_on: terms.advance_on.into(),
                    resend_policy: terms.resend_policy.into(),
                },
                tenant_sends_per_hour: settings.tenant_sends_per_hour,
            },
            updated_at: data.updated_at.into(),
            version,
        }
    }
}

impl From<CapsBody> for SpendCaps {
    fn from(caps: CapsBody) -> Self {
        Self {
            per_day: caps.per_day.map(|price| price.0),
            per_month: caps.per_month.map(|price| price.0),
            max_price_per_send: caps.max_price_per_send.map(|price| price.0),
        }
    }
}

impl SpendPolicyBody {
    pub(super) fn of(policy: &SpendPolicy, version: u64) -> Self {
        let (data, caps) = (policy.data(), policy.data().caps);
        Self {
            environment: data.key.environment.into(),
            caps: CapsBody {
                per_day: caps.per_day.map(ApiPrice),
                per_month: caps.per_month.map(ApiPrice),
                max_price_per_send: caps.max_price_per_send.map(ApiPrice),
            },
            updated_at: data.updated_at.into(),
            version,
        }
    }
}
