//! One sandbox: its clock, its inbox, and what it can pretend.

use maud::{Markup, html};
use sarai_application::customer_portal::{
    keys::FieldError,
    sandboxes::{LIVES, STEPS, SandboxItem, advance as seconds_of, play},
};
use sarai_domain::devportal::values::Locale;
use sarai_ports::customer_portal::{
    Listed,
    sandboxes::{SandboxMessage, SandboxScenario},
};

use super::{
    messages::signed_in_still,
    sandboxes::{PLACE, place_of, standing, summary_of, used},
};
use crate::{
    components::{
        Line, ident, line, pager, phone, summary, time, time_long, unavailable, url, wrong, zone_note,
    },
    reply::{Outcome, Reply},
    shell::{self, Content, tag, token},
    visit::{Visit, borrowed},
};

/// `GET /sandbox/{id}`.
pub(crate) async fn show(visit: &mut Visit<'_>, id: &str) -> Outcome {
    page_of(visit, id, &[]).await
}

async fn page_of(visit: &Visit<'_>, id: &str, errors: &[FieldError]) -> Outcome {
    let (on, platform) = (visit.on(), &visit.portal.platform);
    let (sandbox, inbox, scenarios) = tokio::join!(
        platform.sandbox(on, id),
        platform.sandbox_inbox(on, id, visit.asked("cursor")),
        platform.sandbox_scenarios(on),
    );
    let item = SandboxItem::from(&sandbox?);
    signed_in_still(&inbox)?;
    if inbox.as_ref().is_err_and(|error| visit.is_no_place(error)) {
        return Ok(Reply::To(visit.start_of_list()));
    }
    let open = item.is_open(visit.real);
    let title = visit.t("env-sandbox");
    let main = html! {
        div.head { h1 { (title) } (standing(visit, &item)) }
        (summary(visit, errors))
        @if open && item.is_exhausted() { div.box.waiting { p { (visit.t("sandbox-exhausted-text")) } } }
        @if !open { div.box { p { (visit.t("sandbox-over-text")) } } }
        (facts(visit, &item))
        @if open { (clock(visit, &item, errors)) }
        section #inbox {
            h2 { (visit.t("sandbox-inbox")) }
            @match &inbox { Ok(page) => (messages(visit, id, page)), Err(_) => (unavailable(visit, "panel-inbox")) }
        }
        @if open { section.stack {
            h2 { (visit.t("sandbox-scenarios")) }
            p.lead { (visit.t("sandbox-scenarios-text")) }
            @match &scenarios { Ok(all) => (catalogue(visit, &item, all)), Err(_) => (unavailable(visit, "panel-scenarios")) }
        } }
        p { a.button.plain href=(visit.link(PLACE, &[])) { (visit.t("sandboxes-all")) } }
        (zone_note(visit))
    };
    let page = shell::page(visit, &Content { title, wrong: !errors.is_empty(), main });
    Ok(if errors.is_empty() { Reply::ok(page) } else { Reply::invalid(page) })
}

fn facts(visit: &Visit<'_>, item: &SandboxItem) -> Markup {
    html! {
        section.card { dl.facts {
            dt { (visit.t("id")) } dd { (ident(&item.sandbox_id)) @if item.is_default { span.sub { (visit.t("sandbox-default")) } } }
            dt { (visit.t("sandbox-seed")) } dd { (ident(&item.seed)) }
            dt { (visit.t("nav-verifications")) }
            dd { (used(visit, item.verifications)) " " a href=(visit.link("/verifications", &[("sandbox", &item.sandbox_id)])) { (visit.t("sandbox-show")) } }
            dt { (visit.t("nav-messages")) } dd { (used(visit, item.messages)) }
            @if !item.overrides.is_empty() {
                dt { (visit.t("sandbox-override")) } dd { @for one in &item.overrides { span.tag { bdi dir="ltr" { (one) } } " " } }
            }
            dt { (visit.t("created-at")) } dd { (time(visit, item.created_at)) }
            dt { (visit.t("sandbox-ends")) } dd { (time_long(visit, item.expires_at)) }
        } }
    }
}

/// The clock with what moves it, and what ends things.
fn clock(visit: &Visit<'_>, item: &SandboxItem, errors: &[FieldError]) -> Markup {
    let place = place_of(&item.sandbox_id);
    let (advance, extend) = (format!("{place}/clock"), format!("{place}/extend"));
    let seconds = Line {
        name: "seconds",
        label: "sandbox-seconds",
        hint: Some("sandbox-seconds-hint"),
        most: 9,
        latin: true,
        required: false,
        ..Line::default()
    };
    html! {
        section.card.stack {
            h2 { (visit.t("sandbox-clock")) }
            p.big { (time(visit, item.virtual_now)) }
            p.hint { (visit.t("sandbox-clock-text")) }
            form.stack method="post" action=(advance) {
                (token(visit, &advance))
                // First what Enter sends.
                div.filters { (line(visit, &seconds, errors)) div.acts { button type="submit" { (visit.t("sandbox-advance")) } } }
                div.acts role="group" aria-label=(visit.t("sandbox-advance")) {
                    @for step in STEPS { button.plain.small type="submit" name="step" value=(step) { (visit.t(&format!("clock-{step}"))) } }
                }
            }
        }
        section.card.stack {
            h2 { (visit.t("sandbox-life")) }
            form.filters method="post" action=(extend) {
                (token(visit, &extend))
                div {
                    label for="f-life" { (visit.t("sandbox-extend-to")) }
                    @if let Some(error) = wrong(errors, "life") { p.err { (visit.t(error.message)) } }
                    select #f-life name="ttl" { @for life in LIVES { option value=(life) selected[Some(life) == LIVES.last()] { (visit.t(&format!("life-{life}"))) } } }
                }
                div.acts { button.plain type="submit" { (visit.t("sandbox-extend")) } }
            }
            div.acts {
                a.button.plain.small href=(visit.href(&format!("{place}/reset"))) { (visit.t("sandbox-reset")) }
                a.button.plain.small href=(visit.href(&format!("{place}/close"))) { (visit.t("sandbox-close")) }
            }
        }
    }
}

fn messages(visit: &Visit<'_>, id: &str, page: &Listed<SandboxMessage>) -> Markup {
    let place = place_of(id);
    let here = |cursor: Option<&str>| {
        let pairs: Vec<_> = cursor.map(|cursor| ("cursor", cursor)).into_iter().collect();
        format!("{}#inbox", visit.link(&place, &pairs))
    };
    html! {
        @if page.data.is_empty() { p.lead { (visit.t("sandbox-inbox-none")) } }
        @else {
            ul.mail { @for message in &page.data {
                @let locale = Locale::from_tag(&message.locale).unwrap_or_default();
                @let (lang, dir) = (tag(locale), locale.dir().as_str());
                li.card {
                    div.head {
                        strong { (visit.t(&format!("channel-{}", message.channel.to_ascii_lowercase()))) " · " (phone(&message.destination_masked)) }
                        span.note { (time(visit, message.at)) }
                    }
                    @if let Some(subject) = &message.subject { p lang=(lang) dir=(dir) { strong { (subject) } } }
                    pre lang=(lang) dir=(dir) { (message.body) }
                    p { (visit.t("verify-code")) " " span.big { (ident(&message.code)) }
                        " · " a href=(visit.href(&format!("/verifications/{}", message.verification_id))) { (visit.t("verify-title")) } }
                }
            } }
            @let at = |cursor: &String| here(Some(cursor));
            (pager(visit, visit.asked("cursor").map(|_| here(None)), page.prev_cursor.as_ref().map(at), page.next_cursor.as_ref().map(at)))
        }
    }
}

/// What a sandbox can pretend, each with the call that begins it. Verifications are begun by keys only.
fn catalogue(visit: &Visit<'_>, item: &SandboxItem, all: &[SandboxScenario]) -> Markup {
    html! {
        div { @for one in all {
            @let place = format!("play-{}", one.scenario);
            details.line {
                summary { bdi dir="ltr" { (one.scenario) } " – " (summary_of(visit, one)) }
                p { (phone(&one.phone)) " · " (url(&one.email)) }
                pre id=(place) dir="ltr" { (play(visit.portal.api_origin(), &item.sandbox_id, one)) }
                div.acts {
                    button.plain.small type="button" hidden data-js data-copy=(place) data-say={ "said-" (place) } data-done=(visit.t("copied")) data-fail=(visit.t("copy-failed")) { (visit.t("copy")) }
                    output id={ "said-" (place) } role="status" {}
                }
            }
        } }
    }
}

/// `POST /sandbox/{id}/clock`.
pub(crate) async fn advance(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let seconds = match seconds_of(borrowed(&visit.form)) {
        Ok(seconds) => seconds,
        Err(error) => return page_of(visit, id, &[error]).await,
    };
    match visit.portal.platform.advance_sandbox(visit.on(), &visit.once(), id, seconds).await {
        Ok(_) => {
            visit.tell("sandbox-advanced");
            Ok(Reply::To(visit.href(&place_of(id))))
        }
        Err(error) if error.is("sandbox.clock_too_far") => {
            page_of(visit, id, &[FieldError { field: "seconds", message: "error-sandbox-far" }]).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /sandbox/{id}/extend`.
pub(crate) async fn extend(visit: &mut Visit<'_>, id: &str) -> Outcome {
    let life = visit.sent("ttl").and_then(|text| text.parse().ok()).filter(|life| LIVES.contains(life));
    let wrong = FieldError { field: "life", message: "error-sandbox-ttl" };
    let Some(life) = life else { return page_of(visit, id, &[wrong]).await };
    match visit.portal.platform.extend_sandbox(visit.on(), &visit.once(), id, life).await {
        Ok(_) => {
            visit.tell("sandbox-extended");
            Ok(Reply::To(visit.href(&place_of(id))))
        }
        Err(error) if error.is("sandbox.lifetime") => {
            page_of(visit, id, &[FieldError { field: "life", message: "error-sandbox-shorter" }]).await
        }
        Err(error) => Err(error.into()),
    }
}
