//! The way out to endpoints over real sockets: what is never called (T65), and what is read of an answer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod dns;
mod targets;

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use sarai_domain::devportal::{
    values::HttpsUrl,
    webhook::{AttemptOutcome, DeliveryFault},
};
use sarai_ports::devportal::{AdmittedTargets, WebhookRequest, WebhookTransport as _};
use sarai_relay::webhooks::HttpsTransport;
use sarai_services::{Answer, Receiver};

use dns::{NameServer, Zone};

const LIMIT: Duration = Duration::from_secs(10);

/// Listens on every address of this machine, of both families, and counts who comes.
struct Canary {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Canary {
    fn start() -> Self {
        let listener = TcpListener::bind("[::]:0").unwrap();
        let (port, visits) = (listener.local_addr().unwrap().port(), Arc::<AtomicUsize>::default());
        let counter = Arc::clone(&visits);
        thread::spawn(move || {
            for _ in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

fn request(url: HttpsUrl) -> WebhookRequest {
    let headers = vec![("webhook-id", "whd_1".to_owned())];
    WebhookRequest { url, headers, body: "{}".to_owned(), keep_answer: true }
}

fn local(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

/// A receiver at 127.0.0.1 for the name `hook.test`, and the transport that may call it.
fn hook(answer: Answer) -> (Receiver, HttpsTransport) {
    let receiver = Receiver::start(local(1), &["hook.test"], move |_| answer.clone()).unwrap();
    let zone = Zone::from([("hook.test".to_owned(), vec![vec![local(1)]])]);
    let transport = transport(zone, &[receiver.address()], Some(receiver.authority()));
    (receiver, transport)
}

fn transport(zone: Zone, admitted: &[SocketAddr], authority: Option<&str>) -> HttpsTransport {
    let admitted: AdmittedTargets = admitted.iter().copied().collect();
    HttpsTransport::resolving(Arc::new(NameServer::start(zone)), admitted, authority).unwrap()
}

async fn post(receiver: &Receiver, transport: &HttpsTransport) -> AttemptOutcome {
    let url = format!("https://hook.test:{}/in?a=b", receiver.address().port());
    transport.post(request(url.parse().unwrap())).await
}

fn answered(status: u16, text: Option<&str>) -> AttemptOutcome {
    AttemptOutcome::Answered { status, text: text.map(str::to_owned) }
}

const fn failed(fault: DeliveryFault) -> AttemptOutcome {
    AttemptOutcome::Failed(fault)
}

#[tokio::test]
async fn no_url_leads_to_an_address_that_may_not_be_called() {
    let canary = Canary::start();
    let transport = transport(targets::zone(), &[], None);
    let urls = targets::urls(canary.port);
    assert!(urls.len() >= 80, "{} URLs", urls.len());
    for (text, is_name) in &urls {
        let start = Instant::now();
        match text.parse::<HttpsUrl>() {
            Err(_) => assert!(!is_name, "{text} was to be refused when it is called"),
            Ok(url) => {
                assert!(is_name, "{text} was taken");
                let forbidden = DeliveryFault::TargetForbidden;
                assert_eq!(transport.look_up(&url).await, Err(forbidden), "{text}");
                assert_eq!(transport.post(request(url)).await, failed(forbidden), "{text}");
            }
        }
        assert!(start.elapsed() <= LIMIT, "{text}");
    }
    thread::sleep(Duration::from_millis(100));
    assert_eq!(canary.visits(), 0);
}

#[tokio::test]
async fn the_canary_sees_what_is_admitted() {
    let canary = Canary::start();
    let zone = Zone::from([("hook.test".to_owned(), vec![vec![local(3)]])]);
    let admitted = SocketAddr::new(local(3), canary.port);
    let transport = transport(zone, &[admitted], None);
    for url in [format!("https://hook.test:{}/", canary.port), format!("https://{admitted}/")] {
        let url = HttpsUrl::parse_admitting(&url, &[local(3)]).unwrap();
        assert_eq!(transport.post(request(url)).await, failed(DeliveryFault::Connection));
    }
    thread::sleep(Duration::from_millis(100));
    assert_eq!(canary.visits(), 2);
    // On another port the same address is not.
    let other = Canary::start();
    let url: HttpsUrl = format!("https://hook.test:{}/", other.port).parse().unwrap();
    assert_eq!(transport.post(request(url)).await, failed(DeliveryFault::TargetForbidden));
    assert_eq!(other.visits(), 0);
}

#[tokio::test]
async fn a_name_is_asked_for_once_and_its_second_answer_changes_nothing() {
    let receiver = Receiver::start(local(1), &["hook.test"], |_| Answer::Status(204)).unwrap();
    let port = receiver.address().port();
    let canary = TcpListener::bind((local(2), port)).unwrap();
    canary.set_nonblocking(true).unwrap();
    let zone = Zone::from([("hook.test".to_owned(), vec![vec![local(1)], vec![local(2)]])]);
    let server = NameServer::start(zone);
    let asked = Arc::clone(&server.asked);
    let admitted: AdmittedTargets = [receiver.address()].into_iter().collect();
    let transport =
        HttpsTransport::resolving(Arc::new(server), admitted, Some(receiver.authority())).unwrap();
    assert_eq!(post(&receiver, &transport).await, answered(204, None));
    assert_eq!(asked.load(Ordering::SeqCst), 2, "one question a family");
    assert_eq!(post(&receiver, &transport).await, failed(DeliveryFault::TargetForbidden));
    assert!(canary.accept().is_err());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_nothing_more() {
    for status in [301, 302, 303, 307, 308] {
        let canary = Canary::start();
        let head = format!(
            "HTTP/1.1 {status} X\r\nlocation: https://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
            canary.port
        );
        let (receiver, transport) = hook(Answer::Raw(head.into_bytes()));
        assert_eq!(post(&receiver, &transport).await, answered(status, None));
        assert_eq!((canary.visits(), receiver.connections()), (0, 1));
    }
}

#[tokio::test]
async fn a_request_says_what_it_is_and_has_a_connection_of_its_own() {
    let (receiver, transport) = hook(Answer::Text(200, "taken".to_owned()));
    for _ in 0..2 {
        assert_eq!(post(&receiver, &transport).await, answered(200, Some("taken")));
    }
    let taken = receiver.received();
    assert_eq!((taken.len(), receiver.connections()), (2, 2));
    let (first, port) = (&taken[0], receiver.address().port());
    assert_eq!(first.line, "POST /in?a=b HTTP/1.1");
    assert_eq!((first.header("host"), first.body.as_str()), (format!("hook.test:{port}").as_str(), "{}"));
    assert_eq!((first.header("content-type"), first.header("content-length")), ("application/json", "2"));
    assert_eq!(first.header("webhook-id"), "whd_1");
}

#[tokio::test]
async fn only_the_beginning_of_an_answer_is_read() {
    let (receiver, transport) = hook(Answer::Endless);
    let start = Instant::now();
    let AttemptOutcome::Answered { status: 200, text: Some(text) } = post(&receiver, &transport).await else {
        unreachable!("it was answered")
    };
    assert!(text.len() <= 512 && text.starts_with("xxx"));
    assert!(start.elapsed() < LIMIT);
    // What went out beyond what was read lies in the buffers of both sockets.
    assert!(receiver.written() < 16 << 20, "{} bytes", receiver.written());
    // A text that is not plain is not kept, and a head without end is no answer.
    let (receiver, transport) = hook(Answer::Raw(
        b"HTTP/1.1 200 X\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi".to_vec(),
    ));
    assert_eq!(post(&receiver, &transport).await, answered(200, None));
    let head = [b"HTTP/1.1 200 X\r\nx: ".as_slice(), &vec![b'x'; 1 << 20]].concat();
    let (receiver, transport) = hook(Answer::Raw(head));
    assert_eq!(post(&receiver, &transport).await, failed(DeliveryFault::Connection));
}

#[tokio::test]
async fn whoever_is_slow_is_left_after_ten_seconds() {
    let (silent, to_silent) = hook(Answer::Silence);
    let (dripping, to_dripping) = hook(Answer::DripHead);
    let (body, to_body) = hook(Answer::Drip);
    // It accepts and says nothing, not even a handshake.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let to_mute = transport(Zone::new(), &[mute.local_addr().unwrap()], None);
    let url = format!("https://{}/", mute.local_addr().unwrap());
    let url = HttpsUrl::parse_admitting(&url, &[local(1)]).unwrap();
    let (silent, head, body, mute) = tokio::join!(
        timed(post(&silent, &to_silent)),
        timed(post(&dripping, &to_dripping)),
        timed(post(&body, &to_body)),
        timed(to_mute.post(request(url))),
    );
    for (outcome, took) in [silent, head, mute] {
        assert_eq!(outcome, failed(DeliveryFault::Timeout));
        assert!(took >= LIMIT && took < LIMIT + Duration::from_secs(1), "{took:?}");
    }
    // Once there is a status, the rest does not make it another one.
    let (outcome, took) = body;
    assert!(matches!(outcome, AttemptOutcome::Answered { status: 200, text: Some(_) }));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

async fn timed<F: Future>(work: F) -> (F::Output, Duration) {
    let start = Instant::now();
    (work.await, start.elapsed())
}

#[tokio::test]
async fn a_certificate_has_to_be_good_for_the_name() {
    let zone = || Zone::from([("hook.test".to_owned(), vec![vec![local(1)]])]);
    let certificate = failed(DeliveryFault::Certificate);
    // Of an authority that nobody named.
    let unknown = Receiver::start(local(1), &["hook.test"], |_| Answer::Status(204)).unwrap();
    assert_eq!(post(&unknown, &transport(zone(), &[unknown.address()], None)).await, certificate);
    // Of another name.
    let other = Receiver::start(local(1), &["other.test"], |_| Answer::Status(204)).unwrap();
    let to_other = transport(zone(), &[other.address()], Some(other.authority()));
    assert_eq!(post(&other, &to_other).await, certificate);
    assert!(unknown.received().is_empty() && other.received().is_empty());
    // No TLS at all, nobody there, no such name.
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let to_plain = transport(zone(), &[address, SocketAddr::new(local(1), 1_999)], None);
    for (url, fault) in [
        (format!("https://hook.test:{}/", address.port()), DeliveryFault::Connection),
        ("https://hook.test:1999/".to_owned(), DeliveryFault::Connection),
        ("https://nowhere.test/".to_owned(), DeliveryFault::NameUnknown),
    ] {
        assert_eq!(to_plain.post(request(url.parse().unwrap())).await, failed(fault), "{url}");
    }
}

#[test]
fn certificates_that_are_none_are_refused() {
    for text in ["", "no", "-----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n"] {
        assert!(HttpsTransport::new(AdmittedTargets::default(), Some(text)).is_err(), "{text}");
    }
}
