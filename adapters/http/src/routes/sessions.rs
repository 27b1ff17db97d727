//! `/auth/sessions`: signing in, going on, signing out.

use poem::Request;
use poem_openapi::{Object, OpenApi, payload::Json};
use sarai_application::{AppError, sessions::Sessions};
use sarai_domain::kernel::{Kind, external_id::kinds};
use sarai_ports::auth::Session;

use super::Tag;
use crate::{
    answers::{Created, Done},
    caller::Caller,
    problem::Problem,
    scalars::{ApiExternalId, ApiTimestamp},
};

/// Routes of sessions.
#[derive(Clone)]
pub struct SessionRoutes {
    sessions: Sessions,
}

/// Who signs in.
#[derive(Object)]
#[oai(rename = "SessionRequest", rename_all = "camelCase")]
pub struct SessionRequestBody {
    email: String,
    password: String,
    /// The one-time password, for accounts that have one.
    otp: Option<String>,
}

/// Who goes on.
#[derive(Object)]
#[oai(rename = "RefreshRequest", rename_all = "camelCase")]
pub struct RefreshBody {
    refresh_token: String,
}

/// A signed-in session.
#[derive(Object)]
#[oai(rename = "Session", rename_all = "camelCase")]
pub struct SessionBody {
    /// For the `Authorization: Bearer` header.
    access_token: String,
    /// Gets the next session.
    refresh_token: String,
    /// When the access token ends.
    expires_at: ApiTimestamp,
    user_id: ApiExternalId<kinds::User>,
    tenant_id: ApiExternalId<kinds::Tenant>,
    roles: Vec<String>,
}

impl From<&Session> for SessionBody {
    fn from(session: &Session) -> Self {
        let principal = &session.principal;
        Self {
            access_token: session.access_token.clone(),
            refresh_token: session.refresh_token.clone(),
            expires_at: session.expires_at.into(),
            user_id: principal.user_id.clone().into(),
            tenant_id: principal.tenant_id.clone().into(),
            roles: principal.roles.iter().map(|role| role.name().to_owned()).collect(),
        }
    }
}

/// A refused sign-in is 401: nobody is signed in yet, so nothing is forbidden.
fn refused(error: AppError) -> Problem {
    match error.kind {
        Kind::Forbidden => Problem::new(error.code, error.message),
        _ => error.into(),
    }
}

impl SessionRoutes {
    /// Over this use case.
    pub fn new(sessions: Sessions) -> Self {
        Self { sessions }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SessionRoutes {
    /// Signs in.
    #[oai(path = "/auth/sessions", method = "post", operation_id = "sessions.create")]
    async fn create(&self, body: Json<SessionRequestBody>) -> Result<Created<SessionBody>, Problem> {
        let SessionRequestBody { email, password, otp } = body.0;
        let session = self.sessions.sign_in(&email, &password, otp).await.map_err(refused)?;
        Ok(Created(SessionBody::from(&session)))
    }

    /// Goes on with a session
    ///
    /// A refresh token is good once, until twelve hours after signing in.
    #[oai(path = "/auth/sessions/refresh", method = "post", operation_id = "sessions.refresh")]
    async fn refresh(&self, body: Json<RefreshBody>) -> Result<Created<SessionBody>, Problem> {
        let session = self.sessions.refresh(&body.0.refresh_token).await.map_err(refused)?;
        Ok(Created(SessionBody::from(&session)))
    }

    /// Signs out
    ///
    /// The session is refreshed no more; its access token is good until it ends.
    #[oai(path = "/auth/sessions/current", method = "delete", operation_id = "sessions.end")]
    async fn end(&self, _caller: Caller, request: &Request) -> Result<Done, Problem> {
        let token = request.header("authorization").and_then(|value| value.split_once(' '));
        self.sessions.end(token.map_or("", |(_, token)| token.trim())).await?;
        Ok(Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_sign_in_is_401_and_an_outage_503() {
        for code in ["invalid_credentials", "otp_required"] {
            let problem = refused(AppError::new(Kind::Forbidden, code, "no"));
            assert_eq!((problem.code(), problem.status_code().as_u16()), (code, 401));
        }
        let problem = refused(AppError::new(Kind::Unavailable, "unavailable", "down"));
        assert_eq!(problem.status_code().as_u16(), 503);
    }
}
