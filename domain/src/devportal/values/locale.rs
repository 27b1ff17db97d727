//! The three languages, and how the world spells them.

use serde::{Deserialize, Serialize};

/// A language that texts exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Pashto.
    Ps,
    /// Dari.
    Fa,
}

/// Which way a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Locale {
    /// Every locale.
    pub const ALL: &[Self] = &[Self::En, Self::Ps, Self::Fa];

    /// Its BCP 47 tag.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ps => "ps",
            Self::Fa => "fa",
        }
    }

    /// Which way its texts run.
    pub const fn dir(self) -> Direction {
        match self {
            Self::En => Direction::Ltr,
            Self::Ps | Self::Fa => Direction::Rtl,
        }
    }

    /// The locale that a BCP 47 tag, or a name people use, means.
    ///
    /// ```
    /// # use sarai_domain::devportal::values::Locale;
    /// assert_eq!(Locale::from_tag("fa-AF"), Some(Locale::Fa));
    /// assert_eq!(Locale::from_tag("prs"), Some(Locale::Fa));
    /// assert_eq!(Locale::from_tag("de"), None);
    /// ```
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match language.as_str() {
            "en" | "eng" => Some(Self::En),
            "ps" | "pus" | "pashto" => Some(Self::Ps),
            "fa" | "fas" | "per" | "prs" | "dari" => Some(Self::Fa),
            _ => None,
        }
    }
}

impl Direction {
    /// The value of the HTML attribute `dir`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}
