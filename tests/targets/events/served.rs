//! Schemas and document over HTTP, as everybody may read them.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use metrics_exporter_prometheus::PrometheusHandle;
use reqwest::{Client, Response};
use sarai::{config::Config, process::Process};
use sarai_application::published::{INBOUND, announced, asyncapi, schema};
use sarai_ports::system::Clock as _;
use serde_json::Value;
use sha2::Sha256;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A process has one recorder.
static METRICS: LazyLock<PrometheusHandle> = LazyLock::new(|| sarai_http::server::install_metrics().unwrap());

/// A server that runs as long as this.
pub(crate) struct Server {
    base: String,
    secret: String,
    client: Client,
    _running: DropGuard,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            admin_listen: "off".to_owned(),
            rate_per_second: 1_000_000,
            rate_burst: 1_000_000,
            memory: true,
            ..Config::default()
        };
        let process = Process::bind(&config, METRICS.clone()).await.unwrap();
        let base = format!("http://{}", process.address().unwrap());
        let (secret, stop) = (process.inbound_secret.clone(), CancellationToken::new());
        tokio::spawn({
            let stop = stop.clone();
            async move { process.run(stop).await.map_err(|error| error.to_string()) }
        });
        let client = Client::builder().no_proxy().build().unwrap();
        Self { base, secret, client, _running: stop.drop_guard() }
    }

    async fn get(&self, path: &str, tag: Option<&str>) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.base));
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        request.send().await.unwrap()
    }

    /// Sends an integration event, signed, and gives the status.
    pub(crate) async fn tell(&self, source: &str, event: &Value) -> u16 {
        let (body, id) = (event.to_string(), event["id"].as_str().unwrap());
        let at = (sarai_system::SystemClock::new(false).real().unix_micros() / 1_000_000).to_string();
        let key = STANDARD.decode(self.secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let request = self.client.post(format!("{}/v1/integrations/{source}/events", self.base));
        let request = request.header("webhook-id", id).header("webhook-timestamp", at);
        let request =
            request.header("webhook-signature", signature).header("content-type", "application/json");
        request.body(body).send().await.unwrap().status().as_u16()
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_schema_is_served_where_its_envelope_says() {
    let server = Server::start().await;
    for topic in announced().map(|event| event.topic).chain(INBOUND.iter().map(|event| event.topic)) {
        let path = sarai_application::envelope::schema_of(topic);
        let answer = server.get(&path, None).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "content-type"), "application/schema+json", "{path}");
        let text = answer.text().await.unwrap();
        assert_eq!(Some(&text), schema::find(topic).as_ref());
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["$id"], path);
    }
    for missing in ["marketplace.order.lost.v1.json", "marketplace.order.paid.v1", ""] {
        assert_eq!(server.get(&format!("/schemas/{missing}"), None).await.status(), 404, "{missing}");
    }
}

#[tokio::test]
async fn documents_are_cached_by_whoever_reads_them() {
    let server = Server::start().await;
    for path in ["/asyncapi.json", "/schemas/marketplace.order.paid.v1.json"] {
        let answer = server.get(path, None).await;
        let (tag, cached) = (header(&answer, "etag").to_owned(), header(&answer, "cache-control").to_owned());
        assert!(cached.starts_with("public"), "{path}: {cached}");
        let again = server.get(path, Some(&tag)).await;
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag.as_str()), "{path}");
        assert_eq!(again.text().await.unwrap(), "");
        assert_eq!(server.get(path, Some("\"other\"")).await.status(), 200, "{path}");
        let listed = server.get(path, Some(&format!("\"other\", W/{tag}"))).await;
        assert_eq!(listed.status(), 304, "{path}");
    }
    let document = server.get("/asyncapi.json", None).await;
    assert_eq!(header(&document, "content-type"), "application/json");
    assert_eq!(document.text().await.unwrap(), asyncapi::document());
}

#[tokio::test]
async fn the_page_for_people_links_schemas_that_are_there() {
    let server = Server::start().await;
    let page = server.get("/docs/events", None).await;
    assert_eq!((page.status().as_u16(), header(&page, "content-type")), (200, "text/html; charset=utf-8"));
    let policy = header(&page, "content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let text = page.text().await.unwrap();
    let link = text.split("href=\"").nth(2).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(server.get(link, None).await.status(), 200, "{link}");
}
