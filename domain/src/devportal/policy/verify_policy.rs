//! `VerifyPolicy`: where and how a tenant sends codes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{AdmissionError, PolicyKey};
use crate::{
    devportal::{
        values::{Channel, ChannelOrder, ChannelStep, CountryCode, Destination, DialPrefix, Environment},
        verify::{PolicySnapshot, Terms, TermsAsked},
    },
    kernel::{Aggregate, Audited, Changes, Outcome, Root, Rule, Timestamp, require, topics},
};

/// A policy's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyPolicyData {
    /// Whose.
    pub key: PolicyKey,
    /// What its tenant set.
    pub settings: PolicySettings,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a tenant sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicySettings {
    /// Where the tenant is at home.
    pub home_country: CountryCode,
    /// Where codes are sent to; only home where none is named.
    pub allowed_countries: BTreeSet<CountryCode>,
    /// Numbers that no code is sent to, besides satellites and premium services.
    pub blocked_prefixes: BTreeSet<DialPrefix>,
    /// By which channels; at least one.
    pub allowed_channels: BTreeSet<Channel>,
    /// How sessions run where a start says nothing.
    pub terms: Terms,
    /// How many sends an hour; as many as wanted where nothing is said.
    pub tenant_sends_per_hour: Option<u32>,
}

impl PolicySettings {
    /// The defaults of a tenant.
    pub fn at_home(home_country: CountryCode) -> Self {
        Self {
            home_country,
            allowed_countries: BTreeSet::new(),
            blocked_prefixes: BTreeSet::new(),
            allowed_channels: Channel::ALL.iter().copied().collect(),
            terms: Terms::default(),
            tenant_sends_per_hour: None,
        }
    }

    fn allows(&self, country: CountryCode) -> bool {
        let home = self.allowed_countries.is_empty() && country == self.home_country;
        home || self.allowed_countries.contains(&country)
    }

    fn check(&self) -> Result<(), AdmissionError> {
        let within = |holds: bool, field| if holds { Ok(()) } else { Err(AdmissionError::Setting { field }) };
        within(!self.allowed_channels.is_empty(), "allowedChannels")?;
        within(self.allowed_countries.len() <= 250, "allowedCountries")?;
        within(self.blocked_prefixes.len() <= 500, "blockedPrefixes")?;
        within(self.tenant_sends_per_hour != Some(0), "tenantSendsPerHour")?;
        Ok(self.terms.check()?)
    }
}

/// A fact about a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum VerifyPolicyEvent {
    /// Its tenant changed it.
    Changed {
        /// In which world.
        environment: Environment,
        /// What holds now.
        settings: PolicySettings,
    },
}

topics!(VerifyPolicyEvent { Changed => "devportal.verify.policy_changed.v1", });

/// Where and how a tenant sends codes.
#[derive(Debug, Clone)]
pub struct VerifyPolicy {
    root: Root<VerifyPolicyData, VerifyPolicyEvent>,
}

impl VerifyPolicy {
    /// The policy of a tenant that set none: nothing is stored yet.
    pub fn default_for(key: PolicyKey, home_country: CountryCode, now: Timestamp) -> Self {
        let settings = PolicySettings::at_home(home_country);
        Self { root: Root::new(VerifyPolicyData { key, settings, updated_at: now }) }
    }

    /// Sets everything.
    ///
    /// # Errors
    /// [`AdmissionError::Setting`] or [`AdmissionError::Terms`] out of bounds.
    pub fn set(&mut self, settings: PolicySettings, now: Timestamp) -> Result<Outcome, AdmissionError> {
        settings.check()?;
        if settings == self.root.data.settings && self.root.version() > 0 {
            return Ok(Outcome::AlreadyApplied);
        }
        self.root.record(VerifyPolicyEvent::Changed {
            environment: self.root.data.key.environment,
            settings: settings.clone(),
        });
        self.root.data.settings = settings;
        self.root.data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Lets codes be sent to one country more; home stays allowed with it. One that is allowed is already applied.
    ///
    /// # Errors
    /// [`AdmissionError::Setting`] beyond as many as a policy names.
    pub fn allow(&mut self, country: CountryCode, now: Timestamp) -> Result<Outcome, AdmissionError> {
        let mut settings = self.root.data.settings.clone();
        if settings.allows(country) {
            return Ok(Outcome::AlreadyApplied);
        }
        if settings.allowed_countries.is_empty() {
            settings.allowed_countries.insert(settings.home_country);
        }
        settings.allowed_countries.insert(country);
        self.set(settings, now)
    }

    /// Whether a destination may be sent to by these channels. Not asked in a sandbox (ruling R8).
    ///
    /// # Errors
    /// [`AdmissionError::DestinationBlocked`], [`AdmissionError::CountryNotAllowed`], [`AdmissionError::ChannelNotAllowed`].
    pub fn admit(&self, destination: &Destination, order: &ChannelOrder) -> Result<(), AdmissionError> {
        let settings = &self.root.data.settings;
        let mut channels = order.steps().iter().map(ChannelStep::channel);
        if let Some(channel) = channels.find(|channel| !settings.allowed_channels.contains(channel)) {
            return Err(AdmissionError::ChannelNotAllowed { channel });
        }
        let Some(phone) = destination.phone() else { return Ok(()) };
        let blocked = |reason: &str| AdmissionError::DestinationBlocked { reasons: vec![reason.to_owned()] };
        if DialPrefix::always_blocks(phone) {
            return Err(blocked("premium_or_satellite"));
        }
        if settings.blocked_prefixes.iter().any(|prefix| prefix.covers(phone)) {
            return Err(blocked("blocked_prefix"));
        }
        let country = phone.country_code();
        if country.is_some_and(|country| settings.allows(country)) {
            Ok(())
        } else {
            Err(AdmissionError::CountryNotAllowed { country })
        }
    }

    /// What holds for a session that begins now.
    ///
    /// # Errors
    /// [`AdmissionError::Terms`] when the start asks for what is out of bounds.
    pub fn snapshot(&self, asked: TermsAsked) -> Result<PolicySnapshot, AdmissionError> {
        let terms = self.root.data.settings.terms.with(asked)?;
        Ok(PolicySnapshot { policy_version: self.root.version(), terms })
    }
}

/// What holds of every stored policy.
impl Audited for VerifyPolicy {
    const RULES: &'static [Rule<Self>] = &[Rule::<Self>::ours(|data, _| data.settings.check())];
}

impl Aggregate for VerifyPolicy {
    type Id = PolicyKey;
    type Data = VerifyPolicyData;
    type Row = crate::kernel::NoRow;
    type Event = VerifyPolicyEvent;
    type Error = AdmissionError;

    const NAME: &'static str = "verify_policy";

    fn rehydrate(
        data: VerifyPolicyData,
        rows: Vec<crate::kernel::NoRow>,
        version: u64,
    ) -> Result<Self, AdmissionError> {
        require::<Self>(&data, &rows)?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> PolicyKey {
        self.root.data.key.clone()
    }

    fn data(&self) -> &VerifyPolicyData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.id();
        self.root.into_changes(id)
    }
}
