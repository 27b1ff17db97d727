//! The table of pages: what is where, and who may see it.

use poem::http::Method;
use sarai_ports::customer_portal::webhooks::WebhookAction;

use crate::{
    pages::{
        account, deliveries, doctor, errors, invoices, keys, locale, messages, overview, receipt, replay,
        send_test, sign_in, usage, webhooks,
    },
    reply::Outcome,
    visit::Visit,
};

/// Who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Everybody.
    Nothing,
    /// Whoever is signed in.
    Session,
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
}

impl Page {
    /// Whether it takes as long as it takes.
    pub(crate) const fn is_export(self) -> bool {
        matches!(self, Self::MessagesCsv)
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

#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    open(get("/sign-in", Page::SignIn)),
    open(post("/sign-in", Page::SendSignIn)),
    open(post("/sign-out", Page::SignOut)),
    open(post("/locale", Page::Locale)),
    get("/help/error-codes", Page::ErrorCodes),
    get("/", Page::Overview),
    get("/api-keys", Page::Keys),
    post("/api-keys", Page::CreateKey),
    get("/api-keys/new", Page::NewKey),
    get("/api-keys/{id}/revoke", Page::AskRevoke),
    post("/api-keys/{id}/revoke", Page::Revoke),
    get("/api-keys/{id}/rotate", Page::AskRotate),
    post("/api-keys/{id}/rotate", Page::Rotate),
    get("/messages", Page::Messages),
    get("/messages.csv", Page::MessagesCsv),
    post("/messages/share", Page::ShareMessages),
    get("/messages/{id}", Page::Message),
    get("/send-test", Page::SendTest),
    post("/send-test", Page::QuoteTest),
    post("/send-test/confirm", Page::ConfirmTest),
    get("/webhooks", Page::Webhooks),
    post("/webhooks", Page::CreateWebhook),
    get("/webhooks/new", Page::NewWebhook),
    get("/webhooks/{id}", Page::Webhook),
    post("/webhooks/{id}", Page::EditWebhook),
    post("/webhooks/{id}/enable", Page::ActOnWebhook(WebhookAction::Enable)),
    post("/webhooks/{id}/disable", Page::ActOnWebhook(WebhookAction::Disable)),
    post("/webhooks/{id}/test", Page::ActOnWebhook(WebhookAction::Test)),
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
    get("/messages/{id}/receipt", Page::Receipt),
    get("/invoices", Page::Invoices),
    get("/invoices/{id}/pdf", Page::InvoicePdf),
    get("/usage", Page::Usage),
    get("/usage.csv", Page::UsageCsv),
    get("/account", Page::Account),
    post("/account", Page::SaveAccount),
];

/// The row of a request, and the id in its path.
pub(crate) fn find<'p>(method: &Method, path: &'p str) -> Option<(&'static Route, &'p str)> {
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

/// The id in a path that has this pattern; empty where the pattern has none.
fn matched<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let (mut id, mut parts) = ("", path.split('/'));
    for wanted in pattern.split('/') {
        let part = parts.next()?;
        if wanted == "{id}" {
            let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            if part.is_empty() || part.len() > 128 || !plain {
                return None;
            }
            id = part;
        } else if part != wanted {
            return None;
        }
    }
    parts.next().is_none().then_some(id)
}

/// What a page answers.
pub(crate) async fn run(page: Page, visit: &mut Visit<'_>, id: &str) -> Outcome {
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
        Page::Account => Ok(account::show(visit, &[])),
        Page::SaveAccount => Ok(account::save(visit)),
        Page::Locale => Ok(locale::choose(visit)),
        Page::ErrorCodes => errors::codes(visit).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_row_and_its_id() {
        let page = |method: &Method, path| find(method, path).map(|(row, id)| (row.page, id.to_owned()));
        assert_eq!(page(&Method::GET, "/api-keys/new"), Some((Page::NewKey, String::new())));
        assert_eq!(page(&Method::GET, "/api-keys/key_1/revoke"), Some((Page::AskRevoke, "key_1".to_owned())));
        assert_eq!(page(&Method::HEAD, "/"), Some((Page::Overview, String::new())));
        for path in
            ["/api-keys/", "/api-keys//revoke", "/api-keys/../revoke", "/api-keys/a%2fb/revoke", "/nothing"]
        {
            assert_eq!(page(&Method::GET, path), None, "{path}");
        }
        assert_eq!(page(&Method::POST, "/"), None);
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
