//! The table of pages: what is where, and who may see it.

use std::time::Duration;

use poem::http::Method;
use sarai_ports::customer_portal::webhooks::WebhookAction;

use crate::{
    pages::{
        account, deliveries, docs, doctor, errors, invoices, keys, locale, messages, overview, receipt,
        replay, sandbox, sandboxes, sandboxes::SandboxEnd, sdks, send_test, sign_in, usage, verifications,
        webhooks,
    },
    reply::Outcome,
    visit::{PAGE, Visit},
};

/// Who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Everybody.
    Nothing,
    /// Whoever is signed in.
    Session,
    /// Whoever is signed in as a customer: messages and money.
    Customer,
    /// Whoever is signed in as a developer (ruling R31).
    Developer,
}

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    SignIn,
    SendSignIn,
    SignOut,
    Overview,
    Keys,
    NewKey,
    CreateKey,
    AskRevoke,
    Revoke,
    AskRotate,
    Rotate,
    Messages,
    MessagesCsv,
    ShareMessages,
    Message,
    SendTest,
    QuoteTest,
    ConfirmTest,
    Webhooks,
    NewWebhook,
    CreateWebhook,
    Webhook,
    EditWebhook,
    ActOnWebhook(WebhookAction),
    TestWebhook,
    AskDeleteWebhook,
    DeleteWebhook,
    AskRoll,
    Roll,
    Deliveries,
    Delivery,
    Replay,
    AskReplayFailed,
    ReplayFailed,
    Doctor,
    Examine,
    Receipt,
    Invoices,
    InvoicePdf,
    Usage,
    UsageCsv,
    Account,
    SaveAccount,
    Locale,
    ErrorCodes,
    // Developers'.
    Verifications,
    Verification,
    Sandboxes,
    NewSandbox,
    CreateSandbox,
    Sandbox,
    AdvanceSandbox,
    ExtendSandbox,
    AskEndSandbox(SandboxEnd),
    EndSandbox(SandboxEnd),
    Docs,
    SearchDocs,
    Article,
    Sdks,
    SdkFile,
}

impl Page {
    /// How long its calls may take together; none: as long as they take.
    pub(crate) const fn limit(self) -> Option<Duration> {
        match self {
            Self::MessagesCsv => None,
            // Whoever tests an endpoint waits for it.
            Self::TestWebhook => Some(Duration::from_secs(16)),
            _ => Some(PAGE),
        }
    }

    /// Whether its form only asks something, so that nothing was done when no answer came.
    pub(crate) const fn only_asks(self) -> bool {
        matches!(self, Self::QuoteTest | Self::Examine)
    }
}

/// A row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: &'static Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    pub(crate) page: Page,
}

const fn get(path: &'static str, page: Page) -> Route {
    Route { method: &Method::GET, path, needs: Needs::Session, page }
}

const fn post(path: &'static str, page: Page) -> Route {
    Route { method: &Method::POST, path, needs: Needs::Session, page }
}

const fn open(route: Route) -> Route {
    Route { needs: Needs::Nothing, ..route }
}

const fn customer(route: Route) -> Route {
    Route { needs: Needs::Customer, ..route }
}

const fn developer(route: Route) -> Route {
    Route { needs: Needs::Developer, ..route }
}

#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    open(get("/sign-in", Page::SignIn)),
    open(post("/sign-in", Page::SendSignIn)),
    open(post("/sign-out", Page::SignOut)),
    open(post("/locale", Page::Locale)),
    customer(get("/help/error-codes", Page::ErrorCodes)),
    get("/", Page::Overview),
    get("/api-keys", Page::Keys),
    post("/api-keys", Page::CreateKey),
    get("/api-keys/new", Page::NewKey),
    get("/api-keys/{id}/revoke", Page::AskRevoke),
    post("/api-keys/{id}/revoke", Page::Revoke),
    get("/api-keys/{id}/rotate", Page::AskRotate),
    post("/api-keys/{id}/rotate", Page::Rotate),
    customer(get("/messages", Page::Messages)),
    customer(get("/messages.csv", Page::MessagesCsv)),
    customer(post("/messages/share", Page::ShareMessages)),
    customer(get("/messages/{id}", Page::Message)),
    customer(get("/send-test", Page::SendTest)),
    customer(post("/send-test", Page::QuoteTest)),
    customer(post("/send-test/confirm", Page::ConfirmTest)),
    get("/webhooks", Page::Webhooks),
    post("/webhooks", Page::CreateWebhook),
    get("/webhooks/new", Page::NewWebhook),
    get("/webhooks/{id}", Page::Webhook),
    post("/webhooks/{id}", Page::EditWebhook),
    post("/webhooks/{id}/enable", Page::ActOnWebhook(WebhookAction::Enable)),
    post("/webhooks/{id}/disable", Page::ActOnWebhook(WebhookAction::Disable)),
    post("/webhooks/{id}/test", Page::TestWebhook),
    get("/webhooks/{id}/delete", Page::AskDeleteWebhook),
    post("/webhooks/{id}/delete", Page::DeleteWebhook),
    get("/webhooks/{id}/roll-secret", Page::AskRoll),
    post("/webhooks/{id}/roll-secret", Page::Roll),
    get("/webhooks/{id}/deliveries", Page::Deliveries),
    get("/deliveries/{id}", Page::Delivery),
    post("/deliveries/{id}/replay", Page::Replay),
    get("/webhooks/{id}/replay-failed", Page::AskReplayFailed),
    post("/webhooks/{id}/replay-failed", Page::ReplayFailed),
    get("/deliveries/{id}/doctor", Page::Doctor),
    post("/deliveries/{id}/doctor", Page::Examine),
    customer(get("/messages/{id}/receipt", Page::Receipt)),
    customer(get("/invoices", Page::Invoices)),
    customer(get("/invoices/{id}/pdf", Page::InvoicePdf)),
    get("/usage", Page::Usage),
    get("/usage.csv", Page::UsageCsv),
    get("/account", Page::Account),
    post("/account", Page::SaveAccount),
    developer(get("/verifications", Page::Verifications)),
    developer(get("/verifications/{id}", Page::Verification)),
    developer(get("/sandbox", Page::Sandboxes)),
    developer(post("/sandbox", Page::CreateSandbox)),
    developer(get("/sandbox/new", Page::NewSandbox)),
    developer(get("/sandbox/{id}", Page::Sandbox)),
    developer(post("/sandbox/{id}/clock", Page::AdvanceSandbox)),
    developer(post("/sandbox/{id}/extend", Page::ExtendSandbox)),
    developer(get("/sandbox/{id}/reset", Page::AskEndSandbox(SandboxEnd::Reset))),
    developer(post("/sandbox/{id}/reset", Page::EndSandbox(SandboxEnd::Reset))),
    developer(get("/sandbox/{id}/close", Page::AskEndSandbox(SandboxEnd::Close))),
    developer(post("/sandbox/{id}/close", Page::EndSandbox(SandboxEnd::Close))),
    developer(get("/docs", Page::Docs)),
    developer(get("/docs/search", Page::SearchDocs)),
    developer(get("/docs/{id}/{slug}", Page::Article)),
    developer(get("/sdks", Page::Sdks)),
    developer(get("/sdks/artifacts/{id}/download", Page::SdkFile)),
];

/// Where a form stands.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// Where it is sent to.
    sent_to: &'static str,
    /// The page it stands on.
    stands_on: &'static str,
    /// Whether that page shows again what was typed (`Visit::draft`).
    keeps: bool,
    /// Where it is seen what became of it.
    seen_on: &'static str,
}

/// Forms that are sent elsewhere than to their own page, or whose page shows again what was typed. Every other form
/// stands where it is sent to, and keeps nothing.
#[rustfmt::skip]
const FORMS: &[Form] = &[
    Form { sent_to: "/sign-out", stands_on: "/", keeps: false, seen_on: "/" },
    Form { sent_to: "/locale", stands_on: "/", keeps: false, seen_on: "/" },
    Form { sent_to: "/account", stands_on: "/account", keeps: true, seen_on: "/account" },
    Form { sent_to: "/api-keys", stands_on: "/api-keys/new", keeps: true, seen_on: "/api-keys" },
    Form { sent_to: "/api-keys/{id}/revoke", stands_on: "/api-keys/{id}/revoke", keeps: false, seen_on: "/api-keys" },
    Form { sent_to: "/api-keys/{id}/rotate", stands_on: "/api-keys/{id}/rotate", keeps: false, seen_on: "/api-keys" },
    Form { sent_to: "/messages/share", stands_on: "/messages", keeps: false, seen_on: "/messages" },
    Form { sent_to: "/send-test", stands_on: "/send-test", keeps: true, seen_on: "/messages" },
    Form { sent_to: "/send-test/confirm", stands_on: "/send-test", keeps: true, seen_on: "/messages" },
    Form { sent_to: "/webhooks", stands_on: "/webhooks/new", keeps: true, seen_on: "/webhooks" },
    Form { sent_to: "/webhooks/{id}", stands_on: "/webhooks/{id}", keeps: true, seen_on: "/webhooks/{id}" },
    Form { sent_to: "/webhooks/{id}/enable", stands_on: "/webhooks/{id}", keeps: false, seen_on: "/webhooks/{id}" },
    Form { sent_to: "/webhooks/{id}/disable", stands_on: "/webhooks/{id}", keeps: false, seen_on: "/webhooks/{id}" },
    Form { sent_to: "/webhooks/{id}/test", stands_on: "/webhooks/{id}", keeps: false, seen_on: "/webhooks/{id}/deliveries" },
    Form { sent_to: "/webhooks/{id}/delete", stands_on: "/webhooks/{id}/delete", keeps: false, seen_on: "/webhooks" },
    Form { sent_to: "/webhooks/{id}/replay-failed", stands_on: "/webhooks/{id}/replay-failed", keeps: false, seen_on: "/webhooks/{id}/deliveries" },
    Form { sent_to: "/deliveries/{id}/replay", stands_on: "/deliveries/{id}", keeps: false, seen_on: "/deliveries/{id}" },
    Form { sent_to: "/deliveries/{id}/doctor", stands_on: "/deliveries/{id}/doctor", keeps: true, seen_on: "/deliveries/{id}" },
    Form { sent_to: "/sandbox", stands_on: "/sandbox/new", keeps: true, seen_on: "/sandbox" },
    Form { sent_to: "/sandbox/{id}/clock", stands_on: "/sandbox/{id}", keeps: false, seen_on: "/sandbox/{id}" },
    Form { sent_to: "/sandbox/{id}/extend", stands_on: "/sandbox/{id}", keeps: false, seen_on: "/sandbox/{id}" },
    Form { sent_to: "/sandbox/{id}/reset", stands_on: "/sandbox/{id}/reset", keeps: false, seen_on: "/sandbox/{id}" },
    Form { sent_to: "/sandbox/{id}/close", stands_on: "/sandbox/{id}/close", keeps: false, seen_on: "/sandbox" },
];

/// A form's pages, by where it is sent to.
pub(crate) struct Stands {
    /// The page it stands on.
    pub(crate) page: String,
    /// Whether that page shows again what was typed.
    pub(crate) keeps: bool,
    /// Where it is seen what became of it.
    pub(crate) seen: String,
}

/// Where the form stands that is sent to this path.
pub(crate) fn stands(path: &str) -> Stands {
    let form = FORMS.iter().find_map(|form| Some((form, matched(form.sent_to, path)?)));
    let Some((form, [id, _])) = form else {
        return Stands { page: path.to_owned(), keeps: false, seen: path.to_owned() };
    };
    let of = |pattern: &str| pattern.replace("{id}", id);
    Stands { page: of(form.stands_on), keeps: form.keeps, seen: of(form.seen_on) }
}

/// What a path names: at most two things.
pub(crate) type Named<'p> = [&'p str; 2];

/// The row of a request, and what its path names.
pub(crate) fn find<'p>(method: &Method, path: &'p str) -> Option<(&'static Route, Named<'p>)> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let rows = ROUTES.iter().filter(|row| row.method == method);
    let mut found: Vec<_> = rows.filter_map(|row| Some((row, matched(row.path, path)?))).collect();
    // A literal path wins over one with an id.
    found.sort_by_key(|(row, _)| row.path.contains('{'));
    found.into_iter().next()
}

/// Whether there is a page at a path, whatever the method.
pub(crate) fn knows(path: &str) -> bool {
    ROUTES.iter().any(|row| matched(row.path, path).is_some())
}

/// What a path of this pattern names, in order; empty where the pattern names nothing.
fn matched<'p>(pattern: &str, path: &'p str) -> Option<Named<'p>> {
    let (mut named, mut parts) = ([""; 2], path.split('/'));
    let mut places = named.iter_mut();
    for wanted in pattern.split('/') {
        let part = parts.next()?;
        if wanted.starts_with('{') {
            let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            if part.is_empty() || part.len() > 128 || !plain {
                return None;
            }
            *places.next()? = part;
        } else if part != wanted {
            return None;
        }
    }
    parts.next().is_none().then_some(named)
}

/// What a page answers.
pub(crate) async fn run(page: Page, visit: &mut Visit<'_>, [id, slug]: Named<'_>) -> Outcome {
    match page {
        Page::SignIn => Ok(sign_in::show(visit)),
        Page::SendSignIn => sign_in::send(visit).await,
        Page::SignOut => Ok(sign_in::out(visit).await),
        Page::Overview => overview::show(visit).await,
        Page::Keys => keys::list(visit).await,
        Page::NewKey => Ok(keys::new(visit)),
        Page::CreateKey => keys::create(visit).await,
        Page::AskRevoke => keys::ask_revoke(visit, id).await,
        Page::Revoke => keys::revoke(visit, id).await,
        Page::AskRotate => keys::ask_rotate(visit, id).await,
        Page::Rotate => keys::rotate(visit, id).await,
        Page::Messages => messages::list(visit).await,
        Page::MessagesCsv => messages::export(visit).await,
        Page::ShareMessages => messages::share(visit),
        Page::Message => messages::detail(visit, id).await,
        Page::SendTest => send_test::show(visit).await,
        Page::QuoteTest => send_test::quote(visit).await,
        Page::ConfirmTest => send_test::send(visit).await,
        Page::Webhooks => webhooks::list(visit).await,
        Page::NewWebhook => Ok(webhooks::new(visit)),
        Page::CreateWebhook => webhooks::create(visit).await,
        Page::Webhook => webhooks::show(visit, id).await,
        Page::EditWebhook => webhooks::edit(visit, id).await,
        Page::ActOnWebhook(action) => webhooks::act(visit, id, action).await,
        Page::TestWebhook => webhooks::test(visit, id).await,
        Page::AskDeleteWebhook => webhooks::ask_delete(visit, id).await,
        Page::DeleteWebhook => webhooks::delete(visit, id).await,
        Page::AskRoll => webhooks::ask_roll(visit, id).await,
        Page::Roll => webhooks::roll(visit, id).await,
        Page::Deliveries => deliveries::list(visit, id).await,
        Page::Delivery => deliveries::show(visit, id).await,
        Page::Replay => deliveries::replay(visit, id).await,
        Page::AskReplayFailed => replay::ask(visit, id).await,
        Page::ReplayFailed => replay::send(visit, id).await,
        Page::Doctor => doctor::show(visit, id).await,
        Page::Examine => doctor::examine(visit, id).await,
        Page::Receipt => receipt::show(visit, id).await,
        Page::Invoices => invoices::list(visit).await,
        Page::InvoicePdf => invoices::pdf(visit, id).await,
        Page::Usage => usage::show(visit).await,
        Page::UsageCsv => usage::export(visit).await,
        Page::Account => Ok(account::show(visit)),
        Page::SaveAccount => Ok(account::save(visit)),
        Page::Locale => Ok(locale::choose(visit)),
        Page::ErrorCodes => errors::codes(visit).await,
        Page::Verifications => verifications::list(visit).await,
        Page::Verification => verifications::show(visit, id).await,
        Page::Sandboxes => sandboxes::list(visit).await,
        Page::NewSandbox => sandboxes::new(visit).await,
        Page::CreateSandbox => sandboxes::create(visit).await,
        Page::Sandbox => sandbox::show(visit, id).await,
        Page::AdvanceSandbox => sandbox::advance(visit, id).await,
        Page::ExtendSandbox => sandbox::extend(visit, id).await,
        Page::AskEndSandbox(end) => sandboxes::ask_end(visit, id, end).await,
        Page::EndSandbox(end) => sandboxes::end(visit, id, end).await,
        Page::Docs => docs::index(visit).await,
        Page::SearchDocs => docs::search(visit).await,
        Page::Article => docs::article(visit, id, slug).await,
        Page::Sdks => sdks::list(visit).await,
        Page::SdkFile => sdks::file(visit, id).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_row_and_its_id() {
        let page = |method: &Method, path| find(method, path).map(|(row, [id, _])| (row.page, id.to_owned()));
        assert_eq!(page(&Method::GET, "/api-keys/new"), Some((Page::NewKey, String::new())));
        assert_eq!(page(&Method::GET, "/api-keys/key_1/revoke"), Some((Page::AskRevoke, "key_1".to_owned())));
        assert_eq!(page(&Method::HEAD, "/"), Some((Page::Overview, String::new())));
        for path in
            ["/api-keys/", "/api-keys//revoke", "/api-keys/../revoke", "/api-keys/a%2fb/revoke", "/nothing"]
        {
            assert_eq!(page(&Method::GET, path), None, "{path}");
        }
        assert_eq!(page(&Method::POST, "/"), None);
        let (row, named) = find(&Method::GET, "/docs/v1/errors").unwrap();
        assert_eq!((row.page, named), (Page::Article, ["v1", "errors"]));
        assert_eq!(page(&Method::GET, "/docs/search"), Some((Page::SearchDocs, String::new())));
        // The API's own page.
        assert_eq!(page(&Method::GET, "/docs/api"), None);
    }

    #[test]
    fn every_form_stands_on_a_page_and_what_became_of_it_is_on_one() {
        for row in ROUTES.iter().filter(|row| *row.method == Method::POST) {
            let stands = stands(&row.path.replace("{id}", "id_1"));
            for page in [&stands.page, &stands.seen] {
                let (known, named) = find(&Method::GET, page).unwrap();
                // `/messages/{id}` has something at `/messages/share`, and shows nothing there.
                let id = if page.contains("id_1") { "id_1" } else { "" };
                assert_eq!(named[0], id, "{}: {page} is {}", row.path, known.path);
            }
        }
        for form in FORMS {
            assert!(ROUTES.iter().any(|row| row.path == form.sent_to && *row.method == Method::POST));
        }
        assert_eq!(stands("/deliveries/dlv_1/replay").page, "/deliveries/dlv_1");
        assert_eq!(stands("/messages/share").page, "/messages");
    }

    #[test]
    fn no_row_is_there_twice() {
        for (place, row) in ROUTES.iter().enumerate() {
            let again = ROUTES
                .iter()
                .skip(place + 1)
                .find(|other| other.method == row.method && other.path == row.path);
            assert!(again.is_none(), "{} {}", row.method, row.path);
        }
    }
}
