//! The first SDK release, as a stranger uses it: found, checked with the published key and the log, downloaded; and the
//! client that is in it, asking this very server.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sarai_domain::{
    devportal::sdk_release::{log, signature_message},
    kernel::{ChainLink, Hex},
};
use sarai_sdk::{Client, operations::DocsTreeQuery, types};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    market::text,
    world::{Api, unique},
};

#[tokio::test]
async fn the_first_release_is_what_its_digest_signature_and_log_say() {
    let api = Api::start().await;
    let nobody = api.nobody();
    let release = nobody.get("/v1/sdks/languages/rust/latest").await.is(200);
    let artifact = &release["artifacts"][0];
    let download = reqwest::get(format!("{}{}", api.base(), text(artifact, "download"))).await.unwrap();
    let claimed = download.headers()["repr-digest"].to_str().unwrap().to_owned();
    let bytes = download.bytes().await.unwrap();
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    assert_eq!(text(artifact, "sha256"), Hex(digest).to_string());
    assert_eq!(claimed, format!("sha-256=:{}:", STANDARD.encode(digest)));
    assert_eq!(artifact["sizeBytes"], bytes.len());

    let keys = nobody.get("/v1/sdks/signing-keys").await.is(200);
    let key: Hex<32> = text(&keys["data"][0], "publicKey").parse().unwrap();
    assert_eq!(keys["data"][0]["keyId"], release["releaseKeyId"]);
    let signature: Hex<64> = text(artifact, "signature").parse().unwrap();
    let message = signature_message(&text(&release, "purl").parse().unwrap(), &Hex(digest));
    let key = VerifyingKey::from_bytes(&key.0).unwrap();
    key.verify_strict(&message, &Signature::from_bytes(&signature.0)).unwrap();

    // The log is written by what the release sets off.
    let mut lines = Vec::new();
    for _ in 0..500 {
        lines = nobody.get("/v1/sdks/log").await.is(200)["data"].as_array().unwrap().clone();
        if !lines.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let chain: Vec<(log::ReleaseLogEntry, ChainLink)> = lines
        .iter()
        .map(|line| {
            let link = json!({"seq": line["seq"], "prev": line["prev"], "hash": line["hash"]});
            let entry = serde_json::from_value(line["entry"].clone()).unwrap();
            (entry, serde_json::from_value(link).unwrap())
        })
        .collect();
    let head = log::verify_log(&chain, None).unwrap();
    assert_eq!((head.count, chain[0].0.artifacts[0].sha256), (1, Hex(digest)));
}

#[tokio::test]
async fn a_release_is_uploaded_refused_signed_and_yanked() {
    let api = Api::start().await;
    let (staff, nobody) = (api.user("admin").await, api.nobody());
    let package = unique("pkg");
    let purl = format!("pkg:cargo/{package}@1.0.0");
    let new = json!({
        "language": "RUST", "packageName": package, "purl": purl, "version": "1.0.0", "minApiVersion": "v1",
        "changelog": {"en": "First."}, "releaseKeyId": "nobody-s",
    });
    let release = staff.post("/v1/sdks/releases", &new).await.is(201);
    staff.post("/v1/sdks/releases", &new).await.refused(409, "sdk.version_exists");
    let id = text(&release, "id");
    let client = reqwest::Client::new();
    let upload = async |more: &str, bytes: &[u8]| -> (u16, Value) {
        let signature = Hex([7; 64]);
        let url = format!("{}/v1/sdks/releases/{id}/artifacts?signature={signature}{more}", api.base());
        let request =
            client.post(url).bearer_auth(staff.token()).header("content-type", "application/octet-stream");
        let answer = request.body(bytes.to_vec()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    // Longer than any JSON may be, and not what was claimed.
    let bytes = vec![5; 3 << 20];
    let (status, refused) = upload(&format!("&filename=a.crate&sha256={}", Hex([1; 32])), &bytes).await;
    assert_eq!((status, text(&refused, "code")), (422, "sdk.digest_mismatch"));
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    assert_eq!(text(&refused, "computed"), Hex(digest).to_string());
    let (status, uploaded) = upload(&format!("&filename=a.crate&sha256={}", Hex(digest)), &bytes).await;
    assert_eq!((status, text(&uploaded, "uploadState")), (201, "VERIFIED"));
    let publish = format!("/v1/sdks/releases/{id}/publish");
    staff.poke(&publish).await.refused(422, "sdk.unknown_key");
    nobody.get(&format!("/v1/sdks/releases/{id}")).await.refused(404, "sdk.not_found");

    // What the program released is yanked: it is nobody's latest, and warns who asks for exactly it.
    let shipped = nobody.get("/v1/sdks/languages/rust/latest").await.is(200);
    let yank = format!("/v1/sdks/releases/{}/yank", text(&shipped, "id"));
    staff.post(&yank, &json!({"reason": "it leaks"})).await.is(200);
    nobody.get("/v1/sdks/languages/rust/latest").await.refused(404, "sdk.not_found");
    let path = text(&shipped["artifacts"][0], "download");
    let answer = client.get(format!("{}{path}", api.base())).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["warning"].to_str().unwrap().contains("it leaks"));
    assert!(answer.headers()["deprecation"].to_str().unwrap().starts_with('@'));
}

#[tokio::test]
async fn a_file_with_a_wrong_signature_is_not_released_and_can_be_sent_again() {
    let api = Api::start().await;
    let (staff, package) = (api.user("admin").await, unique("pkg"));
    let purl = format!("pkg:cargo/{package}@1.0.0");
    let keys = api.nobody().get("/v1/sdks/signing-keys").await.is(200);
    let new = json!({
        "language": "RUST", "packageName": package, "purl": purl, "version": "1.0.0", "minApiVersion": "v1",
        "changelog": {"en": "First."}, "releaseKeyId": keys["data"][0]["keyId"],
    });
    let release = staff.post("/v1/sdks/releases", &new).await.is(201);
    let id = text(&release, "id");
    let upload = async |signature: Hex<64>| {
        let query = format!("filename=a.crate&signature={signature}");
        let url = format!("{}/v1/sdks/releases/{id}/artifacts?{query}", api.base());
        let request = reqwest::Client::new().post(url).bearer_auth(staff.token());
        let request = request.header("content-type", "application/octet-stream").body("a crate");
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let publish = format!("/v1/sdks/releases/{id}/publish");
    assert_eq!(upload(Hex([7; 64])).await.0, 201);
    staff.poke(&publish).await.refused(422, "sdk.bad_signature");
    let digest = Hex(Sha256::digest("a crate").into());
    let signer = SigningKey::from_bytes(&api.embedded().keys.release);
    let good = signer.sign(&signature_message(&purl.parse().unwrap(), &digest));
    assert_eq!(upload(Hex(good.to_bytes())).await.0, 201);
    let (status, refused) = upload(Hex([7; 64])).await;
    assert_eq!((status, text(&refused, "code")), (409, "sdk.artifact_exists"), "a good one stays");
    staff.poke(&publish).await.is(200);
}

#[tokio::test]
async fn the_client_that_is_released_asks_this_server() {
    let api = Api::start().await;
    let sdk = Client::new(api.base());
    let signing_in = types::SessionRequest {
        email: "provider@demo.test".to_owned(),
        password: "sarai-demo".to_owned(),
        otp: None,
    };
    let session = sdk.sessions_create(&signing_in).await.unwrap();
    let sdk = sdk.with_token(&session.access_token);
    assert_eq!(sdk.me_get().await.unwrap().user_id, session.user_id);
    let query = DocsTreeQuery { locale: Some("fa".to_owned()), ..DocsTreeQuery::default() };
    let tree = sdk.docs_tree(&query).await.unwrap();
    assert_eq!(tree.locale, types::Locale::Fa);
    let refused = sdk.listings_get("lst_01ARZ3NDEKTSV4RRFFQ69G5FAV").await.unwrap_err();
    assert_eq!(refused.code(), Some("not_found"));
    let release = sdk.sdks_latest("rust", &sarai_sdk::operations::SdksLatestQuery::default()).await.unwrap();
    let download = sdk.sdks_download(&release.artifacts[0].id).await.unwrap();
    assert_eq!(Some(download.bytes().await.unwrap().len() as u64), release.artifacts[0].size_bytes);
}
