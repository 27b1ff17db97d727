//! The documentation as its readers and its writers find it: what the program ships, three locales, moving, search.

use serde_json::{Value, json};

use crate::{
    market::text,
    world::{Api, User, unique},
};

async fn written(staff: &User, slug: &str, body: &str) -> String {
    let new = json!({"apiVersion": "v1", "section": "guides", "slug": slug});
    let id = text(&staff.post("/v1/docs", &new).await.is(201), "id").to_owned();
    let revision = json!({"locale": "en", "title": "A title", "bodyMd": body});
    staff.post(&format!("/v1/docs/{id}/revisions"), &revision).await.is(201);
    id
}

async fn publish(staff: &User, id: &str, body: Value) -> Value {
    staff.post(&format!("/v1/docs/{id}/publish"), &body).await.is(200)
}

/// Whoever follows the guide has a sandbox key: the endpoint it makes hears of what that key does.
#[tokio::test]
async fn the_guide_s_endpoint_hears_of_the_guide_s_own_sandbox() {
    let guide = include_str!("../../../apps/sarai/docs/en/webhooks.md");
    let body = guide.split("-d '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    let api = Api::start().await;
    let developer = api.user("developer").await;
    let made = developer.post("/v1/webhooks", &serde_json::from_str::<Value>(body).unwrap()).await.is(201);
    assert_eq!(made["environment"], "SANDBOX");
}

#[tokio::test]
async fn what_is_shipped_is_read_in_three_locales_and_never_silently_in_another() {
    let api = Api::start().await;
    let nobody = api.nobody();
    for (locale, dir, title) in
        [("en", "ltr", "Getting started"), ("ps", "rtl", "پیل"), ("fa", "rtl", "شروع کار")]
    {
        let answer = nobody.get(&format!("/v1/docs/v1/getting-started?locale={locale}")).await;
        assert_eq!(answer.header("content-language"), locale);
        let page = answer.is(200);
        assert_eq!((text(&page, "locale"), text(&page, "dir"), text(&page, "title")), (locale, dir, title));
        assert_eq!((page["fallback"].as_bool(), page["stale"].as_bool()), (Some(false), Some(false)));
        let html = text(&page, "html");
        assert!(html.contains("<pre dir=\"ltr\"><code") && html.contains("<h2 id="), "{html}");
        assert!(!html.contains("<script") && html.contains("href=\"errors\""), "{html}");
    }
    // A spelling of the world's for Dari; and a translation that is not there.
    let asked = nobody.ask(reqwest::Method::GET, "/v1/docs/v1/getting-started");
    let answer = asked.header("accept-language", "de, fa-AF;q=0.9, en;q=0.5").send().await;
    assert_eq!(answer.header("content-language"), "fa");
    answer.is(200);
    let answer = nobody.get("/v1/docs/v1/verify?locale=ps").await;
    assert_eq!(answer.header("content-language"), "en");
    assert_eq!(answer.is(200)["fallback"], true);
    nobody.get("/v1/docs/v1/nobody-wrote-this").await.refused(404, "docs.not_found");
}

#[tokio::test]
async fn the_tree_and_the_search_find_what_is_shipped_in_any_spelling() {
    let api = Api::start().await;
    let nobody = api.nobody();
    let tree = nobody.get("/v1/docs/tree?locale=ps").await.is(200);
    let slugs: Vec<&str> = tree["sections"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|section| section["articles"].as_array().unwrap())
        .map(|article| text(article, "slug"))
        .collect();
    let wanted = ["getting-started", "authentication", "verify", "webhooks", "marketplace", "errors"];
    assert_eq!(slugs, wanted);
    assert_eq!(tree["sections"][0]["articles"][0]["fallback"], false);
    assert_eq!(tree["sections"][0]["articles"][1]["fallback"], true);
    let first = async |query: &str| {
        let hits = nobody.get(&format!("/v1/docs/search?{query}")).await.is(200);
        let hit = hits["data"][0].clone();
        (text(&hit["article"], "slug").to_owned(), text(&hit, "matched").to_owned())
    };
    assert_eq!(first("q=rotate-secret").await.0, "webhooks");
    assert_eq!(first("q=docs.slug_taken").await, ("errors".to_owned(), "exact".to_owned()));
    // کليد with Arabic letters finds کلید.
    let arabic = "%D9%83%D9%84%D9%8A%D8%AF";
    assert_eq!(
        first(&format!("q={arabic}&locale=fa")).await,
        ("getting-started".to_owned(), "folded".to_owned())
    );
    let none = nobody.get("/v1/docs/search?q=nobody%20wrote%20this%20ever").await.is(200);
    assert_eq!(none["data"], json!([]));
    nobody.get("/v1/docs/search?q=%20").await.refused(422, "validation_failed");
}

#[tokio::test]
async fn an_article_is_written_moved_translated_and_taken_away() {
    let api = Api::start().await;
    let (staff, nobody) = (api.user("admin").await, api.nobody());
    let (slug, moved) = (unique("hooks"), unique("webhooks"));
    let id =
        written(&staff, &slug, "See [getting started](getting-started).\n\n<b onclick=\"x\">No</b>").await;
    nobody.get(&format!("/v1/docs/v1/{slug}")).await.refused(404, "docs.not_found");
    publish(&staff, &id, json!({})).await;
    let page = nobody.get(&format!("/v1/docs/v1/{slug}")).await.is(200);
    assert!(!text(&page, "html").contains("onclick"));

    let version = staff.get(&format!("/v1/admin/docs/{id}")).await.header("etag").to_owned();
    let version: u64 = version.trim_matches(['"', 'v']).parse().unwrap();
    let patched = staff.patch(&format!("/v1/docs/{id}"), version, &json!({"slug": moved})).await.is(200);
    assert_eq!(patched["oldSlugs"], json!([slug]));
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(format!("{}/v1/docs/v1/{slug}", api.base())).send().await.unwrap();
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"], format!("/v1/docs/v1/{moved}").as_str());

    let translation = json!({"locale": "ps", "title": "سرلیک", "bodyMd": "متن", "sourceRevisionNo": 1});
    staff.post(&format!("/v1/docs/{id}/revisions"), &translation).await.is(201);
    publish(&staff, &id, json!({"revisionNo": 2})).await;
    let page = nobody.get(&format!("/v1/docs/v1/{moved}?locale=ps")).await.is(200);
    assert_eq!((page["stale"].as_bool(), page["fallback"].as_bool()), (Some(false), Some(false)));
    let newer = json!({"locale": "en", "title": "A title", "bodyMd": "Newer."});
    staff.post(&format!("/v1/docs/{id}/revisions"), &newer).await.is(201);
    publish(&staff, &id, json!({"revisionNo": 3})).await;
    let page = nobody.get(&format!("/v1/docs/v1/{moved}?locale=ps")).await.is(200);
    assert_eq!(page["stale"], true, "the source is newer than the translation");

    staff.post(&format!("/v1/docs/{id}/archive"), &json!({})).await.is(200);
    for gone in [&slug, &moved] {
        nobody.get(&format!("/v1/docs/v1/{gone}")).await.refused(410, "docs.gone");
    }
}

#[tokio::test]
async fn a_draft_is_published_in_all_its_languages_whichever_revision_is_named() {
    let api = Api::start().await;
    let (staff, slug) = (api.user("admin").await, unique("draft"));
    let id = written(&staff, &slug, "First.").await;
    let translation = json!({"locale": "ps", "title": "سرلیک", "bodyMd": "متن", "sourceRevisionNo": 1});
    staff.post(&format!("/v1/docs/{id}/revisions"), &translation).await.is(201);
    publish(&staff, &id, json!({"revisionNo": 2})).await;
    for locale in ["en", "ps"] {
        let page = api.nobody().get(&format!("/v1/docs/v1/{slug}?locale={locale}")).await.is(200);
        assert_eq!((text(&page, "locale"), page["fallback"].as_bool()), (locale, Some(false)));
    }
}

#[tokio::test]
async fn who_may_not_read_an_article_finds_it_nowhere() {
    let api = Api::start().await;
    let (staff, nobody) = (api.user("admin").await, api.nobody());
    let (developer, buyer) = (api.user("developer").await, api.user("buyer").await);
    let slug = unique("inner");
    let id = written(&staff, &slug, "Zanzibar.").await;
    staff.patch(&format!("/v1/docs/{id}"), 2, &json!({"audience": "DEVELOPER"})).await.is(200);
    publish(&staff, &id, json!({})).await;
    let finds = async |who: &User| {
        let hits = who.get("/v1/docs/search?q=zanzibar").await.is(200);
        let read = who.get(&format!("/v1/docs/v1/{slug}")).await.status == 200;
        (hits["data"].as_array().unwrap().len(), read)
    };
    assert_eq!(finds(&nobody).await, (0, false));
    assert_eq!(finds(&buyer).await, (0, false));
    assert_eq!(finds(&developer).await, (1, true));
    assert_eq!(finds(&staff).await, (1, true));
    api.bearer("nonsense").get("/v1/docs/tree").await.refused(401, "invalid_token");
    let body = json!({"label": unique("reader"), "environment": "SANDBOX", "scopes": ["verify:read"]});
    let key = developer.post("/v1/keys", &body).await.is(201);
    assert_eq!(finds(&api.bearer(text(&key, "rawKey"))).await, (0, false), "who has a key reads as anybody");
    buyer.post("/v1/docs", &json!({})).await.refused(403, "forbidden");
}
