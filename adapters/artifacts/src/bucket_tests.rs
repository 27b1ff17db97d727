//! A bucket over a real conversation: a service on a socket that checks every signature by its own reading of
//! Signature Version 4, and keeps what it is sent.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode, body::Bytes as Body, body::Incoming, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use sarai_domain::kernel::Hex;
use sarai_ports::devportal::{ArtifactError, ArtifactStore, Bytes, Chunks};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{Artifacts, Bucket};

const SECRET: &str = "not-a-secret";

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    parts: BTreeMap<usize, Vec<u8>>,
    refused: usize,
}

type Shared = Arc<Mutex<Kept>>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256>>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Whether a request is signed by who knows the secret.
fn signed(request: &Request<Incoming>, body: &[u8]) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let query = request.uri().query().unwrap_or_default();
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    let said = |name: &str| {
        let value = pairs.iter().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.unwrap_or_default().replace("%2F", "/").replace("%3B", ";")
    };
    let presigned = query.contains("X-Amz-Signature=");
    let (scope, names, signature, date) = if presigned {
        (said("X-Amz-Credential"), said("X-Amz-SignedHeaders"), said("X-Amz-Signature"), said("X-Amz-Date"))
    } else {
        let own = header("authorization");
        let part = |name: &str| {
            let rest = own.split_once(&format!("{name}=")).map_or("", |(_, rest)| rest);
            rest.split(',').next().unwrap_or_default().trim().to_owned()
        };
        (part("Credential"), part("SignedHeaders"), part("Signature"), header("x-amz-date").to_owned())
    };
    let payload = if presigned {
        "UNSIGNED-PAYLOAD".to_owned()
    } else if header("x-amz-content-sha256") == hex(&Sha256::digest(body)) {
        header("x-amz-content-sha256").to_owned()
    } else {
        return false;
    };
    pairs.retain(|pair| !pair.starts_with("X-Amz-Signature="));
    let mut pairs: Vec<String> = pairs
        .iter()
        .map(|pair| if pair.contains('=') { (*pair).to_owned() } else { format!("{pair}=") })
        .collect();
    pairs.sort();
    let headers = names.split(';').map(|name| format!("{name}:{}\n", header(name).trim()));
    let headers = headers.collect::<Vec<_>>().concat();
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{names}\n{payload}",
        request.method(),
        request.uri().path(),
        pairs.join("&"),
    );
    let Some((key_id, scope)) = scope.split_once('/') else { return false };
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in scope.split('/') {
        key = mac(&key, part);
    }
    key_id == "key" && hex(&mac(&key, &text)) == signature
}

fn answer(status: StatusCode, body: impl Into<Body>) -> Response<Full<Body>> {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert("etag", "\"tag\"".parse().unwrap());
    answer.headers_mut().insert("last-modified", "Mon, 20 Apr 2026 09:30:00 GMT".parse().unwrap());
    answer
}

async fn serve(kept: Shared, mut request: Request<Incoming>) -> Result<Response<Full<Body>>, hyper::Error> {
    let body = request.body_mut().collect().await?.to_bytes();
    let mut kept = kept.lock().unwrap();
    if !signed(&request, &body) {
        kept.refused += 1;
        return Ok(answer(StatusCode::FORBIDDEN, "<Error><Code>SignatureDoesNotMatch</Code></Error>"));
    }
    let path = request.uri().path().strip_prefix("/artifacts/").unwrap_or_default().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let part = query.split('&').find_map(|pair| pair.strip_prefix("partNumber=")?.parse().ok());
    Ok(match (request.method(), part) {
        (&Method::POST, _) if query.starts_with("uploads") => {
            let xml =
                "<InitiateMultipartUploadResult><UploadId>up</UploadId></InitiateMultipartUploadResult>";
            answer(StatusCode::OK, xml)
        }
        // Objects are deleted by a list of them.
        (&Method::POST, _) if query.starts_with("delete") => {
            let list = String::from_utf8_lossy(&body).into_owned();
            let keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
            let told = keys.map(|(key, _)| {
                kept.objects.remove(key);
                format!("<Deleted><Key>{key}</Key></Deleted>")
            });
            let told = told.collect::<Vec<_>>().concat();
            answer(StatusCode::OK, format!("<DeleteResult>{told}</DeleteResult>"))
        }
        (&Method::PUT, Some(part)) => {
            kept.parts.insert(part, body.to_vec());
            answer(StatusCode::OK, "")
        }
        (&Method::POST, _) => {
            let whole = std::mem::take(&mut kept.parts).into_values().flatten().collect();
            kept.objects.insert(path, whole);
            answer(
                StatusCode::OK,
                "<CompleteMultipartUploadResult><ETag>tag</ETag></CompleteMultipartUploadResult>",
            )
        }
        (&Method::PUT, None) => {
            kept.objects.insert(path, body.to_vec());
            answer(StatusCode::OK, "")
        }
        (&Method::DELETE, _) if query.contains("uploadId") => {
            kept.parts.clear();
            answer(StatusCode::NO_CONTENT, "")
        }
        (&Method::DELETE, _) => {
            kept.objects.remove(&path);
            answer(StatusCode::NO_CONTENT, "")
        }
        _ => match kept.objects.get(&path) {
            Some(bytes) => answer(StatusCode::OK, bytes.clone()),
            None => answer(StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>"),
        },
    })
}

/// A service, and a store over its bucket.
async fn service(secret: &str) -> (Shared, Artifacts) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let kept = Shared::default();
    let shared = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = Arc::clone(&shared);
            let handler = service_fn(move |request| serve(Arc::clone(&kept), request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), handler));
        }
    });
    let bucket = Bucket {
        name: "artifacts".to_owned(),
        endpoint: Some(endpoint),
        region: "us-east-1".to_owned(),
        key_id: "key".to_owned(),
        secret: secret.to_owned(),
    };
    (kept, Artifacts::in_bucket(&bucket).unwrap())
}

/// Parts that come one after the other, and how they end.
struct Given(Vec<Result<Bytes, ArtifactError>>);

#[async_trait]
impl Chunks for Given {
    async fn next(&mut self) -> Option<Result<Bytes, ArtifactError>> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }
}

async fn all(store: &Artifacts, key: &str) -> Option<Vec<u8>> {
    let mut found = store.get(key).await.unwrap()?;
    let mut bytes = Vec::new();
    while let Some(part) = found.next().await {
        bytes.extend(part.unwrap());
    }
    Some(bytes)
}

#[tokio::test]
async fn a_bucket_keeps_gives_and_forgets_what_it_is_sent_in_parts() {
    let (kept, store) = service(SECRET).await;
    // Three parts of the service's.
    let parts: Vec<Bytes> = (0..48_u8).map(|part| vec![part; 256 << 10]).collect();
    let whole = parts.concat();
    let mut given = Given(parts.into_iter().map(Ok).collect());
    let received = store.put("sdk/art_1", &mut given, 1 << 30).await.unwrap();
    assert_eq!(received.sha256, Hex(Sha256::digest(&whole).into()));
    assert_eq!(all(&store, "sdk/art_1").await, Some(whole));
    store.put("sdk/art_2", &mut Given(Vec::new()), 10).await.unwrap();
    assert_eq!(all(&store, "sdk/art_2").await, Some(Vec::new()));
    store.delete("sdk/art_1").await.unwrap();
    assert_eq!(all(&store, "sdk/art_1").await, None);
    let broken = vec![Ok(vec![1; 9]), Err(ArtifactError::BrokenOff)];
    let outcome = store.put("sdk/art_3", &mut Given(broken), 100).await;
    assert_eq!(outcome, Err(ArtifactError::BrokenOff));
    let kept = kept.lock().unwrap();
    assert_eq!(kept.objects.keys().collect::<Vec<_>>(), ["sdk/art_2"]);
    assert_eq!((kept.parts.len(), kept.refused), (0, 0));
}

/// The status of a plain GET of an address, asked by somebody without a key.
async fn status(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_address_of_a_bucket_is_good_for_who_has_it_and_for_nothing_else() {
    let (kept, store) = service(SECRET).await;
    store.put("sdk/art_1", &mut Given(vec![Ok(b"sdk".to_vec())]), 10).await.unwrap();
    let link = store.link("sdk/art_1").await.unwrap().unwrap();
    assert!(link.contains("X-Amz-Expires=300") && !link.contains(SECRET), "{link}");
    assert_eq!(status(&link).await, "200");
    assert_eq!(status(&link.replace("art_1", "art_2")).await, "403");
    assert_eq!(status(&link.replace("Expires=300", "Expires=900")).await, "403");
    assert_eq!(kept.lock().unwrap().refused, 2);
    assert_eq!(Artifacts::in_memory().link("sdk/art_1").await, Ok(None));
}

#[tokio::test]
async fn who_has_another_secret_keeps_nothing_there() {
    let (kept, store) = service("another").await;
    let outcome = store.put("sdk/art_1", &mut Given(vec![Ok(vec![1])]), 10).await;
    assert_eq!(outcome, Err(ArtifactError::Unavailable("no right".to_owned())));
    assert!(kept.lock().unwrap().objects.is_empty());
}
