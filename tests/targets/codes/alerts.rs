//! What alerts of keys in public are refused with, signed as a finder signs them.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use sarai_http::alerts::AlertKeys;
use serde_json::{Value, json};

use crate::{
    portal,
    server::{Answer, Ask, Who},
    world::World,
};

const PATH: &str = "/v1/integrations/github/secret-alerts";
/// How the key below is called.
pub(crate) const KEY_ID: &str = "one";
const SECRET: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnTs5sANSgvf0l1KH\n\
    9uU+zntVSnpwF+yhv1ajIOL3JYKhRANCAASJohb2f0iKPceYtccNT54mTilzL1Ds\n\
    eExQieMhQWX11/ssjrv6Loxkde39rOIaFR4TWU4oVHxIMDAPvqLkYDso\n\
    -----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiaIW9n9Iij3HmLXHDU+eJk4pcy9Q\n\
    7HhMUInjIUFl9df7LI67+i6MZHXt/aziGhUeE1lOKFR8SDAwD76i5GA7KA==\n\
    -----END PUBLIC KEY-----\n";

/// The finder's key, as a finder lists it.
pub(crate) fn known() -> AlertKeys {
    let listed = json!({"public_keys": [{"key_identifier": KEY_ID, "key": PUBLIC, "is_current": true}]});
    AlertKeys::parse(&listed.to_string()).expect("a list of keys")
}

/// A finder's signature of a body: ECDSA in DER.
pub(crate) fn signed(body: &[u8]) -> String {
    let key = EncodingKey::from_ec_pem(SECRET.as_bytes()).expect("a key");
    let text = crypto::sign(body, &key, Algorithm::ES256).expect("signed");
    let both = URL_SAFE_NO_PAD.decode(text).expect("base64");
    let numbers: Vec<u8> = both.chunks(32).flat_map(integer).collect();
    let length = u8::try_from(numbers.len()).expect("short");
    STANDARD.encode([&[0x30, length], &numbers[..]].concat())
}

fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let number = &number[start..];
    let zero: &[u8] = if number[0] & 0x80 == 0 { &[] } else { &[0] };
    let length = u8::try_from(zero.len() + number.len()).expect("short");
    [&[0x02, length], zero, number].concat()
}

/// An alert of a key.
pub(crate) fn of(secret: &str) -> Ask {
    let found = json!([{"token": secret, "type": "sarai_api_key", "url": "https://example.test/leak"}]);
    Ask { key: None, ..Who::Finder.post(PATH, found) }
}

/// Provokes a code of an alert.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    if operation != "secret-alerts.receive" {
        return None;
    }
    let server = match code {
        "secret_alert.bad_signature" => {
            let unsigned = Ask { who: Who::Nobody, ..of("srk_live_none") };
            return Some(world.send(unsigned).await);
        }
        "unavailable" => &world.down,
        "timeout" => &world.impatient,
        "conflict.retry" => &world.conflicted,
        _ => return None,
    };
    let (_, key) = portal::key(world, &portal::developer(), Value::Object(serde_json::Map::new())).await;
    let Who::Key(secret) = key else { panic!("it is a key") };
    Some(server.send(&of(&secret)).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_found_in_public_ends_at_once_and_is_told_as_exposed() {
    let world = Box::pin(World::new()).await;
    let who = portal::developer();
    let (id, key) = portal::key(&world, &who, json!({"scopes": ["keys:read"]})).await;
    let Who::Key(secret) = key.clone() else { panic!("it is a key") };
    assert_eq!(world.send(key.get("/v1/keys")).await.status, 200);
    let answers = world.ok(of(&secret)).await;
    assert_eq!(
        answers,
        json!([{"token_raw": secret, "token_type": "sarai_api_key", "label": "true_positive"}])
    );
    assert_eq!(world.send(key.get("/v1/keys")).await.status, 401);
    let shown = world.ok(who.get(format!("/v1/keys/{id}"))).await;
    assert_eq!((&shown["status"], &shown["revokedReason"]), (&json!("REVOKED"), &json!("EXPOSED")));
    assert_eq!(world.ok(of(&secret)).await[0]["label"], "false_positive", "it works no more");
}
