//! Articles: slugs for ever, what is read, by whom, and how it is found.

use std::time::Duration;

use sarai_domain::{
    devportal::{
        docs_article::{
            ArticleEdit, ArticleRevision, ArticleState, Audience, DocsArticle, LinkReport, NewArticle,
            NewRevision, SearchText,
        },
        values::Locale,
    },
    kernel::Aggregate,
};
use sarai_ports::{Scope, StoreError, UniqueKey, devportal::DocsQuestion};

use crate::{
    SuitePorts,
    harness::{assert_conflict, assert_not_found, at_once, has_committed},
    make,
    paging::{assert_pages, newest_first},
};

/// A draft under a slug, with a text in English.
fn draft(ports: &SuitePorts, slug: &str, body: &str) -> DocsArticle {
    let edit = ArticleEdit {
        section: "guides".parse().unwrap(),
        slug: slug.parse().unwrap(),
        audience: Audience::Public,
        order: 1,
        tags: vec!["first".parse().unwrap()],
    };
    let new = NewArticle {
        id: ports.id(),
        tenant_id: make::tenant("platform"),
        api_version: "v1".to_owned(),
        edit,
    };
    let mut article = DocsArticle::create(new, ports.now()).unwrap();
    write(&mut article, ports, Locale::En, "A title", body);
    article
}

fn write(article: &mut DocsArticle, ports: &SuitePorts, locale: Locale, title: &str, body: &str) {
    let source = article.data().newest.get(&Locale::En).copied().filter(|_| locale != Locale::En);
    let text = NewRevision {
        locale,
        title: title.to_owned(),
        summary: "In short.".to_owned(),
        body_md: body.to_owned(),
        source_revision_no: source,
        author_id: "amina".to_owned(),
    };
    make::applied(article.add_revision(text, ports.now()));
}

/// Publishes the newest texts of a draft.
fn publish(article: &mut DocsArticle, ports: &SuitePorts) {
    make::applied(article.submit(ports.now()));
    let newest = article.data().newest.values().filter_map(|no| article.revision(*no));
    let digests: Vec<_> = newest.map(|one| ArticleRevision::digest(&one.body_md)).collect();
    let reports: Vec<_> =
        digests.into_iter().map(|digest| LinkReport::check(digest, [], "v1", &|_| true)).collect();
    make::applied(article.approve(&reports, ports.now()));
}

async fn published(
    ports: &SuitePorts,
    slug: &str,
    audience: Audience,
    texts: &[(Locale, &str)],
) -> DocsArticle {
    let mut article = draft(ports, slug, texts[0].1);
    for (locale, body) in &texts[1..] {
        write(&mut article, ports, *locale, "A title", body);
    }
    let edit = ArticleEdit { audience, ..ArticleEdit::from(article.data()) };
    let _ = article.edit(edit, ports.now()).unwrap();
    publish(&mut article, ports);
    ports.stored(ports.docs(), article).await
}

/// An article comes back as it was saved, with every text, and a stale save changes nothing.
pub async fn an_article_round_trips(ports: &SuitePorts) {
    let mut article = draft(ports, "webhooks", "First.");
    write(&mut article, ports, Locale::Ps, "\u{648}\u{6d0}\u{628}", "\u{644}\u{648}\u{645}\u{693}\u{6cc}");
    let data = article.data().clone();
    let stored = ports.stored(ports.docs(), article).await;
    assert_eq!((stored.data(), stored.version()), (&data, 1));
    assert_eq!(stored.revision(2).unwrap().title, "\u{648}\u{6d0}\u{628}");
    let mut stale = stored.clone();
    let mut changed = stored;
    write(&mut changed, ports, Locale::En, "A title", "Second.");
    ports.put(ports.docs(), changed).await;
    write(&mut stale, ports, Locale::En, "A title", "Another second.");
    assert_conflict(ports.save(ports.docs(), stale).await);
}

/// A slug is one article's for ever, also one that it had before (D-INV-4); of racing articles one has it.
pub async fn a_slug_is_one_article_s_for_ever(ports: &SuitePorts) {
    let mut first = ports.stored(ports.docs(), draft(ports, "webhooks", "First.")).await;
    let edit = ArticleEdit { slug: "hooks".parse().unwrap(), ..ArticleEdit::from(first.data()) };
    make::applied(first.edit(edit, ports.now()));
    ports.put(ports.docs(), first).await;
    for slug in ["webhooks", "hooks"] {
        let refused = ports.save(ports.docs(), draft(ports, slug, "Second.")).await;
        assert_eq!(refused.unwrap_err(), StoreError::Taken(UniqueKey::DocsSlug), "{slug}");
    }
    let saves = at_once(8, |_| {
        let ports = ports.clone();
        async move { ports.save(ports.docs(), draft(&ports, "verify", "x")).await }
    })
    .await;
    assert_eq!(saves.iter().filter(|saved| has_committed(saved)).count(), 1);
}

/// Every slug of an article leads to it, with the texts that are read; drafts are the platform's.
pub async fn its_slugs_lead_to_it(ports: &SuitePorts) {
    let of = async |scope: Scope, slug: &str| {
        ports.docs().find_by_slug(&scope, "v1", &slug.parse().unwrap()).await.unwrap()
    };
    let drafted = ports.stored(ports.docs(), draft(ports, "webhooks", "First.")).await;
    for scope in [Scope::Public, Scope::Tenant(make::tenant("acme"))] {
        assert!(of(scope.clone(), "webhooks").await.is_none());
        assert!(ports.docs().find(&scope, &drafted.id()).await.unwrap().is_none());
    }
    assert!(of(Scope::PlatformAdmin, "webhooks").await.is_some());
    let mut article = drafted;
    publish(&mut article, ports);
    let mut article = ports.stored(ports.docs(), article).await;
    write(&mut article, ports, Locale::En, "A title", "Second, which nobody reads yet.");
    let edit = ArticleEdit { slug: "hooks".parse().unwrap(), ..ArticleEdit::from(article.data()) };
    make::applied(article.edit(edit, ports.now()));
    ports.put(ports.docs(), article).await;
    for slug in ["webhooks", "hooks"] {
        for scope in [Scope::Public, Scope::Tenant(make::tenant("acme"))] {
            let found = of(scope, slug).await.unwrap();
            assert_eq!(found.data().slug.as_str(), "hooks");
            assert_eq!(found.revision(1).unwrap().body_md, "First.");
            assert!(found.revision(2).is_none(), "only what is read is loaded");
        }
    }
    assert!(of(Scope::Public, "other").await.is_none());
    let unknown = ports.docs().find_by_slug(&Scope::Public, "v2", &"hooks".parse().unwrap()).await;
    assert!(unknown.unwrap().is_none(), "another version has its own");
}

/// Nobody but the platform writes an article.
pub async fn only_the_platform_saves_it(ports: &SuitePorts) {
    for scope in [Scope::Tenant(make::tenant("acme")), Scope::Public] {
        let unit = ports.unit(draft(ports, "webhooks", "First."), ports.context());
        assert_not_found(ports.docs().save(&scope, unit).await);
    }
    let unit = ports.unit(draft(ports, "webhooks", "First."), ports.context());
    assert!(has_committed(&ports.docs().save(&Scope::PlatformAdmin, unit).await));
}

/// The tree has what is published for these audiences, in its order.
pub async fn the_tree_has_what_is_read(ports: &SuitePorts) {
    published(ports, "b", Audience::Public, &[(Locale::En, "x"), (Locale::Ps, "y")]).await;
    published(ports, "a", Audience::Developer, &[(Locale::En, "x")]).await;
    ports.put(ports.docs(), draft(ports, "c", "x")).await;
    let mut gone = published(ports, "d", Audience::Public, &[(Locale::En, "x")]).await;
    make::applied(gone.archive(None, ports.now()));
    ports.put(ports.docs(), gone).await;
    let tree = async |audiences: &[Audience]| -> Vec<String> {
        let tree = ports.docs().tree("v1", audiences).await.unwrap();
        tree.iter().map(|entry| format!("{} {}", entry.slug, entry.locale.as_str())).collect()
    };
    assert_eq!(tree(&[Audience::Public]).await, ["b en", "b ps"]);
    assert_eq!(tree(&[Audience::Public, Audience::Developer]).await, ["a en", "b en", "b ps"]);
    assert!(ports.docs().tree("v2", &[Audience::Public]).await.unwrap().is_empty());
}

/// A text is found by every word of a question, whatever keyboard it was typed on, by who may know of it (D-INV-8, 9).
pub async fn a_text_is_found_in_any_spelling(ports: &SuitePorts) {
    // کلید API ۱۲ with Persian letters and digits; می‌رود with a ZWNJ.
    let dari = "\u{6a9}\u{644}\u{6cc}\u{62f} API \u{6f1}\u{6f2}, \u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{62f} 100% _a\\b";
    published(ports, "keys", Audience::Public, &[(Locale::En, "Keys open DOORS."), (Locale::Fa, dari)]).await;
    published(ports, "inner", Audience::Partner, &[(Locale::En, "Doors for partners.")]).await;
    let search = async |question: &str, locales: &[Locale], audiences: &[Audience]| -> Vec<String> {
        let question = DocsQuestion {
            text: SearchText::of(question),
            api_version: "v1".to_owned(),
            locales: locales.to_vec(),
            audiences: audiences.to_vec(),
        };
        let found = ports.docs().search(&question, 10).await.unwrap();
        found.iter().map(|found| format!("{} {}", found.entry.slug, found.entry.locale.as_str())).collect()
    };
    let (both, public) = ([Locale::En, Locale::Fa], [Audience::Public]);
    // Arabic kaf and yeh; ASCII digits; joined and spaced.
    for question in [
        "\u{643}\u{644}\u{64a}\u{62f}",
        "api 12",
        "12 \u{643}\u{644}\u{64a}\u{62f}",
        "\u{645}\u{64a}\u{631}\u{648}\u{62f}",
        "\u{645}\u{64a} \u{631}\u{648}\u{62f}",
        "100%",
        "_a\\b",
    ] {
        assert_eq!(search(question, &both, &public).await, ["keys fa"], "{question}");
    }
    for question in ["", " ", "10_%", "kez", "100% doors", "%", "x'; --"] {
        let found = search(question, &both, &public).await;
        assert_eq!(found.is_empty(), question != "%", "{question}: {found:?}");
    }
    assert_eq!(search("open doors", &both, &public).await, ["keys en"]);
    assert!(search("doors", &[Locale::Fa], &public).await.is_empty(), "another locale");
    assert_eq!(search("doors", &both, Audience::ALL).await, ["inner en", "keys en"]);
    assert_eq!(search("title", &both, &public).await, ["keys en", "keys fa"], "titles count too");
}

/// A newer text is found once it is read, and the older one no more.
pub async fn a_search_follows_what_is_published(ports: &SuitePorts) {
    let mut article = published(ports, "keys", Audience::Public, &[(Locale::En, "alpha")]).await;
    let found = async |word: &str| {
        let question = DocsQuestion {
            text: SearchText::of(word),
            api_version: "v1".to_owned(),
            locales: vec![Locale::En],
            audiences: vec![Audience::Public],
        };
        ports.docs().search(&question, 10).await.unwrap().len()
    };
    write(&mut article, ports, Locale::En, "A title", "beta");
    let mut article = ports.stored(ports.docs(), article).await;
    assert_eq!((found("alpha").await, found("beta").await), (1, 0));
    let report = LinkReport::check(ArticleRevision::digest("beta"), [], "v1", &|_| true);
    make::applied(article.publish_revision(2, &[report], ports.now()));
    ports.put(ports.docs(), article).await;
    assert_eq!((found("alpha").await, found("beta").await), (0, 1));
}

/// The list of articles turns its pages, newest first, for the platform.
pub async fn the_list_turns_its_pages(ports: &SuitePorts) {
    let mut rows = Vec::new();
    for number in 0..6 {
        let article = draft(ports, &format!("a{number}"), "x");
        rows.push((article.data().created_at, article.id().to_string()));
        ports.put(ports.docs(), article).await;
        ports.advance(Duration::from_micros(u64::from(number % 3 == 2)));
    }
    assert_pages(&newest_first(&rows), async |request| {
        let page =
            ports.docs().list_articles(&Scope::PlatformAdmin, Some(ArticleState::Draft), &request).await?;
        Ok(page.map(|article: DocsArticle| article.id().to_string()))
    })
    .await;
    let page = sarai_ports::PageRequest::first(10);
    assert!(ports.docs().list_articles(&Scope::Public, None, &page).await.unwrap().items.is_empty());
    let none = ports.docs().list_articles(&Scope::PlatformAdmin, Some(ArticleState::Archived), &page).await;
    assert!(none.unwrap().items.is_empty());
}
