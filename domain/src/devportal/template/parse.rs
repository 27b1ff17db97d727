//! Texts with four placeholders and no logic (T-INV-1).

use super::TemplateError;

/// What stands between `{{` and `}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placeholder {
    /// The code; once.
    Code,
    /// Who sends.
    Brand,
    /// How long the code is good.
    Minutes,
    /// Where it is to be typed.
    Domain,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// As it stands.
    Text(&'a str),
    /// To be filled in.
    Placeholder(Placeholder),
}

/// Takes a text apart.
///
/// # Errors
/// [`TemplateError::UnknownPlaceholder`] or [`TemplateError::Braces`] (T-INV-1).
pub fn parse(text: &str) -> Result<Vec<Part<'_>>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").ok_or(TemplateError::Braces)?;
        if before.contains("}}") {
            return Err(TemplateError::Braces);
        }
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Placeholder(match name.trim() {
            "code" => Placeholder::Code,
            "brand" => Placeholder::Brand,
            "minutes" => Placeholder::Minutes,
            "domain" => Placeholder::Domain,
            _ => return Err(TemplateError::UnknownPlaceholder),
        }));
        rest = tail;
    }
    if rest.contains("}}") {
        return Err(TemplateError::Braces);
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

/// How often a placeholder stands in a text.
pub(super) fn count(parts: &[Part<'_>], wanted: Placeholder) -> usize {
    parts.iter().filter(|part| **part == Part::Placeholder(wanted)).count()
}

/// Fills a text in.
pub(super) fn fill(parts: &[Part<'_>], value: impl Fn(Placeholder) -> String) -> String {
    parts.iter().fold(String::new(), |mut text, part| {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Placeholder(placeholder) => text.push_str(&value(*placeholder)),
        }
        text
    })
}
