//! Codes of a sandbox: no secrets, but the same for the same seed and calls (ruling R9).

use serde::{Deserialize, Serialize};

use crate::devportal::values::{CodeLength, KeyedHash, PlainCode};

/// Which code a sandboxed session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxCode {
    /// The sandbox's seed.
    pub seed: u64,
    /// Which session of the sandbox it is, from 1.
    pub ordinal: u32,
    /// Whether its first code is `123456`, as scenario 00 has it; a new code is another (V-INV-15).
    pub fixed: bool,
}

impl SandboxCode {
    /// The code of a generation.
    pub fn derive(&self, generation: u32, length: CodeLength) -> PlainCode {
        if self.fixed && generation == 1 {
            return PlainCode::counting(length);
        }
        let mut key = [0; 32];
        for (to, from) in key.iter_mut().zip(self.seed.to_be_bytes()) {
            *to = from;
        }
        let hash = KeyedHash::new(&key, "devportal.sandbox.code.v1")
            .fixed(&self.ordinal.to_be_bytes())
            .fixed(&generation.to_be_bytes())
            .finish();
        PlainCode::truncate(&hash, length)
    }
}
