//! The text of one channel in one language, and what must hold of it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{
    Encoding, TemplateError,
    parse::{Part, Placeholder, count, fill, parse},
    segments::{self, measure},
};
use crate::devportal::values::{BRAND_MAX, Channel, Direction, Locale, has_long_digit_run};

/// Languages that a telephone voice speaks; the others play recorded digits.
const SPOKEN: &[Locale] = &[Locale::En];

/// Where a code is to be typed: a host name, as an SMS binds a code to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OriginDomain(Box<str>);

/// What a tenant writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVariant {
    /// For which channel.
    pub channel: Channel,
    /// In which language.
    pub locale: Locale,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The set of recorded digits a call plays.
    pub recorded_digits: Option<String>,
}

/// The text of one channel in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateVariant {
    /// For which channel.
    pub channel: Channel,
    /// In which language.
    pub locale: Locale,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The set of recorded digits a call plays.
    pub recorded_digits: Option<String>,
    /// How its longest text message is written.
    pub encoding: Encoding,
    /// How many messages it is at most.
    pub segments_max: u8,
    /// Which way it runs.
    pub dir: Direction,
}

/// What a writer should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lint {
    /// More than one message in a language whose messages have 70 characters.
    LongForUcs2 {
        /// In which language.
        locale: Locale,
        /// How many it is.
        segments: u8,
    },
    /// One character makes an English message three times as long.
    LeavesGsm7 {
        /// Which.
        character: char,
    },
    /// A channel has no text in this language: the default is used.
    LocaleMissing {
        /// For which channel.
        channel: Channel,
        /// In which language.
        locale: Locale,
    },
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongForUcs2 { locale, segments } => {
                write!(f, "in {} it is {segments} messages: one has 70 characters", locale.as_str())
            }
            Self::LeavesGsm7 { character } => {
                write!(f, "{character:?} makes every message hold 70 characters instead of 160")
            }
            Self::LocaleMissing { channel, locale } => {
                write!(f, "{channel} has no text in {}: the default language is used", locale.as_str())
            }
        }
    }
}

impl OriginDomain {
    /// Takes a host name.
    ///
    /// # Errors
    /// [`TemplateError::Domain`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let host = idna::domain_to_ascii_strict(text.trim()).map_err(|_| TemplateError::Domain)?;
        let names = host.contains('.') && host.split('.').all(|name| !name.is_empty());
        if names && host.len() <= 64 && !has_long_digit_run(&host) {
            Ok(Self(host.into()))
        } else {
            Err(TemplateError::Domain)
        }
    }

    /// The host, in ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TemplateVariant {
    /// Checks and measures a text.
    ///
    /// # Errors
    /// The first of T-INV-1 and T-INV-4 to T-INV-8 that it breaks.
    pub fn try_new(new: NewVariant, domain: Option<&OriginDomain>) -> Result<Self, TemplateError> {
        let variant = Self {
            dir: new.locale.dir(),
            channel: new.channel,
            locale: new.locale,
            subject: new.subject,
            body: new.body,
            recorded_digits: new.recorded_digits,
            encoding: Encoding::Gsm7,
            segments_max: 1,
        };
        let (encoding, segments_max) = variant.longest(domain)?;
        let variant = Self { encoding, segments_max, ..variant };
        variant.check(domain)?;
        Ok(variant)
    }

    /// What must hold of it (T-INV-1, T-INV-4 to T-INV-8).
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self, domain: Option<&OriginDomain>) -> Result<(), TemplateError> {
        let body = parse(&self.body)?;
        let subject = parse(self.subject.as_deref().unwrap_or_default())?;
        if count(&body, Placeholder::Code) != 1 || count(&subject, Placeholder::Code) != 0 {
            return Err(TemplateError::CodePlaceholder);
        }
        let named = count(&body, Placeholder::Domain).saturating_add(count(&subject, Placeholder::Domain));
        if named > 0 && domain.is_none() {
            return Err(TemplateError::DomainMissing);
        }
        self.lengths()?;
        for parts in [&body, &subject] {
            no_links(parts)?;
            no_digits(parts)?;
        }
        self.lines()?;
        if self.channel == Channel::Voice && !SPOKEN.contains(&self.locale) && self.recorded_digits.is_none()
        {
            return Err(TemplateError::NoVoice { locale: self.locale });
        }
        let (encoding, segments) = self.longest(domain)?;
        if segments > 3 {
            return Err(TemplateError::SegmentsExceeded { segments });
        }
        if (encoding, segments, self.locale.dir()) == (self.encoding, self.segments_max, self.dir) {
            Ok(())
        } else {
            Err(TemplateError::Inconsistent("its measures are not those of its text"))
        }
    }

    /// What a writer should know of it.
    pub fn lints(&self) -> Vec<Lint> {
        if self.channel != Channel::Sms {
            return Vec::new();
        }
        let mut lints = Vec::new();
        if self.locale.dir() == Direction::Rtl && self.segments_max > 1 {
            lints.push(Lint::LongForUcs2 { locale: self.locale, segments: self.segments_max });
        }
        if self.locale == Locale::En {
            let strange = self.body.chars().find(|character| segments::septets(*character).is_none());
            lints.extend(strange.map(|character| Lint::LeavesGsm7 { character }));
        }
        lints
    }

    fn lengths(&self) -> Result<(), TemplateError> {
        let most = match self.channel {
            Channel::Sms | Channel::Whatsapp => 1_024,
            Channel::Voice => 500,
            Channel::Email => 10_000,
        };
        let subject = match (&self.subject, self.channel) {
            (Some(subject), Channel::Email) => {
                (1..=150).contains(&subject.chars().count()) && !subject.chars().any(char::is_control)
            }
            (None, Channel::Sms | Channel::Whatsapp | Channel::Voice) => true,
            (None, Channel::Email) | (Some(_), Channel::Sms | Channel::Whatsapp | Channel::Voice) => false,
        };
        let recorded = self.recorded_digits.as_ref().is_none_or(|set| {
            self.channel == Channel::Voice
                && (1..=64).contains(&set.len())
                && set.bytes().all(|b| b.is_ascii_graphic())
        });
        let control = self.body.chars().any(|c| c.is_control() && c != '\n');
        if self.body.chars().count() <= most && subject && recorded && !control {
            Ok(())
        } else {
            Err(TemplateError::Length)
        }
    }

    /// The code on a line of its own, and no line that looks like the one we add.
    fn lines(&self) -> Result<(), TemplateError> {
        let written = matches!(self.channel, Channel::Sms | Channel::Whatsapp);
        let alone = self.body.lines().any(|line| {
            line.strip_prefix("{{")
                .and_then(|rest| rest.strip_suffix("}}"))
                .is_some_and(|name| name.trim() == "code")
        });
        if written && !alone {
            return Err(TemplateError::CodeLine);
        }
        if written && self.body.lines().any(|line| line.trim_start().starts_with('@')) {
            return Err(TemplateError::OriginLine);
        }
        Ok(())
    }

    /// What the longest text message measures: the longest brand, the longest code, the line we add.
    ///
    /// A brand may be of any script, so a GSM-7 text is measured in UCS-2 too.
    fn longest(&self, domain: Option<&OriginDomain>) -> Result<(Encoding, u8), TemplateError> {
        if self.channel != Channel::Sms {
            let fits = measure(&self.body).encoding;
            return Ok((fits, 1));
        }
        let body = parse(&self.body)?;
        let text = |brand: &str| {
            let filled = fill(&body, |placeholder| match placeholder {
                Placeholder::Code => "0000000000".to_owned(),
                Placeholder::Brand => brand.repeat(BRAND_MAX),
                Placeholder::Minutes => "10".to_owned(),
                Placeholder::Domain => domain.map(|one| one.as_str().to_owned()).unwrap_or_default(),
            });
            match domain {
                Some(domain) => format!("{filled}\n\n@{} #0000000000", domain.as_str()),
                None => filled,
            }
        };
        // The euro sign takes two septets; an Arabic letter takes the text to UCS-2.
        let gsm = measure(&text("€"));
        let ucs = measure(&text("ب"));
        Ok((gsm.encoding, gsm.segments.max(ucs.segments)))
    }
}

fn texts<'a>(parts: &'a [Part<'a>]) -> impl Iterator<Item = &'a str> {
    parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(*text),
        Part::Placeholder(_) => None,
    })
}

/// A word with a point between letters is a host, whatever stands before it.
fn no_links(parts: &[Part<'_>]) -> Result<(), TemplateError> {
    let host = |word: &str| {
        let mut names = word.split('.').rev();
        let last = names.next().unwrap_or_default();
        let letters = last.chars().take_while(|c| c.is_alphabetic()).count();
        let before = names.next().and_then(|name| name.chars().last());
        letters >= 2 && before.is_some_and(char::is_alphanumeric)
    };
    let linked = texts(parts).any(|text| {
        let lower = text.to_lowercase();
        lower.contains("://") || lower.contains("www.") || lower.split_whitespace().any(host)
    });
    if linked { Err(TemplateError::Link) } else { Ok(()) }
}

/// No four digits in a row, and none that a placeholder could make longer.
fn no_digits(parts: &[Part<'_>]) -> Result<(), TemplateError> {
    let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    let beside = parts.windows(2).any(|pair| match pair {
        [Part::Text(text), Part::Placeholder(_)] => digit(text.chars().last()),
        [Part::Placeholder(_), Part::Text(text)] => digit(text.chars().next()),
        _ => false,
    });
    if beside || texts(parts).any(has_long_digit_run) { Err(TemplateError::DigitRun) } else { Ok(()) }
}

impl fmt::Display for OriginDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OriginDomain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
