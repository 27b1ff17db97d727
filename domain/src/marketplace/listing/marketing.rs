//! How a listing presents itself: texts and links, bounded (seed 002, section 2).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::error::ListingError;

/// Who finds a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone.
    #[default]
    Public,
    /// Who knows its id; it can be bought but not found.
    Unlisted,
}

/// What a buyer sees of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "ListingMarketingFields")]
pub struct ListingMarketing {
    tagline: String,
    description: String,
    hero: Option<String>,
    screenshots: Vec<String>,
    trailer_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListingMarketingFields {
    tagline: String,
    description: String,
    hero: Option<String>,
    screenshots: Vec<String>,
    trailer_url: Option<String>,
}

impl TryFrom<ListingMarketingFields> for ListingMarketing {
    type Error = ListingError;
    fn try_from(fields: ListingMarketingFields) -> Result<Self, ListingError> {
        let ListingMarketingFields { tagline, description, hero, screenshots, trailer_url } = fields;
        Self::try_new(&tagline, description, hero, screenshots, trailer_url)
    }
}

impl ListingMarketing {
    /// A tagline of 1 to 140 characters, a description of at most 10,000 (none is fine), at most 10
    /// screenshots; hero, screenshots and trailer are https URLs.
    ///
    /// # Errors
    /// [`ListingError`] for the first value out of its bounds.
    pub fn try_new(
        tagline: &str,
        description: String,
        hero: Option<String>,
        screenshots: Vec<String>,
        trailer_url: Option<String>,
    ) -> Result<Self, ListingError> {
        let tagline = line(tagline, 140).ok_or(ListingError::Tagline)?;
        let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        if description.chars().count() > 10_000 || !description.chars().all(printable) {
            return Err(ListingError::Description);
        }
        if screenshots.len() > 10 {
            return Err(ListingError::Screenshots(screenshots.len()));
        }
        let links = hero
            .iter()
            .map(|url| ("hero", url))
            .chain(screenshots.iter().map(|url| ("screenshots", url)))
            .chain(trailer_url.iter().map(|url| ("trailerUrl", url)));
        for (field, url) in links {
            if !is_https_url(url) {
                return Err(ListingError::Url(field));
            }
        }
        Ok(Self { tagline, description, hero, screenshots, trailer_url })
    }

    /// One line that sells it.
    pub fn tagline(&self) -> &str {
        &self.tagline
    }

    /// The long text; may be empty.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The large picture.
    pub fn hero(&self) -> Option<&str> {
        self.hero.as_deref()
    }

    /// Pictures, in order.
    pub fn screenshots(&self) -> &[String] {
        &self.screenshots
    }

    /// A film.
    pub fn trailer_url(&self) -> Option<&str> {
        self.trailer_url.as_deref()
    }
}

/// The text without the blanks around it, when that is 1 to `max` characters and none a control character.
pub(super) fn line(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// A category of at most 80 characters.
pub(super) fn category(text: &str) -> Result<String, ListingError> {
    line(text, 80).ok_or(ListingError::Category)
}

/// At most 10 different tags of at most 40 characters.
pub(super) fn tags(texts: &[String]) -> Result<Vec<String>, ListingError> {
    let tags: Vec<String> = texts
        .iter()
        .take(11)
        .map(|text| line(text, 40).ok_or(ListingError::Tags))
        .collect::<Result<_, _>>()?;
    let distinct = tags.iter().collect::<BTreeSet<_>>().len();
    if texts.len() <= 10 && distinct == tags.len() { Ok(tags) } else { Err(ListingError::Tags) }
}

/// Whether the text is `https://`, a host with an optional port, and visible ASCII to the end. No user
/// name: a link that shows one host and opens another has no place in a catalogue.
fn is_https_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let label = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 2_048
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'))
        && host.split('.').all(label)
        && port.bytes().all(|b| b.is_ascii_digit())
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}
