//! What the documentation and SDK releases are refused with.

use reqwest::Method;
use sarai_domain::{devportal::sdk_release::signature_message, kernel::Hex};
use sarai_ports::system::Signer as _;
use sarai_system::Ed25519Signer;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    portal,
    server::{Answer, Ask, Who, unique},
    world::{World, text, unknown},
};

/// Articles and releases in every state that an operation begins with.
#[derive(Default)]
pub(crate) struct Shelf {
    /// Published, with its slug.
    pub(crate) article: String,
    pub(crate) slug: String,
    /// A draft with a text.
    pub(crate) draft: String,
    /// Released, with a file.
    pub(crate) release: String,
    pub(crate) artifact: String,
    /// A draft with a file.
    pub(crate) unreleased: String,
    pub(crate) yanked: String,
}

impl Shelf {
    pub(crate) async fn fill(world: &World) -> Self {
        let (article, slug) = article(world, "Text.").await;
        let publish = world.admin.post(format!("/v1/docs/{article}/publish"), json!({}));
        world.ok(publish).await;
        let release = released(world).await;
        let yanked = text(&released(world).await, "id");
        world
            .ok(world.admin.post(format!("/v1/sdks/releases/{yanked}/yank"), json!({"reason": "leaks"})))
            .await;
        Self {
            article,
            slug,
            draft: self::article(world, "Text.").await.0,
            artifact: text(&release["artifacts"][0], "id"),
            release: text(&release, "id"),
            unreleased: uploaded(world).await,
            yanked,
        }
    }

    /// Who asks, the id in the path and the body of a request of this operation that works.
    pub(crate) fn working(&self, world: &World, operation: &str) -> Option<(Who, String, Option<Value>)> {
        let (admin, nobody) = (world.admin.clone(), Who::Nobody);
        let reason = || Some(json!({"reason": "there is a better one"}));
        Some(match operation {
            "docs.get" | "docs.tree" | "docs.search" => (nobody, self.slug.clone(), None),
            "docs.create" => (admin, String::new(), Some(new_article(&unique("slug")))),
            "admin.docs.list" => (admin, String::new(), None),
            "admin.docs.get" => (admin, self.article.clone(), None),
            "docs.edit" => (admin, self.draft.clone(), Some(json!({"order": 7}))),
            "docs.add-revision" => (admin, self.draft.clone(), Some(revision(&unique("Text")))),
            "docs.publish" => (admin, self.draft.clone(), Some(json!({}))),
            "docs.archive" => (admin, self.article.clone(), Some(json!({}))),
            "sdks.languages" | "sdks.signing-keys" | "sdks.log" | "sdks.releases" | "sdks.latest" => {
                (nobody, String::new(), None)
            }
            "sdks.get" => (nobody, self.release.clone(), None),
            "sdks.download" | "sdks.content" => (nobody, self.artifact.clone(), None),
            "sdks.create" => (admin, String::new(), Some(new_release(world, "9.0.0"))),
            "admin.sdks.get" => (admin, self.release.clone(), None),
            "sdks.upload" | "sdks.publish" => (admin, self.unreleased.clone(), None),
            "sdks.deprecate" | "sdks.yank" => (admin, self.release.clone(), reason()),
            "sdks.unyank" => (admin, self.yanked.clone(), None),
            _ => return None,
        })
    }
}

fn new_article(slug: &str) -> Value {
    json!({"apiVersion": "v1", "section": "guides", "slug": slug})
}

fn revision(body: &str) -> Value {
    json!({"locale": "en", "title": "A title", "bodyMd": body})
}

/// A draft with a text, and its slug.
async fn article(world: &World, body: &str) -> (String, String) {
    let slug = unique("slug");
    let id = text(&world.ok(world.admin.post("/v1/docs", new_article(&slug))).await, "id");
    world.ok(world.admin.post(format!("/v1/docs/{id}/revisions"), revision(body))).await;
    (id, slug)
}

fn signer(world: &World) -> Ed25519Signer {
    Ed25519Signer::new(world.keys_of_this_process().release)
}

/// A release of a package of its own.
fn new_release(world: &World, version: &str) -> Value {
    let package = unique("sarai");
    json!({
        "language": "RUST", "packageName": package, "purl": format!("pkg:cargo/{package}@{version}"),
        "version": version, "minApiVersion": "v1", "changelog": {"en": "First."},
        "releaseKeyId": signer(world).key_id(),
    })
}

/// The path of an upload of these bytes to a release, signed by its key.
fn upload(world: &World, release: &Value, bytes: &[u8], more: &str) -> String {
    let (purl, digest) = (text(release, "purl"), Hex(Sha256::digest(bytes).into()));
    let signature = Hex(signer(world).sign(&signature_message(&purl.parse().expect("a purl"), &digest)));
    format!("/v1/sdks/releases/{}/artifacts?signature={signature}{more}", text(release, "id"))
}

fn sent(world: &World, path: String, bytes: &[u8]) -> Ask {
    Ask::new(world.admin.clone(), Method::POST, path).raw("application/octet-stream", bytes)
}

async fn drafted(world: &World) -> Value {
    world.ok(world.admin.post("/v1/sdks/releases", new_release(world, "1.0.0"))).await
}

/// A draft with a file that is signed.
async fn uploaded(world: &World) -> String {
    let release = drafted(world).await;
    world.ok(sent(world, upload(world, &release, b"sdk", "&filename=sdk.crate"), b"sdk")).await;
    text(&release, "id")
}

async fn released(world: &World) -> Value {
    let id = uploaded(world).await;
    world.ok(world.admin.post(format!("/v1/sdks/releases/{id}/publish"), Value::Null)).await
}

/// The rest of the path of an artifact's bytes, which this process signed.
fn content(world: &World, artifact: &str) -> String {
    let expires = world.now().unix_micros() / 1_000_000 + 300;
    linked(world, artifact, expires)
}

fn linked(world: &World, artifact: &str, expires: i64) -> String {
    let key = sarai_http::secret::SecretKey::new(world.keys_of_this_process().cursor);
    let signature = sarai_http::links::Links::new(key, &"").sign(&format!("sdk\n{artifact}\n{expires}"));
    format!("{artifact}?expires={expires}&signature={signature}")
}

/// A path of these operations, with what is not the id in its place.
pub(crate) fn place(world: &World, operation: &str, path: &str, id: &str) -> String {
    let path = path.replace("{apiVersion}", "v1").replace("{slug}", id).replace("{lang}", "rust");
    match operation {
        "docs.search" => format!("{path}?q=text"),
        "sdks.content" => path.replace("{id}", &content(world, id)),
        "sdks.upload" => format!("{path}?filename={}&signature={}", unique("file"), Hex([7; 64])),
        _ => path,
    }
}

/// Provokes a code of an operation on articles or releases.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    if operation.starts_with("docs.") {
        docs(world, operation, code).await
    } else if operation.contains("sdks.") {
        sdks(world, operation, code).await
    } else {
        None
    }
}

async fn docs(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let (admin, shelf) = (&world.admin, &world.stock.shelf);
    let post = |path: String, body| admin.post(path, body);
    let long = || "x".repeat(400);
    let eleven = || (0..11).map(|number| format!("t{number}")).collect::<Vec<_>>();
    let archived = async || {
        let (id, slug) = article(world, "Text.").await;
        for (step, body) in [("publish", json!({})), ("archive", json!({}))] {
            world.ok(post(format!("/v1/docs/{id}/{step}"), body)).await;
        }
        (id, slug)
    };
    let ask = match (operation, code) {
        ("docs.get", "not_found") => Who::Nobody.get("/v1/docs/v1/No_Slug"),
        ("docs.get", "docs.not_found") => Who::Nobody.get("/v1/docs/v1/nobody-wrote-this"),
        ("docs.get", "docs.gone") => Who::Nobody.get(format!("/v1/docs/v1/{}", archived().await.1)),
        ("docs.get" | "docs.tree" | "docs.search", "invalid_token") => {
            let good = format!("/v1/docs/v1/{}", shelf.slug);
            let path = match operation {
                "docs.get" => good.as_str(),
                "docs.tree" => "/v1/docs/tree",
                _ => "/v1/docs/search?q=text",
            };
            Who::Forged.get(path)
        }
        ("docs.create", "docs.slug_taken") => post("/v1/docs".to_owned(), new_article(&shelf.slug)),
        ("docs.create", "docs.name_malformed") => {
            let mut new = new_article(&unique("slug"));
            new["apiVersion"] = json!("v 1");
            post("/v1/docs".to_owned(), new)
        }
        ("docs.create", "docs.too_many_tags") => {
            let mut new = new_article(&unique("slug"));
            new["tags"] = json!(eleven());
            post("/v1/docs".to_owned(), new)
        }
        ("docs.edit", code) => {
            let (id, version) = match code {
                "docs.not_writable" => (archived().await.0, 4),
                _ => (article(world, "Text.").await.0, 2),
            };
            let patch = match code {
                "docs.slug_taken" => json!({"slug": shelf.slug}),
                "docs.too_many_tags" => json!({"tags": eleven()}),
                "docs.not_writable" => json!({"order": 9}),
                _ => return None,
            };
            admin.patch(format!("/v1/docs/{id}"), version, patch)
        }
        ("docs.add-revision", code) => {
            let id = match code {
                "docs.not_writable" => archived().await.0,
                _ => shelf.draft.clone(),
            };
            let mut new = revision("More text.");
            match code {
                "docs.not_writable" => {}
                "docs.body_malformed" => new["bodyMd"] = json!(" "),
                "docs.summary_malformed" => new["summary"] = json!(long()),
                "docs.title_malformed" => new["title"] = json!(long()),
                "docs.translation_source" => new["locale"] = json!("ps"),
                _ => return None,
            }
            post(format!("/v1/docs/{id}/revisions"), new)
        }
        ("docs.publish", code) => {
            let (id, body) = match code {
                "docs.broken_links" => (article(world, "[x](nobody-wrote-this)").await.0, json!({})),
                "docs.invalid_transition" => (archived().await.0, json!({})),
                "docs.revision_not_found" => (shelf.article.clone(), json!({"revisionNo": 99})),
                "docs.source_missing" => {
                    let new = new_article(&unique("slug"));
                    (text(&world.ok(post("/v1/docs".to_owned(), new)).await, "id"), json!({}))
                }
                _ => return None,
            };
            post(format!("/v1/docs/{id}/publish"), body)
        }
        ("docs.archive", "docs.invalid_transition") => {
            post(format!("/v1/docs/{}/archive", shelf.draft), json!({}))
        }
        ("docs.archive", "docs.leads_to_itself") => {
            let itself = json!({"redirectTo": shelf.article});
            post(format!("/v1/docs/{}/archive", shelf.article), itself)
        }
        _ => return None,
    };
    Some(world.send(ask).await)
}

async fn sdks(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let (admin, shelf) = (&world.admin, &world.stock.shelf);
    let (missing, absent) = (unknown("sdk"), unknown("art"));
    let change = |id: &str, step: &str, body| admin.post(format!("/v1/sdks/releases/{id}/{step}"), body);
    let malformed = |path: &str| Who::Nobody.get(path);
    let ask = match (operation, code) {
        ("sdks.releases", "not_found") => malformed("/v1/sdks/languages/%FF/releases"),
        ("sdks.latest", "not_found") => malformed("/v1/sdks/languages/%FF/latest"),
        ("sdks.get", "not_found") => malformed("/v1/sdks/releases/nobody"),
        ("sdks.download", "not_found") => malformed("/v1/sdks/artifacts/nobody/download"),
        ("sdks.content", "not_found") => malformed("/v1/sdks/content/nobody?expires=1&signature=x"),
        ("admin.sdks.get", "not_found") => admin.get("/v1/admin/sdks/releases/nobody"),
        ("sdks.upload", "not_found") => {
            sent(world, "/v1/sdks/releases/nobody/artifacts?filename=a&signature=b".to_owned(), b"x")
        }
        ("sdks.releases", "sdk.language_unknown") => malformed("/v1/sdks/languages/cobol/releases"),
        ("sdks.latest", "sdk.language_unknown") => malformed("/v1/sdks/languages/cobol/latest"),
        ("sdks.latest", "sdk.not_found") => malformed("/v1/sdks/languages/go/latest"),
        ("sdks.get", "sdk.not_found") => Who::Nobody.get(format!("/v1/sdks/releases/{missing}")),
        ("admin.sdks.get", "sdk.not_found") => admin.get(format!("/v1/admin/sdks/releases/{missing}")),
        ("sdks.download", "sdk.not_found") => {
            Who::Nobody.get(format!("/v1/sdks/artifacts/{absent}/download"))
        }
        ("sdks.content", "sdk.link_expired") => {
            let rest = linked(world, &shelf.artifact, 1_000);
            Who::Nobody.get(format!("/v1/sdks/content/{rest}"))
        }
        ("sdks.create", code) => {
            let mut new = new_release(world, "1.0.0");
            match code {
                "sdk.changelog_too_long" => new["changelog"]["en"] = json!("x".repeat(70_000)),
                "sdk.name_malformed" => new["minApiVersion"] = json!("x".repeat(300)),
                "sdk.purl_mismatch" => new["version"] = json!("1.0.1"),
                "sdk.version_exists" => {
                    world.ok(admin.post("/v1/sdks/releases", new.clone())).await;
                }
                _ => return None,
            }
            admin.post("/v1/sdks/releases", new)
        }
        ("sdks.upload", code) => return upload_refused(world, code).await,
        ("sdks.publish", code) => return publish_refused(world, code).await,
        ("sdks.deprecate" | "sdks.yank", code) => {
            let step = operation.trim_start_matches("sdks.");
            let id = text(&released(world).await, "id");
            let (id, body) = match code {
                "sdk.invalid_transition" => (shelf.unreleased.clone(), json!({"reason": "x"})),
                "sdk.not_found" => (id, json!({"reason": "x", "supersededBy": missing})),
                "sdk.reason_malformed" => (id, json!({"reason": " "})),
                "sdk.supersedes_itself" => (id.clone(), json!({"reason": "x", "supersededBy": id})),
                _ => return None,
            };
            change(&id, step, body)
        }
        ("sdks.unyank", "sdk.invalid_transition") => change(&shelf.unreleased, "unyank", Value::Null),
        ("sdks.unyank", "sdk.restore_too_late") => {
            let id = text(&released(world).await, "id");
            world.ok(change(&id, "yank", json!({"reason": "leaks"}))).await;
            world.advance(72 * 3_600 + 60).await;
            change(&id, "unyank", Value::Null)
        }
        _ => return None,
    };
    Some(world.send(ask).await)
}

async fn upload_refused(world: &World, code: &str) -> Option<Answer> {
    let release = drafted(world).await;
    let path = |more: &str| upload(world, &release, b"x", more);
    let ask = match code {
        // A body of its own, whatever it is called, has no member that could be unknown.
        "validation_failed" => sent(world, path(""), b"x"),
        "unsupported_media_type" => {
            let ask = sent(world, path("&filename=a.crate"), b"x");
            ask.raw("text/plain", b"x")
        }
        "sdk.artifact_exists" => {
            world.ok(sent(world, path("&filename=a.crate"), b"x")).await;
            sent(world, path("&filename=a.crate"), b"x")
        }
        "sdk.artifact_malformed" => sent(world, path("&filename=a.crate&mediaType=nonsense"), b"x"),
        "sdk.artifact_too_large" => {
            let ask = sent(world, path("&filename=a.crate"), b"x");
            return Some(world.well.drip_bytes(&ask, (1 << 30) + 1).await);
        }
        "sdk.digest_mismatch" => {
            let claimed = Hex([7; 32]);
            sent(world, path(&format!("&filename=a.crate&sha256={claimed}")), b"x")
        }
        "sdk.filename_malformed" => sent(world, path("&filename=.."), b"x"),
        "sdk.immutable" => {
            let done = released(world).await;
            sent(world, upload(world, &done, b"x", "&filename=b.crate"), b"x")
        }
        "sdk.not_found" => {
            let path = path("&filename=a.crate").replace(&text(&release, "id"), &unknown("sdk"));
            sent(world, path, b"x")
        }
        _ => return None,
    };
    Some(world.send(ask).await)
}

async fn publish_refused(world: &World, code: &str) -> Option<Answer> {
    let mut new = new_release(world, "1.0.0");
    match code {
        "sdk.changelog_missing" => new["changelog"] = json!({}),
        "sdk.unknown_key" => new["releaseKeyId"] = json!("nobody-s"),
        _ => {}
    }
    let release = world.ok(world.admin.post("/v1/sdks/releases", new)).await;
    let id = text(&release, "id");
    let signed = upload(world, &release, b"x", "&filename=a.crate");
    match code {
        "sdk.artifact_count" => {}
        "sdk.changelog_missing" | "sdk.unknown_key" => {
            world.ok(sent(world, signed, b"x")).await;
        }
        "sdk.bad_signature" => {
            world.ok(sent(world, signed, b"other bytes than were signed")).await;
        }
        "sdk.digest_mismatch" => {
            let refused = sent(world, format!("{signed}&sha256={}", Hex([7; 32])), b"x");
            assert_eq!(world.send(refused).await.status, 422);
        }
        "sdk.invalid_transition" => {
            let id = &world.stock.shelf.yanked;
            return Some(
                world.send(world.admin.post(format!("/v1/sdks/releases/{id}/publish"), Value::Null)).await,
            );
        }
        _ => return None,
    }
    Some(world.send(world.admin.post(format!("/v1/sdks/releases/{id}/publish"), Value::Null)).await)
}

#[tokio::test]
async fn a_key_writes_what_its_scope_says_and_no_customer_can_have_one() {
    let world = Box::pin(World::new()).await;
    let key = async |scope: &str| portal::key(&world, &portal::staff(), json!({"scopes": [scope]})).await.1;
    let (writer, releaser) = (key("docs:write").await, key("sdk:write").await);
    let slug = unique("slug");
    let id = text(&world.ok(writer.post("/v1/docs", new_article(&slug))).await, "id");
    world.ok(writer.post(format!("/v1/docs/{id}/revisions"), revision("Text."))).await;
    world.ok(writer.post(format!("/v1/docs/{id}/publish"), json!({}))).await;
    world.ok(Who::Nobody.get(format!("/v1/docs/v1/{slug}"))).await;
    world.ok(releaser.post("/v1/sdks/releases", new_release(&world, "1.0.0"))).await;
    for (who, path, body) in [
        (&releaser, "/v1/docs", new_article(&unique("slug"))),
        (&writer, "/v1/sdks/releases", new_release(&world, "1.0.0")),
    ] {
        let refused = world.send(who.post(path, body)).await;
        assert_eq!((refused.status, &refused.json["code"]), (403, &json!("insufficient_scope")), "{path}");
    }
    for scope in ["docs:write", "sdk:write"] {
        let body = portal::new_key(json!({"scopes": [scope]}));
        let refused = world.send(portal::developer().post("/v1/keys", body)).await;
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (422, &json!("key.scope_not_grantable")),
            "{scope}"
        );
    }
}
