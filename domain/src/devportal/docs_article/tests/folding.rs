//! D-INV-9: pairs that must meet, pairs that must not, and what holds of every text.

use proptest::prelude::*;

use super::*;
use crate::devportal::invariants::D_INV_9;

/// Written one way, asked for another.
const SAME: &[(&str, &str)] = &[
    // Arabic and Persian yeh: كلید, کليد.
    ("\u{6a9}\u{644}\u{6cc}\u{62f}", "\u{643}\u{644}\u{64a}\u{62f}"),
    ("\u{6cc}", "\u{64a}"),
    ("\u{6cc}", "\u{649}"),
    // Pashto yehs.
    ("\u{6d0}", "\u{6cc}"),
    ("\u{6cd}", "\u{64a}"),
    ("\u{626}", "\u{6cc}"),
    // Yeh with a hamza of its own, and the one in one piece.
    ("\u{64a}\u{654}", "\u{626}"),
    // kaf, gaf, heh.
    ("\u{6a9}", "\u{643}"),
    ("\u{6ab}", "\u{6af}"),
    ("\u{6c0}", "\u{647}"),
    ("\u{647}\u{654}", "\u{6c0}"),
    ("\u{629}", "\u{647}"),
    // alef.
    ("\u{623}", "\u{627}"),
    ("\u{625}", "\u{627}"),
    ("\u{622}", "\u{627}"),
    ("\u{671}", "\u{627}"),
    ("\u{627}\u{653}", "\u{622}"),
    // Vowel marks, superscript alef, tatweel, ZWJ, direction marks.
    ("\u{6a9}\u{650}\u{62a}\u{627}\u{628}", "\u{6a9}\u{62a}\u{627}\u{628}"),
    ("\u{631}\u{62d}\u{645}\u{670}\u{646}", "\u{631}\u{62d}\u{645}\u{646}"),
    ("\u{633}\u{640}\u{640}\u{644}\u{627}\u{645}", "\u{633}\u{644}\u{627}\u{645}"),
    ("\u{647}\u{200d}", "\u{647}"),
    ("\u{200f}\u{633}\u{644}\u{627}\u{645}\u{200e}", "\u{633}\u{644}\u{627}\u{645}"),
    // Presentation forms out of a PDF.
    ("\u{fee1}\u{fefc}\u{fbfe}", "\u{645}\u{644}\u{627}\u{6cc}"),
    // Digits.
    ("\u{6f0}\u{6f1}\u{6f2}\u{6f3}\u{6f4}\u{6f5}\u{6f6}\u{6f7}\u{6f8}\u{6f9}", "0123456789"),
    ("\u{660}\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}\u{668}\u{669}", "0123456789"),
    ("\u{ff11}\u{ff12}", "12"),
    // Case, width, ligatures.
    ("API Key", "api key"),
    ("\u{ff21}\u{ff30}\u{ff29}", "api"),
    ("\u{fb01}le", "file"),
    ("caf\u{e9}", "CAFE\u{301}"),
    // White space.
    ("  two \u{a0}\n words ", "two words"),
];

/// Other words.
const OTHER: &[(&str, &str)] = &[
    ("\u{693}", "\u{631}"),
    ("\u{69a}", "\u{633}"),
    ("\u{681}", "\u{62d}"),
    ("\u{685}", "\u{62d}"),
    ("\u{689}", "\u{62f}"),
    ("\u{67c}", "\u{62a}"),
    ("\u{6bc}", "\u{646}"),
    ("\u{67e}", "\u{628}"),
    ("\u{686}", "\u{62c}"),
    ("\u{698}", "\u{632}"),
    ("\u{624}", "\u{648}"),
    ("caf\u{e9}", "cafe"),
    ("1", "2"),
];

#[test]
fn d_inv_9_allows_every_keyboard_to_find_every_spelling() {
    for (left, right) in SAME {
        let (one, other) = (SearchText::of(left), SearchText::of(right));
        assert_eq!((&one.spaced, &one.joined), (&other.spaced, &other.joined), "{left:?} {right:?}");
        assert!(one.rank(&other).is_some() && other.rank(&one).is_some());
    }
}

#[test]
fn d_inv_9_rejects_other_letters_as_the_same() {
    assert_eq!(D_INV_9.id, "D-INV-9");
    for (left, right) in OTHER {
        assert_eq!(SearchText::of(left).rank(&SearchText::of(right)), None, "{left:?} {right:?}");
    }
}

#[test]
fn pashto_letters_stay_as_they_are() {
    for one in ["\u{693}", "\u{69a}", "\u{681}", "\u{685}", "\u{689}", "\u{67c}", "\u{6bc}"] {
        assert_eq!(SearchText::of(one).joined, one);
    }
}

#[test]
fn a_zwnj_is_found_as_a_space_as_nothing_and_as_itself() {
    // می‌روم: with ZWNJ, with a space, in one word.
    let [with, space, one] = [
        "\u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{645}",
        "\u{645}\u{6cc} \u{631}\u{648}\u{645}",
        "\u{645}\u{6cc}\u{631}\u{648}\u{645}",
    ];
    let text = SearchText::of(with);
    assert_eq!((text.spaced.as_str(), text.joined.as_str()), (space, one));
    assert_eq!(text.rank(&SearchText::of(with)), Some(MatchRank::Exact));
    for asked in [space, one] {
        assert_eq!(text.rank(&SearchText::of(asked)), Some(MatchRank::Folded));
        assert_eq!(SearchText::of(asked).rank(&text), Some(MatchRank::Folded), "and the other way");
    }
}

#[test]
fn the_exact_form_comes_first() {
    // على (Arabic alef maksura) among texts that say علی (Persian yeh).
    let question = SearchText::of("\u{639}\u{644}\u{649}");
    let mut found: Vec<_> = ["\u{639}\u{644}\u{6cc} x", "\u{639}\u{644}\u{649} x", "x"]
        .into_iter()
        .filter_map(|text| Some((SearchText::of(text).rank(&question)?, text)))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [(MatchRank::Exact, "\u{639}\u{644}\u{649} x"), (MatchRank::Folded, "\u{639}\u{644}\u{6cc} x")]
    );
    let words = SearchText::of("keys and webhooks").rank(&SearchText::of("webhooks keys"));
    assert_eq!(words, Some(MatchRank::Words));
    assert_eq!(SearchText::of("x").rank(&SearchText::of(" \u{200c} ")), None, "nothing was asked");
}

proptest! {
    #[test]
    fn folding_again_changes_nothing(text in "[ a-zA-Z0-9\u{300}-\u{304}\u{600}-\u{6ff}\u{200b}-\u{200f}\u{fb50}-\u{fbff}\u{fe70}-\u{fefc}]{0,24}") {
        let once = SearchText::of(&text);
        prop_assert_eq!(&SearchText::of(&once.spaced).spaced, &once.spaced);
        prop_assert_eq!(&SearchText::of(&once.joined).joined, &once.joined);
        prop_assert!(once.spaced.is_empty() || once.rank(&once) == Some(MatchRank::Exact));
    }

    #[test]
    fn any_text_folds_alike_in_texts_and_in_questions(text: String) {
        prop_assert_eq!(SearchText::of(&text), SearchText::of(&text));
    }
}
