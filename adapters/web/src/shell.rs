//! What is around every page: head, header, navigation, footer.

use maud::{DOCTYPE, Markup, html};
use sarai_application::customer_portal::preferences::Theme;
use sarai_domain::devportal::values::Locale;

use crate::{assets::ASSETS, visit::Visit};

/// The navigation: path, word and picture.
const NAVIGATION: &[(&str, &str, &str)] = &[
    ("/", "nav-overview", "overview"),
    ("/messages", "nav-messages", "messages"),
    ("/send-test", "nav-send-test", "send"),
    ("/api-keys", "nav-api-keys", "key"),
    ("/webhooks", "nav-webhooks", "webhook"),
    ("/invoices", "nav-invoices", "invoice"),
    ("/usage", "nav-usage", "usage"),
    ("/account", "nav-account", "account"),
];

/// The navigation of developers (ruling R31).
const DEVELOPERS: &[(&str, &str, &str)] = &[
    ("/verifications", "nav-verifications", "verification"),
    ("/sandbox", "nav-sandbox", "sandbox"),
    ("/docs", "nav-docs", "docs"),
    ("/sdks", "nav-sdks", "sdk"),
];

/// Each language in its own words.
pub(crate) const LANGUAGES: [(Locale, &str); 3] =
    [(Locale::En, "English"), (Locale::Ps, "پښتو"), (Locale::Fa, "دری")];

/// The tag of a language on a page.
pub(crate) const fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::Fa => "fa-AF",
        other => other.as_str(),
    }
}

/// A page's own part.
pub(crate) struct Content {
    /// Its title.
    pub(crate) title: String,
    /// Whether something on it is wrong: said in the title first.
    pub(crate) wrong: bool,
    /// What it shows, beginning with its heading.
    pub(crate) main: Markup,
}

impl Content {
    /// A page with this title.
    pub(crate) fn new(title: String, main: Markup) -> Self {
        Self { title, wrong: false, main }
    }
}

/// A whole page.
pub(crate) fn page(visit: &Visit<'_>, content: &Content) -> Markup {
    let reading = &visit.reading;
    let theme = Some(reading.theme).filter(|theme| *theme != Theme::System).map(Theme::name);
    let sandbox = visit.is_sandbox();
    let signed = visit.signed.as_ref();
    html! {
        (DOCTYPE)
        html lang=(tag(reading.locale)) dir=(reading.locale.dir().as_str()) data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Numbers, texts and secrets are nothing for a translator elsewhere; the words are there three times.
                meta name="google" content="notranslate";
                title { @if content.wrong { (visit.t("title-error")) " " } (content.title) " – " (visit.t("product")) }
                link rel="stylesheet" href=(ASSETS.style.path);
                link rel="icon" type="image/svg+xml" href=(ASSETS.icon.path);
                script defer src=(ASSETS.script.path) {}
            }
            body {
                a.skip href="#main" { (visit.t("skip")) }
                header.top {
                    a.brand href=(visit.href("/")) { img src=(ASSETS.icon.path) alt="" width="28" height="28"; (visit.t("product")) }
                    @if let Some(signed) = signed {
                        div.worlds role="group" aria-label=(visit.t("environment")) {
                            @if sandbox {
                                a href="/" title=(visit.t("env-to-production")) { (visit.t("env-production")) }
                                span.state.waiting { span aria-hidden="true" { "◐" } (visit.t("env-sandbox")) }
                            } @else {
                                span.state.good { span aria-hidden="true" { "●" } (visit.t("env-production")) }
                                a href="/?env=sandbox" title=(visit.t("env-to-sandbox")) { (visit.t("env-sandbox")) }
                            }
                        }
                        a.button.plain.small.menu href="#nav" { (picture("menu")) (visit.t("menu")) }
                        span.who { span.face aria-hidden="true" { (signed.who.email.chars().next().unwrap_or('•').to_ascii_uppercase()) } span { bdi dir="ltr" { (signed.who.email) } span.sub { bdi dir="ltr" { (signed.who.account_id) } } } }
                        form method="post" action="/sign-out" {
                            (token(visit, "/sign-out"))
                            button.plain.small type="submit" { (visit.t("sign-out")) }
                        }
                    }
                }
                @if signed.is_some() {
                    div.frame {
                        (navigation(visit))
                        main #main { (flash(visit)) (content.main) }
                    }
                } @else {
                    div.alone { main #main { (flash(visit)) (content.main) } }
                }
                (footer(visit))
            }
        }
    }
}

/// The hidden fields of a form: that it is ours, and its world.
pub(crate) fn token(visit: &Visit<'_>, action: &str) -> Markup {
    html! {
        input type="hidden" name="_f" value=(visit.form_token(action));
        @if visit.is_sandbox() { input type="hidden" name="env" value="sandbox"; }
    }
}

fn flash(visit: &Visit<'_>) -> Markup {
    let sentence = visit.visitor.flash.as_deref().filter(|id| visit.words.has(id));
    html! {
        @if let Some(id) = sentence { div.box.good role="status" { p { (visit.t(id)) } } }
    }
}

/// One of the pictures in `icon.svg`; beside words, never instead of them.
pub(crate) fn picture(name: &str) -> Markup {
    html! { svg.i aria-hidden="true" viewBox="0 0 24 24" { use href={ (ASSETS.icon.path) "#" (name) } {} } }
}

fn navigation(visit: &Visit<'_>) -> Markup {
    let current = |path: &str| {
        let here = visit.path == path || (path != "/" && visit.path.starts_with(&format!("{path}/")));
        let here = here || (path == "/webhooks" && visit.path.starts_with("/deliveries/"));
        here.then_some("page")
    };
    let items = |items: &[(&str, &str, &str)]| {
        html! {
            @for (path, word, drawn) in items.iter().filter(|(path, ..)| visit.may_see(path)) {
                li { a href=(visit.href(path)) aria-current=[current(path)] { (picture(drawn)) (visit.t(word)) } }
            }
        }
    };
    html! {
        nav #nav aria-label=(visit.t("nav-label")) {
            ul { (items(NAVIGATION)) }
            @if visit.is_developer() {
                p #nav-developers { (visit.t("nav-developers")) }
                ul aria-labelledby="nav-developers" { (items(DEVELOPERS)) }
            }
        }
    }
}

fn footer(visit: &Visit<'_>) -> Markup {
    html! {
        footer.foot {
            @if visit.may_see("/help/error-codes") { a href=(visit.href("/help/error-codes")) { (visit.t("footer-help")) } }
            @else { span { (visit.t("product")) } }
            form.locale method="post" action="/locale" {
                (token(visit, "/locale"))
                input type="hidden" name="back" value=(visit.here());
                // A page that answers a form is not there to come back to: what was typed goes along.
                @if let Some(typed) = visit.typed() { input type="hidden" name="typed" value=(typed); }
                @for (locale, name) in LANGUAGES {
                    @let own = tag(locale);
                    @let here = (locale == visit.reading.locale).then_some("true");
                    button.plain.small type="submit" name="lang" value=(locale.as_str()) lang=(own) dir=(locale.dir().as_str()) aria-current=[here] { (name) }
                }
            }
        }
    }
}
