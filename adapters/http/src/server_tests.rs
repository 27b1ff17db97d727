//! The server on real sockets.

use std::sync::Arc;

use poem_openapi::{OpenApi, payload::Json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::testing::{Keys, ManualClock, gate_parts, health};

struct Slow;

#[OpenApi(prefix_path = "/v1")]
impl Slow {
    /// Takes a while.
    #[oai(path = "/catalog", method = "get", operation_id = "catalog.list")]
    async fn list(&self) -> Json<bool> {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Json(true)
    }
}

async fn server(
    config: ServerConfig,
) -> (SocketAddr, SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = ServerConfig { listen: nowhere, admin_listen: Some(nowhere), ..config };
    let parts = gate_parts(&ManualClock::new(), &Arc::<Keys>::default());
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let server = Server::bind(config, Api::assemble(Slow, parts, health()), metrics).await.unwrap();
    let (public, admin) = (server.address().unwrap(), server.admin_address().unwrap());
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { server.run(stop).await.unwrap() }
    });
    (public, admin, stop, running)
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything the other side says until it hangs up.
async fn said(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn metrics_are_on_their_own_listener() {
    let (public, admin, stop, running) = server(ServerConfig::default()).await;
    assert!(said(send(public, &get("/healthz")).await).await.starts_with("HTTP/1.1 200"));
    assert!(said(send(public, &get("/metrics")).await).await.starts_with("HTTP/1.1 404"));
    assert!(said(send(admin, &get("/metrics")).await).await.starts_with("HTTP/1.1 200"));
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_request_under_way_ends_well_when_the_server_stops() {
    let (public, _, stop, running) = server(ServerConfig::default()).await;
    let stream = send(public, &get("/v1/catalog")).await;
    let idle = send(public, "").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    assert!(said(stream).await.starts_with("HTTP/1.1 200"));
    tokio::time::timeout(Duration::from_secs(5), running).await.unwrap().unwrap();
    assert_eq!(said(idle).await, "");
    assert!(TcpStream::connect(public).await.is_err(), "nothing is accepted any more");
}

/// Who connected a moment ago has a request on its way, and who keeps a connection learns that it ends.
#[tokio::test]
async fn a_request_that_was_on_its_way_when_the_server_was_told_to_stop_is_answered() {
    let (public, _, stop, running) = server(ServerConfig::default()).await;
    let mut late = send(public, "").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.cancel();
    for _ in 0..100 {
        // Everything in this thread that hears of the stop does what it does.
        tokio::task::yield_now().await;
    }
    late.write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    let said = said(late).await.to_ascii_lowercase();
    assert!(said.starts_with("http/1.1 200") && said.contains("\r\nconnection: close\r\n"), "{said}");
    tokio::time::timeout(Duration::from_secs(5), running).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    let config = ServerConfig { head: Duration::from_millis(200), ..ServerConfig::default() };
    let (public, _, stop, running) = server(config).await;
    let stream = send(public, "GET /healthz HTTP/1.1\r\nHost: te").await;
    let said = tokio::time::timeout(Duration::from_secs(5), said(stream)).await.unwrap();
    assert!(!said.contains("200"), "{said}");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let config = ServerConfig { connections: 1, ..ServerConfig::default() };
    let (public, _, stop, running) = server(config).await;
    let first = send(public, "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let second = tokio::spawn(said(send(public, &get("/healthz")).await));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished());
    drop(first);
    let said = tokio::time::timeout(Duration::from_secs(5), second).await.unwrap().unwrap();
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    stop.cancel();
    running.await.unwrap();
}
