//! What each code says in a language: in English what stands in its row, in the others a table each.

mod fa;
mod ps;

use sarai_domain::devportal::values::Locale;

use super::Code;

/// What a code says in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// A few words.
    pub title: &'static str,
    /// What it means and what to do.
    pub explanation: &'static str,
}

/// A code, its title and its explanation.
type Row = (&'static str, &'static str, &'static str);

/// The tables beside English.
const TABLES: &[(Locale, &[Row])] = &[(Locale::Ps, ps::ROWS), (Locale::Fa, fa::ROWS)];

impl Code {
    /// What it says in a language.
    pub fn words(&self, locale: Locale) -> Words {
        let table = TABLES.iter().find(|(of, _)| *of == locale).map_or(&[][..], |(_, rows)| *rows);
        let row = table.iter().find(|(name, ..)| *name == self.name);
        let (title, explanation) =
            row.map_or((self.title, self.explanation), |&(_, title, text)| (title, text));
        Words { title, explanation }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::codes;

    /// What programs read in a sentence: names in camel case, of headers, of flags, and paths.
    fn names(text: &str) -> BTreeSet<&str> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_/.{}".contains(c));
        let words = words.map(|word| word.trim_matches(['.', ',']));
        let named = |word: &&str| {
            let inner = word.chars().skip(1).any(|c| c.is_ascii_uppercase());
            word.starts_with(['/', '{']) || (inner && word.contains(char::is_lowercase))
        };
        words.filter(named).collect()
    }

    #[test]
    fn every_code_has_its_words_in_every_language_and_no_words_are_left_over() {
        let codes: BTreeSet<&str> = codes::all().map(|code| code.name).collect();
        let languages: BTreeSet<Locale> =
            TABLES.iter().map(|(locale, _)| *locale).chain([Locale::En]).collect();
        assert_eq!(languages, Locale::ALL.iter().copied().collect());
        for (locale, rows) in TABLES {
            let here: BTreeSet<&str> = rows.iter().map(|(name, ..)| *name).collect();
            let missing: Vec<_> = codes.difference(&here).collect();
            let left: Vec<_> = here.difference(&codes).collect();
            assert!(
                missing.is_empty() && left.is_empty(),
                "{locale:?}: without words {missing:?}, no code {left:?}"
            );
            assert_eq!(here.len(), rows.len(), "{locale:?}: words twice");
        }
    }

    #[test]
    fn words_are_of_their_language_and_name_what_the_english_ones_name() {
        let of_arabic_script = |c: char| ('\u{0600}'..='\u{06ff}').contains(&c);
        for (locale, rows) in TABLES {
            for (name, title, explanation) in *rows {
                for text in [title, explanation] {
                    assert!(text.chars().any(of_arabic_script), "{locale:?} {name}: {text}");
                    let arabic_letters = ['\u{0643}', '\u{0649}'];
                    assert!(
                        !text.contains(arabic_letters),
                        "{locale:?} {name}: an Arabic kaf or alef: {text}"
                    );
                }
                assert!(!title.ends_with('.') && explanation.ends_with(['.', '؟']), "{locale:?} {name}");
                let Some(code) = codes::find(name) else { continue };
                assert_eq!(names(explanation), names(code.explanation), "{locale:?} {name}: {explanation}");
            }
        }
    }
}
