//! SDK releases with their files, and how to check what was downloaded.

use maud::{Markup, html};
use sarai_application::customer_portal::sdks::{ArtifactItem, ReleaseItem, check};
use sarai_ports::customer_portal::sdks::SdkSigningKey;

use super::messages::signed_in_still;
use crate::{
    components::{empty, ident, pager, state, time, unavailable, zone_note},
    reply::{Outcome, Reply, Trouble},
    shell::{self, Content, tag},
    visit::Visit,
};

const PLACE: &str = "/sdks";

/// A language of programs as people write it.
fn name(language: &str) -> String {
    match language {
        "TYPESCRIPT" => "TypeScript".to_owned(),
        "CSHARP" => "C#".to_owned(),
        "PHP" => "PHP".to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect()
        }
    }
}

/// `GET /sdks`.
pub(crate) async fn list(visit: &mut Visit<'_>) -> Outcome {
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let (languages, keys) = tokio::join!(platform.sdk_languages(on), platform.sdk_signing_keys(on));
    let languages = languages?;
    signed_in_still(&keys)?;
    let asked = visit.asked("language").and_then(|asked| languages.iter().find(|one| one.language == asked));
    let chosen = asked.or(languages.first()).map(|one| one.language.as_str());
    let page = match chosen {
        Some(language) => Some(platform.sdk_releases(on, language, visit.asked("cursor")).await?),
        None => None,
    };
    let (releases, prev, next) =
        page.map(|page| (page.data, page.prev_cursor, page.next_cursor)).unwrap_or_default();
    let items: Vec<ReleaseItem> =
        releases.iter().map(|release| ReleaseItem::of(release, visit.reading.locale)).collect();
    let of = |language: &str, cursor: Option<&str>| {
        let pairs: Vec<_> = [("language", Some(language)), ("cursor", cursor)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        visit.link(PLACE, &pairs)
    };
    let here = chosen.unwrap_or_default();
    let at = |cursor: &str| of(here, Some(cursor));
    let title = visit.t("nav-sdks");
    let main = html! {
        h1 { (title) }
        p.lead { (visit.t("sdks-lead")) }
        @if languages.len() > 1 {
            div.chips { @for one in &languages {
                a.chip href=(of(&one.language, None)) aria-current=[(chosen == Some(one.language.as_str())).then_some("true")] { bdi dir="ltr" { (name(&one.language)) } }
            } }
        }
        @if items.is_empty() { (empty("sdk", &visit.t("sdks-none"), &html! {})) }
        @for item in &items { (release(visit, here, item, keys.as_deref().unwrap_or_default())) }
        (pager(visit, visit.asked("cursor").map(|_| of(here, None)), prev.as_deref().map(at), next.as_deref().map(at)))
        (signing(visit, keys.as_deref().ok()))
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

fn release(visit: &Visit<'_>, language: &str, item: &ReleaseItem, keys: &[SdkSigningKey]) -> Markup {
    html! {
        section.card.stack {
            div.head {
                h2 { bdi dir="ltr" { (name(language)) " · " (item.package) " " (item.version) } }
                (state(visit, &item.state))
            }
            @if let Some(why) = &item.why { div class=(if item.state == "yanked" { "box bad" } else { "box waiting" }) { p { bdi dir="auto" { (why) } } } }
            dl.facts {
                dt { (visit.t("sdk-package")) } dd { (ident(&item.purl)) }
                dt { (visit.t("sdk-channel")) } dd { bdi dir="ltr" { (item.channel) } }
                dt { (visit.t("sdk-api")) } dd { bdi dir="ltr" { (item.min_api_version) } }
                @if let Some(at) = item.published_at { dt { (visit.t("sdk-published")) } dd { (time(visit, at)) } }
                @if let Some((locale, text)) = &item.changes { dt { (visit.t("sdk-changes")) } dd.lines { span lang=(tag(*locale)) dir=(locale.dir().as_str()) { (text) } } }
            }
            @for artifact in &item.artifacts { (file_of(visit, item, artifact, keys)) }
        }
    }
}

fn file_of(visit: &Visit<'_>, item: &ReleaseItem, artifact: &ArtifactItem, keys: &[SdkSigningKey]) -> Markup {
    let place = format!("check-{}", artifact.id);
    let word = if item.state == "yanked" { "sdk-download-yanked" } else { "sdk-download" };
    let class = if item.state == "yanked" { "button plain" } else { "button" };
    html! {
        div.acts {
            a class=(class) href=(visit.href(&format!("{PLACE}/artifacts/{}/download", artifact.id))) aria-describedby=(format!("of-{place}")) { (visit.t(word)) }
            span #{ "of-" (place) } { (ident(&artifact.filename))
                @if let Some(on) = &artifact.runs_on { " · " bdi dir="ltr" { (on) } }
                @if let Some(size) = artifact.kilobytes { " · " (visit.tf("sdk-size", &[("count", &visit.number(size))])) } }
        }
        details {
            summary { (visit.t("sdk-check")) }
            dl.facts {
                @if let Some(sha256) = &artifact.sha256 { dt { bdi dir="ltr" { "SHA-256" } } dd { (ident(sha256)) } }
                dt { (visit.t("sdk-signature")) } dd { (ident(&artifact.signature)) }
                dt { (visit.t("sdk-key")) } dd { (ident(&item.key_id)) }
            }
            @if let Some(commands) = check(item, artifact, keys) {
                p { (visit.t("sdk-check-text")) }
                pre id=(place) dir="ltr" { (commands) }
                div.acts {
                    button.plain.small type="button" hidden data-js data-copy=(place) data-say={ "said-" (place) } data-done=(visit.t("copied")) data-fail=(visit.t("copy-failed")) { (visit.t("copy")) }
                    output id={ "said-" (place) } role="status" {}
                }
            }
        }
    }
}

fn signing(visit: &Visit<'_>, keys: Option<&[SdkSigningKey]>) -> Markup {
    html! {
        @match keys {
            Some(keys) => {
                section.card {
                    h2 { (visit.t("sdk-keys")) }
                    p { (visit.t("sdk-keys-text")) }
                    dl.facts { @for key in keys { dt { (ident(&key.key_id)) } dd { (ident(&key.public_key)) } } }
                }
            },
            None => (unavailable(visit, "sdk-keys")),
        }
    }
}

/// `GET /sdks/artifacts/{id}/download`: to the file's short-lived address.
pub(crate) async fn file(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let at = visit.portal.platform.sdk_download(visit.on(), id).await?;
    // An address of the API itself has a path only; any other comes over TLS.
    if at.starts_with("/v1/") && !at.contains('\\') {
        return Ok(Reply::To(format!("{}{at}", visit.portal.api())));
    }
    if at.starts_with("https://") { Ok(Reply::To(at)) } else { Err(Trouble::NotFound) }
}
