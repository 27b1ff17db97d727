//! The documentation: what there is, search, and an article in the language asked for or, flagged, in another.

use maud::{Markup, PreEscaped, html};
use sarai_application::customer_portal::{
    docs::{article_html, moved_to, outline},
    keys::FieldError,
};
use sarai_domain::devportal::values::Locale;
use sarai_ports::customer_portal::docs::{DocsArticle, DocsEntry, DocsFound, DocsHit, DocsTree};

use super::messages::signed_in_still;
use crate::{
    components::{empty, summary, time, unavailable, zone_note},
    reply::{Outcome, Reply},
    shell::{self, Content, LANGUAGES, tag},
    visit::Visit,
};

/// The version of the API that is shown first.
const VERSION: &str = "v1";
/// The most characters of a question.
const QUESTION: u16 = 200;

/// The language asked for: in the address, else the reader's.
fn asked(visit: &Visit<'_>) -> Locale {
    visit.asked("locale").and_then(Locale::from_tag).unwrap_or(visit.reading.locale)
}

fn search_form(visit: &Visit<'_>, question: &str) -> Markup {
    html! {
        form.filters method="get" action="/docs/search" role="search" {
            @if visit.is_sandbox() { input type="hidden" name="env" value="sandbox"; }
            div {
                label for="f-q" { (visit.t("docs-question")) }
                input #f-q name="q" type="search" value=(question) dir="auto" maxlength=(QUESTION) autocomplete="off";
            }
            div.acts { button type="submit" { (visit.t("docs-search")) } }
        }
    }
}

/// Text of an article, in its own language and direction.
fn own(entry: &DocsEntry, text: &str) -> Markup {
    let locale = Locale::from_tag(&entry.locale).unwrap_or_default();
    html! { span lang=(tag(locale)) dir=(locale.dir().as_str()) { (text) } }
}

fn other_language(visit: &Visit<'_>, entry: &DocsEntry) -> Markup {
    let name = LANGUAGES.iter().find(|(locale, _)| locale.as_str() == entry.locale);
    html! {
        @if let Some((locale, name)) = name.filter(|_| entry.fallback) {
            " " span.tag { (visit.t("docs-only-in")) " " span lang=(tag(*locale)) dir=(locale.dir().as_str()) { (name) } }
        }
    }
}

fn section_name(visit: &Visit<'_>, section: &str) -> String {
    let id = format!("section-{section}");
    if visit.words.has(&id) { visit.t(&id) } else { section.to_owned() }
}

/// `GET /docs`.
pub(crate) async fn index(visit: &mut Visit<'_>) -> Outcome {
    let locale = asked(visit).as_str();
    let tree = visit.portal.platform.docs_tree(visit.on(), VERSION, locale).await?;
    let title = visit.t("nav-docs");
    let main = html! {
        h1 { (title) }
        (search_form(visit, ""))
        @if tree.sections.is_empty() { (empty("docs", &visit.t("docs-none"), &html! {})) }
        @for section in &tree.sections {
            section.card {
                h2 { (section_name(visit, &section.section)) }
                ul.plainly { @for entry in &section.articles {
                    li {
                        a href=(visit.href(&format!("/docs/{}/{}", tree.api_version, entry.slug))) { (own(entry, &entry.title)) }
                        (other_language(visit, entry))
                        p.note { (own(entry, &entry.summary)) }
                    }
                } }
            }
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `GET /docs/search?q=`.
pub(crate) async fn search(visit: &mut Visit<'_>) -> Outcome {
    let question = visit.asked("q").unwrap_or_default().trim().to_owned();
    let long = question.chars().count() > QUESTION.into();
    let errors: Vec<FieldError> =
        long.then_some(FieldError { field: "q", message: "error-docs-question" }).into_iter().collect();
    let hits = if question.is_empty() || long {
        None
    } else {
        let locale = asked(visit).as_str();
        Some(visit.portal.platform.docs_search(visit.on(), &question, locale).await?)
    };
    let title = visit.t("docs-search-title");
    let main = html! {
        h1 { (title) }
        (summary(visit, &errors))
        (search_form(visit, &question))
        @if let Some(hits) = &hits { (answers(visit, &question, hits)) }
        p { a.button.plain href=(visit.href("/docs")) { (visit.t("docs-all")) } }
    };
    let page = shell::page(visit, &Content { title, wrong: long, main });
    Ok(if long { Reply::invalid(page) } else { Reply::ok(page) })
}

fn answers(visit: &Visit<'_>, question: &str, hits: &[DocsHit]) -> Markup {
    html! {
        @if hits.is_empty() {
            (empty("docs", &visit.tf("docs-no-hits", &[("question", question)]), &html! {}))
        } @else {
            section.card {
                h2 { (visit.tn("docs-hits", u64::try_from(hits.len()).unwrap_or_default())) }
                ul.plainly { @for hit in hits {
                    li {
                        a href=(visit.href(&format!("/docs/{VERSION}/{}", hit.article.slug))) { (own(&hit.article, &hit.article.title)) }
                        (other_language(visit, &hit.article))
                        // An excerpt may be code.
                        p.note dir="auto" lang=(tag(Locale::from_tag(&hit.article.locale).unwrap_or_default())) { (hit.excerpt) }
                    }
                } }
            }
        }
    }
}

/// `GET /docs/{version}/{slug}`.
pub(crate) async fn article(visit: &mut Visit<'_>, version: &str, slug: &str) -> Outcome {
    let (on, platform, wanted) = (visit.on(), &visit.portal.platform, asked(visit));
    let (found, tree) = tokio::join!(
        platform.docs_article(on, version, slug, wanted.as_str()),
        platform.docs_tree(on, version, wanted.as_str()),
    );
    let article = match found? {
        DocsFound::Here(article) => article,
        DocsFound::Moved(location) => {
            let to = moved_to(&location).unwrap_or_else(|| "/docs".to_owned());
            let pairs: Vec<_> = visit.asked("locale").map(|locale| ("locale", locale)).into_iter().collect();
            return Ok(Reply::To(visit.link(&to, &pairs)));
        }
    };
    signed_in_still(&tree)?;
    let locale = Locale::from_tag(&article.locale).unwrap_or_default();
    let (lang, dir) = (tag(locale), locale.dir().as_str());
    let table = |number| visit.tf("docs-table", &[("count", &visit.number(number))]);
    let main = html! {
        (search_form(visit, ""))
        (languages(visit, &article, wanted))
        div.docs {
            article.prose lang=(lang) dir=(dir) {
                h1 { (article.title) }
                p.lead { (article.summary) }
                // Sanitised by the API when it was rendered; the page's policy lets nothing in it run.
                (PreEscaped(article_html(&article.html, visit.portal.api(), table)))
            }
            aside { (beside(visit, &article, tree.ok().as_ref())) }
        }
        p.note { (visit.t("docs-written")) " " (time(visit, article.written_at)) }
        (zone_note(visit))
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(article.title.clone(), main))))
}

/// In which languages it can be asked for, and what is to be said of the one that came.
fn languages(visit: &Visit<'_>, article: &DocsArticle, wanted: Locale) -> Markup {
    let place = format!("/docs/{}/{}", article.api_version, article.slug);
    html! {
        div.chips role="group" aria-label=(visit.t("docs-languages")) {
            @for (locale, name) in LANGUAGES {
                a.chip href=(visit.link(&place, &[("locale", locale.as_str())])) lang=(tag(locale)) dir=(locale.dir().as_str())
                    aria-current=[(locale == wanted).then_some("true")] { (name) }
            }
        }
        @if article.fallback { div.box.waiting { p { (visit.t("docs-fallback")) } } }
        @if article.stale { div.box.waiting { p { (visit.t("docs-stale")) } } }
    }
}

/// What is on this page, and what else there is.
fn beside(visit: &Visit<'_>, article: &DocsArticle, tree: Option<&DocsTree>) -> Markup {
    let outline = outline(&article.headings);
    let locale = Locale::from_tag(&article.locale).unwrap_or_default();
    html! {
        @if !outline.is_empty() {
            nav aria-labelledby="docs-here" {
                h2 #docs-here { (visit.t("docs-here")) }
                ul { @for (href, text) in &outline { li { a href=(href) { span lang=(tag(locale)) dir=(locale.dir().as_str()) { (text) } } } } }
            }
        }
        @match tree {
            Some(tree) => {
                nav aria-label=(visit.t("docs-articles")) {
                    @for section in &tree.sections {
                        h2 { (section_name(visit, &section.section)) }
                        ul { @for entry in &section.articles {
                            li { a href=(visit.href(&format!("/docs/{}/{}", tree.api_version, entry.slug))) aria-current=[(entry.slug == article.slug).then_some("page")] { (own(entry, &entry.title)) } }
                        } }
                    }
                }
            },
            None => (unavailable(visit, "docs-articles")),
        }
    }
}
