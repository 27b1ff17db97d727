//! auth-service over HTTP; the contract is `fixtures/contracts/auth.json`.

use async_trait::async_trait;
use reqwest::Method;
use sarai_ports::{
    GatewayError,
    auth::{AuthGateway, Session, SignInError},
};
use serde_json::Value;

use crate::{
    AddressError,
    client::{Client, Failure},
    wire::{SignIn, Wire},
};

/// Auth behind an address.
#[derive(Debug, Clone)]
pub struct AuthClient {
    client: Client,
}

impl AuthClient {
    /// The service at this address.
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none.
    pub fn new(address: &str) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address)? })
    }
}

#[async_trait]
impl AuthGateway for AuthClient {
    async fn sign_in(
        &self,
        email: &str,
        password: &str,
        otp: Option<String>,
    ) -> Result<Session, SignInError> {
        let body = SignIn { email: email.to_owned(), password: password.to_owned(), otp };
        match self.client.send(Method::POST, &["sessions"], &body).await {
            Ok(Wire(session)) => Ok(session),
            Err(Failure::Refused(code)) if code == "invalid_credentials" => Err(SignInError::Refused),
            Err(Failure::Refused(code)) if code == "otp_required" => Err(SignInError::OtpRequired),
            Err(failure) => Err(SignInError::Gateway(failure.into())),
        }
    }

    async fn jwks(&self) -> Result<String, GatewayError> {
        let keys: Value = self.client.get(&["jwks.json"]).await?;
        Ok(keys.to_string())
    }
}
