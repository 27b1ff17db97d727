//! Auth's routes.

use std::sync::Arc;

use poem::{Body, EndpointExt as _, IntoEndpoint, Route, get, handler, http::StatusCode, post, web::Data};
use sarai_gateways::wire::SignIn;
use sarai_ports::auth::AuthGateway as _;

use super::{Answer, read, response, told};
use crate::AuthStandIn;

type Auth<'a> = Data<&'a Arc<AuthStandIn>>;

/// The routes over a stand-in.
pub(super) fn routes(auth: Arc<AuthStandIn>) -> impl IntoEndpoint {
    Route::new().at("/sessions", post(sign_in)).at("/jwks.json", get(jwks)).data(auth)
}

#[handler]
async fn sign_in(Data(auth): Auth<'_>, body: Body) -> Answer {
    let SignIn { email, password, otp } = read(body).await?;
    told(&auth.sign_in(&email, &password, otp).await?)
}

#[handler]
async fn jwks(Data(auth): Auth<'_>) -> Answer {
    Ok(response(StatusCode::OK, auth.jwks().await?))
}
