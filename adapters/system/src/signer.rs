//! Ed25519 signatures.

use ed25519_dalek::{Signer as _, SigningKey};
use sarai_domain::kernel::Hex;
use sarai_ports::system::{Entropy, Signer};

/// Signs with one key; its name is the beginning of the public key.
pub struct Ed25519Signer {
    key: SigningKey,
    key_id: String,
}

impl Ed25519Signer {
    /// Signs with the key of this seed.
    pub fn of(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let mut key_id = Hex(key.verifying_key().to_bytes()).to_string();
        key_id.truncate(16);
        Self { key, key_id }
    }

    /// Signs with a new key, which ends with the process.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::of(&entropy.bytes())
    }
}

impl Signer for Ed25519Signer {
    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(bytes).to_bytes()
    }

    fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, VerifyingKey};

    use super::*;

    #[test]
    fn whoever_has_the_public_key_can_check_a_signature() {
        // RFC 8032, 7.1, test 2.
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let seed: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&seed[2 * at..2 * at + 2], 16).unwrap()).collect();
        let signer = Ed25519Signer::of(&seed.try_into().unwrap());
        assert_eq!(signer.key_id(), "3d4017c3e843895a");
        let signature = signer.sign(&[0x72]);
        assert_eq!(signature[..4], [0x92, 0xa0, 0x09, 0xa9]);
        let key = VerifyingKey::from_bytes(&signer.public_key()).unwrap();
        assert!(key.verify_strict(&[0x72], &Signature::from_bytes(&signature)).is_ok());
        assert!(key.verify_strict(&[0x73], &Signature::from_bytes(&signature)).is_err());
    }
}
