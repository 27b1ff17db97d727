//! Which of our languages a request asks to be answered in.

use poem::{FromRequest, Request, RequestBody, http::header};
use sarai_domain::devportal::values::Locale;

/// The locale that `Accept-Language` prefers, of those there are: an extractor of handlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferred(pub(crate) Option<Locale>);

impl Preferred {
    /// What a request prefers.
    pub(crate) fn of_request(request: &Request) -> Self {
        Self::of(request.header(header::ACCEPT_LANGUAGE).unwrap_or_default())
    }

    fn of(accept: &str) -> Self {
        let range = |range: &str| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            // A weight has at most three digits after the point.
            let digits: String =
                weight.chars().filter(char::is_ascii_digit).chain("000".chars()).take(4).collect();
            Some((digits.parse::<u32>().ok()?, Locale::from_tag(tag.trim())?))
        };
        let known = accept.split(',').filter_map(range).filter(|(weight, _)| *weight > 0);
        // Of equal weights the first.
        Self(known.rev().max_by_key(|(weight, _)| *weight).map(|(_, locale)| locale))
    }
}

impl<'a> FromRequest<'a> for Preferred {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of_request(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_preferred_most_is_taken() {
        for (accept, locale) in [
            ("", None),
            ("de, fr;q=0.9", None),
            ("ps", Some(Locale::Ps)),
            ("en;q=0.5, fa-AF;q=0.9", Some(Locale::Fa)),
            ("de, ps;q=0.8, en;q=0.8", Some(Locale::Ps)),
            ("prs", Some(Locale::Fa)),
            ("en;q=0, ps;q=0.1", Some(Locale::Ps)),
            ("en;q=x", None),
        ] {
            assert_eq!(Preferred::of(accept).0, locale, "{accept}");
        }
    }
}
