//! What is shown when there is no page: what happened, in one sentence, and one thing to do.

use maud::{Markup, html};
use poem::http::{Method, StatusCode};
use sarai_ports::customer_portal::{PlatformError, messages::ErrorCode};

use crate::{
    reply::{Outcome, Reply, Trouble},
    routes,
    shell::{self, Content, token},
    visit::{NEVER_KEPT, Visit, borrowed},
};

/// Status, and the name of its sentences.
fn kind(trouble: &Trouble) -> (StatusCode, &'static str) {
    match trouble {
        Trouble::NotFound => (StatusCode::NOT_FOUND, "not-found"),
        Trouble::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        Trouble::Form => (StatusCode::FORBIDDEN, "form"),
        Trouble::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
        Trouble::Api(PlatformError::Late) => (StatusCode::GATEWAY_TIMEOUT, "late"),
        Trouble::Api(PlatformError::Unreachable | PlatformError::Misunderstood) => {
            (StatusCode::BAD_GATEWAY, "api")
        }
        Trouble::Api(PlatformError::Refused(refusal)) => match refusal.status {
            403 => (StatusCode::FORBIDDEN, "forbidden"),
            409 | 412 => (StatusCode::CONFLICT, "conflict"),
            429 => (StatusCode::TOO_MANY_REQUESTS, "limited"),
            400 | 422 => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            _ => (StatusCode::BAD_GATEWAY, "api"),
        },
    }
}

/// The page of some trouble.
pub(crate) fn page(visit: &Visit<'_>, trouble: &Trouble) -> Reply {
    let (status, name) = kind(trouble);
    let refusal = match trouble {
        Trouble::Api(PlatformError::Refused(refusal)) => Some(refusal),
        _ => None,
    };
    let wait = refusal.and_then(|refusal| refusal.retry_after).filter(|_| name == "limited");
    let title = visit.t(&format!("trouble-{name}-title"));
    let again = matches!(name, "api" | "late" | "limited");
    // A form that was checked can be sent again as it is: its token is the API's key, so that it acts once at most.
    let sent = again && visit.method == Method::POST && visit.signed.is_some();
    let asks = routes::find(&visit.method, &visit.path).is_some_and(|(route, _)| route.page.only_asks());
    let perhaps = sent && !asks && name != "limited";
    let text = if perhaps { "trouble-perhaps-text".to_owned() } else { format!("trouble-{name}-text") };
    let shut_out = visit.signed.as_ref().is_some_and(|signed| !signed.who.may_enter());
    let main = html! {
        section.card.empty {
        p.status aria-hidden="true" { bdi dir="ltr" { (status.as_str()) } }
        h1 { (title) }
        p { (visit.t(&text)) }
        @if let Some(seconds) = wait { p { (visit.tn("trouble-wait", seconds)) } }
        @if perhaps { p { a.button href=(visit.of_form(&routes::stands(&visit.path).seen)) { (visit.t("trouble-perhaps-look")) } } }
        @if sent { (send_again(visit, perhaps)) } @else { p {
            @if again {
                a.button href=(visit.here()) { (visit.t("try-again")) }
            } @else if matches!(name, "form" | "too-large" | "conflict") && visit.here() != visit.href("/") {
                a.button href=(visit.here()) { (visit.t("trouble-form-action")) }
            } @else if !shut_out {
                a.button href=(visit.href("/")) { (visit.t("trouble-home")) }
            }
        } }
        // Whoever may enter no page at all can only be somebody else.
        @if shut_out { form method="post" action="/sign-out" { (token(visit, "/sign-out")) button type="submit" { (visit.t("sign-out")) } } }
        p.note {
            (visit.t("trouble-request")) " " bdi dir="ltr" { code { (visit.request_id) } }
            @if let Some(refusal) = refusal { " · " bdi dir="ltr" { code { (refusal.code) } } }
        }
        }
    };
    let page = shell::page(visit, &Content { title, wrong: true, main });
    if status == StatusCode::TOO_MANY_REQUESTS { Reply::Later(wait, page) } else { Reply::Page(status, page) }
}

/// The form that was sent, as it was sent: with the same key, so that what was done is not done twice.
fn send_again(visit: &Visit<'_>, perhaps: bool) -> Markup {
    let secret = |name: &str| name != "_f" && NEVER_KEPT.contains(&name);
    html! {
        form method="post" action=(visit.path) {
            @for (name, value) in borrowed(&visit.form).filter(|(name, _)| !secret(name)) { input type="hidden" name=(name) value=(value); }
            @if perhaps { p.note { (visit.t("trouble-perhaps-once")) } }
            button.plain[perhaps] type="submit" { (visit.t("trouble-send-again")) }
        }
    }
}

/// `GET /help/error-codes`.
pub(crate) async fn codes(visit: &mut Visit<'_>) -> Outcome {
    let codes = visit.portal.platform.message_error_codes(visit.on()).await?;
    let title = visit.t("codes-title");
    let main = html! {
        h1 { (title) }
        p.lead { (visit.t("codes-lead")) }
        div.pair { @for code in &codes { (code_card(visit, code)) } }
    };
    Ok(Reply::ok(shell::page(visit, &Content::new(title, main))))
}

/// What a code means, whose fault it is, what to do.
pub(crate) fn code_card(visit: &Visit<'_>, code: &ErrorCode) -> Markup {
    let fault = format!("fault-{}", code.fault.to_ascii_lowercase());
    let locale = visit.reading.locale;
    html! {
        section.card id=(code.code) {
            h2 { bdi dir="ltr" { code { (code.code) } } }
            p { (code.meaning.of(locale)) }
            dl.facts {
                dt { (visit.t("fault")) } dd { (visit.t(&fault)) }
                dt { (visit.t("next-step")) } dd { (code.next_step.of(locale)) }
            }
        }
    }
}
