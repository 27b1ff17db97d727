//! The secrets of endpoints: made here, sealed in the vault, opened for as long as a signature takes.

use ed25519_dalek::{Signer as _, SigningKey};
use rand::{TryRngCore as _, rngs::OsRng};
use sarai_domain::{
    devportal::webhook::{SealedSecret, SignatureScheme, SigningSecret, signature::ed25519_text},
    kernel::Hex,
};
use sarai_ports::devportal::{SecretError, SecretOf, WebhookKeys};
use zeroize::Zeroizing;

use crate::vault::{Place, Vault, VaultError};

/// Seals with a vault.
#[derive(Debug, Clone)]
pub struct VaultedWebhookKeys(pub Vault);

impl From<VaultError> for SecretError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::UnknownKey(kid) => Self::UnknownKey(kid),
            VaultError::Sealed | VaultError::Randomness => Self::Sealed,
        }
    }
}

/// What a scheme's secrets are sealed under: a secret of one is no key of the other.
const fn label(scheme: SignatureScheme) -> &'static str {
    match scheme {
        SignatureScheme::Hmac => "webhook.secret.v1",
        SignatureScheme::Ed25519 => "webhook.key.v1",
    }
}

impl VaultedWebhookKeys {
    fn at<T>(of: SecretOf<'_>, use_it: impl FnOnce(Place<'_>) -> T) -> T {
        let id = of.endpoint.to_string();
        use_it(Place { label: label(of.scheme), tenant: of.tenant.as_str(), id: &id })
    }
}

impl WebhookKeys for VaultedWebhookKeys {
    fn mint(&self, of: SecretOf<'_>) -> Result<(SealedSecret, Option<SigningSecret>), SecretError> {
        let mut random = Zeroizing::new([0; 32]);
        OsRng.try_fill_bytes(&mut *random).map_err(|_| VaultError::Randomness)?;
        let (kid, sealed) = Self::at(of, |place| self.0.seal(place, random.as_slice()))?;
        Ok(match of.scheme {
            SignatureScheme::Hmac => {
                (SealedSecret { kid, sealed, public_key: None }, Some(SigningSecret::from_random(&random)))
            }
            SignatureScheme::Ed25519 => {
                let public = SigningKey::from_bytes(&random).verifying_key().to_bytes();
                (SealedSecret { kid, sealed, public_key: Some(Hex(public)) }, None)
            }
        })
    }

    fn sign(&self, of: SecretOf<'_>, secret: &SealedSecret, content: &str) -> Result<String, SecretError> {
        let bytes = Self::at(of, |place| self.0.open(place, &secret.kid, &secret.sealed))?;
        let seed = <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new);
        let seed = seed.map_err(|_| SecretError::Sealed)?;
        Ok(match of.scheme {
            SignatureScheme::Hmac => SigningSecret::from_random(&seed).sign(content),
            SignatureScheme::Ed25519 => {
                ed25519_text(&SigningKey::from_bytes(&seed).sign(content.as_bytes()).to_bytes())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use ed25519_dalek::{Signature, VerifyingKey};
    use sarai_domain::devportal::webhook::signed_content;

    use super::*;

    const NOW: i64 = 1_776_000_000;

    fn keys() -> VaultedWebhookKeys {
        VaultedWebhookKeys(Vault::new(&[7; 32], &[]))
    }

    /// Two endpoints of one tenant.
    fn with_endpoints(run: impl Fn(SecretOf<'_>, SecretOf<'_>)) {
        let tenant = "acme".parse().unwrap();
        for scheme in [SignatureScheme::Hmac, SignatureScheme::Ed25519] {
            let of = |id: &str| SecretOf { tenant: &tenant, endpoint: id.parse().unwrap(), scheme };
            run(of("whe_01ARZ3NDEKTSV4RRFFQ69G5FAV"), of("whe_01ARZ3NDEKTSV4RRFFQ69G5FAW"));
        }
    }

    #[test]
    fn a_secret_signs_for_its_endpoint_only_and_is_never_printed() {
        with_endpoints(|of, other| {
            let (sealed, shown) = keys().mint(of).unwrap();
            let signature = keys().sign(of, &sealed, "content").unwrap();
            assert_eq!(keys().sign(of, &sealed, "content").unwrap(), signature);
            assert_eq!(keys().sign(other, &sealed, "content"), Err(SecretError::Sealed));
            let lost = VaultedWebhookKeys(Vault::new(&[8; 32], &[])).sign(of, &sealed, "content");
            assert_eq!(lost, Err(SecretError::UnknownKey(sealed.kid.clone())));
            let printed = format!("{sealed:?} {shown:?} {:?}", keys());
            assert!(!printed.contains(&sealed.sealed) && !printed.contains("whsec_"), "{printed}");
        });
    }

    #[test]
    fn the_public_half_checks_an_ed25519_signature() {
        with_endpoints(|of, _| {
            let (sealed, shown) = keys().mint(of).unwrap();
            assert_eq!(shown.is_some(), of.scheme == SignatureScheme::Hmac);
            let Some(public) = sealed.public_key else { return };
            let content = signed_content("whd_1", NOW, "{}");
            let signature = keys().sign(of, &sealed, &content).unwrap();
            let bytes = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
            let key = VerifyingKey::from_bytes(&public.0).unwrap();
            let signature = Signature::from_slice(&bytes).unwrap();
            assert!(key.verify_strict(content.as_bytes(), &signature).is_ok());
            assert!(key.verify_strict(b"other", &signature).is_err());
        });
    }

    #[test]
    fn a_library_that_we_did_not_write_takes_our_signatures() {
        with_endpoints(|of, _| {
            let (sealed, Some(shown)) = keys().mint(of).unwrap() else { return };
            let (old, _) = keys().mint(of).unwrap();
            let theirs = standardwebhooks::Webhook::new(&shown.expose_text()).unwrap();
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
            let now = i64::try_from(now).unwrap();
            for (at, body, good) in [
                (now, "{}", true),
                (now - 299, "{}", true),
                (now - 301, "{}", false),
                (now + 301, "{}", false),
                (now, "{ }", false),
            ] {
                let content = signed_content("whd_1", at, "{}");
                // During a rotation both secrets sign; the receiver has either.
                let signatures = [&old, &sealed].map(|secret| keys().sign(of, secret, &content).unwrap());
                let mut headers = http::HeaderMap::new();
                headers.insert("webhook-id", "whd_1".parse().unwrap());
                headers.insert("webhook-timestamp", at.to_string().parse().unwrap());
                headers.insert("webhook-signature", signatures.join(" ").parse().unwrap());
                assert_eq!(theirs.verify(body.as_bytes(), &headers).is_ok(), good, "{at} {body}");
                headers.insert("webhook-signature", signatures[0].parse().unwrap());
                assert!(theirs.verify(body.as_bytes(), &headers).is_err(), "the old secret alone");
            }
        });
    }
}
