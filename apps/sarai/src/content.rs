//! The documentation that this program ships: a file a text, in `apps/sarai/docs`.
//!
//! A file begins with its title (`# …`) and a line that says it in short (`> …`); the rest is the text.

use sarai_application::devportal::docs_desk::{Shipped, ShippedText};
use sarai_domain::devportal::{
    docs_article::{ArticleEdit, Audience},
    values::{Locale, Malformed},
};

/// The version of the API that it speaks of.
const VERSION: &str = "v1";

/// A text's locale and its file.
type Text = (Locale, &'static str);

/// Heading, slug and texts, the source first; in the order of the tree.
#[rustfmt::skip]
const ARTICLES: &[(&str, &str, &[Text])] = &[
    ("guides", "getting-started", &[
        (Locale::En, include_str!("../docs/en/getting-started.md")),
        (Locale::Ps, include_str!("../docs/ps/getting-started.md")),
        (Locale::Fa, include_str!("../docs/fa/getting-started.md")),
    ]),
    ("guides", "authentication", &[(Locale::En, include_str!("../docs/en/authentication.md"))]),
    ("guides", "verify",         &[(Locale::En, include_str!("../docs/en/verify.md"))]),
    ("guides", "webhooks",       &[(Locale::En, include_str!("../docs/en/webhooks.md"))]),
    ("guides", "marketplace",    &[(Locale::En, include_str!("../docs/en/marketplace.md"))]),
    ("reference", "errors",      &[(Locale::En, include_str!("../docs/en/errors.md"))]),
];

/// Everything there is.
///
/// # Errors
/// When a name in the table is no slug.
pub fn articles() -> Result<Vec<Shipped>, Malformed> {
    let article = |(order, (section, slug, texts)): (usize, &(&str, &str, &[Text]))| {
        let edit = ArticleEdit {
            section: section.parse()?,
            slug: slug.parse()?,
            audience: Audience::Public,
            order: u32::try_from(order).unwrap_or(u32::MAX),
            tags: Vec::new(),
        };
        let texts = texts.iter().map(|(locale, file)| text(*locale, file)).collect();
        Ok(Shipped { api_version: VERSION, edit, texts })
    };
    ARTICLES.iter().enumerate().map(article).collect()
}

fn text(locale: Locale, file: &str) -> ShippedText {
    let (title, rest) = file.split_once('\n').unwrap_or((file, ""));
    let (summary, body) = rest.trim_start().split_once('\n').unwrap_or((rest, ""));
    let line = |line: &str, mark| line.trim_start_matches(mark).trim().to_owned();
    ShippedText {
        locale,
        title: line(title, '#'),
        summary: line(summary, '>'),
        body_md: body.trim_start().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_a_title_and_says_itself_in_short() {
        for shipped in articles().unwrap() {
            let locales: Vec<_> = shipped.texts.iter().map(|text| text.locale).collect();
            assert_eq!(locales.first(), Some(&Locale::En), "{}", shipped.edit.slug);
            for text in shipped.texts {
                assert!((1..=120).contains(&text.title.chars().count()), "{}", text.title);
                assert!((1..=300).contains(&text.summary.chars().count()), "{}", text.summary);
                assert!(text.body_md.len() > 200, "{}", text.title);
            }
        }
    }
}
