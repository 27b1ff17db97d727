//! API keys: the list, a new one with its secret, revoking, rotating.

use maud::{Markup, html};
use sarai_application::customer_portal::keys::{
    ApiKeyCreated, ApiKeyListItem, FieldError, NewKeyForm, OVERLAPS, Used, offered,
};
use sarai_domain::devportal::values::ScopeGroup;
use sarai_ports::customer_portal::{Answer, PlatformError, keys::NewKey};

use super::{
    Refused, refused,
    secret::{Shown, once},
};
use crate::{
    components::{
        Line, Pick, empty, ident, line, pick, state, summary, table, time, unavailable, user_text, wrong,
        zone_note,
    },
    reply::{Outcome, Reply, Trouble},
    shell::{self, Content, token},
    visit::{Visit, borrowed},
};

/// Of how many days the messages sent with a key are told before it is revoked.
const TRAFFIC_DAYS: u8 = 7;

/// The headings that scopes are offered under.
const GROUPS: &[(ScopeGroup, &str)] = &[
    (ScopeGroup::Messaging, "scopes-messaging"),
    (ScopeGroup::Billing, "scopes-billing"),
    (ScopeGroup::Verify, "scopes-verify"),
    (ScopeGroup::Keys, "scopes-keys"),
    (ScopeGroup::Webhooks, "scopes-webhooks"),
    (ScopeGroup::Usage, "scopes-usage"),
    (ScopeGroup::Market, "scopes-market"),
];

/// The sentence about a scope.
fn scope_text(visit: &Visit<'_>, scope: &str) -> String {
    let id = format!("scope-{}", scope.replace(':', "-"));
    if visit.words.has(&id) { visit.t(&id) } else { scope.to_owned() }
}

/// Every key of the tenant in this world, newest first.
pub(super) async fn all(visit: &Visit<'_>) -> Answer<Vec<ApiKeyListItem>> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    // Keys are limited to far fewer than a thousand.
    for _ in 0..10 {
        let page = visit.portal.platform.keys(visit.on(), cursor.as_deref()).await?;
        items.extend(page.data.iter().map(|key| ApiKeyListItem::of(key, visit.now)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(items)
}

/// `GET /api-keys`.
pub(crate) async fn list(visit: &mut Visit<'_>) -> Outcome {
    let items = all(visit).await?;
    let (active, over): (Vec<_>, Vec<_>) = items.iter().partition(|key| key.is_active());
    let title = visit.t("nav-api-keys");
    let main = html! {
        div.head {
            h1 { (title) }
            a.button href=(visit.href("/api-keys/new")) data-dialog="new" { (visit.t("key-create")) }
        }
        p.lead { (visit.t("keys-lead")) }
        @if active.is_empty() {
            (empty("key", &visit.t("keys-none"), &html! { p { (visit.t("keys-none-text")) } }))
        } @else {
            (table("keys", &visit.t("keys-caption"), &heads(visit, true), &html! { @for key in &active { (row(visit, key)) } }))
        }
        @if !over.is_empty() {
            details {
                summary { (visit.tn("keys-revoked", u64::try_from(over.len()).unwrap_or_default())) }
                (table("revoked", &visit.t("keys-revoked-caption"), &heads(visit, false), &html! { @for key in &over { (row(visit, key)) } }))
            }
        }
        (zone_note(visit))
        dialog #new aria-labelledby="new-title" {
            h2 #new-title { (visit.t("key-create")) }
            (form(visit, &NewKeyForm::default(), &[], true))
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

fn heads(visit: &Visit<'_>, active: bool) -> Markup {
    html! {
        th scope="col" { (visit.t("key-name")) }
        th scope="col" { (visit.t("key-scopes")) }
        th scope="col" { (visit.t("status")) }
        th scope="col" { (visit.t("key-last-used")) }
        th scope="col" { (visit.t("created-at")) }
        @if active { th scope="col" { (visit.t("actions")) } } @else { th scope="col" { (visit.t("key-revoked-at")) } }
    }
}

fn used(visit: &Visit<'_>, key: &ApiKeyListItem) -> Markup {
    match key.used {
        Used::Never => html! { (visit.t("key-never-used")) },
        Used::At(at) => time(visit, at),
        Used::NotFor(days) => html! { (visit.tn("key-not-used-for", days)) },
    }
}

fn row(visit: &Visit<'_>, key: &ApiKeyListItem) -> Markup {
    let fresh = visit.asked("created") == Some(key.key_id.as_str());
    html! {
        tr .new[fresh] {
            th scope="row" {
                (user_text(&key.name))
                @if let Some(trace) = &key.trace { span.sub { bdi dir="ltr" class="mono nowrap" { (trace) } } }
                span.sub { (ident(&key.key_id)) }
            }
            td { (scopes(visit, &key.scopes)) }
            td {
                (state(visit, key.status))
                @if let Some(at) = key.retires_at { span.sub { (visit.t("key-retires-at")) " " (time(visit, at)) } }
            }
            td { (used(visit, key)) }
            td { (time(visit, key.created_at)) }
            @if key.is_active() {
                td { div.acts {
                    a.button.plain.small href=(visit.href(&format!("/api-keys/{}/rotate", key.key_id))) aria-label=(visit.tf("key-rotate-named", &[("name", &key.name)])) { (visit.t("key-rotate")) }
                    a.button.plain.small href=(visit.href(&format!("/api-keys/{}/revoke", key.key_id))) aria-label=(visit.tf("key-revoke-named", &[("name", &key.name)])) { (visit.t("key-revoke")) }
                } }
            } @else {
                td { @if let Some(at) = key.revoked_at { (time(visit, at)) } @else { "–" } }
            }
        }
    }
}

/// Scopes with what each allows.
fn scopes(visit: &Visit<'_>, scopes: &[String]) -> Markup {
    html! { @for scope in scopes { div { span.tag { bdi dir="ltr" { (scope) } } " " span.note { (scope_text(visit, scope)) } } } }
}

fn form(visit: &Visit<'_>, form: &NewKeyForm, errors: &[FieldError], in_dialog: bool) -> Markup {
    let scopes_error = wrong(errors, "scope");
    let first = offered().next();
    html! {
        form.fields.wide method="post" action="/api-keys" {
            (token(visit, "/api-keys"))
            (line(visit, &Line { name: "name", label: "key-name", hint: Some("key-name-hint"), value: &form.name, most: 64, ..Line::default() }, errors))
            fieldset aria-describedby=[scopes_error.map(|_| "e-scope")] {
                legend { (visit.t("key-scopes")) }
                @if let Some(error) = scopes_error { p.err #e-scope { (visit.t(error.message)) } }
                div.groups { @for (group, heading) in GROUPS {
                    @let scopes: Vec<_> = offered().filter(|scope| scope.group() == *group && visit.may_give(*scope)).collect();
                    @if !scopes.is_empty() {
                        div { p.hint { (visit.t(heading)) }
                        @for scope in scopes {
                            @let text = scope.as_str();
                            (pick(&Pick { kind: "checkbox", name: "scope", value: text, chosen: form.scopes.iter().any(|own| own == text),
                                label: html! { bdi dir="ltr" { code { (text) } } }, more: html! { (scope_text(visit, text)) } }, Some(scope) == first))
                        } }
                    }
                } }
            }
            p.note { (visit.t(if visit.is_sandbox() { "key-env-sandbox" } else { "key-env-production" })) }
            div.acts {
                button type="submit" data-busy=(visit.t("busy-create")) { (visit.t("key-create")) }
                @if in_dialog { a.button.plain href=(visit.href("/api-keys")) data-close="" { (visit.t("cancel")) } }
                @else { a.button.plain href=(visit.href("/api-keys")) { (visit.t("cancel")) } }
            }
        }
    }
}

fn form_page(visit: &Visit<'_>, filled: &NewKeyForm, errors: &[FieldError]) -> Markup {
    let title = visit.t("key-create");
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        section.card { (form(visit, filled, errors, false)) }
    };
    shell::page(visit, &Content { title, wrong: !errors.is_empty(), main })
}

/// `GET /api-keys/new`.
pub(crate) fn new(visit: &mut Visit<'_>) -> Reply {
    let draft = visit.draft("/api-keys/new");
    let filled = NewKeyForm::of(borrowed(&draft));
    Reply::ok(form_page(visit, &filled, &[]))
}

/// What the API refuses of a new key.
const REFUSED: &[Refused] = &[
    ("key.label_malformed", "name", "error-key-refused"),
    ("key.label_taken", "name", "error-key-name-taken"),
    ("key.limit_reached", "name", "error-key-limit"),
    ("key.scope_beyond_caller", "scope", "error-key-scope-refused"),
    ("key.scope_not_grantable", "scope", "error-key-scope-refused"),
    ("key.scope_unknown", "scope", "error-key-scope-refused"),
    ("key.scopes_out_of_range", "scope", "error-key-scope-refused"),
    ("validation_failed", "name", "error-key-refused"),
];

/// `POST /api-keys`.
pub(crate) async fn create(visit: &mut Visit<'_>) -> Outcome {
    let filled = NewKeyForm::of(borrowed(&visit.form));
    let errors = filled.errors();
    if !errors.is_empty() {
        return Ok(Reply::invalid(form_page(visit, &filled, &errors)));
    }
    let wanted = NewKey {
        label: filled.name.clone(),
        environment: visit.environment().to_owned(),
        scopes: filled.scopes.clone(),
    };
    match visit.portal.platform.create_key(visit.on(), &visit.once(), &wanted).await {
        Ok(created) => Ok(created_page(visit, &created.into())),
        Err(error) => match refused(&error, REFUSED) {
            Some(wrong) => Ok(Reply::invalid(form_page(visit, &filled, &[wrong]))),
            None => Err(error.into()),
        },
    }
}

fn created_page(visit: &Visit<'_>, created: &ApiKeyCreated) -> Reply {
    let list = visit.href(&format!("/api-keys?created={}", created.key_id));
    let revoke = visit.href(&format!("/api-keys/{}/revoke", created.key_id));
    once(
        visit,
        &Shown {
            title: "key-created-title",
            warning: "key-created-warning",
            again: "key-created-before",
            label: "key-created-label",
            saved: "key-created-saved",
            secret: created.raw_key.as_ref(),
            variable: "SARAI_API_KEY",
            back: &visit.href("/api-keys"),
            then: &list,
            instead: Some(("key-revoke", &revoke)),
            facts: html! {
                dt { (visit.t("key-name")) } dd { (user_text(&created.name)) }
                dt { (visit.t("id")) } dd { (ident(&created.key_id)) }
                dt { (visit.t("key-scopes")) } dd { (scopes(visit, &created.scopes)) }
                dt { (visit.t("created-at")) } dd { (time(visit, created.created_at)) }
            },
        },
    )
}

/// A page that asks before something is done.
fn ask(
    visit: &Visit<'_>,
    key: &ApiKeyListItem,
    title: &str,
    action: &str,
    parts: &Markup,
    button: &Markup,
    errors: &[FieldError],
) -> Reply {
    let title = visit.t(title);
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        section.card.narrow {
            dl.facts {
                dt { (visit.t("key-name")) } dd { (user_text(&key.name)) }
                dt { (visit.t("id")) } dd { (ident(&key.key_id)) }
                dt { (visit.t("status")) } dd { (state(visit, key.status)) }
                dt { (visit.t("key-last-used")) } dd { (used(visit, key)) }
                dt { (visit.t("created-at")) } dd { (time(visit, key.created_at)) }
            }
        }
        @if key.is_active() {
            form.fields method="post" action=(action) {
                (token(visit, action))
                (parts)
                div.acts {
                    (button)
                    a.button.plain href=(visit.href("/api-keys")) autofocus[errors.is_empty()] { (visit.t("cancel")) }
                }
            }
        } @else {
            div.box { p { (visit.t("key-revoked-already")) } }
            p { a.button.plain href=(visit.href("/api-keys")) { (visit.t("key-back")) } }
        }
    };
    let page = shell::page(visit, &Content { title, wrong: !errors.is_empty(), main });
    if errors.is_empty() { Reply::ok(page) } else { Reply::invalid(page) }
}

async fn one(visit: &Visit<'_>, id: &str) -> Result<ApiKeyListItem, Trouble> {
    let key = visit.portal.platform.key(visit.on(), id).await?;
    Ok(ApiKeyListItem::of(&key, visit.now))
}

/// `GET /api-keys/{id}/revoke`.
pub(crate) async fn ask_revoke(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let (key, traffic) =
        tokio::join!(one(visit, id), visit.portal.platform.key_traffic(visit.on(), id, TRAFFIC_DAYS));
    let key = key?;
    let parts = html! { div.box.bad {
        p { (visit.t("key-revoke-warning")) }
        p { (visit.t(if key.is_unused() { "key-revoke-unused" } else { "key-revoke-used" })) }
        @match traffic {
            Ok(traffic) => { p { (visit.tn("key-revoke-traffic", traffic.days.iter().map(|day| day.messages_sent).sum())) } },
            Err(_) => (unavailable(visit, "panel-traffic")),
        }
    } };
    let button =
        html! { button.danger type="submit" data-busy=(visit.t("busy-revoke")) { (visit.t("key-revoke")) } };
    Ok(ask(visit, &key, "key-revoke-title", &format!("/api-keys/{id}/revoke"), &parts, &button, &[]))
}

/// `POST /api-keys/{id}/revoke`.
pub(crate) async fn revoke(visit: &mut Visit<'_>, id: &str) -> Outcome {
    visit.portal.platform.revoke_key(visit.on(), id).await?;
    visit.tell("key-revoked-done");
    Ok(Reply::To(visit.href("/api-keys")))
}

fn ask_overlap(visit: &Visit<'_>, key: &ApiKeyListItem, errors: &[FieldError]) -> Reply {
    let told = wrong(errors, "overlap");
    let parts = html! {
        p { (visit.t("key-rotate-text")) }
        fieldset aria-describedby=[told.map(|_| "e-overlap")] {
            legend { (visit.t("key-overlap")) }
            @if let Some(error) = told { p.err #e-overlap { (visit.t(error.message)) } }
            @for (place, seconds) in OVERLAPS.iter().enumerate() {
                @let value = seconds.to_string();
                (pick(&Pick { kind: "radio", name: "overlap", value: &value, chosen: false,
                    label: html! { (visit.t(&format!("key-overlap-{value}"))) }, more: html! {} }, place == 0))
            }
        }
    };
    let button =
        html! { button type="submit" data-busy=(visit.t("busy-create")) { (visit.t("key-rotate")) } };
    let action = format!("/api-keys/{}/rotate", key.key_id);
    ask(visit, key, "key-rotate-title", &action, &parts, &button, errors)
}

/// `GET /api-keys/{id}/rotate`.
pub(crate) async fn ask_rotate(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let key = one(visit, id).await?;
    Ok(ask_overlap(visit, &key, &[]))
}

/// `POST /api-keys/{id}/rotate`.
pub(crate) async fn rotate(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let overlap = visit.sent("overlap").and_then(|text| text.parse().ok());
    let Some(overlap) = overlap.filter(|seconds| OVERLAPS.contains(seconds)) else {
        let key = one(visit, id).await?;
        return Ok(ask_overlap(
            visit,
            &key,
            &[FieldError { field: "overlap", message: "error-key-overlap" }],
        ));
    };
    let rotated = visit.portal.platform.rotate_key(visit.on(), &visit.once(), id, overlap).await?;
    let key = rotated.key.ok_or(Trouble::Api(PlatformError::Misunderstood))?;
    let created = ApiKeyCreated {
        key_id: key.key_id,
        name: key.label,
        raw_key: rotated.raw_key,
        scopes: key.scopes,
        created_at: key.created_at,
    };
    Ok(created_page(visit, &created))
}
