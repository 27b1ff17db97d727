//! The stand-ins over HTTP, for processes that do not run them themselves (ruling R3).
//!
//! `/billing`, `/enrollment`, `/auth` and `/messaging` speak the contracts of `fixtures/contracts`; what is under `/demo` of
//! each is the demo's and in no contract. Whoever can connect may call: it stands in for services of a closed
//! network, and listens where nobody else is.

mod auth;
mod billing;
mod due;
mod enrollment;
mod invoicing;
mod messaging;

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{
    Body, IntoResponse, Response, Route, Server as PoemServer,
    http::{StatusCode, header},
    listener::{Acceptor as _, Listener as _, TcpAcceptor, TcpListener},
};
use sarai_gateways::wire::{Wire, Wired};
use sarai_ports::{GatewayError, auth::SignInError, devportal::KeyRefusal, system::MovableClock};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::StandIns;

/// The most bytes of a request.
const MAX_BODY: usize = 256 << 10;
/// How long requests under way may take to end when stopping.
const DRAIN: Duration = Duration::from_secs(10);

/// The stand-ins behind a socket.
pub struct Server {
    acceptor: TcpAcceptor,
    routes: Route,
}

impl Server {
    /// Opens the socket. The clock is the stand-ins'; it follows the clock of whoever moves one.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(
        listen: SocketAddr,
        standins: &StandIns,
        clock: Arc<dyn MovableClock>,
    ) -> io::Result<Self> {
        let routes = Route::new()
            .nest(
                "/billing",
                billing::routes(
                    Arc::clone(&standins.billing),
                    Arc::clone(&standins.invoicing),
                    Arc::clone(&clock),
                ),
            )
            .nest("/messaging", messaging::routes(Arc::clone(&standins.messaging), clock))
            .nest("/enrollment", enrollment::routes(Arc::clone(&standins.enrollment)))
            .nest("/auth", auth::routes(Arc::clone(&standins.auth), Arc::clone(&standins.keys)));
        Ok(Self { acceptor: TcpListener::bind(listen).into_acceptor().await?, routes })
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.acceptor.local_addr().first().and_then(|address| address.as_socket_addr().copied())
    }

    /// Serves until `stop` is done; then ends what is under way.
    ///
    /// # Errors
    /// When the listener fails for good.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let server = PoemServer::new_with_acceptor(self.acceptor);
        server.run_with_graceful_shutdown(self.routes, stop, Some(DRAIN)).await
    }
}

/// A refusal: its status and its code.
struct Fault(StatusCode, String);

/// What a handler answers.
type Answer = Result<Response, Fault>;

impl From<GatewayError> for Fault {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::Refused { code } if code == "not_found" => Self(StatusCode::NOT_FOUND, code),
            GatewayError::Refused { code } => Self(StatusCode::CONFLICT, code),
            GatewayError::Unavailable(_) => Self(StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned()),
        }
    }
}

impl From<SignInError> for Fault {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused => Self(StatusCode::UNAUTHORIZED, "invalid_credentials".to_owned()),
            SignInError::OtpRequired => Self(StatusCode::UNAUTHORIZED, "otp_required".to_owned()),
            SignInError::Gateway(error) => error.into(),
        }
    }
}

impl From<KeyRefusal> for Fault {
    fn from(error: KeyRefusal) -> Self {
        match error {
            KeyRefusal::Invalid => Self(StatusCode::UNAUTHORIZED, "invalid_api_key".to_owned()),
            KeyRefusal::Gateway(error) => error.into(),
        }
    }
}

impl From<Fault> for poem::Error {
    fn from(Fault(status, code): Fault) -> Self {
        let body = json!({ "code": code }).to_string();
        Self::from_response(response(status, body))
    }
}

fn response(status: StatusCode, body: impl Into<Body>) -> Response {
    let response = body.into().with_header(header::CONTENT_TYPE, "application/json");
    response.with_header(header::CACHE_CONTROL, "no-store").with_status(status).into_response()
}

/// Answers with a value of the ports.
fn told<T: Wired>(value: &T) -> Answer {
    shown(&Wire(value))
}

/// Answers with values of the ports.
fn told_all<T: Wired>(values: &[T]) -> Answer {
    shown(&values.iter().map(Wire).collect::<Vec<_>>())
}

/// Answers with what is there, or that there is none.
fn found<T: Wired>(value: Option<T>) -> Answer {
    told(&value.ok_or_else(missing)?)
}

fn missing() -> Fault {
    Fault(StatusCode::NOT_FOUND, "not_found".to_owned())
}

/// Answers with a body.
fn shown(body: &impl Serialize) -> Answer {
    let unwritten = |_| Fault(StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned());
    Ok(response(StatusCode::OK, serde_json::to_vec(body).map_err(unwritten)?))
}

/// Reads a body.
async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Fault> {
    let bytes = body.into_bytes_limit(MAX_BODY).await.map_err(|_| invalid())?;
    serde_json::from_slice(&bytes).map_err(|_| invalid())
}

/// What was asked is no question.
fn invalid() -> Fault {
    Fault(StatusCode::BAD_REQUEST, "invalid_request".to_owned())
}
