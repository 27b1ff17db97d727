//! The process's own key: what it signs, others check with the published half.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use sarai_ports::system::Signer;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// An Ed25519 key of 32 secret bytes.
pub struct Ed25519Signer {
    key: SigningKey,
    key_id: String,
}

impl Ed25519Signer {
    /// The key pair of this seed. Its id is the key's thumbprint (RFC 7638), so the same key has the same
    /// name everywhere.
    pub fn new(seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&Zeroizing::new(seed));
        let x = URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes());
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self { key, key_id: URL_SAFE_NO_PAD.encode(Sha256::digest(members)) }
    }
}

impl std::fmt::Debug for Ed25519Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ed25519Signer").field("key_id", &self.key_id).finish_non_exhaustive()
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

    fn hex(text: &str) -> Vec<u8> {
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(byte).collect()
    }

    /// RFC 8037, appendix A: a seed, its public key, its thumbprint.
    #[test]
    fn the_published_vector_is_what_we_compute() {
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let signer = Ed25519Signer::new(seed.try_into().unwrap());
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(signer.public_key().to_vec(), hex(public));
        assert_eq!(signer.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn the_public_half_checks_a_signature_of_these_bytes_only() {
        let signer = Ed25519Signer::new([5; 32]);
        let key = VerifyingKey::from_bytes(&signer.public_key()).unwrap();
        let signature = Signature::from_bytes(&signer.sign(b"a lease"));
        assert!(key.verify_strict(b"a lease", &signature).is_ok());
        assert!(key.verify_strict(b"a leash", &signature).is_err());
        assert_ne!(Ed25519Signer::new([6; 32]).key_id(), signer.key_id());
    }

    #[test]
    fn the_secret_is_not_shown() {
        let shown = format!("{:?}", Ed25519Signer::new([5; 32]));
        assert!(shown.contains("key_id") && !shown.contains("5, 5") && !shown.contains("0505"), "{shown}");
    }
}
