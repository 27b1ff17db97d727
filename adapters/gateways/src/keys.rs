//! The secrets of keys at auth-service over HTTP; the contract is `fixtures/contracts/auth.json`.

use std::path::Path;

use async_trait::async_trait;
use hyper::Method;
use sarai_domain::{devportal::values::RawKey, kernel::ApiKeyId};
use sarai_ports::{
    GatewayError,
    devportal::{IssuedKey, KeyAuthenticator, KeyGrant, KeyRefusal, KeySecretIssuer, KeyTerms},
};

use crate::{
    AddressError,
    client::{Client, Failure},
    wire::{KeyCheck, Wire},
};

/// The keys of auth behind an address.
#[derive(Debug, Clone)]
pub struct KeysClient {
    client: Client,
}

impl KeysClient {
    /// The service at this address, believed over TLS with a certificate of a public authority, or of this file's (PEM).
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none, and for a file without certificates.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address, authorities)? })
    }
}

#[async_trait]
impl KeySecretIssuer for KeysClient {
    async fn issue(&self, grant: &KeyGrant) -> Result<IssuedKey, GatewayError> {
        let path = ["keys", &grant.key_id.to_string()];
        let Wire(issued) = self.client.send(Method::PUT, &path, &Wire(grant)).await?;
        Ok(issued)
    }

    async fn amend(&self, key_id: &ApiKeyId, terms: &KeyTerms) -> Result<(), GatewayError> {
        let path = ["keys", &key_id.to_string(), "terms"];
        let Wire(()) = self.client.send(Method::PUT, &path, &Wire(terms)).await?;
        Ok(())
    }

    async fn revoke(&self, key_id: &ApiKeyId) -> Result<(), GatewayError> {
        let path = ["keys", &key_id.to_string(), "revocation"];
        let Wire(()) = self.client.send(Method::PUT, &path, &()).await?;
        Ok(())
    }
}

#[async_trait]
impl KeyAuthenticator for KeysClient {
    async fn verify(&self, key: &RawKey) -> Result<KeyGrant, KeyRefusal> {
        match self.client.send(Method::POST, &["key-checks"], &KeyCheck(key)).await {
            Ok(Wire(grant)) => Ok(grant),
            Err(Failure::Refused(code)) if code == "invalid_api_key" => Err(KeyRefusal::Invalid),
            Err(failure) => Err(KeyRefusal::Gateway(failure.into())),
        }
    }
}
