//! Links: what can be published, and the tricks that cannot.

use super::*;

fn faults(links: &[&str]) -> Vec<(String, LinkFault)> {
    let exists = |target: &Target| match target {
        Target::Article { api_version, slug } => api_version == "v1" && slug.as_str() == "webhooks",
        Target::Page(path) => path == "/sdks",
    };
    let report = LinkReport::check(crate::kernel::Hex([0; 32]), links.iter().copied(), "v1", &exists);
    report.broken.into_iter().map(|link| (link.target, link.fault)).collect()
}

#[test]
fn pages_articles_and_https_are_links() {
    let good = [
        "#top",
        "https://example.com/a?b#c",
        "mailto:help@sarai.example",
        "/docs/v1/webhooks",
        "/docs/v1/webhooks#retries",
        "webhooks",
        "./webhooks?x=1",
        "/sdks",
    ];
    assert_eq!(faults(&good), []);
}

#[test]
fn what_leads_nowhere_or_runs_something_is_named() {
    for (link, fault) in [
        ("javascript:alert(1)", LinkFault::Forbidden),
        ("JaVaScRiPt:alert(1)", LinkFault::Forbidden),
        ("java\nscript:alert(1)", LinkFault::Forbidden),
        (" javascript:alert(1)", LinkFault::Forbidden),
        ("\u{1}javascript:alert(1)", LinkFault::Forbidden),
        ("data:text/html,x", LinkFault::Forbidden),
        ("vbscript:x", LinkFault::Forbidden),
        ("file:///etc/passwd", LinkFault::Forbidden),
        ("//evil.example/x", LinkFault::Forbidden),
        ("\\\\evil.example", LinkFault::Forbidden),
        ("http://example.com/", LinkFault::Insecure),
        ("https://127.0.0.1/", LinkFault::NotFound),
        ("/docs/v2/webhooks", LinkFault::NotFound),
        ("/docs/v1/nothing", LinkFault::NotFound),
        ("nothing", LinkFault::NotFound),
        ("../v1/webhooks", LinkFault::NotFound),
        ("/a/../sdks", LinkFault::NotFound),
        ("/nothing", LinkFault::NotFound),
    ] {
        assert_eq!(faults(&[link]), [(link.to_owned(), fault)]);
    }
}
