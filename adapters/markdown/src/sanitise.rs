//! The second wall: only these elements, these attributes, these schemes.

use std::collections::{HashMap, HashSet};

use ammonia::Builder;

/// What a text may consist of.
pub(crate) const TAGS: &[&str] = &[
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];
/// What an element may say of itself.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "title"]),
    ("code", &["class", "dir"]),
    ("h1", &["id"]),
    ("h2", &["id"]),
    ("h3", &["id"]),
    ("h4", &["id"]),
    ("h5", &["id"]),
    ("h6", &["id"]),
    ("img", &["alt", "src", "title"]),
    ("ol", &["start"]),
    ("pre", &["dir"]),
];
/// Where a link may lead to, beside addresses of our own.
const SCHEMES: &[&str] = &["https", "mailto"];

/// Sanitises HTML.
#[derive(Debug)]
pub(crate) struct Sanitiser(Builder<'static>);

impl Sanitiser {
    pub(crate) fn new() -> Self {
        let mut builder = Builder::empty();
        let attributes: HashMap<&str, HashSet<&str>> =
            ATTRIBUTES.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
        builder
            .tags(TAGS.iter().copied().collect())
            .clean_content_tags(["script", "style"].into())
            .tag_attributes(attributes)
            .url_schemes(SCHEMES.iter().copied().collect())
            .link_rel(Some("noopener noreferrer"));
        Self(builder)
    }

    pub(crate) fn clean(&self, html: &str) -> String {
        self.0.clean(html).to_string()
    }
}

/// Whether a link may stay: within the page, to a page of ours, to `https` or `mailto`.
pub(crate) fn is_safe(target: &str) -> bool {
    // Browsers skip these inside a scheme, and read a backslash as a slash.
    if target.chars().any(|one| one.is_control() || one.is_whitespace() || one == '\\') {
        return false;
    }
    if target.starts_with("//") {
        return false;
    }
    let first = target.split(['/', '?', '#']).next().unwrap_or_default();
    match first.split_once(':') {
        None => true,
        Some((scheme, _)) => SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)),
    }
}

/// Text within an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, one| {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
        out
    })
}
