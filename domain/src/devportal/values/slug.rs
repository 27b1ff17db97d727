//! Short names in addresses, and the names of time zones.

use super::{Malformed, text::text_value};

text_value! {
    /// A name in an address: 1 to 80 of `a-z` and `0-9`, with single hyphens between.
    Slug, Malformed::Slug, |text| is_slug(text).then(|| text.to_owned())
}

text_value! {
    /// The name of a time zone of the tz database, for display only; whether it exists is for who displays to say.
    Timezone, Malformed::Timezone, |text| is_zone(text).then(|| text.to_owned())
}

fn is_slug(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= 80 && text.split('-').all(word)
}

fn is_zone(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    text.len() <= 64 && text.split('/').count() <= 3 && text.split('/').all(part)
}

impl Timezone {
    /// UTC, which an account has until it chooses.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_words_with_hyphens_between() {
        for good in ["a", "getting-started", "v2-0", &"x".repeat(80)] {
            assert!(good.parse::<Slug>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a_b", "a/b", "\u{633}", &"x".repeat(81)] {
            assert_eq!(bad.parse::<Slug>(), Err(Malformed::Slug), "{bad}");
        }
    }

    #[test]
    fn a_zone_is_a_path_of_names() {
        for good in ["UTC", "Asia/Kabul", "America/Argentina/Ushuaia", "Etc/GMT+4"] {
            assert!(good.parse::<Timezone>().is_ok(), "{good}");
        }
        for bad in ["", "/", "Asia/", "../etc", "a/b/c/d", "4", "Asia Kabul", &"x".repeat(65)] {
            assert_eq!(bad.parse::<Timezone>(), Err(Malformed::Timezone), "{bad}");
        }
        assert_eq!(Timezone::utc(), "UTC".parse().unwrap());
    }
}
