//! Calls under a key: the same key again is answered the same and changes nothing.

use std::collections::BTreeMap;

use sarai_ports::GatewayError;

/// What was asked under each key and what was answered.
#[derive(Debug)]
pub(crate) struct Keyed<Q, A> {
    calls: BTreeMap<String, (Q, A)>,
}

impl<Q, A> Default for Keyed<Q, A> {
    fn default() -> Self {
        Self { calls: BTreeMap::new() }
    }
}

impl<Q: PartialEq, A: Clone> Keyed<Q, A> {
    /// The answer given before to this call; none when the key is new.
    ///
    /// # Errors
    /// Refused as `key_reused` when something else was asked under the key.
    pub(crate) fn known(&self, key: &str, question: &Q) -> Result<Option<A>, GatewayError> {
        match self.calls.get(key) {
            Some((asked, answer)) if asked == question => Ok(Some(answer.clone())),
            Some(_) => Err(refused("key_reused")),
            None => Ok(None),
        }
    }

    /// The answer given under this key, whatever was asked.
    pub(crate) fn answer(&self, key: &str) -> Option<&A> {
        self.calls.get(key).map(|(_, answer)| answer)
    }

    /// Keeps an answer, and gives it back.
    pub(crate) fn keep(&mut self, key: &str, question: Q, answer: A) -> A {
        self.calls.insert(key.to_owned(), (question, answer.clone()));
        answer
    }

    /// Every call with its answer.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Q, A)> {
        self.calls.values()
    }
}

/// A refusal for good.
pub(crate) fn refused(code: &str) -> GatewayError {
    GatewayError::Refused { code: code.to_owned() }
}
