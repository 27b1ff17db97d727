//! Ids of headings: what they say, as a word in an address; a number is added to one that is there already.

use std::collections::BTreeSet;

/// The ids given so far.
#[derive(Debug, Default)]
pub(crate) struct Ids(BTreeSet<String>);

impl Ids {
    /// The id of a heading that says this.
    pub(crate) fn of(&mut self, said: &str) -> String {
        let words: Vec<String> = said
            .split(|one: char| !one.is_alphanumeric() && one != '\u{200c}')
            .map(|word| word.replace('\u{200c}', "").to_lowercase())
            .filter(|word| !word.is_empty())
            .collect();
        let stem = if words.is_empty() { "section".to_owned() } else { words.join("-") };
        let mut id = stem.clone();
        let mut number = 1_u32;
        while !self.0.insert(id.clone()) {
            number = number.saturating_add(1);
            id = format!("{stem}-{number}");
        }
        id
    }
}
