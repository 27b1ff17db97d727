//! Links of an article, as whoever reads its Markdown found them, checked when it is published (D-INV-5).

use crate::devportal::values::{HttpsUrl, Sha256, Slug};

/// Where a link within the portal leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// To an article.
    Article {
        /// Of this version of the API.
        api_version: String,
        /// Under this slug.
        slug: Slug,
    },
    /// To another page, by its path.
    Page(String),
}

/// Why a link cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// A scheme that runs or shows something else than a page.
    Forbidden,
    /// Not https.
    Insecure,
    /// Nothing is there.
    NotFound,
}

/// A link that cannot be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// What the Markdown says.
    pub target: String,
    /// Why not.
    pub fault: LinkFault,
}

/// What a check of a revision's links found: evidence for publishing that very text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkReport {
    /// The digest of the text that was checked.
    pub content_sha256: Sha256,
    /// Its faults.
    pub broken: Vec<BrokenLink>,
}

impl LinkReport {
    /// Checks the links that a text was found to have. `exists` says whether there is such a page.
    pub fn check<'a>(
        content_sha256: Sha256,
        links: impl IntoIterator<Item = &'a str>,
        api_version: &str,
        exists: &dyn Fn(&Target) -> bool,
    ) -> Self {
        let fault = |link: &&str| match destination(link, api_version) {
            Err(fault) => Some(fault),
            Ok(Some(target)) if !exists(&target) => Some(LinkFault::NotFound),
            Ok(_) => None,
        };
        let broken = links
            .into_iter()
            .filter_map(|link| Some(BrokenLink { target: link.to_owned(), fault: fault(&link)? }))
            .collect();
        Self { content_sha256, broken }
    }
}

/// Where a link leads within the portal; none outside of it.
fn destination(link: &str, api_version: &str) -> Result<Option<Target>, LinkFault> {
    // Browsers skip white space and control characters inside a scheme: `java\nscript:`.
    if link.chars().any(|one| one.is_control() || one.is_whitespace()) || link.contains('\\') {
        return Err(LinkFault::Forbidden);
    }
    if link.is_empty() || link.starts_with('#') {
        return Ok(None);
    }
    let path = link.split(['#', '?']).next().unwrap_or_default();
    let first = path.split('/').next().unwrap_or_default();
    if let Some((scheme, _)) = first.split_once(':') {
        return match scheme.to_ascii_lowercase().as_str() {
            "https" => https(link),
            "http" => Err(LinkFault::Insecure),
            "mailto" => Ok(None),
            _ => Err(LinkFault::Forbidden),
        };
    }
    if path.starts_with("//") {
        return Err(LinkFault::Forbidden);
    }
    let article = |version: &str, slug: &str| {
        let slug = slug.parse().map_err(|_| LinkFault::NotFound)?;
        Ok(Some(Target::Article { api_version: version.to_owned(), slug }))
    };
    if !path.starts_with('/') {
        return article(api_version, path.strip_prefix("./").unwrap_or(path));
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["docs", version, slug] => article(version, slug),
        parts if parts.contains(&"..") => Err(LinkFault::NotFound),
        _ => Ok(Some(Target::Page(path.to_owned()))),
    }
}

fn https(link: &str) -> Result<Option<Target>, LinkFault> {
    let without_fragment = link.split('#').next().unwrap_or_default();
    without_fragment.parse::<HttpsUrl>().map(|_| None).map_err(|_| LinkFault::NotFound)
}
