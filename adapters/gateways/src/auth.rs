//! auth-service over HTTP; the contract is `fixtures/contracts/auth.json`.

use std::path::Path;

use async_trait::async_trait;
use hyper::Method;
use sarai_ports::{
    GatewayError,
    auth::{AuthGateway, Session, SignInError, TotpEnrolment},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    AddressError,
    client::{Client, Failure},
    wire::{Confirm, End, Enrol, Refresh, SignIn, Wire},
};

/// Auth behind an address.
#[derive(Debug, Clone)]
pub struct AuthClient {
    client: Client,
}

impl AuthClient {
    /// The service at this address, believed over TLS with a certificate of a public authority, or of this file's (PEM).
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none, and for a file without certificates.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address, authorities)? })
    }

    async fn ask<A: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<A, SignInError> {
        self.client.send(Method::POST, &[path], body).await.map_err(|failure| match failure {
            Failure::Refused(code) if code == "invalid_credentials" => SignInError::Refused,
            Failure::Refused(code) if code == "otp_required" => SignInError::OtpRequired,
            failure => SignInError::Gateway(failure.into()),
        })
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
        let Wire(session) = self.ask("sessions", &body).await?;
        Ok(session)
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError> {
        let body = Refresh { refresh_token: refresh_token.to_owned() };
        let Wire(session) = self.ask("refreshes", &body).await?;
        Ok(session)
    }

    async fn revoke(&self, token: &str) -> Result<(), GatewayError> {
        let body = End { token: token.to_owned() };
        let Wire(()) = self.client.send(Method::POST, &["ends"], &body).await?;
        Ok(())
    }

    async fn enrol_totp(&self, access_token: &str) -> Result<TotpEnrolment, SignInError> {
        let body = Enrol { access_token: access_token.to_owned() };
        let Wire(enrolment) = self.ask("totp-enrolments", &body).await?;
        Ok(enrolment)
    }

    async fn confirm_totp(&self, access_token: &str, otp: &str) -> Result<(), SignInError> {
        let body = Confirm { access_token: access_token.to_owned(), otp: otp.to_owned() };
        let Wire(()) = self.ask("totp-confirmations", &body).await?;
        Ok(())
    }

    async fn jwks(&self) -> Result<String, GatewayError> {
        let keys: Value = self.client.get(&["jwks.json"]).await?;
        Ok(keys.to_string())
    }
}
