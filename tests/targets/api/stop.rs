//! Stopping: not ready, nothing new, nothing lost.

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::market::{Market, one_time, text};

/// A request whose head has arrived and whose body is awaited.
async fn begin(market: &Market, path: &str, body: &str) -> TcpStream {
    let host = market.api.base().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: last\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        market.buyer.token(),
        body.len(),
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_stopped_ends_what_is_under_way_and_then_itself() {
    let market = Market::open().await;
    let sold = market.sell(1, &one_time("10.00")).await;
    let ready = market.api.nobody().get("/readyz").await.is(200);
    assert_eq!(ready, json!({"status": "ready", "missing": []}));
    let order = market.order(&[(&sold, 1)], &[]).await;
    let body = json!({"paymentToken": "tok_ok"}).to_string();
    let mut paying = begin(&market, &format!("/v1/orders/{}/pay", text(&order, "id")), &body).await;

    market.api.stop();
    let gone = async {
        while let Ok(answer) = reqwest::get(format!("{}/readyz", market.api.base())).await {
            if answer.status() == 503 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(5), gone).await.expect("it is ready no more");

    paying.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(10), paying.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 202 Accepted\r\n"), "{answer}");
    assert!(answer.contains("\"status\":\"fulfilled\""), "{answer}");
    timeout(Duration::from_secs(20), market.api.stopped()).await.expect("it ends").expect("without an error");
    assert!(TcpStream::connect(market.api.base().strip_prefix("http://").unwrap()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_server_stops_at_once() {
    let market = Market::open().await;
    market.api.stop();
    timeout(Duration::from_secs(5), market.api.stopped()).await.expect("it ends").expect("without an error");
}
