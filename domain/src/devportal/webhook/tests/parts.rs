//! Signatures, payloads, the catalogue, targets.

use ed25519_dalek::{Signer as _, SigningKey, Verifier as _};

use super::{
    signature::{content_of, ed25519_text, header, public_key_text},
    *,
};

#[test]
fn a_signature_is_the_one_of_the_public_specification() {
    let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
    let content = signed_content("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    assert_eq!(content, r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#);
    let signature = secret.sign(&content);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(header(&[signature.clone(), signature.clone()]), format!("{signature} {signature}"));
}

#[test]
fn an_attempt_signs_id_whole_seconds_and_body() {
    let late = at(0).plus(Duration::microseconds(999_999));
    let content = content_of(WebhookDeliveryId::new(Ulid(1)), late, "{}");
    assert_eq!(content, format!("whd_{}.1776675600.{{}}", Ulid(1)));
    let key = SigningKey::from_bytes(&[5; 32]);
    let signature = key.sign(content.as_bytes());
    assert!(key.verifying_key().verify(content.as_bytes(), &signature).is_ok());
    assert!(ed25519_text(&signature.to_bytes()).starts_with("v1a,"));
    assert!(public_key_text(&key.verifying_key().to_bytes()).starts_with("whpk_"));
}

#[test]
fn a_secret_is_shown_on_purpose_only() {
    let secret = SigningSecret::from_random(&[200; 32]);
    let text = secret.expose_text();
    assert_eq!(text.parse::<SigningSecret>().unwrap().expose(), secret.expose());
    assert_eq!(format!("{secret:?}"), "[redacted]");
    for bad in ["", "whsec_", "whsec_!", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        assert_eq!(bad.parse::<SigningSecret>().unwrap_err(), WebhookError::Secret, "{bad}");
    }
}

fn payload(text: &str) -> Result<WebhookPayload, WebhookError> {
    WebhookPayload::try_new(text.to_owned())
}

#[test]
fn w_inv_4_rejects_what_is_too_long_and_codes_and_whole_numbers_wherever_they_stand() {
    let long = format!(r#"{{"aggregateVersion":1,"x":"{}"}}"#, "a".repeat(MAX_PAYLOAD));
    assert_eq!(
        facts(&payload(&long).unwrap_err()),
        ("webhook.payload_too_large", Kind::Invalid, Some(W_INV_4))
    );
    for secret in [
        r#""to":"+93701234567""#,
        r#""data":{"a":[{"b":["+12025550100"]}]}"#,
        r#""code":"490447""#,
        r#""data":{"verifyCode":"0123456789"}"#,
        r#""code":490447"#,
    ] {
        let error = payload(&format!(r#"{{"aggregateVersion":1,{secret}}}"#)).unwrap_err();
        assert_eq!(facts(&error), ("webhook.payload_tells", Kind::Invalid, Some(W_INV_4)), "{secret}");
    }
}

#[test]
fn w_inv_4_allows_ids_states_masked_numbers_and_other_codes() {
    for text in [
        r#"{"aggregateVersion":1,"data":{"destinationMasked":"+93•••••1234","state":"APPROVED"}}"#,
        r#"{"aggregateVersion":1,"data":{"countryCode":"AF","errorCode":"30005","version":"1.0.0+20260401"}}"#,
        r#"{"aggregateVersion":1,"data":{"count":1234567}}"#,
    ] {
        let one = payload(text).unwrap();
        assert_eq!(one.as_str(), text, "byte for byte");
        assert_eq!(
            serde_json::from_str::<WebhookPayload>(&serde_json::to_string(&one).unwrap()).unwrap(),
            one
        );
    }
    let full = r#"{"aggregateVersion":1,"x":""}"#;
    let full = full.replace(r#""x":"""#, &format!(r#""x":"{}""#, "a".repeat(MAX_PAYLOAD - full.len())));
    assert!(payload(&full).is_ok());
}

#[test]
fn w_inv_8_rejects_a_payload_that_cannot_be_ordered() {
    for text in [
        r"{}",
        r#"{"aggregateVersion":"1"}"#,
        r#"{"aggregateVersion":-1}"#,
        r#"{"data":{"aggregateVersion":1}}"#,
    ] {
        assert_eq!(
            facts(&payload(text).unwrap_err()),
            ("webhook.payload_unordered", Kind::Invalid, Some(W_INV_8))
        );
    }
    for text in ["", "[]", "1", "{"] {
        assert_eq!(payload(text), Err(WebhookError::Payload));
    }
}

#[test]
fn w_inv_8_allows_a_payload_with_its_aggregate_s_version() {
    assert!(payload(r#"{"aggregateVersion":0}"#).is_ok());
}

#[test]
fn an_endpoint_asks_for_types_of_the_catalogue_or_for_all() {
    let only = EventFilter::try_new(["devportal.key.created.v1", "messaging.message.sent.v1"]).unwrap();
    assert!(only.wants("messaging.message.sent.v1") && !only.wants("messaging.message.failed.v1"));
    assert!(CATALOGUE.iter().all(|topic| EventFilter::All.wants(topic)));
    assert!(!EventFilter::All.wants("devportal.key.discarded.v1"), "what is internal stays inside");
    assert_eq!(serde_json::to_string(&EventFilter::All).unwrap(), r#"["*"]"#);
    assert_eq!(serde_json::from_str::<EventFilter>(r#"["*"]"#).unwrap(), EventFilter::All);
    let none: [&str; 0] = [];
    assert_eq!(EventFilter::try_new(none), Err(WebhookError::Events));
    assert_eq!(EventFilter::try_new(["*", "devportal.key.created.v1"]), Err(WebhookError::Events));
    assert_eq!(EventFilter::try_new(["x"]).unwrap_err().code(), "webhook.event_unknown");
    let distinct: std::collections::BTreeSet<_> = CATALOGUE.iter().collect();
    assert!(CATALOGUE.len() <= MAX_EVENTS && distinct.len() == CATALOGUE.len());
    assert!(
        serde_json::from_str::<EventFilter>(r#"["devportal.key.left_since.v1"]"#).is_ok(),
        "as it was stored"
    );
}

#[test]
fn w_inv_1_rejects_every_address_that_is_not_public() {
    for text in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.19.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "100::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "4000::1",
    ] {
        let error = target::require(text.parse().unwrap(), &[]).unwrap_err();
        assert_eq!(facts(&error), ("webhook.target_forbidden", Kind::Invalid, Some(W_INV_1)), "{text}");
    }
    let data = WebhookEndpointData { admitted: "127.0.0.1".parse().ok(), ..endpoint().data().clone() };
    assert_eq!(WebhookEndpoint::rehydrate(data, vec![], 1).unwrap_err().invariant(), Some(W_INV_1));
}

#[test]
fn w_inv_1_allows_public_addresses_and_what_the_operator_admits() {
    for text in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450::1"]
    {
        assert_eq!(target::require(text.parse().unwrap(), &[]), Ok(()), "{text}");
    }
    let admitted: [IpAddr; 2] = ["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
    for text in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        assert_eq!(target::require(text.parse().unwrap(), &admitted), Ok(()), "{text}");
    }
    assert!(target::require("127.0.0.2".parse().unwrap(), &admitted).is_err(), "exactly those");

    let url = HttpsUrl::parse_admitting("https://127.0.0.1:9443/in", &admitted).unwrap();
    let new = new_endpoint();
    let new = NewEndpoint { edit: EndpointEdit { url, ..new.edit }, ..new };
    let endpoint = saved(WebhookEndpoint::create(new, in_use(0), at(0)).unwrap());
    assert_eq!(endpoint.data().admitted, "127.0.0.1".parse().ok());
}

#[test]
fn a_window_of_recovery_is_14_days_of_the_past() {
    assert_eq!(recovery_window(at(0), at(0).plus(MAX_RECOVERY), at(99_999)), Ok(()));
    let longer = at(0).plus(MAX_RECOVERY).plus(Duration::microseconds(1));
    for (since, until, now) in
        [(at(0), longer, at(99_999)), (at(5), at(5), at(9)), (at(5), at(4), at(9)), (at(0), at(10), at(9))]
    {
        assert_eq!(recovery_window(since, until, now), Err(WebhookError::Window));
    }
}
