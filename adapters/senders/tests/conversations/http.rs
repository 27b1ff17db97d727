//! The generic provider: what it is told, and what its answers mean.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sarai_domain::devportal::{
    template::Rendered,
    values::{Channel, Locale},
};
use sarai_ports::devportal::{Outgoing, Part, SendOutcome};
use sarai_senders::SenderTable;
use serde_json::{Value, json};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    provider::{Heard, Provider, Reply},
    stage::{self, CODE, PHONE, SECRET, attempt, not_sent, refused, sms, text, unknown},
};

pub(crate) fn config(port: u16) -> String {
    format!(
        "[senders.any]\nkind = \"http\"\nurl = \"http://127.0.0.1:{port}/v1/\"\n\
         channels = [\"SMS\", \"WHATSAPP\", \"VOICE\"]\nuser = \"acc-1\"\npassword_file = \"$SECRET\"\n\
         from = \"SARAI\""
    )
}

async fn against(reply: Reply) -> (Provider, SenderTable) {
    let provider = Provider::start(reply).await;
    let (table, _) = stage::started(&config(provider.port));
    (provider, table)
}

/// Checks a signature without the sender's code.
fn is_signed(heard: &Heard) -> bool {
    let timestamp = heard.headers.get("sarai-timestamp").unwrap();
    assert_eq!(timestamp, "1776686400");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.{}", heard.body).as_bytes());
    let bytes = mac.finalize().into_bytes();
    let signature = bytes.iter().fold("v1=".to_owned(), |text, byte| text + &format!("{byte:02x}"));
    heard.headers.get("sarai-signature") == Some(&signature)
}

#[tokio::test]
async fn a_message_of_every_channel_is_said_in_full_and_signed() {
    let (provider, table) = against(Reply::taken("m-1")).await;
    let body = format!("ستاسو کوډ:\n{CODE}");
    let mut pashto = text(1, Channel::Whatsapp, &body);
    pashto.locale = Locale::Ps;
    let call = Outgoing {
        channel: Channel::Voice,
        content: Rendered::Speech {
            text: Zeroizing::new("nine, one".to_owned()),
            digits: Zeroizing::new(vec![9, 1]),
            recorded_digits: Some("fa-digits-1".to_owned()),
            locale: Locale::Fa,
        },
        ..sms(3, "")
    };
    for message in [&sms(2, "hello"), &pashto, &call] {
        let part = Part { no: 1, of: 1, provider_message_id: "m-1".to_owned() };
        let sent = SendOutcome::Sent { parts: vec![part], segments: Some(2) };
        assert_eq!(stage::send(&table, message).await, sent);
    }
    let heard = provider.heard();
    let bodies: Vec<Value> = heard.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect();
    assert_eq!(
        bodies,
        [
            json!({"id": attempt(2).to_string(), "channel": "SMS", "to": PHONE, "from": "SARAI", "locale": "en", "text": "hello"}),
            json!({"id": attempt(1).to_string(), "channel": "WHATSAPP", "to": PHONE, "from": "SARAI", "locale": "ps", "text": body}),
            json!({"id": attempt(3).to_string(), "channel": "VOICE", "to": PHONE, "from": "SARAI", "locale": "fa", "text": "nine, one", "digits": [9, 1], "recordedDigits": "fa-digits-1"}),
        ]
    );
    for one in &heard {
        assert_eq!(one.line, "POST /v1/messages HTTP/1.1");
        assert_eq!(one.headers.get("host").unwrap(), &format!("127.0.0.1:{}", provider.port));
        assert_eq!(one.headers.get("sarai-account").unwrap(), "acc-1");
        assert_eq!(one.headers.get("content-type").unwrap(), "application/json");
        assert!(is_signed(one));
    }
}

#[tokio::test]
async fn every_answer_means_one_thing() {
    let (provider, table) = against(Reply::Cut).await;
    let says = |status, body: &str| Reply::Says(status, body.to_owned());
    for (reply, expected) in [
        (says(400, r#"{"code":"invalid_number"}"#), refused("invalid_number")),
        (says(401, ""), refused("http_401")),
        (says(404, "<html>"), refused("http_404")),
        (says(422, r#"{"code":"no good"}"#), refused("http_422")),
        (says(422, &format!(r#"{{"code":"{CODE}"}}"#)), refused("http_422")),
        (says(408, ""), not_sent("http_408")),
        (says(425, ""), not_sent("http_425")),
        (says(429, r#"{"code":"slow_down"}"#), not_sent("http_429")),
        (says(503, ""), not_sent("http_503")),
        (says(500, r#"{"code":"oops"}"#), unknown("http_500")),
        (says(502, ""), unknown("http_502")),
        (says(504, ""), unknown("http_504")),
        (says(200, "ok"), unknown("answer_not_understood")),
        (says(202, r#"{"id":""}"#), unknown("answer_not_understood")),
        (
            says(202, &format!(r#"{{"id":"m","pad":"{}"}}"#, "x".repeat(70_000))),
            unknown("answer_not_understood"),
        ),
        (Reply::Cut, unknown("connection_lost")),
        (Reply::CutWithin, unknown("answer_not_understood")),
    ] {
        provider.answer(reply.clone());
        assert_eq!(stage::send(&table, &sms(1, CODE)).await, expected, "{reply:?}");
    }
}

#[tokio::test]
async fn silence_is_unknown() {
    let provider = Provider::start(Reply::Silent(Duration::from_secs(5))).await;
    let (table, _) = stage::hurried(&config(provider.port));
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, unknown("no_answer"));
    assert_eq!(provider.heard().len(), 1);
}

#[tokio::test]
async fn a_message_does_not_follow_a_redirect() {
    let elsewhere = Provider::start(Reply::taken("m-2")).await;
    let place = format!("http://127.0.0.1:{}/v1/messages", elsewhere.port);
    let (provider, table) = against(Reply::MovedTo(place)).await;
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, refused("http_307"));
    assert_eq!((provider.heard().len(), elsewhere.heard().len()), (1, 0));
}

#[tokio::test]
async fn nobody_there_is_not_sent_and_a_wrong_content_neither() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let (table, _) = stage::started(&config(port));
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, not_sent("connection_refused"));
    let (provider, table) = against(Reply::taken("m-1")).await;
    let mismatch = text(1, Channel::Voice, CODE);
    assert_eq!(stage::send(&table, &mismatch).await, refused("content_mismatch"));
    assert!(provider.heard().is_empty());
}
