//! Why a template refuses.

use super::{TemplateAction, TemplateState};
use crate::{
    devportal::{
        invariants::{T_INV_1, T_INV_2, T_INV_3, T_INV_4, T_INV_5, T_INV_6, T_INV_7, T_INV_8, T_INV_9},
        values::{Channel, Locale},
    },
    kernel::{Coded, Detail, IllegalTransition, Invariant, Kind},
};

/// A template's refusals (devportal.md 3.6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Not a name.
    #[error("a template's name is 1 to 64 lower-case letters, digits and hyphens")]
    Name,
    /// T-INV-1: none, or more than one.
    #[error("a text has {{{{code}}}} exactly once, and no subject has it")]
    CodePlaceholder,
    /// T-INV-1.
    #[error("a placeholder is code, brand, minutes or domain")]
    UnknownPlaceholder,
    /// T-INV-1.
    #[error("a placeholder is written {{{{name}}}}")]
    Braces,
    /// A placeholder for a domain that the template has not.
    #[error("the text names a domain and the template has none")]
    DomainMissing,
    /// Not a host.
    #[error("a domain is a host name")]
    Domain,
    /// T-INV-2.
    #[error("a text that is in review or was approved does not change: make a new version")]
    Frozen,
    /// T-INV-3.
    #[error("{channel} has no text in the default locale")]
    DefaultMissing {
        /// The channel.
        channel: Channel,
    },
    /// One text twice.
    #[error("{channel} has two texts in {}", locale.as_str())]
    VariantTwice {
        /// The channel.
        channel: Channel,
        /// The locale.
        locale: Locale,
    },
    /// No text at all, or too long a one.
    #[error("a text or subject is empty or too long")]
    Length,
    /// T-INV-4.
    #[error("the longest text is {segments} messages, three are allowed")]
    SegmentsExceeded {
        /// How many it is.
        segments: u8,
    },
    /// T-INV-5.
    #[error("{{{{code}}}} stands on a line of its own")]
    CodeLine,
    /// T-INV-6.
    #[error("the line @domain #code is added, not written")]
    OriginLine,
    /// T-INV-7.
    #[error("a text has no link")]
    Link,
    /// T-INV-7.
    #[error("a text has no four digits in a row and none beside a placeholder")]
    DigitRun,
    /// T-INV-8.
    #[error("{} has no voice: name a set of recorded digits", locale.as_str())]
    NoVoice {
        /// The locale.
        locale: Locale,
    },
    /// T-INV-9.
    #[error("version {version_no} starts no session")]
    NotUsable {
        /// The version.
        version_no: u32,
    },
    /// The template has no such version.
    #[error("there is no such version")]
    NoVersion,
    /// One version is being written already.
    #[error("version {version_no} is not decided yet")]
    VersionOpen {
        /// The version.
        version_no: u32,
    },
    /// No text fits.
    #[error("there is no text for {channel} in {}", locale.as_str())]
    NoVariant {
        /// The channel.
        channel: Channel,
        /// The locale.
        locale: Locale,
    },
    /// A rejection without a reason.
    #[error("a rejection has a reason of 1 to 500 characters")]
    Reason,
    /// The table has no such edge.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<TemplateState, TemplateAction>),
    /// What is stored contradicts itself.
    #[error("the stored template is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl Coded for TemplateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name => "template.invalid_name",
            Self::CodePlaceholder => "template.code_placeholder_required",
            Self::UnknownPlaceholder => "template.unknown_placeholder",
            Self::Braces => "template.braces",
            Self::DomainMissing => "template.domain_missing",
            Self::Domain => "template.invalid_domain",
            Self::Frozen => "template.frozen",
            Self::DefaultMissing { .. } => "template.default_variant_required",
            Self::VariantTwice { .. } => "template.variant_twice",
            Self::Length => "template.length",
            Self::SegmentsExceeded { .. } => "template.segments_exceeded",
            Self::CodeLine => "template.code_line",
            Self::OriginLine => "template.origin_line",
            Self::Link => "template.link",
            Self::DigitRun => "template.digits",
            Self::NoVoice { .. } => "template.no_voice",
            Self::NotUsable { .. } => "template.not_usable",
            Self::NoVersion => "template.no_version",
            Self::VersionOpen { .. } => "template.version_open",
            Self::NoVariant { .. } => "template.no_variant",
            Self::Reason => "template.reason_required",
            Self::InvalidTransition(_) => "template.invalid_transition",
            Self::Inconsistent(_) => "template.inconsistent",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoVersion => Kind::NotFound,
            Self::Frozen | Self::NotUsable { .. } | Self::VersionOpen { .. } | Self::InvalidTransition(_) => {
                Kind::Conflict
            }
            Self::Inconsistent(_) => Kind::Unavailable,
            Self::Name
            | Self::CodePlaceholder
            | Self::UnknownPlaceholder
            | Self::Braces
            | Self::DomainMissing
            | Self::Domain
            | Self::DefaultMissing { .. }
            | Self::VariantTwice { .. }
            | Self::Length
            | Self::SegmentsExceeded { .. }
            | Self::CodeLine
            | Self::OriginLine
            | Self::Link
            | Self::DigitRun
            | Self::NoVoice { .. }
            | Self::NoVariant { .. }
            | Self::Reason => Kind::Invalid,
        }
    }

    fn invariant(&self) -> Option<Invariant> {
        match self {
            Self::CodePlaceholder | Self::UnknownPlaceholder | Self::Braces => Some(T_INV_1),
            Self::Frozen => Some(T_INV_2),
            Self::DefaultMissing { .. } => Some(T_INV_3),
            Self::SegmentsExceeded { .. } => Some(T_INV_4),
            Self::CodeLine => Some(T_INV_5),
            Self::OriginLine => Some(T_INV_6),
            Self::Link | Self::DigitRun => Some(T_INV_7),
            Self::NoVoice { .. } => Some(T_INV_8),
            Self::NotUsable { .. } => Some(T_INV_9),
            Self::Name
            | Self::DomainMissing
            | Self::Domain
            | Self::VariantTwice { .. }
            | Self::Length
            | Self::NoVersion
            | Self::VersionOpen { .. }
            | Self::NoVariant { .. }
            | Self::Reason
            | Self::InvalidTransition(_)
            | Self::Inconsistent(_) => None,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::SegmentsExceeded { segments } => vec![("segments", Detail::Number(u64::from(*segments)))],
            Self::Name
            | Self::CodePlaceholder
            | Self::UnknownPlaceholder
            | Self::Braces
            | Self::DomainMissing
            | Self::Domain
            | Self::Frozen
            | Self::DefaultMissing { .. }
            | Self::VariantTwice { .. }
            | Self::Length
            | Self::CodeLine
            | Self::OriginLine
            | Self::Link
            | Self::DigitRun
            | Self::NoVoice { .. }
            | Self::NotUsable { .. }
            | Self::NoVersion
            | Self::VersionOpen { .. }
            | Self::NoVariant { .. }
            | Self::Reason
            | Self::InvalidTransition(_)
            | Self::Inconsistent(_) => Vec::new(),
        }
    }
}
