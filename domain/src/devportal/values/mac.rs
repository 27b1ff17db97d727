//! Keyed hashes over parts, each with its length before it, so that no two lists of parts are one text.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Feeds `LP(x) = u16be(len) ‖ x`. Parts are short by construction; what exceeds 65,535 bytes is cut there.
pub(crate) fn length_prefixed(part: &[u8], mut feed: impl FnMut(&[u8])) {
    let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
    feed(&length.to_be_bytes());
    feed(part.get(..usize::from(length)).unwrap_or(part));
}

/// An HMAC-SHA-256 that is fed part by part.
pub(crate) struct KeyedHash(Hmac<Sha256>);

impl KeyedHash {
    /// Begins with the label that says what is hashed.
    pub(crate) fn new(key: &[u8; 32], label: &str) -> Self {
        // A key of exactly one block cannot be refused; a shorter one is padded with zeros by definition.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self(Hmac::new((&block).into())).part(label.as_bytes())
    }

    /// Adds a part with its length.
    pub(crate) fn part(mut self, part: &[u8]) -> Self {
        length_prefixed(part, |bytes| self.0.update(bytes));
        self
    }

    /// Adds bytes whose number is fixed.
    pub(crate) fn fixed(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// The hash.
    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }

    /// Whether the hash is this one, in the same time wherever they differ.
    pub(crate) fn is(self, expected: &[u8; 32]) -> bool {
        self.0.verify_slice(expected).is_ok()
    }
}
