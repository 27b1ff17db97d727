//! What is served beside the API: health, the documents, their pages, and what each code means.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use poem::{
    Endpoint, IntoResponse, Request, Response, Result,
    http::{HeaderValue, Method, StatusCode, header},
};
use sarai_ports::system::IdGenerator;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    codes::{self, Code, Words},
    event_page,
    gate::Seen,
    language::Preferred,
    openapi::docs_page,
    problem::Problem,
    published,
};

/// Whether the process can serve: asked for every `/readyz`.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Nothing when it can; else each thing that is missing, in words for an operator.
    async fn missing(&self) -> Vec<String>;
    /// What it can serve without: each by its name, and whether it is there.
    fn beside(&self) -> Vec<(String, bool)> {
        Vec::new()
    }
}

/// Ready while what it depends on is, and while it does not drain.
#[derive(Clone)]
pub struct Health {
    readiness: Arc<dyn Readiness>,
    draining: CancellationToken,
}

impl Health {
    /// Health that asks this.
    pub fn new(readiness: Arc<dyn Readiness>) -> Self {
        Self { readiness, draining: CancellationToken::new() }
    }

    /// Not ready from now on.
    pub(crate) fn drain(&self) {
        self.draining.cancel();
    }

    /// Cancelled when it drains.
    pub(crate) fn draining(&self) -> CancellationToken {
        self.draining.clone()
    }

    async fn missing(&self) -> Vec<String> {
        if self.draining.is_cancelled() {
            return vec!["draining".to_owned()];
        }
        self.readiness.missing().await
    }

    pub(crate) async fn ready(&self) -> Response {
        let missing = self.missing().await;
        let (status, word) = if missing.is_empty() {
            (StatusCode::OK, "ready")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready")
        };
        let mut answer = json!({"status": word, "missing": missing});
        for (name, there) in self.readiness.beside() {
            answer[name] = json!(if there { "up" } else { "down" });
        }
        json_answer(status, &answer)
    }
}

/// That the process is there.
pub(crate) fn alive() -> Response {
    json_answer(StatusCode::OK, &json!({"status": "ok"}))
}

/// The pages.
pub(crate) struct Site {
    document: Value,
    page: OnceLock<(String, HeaderValue)>,
    health: Health,
    ids: Arc<dyn IdGenerator>,
}

impl Site {
    pub(crate) fn new(document: &Value, health: Health, ids: Arc<dyn IdGenerator>) -> Self {
        Self { document: document.clone(), page: OnceLock::new(), health, ids }
    }

    /// The page and its policy: three megabytes, made when somebody wants them.
    fn docs(&self) -> Response {
        let (page, policy) = self.page.get_or_init(|| {
            let (page, policy) = docs_page(&self.document);
            (page, HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("sandbox")))
        });
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, policy.clone())
            .body(page.clone())
    }

    /// Whether a path is one of these pages; `/` is only where nobody else has it.
    pub(crate) fn serves(path: &str) -> bool {
        const OWN: [&str; 6] =
            ["/healthz", "/readyz", "/openapi.json", "/asyncapi.json", "/docs/api", "/docs/events"];
        OWN.contains(&path) || path.starts_with("/problems/") || path.starts_with("/schemas/")
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    async fn answer(&self, request: &Request) -> Result<Response, Problem> {
        let path = request.uri().path();
        if let Some(name) = path.strip_prefix("/problems/") {
            let code = codes::find(name).ok_or_else(|| Problem::not_found("code"))?;
            return only_get(request).map(|()| meaning(code, request));
        }
        if let Some(answer) = published::answer(request) {
            return only_get(request).map(|()| answer);
        }
        let answer = match path {
            "/" => Response::builder()
                .status(StatusCode::SEE_OTHER)
                .header(header::LOCATION, "/docs/api")
                .finish(),
            "/healthz" => alive(),
            "/readyz" => self.health.ready().await,
            "/openapi.json" => {
                Response::builder().content_type("application/json").body(self.document.to_string())
            }
            "/docs/api" => self.docs(),
            "/docs/events" => event_page::answer(),
            _ => return Err(Problem::not_found("page")),
        };
        only_get(request).map(|()| answer)
    }
}

fn only_get(request: &Request) -> Result<(), Problem> {
    // The server leaves the body of an answer to HEAD away.
    if request.method() == Method::GET || request.method() == Method::HEAD {
        Ok(())
    } else {
        Err(Problem::new("method_not_allowed", "only GET is allowed here"))
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}

/// What a code means, as a page for a browser and as JSON for everybody else; in the language asked for.
fn meaning(code: &Code, request: &Request) -> Response {
    let wants_html = request.header("accept").is_some_and(|accept| accept.contains("text/html"));
    let locale = Preferred::of_request(request).0.unwrap_or_default();
    let (language, Code { name, status, .. }) = (locale.as_str(), code);
    let Words { title, explanation } = code.words(locale);
    let answer = if wants_html {
        let dir = locale.dir().as_str();
        Response::builder().content_type("text/html; charset=utf-8").body(format!(
            "<!doctype html>\n<html lang=\"{language}\" dir=\"{dir}\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <h1>{title}</h1>\n<p><code dir=\"ltr\">{name}</code>, HTTP {status}</p>\n<p>{explanation}</p>\n</html>\n"
        ))
    } else {
        json_answer(
            StatusCode::OK,
            &json!({
                "type": format!("/problems/{name}"), "code": name, "status": status,
                "title": title, "explanation": explanation,
            }),
        )
    };
    answer
        .with_header(header::CONTENT_LANGUAGE, language)
        .with_header(header::VARY, "Accept, Accept-Language")
        .into_response()
}

/// Pages with a path of their own.
const PAGES: &[&str] =
    &["/", "/healthz", "/readyz", "/openapi.json", "/asyncapi.json", "/docs/api", "/docs/events"];

/// Whether there is such a page: what a link of the documentation may lead to.
pub fn has_page(path: &str) -> bool {
    let code = path.strip_prefix("/problems/");
    let topic = path.strip_prefix("/schemas/").and_then(|rest| rest.strip_suffix(".json"));
    PAGES.contains(&path)
        || code.is_some_and(|code| codes::find(code).is_some())
        || topic.is_some_and(published::has)
}

impl Endpoint for Site {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let seen = Seen::new(&request, &*self.ids);
        let span = seen.span();
        let outcome = tracing::Instrument::instrument(self.answer(&request), span.clone()).await;
        let response = outcome.unwrap_or_else(|problem| {
            let mut response = seen.refuse(&problem);
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
            }
            response
        });
        Ok(span.in_scope(|| seen.seal(response)))
    }
}
