//! Calls under a key: the same key again is answered the same and changes nothing.

use sarai_gateways::wire::{Wired, wired};
use sarai_ports::GatewayError;
use serde::{Deserialize, Serialize};

use crate::{
    documents::{Changes, Documents, DocumentsError},
    table::Table,
};

/// What was asked under each key and what was answered.
#[derive(Debug)]
pub(crate) struct Keyed<Q, A> {
    calls: Table<String, Call<Q, A>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "Q: Wired, A: Wired")]
struct Call<Q, A> {
    #[serde(with = "wired")]
    asked: Q,
    #[serde(with = "wired")]
    answer: A,
}

impl<Q: PartialEq + Wired, A: Clone + Wired> Keyed<Q, A> {
    /// No calls; the documents of later ones will be of this kind.
    pub(crate) const fn new(kind: &'static str) -> Self {
        Self { calls: Table::new(kind) }
    }

    /// Takes the calls that the documents held when they were opened.
    pub(crate) fn fill(&mut self, documents: &Documents) -> Result<(), DocumentsError> {
        self.calls.fill(documents)
    }

    /// Notes what was kept since the last time.
    pub(crate) fn note(&mut self, changes: &mut Changes) -> Result<(), GatewayError> {
        self.calls.note(changes)
    }

    /// The answer given before to this call; none when the key is new.
    ///
    /// # Errors
    /// Refused as `key_reused` when something else was asked under the key.
    pub(crate) fn known(&self, key: &str, question: &Q) -> Result<Option<A>, GatewayError> {
        match self.calls.get(key) {
            Some(Call { asked, answer }) if asked == question => Ok(Some(answer.clone())),
            Some(_) => Err(refused("key_reused")),
            None => Ok(None),
        }
    }

    /// The answer given under this key, whatever was asked.
    pub(crate) fn answer(&self, key: &str) -> Option<&A> {
        self.calls.get(key).map(|call| &call.answer)
    }

    /// Keeps an answer, and gives it back.
    pub(crate) fn keep(&mut self, key: &str, question: Q, answer: A) -> A {
        self.calls.insert(key.to_owned(), Call { asked: question, answer: answer.clone() });
        answer
    }

    /// What was asked, call by call.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &Q> {
        self.calls.values().map(|call| &call.asked)
    }
}

/// A refusal for good.
pub(crate) fn refused(code: &str) -> GatewayError {
    GatewayError::Refused { code: code.to_owned() }
}
