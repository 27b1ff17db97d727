//! What is asked of Verify.

use std::{collections::BTreeMap, net::IpAddr};

use poem_openapi::Object;
use sarai_application::devportal::verify::{PreviewRequest, StartRequest};
use sarai_domain::{
    devportal::{
        values::{
            Address, Brand, ChannelOrder, ChannelStep, CodeLength, Destination, E164Phone, EmailAddress,
            Environment, Locale, Purpose,
        },
        verify::{AdvanceOn, Metadata, OnExisting, ResendPolicy, TermsAsked},
    },
    kernel::{TenantId, external_id::kinds as external, id::kinds},
};

use super::{
    key_body::ApiEnvironment,
    members::at,
    verify_words::{ApiAdvanceOn, ApiChannel, ApiOnExisting, ApiPurpose, ApiResendPolicy},
};
use crate::{
    problem::Problem,
    scalars::{ApiExternalId, ApiId},
};

/// How long the developer's name for an end user is at most.
const REF_MAX: usize = 128;

/// Where a code goes.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Destination", rename_all = "camelCase")]
pub struct DestinationBody {
    /// A phone number with its country's calling code; digits of any script.
    phone: Option<String>,
    /// An e-mail address.
    email: Option<String>,
}

/// A channel to try, and how long to wait for it.
#[derive(Debug, Clone, Copy, Object)]
#[oai(rename = "NewChannelStep", rename_all = "camelCase")]
pub struct NewStepBody {
    /// The channel.
    channel: ApiChannel,
    /// 15 to 300 seconds; the channel's own where nothing is said.
    wait_seconds: Option<u16>,
}

/// Whose code it is, as far as the developer knows: what sends are counted by.
#[derive(Debug, Clone, Object)]
#[oai(rename = "EndUser", rename_all = "camelCase")]
pub struct EndUserBody {
    /// The address on the network.
    ip: Option<String>,
    /// The developer's own name for the end user, of at most 128 characters.
    #[oai(rename = "ref")]
    reference: Option<String>,
}

/// A verification to start.
#[derive(Debug, Object)]
#[oai(rename = "NewVerification", rename_all = "camelCase")]
pub struct NewVerificationBody {
    /// In which world: the key's, and no other.
    pub(super) environment: Option<ApiEnvironment>,
    /// Where the code goes.
    to: DestinationBody,
    /// 1 to 5 channels, each at most twice; SMS where there is a phone, else e-mail.
    channel_order: Option<Vec<NewStepBody>>,
    /// The language of the message, as a BCP 47 tag; English where it has none of ours.
    locale: Option<String>,
    /// The text: one that everybody has, or one of the tenant's of which a version is approved; the system's of the
    /// purpose where none is named.
    template_id: Option<ApiId<kinds::VerifyTemplate>>,
    /// Who sends; the account's name where nothing is said.
    brand: Option<String>,
    /// What for; `GENERIC` where nothing is said.
    purpose: Option<ApiPurpose>,
    /// How many digits the code has: 6 to 10.
    code_length: Option<u8>,
    /// How long it lives: 120 to 600 seconds.
    ttl_seconds: Option<u16>,
    /// What moves it to the next channel.
    advance_on: Option<ApiAdvanceOn>,
    /// Which code a further send carries.
    resend_policy: Option<ApiResendPolicy>,
    /// What happens where a live one has its place; `REUSE` where nothing is said.
    on_existing: Option<ApiOnExisting>,
    /// Whose code it is.
    end_user: Option<EndUserBody>,
    /// What stands in for a challenge.
    risk_token: Option<String>,
    /// Notes: at most 10 pairs of a key of 40 and a value of 200 characters.
    metadata: Option<BTreeMap<String, String>>,
}

/// A code as it was typed.
#[derive(Object)]
#[oai(rename = "CheckRequest", rename_all = "camelCase")]
pub struct CheckBody {
    /// Digits of any script; spaces and hyphens do not count.
    pub(super) code: String,
}

/// A start to look at.
#[derive(Debug, Object)]
#[oai(rename = "NewVerificationPreview", rename_all = "camelCase")]
pub struct NewPreviewBody {
    /// In which world: the key's, and no other.
    pub(super) environment: Option<ApiEnvironment>,
    /// A phone number.
    phone: Option<String>,
    /// An e-mail address.
    email: Option<String>,
    /// 1 to 5 channels, each at most twice; SMS where there is a phone, else e-mail.
    channel_order: Option<Vec<NewStepBody>>,
    /// The language of the message.
    locale: Option<String>,
    /// What for.
    purpose: Option<ApiPurpose>,
    /// The text, as of a start.
    template_id: Option<ApiId<kinds::VerifyTemplate>>,
}

/// A destination whose failed checks are to be forgotten.
#[derive(Debug, Object)]
#[oai(rename = "UnlockRequest", rename_all = "camelCase")]
pub struct UnlockBody {
    /// Whose.
    pub(super) tenant_id: ApiExternalId<external::Tenant>,
    /// In which world; production where nothing is said.
    pub(super) environment: Option<ApiEnvironment>,
    /// Which.
    to: DestinationBody,
    /// Why.
    pub(super) reason: String,
}

impl DestinationBody {
    fn parse(&self, pointer: &str) -> Result<Destination, Problem> {
        let below = |member| format!("{pointer}/{member}");
        let phone =
            self.phone.as_deref().map(|text| at(&below("phone"), E164Phone::parse(text))).transpose()?;
        let email =
            self.email.as_deref().map(|text| at(&below("email"), EmailAddress::parse(text))).transpose()?;
        at(pointer, Destination::try_new(phone, email))
    }
}

fn order(steps: Option<Vec<NewStepBody>>) -> Result<Option<ChannelOrder>, Problem> {
    let step = |step: NewStepBody| ChannelStep::try_new(step.channel.into(), step.wait_seconds);
    let parsed = |steps: Vec<NewStepBody>| {
        let steps: Result<Vec<_>, _> = steps.into_iter().map(step).collect();
        at("/channelOrder", steps.and_then(ChannelOrder::try_new))
    };
    steps.map(parsed).transpose()
}

fn locale(tag: Option<&str>) -> Option<Locale> {
    tag.map(|tag| Locale::from_tag(tag).unwrap_or_default())
}

/// An address in one spelling, so that one caller is counted once.
fn ip(text: &str) -> Result<String, Problem> {
    let parsed: Result<IpAddr, _> = text.trim().parse();
    parsed
        .map(|ip| ip.to_canonical().to_string())
        .map_err(|_| Problem::field("/endUser/ip", "this is no IP address"))
}

fn reference(text: String) -> Result<String, Problem> {
    if (1..=REF_MAX).contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(Problem::field("/endUser/ref", format!("1 to {REF_MAX} characters")))
    }
}

impl NewVerificationBody {
    pub(super) fn parse(self) -> Result<StartRequest, Problem> {
        let length =
            self.code_length.map(|digits| at("/codeLength", CodeLength::try_new(digits))).transpose()?;
        let terms = TermsAsked {
            ttl_seconds: self.ttl_seconds,
            code_length: length,
            advance_on: self.advance_on.map(AdvanceOn::from),
            resend_policy: self.resend_policy.map(ResendPolicy::from),
        };
        let (from, name) = self.end_user.map_or((None, None), |user| (user.ip, user.reference));
        Ok(StartRequest {
            to: self.to.parse("/to")?,
            channel_order: order(self.channel_order)?,
            locale: locale(self.locale.as_deref()),
            brand: self.brand.map(|brand| at("/brand", Brand::parse(&brand))).transpose()?,
            template_id: self.template_id.map(|id| id.0),
            purpose: self.purpose.map_or(Purpose::Generic, Purpose::from),
            terms,
            on_existing: self.on_existing.map_or(OnExisting::default(), OnExisting::from),
            ip: from.as_deref().map(ip).transpose()?,
            end_user_ref: name.map(reference).transpose()?,
            risk_token: self.risk_token,
            metadata: at("/metadata", Metadata::try_new(self.metadata.unwrap_or_default()))?,
        })
    }
}

impl NewPreviewBody {
    pub(super) fn parse(self) -> Result<PreviewRequest, Problem> {
        let to = DestinationBody { phone: self.phone, email: self.email };
        Ok(PreviewRequest {
            to: to.parse("")?,
            channel_order: order(self.channel_order)?,
            locale: locale(self.locale.as_deref()),
            purpose: self.purpose.map_or(Purpose::Generic, Purpose::from),
            template_id: self.template_id.map(|id| id.0),
        })
    }
}

impl UnlockBody {
    pub(super) fn parse(&self) -> Result<(TenantId, Environment, Vec<Address>), Problem> {
        let environment = self.environment.map_or(Environment::Production, Environment::from);
        Ok((self.tenant_id.0.clone(), environment, self.to.parse("/to")?.addresses()))
    }
}
