//! Keys this adapter signs with.

use std::fmt;

/// The block of HMAC-SHA-256.
const BLOCK: usize = 64;

/// 32 secret bytes; never printed.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// Takes the bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key padded to the block of HMAC-SHA-256, which is what HMAC does with it anyway.
    pub(crate) fn block(&self) -> [u8; BLOCK] {
        padded(&self.0)
    }
}

/// A key and the one before: the first signs, both are known, so that nothing that lives is refused while a key changes.
#[derive(Debug, Clone)]
pub struct KeyRing {
    pub(crate) current: SecretKey,
    pub(crate) previous: Option<SecretKey>,
}

impl KeyRing {
    /// Of these two.
    pub fn new(current: SecretKey, previous: Option<SecretKey>) -> Self {
        Self { current, previous }
    }

    pub(crate) fn known(&self) -> impl Iterator<Item = &SecretKey> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

impl From<SecretKey> for KeyRing {
    fn from(current: SecretKey) -> Self {
        Self { current, previous: None }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A key of at most one block, padded with zeros.
pub(crate) fn padded(key: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}
