//! Signing in; accounts and passwords are auth-service's.

use std::sync::Arc;

use sarai_domain::kernel::Kind;
use sarai_ports::auth::{AuthGateway, Session, SignInError};

use crate::AppError;

/// The use case behind the sign-in route.
#[derive(Clone)]
pub struct Sessions {
    auth: Arc<dyn AuthGateway>,
}

impl Sessions {
    /// Over this gateway.
    pub fn new(auth: Arc<dyn AuthGateway>) -> Self {
        Self { auth }
    }

    /// Opens a session.
    ///
    /// # Errors
    /// `invalid_credentials`, `otp_required`, `unavailable`.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        otp: Option<String>,
    ) -> Result<Session, AppError> {
        self.auth.sign_in(email, password, otp).await.map_err(refused)
    }

    /// The next session for a refresh token, which is good once.
    ///
    /// # Errors
    /// `invalid_credentials`, `unavailable`.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Session, AppError> {
        self.auth.refresh(refresh_token).await.map_err(refused)
    }

    /// Ends the session that a token belongs to.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn end(&self, token: &str) -> Result<(), AppError> {
        Ok(self.auth.revoke(token).await?)
    }
}

fn refused(error: SignInError) -> AppError {
    match error {
        SignInError::Refused => AppError::new(Kind::Forbidden, "invalid_credentials", error.to_string()),
        SignInError::OtpRequired => AppError::new(Kind::Forbidden, "otp_required", error.to_string()),
        SignInError::Gateway(error) => error.into(),
    }
}
