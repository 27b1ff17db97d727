//! Webhooks: the list, a new one with its secret, one with everything about it.

use maud::{Markup, html};
use poem::http::Method;
use sarai_application::customer_portal::{
    keys::FieldError,
    webhooks::{EVENTS, WebhookConfig, WebhookForm},
};
use sarai_ports::customer_portal::webhooks::{DeliveryQuery, NewWebhook, WebhookAction, WebhookSecret};

use super::{
    Refused,
    deliveries::table_of,
    messages::signed_in_still,
    refused,
    secret::{Shown, once},
};
use crate::{
    components::{
        Line, Pick, empty, ident, line, pick, state, summary, table, time, time_or, unavailable, url, wrong,
        zone_note,
    },
    reply::{Outcome, Reply, Trouble},
    shell::{self, Content, token},
    visit::{Visit, borrowed},
};

/// How a server checks what it is told, in the language that most readers of it can read.
const VERIFY: &str = r#"import base64, hashlib, hmac, os, time

key = base64.b64decode(os.environ["SARAI_WEBHOOK_SECRET"].removeprefix("whsec_"))

def is_from_sarai(headers, body: bytes) -> bool:
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        return False
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    good = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(good, one) for one in headers["webhook-signature"].split())"#;

/// `GET /webhooks`.
pub(crate) async fn list(visit: &mut Visit<'_>) -> Outcome {
    let page = visit.portal.platform.webhooks(visit.on(), None).await?;
    let hooks: Vec<WebhookConfig> = page.data.iter().map(WebhookConfig::from).collect();
    let head = html! {
        th scope="col" { (visit.t("webhook-url")) }
        th scope="col" { (visit.t("webhook-events")) }
        th scope="col" { (visit.t("status")) }
        th scope="col" { (visit.t("webhook-last")) }
        th.n scope="col" { (visit.t("webhook-failures")) }
    };
    let rows = html! {
        @for hook in &hooks {
            tr .new[visit.asked("created") == Some(hook.webhook_id.as_str())] {
                th scope="row" { a href=(visit.href(&format!("/webhooks/{}", hook.webhook_id))) { (url(&hook.url)) } span.sub { (ident(&hook.webhook_id)) } span.sub { (visit.t("created-at")) " " (time(visit, hook.created_at)) } }
                td { (events(visit, &hook.events)) }
                td { (state(visit, hook.status)) (reason(visit, hook)) }
                td { (time_or(visit, hook.last_delivery_at, "not-yet")) }
                td.n { (visit.number(hook.failures_24h)) }
            }
        }
    };
    let title = visit.t("nav-webhooks");
    let main = html! {
        div.head {
            h1 { (title) }
            a.button href=(visit.href("/webhooks/new")) data-dialog="new" { (visit.t("webhook-create")) }
        }
        p.lead { (visit.t("webhooks-lead")) }
        @if hooks.is_empty() {
            (empty("webhook", &visit.t("webhooks-none"), &html! { p { (visit.t("webhooks-none-text")) } }))
        } @else {
            (table("webhooks", &visit.t("webhooks-caption"), &head, &rows))
        }
        (zone_note(visit))
        dialog #new aria-labelledby="new-title" {
            h2 #new-title { (visit.t("webhook-create")) }
            (form(visit, "/webhooks", &WebhookForm::default(), &[], true))
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

fn events(visit: &Visit<'_>, events: &[String]) -> Markup {
    html! {
        @for event in events {
            span.tag { @if event == "*" { (visit.t("webhook-all-events")) } @else { bdi dir="ltr" { (dotted(event)) } } } " "
        }
    }
}

/// A name that may break after its dots.
fn dotted(name: &str) -> Markup {
    html! { @for (place, part) in name.split('.').enumerate() { @if place > 0 { "." wbr; } (part) } }
}

/// Why nothing is told there, or since when nothing reaches it.
fn reason(visit: &Visit<'_>, hook: &WebhookConfig) -> Markup {
    html! {
        @if let Some(reason) = hook.disabled_reason.as_deref().filter(|_| hook.status == "disabled") {
            span.sub { (visit.t(&format!("reason-{}", reason.to_ascii_lowercase()))) }
        } @else if let Some(since) = hook.failing_since {
            span.sub { (visit.t("webhook-failing-since")) " " (time(visit, since)) }
        }
    }
}

fn form(
    visit: &Visit<'_>,
    action: &str,
    filled: &WebhookForm,
    errors: &[FieldError],
    in_dialog: bool,
) -> Markup {
    let told = wrong(errors, "event");
    let known = |event: &String| EVENTS.iter().any(|(_, events)| events.contains(&event.as_str()));
    let back = if action == "/webhooks" { "/webhooks" } else { action };
    html! {
        form.fields.wide method="post" action=(action) {
            (token(visit, action))
            @if filled.version > 0 { input type="hidden" name="version" value=(filled.version); }
            (line(visit, &Line { name: "url", label: "webhook-url", hint: Some("webhook-url-hint"), value: &filled.url, kind: "url", most: 500, latin: true, ..Line::default() }, errors))
            fieldset aria-describedby=[told.map(|_| "e-event")] {
                legend { (visit.t("webhook-events")) }
                @if let Some(error) = told { p.err #e-event { (visit.t(error.message)) } }
                div.groups { @for (group, (heading, names)) in EVENTS.iter().enumerate() {
                    div { p.hint { (visit.t(&format!("events-{heading}"))) }
                    @for (place, name) in names.iter().enumerate() {
                        (pick(&Pick { kind: "checkbox", name: "event", value: name, chosen: filled.events.iter().any(|own| own == name),
                            label: html! { bdi dir="ltr" { code { (name) } } }, more: html! {} }, group == 0 && place == 0))
                    } }
                } }
                // What the form does not offer stays chosen.
                @for other in filled.events.iter().filter(|event| !known(event)) { input type="hidden" name="event" value=(other); }
            }
            div.acts {
                button type="submit" data-busy=(visit.t("busy-create")) { (visit.t(if action == "/webhooks" { "webhook-create" } else { "save" })) }
                @if in_dialog { a.button.plain href=(visit.href("/webhooks")) data-close="" { (visit.t("cancel")) } }
                @else { a.button.plain href=(visit.href(back)) { (visit.t("cancel")) } }
            }
        }
    }
}

fn form_page(visit: &Visit<'_>, filled: &WebhookForm, errors: &[FieldError]) -> Markup {
    let title = visit.t("webhook-create");
    let main = html! {
        h1 { (title) }
        (summary(visit, errors))
        section.card { (form(visit, "/webhooks", filled, errors, false)) }
    };
    shell::page(visit, &Content { title, wrong: !errors.is_empty(), main })
}

/// `GET /webhooks/new`.
pub(crate) fn new(visit: &mut Visit<'_>) -> Reply {
    let draft = visit.draft("/webhooks/new");
    let filled = WebhookForm::of(borrowed(&draft));
    Reply::ok(form_page(visit, &filled, &[]))
}

/// What the API refuses of an endpoint.
const REFUSED: &[Refused] = &[
    ("validation_failed", "url", "error-webhook-target"),
    ("webhook.event_unknown", "event", "error-webhook-events"),
    ("webhook.events_out_of_range", "event", "error-webhook-events"),
    ("webhook.limit_reached", "url", "error-webhook-limit"),
    ("webhook.target_forbidden", "url", "error-webhook-target"),
    ("webhook.url_malformed", "url", "error-webhook-target"),
];

/// `POST /webhooks`.
pub(crate) async fn create(visit: &mut Visit<'_>) -> Outcome {
    let filled = WebhookForm::of(borrowed(&visit.form));
    let errors = filled.errors();
    if !errors.is_empty() {
        return Ok(Reply::invalid(form_page(visit, &filled, &errors)));
    }
    let environment = Some(visit.environment().to_owned());
    let wanted = NewWebhook { url: filled.url.clone(), events: filled.events.clone(), environment };
    match visit.portal.platform.create_webhook(visit.on(), &visit.once(), &wanted).await {
        Ok(made) => Ok(secret_page(visit, &made, "webhook-created-title")),
        Err(error) => match refused(&error, REFUSED) {
            Some(wrong) => Ok(Reply::invalid(form_page(visit, &filled, &[wrong]))),
            None => Err(error.into()),
        },
    }
}

fn secret_page(visit: &Visit<'_>, made: &WebhookSecret, title: &'static str) -> Reply {
    let hook = WebhookConfig::from(&made.webhook);
    let one = visit.href(&format!("/webhooks/{}", hook.webhook_id));
    once(
        visit,
        &Shown {
            title,
            warning: "webhook-secret-warning",
            again: "webhook-secret-before",
            label: "webhook-secret-label",
            saved: "webhook-secret-saved",
            secret: made.signing_secret.as_ref(),
            variable: "SARAI_WEBHOOK_SECRET",
            back: &one,
            then: &visit.href(&format!("/webhooks?created={}", hook.webhook_id)),
            instead: Some(("webhook-roll", &one)),
            facts: html! {
                dt { (visit.t("webhook-url")) } dd { (url(&hook.url)) }
                dt { (visit.t("id")) } dd { (ident(&hook.webhook_id)) }
                dt { (visit.t("webhook-verify")) } dd { (visit.t("webhook-verify-text")) pre dir="ltr" translate="no" { (VERIFY) } }
            },
        },
    )
}

/// `GET /webhooks/{id}`.
pub(crate) async fn show(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let draft = visit.draft(&format!("/webhooks/{id}"));
    let typed = Some(draft).filter(|draft| !draft.is_empty()).map(|draft| WebhookForm::of(borrowed(&draft)));
    page_of(visit, id, typed, &[]).await
}

async fn page_of(visit: &Visit<'_>, id: &str, typed: Option<WebhookForm>, errors: &[FieldError]) -> Outcome {
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let none = DeliveryQuery::default();
    let (hook, deliveries) = tokio::join!(platform.webhook(on, id), platform.deliveries(on, id, &none, None));
    let hook = WebhookConfig::from(&hook?);
    signed_in_still(&deliveries)?;
    // What was typed and not saved is in sight.
    let typing = typed.is_some();
    let filled = match typed {
        // What was kept is held against the endpoint as it is shown now.
        Some(typed) if visit.method != Method::POST => WebhookForm { version: hook.version, ..typed },
        Some(typed) => typed,
        None => WebhookForm { url: hook.url.clone(), events: hook.events.clone(), version: hook.version },
    };
    let action = format!("/webhooks/{id}");
    let title = visit.t("webhook-title");
    let main = html! {
        div.head { h1 { (title) } (state(visit, hook.status)) }
        (summary(visit, errors))
        (trouble(visit, &hook, deliveries.as_ref().ok().and_then(|page| page.data.iter().find_map(|one| one.last_code.filter(|code| !(200..300).contains(code))))))
        section.card { dl.facts {
            dt { (visit.t("webhook-url")) } dd { (url(&hook.url)) }
            dt { (visit.t("id")) } dd { (ident(&hook.webhook_id)) }
            dt { (visit.t("webhook-events")) } dd { (events(visit, &hook.events)) }
            dt { (visit.t("webhook-last")) } dd { (time_or(visit, hook.last_delivery_at, "not-yet")) }
            dt { (visit.t("webhook-failures")) } dd { (visit.number(hook.failures_24h)) }
            dt { (visit.t("webhook-secret-label")) } dd { (visit.t("webhook-secret-shown")) " " (time(visit, hook.secret_shown_at)) }
            dt { (visit.t("created-at")) } dd { (time(visit, hook.created_at)) }
        } }
        (actions(visit, &hook))
        section {
            div.head { h2 { (visit.t("deliveries-title")) } a href=(visit.href(&format!("/webhooks/{id}/deliveries"))) { (visit.t("deliveries-all")) } }
            @match &deliveries {
                Ok(page) if page.data.is_empty() => { p.lead { (visit.t("deliveries-none")) } },
                Ok(page) => (table_of(visit, page.data.get(..5).unwrap_or(&page.data))),
                Err(_) => (unavailable(visit, "panel-deliveries")),
            }
        }
        details open[typing] { summary { (visit.t("webhook-change")) } section.card { (form(visit, &action, &filled, errors, false)) } }
        (zone_note(visit))
    };
    let page = shell::page(visit, &Content { title, wrong: !errors.is_empty(), main });
    Ok(if errors.is_empty() { Reply::ok(page) } else { Reply::invalid(page) })
}

/// Why it is told nothing, and what to do.
fn trouble(visit: &Visit<'_>, hook: &WebhookConfig, last_code: Option<u16>) -> Markup {
    html! {
        @if hook.is_in_trouble() {
            div.box.bad {
                @if let Some(reason) = &hook.disabled_reason { p { strong { (visit.t(&format!("reason-{}", reason.to_ascii_lowercase()))) } } }
                @if let Some(since) = hook.failing_since {
                    p { (visit.t("webhook-failing-since")) " " (time(visit, since)) ". "
                        (visit.tn("webhook-failed-lately", hook.failures_24h))
                        @if let Some(code) = last_code { " " (visit.t("webhook-last-code")) " " bdi dir="ltr" { code { (code) } } "." } }
                }
                @if hook.status == "active" {
                    p { (visit.t("webhook-five-days")) }
                    p { (visit.t("webhook-failing-text")) }
                } @else { p { (visit.t("webhook-trouble-text")) } }
            }
        }
    }
}

fn actions(visit: &Visit<'_>, hook: &WebhookConfig) -> Markup {
    let id = &hook.webhook_id;
    let act = |name: &str, word: &str, class: &str| {
        let action = format!("/webhooks/{id}/{name}");
        html! { form method="post" action=(action) { (token(visit, &action)) button class=(class) type="submit" { (visit.t(word)) } } }
    };
    html! {
        div.acts {
            @let test = format!("/webhooks/{id}/test");
            form method="post" action=(test) { (token(visit, &test)) button.small type="submit" data-busy=(visit.t("busy-next")) { (visit.t("webhook-test")) } }
            @if hook.status == "active" { (act("disable", "webhook-disable", "plain small")) } @else { (act("enable", "webhook-enable", "plain small")) }
            a.button.plain.small href=(visit.href(&format!("/webhooks/{id}/replay-failed"))) { (visit.t("replay-failed")) }
            a.button.plain.small href=(visit.href(&format!("/webhooks/{id}/roll-secret"))) { (visit.t("webhook-roll")) }
            a.button.plain.small href=(visit.href(&format!("/webhooks/{id}/delete"))) { (visit.t("webhook-delete")) }
        }
    }
}

/// `POST /webhooks/{id}`.
pub(crate) async fn edit(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let filled = WebhookForm::of(borrowed(&visit.form));
    let errors = filled.errors();
    if !errors.is_empty() {
        return page_of(visit, id, Some(filled), &errors).await;
    }
    let wanted = NewWebhook { url: filled.url.clone(), events: filled.events.clone(), environment: None };
    match visit.portal.platform.edit_webhook(visit.on(), id, filled.version, &wanted).await {
        Ok(_) => {
            visit.tell("saved");
            Ok(Reply::To(visit.href(&format!("/webhooks/{id}"))))
        }
        Err(error) => match refused(&error, REFUSED) {
            Some(wrong) => page_of(visit, id, Some(filled), &[wrong]).await,
            None => Err(error.into()),
        },
    }
}

/// `POST /webhooks/{id}/test`: to what became of it.
pub(crate) async fn test(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let delivery = visit.portal.platform.test_webhook(visit.on(), &visit.once(), id).await?;
    visit.tell("webhook-tested");
    Ok(Reply::To(visit.href(&format!("/deliveries/{}", delivery.id))))
}

/// `POST /webhooks/{id}/enable`, `/disable`.
pub(crate) async fn act(visit: &mut Visit<'_>, id: &str, action: WebhookAction) -> Outcome {
    visit.portal.platform.act_on_webhook(visit.on(), &visit.once(), id, action).await?;
    visit.tell(match action {
        WebhookAction::Enable => "webhook-enabled",
        WebhookAction::Disable => "webhook-disabled",
    });
    Ok(Reply::To(visit.href(&format!("/webhooks/{id}"))))
}

/// A page that asks before something is done.
async fn ask(visit: &Visit<'_>, id: &str, verb: &str, words: [&str; 3], class: &str) -> Outcome {
    let hook = WebhookConfig::from(&visit.portal.platform.webhook(visit.on(), id).await?);
    let [title, text, button] = words.map(|word| visit.t(word));
    let action = format!("/webhooks/{id}/{verb}");
    let main = html! {
        h1 { (title) }
        section.card.narrow { dl.facts { dt { (visit.t("webhook-url")) } dd { (url(&hook.url)) } dt { (visit.t("status")) } dd { (state(visit, hook.status)) } } }
        div.box.waiting.narrow { p { (text) } }
        form method="post" action=(action) {
            (token(visit, &action))
            div.acts {
                button class=(class) type="submit" { (button) }
                a.button.plain href=(visit.href(&format!("/webhooks/{id}"))) autofocus { (visit.t("cancel")) }
            }
        }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// `GET /webhooks/{id}/delete`.
pub(crate) async fn ask_delete(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let words = ["webhook-delete-title", "webhook-delete-text", "webhook-delete"];
    ask(visit, id, "delete", words, "danger").await
}

/// `POST /webhooks/{id}/delete`.
pub(crate) async fn delete(visit: &mut Visit<'_>, id: &str) -> Outcome {
    visit.portal.platform.delete_webhook(visit.on(), id).await?;
    visit.tell("webhook-deleted");
    Ok(Reply::To(visit.href("/webhooks")))
}

/// `GET /webhooks/{id}/roll-secret`.
pub(crate) async fn ask_roll(visit: &mut Visit<'_>, id: &str) -> Outcome {
    ask(visit, id, "roll-secret", ["webhook-roll-title", "webhook-roll-text", "webhook-roll"], "").await
}

/// `POST /webhooks/{id}/roll-secret`.
pub(crate) async fn roll(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let made = visit.portal.platform.roll_webhook_secret(visit.on(), &visit.once(), id).await;
    Ok(secret_page(visit, &made.map_err(Trouble::from)?, "webhook-rolled-title"))
}
