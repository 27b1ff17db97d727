//! The words of the pages: a Fluent catalogue a language, in the binary; in native digits, or in Latin ones.

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use sarai_application::customer_portal::{numbers::latin, preferences::Digits};
use sarai_domain::devportal::values::Locale;
use unic_langid::LanguageIdentifier;

const SOURCES: [(Locale, &str, &str); 3] = [
    (Locale::En, "en", include_str!("../locales/en.ftl")),
    (Locale::Ps, "ps", include_str!("../locales/ps.ftl")),
    (Locale::Fa, "fa-AF", include_str!("../locales/fa.ftl")),
];

/// A language's words, as they are read in these digits.
pub(crate) struct Words {
    locale: Locale,
    digits: Digits,
    bundle: FluentBundle<Arc<FluentResource>>,
}

/// Every language's.
pub(crate) struct Catalogue(Vec<Words>);

impl Catalogue {
    /// Reads them; what is wrong in a file is left out, which a test finds.
    pub(crate) fn new() -> Self {
        let words = SOURCES.iter().flat_map(|(locale, tag, source)| {
            let language: LanguageIdentifier = tag.parse().unwrap_or_default();
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(some, _)| some);
            let resource = Arc::new(resource);
            Digits::ALL.iter().map(move |digits| {
                let mut bundle = FluentBundle::new_concurrent(vec![language.clone()]);
                // Values come formatted; this is for what stands in the sentences themselves.
                bundle.set_transform((*digits == Digits::Latin).then_some(latin));
                bundle.add_resource_overriding(Arc::clone(&resource));
                Words { locale: *locale, digits: *digits, bundle }
            })
        });
        Self(words.collect())
    }

    pub(crate) fn of(&self, locale: Locale, digits: Digits) -> Option<&Words> {
        self.0.iter().find(|words| words.locale == locale && words.digits == digits)
    }
}

impl Words {
    /// A sentence; its own id where there is none, which a test finds.
    pub(crate) fn say(&self, id: &str, values: &[(&str, &str)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            // Figures come formatted; a plural gets its number under a name of its own.
            let value = if *name == "n" { FluentValue::try_number(value) } else { FluentValue::from(*value) };
            arguments.set(*name, value);
        }
        self.bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// Whether there is such a sentence.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
