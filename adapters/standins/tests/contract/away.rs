//! What a client makes of a service that is not there, is slow, or answers what it should not.

use std::time::Duration;

use sarai_domain::devportal::values::{Environment, RawKey};
use sarai_gateways::{BillingClient, KeysClient};
use sarai_ports::{
    GatewayError,
    devportal::{KeyAuthenticator as _, KeyGrant, KeyRefusal},
    marketplace::BillingGateway as _,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// The address of a service that answers its one call with these bytes.
async fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await.unwrap();
        socket.write_all(answer.as_bytes()).await.unwrap();
        if answer.is_empty() {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
    });
    format!("http://{address}/base/")
}

/// What becomes of a call that is answered with these bytes.
async fn answered(answer: &'static str) -> Result<(), GatewayError> {
    let client = BillingClient::new(&answering(answer).await, None).unwrap();
    client.void_intent("k").await.map(|_| ())
}

/// What becomes of a check of a key that is answered with these bytes.
async fn checked(answer: &'static str) -> Result<KeyGrant, KeyRefusal> {
    let client = KeysClient::new(&answering(answer).await, None).unwrap();
    client.verify(&RawKey::from_random(Environment::Production, &[7; 32])).await
}

#[tokio::test]
async fn nothing_but_a_grant_lets_a_key_in_and_nothing_but_its_code_says_that_it_is_wrong() {
    let wrong =
        "HTTP/1.1 401 No\r\ncontent-length: 26\r\nconnection: close\r\n\r\n{\"code\":\"invalid_api_key\"}";
    assert_eq!(checked(wrong).await, Err(KeyRefusal::Invalid));
    let passing = [
        "HTTP/1.1 401 No\r\ncontent-length: 12\r\n\r\n{\"code\":\"x\"}",
        "HTTP/1.1 404 No\r\ncontent-length: 20\r\n\r\n{\"code\":\"not_found\"}",
        "HTTP/1.1 503 No\r\ncontent-length: 26\r\n\r\n{\"code\":\"invalid_api_key\"}",
        "HTTP/1.1 200 Yes\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 Yes\r\ncontent-length: 4\r\n\r\ntrue",
        "HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        "nonsense\r\n\r\n",
    ];
    for answer in passing {
        let outcome = checked(answer).await;
        assert!(matches!(outcome, Err(KeyRefusal::Gateway(_))), "{answer}: {outcome:?}");
    }
    let nowhere = KeysClient::new("http://127.0.0.1:1", None).unwrap();
    let key = RawKey::from_random(Environment::Production, &[7; 32]);
    assert!(matches!(nowhere.verify(&key).await, Err(KeyRefusal::Gateway(GatewayError::Unavailable(_)))));
}

#[tokio::test]
async fn only_a_4xx_with_a_code_is_for_good() {
    let refused = answered(
        "HTTP/1.1 409 Conflict\r\ncontent-length: 17\r\nconnection: close\r\n\r\n{\"code\":\"voided\"}",
    );
    assert_eq!(refused.await, Err(GatewayError::Refused { code: "voided".to_owned() }));
    let passing = [
        "HTTP/1.1 500 No\r\ncontent-length: 12\r\n\r\n{\"code\":\"x\"}",
        "HTTP/1.1 503 No\r\ncontent-length: 12\r\n\r\n{\"code\":\"x\"}",
        "HTTP/1.1 429 No\r\ncontent-length: 12\r\n\r\n{\"code\":\"x\"}",
        "HTTP/1.1 408 No\r\ncontent-length: 12\r\n\r\n{\"code\":\"x\"}",
        "HTTP/1.1 404 No\r\ncontent-length: 9\r\n\r\nnot found",
        "HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 Yes\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 200 Yes\r\ncontent-length: 900\r\nconnection: close\r\n\r\n{",
        "nonsense\r\n\r\n",
    ];
    for answer in passing {
        let outcome = answered(answer).await;
        assert!(matches!(outcome, Err(GatewayError::Unavailable(_))), "{answer}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_or_says_nothing_is_unavailable() {
    let nowhere = BillingClient::new("http://127.0.0.1:1", None).unwrap();
    assert!(matches!(nowhere.void_intent("k").await, Err(GatewayError::Unavailable(_))));
    let silent = answered("").await;
    assert!(matches!(silent, Err(GatewayError::Unavailable(_))), "{silent:?}");
}

#[test]
fn an_address_is_one_of_http_or_https() {
    for bad in ["", "billing", "ftp://billing", "mailto:a@b"] {
        assert!(BillingClient::new(bad, None).is_err(), "{bad}");
    }
}
