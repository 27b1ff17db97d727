//! Templates as they are written and shown.

use poem_openapi::{Enum, Object};
use sarai_application::devportal::templates::{Sample, Texts};
use sarai_domain::{
    devportal::{
        template::{
            NewVariant, OriginDomain, PLATFORM, Rendered, TemplateName, TemplateState, TemplateVariant,
            TemplateVersion, VerifyTemplate,
        },
        values::{Brand, Channel, Direction, Locale},
    },
    kernel::{Aggregate, id::kinds},
};

use super::{account_body::ApiLocale, members::at, message_body::ApiEncoding};
use crate::{
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// Over which way a code goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "TemplateChannel", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiTemplateChannel {
    /// A text message.
    Sms,
    /// A call.
    Voice,
    /// A message of `WhatsApp`.
    Whatsapp,
    /// An e-mail.
    Email,
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "TemplateState", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiTemplateState {
    /// Being written.
    Draft,
    /// Staff decide.
    InReview,
    /// Sessions use it.
    Approved,
    /// A newer version is used.
    Retired,
    /// It is used no more.
    Archived,
}

/// Which way a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Direction", rename_all = "snake_case")]
pub enum ApiDirection {
    /// From left to right.
    Ltr,
    /// From right to left.
    Rtl,
}

macro_rules! same {
    ($($ours:ident $theirs:ident: $($variant:ident)*;)*) => {$(
        impl From<$theirs> for $ours {
            fn from(value: $theirs) -> Self {
                match value { $($theirs::$variant => Self::$variant,)* }
            }
        }
        impl From<$ours> for $theirs {
            fn from(value: $ours) -> Self {
                match value { $($ours::$variant => Self::$variant,)* }
            }
        }
    )*};
}

same! {
    ApiTemplateChannel Channel: Sms Voice Whatsapp Email;
    ApiTemplateState TemplateState: Draft InReview Approved Retired Archived;
    ApiDirection Direction: Ltr Rtl;
}

/// The text of one channel in one language, as it is written.
#[derive(Object)]
#[oai(rename = "NewTemplateVariant", rename_all = "camelCase")]
pub struct NewVariantBody {
    channel: ApiTemplateChannel,
    locale: ApiLocale,
    /// Of an e-mail.
    subject: Option<String>,
    /// With `{{code}}` once; other placeholders are `brand`, `minutes` and `domain`.
    body: String,
    /// The set of recorded digits that a call plays.
    recorded_digits: Option<String>,
}

impl From<NewVariantBody> for NewVariant {
    fn from(new: NewVariantBody) -> Self {
        Self {
            channel: new.channel.into(),
            locale: new.locale.into(),
            subject: new.subject,
            body: new.body,
            recorded_digits: new.recorded_digits,
        }
    }
}

/// A template to be written.
#[derive(Object)]
#[oai(rename = "NewTemplate", rename_all = "camelCase")]
pub struct NewTemplateBody {
    /// 1 to 64 lower-case letters, digits and hyphens.
    name: String,
    /// The language that every channel has.
    default_locale: ApiLocale,
    /// The languages tried before that one, in this order, where a text is not in the one asked for.
    #[oai(default)]
    locale_fallbacks: Vec<ApiLocale>,
    /// Where codes are to be typed.
    domain: Option<String>,
    variants: Vec<NewVariantBody>,
}

/// The language of a template, and those that are tried before it.
pub type Languages = (Locale, Vec<Locale>);

impl NewTemplateBody {
    /// As the use case takes it.
    ///
    /// # Errors
    /// The domain's, naming the member.
    pub fn parse(self) -> Result<(TemplateName, Languages, Texts), Problem> {
        let name = at("/name", TemplateName::parse(&self.name))?;
        let fallbacks = self.locale_fallbacks.into_iter().map(Locale::from).collect();
        Ok((name, (self.default_locale.into(), fallbacks), texts(self.domain, self.variants)?))
    }
}

/// The texts of a draft, all of them.
#[derive(Object)]
#[oai(rename = "TemplateTexts", rename_all = "camelCase")]
pub struct TemplateTextsBody {
    /// Where codes are to be typed.
    domain: Option<String>,
    variants: Vec<NewVariantBody>,
}

impl TemplateTextsBody {
    /// As the use case takes it.
    ///
    /// # Errors
    /// The domain's, naming the member.
    pub fn parse(self) -> Result<Texts, Problem> {
        texts(self.domain, self.variants)
    }
}

fn texts(domain: Option<String>, variants: Vec<NewVariantBody>) -> Result<Texts, Problem> {
    let domain = domain.map(|domain| at("/domain", OriginDomain::parse(&domain))).transpose()?;
    Ok(Texts { domain, variants: variants.into_iter().map(Into::into).collect() })
}

/// Why the platform's staff send a version back.
#[derive(Object)]
#[oai(rename = "TemplateRejection", rename_all = "camelCase")]
pub struct RejectionBody {
    /// 1 to 500 characters.
    pub reason: String,
}

/// Which version of a template.
#[derive(Object)]
#[oai(rename = "TemplateArchive", rename_all = "camelCase")]
pub struct ArchiveBody {
    /// The one in use, or else the newest, where none is named.
    pub version_no: Option<u32>,
}

/// What a sample is filled with.
#[derive(Object)]
#[oai(rename = "TemplateSample", rename_all = "camelCase")]
pub struct SampleBody {
    /// The newest where none is named.
    version_no: Option<u32>,
    channel: ApiTemplateChannel,
    locale: ApiLocale,
    /// Who sends.
    brand: Option<String>,
    /// How long the code is good.
    minutes: Option<u16>,
}

impl SampleBody {
    /// As the use case takes it.
    ///
    /// # Errors
    /// `validation_failed` naming the member.
    pub fn parse(self) -> Result<Sample, Problem> {
        let brand = Brand::parse(self.brand.as_deref().unwrap_or("Acme"));
        Ok(Sample {
            version_no: self.version_no,
            channel: self.channel.into(),
            locale: self.locale.into(),
            brand: brand.map_err(|error| Problem::field("/brand", error.to_string()))?,
            minutes: self.minutes.unwrap_or(10),
        })
    }
}

/// The text of one channel in one language.
#[derive(Object)]
#[oai(rename = "TemplateVariant", rename_all = "camelCase")]
pub struct VariantBody {
    channel: ApiTemplateChannel,
    locale: ApiLocale,
    subject: Option<String>,
    body: String,
    recorded_digits: Option<String>,
    encoding: ApiEncoding,
    /// How many text messages it is at most.
    segments_max: u8,
    dir: ApiDirection,
}

impl From<&TemplateVariant> for VariantBody {
    fn from(variant: &TemplateVariant) -> Self {
        Self {
            channel: variant.channel.into(),
            locale: variant.locale.into(),
            subject: variant.subject.clone(),
            body: variant.body.clone(),
            recorded_digits: variant.recorded_digits.clone(),
            encoding: variant.encoding.into(),
            segments_max: variant.segments_max,
            dir: variant.dir.into(),
        }
    }
}

/// A version of a template.
#[derive(Object)]
#[oai(rename = "TemplateVersion", rename_all = "camelCase")]
pub struct VersionBody {
    version_no: u32,
    state: ApiTemplateState,
    domain: Option<String>,
    variants: Vec<VariantBody>,
    /// Why it was sent back last.
    rejected_because: Option<String>,
    approved_at: Option<ApiTimestamp>,
    /// Since when it starts no verification.
    ended_at: Option<ApiTimestamp>,
}

impl From<&TemplateVersion> for VersionBody {
    fn from(version: &TemplateVersion) -> Self {
        Self {
            version_no: version.no,
            state: version.state.into(),
            domain: version.domain.as_ref().map(ToString::to_string),
            variants: version.variants.iter().map(Into::into).collect(),
            rejected_because: version.rejected_because.clone(),
            approved_at: version.approved_at.map(Into::into),
            ended_at: version.ended_at.map(Into::into),
        }
    }
}

/// A template.
#[derive(Object)]
#[oai(rename = "Template", rename_all = "camelCase")]
pub struct TemplateBody {
    template_id: ApiId<kinds::VerifyTemplate>,
    /// For If-Match.
    version: u64,
    name: String,
    /// Whether everybody has it: nobody changes it then.
    system: bool,
    default_locale: ApiLocale,
    /// The languages tried before that one, in this order, where a text is not in the one asked for.
    locale_fallbacks: Vec<ApiLocale>,
    /// The newest version.
    latest: u32,
    /// The version that verifications use.
    approved: Option<u32>,
    created_at: ApiTimestamp,
    updated_at: ApiTimestamp,
    versions: Vec<VersionBody>,
    /// What the writer of the newest version should know.
    lints: Vec<String>,
}

impl TemplateBody {
    pub(super) fn of(template: &VerifyTemplate, version: u64) -> Self {
        let data = template.data();
        let versions = (1..=data.latest).filter_map(|no| template.version_no(no));
        Self {
            template_id: data.id.into(),
            version,
            name: data.name.as_str().to_owned(),
            system: data.owner.as_str() == PLATFORM,
            default_locale: data.default_locale.into(),
            locale_fallbacks: data.locale_fallbacks.iter().copied().map(Into::into).collect(),
            latest: data.latest,
            approved: data.approved,
            created_at: data.created_at.into(),
            updated_at: data.updated_at.into(),
            versions: versions.map(Into::into).collect(),
            lints: template.lints(data.latest).iter().map(ToString::to_string).collect(),
        }
    }
}

/// A message as it would leave, with a code that is none.
#[derive(Object)]
#[oai(rename = "RenderedTemplate", rename_all = "camelCase")]
pub struct RenderedBody {
    version_no: u32,
    /// The language it is in: the next of the chain where the one asked for is not there.
    locale: ApiLocale,
    subject: Option<String>,
    /// What it says; of a call, what is spoken.
    text: String,
    /// Of an e-mail.
    html: Option<String>,
    /// Of a text message.
    segments: Option<u8>,
}

impl RenderedBody {
    pub(super) fn of((rendered, version, locale): (Rendered, TemplateVersion, Locale)) -> Self {
        let blank = Self {
            version_no: version.no,
            locale: locale.into(),
            subject: None,
            text: String::new(),
            html: None,
            segments: None,
        };
        match rendered {
            Rendered::Text { body, segments } => {
                Self { text: body.to_string(), segments: Some(segments), ..blank }
            }
            Rendered::Email { subject, text, html } => {
                Self { subject: Some(subject), text: text.to_string(), html: Some(html.to_string()), ..blank }
            }
            Rendered::Speech { text, .. } => Self { text: text.to_string(), ..blank },
        }
    }
}
