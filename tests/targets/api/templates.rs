//! Templates: written, reviewed, used; a version that was approved stays as it is.

use serde_json::{Value, json};

use crate::{market::text, world::Api};

fn variants(body: &str) -> Value {
    json!([
        {"channel": "SMS", "locale": "en", "body": body},
        {"channel": "SMS", "locale": "ps", "body": "ستاسو د {{brand}} کوډ:\n{{code}}"},
    ])
}

#[tokio::test]
async fn a_template_is_written_reviewed_and_followed_by_another_version() {
    let api = Api::start().await;
    let (developer, admin) = (api.user("developer").await, api.user("admin").await);
    let new = json!({"name": "sign-in", "defaultLocale": "en", "variants": variants("{{brand}}:\n{{code}}")});
    let made = developer.post("/v1/templates", &new).await;
    let path = made.header("location").to_owned();
    let made = made.is(201);
    assert_eq!((&made["versions"][0]["state"], &made["approved"]), (&json!("DRAFT"), &Value::Null));
    assert_eq!(made["versions"][0]["variants"][1]["dir"], "rtl");
    let texts = json!({"variants": variants("Your {{brand}} code:\n{{code}}")});
    let edited = developer.patch(&path, 1, &texts).await.is(200);
    assert_eq!(edited["version"], 2);
    developer.patch(&path, 1, &texts).await.refused(412, "precondition_failed");

    let sample = json!({"channel": "SMS", "locale": "fa", "brand": "Sarai"});
    let rendered = developer.post(&format!("{path}/render"), &sample).await.is(200);
    assert_eq!(rendered["text"], "Your Sarai code:\n123456", "the default language");
    assert_eq!((&rendered["locale"], &rendered["segments"]), (&json!("en"), &json!(1)));

    developer.poke(&format!("{path}/submit")).await.is(200);
    developer.poke(&format!("{path}/approve")).await.refused(403, "forbidden");
    let sent_back = admin.post(&format!("{path}/reject"), &json!({"reason": "too short"})).await.is(200);
    assert_eq!(sent_back["versions"][0]["rejectedBecause"], "too short");
    developer.poke(&format!("{path}/submit")).await.is(200);
    let approved = admin.poke(&format!("{path}/approve")).await.is(200);
    assert_eq!((&approved["approved"], &approved["versions"][0]["state"]), (&json!(1), &json!("APPROVED")));
    let version = approved["version"].as_u64().unwrap();
    developer.patch(&path, version, &texts).await.refused(409, "template.frozen");

    let second = developer.poke(&format!("{path}/versions")).await.is(200);
    assert_eq!((&second["latest"], &second["approved"]), (&json!(2), &json!(1)));
    developer.poke(&format!("{path}/submit")).await.is(200);
    let second = admin.poke(&format!("{path}/approve")).await.is(200);
    let states: Vec<_> = second["versions"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["RETIRED", "APPROVED"]);
    let ended = developer.post(&format!("{path}/archive"), &json!({})).await.is(200);
    assert_eq!((&ended["approved"], &ended["versions"][1]["state"]), (&Value::Null, &json!("ARCHIVED")));

    let listed = developer.walk("/v1/templates", 10).await;
    assert_eq!(listed.iter().map(|one| &one["templateId"]).collect::<Vec<_>>(), [&made["templateId"]]);
    let other = api.user("other").await;
    other.get(&path).await.refused(404, "not_found");
    assert!(other.walk("/v1/templates", 10).await.is_empty());
}

#[tokio::test]
async fn a_verification_says_what_the_tenant_s_own_template_says() {
    let api = Api::start().await;
    let (developer, admin) = (api.user("developer").await, api.user("admin").await);
    let new =
        json!({"name": "bazaar", "defaultLocale": "en", "variants": variants("Bazaar {{brand}}:\n{{code}}")});
    let made = developer.post("/v1/templates", &new).await.is(201);
    let (id, path) = (text(&made, "templateId"), format!("/v1/templates/{}", text(&made, "templateId")));
    let key = json!({
        "label": "own-texts", "environment": "SANDBOX", "scopes": ["verify:send", "verify:read"],
    });
    let key = api.bearer(text(&developer.post("/v1/keys", &key).await.is(201), "rawKey"));
    let start = json!({"to": {"phone": "+12025550100"}, "templateId": id, "brand": "Kabul", "onExisting": "SUPERSEDE"});
    key.post("/v1/verifications", &start).await.refused(409, "template.not_usable");

    developer.poke(&format!("{path}/submit")).await.is(200);
    admin.poke(&format!("{path}/approve")).await.is(200);
    let english = key.post("/v1/verifications", &start).await.is(201);
    let mut pashto = start.clone();
    pashto["locale"] = json!("ps");
    let pashto = key.post("/v1/verifications", &pashto).await.is(201);
    assert_eq!((&english["localeUsed"], &pashto["localeUsed"]), (&json!("en"), &json!("ps")));
    let mut call = start.clone();
    call["channelOrder"] = json!([{"channel": "VOICE"}]);
    key.post("/v1/verifications", &call).await.refused(422, "template.no_variant");

    // What was sent stays readable when its version is over, and no session begins with it.
    developer.post(&format!("{path}/archive"), &json!({})).await.is(200);
    key.post("/v1/verifications", &start).await.refused(409, "template.not_usable");
    let inbox = format!("/v1/sandboxes/{}/inbox", text(&english["sandbox"], "sandboxId"));
    let read = key.get(&inbox).await.is(200);
    let bodies: Vec<_> = read["data"].as_array().unwrap().iter().map(|one| text(one, "body")).collect();
    assert_eq!(bodies, ["ستاسو د Kabul کوډ:\n123456", "Bazaar Kabul:\n123456"]);

    let others = json!({"label": "own-texts", "environment": "SANDBOX", "scopes": ["verify:send"]});
    let others = api.user("other").await.post("/v1/keys", &others).await.is(201);
    api.bearer(text(&others, "rawKey")).post("/v1/verifications", &start).await.refused(404, "not_found");
}

#[tokio::test]
async fn everybody_has_the_platform_s_templates_and_changes_none() {
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let all = developer.get("/v1/templates?system=true").await.is(200);
    let all = all["data"].as_array().unwrap();
    assert_eq!(all.len(), 5, "one for each purpose");
    for template in all {
        assert_eq!((&template["system"], &template["approved"]), (&json!(true), &json!(1)));
        let path = format!("/v1/templates/{}", text(template, "templateId"));
        assert_eq!(&developer.get(&path).await.is(200), template);
        let sample = json!({"channel": "EMAIL", "locale": "ps"});
        let rendered = developer.post(&format!("{path}/render"), &sample).await.is(200);
        assert!(
            text(&rendered, "html").contains("dir=\"ltr\"") && text(&rendered, "text").contains("123456")
        );
        developer.post(&format!("{path}/archive"), &json!({})).await.refused(404, "not_found");
    }
}
