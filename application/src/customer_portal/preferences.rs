//! How somebody likes to read.

use sarai_domain::devportal::values::Locale;

/// Which days are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// Solar Hijri.
    Persian,
    /// Gregorian.
    Gregorian,
}

/// Which digits figures have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// Those of the language.
    Native,
    /// 0 to 9.
    Latin,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the device.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The zone of whoever chose none.
pub const DEFAULT_ZONE: &str = "Asia/Kabul";
/// The zones that are offered.
pub const ZONES: &[&str] = &[
    DEFAULT_ZONE,
    "Asia/Tehran",
    "Asia/Karachi",
    "Asia/Tashkent",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "UTC",
];

/// What somebody chose. Nothing chosen follows the language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The language.
    pub locale: Option<Locale>,
    /// The calendar.
    pub calendar: Option<Calendar>,
    /// The digits.
    pub digits: Option<Digits>,
    /// The zone, one of [`ZONES`].
    pub zone: Option<&'static str>,
    /// The theme.
    pub theme: Option<Theme>,
}

macro_rules! named {
    ($type:ident: $($variant:ident $name:literal)*) => {
        impl $type {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in forms and cookies.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The value of this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

named! { Calendar: Persian "persian" Gregorian "gregorian" }
named! { Digits: Native "native" Latin "latin" }
named! { Theme: System "system" Light "light" Dark "dark" }

/// The zone of this name, when it is offered.
pub fn zone(name: &str) -> Option<&'static str> {
    ZONES.iter().copied().find(|zone| *zone == name)
}

impl Preferences {
    /// What pairs of names and values say; what is unknown is left out.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut chosen = Self::default();
        for (name, value) in pairs {
            match name {
                "lang" => chosen.locale = Locale::ALL.iter().copied().find(|known| known.as_str() == value),
                "cal" => chosen.calendar = Calendar::parse(value),
                "digits" => chosen.digits = Digits::parse(value),
                "tz" => chosen.zone = zone(value),
                "theme" => chosen.theme = Theme::parse(value),
                _ => {}
            }
        }
        chosen
    }

    /// The same as pairs.
    pub fn pairs(&self) -> Vec<(&'static str, &'static str)> {
        let pairs = [
            ("lang", self.locale.map(Locale::as_str)),
            ("cal", self.calendar.map(Calendar::name)),
            ("digits", self.digits.map(Digits::name)),
            ("tz", self.zone),
            ("theme", self.theme.map(Theme::name)),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// With the first of these languages that is ours, where none was chosen; `accepted` is an `Accept-Language`.
    pub fn reading(&self, accepted: &str) -> Reading {
        let weight = |part: &str| {
            let weight = part.split(';').find_map(|item| item.trim().strip_prefix("q="));
            // Thousandths, so that no floating point is needed: "0.8" is 800.
            let text = weight.unwrap_or("1").trim();
            let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
            let thousandths: String = rest.chars().chain("000".chars()).take(3).collect();
            let whole: u32 = whole.parse().unwrap_or(0);
            whole.saturating_mul(1000).saturating_add(thousandths.parse().unwrap_or(0))
        };
        let mut wanted: Vec<(u32, Locale)> = accepted
            .split(',')
            .filter_map(|part| {
                let tag = part.split(';').next().unwrap_or_default().trim();
                Some((weight(part), Locale::from_tag(tag)?))
            })
            .filter(|(weight, _)| *weight > 0)
            .collect();
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let accepted = wanted.first().map(|(_, locale)| *locale);
        let locale = self.locale.or(accepted).unwrap_or_default();
        let eastern = locale != Locale::En;
        Reading {
            locale,
            calendar: self.calendar.unwrap_or(if eastern { Calendar::Persian } else { Calendar::Gregorian }),
            digits: if eastern { self.digits.unwrap_or(Digits::Native) } else { Digits::Latin },
            zone: self.zone.unwrap_or(DEFAULT_ZONE),
            theme: self.theme.unwrap_or(Theme::System),
        }
    }
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Its language.
    pub locale: Locale,
    /// Its calendar.
    pub calendar: Calendar,
    /// Its digits.
    pub digits: Digits,
    /// Its zone.
    pub zone: &'static str,
    /// Its theme.
    pub theme: Theme,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_survives_its_cookie() {
        let pairs =
            [("lang", "ps"), ("cal", "gregorian"), ("digits", "latin"), ("tz", "UTC"), ("theme", "dark")];
        assert_eq!(Preferences::of(pairs).pairs(), pairs);
        assert_eq!(
            Preferences::of([("tz", "Mars/Base"), ("lang", "de"), ("x", "y")]),
            Preferences::default()
        );
    }

    #[test]
    fn the_language_is_the_chosen_one_then_the_accepted_one_then_english() {
        let none = Preferences::default();
        assert_eq!(none.reading("de, prs;q=0.9, en;q=0.8").locale, Locale::Fa);
        assert_eq!(none.reading("en;q=0.2,ps;q=0.85").locale, Locale::Ps);
        assert_eq!(none.reading("fa;q=0, de").locale, Locale::En);
        let chosen = Preferences { locale: Some(Locale::En), ..Preferences::default() };
        assert_eq!(chosen.reading("fa").locale, Locale::En);
    }

    #[test]
    fn calendar_and_digits_follow_the_language_until_they_are_chosen() {
        let dari = Preferences { locale: Some(Locale::Fa), ..Preferences::default() }.reading("");
        assert_eq!((dari.calendar, dari.digits), (Calendar::Persian, Digits::Native));
        let english = Preferences { digits: Some(Digits::Native), ..Preferences::default() }.reading("");
        assert_eq!((english.calendar, english.digits), (Calendar::Gregorian, Digits::Latin));
        // What a form leaves to the language follows it; what it names stays whatever the language is.
        let left = Preferences::of([("lang", "fa"), ("cal", "auto"), ("digits", "latin")]);
        assert_eq!(left.pairs(), [("lang", "fa"), ("digits", "latin")]);
        assert_eq!((left.reading("").calendar, left.reading("").digits), (Calendar::Persian, Digits::Latin));
    }
}
