//! A secret that is shown once (customer-portal.md 3): in the answer to the form that made it, and nowhere else.

use maud::{Markup, html};
use sarai_ports::customer_portal::SecretText;

use crate::{
    reply::Reply,
    shell::{self, Content},
    visit::Visit,
};

/// What is shown with a secret.
pub(crate) struct Shown<'a> {
    /// What happened.
    pub(crate) title: &'static str,
    /// That it is shown once.
    pub(crate) warning: &'static str,
    /// That it was shown before.
    pub(crate) again: &'static str,
    /// What it is.
    pub(crate) label: &'static str,
    /// That it was kept.
    pub(crate) saved: &'static str,
    /// It; none when it was shown before.
    pub(crate) secret: Option<&'a SecretText>,
    /// The environment variable it goes into.
    pub(crate) variable: &'static str,
    /// The list it belongs to.
    pub(crate) back: &'a str,
    /// The list with its row marked.
    pub(crate) then: &'a str,
    /// What to do when it was not kept.
    pub(crate) instead: Option<(&'static str, &'a str)>,
    /// What it belongs to.
    pub(crate) facts: Markup,
}

/// The page.
pub(crate) fn once(visit: &Visit<'_>, shown: &Shown<'_>) -> Reply {
    let title = visit.t(shown.title);
    let Some(secret) = shown.secret else {
        let main = html! {
            h1 { (title) }
            div.box.waiting { p { (visit.t(shown.again)) } }
            section.card { dl.facts { (shown.facts) } }
            div.acts {
                a.button href=(shown.then) { (visit.t("secret-to-list")) }
                @if let Some((word, href)) = shown.instead { a.button.plain href=(href) { (visit.t(word)) } }
            }
        };
        return Reply::ok(shell::page(visit, &Content::new(title, main)));
    };
    let (path, query) = shown.then.split_once('?').unwrap_or((shown.then, ""));
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let main = html! {
        h1 { (title) }
        dialog open closedby="none" aria-labelledby="secret-title" data-then=(shown.back) {
            h2 #secret-title tabindex="-1" autofocus { (visit.t(shown.label)) }
            div.box.waiting { p { strong { (visit.t(shown.warning)) } } }
            p #secret-hint.hint { (visit.t("secret-hint")) }
            code.secret #secret data-secret data-wipe dir="ltr" translate="no" aria-describedby="secret-hint" { (secret.reveal()) }
            div.acts {
                button.plain type="button" hidden data-js data-copy="secret" data-say="copied" data-done=(visit.t("copied")) data-fail=(visit.t("copy-failed")) { (visit.t("copy")) }
                output #copied role="status" {}
            }
            p.hint { (visit.t("secret-variable")) }
            pre dir="ltr" data-wipe translate="no" { "export " (shown.variable) "=…" }
            dl.facts { (shown.facts) }
            form method="get" action=(path) {
                @for (name, value) in &pairs { input type="hidden" name=(name) value=(value); }
                p {}
                button type="submit" { (visit.t(shown.saved)) }
            }
        }
    };
    Reply::Secret(shell::page(visit, &Content::new(title, main)))
}
