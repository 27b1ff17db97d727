//! What templates are refused with.

use serde_json::{Value, json};

use crate::{
    portal,
    server::{Answer, Who},
    world::{World, merged, text},
};

/// Provokes a code of an operation of templates.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let who = portal::developer();
    match operation {
        "templates.create" => Some(world.send(who.post("/v1/templates", broken(code)?)).await),
        "templates.edit" => {
            let path = template(world, &who).await;
            if code == "template.frozen" {
                world.ok(who.poke(format!("{path}/submit"))).await;
                return Some(world.send(who.patch(path, 2, edited(new_template(json!({}))))).await);
            }
            Some(world.send(who.patch(path, 1, edited(broken(code)?))).await)
        }
        _ => moved(world, &who, operation, code).await,
    }
}

pub(crate) fn new_template(over: Value) -> Value {
    let sms = json!({"channel": "SMS", "locale": "en", "body": "Your {{brand}} code:\n{{code}}"});
    merged(json!({"name": "sign-in", "defaultLocale": "en", "variants": [sms]}), over)
}

/// Without what only a new one has.
pub(crate) fn edited(mut new: Value) -> Value {
    if let Some(members) = new.as_object_mut() {
        members.remove("name");
        members.remove("defaultLocale");
    }
    new
}

/// A template's path; its version is 1, a draft.
pub(crate) async fn template(world: &World, who: &Who) -> String {
    let made = world.ok(who.post("/v1/templates", new_template(json!({})))).await;
    format!("/v1/templates/{}", text(&made, "templateId"))
}

/// A template's id; its version is a draft.
pub(crate) async fn made(world: &World, who: &Who) -> String {
    let path = template(world, who).await;
    path.rsplit('/').next().expect("an id").to_owned()
}

/// The id of a template that staff has approved.
pub(crate) async fn approved(world: &World, who: &Who) -> String {
    let id = made(world, who).await;
    world.ok(who.poke(format!("/v1/templates/{id}/submit"))).await;
    world.ok(world.admin.poke(format!("/v1/templates/{id}/approve"))).await;
    id
}

/// A template that breaks one rule.
fn broken(code: &str) -> Option<Value> {
    let sms = |body: &str| json!({"variants": [{"channel": "SMS", "locale": "en", "body": body}]});
    let long = format!("{}\n{{{{code}}}}", "long ".repeat(90));
    let over = match code {
        "template.invalid_name" => json!({"name": "Sign In"}),
        "template.code_placeholder_required" => sms("Your code"),
        "template.unknown_placeholder" => sms("{{name}}\n{{code}}"),
        "template.braces" => sms("{{code}}\n{{brand"),
        "template.domain_missing" => sms("{{domain}}\n{{code}}"),
        "template.invalid_domain" => json!({"domain": "no host"}),
        "template.default_variant_required" => {
            json!({"variants": [{"channel": "SMS", "locale": "ps", "body": "{{code}}"}]})
        }
        "template.variant_twice" => {
            let one = json!({"channel": "SMS", "locale": "en", "body": "{{code}}"});
            json!({"variants": [one, one]})
        }
        "template.length" => json!({"variants": []}),
        "template.segments_exceeded" => sms(&long),
        "template.code_line" => sms("Your code is {{code}}"),
        "template.origin_line" => sms("{{code}}\n@here"),
        "template.link" => sms("See example.com\n{{code}}"),
        "template.digits" => sms("Call 12345\n{{code}}"),
        "template.no_voice" => {
            let speech = json!({"channel": "VOICE", "locale": "en", "body": "{{code}}"});
            let silent = json!({"channel": "VOICE", "locale": "ps", "body": "{{code}}"});
            json!({"variants": [speech, silent]})
        }
        _ => return None,
    };
    Some(new_template(over))
}

async fn moved(world: &World, who: &Who, operation: &str, code: &str) -> Option<Answer> {
    if !code.starts_with("template.") {
        return None;
    }
    let path = template(world, who).await;
    let ask = match (operation, code) {
        ("templates.submit", "template.invalid_transition") => {
            world.ok(who.poke(format!("{path}/submit"))).await;
            world.ok(world.admin.poke(format!("{path}/approve"))).await;
            who.poke(format!("{path}/submit"))
        }
        ("templates.approve", "template.invalid_transition") => world.admin.poke(format!("{path}/approve")),
        ("templates.reject", "template.invalid_transition") => {
            world.admin.post(format!("{path}/reject"), json!({"reason": "no"}))
        }
        ("templates.reject", "template.reason_required") => {
            world.admin.post(format!("{path}/reject"), json!({"reason": " "}))
        }
        ("templates.new-version", "template.version_open") => who.poke(format!("{path}/versions")),
        ("templates.archive", "template.invalid_transition") => {
            who.post(format!("{path}/archive"), json!({}))
        }
        ("templates.archive", "template.no_version") => {
            who.post(format!("{path}/archive"), json!({"versionNo": 99}))
        }
        ("templates.render", "template.no_version") => {
            let sample = json!({"channel": "SMS", "locale": "en", "versionNo": 99});
            who.post(format!("{path}/render"), sample)
        }
        ("templates.render", "template.no_variant") => {
            who.post(format!("{path}/render"), json!({"channel": "EMAIL", "locale": "en"}))
        }
        _ => return None,
    };
    Some(world.send(ask).await)
}
