//! Short-lived addresses of our own: signed, so that whoever was given one can use it and nobody can make one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::SecretKey;

/// Signs addresses, and hides who asks for them.
#[derive(Debug, Clone)]
pub struct Links {
    key: SecretKey,
}

impl Links {
    /// With this key.
    pub fn new(key: SecretKey) -> Self {
        Self { key }
    }

    fn mac(&self, label: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256>>::new(&self.key.block().into());
        mac.update(label.as_bytes());
        mac.update(b"\n");
        mac.update(text.as_bytes());
        mac
    }

    /// The signature of what an address says.
    pub fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac("link.v1", text).finalize().into_bytes())
    }

    /// Whether a signature is ours.
    pub(crate) fn verify(&self, text: &str, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        self.mac("link.v1", text).verify_slice(&signature).is_ok()
    }

    /// A client without a name: the same for the same, and nobody's without the key.
    pub(crate) fn anonymous(&self, client: &str) -> [u8; 32] {
        self.mac("client.v1", client).finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_verifies() {
        let links = Links::new(SecretKey::new([7; 32]));
        let signature = links.sign("sdk\nart_1\n100");
        assert!(links.verify("sdk\nart_1\n100", &signature));
        assert!(!links.verify("sdk\nart_1\n101", &signature));
        assert!(!links.verify("sdk\nart_1\n100", ""));
        assert!(!Links::new(SecretKey::new([8; 32])).verify("sdk\nart_1\n100", &signature));
        assert_ne!(links.anonymous("a"), links.anonymous("b"));
    }
}
