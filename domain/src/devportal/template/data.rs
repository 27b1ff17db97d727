//! What is stored of a template and its versions, and what it announces.

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{OriginDomain, TemplateAction, TemplateError, TemplateState, TemplateVariant};
use crate::{
    devportal::values::{Channel, Locale},
    kernel::{LastTransition, Row, TenantId, Timestamp, VerifyTemplateId, topics},
};

/// A template's name: lower-case words with hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TemplateName(Box<str>);

impl TemplateName {
    /// Takes 1 to 64 lower-case letters, digits and single hyphens between them.
    ///
    /// # Errors
    /// [`TemplateError::Name`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if text.len() <= 64 && text.split('-').all(word) {
            Ok(Self(text.into()))
        } else {
            Err(TemplateError::Name)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for TemplateName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A template's document; its versions are rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateData {
    /// Its id.
    pub id: VerifyTemplateId,
    /// Whose it is; `platform` for what everybody has.
    pub owner: TenantId,
    /// Its name.
    pub name: TemplateName,
    /// The language that every channel has.
    pub default_locale: Locale,
    /// The languages tried before that one where a text is not in the one asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locale_fallbacks: Vec<Locale>,
    /// The newest version.
    pub latest: u32,
    /// The version that sessions use.
    pub approved: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateVersion {
    /// The template.
    pub template_id: VerifyTemplateId,
    /// Its number, from 1; the row's key within the template.
    pub no: u32,
    /// Where it stands.
    pub state: TemplateState,
    /// Where codes are to be typed.
    pub domain: Option<OriginDomain>,
    /// Its texts.
    pub variants: Vec<TemplateVariant>,
    /// Why it was sent back last.
    pub rejected_because: Option<String>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Since when it starts no session (T-INV-9).
    pub ended_at: Option<Timestamp>,
    /// What led to its state.
    pub last_transition: Option<LastTransition<TemplateAction>>,
}

impl TemplateData {
    /// The languages in which a text is looked for: the one asked for, the template's own, its default, then English.
    pub fn chain(&self, asked: Locale) -> Vec<Locale> {
        [asked]
            .into_iter()
            .chain(self.locale_fallbacks.clone())
            .chain([self.default_locale, Locale::En])
            .collect()
    }
}

impl Row for TemplateVersion {
    fn key(&self) -> String {
        self.no.to_string()
    }
}

impl TemplateVersion {
    /// The text of a channel, in the first language of a chain that there is one in.
    pub fn variant(&self, channel: Channel, chain: &[Locale]) -> Option<&TemplateVariant> {
        let of = |wanted: &Locale| {
            self.variants.iter().find(|one| one.channel == channel && one.locale == *wanted)
        };
        chain.iter().find_map(of)
    }

    /// Whether a session could pin it at this time.
    pub fn was_usable(&self, at: Timestamp) -> bool {
        self.approved_at.is_some_and(|from| from <= at) && self.ended_at.is_none_or(|until| at <= until)
    }
}

/// A fact about a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum TemplateEvent {
    /// A version is used from now on.
    Approved {
        /// The template.
        template_id: VerifyTemplateId,
        /// The version.
        version_no: u32,
        /// The version before, which starts no session any more.
        retired: Option<u32>,
    },
    /// A version was sent back.
    Rejected {
        /// The template.
        template_id: VerifyTemplateId,
        /// The version.
        version_no: u32,
        /// Why.
        reason: String,
    },
    /// A version is used no more.
    Archived {
        /// The template.
        template_id: VerifyTemplateId,
        /// The version.
        version_no: u32,
    },
}

topics!(TemplateEvent {
    Approved => "devportal.template.approved.v1",
    Rejected => "devportal.template.rejected.v1",
    Archived => "devportal.template.archived.v1",
});
