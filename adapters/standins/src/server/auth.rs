//! Auth's routes.

use std::sync::Arc;

use poem::{
    Body, EndpointExt as _, IntoEndpoint, Route, get, handler,
    http::StatusCode,
    post, put,
    web::{Data, Path},
};
use sarai_domain::kernel::ApiKeyId;
use sarai_gateways::wire::{Confirm, End, Enrol, KeyCheck, Refresh, SignIn, Wire};
use sarai_ports::{
    auth::AuthGateway as _,
    devportal::{KeyAuthenticator as _, KeyGrant, KeySecretIssuer as _},
};

use super::{Answer, Fault, invalid, read, response, told};
use crate::{AuthStandIn, KeysStandIn};

type Auth<'a> = Data<&'a Arc<AuthStandIn>>;
type Keys<'a> = Data<&'a Arc<KeysStandIn>>;

/// The routes over a stand-in.
pub(super) fn routes(auth: Arc<AuthStandIn>, keys: Arc<KeysStandIn>) -> impl IntoEndpoint {
    Route::new()
        .at("/sessions", post(sign_in))
        .at("/refreshes", post(refresh))
        .at("/ends", post(end))
        .at("/totp-enrolments", post(enrol))
        .at("/totp-confirmations", post(confirm))
        .at("/jwks.json", get(jwks))
        .at("/keys/:id", put(issue))
        .at("/keys/:id/terms", put(amend))
        .at("/keys/:id/revocation", put(revoke_key))
        .at("/key-checks", post(check_key))
        .data(auth)
        .data(keys)
}

#[handler]
async fn sign_in(Data(auth): Auth<'_>, body: Body) -> Answer {
    let SignIn { email, password, otp } = read(body).await?;
    told(&auth.sign_in(&email, &password, otp).await?)
}

#[handler]
async fn refresh(Data(auth): Auth<'_>, body: Body) -> Answer {
    let Refresh { refresh_token } = read(body).await?;
    told(&auth.refresh(&refresh_token).await?)
}

#[handler]
async fn end(Data(auth): Auth<'_>, body: Body) -> Answer {
    let End { token } = read(body).await?;
    told(&auth.revoke(&token).await?)
}

#[handler]
async fn enrol(Data(auth): Auth<'_>, body: Body) -> Answer {
    let Enrol { access_token } = read(body).await?;
    told(&auth.enrol_totp(&access_token).await?)
}

#[handler]
async fn confirm(Data(auth): Auth<'_>, body: Body) -> Answer {
    let Confirm { access_token, otp } = read(body).await?;
    told(&auth.confirm_totp(&access_token, &otp).await?)
}

#[handler]
async fn jwks(Data(auth): Auth<'_>) -> Answer {
    Ok(response(StatusCode::OK, auth.jwks().await?))
}

#[handler]
async fn issue(Data(keys): Keys<'_>, Path(id): Path<String>, body: Body) -> Answer {
    let Wire(grant): Wire<KeyGrant> = read(body).await?;
    if grant.key_id != key_id(&id)? {
        return Err(invalid());
    }
    told(&keys.issue(&grant).await?)
}

#[handler]
async fn amend(Data(keys): Keys<'_>, Path(id): Path<String>, body: Body) -> Answer {
    let Wire(terms) = read(body).await?;
    told(&keys.amend(&key_id(&id)?, &terms).await?)
}

#[handler]
async fn revoke_key(Data(keys): Keys<'_>, Path(id): Path<String>) -> Answer {
    told(&keys.revoke(&key_id(&id)?).await?)
}

#[handler]
async fn check_key(Data(keys): Keys<'_>, body: Body) -> Answer {
    let KeyCheck(key) = read(body).await?;
    told(&keys.verify(&key).await?)
}

fn key_id(text: &str) -> Result<ApiKeyId, Fault> {
    text.parse().map_err(|_| invalid())
}
