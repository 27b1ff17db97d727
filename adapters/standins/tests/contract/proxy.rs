//! Stands between a client and a service, and fails on whatever is not in the service's contract.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use poem::{
    Body, EndpointExt as _, IntoResponse as _, Request, Response, Route, Server, handler,
    http::StatusCode,
    listener::{Acceptor as _, Listener as _, TcpListener},
    web::Data,
};
use serde_json::{Value, json};

/// A service's contract and what was seen of it.
pub(crate) struct Contract {
    document: Value,
    target: String,
    /// Operations answered with success.
    seen: Mutex<BTreeSet<String>>,
    breaches: Mutex<Vec<String>>,
}

impl Contract {
    /// Checks what goes to the service at `target`; gives the contract and the address to call.
    pub(crate) async fn before(target: String, document: &str) -> (Arc<Self>, String) {
        let document = serde_json::from_str(document).unwrap();
        let contract =
            Arc::new(Self { document, target, seen: Mutex::default(), breaches: Mutex::default() });
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = *acceptor.local_addr()[0].as_socket_addr().unwrap();
        let app = Route::new().nest("/", pass.data(Arc::clone(&contract)));
        tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
        (contract, format!("http://{address}"))
    }

    /// Fails for breaches, and for operations with this tag that nobody called.
    pub(crate) fn assert_kept_and_used(&self, tag: &str) {
        let breaches = self.breaches.lock().unwrap();
        assert!(breaches.is_empty(), "{breaches:#?}");
        let paths = self.document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|path| path.as_object().unwrap().values());
        let tagged = operations.filter(|operation| operation["tags"][0] == tag);
        let all: BTreeSet<String> =
            tagged.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect();
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.intersection(&all).cloned().collect::<BTreeSet<_>>(), all);
        assert!(!all.is_empty(), "no operation has the tag {tag}");
    }

    /// The operation of a call.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object().unwrap();
        let fits = |template: &str| {
            let (parts, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
            parts.len() == given.len()
                && parts.iter().zip(given).all(|(part, given)| part.starts_with('{') || *part == given)
        };
        let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
        item.get(method.to_lowercase())
    }

    fn check(&self, what: &str, schema: Option<&Value>, body: &[u8]) {
        let found = match (schema, serde_json::from_slice::<Value>(body)) {
            (Some(schema), Ok(value)) => {
                let mut schema = schema.clone();
                schema["components"] = self.document["components"].clone();
                match jsonschema::validate(&schema, &value) {
                    Ok(()) => return,
                    Err(error) => format!("{error} in {value}"),
                }
            }
            (None, _) => "no schema".to_owned(),
            (Some(_), Err(error)) => error.to_string(),
        };
        self.breaches.lock().unwrap().push(format!("{what}: {found}"));
    }
}

fn schema_of(holder: &Value) -> Option<&Value> {
    holder.get("content")?.get("application/json")?.get("schema")
}

#[handler]
async fn pass(Data(contract): Data<&Arc<Contract>>, request: &Request, body: Body) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let what = format!("{method} {path}");
    let body = body.into_vec().await.unwrap();
    let operation = contract.operation(method.as_str(), &path).cloned().unwrap_or_else(|| {
        contract.breaches.lock().unwrap().push(format!("{what}: not in the contract"));
        json!({})
    });
    if let Some(wanted) = operation.get("requestBody") {
        contract.check(&what, schema_of(wanted), &body);
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let forward = client.request(method, format!("{}{path}", contract.target)).body(body);
    let answer = forward.header("content-type", "application/json").send().await.unwrap();
    let status = answer.status();
    let kind = answer.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
    let text = answer.bytes().await.unwrap();
    let named = match status {
        StatusCode::OK => "200",
        StatusCode::SERVICE_UNAVAILABLE => "503",
        status if status.is_client_error() => "4XX",
        _ => "none",
    };
    let promised = &operation["responses"][named];
    if kind == "application/pdf" && promised["content"].get("application/pdf").is_some() {
        assert!(text.starts_with(b"%PDF-"), "{what}");
    } else {
        contract.check(&format!("{what} -> {status}"), schema_of(promised), &text);
    }
    if status == StatusCode::OK {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        contract.seen.lock().unwrap().insert(id);
    }
    Response::builder().status(status).body(text).into_response()
}
