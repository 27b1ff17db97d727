//! The routes as the gate serves them: an endpoint runs only for the operation the gate admitted, and every
//! error of the library becomes a [`Problem`].

use std::collections::HashMap;

use poem::{
    Endpoint, EndpointExt, Request, Response,
    endpoint::BoxEndpoint,
    error::{MethodNotAllowedError, NotFoundError},
    http::{Method, StatusCode},
};
use poem_openapi::{
    OpenApi,
    error::{ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError},
    registry::{MetaApi, Registry},
};

use crate::{
    operations::{OPERATIONS, Operation},
    problem::{FieldError, Problem},
};

/// The operation a request was admitted to: put into it by the gate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted(pub(crate) &'static Operation);

/// Routes behind the gate.
pub(crate) struct Guarded<T>(pub(crate) T);

impl<T: OpenApi> OpenApi for Guarded<T> {
    fn meta() -> Vec<MetaApi> {
        T::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        let mut routes = HashMap::new();
        self.0.add_routes(&mut routes);
        for (path, methods) in routes {
            for (method, endpoint) in methods {
                let row = row_of(&method, &path);
                table.entry(path.clone()).or_default().insert(method, guard(row, endpoint));
            }
        }
    }
}

/// The row of a route, whose path names its parameters `:param0`, `:param1`.
fn row_of(method: &Method, path: &str) -> Option<&'static Operation> {
    let shape = |path: &str| -> Vec<String> {
        let part = |part: &str| if part.starts_with([':', '{']) { "{}" } else { part }.to_owned();
        path.split('/').map(part).collect()
    };
    let wanted = shape(path);
    OPERATIONS.iter().find(|row| row.method == method && shape(row.path) == wanted)
}

fn guard(row: Option<&'static Operation>, endpoint: BoxEndpoint<'static>) -> BoxEndpoint<'static> {
    let admit = move |request: Request| async move {
        let admitted = request.extensions().get::<Admitted>().map(|admitted| admitted.0.id);
        if row.is_some_and(|row| admitted == Some(row.id)) {
            Ok(request)
        } else {
            Err(poem::Error::from(Problem::not_found("resource")))
        }
    };
    endpoint.before(admit).map_to_problem().boxed()
}

/// Turns every error into a problem's answer.
trait MapToProblem: Endpoint + Sized {
    fn map_to_problem(self) -> impl Endpoint<Output = Response> {
        self.map_to_response().catch_all_error(|error| async move { problem_of(&error).to_response("", "") })
    }
}

impl<E: Endpoint> MapToProblem for E {}

/// What an error of the library means to the caller.
pub(crate) fn problem_of(error: &poem::Error) -> Problem {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return problem.clone();
    }
    if let Some(error) = error.downcast_ref::<ParsePathError>() {
        return Problem::new("not_found", format!("{}: {}", error.name, reason(&error.reason)));
    }
    if let Some(error) = error.downcast_ref::<ParseParamError>() {
        return Problem::field(error.name, reason(&error.reason));
    }
    if let Some(error) = error.downcast_ref::<ParseRequestPayloadError>() {
        return Problem::invalid(vec![FieldError::new("", "invalid", reason(&error.reason))]);
    }
    if error.is::<ContentTypeError>() {
        return Problem::new("unsupported_media_type", "a request body is application/json");
    }
    if error.is::<NotFoundError>() || error.is::<MethodNotAllowedError>() {
        return Problem::not_found("resource");
    }
    match error.status() {
        StatusCode::NOT_FOUND => Problem::not_found("resource"),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new("payload_too_large", "a body is at most 256 KiB"),
        status if status.is_client_error() => Problem::new("malformed_request", "the request cannot be read"),
        status => {
            tracing::error!(%status, %error, "a handler failed");
            Problem::new("unavailable", "")
        }
    }
}

/// The library's sentence without the names of our types.
fn reason(text: &str) -> &str {
    let text = match text.strip_prefix("failed to parse \"").and_then(|rest| rest.split_once("\": ")) {
        Some((_, sentence)) => sentence,
        None => text,
    };
    text.split_once(" (occurred while parsing").map_or(text, |(sentence, _)| sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_finds_its_row_whatever_its_parameters_are_called() {
        let row = row_of(&Method::DELETE, "/v1/licenses/:param0/seats/:param1").unwrap();
        assert_eq!(row.id, "seats.release");
        assert!(row_of(&Method::GET, "/v1/licenses/:param0/seats/:param1").is_none());
    }

    #[test]
    fn errors_of_the_library_become_problems() {
        let param =
            ParseParamError { name: "limit", reason: "failed to parse \"limit\": 1 to 100".to_owned() };
        let problem = problem_of(&param.into());
        assert_eq!((problem.code(), problem.status_code().as_u16()), ("validation_failed", 422));
        assert_eq!(problem.document("", "")["errors"][0]["pointer"], "limit");
        assert_eq!(problem.document("", "")["errors"][0]["detail"], "1 to 100");
        let path = ParsePathError { name: "id", reason: String::new() };
        assert_eq!(problem_of(&path.into()).code(), "not_found");
        assert_eq!(problem_of(&ContentTypeError::ExpectContentType.into()).code(), "unsupported_media_type");
        let broken = poem::Error::from_string("secret", StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(problem_of(&broken).code(), "unavailable");
        assert!(!problem_of(&broken).document("", "").to_string().contains("secret"));
        assert_eq!(
            problem_of(&poem::Error::from_status(StatusCode::IM_A_TEAPOT)).code(),
            "malformed_request"
        );
    }
}
