//! Search folding (D-INV-9): one function for texts and for questions, so that a question typed on any Persian, Dari,
//! Pashto or Arabic keyboard finds what was written on any other.
//!
//! NFKC, lower case, then letters that are written one for another become one: ي ى ې ۍ ئ are ی, ك is ک, ګ is گ, ۀ ة
//! are ه, أ إ آ ٱ are ا. The Pashto letters ړ ښ ځ څ ډ ټ ڼ stay: they are other letters. Tatweel, vowel marks, ZWJ and
//! direction marks go; digits become ASCII. ZWNJ parts a word for some and joins it for others, so both forms are kept.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// A text as it is searched. Made alike of what is searched and of what is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchText {
    /// Only NFKC and lower case: what matches here comes first.
    pub exact: String,
    /// Folded, a ZWNJ read as a space.
    pub spaced: String,
    /// Folded, a ZWNJ read as nothing.
    pub joined: String,
}

/// How well a text answers a question; the smaller the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchRank {
    /// In the very form in which it was asked.
    Exact,
    /// Folded, as one piece.
    Folded,
    /// Folded, every word somewhere.
    Words,
}

const ZWNJ: char = '\u{200c}';

impl SearchText {
    /// A text, or a question, as it is searched.
    ///
    /// ```
    /// # use sarai_domain::devportal::docs_article::{MatchRank, SearchText};
    /// // كليد with Arabic letters, کلید with Persian ones.
    /// let text = SearchText::of("\u{6a9}\u{644}\u{6cc}\u{62f} API \u{6f1}\u{6f2}");
    /// assert_eq!(text.rank(&SearchText::of("\u{643}\u{644}\u{64a}\u{62f}")), Some(MatchRank::Folded));
    /// assert_eq!(text.rank(&SearchText::of("api 12")), Some(MatchRank::Folded));
    /// assert_eq!(text.rank(&SearchText::of("webhook")), None);
    /// ```
    pub fn of(text: &str) -> Self {
        let normal: String = text.nfkc().collect::<String>().to_lowercase();
        Self {
            spaced: words(&folded(&normal.replace(ZWNJ, " "))),
            joined: words(&folded(&normal)),
            exact: words(&normal),
        }
    }

    /// How well this text answers a question; none when it does not. The empty question has no answer.
    pub fn rank(&self, question: &Self) -> Option<MatchRank> {
        if question.spaced.is_empty() {
            return None;
        }
        let has = |part: &str| self.spaced.contains(part) || self.joined.contains(part);
        if self.exact.contains(&question.exact) {
            Some(MatchRank::Exact)
        } else if has(&question.spaced) || has(&question.joined) {
            Some(MatchRank::Folded)
        } else if question.spaced.split(' ').all(has) || question.joined.split(' ').all(has) {
            Some(MatchRank::Words)
        } else {
            None
        }
    }
}

/// Letters, digits and marks brought into one form. What is left of ZWNJ joins.
fn folded(normal: &str) -> String {
    // Composed again, since what stood between a letter and its mark may be gone.
    normal.chars().filter(|one| !is_dropped(*one)).map(letter).nfkc().collect()
}

const fn letter(one: char) -> char {
    match one {
        '\u{64a}' | '\u{649}' | '\u{6d0}' | '\u{6cd}' | '\u{626}' => '\u{6cc}',
        '\u{643}' => '\u{6a9}',
        '\u{6ab}' => '\u{6af}',
        '\u{6c0}' | '\u{629}' => '\u{647}',
        '\u{623}' | '\u{625}' | '\u{622}' | '\u{671}' => '\u{627}',
        '\u{660}' | '\u{6f0}' => '0',
        '\u{661}' | '\u{6f1}' => '1',
        '\u{662}' | '\u{6f2}' => '2',
        '\u{663}' | '\u{6f3}' => '3',
        '\u{664}' | '\u{6f4}' => '4',
        '\u{665}' | '\u{6f5}' => '5',
        '\u{666}' | '\u{6f6}' => '6',
        '\u{667}' | '\u{6f7}' => '7',
        '\u{668}' | '\u{6f8}' => '8',
        '\u{669}' | '\u{6f9}' => '9',
        other => other,
    }
}

/// Tatweel, Arabic marks, joiners, direction marks.
const fn is_dropped(one: char) -> bool {
    matches!(
        one,
        '\u{640}'
            | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{6d6}'..='\u{6dc}'
            | '\u{6df}'..='\u{6e4}'
            | '\u{6e7}'
            | '\u{6e8}'
            | '\u{6ea}'..='\u{6ed}'
            | '\u{200c}'..='\u{200f}'
            | '\u{61c}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// One space between words, none around them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
