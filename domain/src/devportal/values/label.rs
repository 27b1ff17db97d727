//! Names that people give: labels, display names, names of companies.

use super::{
    Malformed,
    text::{line, text_value},
};

text_value! {
    /// What the owner of a key calls it: one line of 1 to 64 graphemes, NFC, without control characters and without
    /// characters that turn the direction.
    ///
    /// ```
    /// # use sarai_domain::devportal::values::Label;
    /// assert_eq!(" cafe\u{301} ".parse::<Label>()?.as_str(), "caf\u{e9}");
    /// assert!("a\u{202e}b".parse::<Label>().is_err());
    /// # Ok::<(), sarai_domain::devportal::values::Malformed>(())
    /// ```
    Label, Malformed::Label, |text| line(text, 64)
}

text_value! {
    /// What an account is called: one line of 1 to 80 graphemes.
    DisplayName, Malformed::DisplayName, |text| line(text, 80)
}

text_value! {
    /// The company of an account: one line of 1 to 120 graphemes.
    CompanyName, Malformed::CompanyName, |text| line(text, 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_line_of_1_to_64_visible_graphemes() {
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        let good = [
            "a",
            "CI \u{2013} main",
            "\u{6a9}\u{644}\u{6cc}\u{62f}",
            "\u{646}\u{645}\u{6cc}\u{200c}\u{62f}\u{647}\u{62f}",
        ];
        for good in good.map(str::to_owned).into_iter().chain(["x".repeat(64), family.repeat(56)]) {
            assert_eq!(good.parse::<Label>().unwrap().as_str(), good);
        }
        let bad = ["", "  ", "\u{200c}", "a\nb", "a\0", "\u{85}", "a\u{202e}b", "a\u{2066}b", "a\u{2028}b"];
        for bad in bad.map(str::to_owned).into_iter().chain(["x".repeat(65), "e\u{301}".repeat(65)]) {
            assert_eq!(bad.parse::<Label>(), Err(Malformed::Label), "{bad:?}");
        }
        let tower = format!("a{}", "\u{301}".repeat(2_000));
        assert_eq!(tower.parse::<Label>(), Err(Malformed::Label), "one grapheme of 4 kB");
    }

    #[test]
    fn a_label_has_one_form_however_it_is_typed() {
        let typed: Label = "  nai\u{308}ve ".parse().unwrap();
        assert_eq!(typed, "na\u{ef}ve".parse().unwrap());
        let json = serde_json::to_string(&typed).unwrap();
        assert_eq!(serde_json::from_str::<Label>(&json).unwrap(), typed);
        assert!(serde_json::from_str::<Label>("\"\"").is_err());
    }

    #[test]
    fn names_of_people_and_companies_have_their_own_lengths() {
        assert!("x".repeat(80).parse::<DisplayName>().is_ok());
        assert_eq!("x".repeat(81).parse::<DisplayName>(), Err(Malformed::DisplayName));
        assert!("x".repeat(120).parse::<CompanyName>().is_ok());
        assert_eq!("x".repeat(121).parse::<CompanyName>(), Err(Malformed::CompanyName));
    }
}
