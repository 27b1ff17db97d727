//! The contract of a provider over HTTP, held against what is really said.

use jsonschema::Validator;
use sarai_domain::devportal::{
    template::Rendered,
    values::{Channel, Locale},
};
use sarai_ports::devportal::{Callback, CallbackReader as _, Outgoing};
use sarai_ports::system::Clock as _;
use sarai_senders::{Secrets, sign};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    http::config,
    provider::{Provider, Reply},
    stage::{self, CODE, Now, SECRET, attempt, sms, text},
};

fn contract() -> Value {
    // The file is JSON, which every reader of YAML reads.
    serde_json::from_str(include_str!("../../../../fixtures/contracts/sender-http.yaml")).unwrap()
}

fn schema(name: &str) -> Validator {
    let contract = contract();
    assert!(contract["components"]["schemas"].get(name).is_some(), "{name}");
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{name}"),
        "components": contract["components"],
    });
    jsonschema::validator_for(&schema).unwrap()
}

#[tokio::test]
async fn every_message_that_is_said_is_one_of_the_contract() {
    let provider = Provider::start(Reply::taken("m-1")).await;
    let (table, _) = stage::started(&config(provider.port));
    let call = Outgoing {
        channel: Channel::Voice,
        content: Rendered::Speech {
            text: Zeroizing::new("nine, one, eight".to_owned()),
            digits: Zeroizing::new(vec![9, 1, 8, 2, 7, 3]),
            recorded_digits: Some("ps-digits-1".to_owned()),
            locale: Locale::Ps,
        },
        ..sms(3, "")
    };
    for message in [&sms(1, CODE), &text(2, Channel::Whatsapp, CODE), &call] {
        let _ = stage::send(&table, message).await;
    }
    let message = schema("Message");
    let heard = provider.heard();
    assert_eq!(heard.len(), 3);
    let contract = contract();
    let parameters = contract["paths"]["/messages"]["post"]["parameters"].as_array().unwrap();
    for one in &heard {
        let body: Value = serde_json::from_str(&one.body).unwrap();
        assert!(message.is_valid(&body), "{body}");
        for parameter in parameters {
            let parameter = parameter["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            let parameter = &contract["components"]["parameters"][parameter];
            let name = parameter["name"].as_str().unwrap();
            let value = one.headers.get(&name.to_ascii_lowercase());
            if parameter["required"] == true {
                assert!(value.is_some(), "{name}");
            }
            if let Some(value) = value {
                let schema = jsonschema::validator_for(&parameter["schema"]).unwrap();
                assert!(schema.is_valid(&json!(value)), "{name}: {value}");
            }
        }
    }
    assert!(!message.is_valid(
        &json!({"id": attempt(1).to_string(), "channel": "EMAIL", "to": "x", "locale": "en", "text": ""})
    ));
}

#[tokio::test]
async fn what_the_contract_shows_is_understood() {
    let contract = contract();
    let shown = |path: &str| contract.pointer(path).unwrap_or_else(|| panic!("{path}")).clone();
    let taken = shown("/paths/~1messages/post/responses/202/content/application~1json/example");
    assert!(schema("Taken").is_valid(&taken));
    let provider = Provider::start(Reply::Says(202, taken.to_string())).await;
    let (table, _) = stage::started(&config(provider.port));
    let parts = stage::send(&table, &sms(1, CODE)).await;
    assert_eq!(Some(parts.parts()[0].provider_message_id.as_str()), taken["id"].as_str());
    let examples = shown("/webhooks/receipts/post/requestBody/content/application~1json/examples");
    let (now, receipts) = (Now.real(), schema("Receipts"));
    let timestamp = now.to_offset_date_time().unix_timestamp().to_string();
    let mut read = 0;
    for (name, example) in examples.as_object().unwrap() {
        assert!(receipts.is_valid(&example["value"]), "{name}");
        let body = example["value"].to_string();
        let signature = sign(&Secrets::new([SECRET.to_owned()]), &timestamp, body.as_bytes());
        let callback =
            Callback { timestamp: Some(&timestamp), signature: Some(&signature), body: body.as_bytes() };
        read += table.read("any", callback, now).unwrap_or_else(|error| panic!("{name}: {error}")).len();
    }
    assert!(read >= 3, "{read}");
}

#[test]
fn the_signature_the_contract_shows_is_the_one_that_is_made() {
    let contract = contract();
    let example = &contract["components"]["parameters"]["Signature"]["x-vector"];
    let part = |name: &str| example[name].as_str().unwrap();
    let secrets = Secrets::new([part("secret").to_owned()]);
    assert_eq!(sign(&secrets, part("timestamp"), part("body").as_bytes()), part("signature"));
}
